//! Direct debit mandates that customers have signed.

use super::{ALL_EIGHT, EQUALITY, Resource, columns, on};
use crate::query::Operator::Eq;

pub(super) const SEPA_MANDATES: Resource = Resource {
    name: "sepa_mandates",
    aliases: &[],
    path: "/sepa_mandates",
    scope: "customer_mandates:readonly",
    limit_max: 100,
    filters: &[on("id", ALL_EIGHT), on("customer_id", ALL_EIGHT)],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        bank: Text,
        bic: Text,
        iban: Text,
        sequence_type: Text,
        signed_at: Date,
        identifier: Text,
        customer.id: Integer,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const GOCARDLESS_MANDATES: Resource = Resource {
    name: "gocardless_mandates",
    aliases: &[],
    path: "/gocardless_mandates",
    scope: "customer_mandates:readonly",
    limit_max: 100,
    filters: &[on("id", ALL_EIGHT), on("customer_id", ALL_EIGHT), on("external_reference", &[Eq])],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        external_reference: Text,
        customer.id: Integer,
        status: Text,
        external_customer_account: Text,
        external_customer_label: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const PRO_ACCOUNT_MANDATES: Resource = Resource {
    name: "pro_account_mandates",
    aliases: &[],
    path: "/pro_account/mandates",
    scope: "customer_mandates:readonly",
    limit_max: 100,
    filters: &[on("status", EQUALITY), on("customer_id", ALL_EIGHT)],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        status: Text,
        early_execution_date_permitted: Boolean,
        active_billing_subscription: Boolean,
        signed_at: Date,
        pdf_url: Text,
        customer.id: Integer,
        created_at: Timestamp,
    },
};

pub(super) const PRO_ACCOUNT_MANDATE_MIGRATIONS: Resource = Resource {
    name: "pro_account_mandate_migrations",
    aliases: &[],
    path: "/pro_account/mandate_migrations",
    scope: "customer_mandates:readonly",
    limit_max: 100,
    filters: &[on("customer_id", ALL_EIGHT), on("status", ALL_EIGHT)],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        status: Text,
        direct_debit_method: Text,
        signed_at: Timestamp,
        error_message: Text,
        migrated_at: Timestamp,
        migration_started_at: Timestamp,
        mandate.id: Integer,
        mandate.type: Text,
        customer.id: Integer,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};
