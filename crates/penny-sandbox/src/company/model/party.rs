//! Third parties: customers and suppliers.

use jiff::Timestamp;

use super::{Address, VatCode, WeightedCategory};

/// When a customer has to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentConditions {
    /// At once.
    UponReceipt,
    /// 15 days after the invoice.
    Days15,
    /// 30 days after the invoice.
    Days30,
    /// 30 days, then the end of that month.
    Days30EndOfMonth,
    /// 45 days after the invoice.
    Days45,
    /// 60 days after the invoice.
    Days60,
}

impl PaymentConditions {
    /// The API's word, e.g. `30_days_end_of_month`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UponReceipt => "upon_receipt",
            Self::Days15 => "15_days",
            Self::Days30 => "30_days",
            Self::Days30EndOfMonth => "30_days_end_of_month",
            Self::Days45 => "45_days",
            Self::Days60 => "60_days",
        }
    }
}

/// Language of a customer's invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
    /// German.
    German,
}

impl Language {
    /// The API's word, e.g. `fr_FR`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::French => "fr_FR",
            Self::English => "en_GB",
            Self::German => "de_DE",
        }
    }
}

/// What only companies, or only individuals, have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerKind {
    /// A company.
    Company {
        /// SIREN, nine digits; empty abroad.
        reg_no: String,
        /// VAT number; empty when unknown.
        vat_number: String,
    },
    /// A person.
    Individual {
        /// First name.
        first_name: String,
        /// Last name.
        last_name: String,
    },
}

/// Somebody to talk to at a customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Id of the contact.
    pub id: u64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// What the person does, e.g. `Comptabilité fournisseurs`.
    pub role: String,
    /// E-mail.
    pub email: String,
    /// Land line, e.g. `+33472000000`.
    pub telephone_number: String,
    /// Mobile.
    pub mobile_number: String,
}

/// A customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Id of the customer.
    pub id: u64,
    /// Company or individual.
    pub kind: CustomerKind,
    /// Display name.
    pub name: String,
    /// Legal name; differs from `name` once the customer was renamed in the books.
    pub legal_name: Option<String>,
    /// NAF code of a French company.
    pub activity_code: Option<String>,
    /// IBAN shown on this customer's invoices, where it is not the usual one.
    pub billing_iban: Option<String>,
    /// Terms of payment.
    pub payment_conditions: PaymentConditions,
    /// Person named on the invoices; may be empty.
    pub recipient: String,
    /// Phone, e.g. `+33612345678`.
    pub phone: String,
    /// Own free reference.
    pub reference: Option<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Id of the auxiliary account, 411….
    pub account_id: u64,
    /// Number of the usual income account, e.g. `707`.
    pub income_account: &'static str,
    /// Usual VAT of this customer.
    pub vat_code: VatCode,
    /// E-mail addresses, at least one.
    pub emails: Vec<String>,
    /// Where invoices go.
    pub billing_address: Address,
    /// Where goods go.
    pub delivery_address: Address,
    /// Unique, UUID-like.
    pub external_reference: String,
    /// Language of the invoices.
    pub language: Language,
    /// Contacts; none for individuals.
    pub contacts: Vec<Contact>,
    /// Usual analysis; the weights of one group add up to 100 %. Often empty.
    pub categories: Vec<WeightedCategory>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// How the company pays a supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupplierPaymentMethod {
    /// Transfer made by Pennylane.
    AutomaticTransfer,
    /// Transfer made by hand.
    ManualTransfer,
    /// The supplier debits the account.
    AutomaticDebiting,
    /// Company card.
    Card,
}

impl SupplierPaymentMethod {
    /// The API's word, e.g. `automatic_debiting`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AutomaticTransfer => "automatic_transfer",
            Self::ManualTransfer => "manual_transfer",
            Self::AutomaticDebiting => "automatic_debiting",
            Self::Card => "card",
        }
    }
}

/// How the due date follows from the delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueRule {
    /// Days after the invoice.
    Days,
    /// Days after the invoice, then the end of that month.
    DaysOrEndOfMonth,
}

impl DueRule {
    /// The API's word, e.g. `days`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::DaysOrEndOfMonth => "days_or_end_of_month",
        }
    }
}

/// A supplier.
#[derive(Debug, Clone, PartialEq)]
pub struct Supplier {
    /// Id of the supplier.
    pub id: u64,
    /// Display name.
    pub name: String,
    /// Legal name.
    pub legal_name: Option<String>,
    /// SIRET, fourteen digits; French suppliers only.
    pub establishment_no: Option<String>,
    /// SIREN, nine digits; French suppliers only.
    pub reg_no: Option<String>,
    /// VAT number.
    pub vat_number: String,
    /// NAF code of a French supplier.
    pub activity_code: Option<String>,
    /// Id of the auxiliary account, 401….
    pub account_id: u64,
    /// Number of the usual expense (or asset) account, e.g. `6135`.
    pub expense_account: &'static str,
    /// Usual VAT of this supplier.
    pub vat_code: VatCode,
    /// E-mail addresses, at least one.
    pub emails: Vec<String>,
    /// IBAN.
    pub iban: String,
    /// Last change of the IBAN.
    pub iban_updated_at: Option<Timestamp>,
    /// Who changed it.
    pub iban_updated_by: Option<String>,
    /// Postal address.
    pub address: Address,
    /// How it is paid.
    pub payment_method: SupplierPaymentMethod,
    /// Days until an invoice is due.
    pub due_delay_days: u16,
    /// How the due date follows.
    pub due_rule: DueRule,
    /// Unique, UUID-like.
    pub external_reference: String,
    /// Usual analysis; the weights of one group add up to 100 %. Often empty.
    pub categories: Vec<WeightedCategory>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}
