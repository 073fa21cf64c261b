//! Products and VAT codes.

use jiff::Timestamp;

use super::Cents;

/// A VAT code of Pennylane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatCode {
    /// 20 %.
    Fr200,
    /// 10 %.
    Fr100,
    /// 5.5 %.
    Fr55,
    /// 2.1 %.
    Fr21,
    /// No VAT on it.
    Exempt,
    /// Outside the EU.
    Extracom,
    /// Between companies of the EU: no VAT on the invoice, 20 % reverse-charged by a French buyer.
    Crossborder,
    /// Only on accounts: any VAT.
    Any,
}

impl VatCode {
    /// Pennylane's word, e.g. `FR_200`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr200 => "FR_200",
            Self::Fr100 => "FR_100",
            Self::Fr55 => "FR_55",
            Self::Fr21 => "FR_21",
            Self::Exempt => "exempt",
            Self::Extracom => "extracom",
            Self::Crossborder => "crossborder",
            Self::Any => "any",
        }
    }

    /// The rate on the invoice in tenths of a per cent: 200 for 20 %, 0 where the invoice bears no VAT.
    #[must_use]
    pub fn per_mille(self) -> i64 {
        match self {
            Self::Fr200 => 200,
            Self::Fr100 => 100,
            Self::Fr55 => 55,
            Self::Fr21 => 21,
            Self::Exempt | Self::Extracom | Self::Crossborder | Self::Any => 0,
        }
    }

    /// The tax of an amount without tax, rounded half away from zero to the cent.
    #[must_use]
    pub fn tax(self, before_tax: Cents) -> Cents {
        let thousandths = before_tax * self.per_mille();
        (thousandths.abs() + 500) / 1_000 * thousandths.signum()
    }
}

/// Goods or services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Substance {
    /// Something delivered.
    Goods,
    /// Something done.
    Services,
}

impl Substance {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Services => "services",
        }
    }
}

/// Something the company sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Id of the product.
    pub id: u64,
    /// Name.
    pub label: String,
    /// A sentence about it.
    pub description: String,
    /// Own reference, e.g. `LUM-0007`.
    pub reference: String,
    /// Unique, UUID-like.
    pub external_reference: String,
    /// Unit price without tax.
    pub price_before_tax: Cents,
    /// VAT in France.
    pub vat_code: VatCode,
    /// Unit price with tax.
    pub price: Cents,
    /// What a quantity counts: `pièce`, `heure`, `forfait`.
    pub unit: &'static str,
    /// Goods or services.
    pub substance: Substance,
    /// Id of the income account.
    pub account_id: u64,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}
