//! The contract as one table: every address, the scopes that open it, and what its list can filter and sort by.
//!
//! Paths are those of Pennylane's Company API v2 below `/api/external/v2`; `{}` stands for a record's id.

mod routes;

use std::collections::BTreeSet;

use super::filter::Rule;
use routes::ROUTES;

/// One address that can be read.
#[derive(Debug)]
pub(super) struct Route {
    /// Path below the base, with `{}` for an id.
    pub path: &'static str,
    /// Scopes of which one is enough, the one that can do least first.
    pub scopes: &'static [&'static str],
    /// What answers.
    pub operation: Operation,
    /// What a list accepts; nothing for a single record.
    pub list: Option<ListRules>,
}

/// What a list accepts as `limit`, `filter` and `sort`.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListRules {
    /// Most records on a page.
    pub limit_max: u32,
    /// Fields it can be filtered by.
    pub filters: &'static [Rule],
    /// Fields it can be sorted by; the default is `-id`.
    pub sorts: &'static [&'static str],
}

/// What answers a request; a name is that of the address it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Me,
    Customers,
    Customer,
    CompanyCustomer,
    IndividualCustomer,
    CustomerContacts,
    CustomerCategories,
    Suppliers,
    Supplier,
    SupplierCategories,
    CustomerInvoices,
    CustomerInvoice,
    CustomerInvoiceLines,
    CustomerInvoiceSections,
    CustomerInvoicePayments,
    CustomerInvoiceTransactions,
    CustomerInvoiceAppendices,
    CustomerInvoiceHeaderFields,
    CustomerInvoiceCategories,
    SupplierInvoices,
    SupplierInvoice,
    SupplierInvoiceLines,
    SupplierInvoicePayments,
    SupplierInvoiceTransactions,
    SupplierInvoiceCategories,
    Transactions,
    Transaction,
    TransactionCategories,
    TransactionInvoices,
    BankAccounts,
    BankAccount,
    BankEstablishments,
    Products,
    Product,
    Journals,
    Journal,
    LedgerAccounts,
    LedgerAccount,
    LedgerEntries,
    LedgerEntry,
    LedgerEntryOwnLines,
    LedgerEntryLines,
    LedgerEntryLine,
    LetteredLines,
    LedgerEntryLineCategories,
    FiscalYears,
    TrialBalance,
    Categories,
    Category,
    CategoryGroups,
    CategoryGroup,
    CategoryGroupCategories,
    Changelog(&'static str),
    Export(ExportKind),
    /// A list of something that this company has none of.
    Nothing,
    /// One record, or a list below one record, of something that this company has none of.
    NoneOfThem,
}

/// The files that the API makes in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExportKind {
    Fec,
    GeneralLedger,
    AnalyticalGeneralLedger,
}

impl ExportKind {
    /// The kind behind a path such as `/exports/fecs`.
    pub fn of_path(path: &str) -> Option<ExportKind> {
        match path {
            "/exports/fecs" => Some(ExportKind::Fec),
            "/exports/general_ledgers" => Some(ExportKind::GeneralLedger),
            "/exports/analytical_general_ledgers" => Some(ExportKind::AnalyticalGeneralLedger),
            _ => None,
        }
    }

    /// The only scope that opens it.
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            ExportKind::Fec => &["exports:fec"],
            ExportKind::GeneralLedger => &["exports:gl"],
            ExportKind::AnalyticalGeneralLedger => &["exports:agl"],
        }
    }
}

/// The route that answers a path below the base, with the ids found in it.
pub(super) fn find(path: &str) -> Option<(&'static Route, Option<&str>)> {
    ROUTES.iter().find_map(|route| matches(route.path, path).map(|id| (route, id)))
}

/// Every scope that a reading operation or an export asks for, the least one of each.
pub(super) fn every_reading_scope() -> Vec<&'static str> {
    let scopes: BTreeSet<_> =
        ROUTES.iter().filter_map(|route| route.scopes.first().copied()).collect();
    scopes.into_iter().collect()
}

/// Compares segment by segment; the outer `Option` tells whether they match, the inner one holds the id.
fn matches<'a>(template: &str, path: &'a str) -> Option<Option<&'a str>> {
    let mut id = None;
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if expected == "{}" {
            id = Some(segment);
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_route_and_gives_the_id() {
        #[track_caller]
        fn check(path: &str, expected: Option<(Operation, Option<&str>)>) {
            assert_eq!(find(path).map(|(route, id)| (route.operation, id)), expected, "{path}");
        }
        check("/customers", Some((Operation::Customers, None)));
        check("/customers/42", Some((Operation::Customer, Some("42"))));
        check("/customers/42/contacts", Some((Operation::CustomerContacts, Some("42"))));
        check("/changelogs/products", Some((Operation::Changelog("products"), None)));
        check("/exports/fecs/7", Some((Operation::Export(ExportKind::Fec), Some("7"))));
        check("/customers/42/unknown", None);
        check("/exports/fec/7", None);
        check("/customers/", Some((Operation::Customer, Some(""))));
    }

    #[test]
    fn no_two_routes_have_the_same_path() {
        let paths: BTreeSet<_> = ROUTES.iter().map(|route| route.path).collect();
        assert_eq!(paths.len(), ROUTES.len());
    }
}
