//! The books: journals, accounts, entries and their lines, fiscal years, analytics.

use super::{ALL_EIGHT, EQUALITY, Parameter, ParameterKind, Resource, SIX, columns, on};
use crate::query::Operator::{Eq, In, StartWith};

pub(super) const JOURNALS: Resource = Resource {
    name: "journals",
    aliases: &[],
    path: "/journals",
    scope: "journals:readonly",
    limit_max: 100,
    filters: &[on("type", EQUALITY)],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! { id: Integer, code: Text, label: Text, type: Text },
};

pub(super) const LEDGER_ACCOUNTS: Resource = Resource {
    name: "ledger_accounts",
    aliases: &[],
    path: "/ledger_accounts",
    scope: "ledger_accounts:readonly",
    limit_max: 1000,
    filters: &[on("id", ALL_EIGHT), on("number", &[StartWith, Eq, In]), on("enabled", &[Eq])],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        number: Text,
        label: Text,
        vat_rate: Text,
        country_alpha2: Text,
        enabled: Boolean,
        type: Text,
        letterable: Boolean,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

/// The list still repeats `journal.id` under its old key `journal_id`: one column holds both.
pub(super) const LEDGER_ENTRIES: Resource = Resource {
    name: "ledger_entries",
    aliases: &[],
    path: "/ledger_entries",
    scope: "ledger_entries:readonly",
    limit_max: 100,
    filters: &[on("id", ALL_EIGHT), on("date", SIX), on("journal_id", ALL_EIGHT)],
    sorts: &["id", "date"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        label: Text,
        piece_number: Text,
        date: Date,
        due_date: Date,
        invoice_number: Text,
        journal.id: Integer,
        status: Text,
        categories: Json,
        ledger_attachment_filename: Text,
        attachment.filename: Text,
        attachment.url: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const LEDGER_ENTRY_LINES: Resource = Resource {
    name: "ledger_entry_lines",
    aliases: &[],
    path: "/ledger_entry_lines",
    scope: "ledger_entries:readonly",
    limit_max: 100,
    filters: &[
        on("id", ALL_EIGHT),
        on("journal_id", ALL_EIGHT),
        on("ledger_account_id", ALL_EIGHT),
        on("date", ALL_EIGHT),
    ],
    sorts: &["id", "date"],
    parameters: &[],
    changelog: true,
    columns: columns! {
        id: Integer,
        debit: Decimal,
        credit: Decimal,
        label: Text,
        categories: Json,
        ledger_account.id: Integer,
        ledger_account.number: Text,
        journal.id: Integer,
        date: Date,
        ledger_entry.id: Integer,
        lettered_ledger_entry_lines.ids: Json,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const FISCAL_YEARS: Resource = Resource {
    name: "fiscal_years",
    aliases: &[],
    path: "/fiscal_years",
    scope: "fiscal_years:readonly",
    limit_max: 100,
    filters: &[],
    sorts: &["id", "start"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        start: Date,
        finish: Date,
        status: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const TRIAL_BALANCE: Resource = Resource {
    name: "trial_balance",
    aliases: &[],
    path: "/trial_balance",
    scope: "trial_balance:readonly",
    limit_max: 1000,
    filters: &[],
    sorts: &[],
    parameters: &[
        Parameter { name: "period_start", required: true, kind: ParameterKind::Date },
        Parameter { name: "period_end", required: true, kind: ParameterKind::Date },
        Parameter { name: "is_auxiliary", required: false, kind: ParameterKind::Boolean },
    ],
    changelog: false,
    columns: columns! {
        number: Text,
        formatted_number: Text,
        label: Text,
        debits: Decimal,
        credits: Decimal,
    },
};

pub(super) const CATEGORIES: Resource = Resource {
    name: "categories",
    aliases: &[],
    path: "/categories",
    scope: "categories:readonly",
    limit_max: 100,
    filters: &[
        on("id", ALL_EIGHT),
        on("label", &[StartWith, Eq, In]),
        on("category_group_id", ALL_EIGHT),
        on("analytical_code", EQUALITY),
    ],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        label: Text,
        direction: Text,
        category_group.id: Integer,
        analytical_code: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const CATEGORY_GROUPS: Resource = Resource {
    name: "category_groups",
    aliases: &[],
    path: "/category_groups",
    scope: "categories:readonly",
    limit_max: 100,
    filters: &[],
    sorts: &[],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        label: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const FILE_ATTACHMENTS: Resource = Resource {
    name: "file_attachments",
    aliases: &[],
    path: "/file_attachments",
    scope: "file_attachments:readonly",
    limit_max: 100,
    filters: &[],
    sorts: &["id"],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        url: Text,
        filename: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};

pub(super) const PA_REGISTRATIONS: Resource = Resource {
    name: "pa_registrations",
    aliases: &[],
    path: "/pa_registrations",
    scope: "pa_registrations:readonly",
    limit_max: 0,
    filters: &[],
    sorts: &[],
    parameters: &[],
    changelog: false,
    columns: columns! {
        id: Integer,
        siret: Text,
        siren: Text,
        status: Text,
        exchange_direction: Text,
        created_at: Timestamp,
        updated_at: Timestamp,
    },
};
