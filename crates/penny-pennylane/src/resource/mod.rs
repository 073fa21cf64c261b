//! The lists of the API: where each is, what it can be asked, and the columns of its table.

mod bank;
mod ledger;
mod mandates;
mod purchases;
mod sales;

use crate::query::Operator;

/// One list of the API, as its contract describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// The name by which users ask for it, such as `customer_invoices`.
    pub name: &'static str,
    /// Other names under which it is found.
    pub aliases: &'static [&'static str],
    /// Path under the base URL, with its leading slash.
    pub path: &'static str,
    /// The smallest scope that a token needs to read it, such as `customers:readonly`.
    pub scope: &'static str,
    /// Records of the largest page; 0 for a list that takes no page size.
    pub limit_max: u32,
    /// The fields on which it can be filtered.
    pub filters: &'static [FilterField],
    /// The fields by which it can be sorted.
    pub sorts: &'static [&'static str],
    /// Parameters beside page, filter and sort.
    pub parameters: &'static [Parameter],
    /// Whether `/changelogs/<name>` tells which records changed.
    pub changelog: bool,
    /// The columns of its table, in order; they are there even when there is no record.
    pub columns: &'static [Column],
}

/// A field on which a list can be filtered.
#[derive(Debug, PartialEq, Eq)]
pub struct FilterField {
    /// The field's name in the filter.
    pub name: &'static str,
    /// What the list accepts for it.
    pub operators: &'static [Operator],
}

/// A parameter of a list beside page, filter and sort.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the query string.
    pub name: &'static str,
    /// Whether the list refuses to answer without it.
    pub required: bool,
    /// What its value looks like.
    pub kind: ParameterKind,
}

/// What the value of a [`Parameter`] looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// A day, `YYYY-MM-DD`.
    Date,
    /// `true` or `false`.
    Boolean,
}

/// A column of a list's table.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name: the path joined with `_`.
    pub name: &'static str,
    /// Where the value is in a record.
    pub path: &'static [&'static str],
    /// What the value is.
    pub kind: Kind,
}

/// What a column holds, and so its Arrow type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number: Int64.
    Integer,
    /// A decimal number, which the API writes in a string: Float64.
    Decimal,
    /// Yes or no: Boolean.
    Boolean,
    /// Text, one of a fixed set of words, or an address: Utf8.
    Text,
    /// A list of texts, joined with `, `: Utf8.
    Texts,
    /// A day: Date32.
    Date,
    /// A moment: Timestamp in microseconds, UTC.
    Timestamp,
    /// Anything with an inner structure, as JSON text: Utf8 with the metadata `penny.type` = `jsonb`.
    Json,
}

/// A name that is no list of the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Pennylane's API has no list called `{name}`{}", self.suggestion())]
pub struct UnknownResource {
    /// The name as it was given.
    pub name: String,
    /// The list whose name looks most like it.
    pub nearest: Option<&'static str>,
}

impl Resource {
    /// Every list that this client reads.
    pub fn all() -> &'static [Resource] {
        &ALL
    }

    /// The list of that name or alias; capitals and `-` for `_` do not matter.
    pub fn find(name: &str) -> Result<&'static Resource, UnknownResource> {
        let wanted = name.trim().to_lowercase().replace(['-', ' '], "_");
        Resource::all()
            .iter()
            .find(|resource| resource.names().any(|known| known == wanted))
            .ok_or_else(|| UnknownResource { name: name.to_owned(), nearest: nearest(&wanted) })
    }

    /// The name and the aliases.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

impl UnknownResource {
    /// What to do about it.
    pub fn hint(&self) -> String {
        if DATA_SHARE_ONLY.contains(&self.name.to_lowercase().as_str()) {
            return format!(
                "this table is in Pennylane's data share: penny.redshift(\"SELECT * FROM pennylane.{}\")",
                self.name.to_lowercase()
            );
        }
        let names: Vec<&str> = Resource::all().iter().map(|resource| resource.name).collect();
        format!("the lists are: {}", names.join(", "))
    }

    fn suggestion(&self) -> String {
        self.nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
    }
}

/// Tables of the data share that users also look for in the API.
const DATA_SHARE_ONLY: &[&str] =
    &["analytical_ledger", "companies", "general_ledger", "tax_declarations", "vat_declarations"];

static ALL: [Resource; 27] = [
    sales::CUSTOMERS,
    sales::CUSTOMER_INVOICES,
    sales::CUSTOMER_INVOICE_TEMPLATES,
    sales::PRODUCTS,
    sales::QUOTES,
    sales::COMMERCIAL_DOCUMENTS,
    sales::BILLING_SUBSCRIPTIONS,
    purchases::SUPPLIERS,
    purchases::SUPPLIER_INVOICES,
    purchases::PURCHASE_REQUESTS,
    bank::TRANSACTIONS,
    bank::BANK_ACCOUNTS,
    bank::BANK_ESTABLISHMENTS,
    ledger::JOURNALS,
    ledger::LEDGER_ACCOUNTS,
    ledger::LEDGER_ENTRIES,
    ledger::LEDGER_ENTRY_LINES,
    ledger::FISCAL_YEARS,
    ledger::TRIAL_BALANCE,
    ledger::CATEGORIES,
    ledger::CATEGORY_GROUPS,
    ledger::FILE_ATTACHMENTS,
    ledger::PA_REGISTRATIONS,
    mandates::SEPA_MANDATES,
    mandates::GOCARDLESS_MANDATES,
    mandates::PRO_ACCOUNT_MANDATES,
    mandates::PRO_ACCOUNT_MANDATE_MIGRATIONS,
];

/// The name most like `wanted`, if any is like it at all.
fn nearest(wanted: &str) -> Option<&'static str> {
    Resource::all()
        .iter()
        .flat_map(|resource| resource.names().map(move |name| (name, resource.name)))
        .map(|(name, own)| (likeness(wanted, name), own))
        .filter(|(likeness, _)| *likeness > 0.8)
        .min_by(|one, other| other.0.total_cmp(&one.0))
        .map(|(_, own)| own)
}

/// From 0 to 1. A whole word of a name, such as `invoices`, is much like it.
fn likeness(wanted: &str, name: &str) -> f64 {
    let is_word = name.split('_').any(|word| word == wanted);
    strsim::jaro_winkler(wanted, name).max(if is_word { 0.9 } else { 0.0 })
}

/// Every comparison.
const ALL_EIGHT: &[Operator] = &[
    Operator::Lt,
    Operator::Lteq,
    Operator::Gt,
    Operator::Gteq,
    Operator::Eq,
    Operator::NotEq,
    Operator::In,
    Operator::NotIn,
];
/// Every comparison with one value.
const SIX: &[Operator] =
    &[Operator::Lt, Operator::Lteq, Operator::Gt, Operator::Gteq, Operator::Eq, Operator::NotEq];
/// Equality with one or several values.
const EQUALITY: &[Operator] = &[Operator::Eq, Operator::NotEq, Operator::In, Operator::NotIn];

/// A field that can be filtered with these operators.
const fn on(name: &'static str, operators: &'static [Operator]) -> FilterField {
    FilterField { name, operators }
}

/// The columns of a list: `path.of.keys: Kind`, the name being the path joined with `_`.
macro_rules! columns {
    ($($head:ident $(. $tail:ident)* : $kind:ident),* $(,)?) => {
        &[$($crate::resource::Column {
            name: concat!(stringify!($head) $(, "_", stringify!($tail))*),
            path: &[stringify!($head) $(, stringify!($tail))*],
            kind: $crate::resource::Kind::$kind,
        }),*]
    };
}
use columns;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_found_whatever_their_writing() {
        for name in ["customers", "Customers", " customers ", "CUSTOMERS"] {
            assert_eq!(Resource::find(name).map(|resource| resource.name), Ok("customers"));
        }
        assert_eq!(Resource::find("bank_transactions").map(|r| r.name), Ok("transactions"));
        assert_eq!(Resource::find("ledger-entry-lines").map(|r| r.name), Ok("ledger_entry_lines"));
    }

    #[test]
    fn a_misspelt_name_suggests_the_nearest_list() {
        let check = |name: &str, nearest: Option<&str>| {
            let error = Resource::find(name).expect_err("the name is wrong");
            assert_eq!(error.nearest, nearest, "{name}");
            assert!(error.to_string().contains(name));
        };
        check("custmers", Some("customers"));
        check("suplier_invoices", Some("supplier_invoices"));
        check("bank_transaction", Some("transactions"));
        check("invoices", Some("customer_invoices"));
        check("zzz", None);
        check("", None);
    }

    #[test]
    fn a_table_of_the_data_share_is_said_to_be_there() {
        let error = Resource::find("general_ledger").expect_err("not in the API");
        assert!(error.hint().contains("pennylane.general_ledger"), "{}", error.hint());
    }

    #[test]
    fn names_aliases_paths_and_columns_are_unique() {
        let mut names = HashSet::new();
        let mut paths = HashSet::new();
        for resource in Resource::all() {
            assert!(resource.names().all(|name| names.insert(name)), "{}", resource.name);
            assert!(paths.insert(resource.path), "{}", resource.path);
            let mut columns = HashSet::new();
            for column in resource.columns {
                assert!(columns.insert(column.name), "{} {}", resource.name, column.name);
                assert_eq!(column.name, column.path.join("_"));
            }
        }
    }
}
