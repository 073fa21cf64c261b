//! Taxes: VAT returns and the other declarations.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Cents;

/// Kind of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxKind {
    /// VAT.
    Vat,
    /// Fees paid.
    Das2,
    /// Corporate income tax.
    CorporateTax,
    /// Contribution on value added.
    Cvae,
    /// Dividends.
    Rcm,
    /// Yearly accounts for the tax office.
    Accounts,
}

impl TaxKind {
    /// The data share's word, e.g. `Liasse`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vat => "TVA",
            Self::Das2 => "DAS2",
            Self::CorporateTax => "IS",
            Self::Cvae => "CVAE",
            Self::Rcm => "RCM",
            Self::Accounts => "Liasse",
        }
    }
}

/// State of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclarationStatus {
    /// Prepared.
    Created,
    /// Sent to the tax office.
    Sent,
    /// Accepted.
    Accepted,
    /// Rejected; another one follows.
    Rejected,
}

impl DeclarationStatus {
    /// The data share's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxDeclaration {
    /// Id of the declaration.
    pub id: u64,
    /// What it is about.
    pub kind: TaxKind,
    /// Number of the form, e.g. `3310CA3`.
    pub form: &'static str,
    /// Id at the transmission service; none until sent.
    pub declaration_id: Option<u64>,
    /// First day of the period.
    pub period_start: Date,
    /// Last day of the period.
    pub period_end: Date,
    /// State.
    pub status: DeclarationStatus,
    /// Whether the tax office took the declaration; none until it answered.
    pub declaration_validated: Option<bool>,
    /// Whether it took the payment order; none without payment or answer.
    pub payment_validated: Option<bool>,
    /// Paid with it; none where nothing is paid.
    pub payment_amount: Option<Cents>,
    /// Why it was rejected.
    pub reason_for_rejection: Option<&'static str>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// State of a VAT return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VatReturnStatus {
    /// Its month is not over.
    NotDone,
    /// Prepared, booked, not yet sent.
    Done,
    /// Sent.
    Sent,
    /// Accepted; nothing to pay.
    Accepted,
    /// Accepted and paid.
    Paid,
}

impl VatReturnStatus {
    /// The data share's word, e.g. `not done`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotDone => "not done",
            Self::Done => "done",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Paid => "paid",
        }
    }
}

/// The lines of form 3310-CA3, in whole euros. Bases without tax, taxes beside them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ca3 {
    /// A1, sales taxed in France (0979).
    pub a1_sales: i64,
    /// B2, intra-EU acquisitions (0031).
    pub b2_eu_purchases: i64,
    /// E1, exports (0032).
    pub e1_exports: i64,
    /// F2, intra-EU supplies (0034).
    pub f2_eu_sales: i64,
    /// 08, base at 20 % (0207), intra-EU acquisitions included.
    pub base_20: i64,
    /// 08, tax at 20 %.
    pub tax_20: i64,
    /// 09, base at 5.5 % (0105).
    pub base_55: i64,
    /// 09, tax at 5.5 %.
    pub tax_55: i64,
    /// 9B, base at 10 % (0151).
    pub base_10: i64,
    /// 9B, tax at 10 %.
    pub tax_10: i64,
    /// 15, VAT deducted before and to be repaid.
    pub line_15: i64,
    /// 16, gross VAT: the taxes and line 15.
    pub line_16: i64,
    /// 17, of which on intra-EU acquisitions (0035).
    pub line_17: i64,
    /// 19, deductible on fixed assets (0703).
    pub line_19: i64,
    /// 20, deductible on other goods and services (0702).
    pub line_20: i64,
    /// 21, other deductible VAT.
    pub line_21: i64,
    /// 22, credit carried from the period before (8001).
    pub line_22: i64,
    /// 23, deductible in all.
    pub line_23: i64,
    /// 25, credit: 23 − 16.
    pub line_25: i64,
    /// 26, refund asked for.
    pub line_26: i64,
    /// 27, credit to carry.
    pub line_27: i64,
    /// 28, net VAT due: 16 − 23.
    pub line_28: i64,
}

/// The VAT return of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatReturn {
    /// First day of the month.
    pub period_start: Date,
    /// Last day of the month.
    pub period_end: Date,
    /// State.
    pub status: VatReturnStatus,
    /// The form; all zero while not done.
    pub ca3: Ca3,
    /// The entry that clears the VAT accounts; none while not done, or when there was no VAT at all.
    pub entry_id: Option<u64>,
    /// Id of the [`TaxDeclaration`]; none while not done.
    pub declaration_id: Option<u64>,
    /// Day it has to be sent and paid.
    pub due: Date,
    /// Last change.
    pub updated_at: Timestamp,
}

impl VatReturn {
    /// What there is to pay (line 28), in cents; a credit (line 27) is negative. None while not done.
    #[must_use]
    pub fn amount(&self) -> Option<Cents> {
        (self.status != VatReturnStatus::NotDone)
            .then_some((self.ca3.line_28 - self.ca3.line_27) * 100)
    }
}
