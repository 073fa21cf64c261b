//! How each record is written, key by key as the contract has it, and what its list can filter by.

pub(super) mod analytics;
pub(super) mod bank;
pub(super) mod customer_invoices;
pub(super) mod ledger;
pub(super) mod parties;
pub(super) mod products;
pub(super) mod supplier_invoices;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::company::Company;
use crate::company::model::{Category, WeightedCategory};

use super::amount::plain;

/// What writing a record needs beside it: the company it belongs to, and the address of the server.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The company, for what is behind an id.
    pub company: &'a Company,
    /// Base of all links, such as `http://127.0.0.1:8080/api/external/v2`.
    pub base: &'a str,
}

impl View<'_> {
    /// A link to a list: `{"url": …}`.
    fn link(&self, path: &str) -> Value {
        json!({ "url": format!("{}{path}", self.base) })
    }

    /// A reference to one record: `{"id": …, "url": …}`.
    fn reference(&self, list: &str, id: u64) -> Value {
        json!({ "id": id, "url": format!("{}/{list}/{id}", self.base) })
    }

    /// Weighted categories, as they are written inline and in lists of their own.
    fn weights(&self, categories: &[WeightedCategory]) -> Vec<Value> {
        categories.iter().map(|weighted| self.weight(weighted)).collect()
    }

    /// One weighted category.
    pub fn weight(&self, weighted: &WeightedCategory) -> Value {
        let category = self.category(weighted.category_id);
        json!({
            "id": weighted.category_id,
            "label": category.label,
            "weight": plain(weighted.percent.into()),
            "category_group": { "id": category.group_id },
            "analytical_code": category.analytical_code,
            "created_at": instant(category.created_at),
            "updated_at": instant(category.updated_at),
        })
    }

    fn category(&self, id: u64) -> &Category {
        let categories = &self.company.categories;
        let index = categories.binary_search_by_key(&id, |category| category.id);
        &categories[index.expect("a weighted category names a category of the company")]
    }
}

/// A timestamp with six decimals and `Z`.
pub(super) fn instant(timestamp: Timestamp) -> Value {
    Value::String(format!("{timestamp:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_has_six_decimals_and_ends_in_z() {
        let timestamp: Timestamp = "2023-08-30T10:08:08.1463Z".parse().unwrap();
        assert_eq!(instant(timestamp), "2023-08-30T10:08:08.146300Z");
    }
}
