//! Customers, their contacts, and suppliers.

use serde_json::{Value, json};

use super::{View, instant};
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::{Address, Contact, Customer, CustomerKind, Supplier};

impl Record for Customer {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "customer_type" => Field::Text(customer_type(self)),
            "ledger_account_id" => Field::Id(self.account_id),
            "name" => Field::Text(&self.name),
            "external_reference" => Field::Text(&self.external_reference),
            "emails" => Field::Texts(self.emails.iter().map(String::as_str).collect()),
            "reg_no" => match &self.kind {
                CustomerKind::Company { reg_no, .. } => Field::Text(reg_no),
                CustomerKind::Individual { .. } => Field::Empty,
            },
            _ => Field::Empty,
        }
    }
}

impl Record for Contact {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Record for Supplier {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "ledger_account_id" => Field::Id(self.account_id),
            "name" => Field::Text(&self.name),
            "external_reference" => Field::Text(&self.external_reference),
            "emails" => Field::Texts(self.emails.iter().map(String::as_str).collect()),
            _ => Field::Empty,
        }
    }
}

/// The discriminator of a customer: `company` or `individual`.
pub(in crate::api) fn customer_type(customer: &Customer) -> &'static str {
    match customer.kind {
        CustomerKind::Company { .. } => "company",
        CustomerKind::Individual { .. } => "individual",
    }
}

/// A customer as in the list of all customers, with its discriminator.
pub(in crate::api) fn customer(view: View<'_>, customer: &Customer) -> Value {
    let mut record = typed_customer(view, customer);
    record["customer_type"] = customer_type(customer).into();
    record
}

/// A customer as at the address of its own type, where no discriminator is needed.
pub(in crate::api) fn typed_customer(view: View<'_>, customer: &Customer) -> Value {
    let id = customer.id;
    let mut record = json!({
        "id": id,
        "name": customer.name,
        "billing_iban": customer.billing_iban,
        "payment_conditions": customer.payment_conditions.as_str(),
        "recipient": customer.recipient,
        "phone": customer.phone,
        "reference": customer.reference,
        "notes": customer.notes,
        "ledger_account": { "id": customer.account_id },
        "emails": customer.emails,
        "billing_address": address(&customer.billing_address),
        "delivery_address": address(&customer.delivery_address),
        "external_reference": customer.external_reference,
        "billing_language": customer.language.as_str(),
        "mandates": view.link(&format!("/sepa_mandates?customer_id={id}")),
        "pro_account_mandates": view.link(&format!("/pro_account/mandates?customer_id={id}")),
        "contacts": view.link(&format!("/customers/{id}/contacts")),
        "created_at": instant(customer.created_at),
        "updated_at": instant(customer.updated_at),
    });
    match &customer.kind {
        CustomerKind::Company { reg_no, vat_number } => {
            record["reg_no"] = reg_no.as_str().into();
            record["vat_number"] = vat_number.as_str().into();
        }
        CustomerKind::Individual { first_name, last_name } => {
            record["first_name"] = first_name.as_str().into();
            record["last_name"] = last_name.as_str().into();
        }
    }
    record
}

/// A contact of `customer`; it was entered with the customer.
pub(in crate::api) fn contact(customer: &Customer, contact: &Contact) -> Value {
    json!({
        "id": contact.id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "role": contact.role,
        "email": contact.email,
        "telephone_number": contact.telephone_number,
        "mobile_number": contact.mobile_number,
        "created_at": instant(customer.created_at),
        "updated_at": instant(customer.created_at),
    })
}

/// A supplier.
pub(in crate::api) fn supplier(supplier: &Supplier) -> Value {
    json!({
        "id": supplier.id,
        "name": supplier.name,
        "establishment_no": supplier.establishment_no,
        "reg_no": supplier.reg_no,
        "vat_number": supplier.vat_number,
        "ledger_account": { "id": supplier.account_id },
        "emails": supplier.emails,
        "iban": supplier.iban,
        "postal_address": address(&supplier.address),
        "supplier_payment_method": supplier.payment_method.as_str(),
        "supplier_due_date_delay": supplier.due_delay_days,
        "supplier_due_date_rule": supplier.due_rule.as_str(),
        "external_reference": supplier.external_reference,
        "created_at": instant(supplier.created_at),
        "updated_at": instant(supplier.updated_at),
    })
}

fn address(address: &Address) -> Value {
    json!({
        "address": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "country_alpha2": address.country_alpha2,
    })
}
