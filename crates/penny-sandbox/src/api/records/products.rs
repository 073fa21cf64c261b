//! Products.

use serde_json::{Value, json};

use super::instant;
use crate::api::amount::plain;
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::Product;

impl Record for Product {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "label" => Field::Text(&self.label),
            "reference" => Field::Text(&self.reference),
            "external_reference" => Field::Text(&self.external_reference),
            _ => Field::Empty,
        }
    }
}

/// A product.
pub(in crate::api) fn product(product: &Product) -> Value {
    json!({
        "id": product.id,
        "label": product.label,
        "description": product.description,
        "external_reference": product.external_reference,
        "price_before_tax": plain(product.price_before_tax),
        "vat_rate": product.vat_code.as_str(),
        "price": plain(product.price),
        "unit": product.unit,
        "currency": "EUR",
        "reference": product.reference,
        "ledger_account": { "id": product.account_id },
        "archived_at": null,
        "created_at": instant(product.created_at),
        "updated_at": instant(product.updated_at),
        "substance": product.substance.as_str(),
    })
}
