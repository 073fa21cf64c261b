//! Who the company is, and who works with its books.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Cents;

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Number and street.
    pub street: String,
    /// Postal code, as the country writes it.
    pub postal_code: String,
    /// City.
    pub city: String,
    /// ISO 3166 country, e.g. `FR`.
    pub country_alpha2: String,
}

/// The company itself. All of it is invented; the SIREN only has a valid key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Pennylane's id of the company.
    pub id: u64,
    /// Trade name, e.g. `Atelier Lumen`.
    pub trade_name: String,
    /// Legal name with its form, e.g. `Atelier Lumen SAS`.
    pub name: String,
    /// SIREN, nine digits.
    pub siren: String,
    /// SIRET of the head office, fourteen digits.
    pub siret: String,
    /// Intra-EU VAT number, `FR` + key + SIREN.
    pub vat_number: String,
    /// NAF code, e.g. `4759A`.
    pub activity_code: String,
    /// Head office.
    pub address: Address,
    /// Share capital.
    pub capital: Cents,
    /// Day of the first entry, the first day of the first fiscal year.
    pub founded: Date,
    /// Id of the accounting firm.
    pub firm_id: u64,
    /// Name of the accounting firm.
    pub firm_name: String,
    /// Creation of the company in Pennylane.
    pub created_at: Timestamp,
}

/// A person with a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id of the user.
    pub id: u64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Address of the login.
    pub email: String,
    /// `employee`, `internal_accountant`, `admin` or `accountant`.
    pub role: &'static str,
    /// Last day the user was seen.
    pub last_activity: Date,
}
