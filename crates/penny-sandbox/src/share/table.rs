//! The tables of the data share: names, columns in their order, types, and how a company fills them.

use super::row::Rows;
use super::source::Source;
use super::{ledger, records};

/// A table of the data share.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Names and types, in the order in which Pennylane shows them.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// What writes its rows.
    pub(super) fill: for<'a> fn(&'a Source<'a>) -> Filler<'a>,
}

/// Writes the next row at each call; false once there is none.
pub(super) type Filler<'a> = Box<dyn FnMut(&mut Rows) -> bool + Send + 'a>;

/// A filler that writes one row for each item.
pub(super) fn each<'a, T>(
    items: impl IntoIterator<Item = T, IntoIter: Send + 'a>,
    mut write: impl FnMut(T, &mut Rows) + Send + 'a,
) -> Filler<'a> {
    let mut items = items.into_iter();
    Box::new(move |rows| items.next().map(|item| write(item, rows)).is_some())
}

/// Money.
const AMOUNT: &str = "numeric(18,2)";
const TEXT: &str = "character varying";
const STAMP: &str = "timestamp without time zone";

/// The private tables, each of which is a table of the data share, `ledger_tags` excepted.
pub(super) const TABLES: &[Table] = &[
    Table { name: "companies", columns: COMPANIES, fill: records::companies },
    Table { name: "company_users", columns: COMPANY_USERS, fill: records::company_users },
    Table { name: "fiscal_years", columns: FISCAL_YEARS, fill: records::fiscal_years },
    Table { name: "customers", columns: CUSTOMERS, fill: records::customers },
    Table { name: "suppliers", columns: SUPPLIERS, fill: records::suppliers },
    Table {
        name: "customer_invoices",
        columns: CUSTOMER_INVOICES,
        fill: records::customer_invoices,
    },
    Table {
        name: "supplier_invoices",
        columns: SUPPLIER_INVOICES,
        fill: records::supplier_invoices,
    },
    Table { name: "bank_accounts", columns: BANK_ACCOUNTS, fill: records::bank_accounts },
    Table {
        name: "bank_transactions",
        columns: BANK_TRANSACTIONS,
        fill: records::bank_transactions,
    },
    Table { name: "general_ledger", columns: GENERAL_LEDGER, fill: ledger::general_ledger },
    Table { name: "trial_balance", columns: TRIAL_BALANCE, fill: ledger::trial_balance },
    Table { name: "tax_declarations", columns: TAX_DECLARATIONS, fill: records::tax_declarations },
    Table { name: "vat_declarations", columns: VAT_DECLARATIONS, fill: records::vat_declarations },
];

/// The analysis of the ledger's lines; `analytical_ledger` joins it to `general_ledger`.
pub(super) const LEDGER_TAGS: Table = Table {
    name: "ledger_tags",
    columns: &[
        ("line_id", "bigint"),
        ("tag_group", TEXT),
        ("tag_label", TEXT),
        ("analytical_code", TEXT),
        ("tag_weight", "numeric(7,4)"),
    ],
    fill: ledger::tags,
};

/// The columns of `analytical_ledger`, with the table each comes from.
pub(super) const ANALYTICAL_LEDGER: &[(&str, &str)] = &[
    ("line", "id"),
    ("line", "company_id"),
    ("line", "company_name"),
    ("line", "date"),
    ("line", "lettering"),
    ("line", "label"),
    ("line", "debit"),
    ("line", "credit"),
    ("line", "plan_item_number"),
    ("line", "plan_item_label"),
    ("line", "journal_code"),
    ("line", "journal_label"),
    ("line", "document_id"),
    ("line", "document_label"),
    ("line", "invoice_number"),
    ("line", "invoice_link"),
    ("line", "fec_pieceref"),
    ("line", "document_created_at"),
    ("line", "document_updated_at"),
    ("line", "thirdparty_id"),
    ("line", "thirdparty_plan_item_number"),
    ("line", "thirdparty_plan_item_label"),
    ("tag", "tag_group"),
    ("tag", "tag_label"),
    ("tag", "analytical_code"),
    ("tag", "tag_weight"),
];

const COMPANIES: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("name", TEXT),
    ("firm_id", "bigint"),
    ("firm_name", TEXT),
    ("trade_name", TEXT),
    ("registration_number", TEXT),
    ("vat_number", TEXT),
    ("country_alpha2", TEXT),
    ("city", TEXT),
    ("postal_code", TEXT),
    ("saas_plan", TEXT),
    ("cash_based_accounting", "boolean"),
    ("vat_frequency", TEXT),
];

const COMPANY_USERS: &[(&str, &str)] = &[
    ("user_id", "bigint"),
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("user_email", TEXT),
    ("user_first_name", TEXT),
    ("user_last_name", TEXT),
    ("user_last_activity", "date"),
    ("role", TEXT),
    ("firm_id", "bigint"),
    ("firm_name", TEXT),
];

const FISCAL_YEARS: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("company_external_id", TEXT),
    ("start_year", "integer"),
    ("start_date", "date"),
    ("end_date", "date"),
    ("descriptor", "text"),
    ("closed_at", STAMP),
    ("updated_at", STAMP),
];

const CUSTOMERS: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("name", TEXT),
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("vat_rate", TEXT),
    ("plan_item_number", TEXT),
    ("pnl_plan_item_number", TEXT),
    ("postal_code", TEXT),
    ("country_alpha2", TEXT),
    ("city", TEXT),
    ("registration_number", TEXT),
    ("vat_number", TEXT),
    ("activity_code", TEXT),
    ("legal_name", TEXT),
    ("registration_country_alpha2", TEXT),
    ("iban_updated_at", STAMP),
    ("iban_updated_by", TEXT),
    ("updated_at", STAMP),
];

const SUPPLIERS: &[(&str, &str)] = CUSTOMERS;

const CUSTOMER_INVOICES: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("created_date", "date"),
    ("issue_date", "date"),
    ("deadline", "date"),
    ("company_id", "bigint"),
    ("customer_id", "bigint"),
    ("customer_name", TEXT),
    ("amount_eur", AMOUNT),
    ("amount_eur_excl_taxes", AMOUNT),
    ("currency", TEXT),
    ("label", TEXT),
    ("invoice_number", TEXT),
    ("source", TEXT),
    ("is_paid", "boolean"),
    ("outstanding_balance", AMOUNT),
    ("created_at", STAMP),
    ("updated_at", STAMP),
];

const SUPPLIER_INVOICES: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("created_date", "date"),
    ("issue_date", "date"),
    ("deadline", "date"),
    ("company_id", "bigint"),
    ("supplier_id", "bigint"),
    ("supplier_name", TEXT),
    ("amount_eur", AMOUNT),
    ("amount_eur_excl_taxes", AMOUNT),
    ("currency", TEXT),
    ("label", TEXT),
    ("invoice_number", TEXT),
    ("source", TEXT),
    ("is_paid", "boolean"),
    ("created_at", STAMP),
    ("updated_at", STAMP),
];

const BANK_ACCOUNTS: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("establishment_id", "bigint"),
    ("establishment_name", TEXT),
    ("name", TEXT),
    ("connection", TEXT),
    ("accounting_plan_item_id", "bigint"),
    ("accounting_plan_item_number", TEXT),
    ("accounting_plan_item_label", TEXT),
    ("currency", TEXT),
    ("is_visible", "boolean"),
    ("is_synchronized", "boolean"),
    ("balance", "double precision"),
    ("last_sync_success", "boolean"),
    ("last_sync_at", STAMP),
    ("created_at", STAMP),
    ("updated_at", STAMP),
];

const BANK_TRANSACTIONS: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("execution_date", "date"),
    ("company_id", "bigint"),
    ("account_name", TEXT),
    ("thirdparty_name", TEXT),
    ("thirdparty_id", "bigint"),
    ("label", TEXT),
    ("amount_eur", AMOUNT),
    ("outstanding_balance", AMOUNT),
    ("currency", TEXT),
    ("currency_amount", AMOUNT),
    ("source", TEXT),
    ("is_potential_duplicate", "boolean"),
    ("sftp_ebics_files_filename", TEXT),
    ("sftp_ebics_files_created_at", STAMP),
    ("accountants_view_status", TEXT),
    ("proof_status", TEXT),
    ("updated_at", STAMP),
];

const GENERAL_LEDGER: &[(&str, &str)] = &[
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("id", "bigint"),
    ("date", "date"),
    ("lettering", "bigint"),
    ("label", TEXT),
    ("debit", AMOUNT),
    ("credit", AMOUNT),
    ("plan_item_number", TEXT),
    ("plan_item_label", TEXT),
    ("journal_code", TEXT),
    ("journal_label", TEXT),
    ("document_id", "bigint"),
    ("document_label", TEXT),
    ("invoice_number", TEXT),
    ("fec_pieceref", TEXT),
    ("thirdparty_id", "bigint"),
    ("thirdparty_plan_item_number", TEXT),
    ("thirdparty_plan_item_label", TEXT),
    ("invoice_link", TEXT),
    ("created_by", TEXT),
    ("document_created_at", STAMP),
    ("document_updated_at", STAMP),
];

const TRIAL_BALANCE: &[(&str, &str)] = &[
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("id", "bigint"),
    ("number", TEXT),
    ("vat_rate", TEXT),
    ("country_alpha2", TEXT),
    ("label", TEXT),
    ("enabled", TEXT),
    ("debits", AMOUNT),
    ("credits", AMOUNT),
    ("balance", AMOUNT),
    ("ledger_events_count", "bigint"),
    ("notes_count", "bigint"),
    ("fiscal_period_start", "date"),
    ("fiscal_period_finish", "date"),
    ("updated_at", STAMP),
];

const TAX_DECLARATIONS: &[(&str, &str)] = &[
    ("id", "bigint"),
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("declaration_type", TEXT),
    ("form", TEXT),
    ("declaration_id", "bigint"),
    ("declaration_period_start_at", "date"),
    ("declaration_period_end_at", "date"),
    ("declaration_status", TEXT),
    ("is_declaration_validated", "boolean"),
    ("is_payment_validated", "boolean"),
    ("payment_amount", AMOUNT),
    ("reason_for_rejection", TEXT),
    ("updated_at", STAMP),
    ("created_at", STAMP),
];

const VAT_DECLARATIONS: &[(&str, &str)] = &[
    ("company_id", "bigint"),
    ("company_name", TEXT),
    ("period_start", "date"),
    ("period_end", "date"),
    ("vat_frequency", TEXT),
    ("is_expected", "boolean"),
    ("status", TEXT),
    ("declaration_document_id", "bigint"),
    ("declaration_form_name", TEXT),
    ("declaration_amount", AMOUNT),
];
