//! The table itself: ninety addresses in the order of Pennylane's own reference.

use super::{ExportKind, ListRules, Operation, Route};
use crate::api::filter::Kind::{Bool, Date, Integer, Text};
use crate::api::filter::Operator::{Equal, In, NotEqual, NotIn, StartWith};
use crate::api::filter::{COMPARISONS, EQ, MEMBERSHIP, ORDER, Rule};

type Scopes = &'static [&'static str];

/// Open to every token.
const OPEN: Scopes = &[];
const BANK_ACCOUNTS: Scopes = &["bank_accounts:readonly", "bank_accounts:all"];
const BANK_ESTABLISHMENTS: Scopes = &["bank_establishments:readonly"];
const BILLING_SUBSCRIPTIONS: Scopes =
    &["billing_subscriptions:readonly", "billing_subscriptions:all"];
const CATEGORIES: Scopes = &["categories:readonly", "categories:all"];
const COMMERCIAL_DOCUMENTS: Scopes = &["commercial_documents:readonly", "commercial_documents:all"];
const CUSTOMERS: Scopes = &["customers:readonly", "customers:all"];
const CUSTOMER_INVOICES: Scopes = &["customer_invoices:readonly", "customer_invoices:all"];
const FILE_ATTACHMENTS: Scopes = &["file_attachments:readonly", "file_attachments:all"];
const FISCAL_YEARS: Scopes = &["fiscal_years:readonly"];
const INVOICE_TEMPLATES: Scopes = &["customer_invoice_templates:readonly"];
const JOURNALS: Scopes = &["journals:readonly", "journals:all"];
const LEDGER_ACCOUNTS: Scopes = &["ledger_accounts:readonly", "ledger_accounts:all"];
const LEDGER_ENTRIES: Scopes = &["ledger_entries:readonly", "ledger_entries:all"];
const MANDATES: Scopes = &["customer_mandates:readonly", "customer_mandates:all"];
const PA_REGISTRATIONS: Scopes = &["pa_registrations:readonly"];
const PRODUCTS: Scopes = &["products:readonly", "products:all"];
const PURCHASE_REQUESTS: Scopes = &["purchase_requests:readonly", "purchase_requests:all"];
const QUOTES: Scopes = &["quotes:readonly", "quotes:all"];
const SUPPLIERS: Scopes = &["suppliers:readonly", "suppliers:all"];
const SUPPLIER_INVOICES: Scopes = &["supplier_invoices:readonly", "supplier_invoices:all"];
const TRANSACTIONS: Scopes = &["transactions:readonly", "transactions:all"];
const TRIAL_BALANCE: Scopes = &["trial_balance:readonly"];

const ID: Rule = Rule::new("id", Integer, COMPARISONS);
const CUSTOMER_ID: Rule = Rule::new("customer_id", Integer, COMPARISONS);
const EXTERNAL_REFERENCE: Rule = Rule::new("external_reference", Text, MEMBERSHIP);
const NO_FILTERS: &[Rule] = &[];
const BY_ID: &[&str] = &["id"];
const BY_ID_AND_DATE: &[&str] = &["id", "date"];
const UNSORTED: &[&str] = &[];

const fn one(path: &'static str, scopes: Scopes, operation: Operation) -> Route {
    Route { path, scopes, operation, list: None }
}

const fn list(
    path: &'static str,
    scopes: Scopes,
    operation: Operation,
    filters: &'static [Rule],
    sorts: &'static [&'static str],
) -> Route {
    Route { path, scopes, operation, list: Some(ListRules { limit_max: 100, filters, sorts }) }
}

/// Lists whose pages hold up to a thousand records.
const fn long_list(
    path: &'static str,
    scopes: Scopes,
    operation: Operation,
    filters: &'static [Rule],
    sorts: &'static [&'static str],
) -> Route {
    Route { path, scopes, operation, list: Some(ListRules { limit_max: 1000, filters, sorts }) }
}

const fn changelog(path: &'static str, resource: &'static str, scopes: Scopes) -> Route {
    long_list(path, scopes, Operation::Changelog(resource), NO_FILTERS, UNSORTED)
}

const fn export(path: &'static str, kind: ExportKind) -> Route {
    one(path, kind.scopes(), Operation::Export(kind))
}

const JOURNALS_FILTERS: &[Rule] = &[Rule::new("type", Text, MEMBERSHIP)];
const LEDGER_ACCOUNTS_FILTERS: &[Rule] =
    &[ID, Rule::new("number", Text, &[StartWith, Equal, In]), Rule::new("enabled", Bool, EQ)];
const LEDGER_ENTRIES_FILTERS: &[Rule] =
    &[ID, Rule::new("date", Date, ORDER), Rule::new("journal_id", Integer, COMPARISONS)];
const LEDGER_ENTRIES_LEDGER_ENTRY_LINES_FILTERS: &[Rule] =
    &[Rule::new("ledger_account_id", Integer, COMPARISONS)];
const LEDGER_ENTRY_LINES_FILTERS: &[Rule] = &[
    ID,
    Rule::new("journal_id", Integer, COMPARISONS),
    Rule::new("ledger_account_id", Integer, COMPARISONS),
    Rule::new("date", Date, COMPARISONS),
];
const CUSTOMER_INVOICES_FILTERS: &[Rule] = &[
    ID,
    Rule::new("date", Date, COMPARISONS),
    CUSTOMER_ID,
    Rule::new("billing_subscription_id", Integer, COMPARISONS),
    Rule::new("quote_id", Integer, COMPARISONS),
    Rule::new("invoice_number", Text, MEMBERSHIP),
    Rule::new("draft", Bool, EQ),
    Rule::new("credit_note", Bool, EQ),
    Rule::new("external_reference", Text, EQ),
    Rule::new("category_id", Integer, &[In]),
    Rule::new("flow_id", Text, MEMBERSHIP),
];
const BILLING_SUBSCRIPTIONS_FILTERS: &[Rule] = &[
    ID,
    Rule::new("start", Date, COMPARISONS),
    CUSTOMER_ID,
    Rule::new("status", Text, MEMBERSHIP),
];
const PRODUCTS_FILTERS: &[Rule] = &[
    ID,
    Rule::new("label", Text, &[Equal, In]),
    Rule::new("reference", Text, &[Equal, In]),
    EXTERNAL_REFERENCE,
];
const CUSTOMERS_FILTERS: &[Rule] = &[
    ID,
    Rule::new("customer_type", Text, &[Equal, NotEqual]),
    Rule::new("ledger_account_id", Integer, &[Equal, NotEqual]),
    Rule::new("name", Text, &[StartWith, Equal]),
    Rule::new("external_reference", Text, &[StartWith, Equal, NotEqual, In, NotIn]),
    Rule::new("reg_no", Text, MEMBERSHIP),
    Rule::new("emails", Text, &[In]),
];
const SUPPLIERS_FILTERS: &[Rule] = &[
    ID,
    Rule::new("ledger_account_id", Integer, &[Equal, NotEqual]),
    Rule::new("name", Text, &[StartWith]),
    EXTERNAL_REFERENCE,
    Rule::new("emails", Text, &[In]),
];
const SUPPLIER_INVOICES_FILTERS: &[Rule] = &[
    ID,
    Rule::new("supplier_id", Integer, COMPARISONS),
    Rule::new("invoice_number", Text, MEMBERSHIP),
    Rule::new("date", Date, COMPARISONS),
    Rule::new("category_id", Integer, &[In]),
    EXTERNAL_REFERENCE,
    Rule::new("payment_status", Text, MEMBERSHIP),
];
const CATEGORIES_FILTERS: &[Rule] = &[
    ID,
    Rule::new("label", Text, &[StartWith, Equal, In]),
    Rule::new("category_group_id", Integer, COMPARISONS),
    Rule::new("analytical_code", Text, MEMBERSHIP),
];
const TRANSACTIONS_FILTERS: &[Rule] = &[
    Rule::new("id", Integer, MEMBERSHIP),
    Rule::new("bank_account_id", Integer, MEMBERSHIP),
    Rule::new("journal_id", Integer, MEMBERSHIP),
    Rule::new("date", Date, ORDER),
];
const QUOTES_FILTERS: &[Rule] = &[ID, CUSTOMER_ID, Rule::new("status", Text, MEMBERSHIP)];
const COMMERCIAL_DOCUMENTS_FILTERS: &[Rule] =
    &[ID, CUSTOMER_ID, Rule::new("document_type", Text, MEMBERSHIP)];
const SEPA_MANDATES_FILTERS: &[Rule] = &[ID, CUSTOMER_ID];
const GOCARDLESS_MANDATES_FILTERS: &[Rule] =
    &[ID, CUSTOMER_ID, Rule::new("external_reference", Text, EQ)];
const PRO_ACCOUNT_MANDATE_MIGRATIONS_FILTERS: &[Rule] =
    &[CUSTOMER_ID, Rule::new("status", Text, COMPARISONS)];
const PRO_ACCOUNT_MANDATES_FILTERS: &[Rule] = &[Rule::new("status", Text, MEMBERSHIP), CUSTOMER_ID];
const PURCHASE_REQUESTS_FILTERS: &[Rule] = &[
    ID,
    Rule::new("reviewed_by_id", Integer, MEMBERSHIP),
    Rule::new("user_id", Integer, MEMBERSHIP),
    Rule::new("supplier_id", Integer, MEMBERSHIP),
];
const BANK_ESTABLISHMENTS_FILTERS: &[Rule] = &[ID];

/// Every address that can be read.
pub(super) const ROUTES: &[Route] = &[
    list("/journals", JOURNALS, Operation::Journals, JOURNALS_FILTERS, BY_ID),
    one("/journals/{}", JOURNALS, Operation::Journal),
    long_list(
        "/ledger_accounts",
        LEDGER_ACCOUNTS,
        Operation::LedgerAccounts,
        LEDGER_ACCOUNTS_FILTERS,
        BY_ID,
    ),
    one("/ledger_accounts/{}", LEDGER_ACCOUNTS, Operation::LedgerAccount),
    list(
        "/ledger_entries",
        LEDGER_ENTRIES,
        Operation::LedgerEntries,
        LEDGER_ENTRIES_FILTERS,
        BY_ID_AND_DATE,
    ),
    one("/ledger_entries/{}", LEDGER_ENTRIES, Operation::LedgerEntry),
    list(
        "/ledger_entries/{}/ledger_entry_lines",
        LEDGER_ENTRIES,
        Operation::LedgerEntryOwnLines,
        LEDGER_ENTRIES_LEDGER_ENTRY_LINES_FILTERS,
        BY_ID,
    ),
    list(
        "/ledger_entry_lines",
        LEDGER_ENTRIES,
        Operation::LedgerEntryLines,
        LEDGER_ENTRY_LINES_FILTERS,
        BY_ID_AND_DATE,
    ),
    one("/ledger_entry_lines/{}", LEDGER_ENTRIES, Operation::LedgerEntryLine),
    list(
        "/ledger_entry_lines/{}/lettered_ledger_entry_lines",
        LEDGER_ENTRIES,
        Operation::LetteredLines,
        NO_FILTERS,
        BY_ID_AND_DATE,
    ),
    list(
        "/ledger_entry_lines/{}/categories",
        LEDGER_ENTRIES,
        Operation::LedgerEntryLineCategories,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/customer_invoices",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoices,
        CUSTOMER_INVOICES_FILTERS,
        BY_ID_AND_DATE,
    ),
    list(
        "/billing_subscriptions",
        BILLING_SUBSCRIPTIONS,
        Operation::Nothing,
        BILLING_SUBSCRIPTIONS_FILTERS,
        BY_ID,
    ),
    one("/billing_subscriptions/{}", BILLING_SUBSCRIPTIONS, Operation::NoneOfThem),
    list(
        "/billing_subscriptions/{}/invoice_line_sections",
        BILLING_SUBSCRIPTIONS,
        Operation::NoneOfThem,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/billing_subscriptions/{}/invoice_lines",
        BILLING_SUBSCRIPTIONS,
        Operation::NoneOfThem,
        NO_FILTERS,
        BY_ID,
    ),
    list("/pa_registrations", PA_REGISTRATIONS, Operation::Nothing, NO_FILTERS, UNSORTED),
    list("/products", PRODUCTS, Operation::Products, PRODUCTS_FILTERS, BY_ID),
    one("/products/{}", PRODUCTS, Operation::Product),
    list("/file_attachments", FILE_ATTACHMENTS, Operation::Nothing, NO_FILTERS, BY_ID),
    list("/customer_invoice_templates", INVOICE_TEMPLATES, Operation::Nothing, NO_FILTERS, BY_ID),
    export("/exports/analytical_general_ledgers/{}", ExportKind::AnalyticalGeneralLedger),
    export("/exports/fecs/{}", ExportKind::Fec),
    export("/exports/general_ledgers/{}", ExportKind::GeneralLedger),
    one("/company_customers/{}", CUSTOMERS, Operation::CompanyCustomer),
    one("/individual_customers/{}", CUSTOMERS, Operation::IndividualCustomer),
    list("/customers", CUSTOMERS, Operation::Customers, CUSTOMERS_FILTERS, BY_ID),
    one("/customers/{}", CUSTOMERS, Operation::Customer),
    list(
        "/customers/{}/categories",
        CUSTOMERS,
        Operation::CustomerCategories,
        NO_FILTERS,
        UNSORTED,
    ),
    list("/customers/{}/contacts", CUSTOMERS, Operation::CustomerContacts, NO_FILTERS, BY_ID),
    list("/suppliers", SUPPLIERS, Operation::Suppliers, SUPPLIERS_FILTERS, BY_ID),
    one("/suppliers/{}", SUPPLIERS, Operation::Supplier),
    list(
        "/suppliers/{}/categories",
        SUPPLIERS,
        Operation::SupplierCategories,
        NO_FILTERS,
        UNSORTED,
    ),
    one("/me", OPEN, Operation::Me),
    list(
        "/customer_invoices/{}/invoice_line_sections",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoiceSections,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/customer_invoices/{}/invoice_lines",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoiceLines,
        NO_FILTERS,
        &["id", "rank"],
    ),
    list(
        "/customer_invoices/{}/payments",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoicePayments,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/customer_invoices/{}/matched_transactions",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoiceTransactions,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/customer_invoices/{}/appendices",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoiceAppendices,
        NO_FILTERS,
        UNSORTED,
    ),
    one("/customer_invoices/{}", CUSTOMER_INVOICES, Operation::CustomerInvoice),
    list(
        "/customer_invoices/{}/categories",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoiceCategories,
        NO_FILTERS,
        UNSORTED,
    ),
    list(
        "/supplier_invoices/{}/invoice_lines",
        SUPPLIER_INVOICES,
        Operation::SupplierInvoiceLines,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/supplier_invoices",
        SUPPLIER_INVOICES,
        Operation::SupplierInvoices,
        SUPPLIER_INVOICES_FILTERS,
        BY_ID_AND_DATE,
    ),
    one("/supplier_invoices/{}", SUPPLIER_INVOICES, Operation::SupplierInvoice),
    list(
        "/supplier_invoices/{}/categories",
        SUPPLIER_INVOICES,
        Operation::SupplierInvoiceCategories,
        NO_FILTERS,
        UNSORTED,
    ),
    list(
        "/supplier_invoices/{}/payments",
        SUPPLIER_INVOICES,
        Operation::SupplierInvoicePayments,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/supplier_invoices/{}/matched_transactions",
        SUPPLIER_INVOICES,
        Operation::SupplierInvoiceTransactions,
        NO_FILTERS,
        BY_ID,
    ),
    list("/category_groups", CATEGORIES, Operation::CategoryGroups, NO_FILTERS, UNSORTED),
    one("/category_groups/{}", CATEGORIES, Operation::CategoryGroup),
    list(
        "/category_groups/{}/categories",
        CATEGORIES,
        Operation::CategoryGroupCategories,
        NO_FILTERS,
        UNSORTED,
    ),
    list("/categories", CATEGORIES, Operation::Categories, CATEGORIES_FILTERS, BY_ID),
    one("/categories/{}", CATEGORIES, Operation::Category),
    long_list("/trial_balance", TRIAL_BALANCE, Operation::TrialBalance, NO_FILTERS, UNSORTED),
    list("/fiscal_years", FISCAL_YEARS, Operation::FiscalYears, NO_FILTERS, &["id", "start"]),
    changelog("/changelogs/customer_invoices", "customer_invoices", CUSTOMER_INVOICES),
    changelog("/changelogs/supplier_invoices", "supplier_invoices", SUPPLIER_INVOICES),
    changelog("/changelogs/customers", "customers", CUSTOMERS),
    changelog("/changelogs/suppliers", "suppliers", SUPPLIERS),
    changelog("/changelogs/products", "products", PRODUCTS),
    changelog("/changelogs/ledger_entry_lines", "ledger_entry_lines", LEDGER_ENTRIES),
    changelog("/changelogs/transactions", "transactions", TRANSACTIONS),
    changelog("/changelogs/quotes", "quotes", QUOTES),
    list("/bank_accounts", BANK_ACCOUNTS, Operation::BankAccounts, NO_FILTERS, BY_ID),
    one("/bank_accounts/{}", BANK_ACCOUNTS, Operation::BankAccount),
    list("/transactions", TRANSACTIONS, Operation::Transactions, TRANSACTIONS_FILTERS, BY_ID),
    one("/transactions/{}", TRANSACTIONS, Operation::Transaction),
    list(
        "/transactions/{}/categories",
        TRANSACTIONS,
        Operation::TransactionCategories,
        NO_FILTERS,
        UNSORTED,
    ),
    list(
        "/transactions/{}/matched_invoices",
        TRANSACTIONS,
        Operation::TransactionInvoices,
        NO_FILTERS,
        UNSORTED,
    ),
    list("/quotes", QUOTES, Operation::Nothing, QUOTES_FILTERS, BY_ID),
    one("/quotes/{}", QUOTES, Operation::NoneOfThem),
    list("/quotes/{}/appendices", QUOTES, Operation::NoneOfThem, NO_FILTERS, UNSORTED),
    list("/quotes/{}/invoice_lines", QUOTES, Operation::NoneOfThem, NO_FILTERS, BY_ID),
    list("/quotes/{}/invoice_line_sections", QUOTES, Operation::NoneOfThem, NO_FILTERS, BY_ID),
    list(
        "/commercial_documents",
        COMMERCIAL_DOCUMENTS,
        Operation::Nothing,
        COMMERCIAL_DOCUMENTS_FILTERS,
        BY_ID,
    ),
    one("/commercial_documents/{}", COMMERCIAL_DOCUMENTS, Operation::NoneOfThem),
    list(
        "/commercial_documents/{}/appendices",
        COMMERCIAL_DOCUMENTS,
        Operation::NoneOfThem,
        NO_FILTERS,
        UNSORTED,
    ),
    list(
        "/commercial_documents/{}/invoice_lines",
        COMMERCIAL_DOCUMENTS,
        Operation::NoneOfThem,
        NO_FILTERS,
        BY_ID,
    ),
    list(
        "/commercial_documents/{}/invoice_line_sections",
        COMMERCIAL_DOCUMENTS,
        Operation::NoneOfThem,
        NO_FILTERS,
        BY_ID,
    ),
    list("/sepa_mandates", MANDATES, Operation::Nothing, SEPA_MANDATES_FILTERS, BY_ID),
    one("/sepa_mandates/{}", MANDATES, Operation::NoneOfThem),
    list("/gocardless_mandates", MANDATES, Operation::Nothing, GOCARDLESS_MANDATES_FILTERS, BY_ID),
    one("/gocardless_mandates/{}", MANDATES, Operation::NoneOfThem),
    list(
        "/pro_account/mandate_migrations",
        MANDATES,
        Operation::Nothing,
        PRO_ACCOUNT_MANDATE_MIGRATIONS_FILTERS,
        BY_ID,
    ),
    list(
        "/pro_account/mandates",
        MANDATES,
        Operation::Nothing,
        PRO_ACCOUNT_MANDATES_FILTERS,
        BY_ID,
    ),
    list(
        "/customer_invoices/{}/custom_header_fields",
        CUSTOMER_INVOICES,
        Operation::CustomerInvoiceHeaderFields,
        NO_FILTERS,
        BY_ID,
    ),
    one("/purchase_requests/{}", PURCHASE_REQUESTS, Operation::NoneOfThem),
    list(
        "/purchase_requests",
        PURCHASE_REQUESTS,
        Operation::Nothing,
        PURCHASE_REQUESTS_FILTERS,
        BY_ID,
    ),
    list(
        "/bank_establishments",
        BANK_ESTABLISHMENTS,
        Operation::BankEstablishments,
        BANK_ESTABLISHMENTS_FILTERS,
        BY_ID,
    ),
    changelog("/changelogs/ledger_entries_categories", "ledger_entries_categories", LEDGER_ENTRIES),
    changelog(
        "/changelogs/ledger_entry_lines_categories",
        "ledger_entry_lines_categories",
        LEDGER_ENTRIES,
    ),
];
