//! The analysis: axes, categories and their weights.

use jiff::Timestamp;

/// An axis of the analysis, e.g. `Activité`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryGroup {
    /// Id of the group.
    pub id: u64,
    /// Name.
    pub label: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Which way the money goes; categories of a treasury group only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Money in.
    CashIn,
    /// Money out.
    CashOut,
}

impl Direction {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CashIn => "cash_in",
            Self::CashOut => "cash_out",
        }
    }
}

/// A category of one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Id of the category.
    pub id: u64,
    /// Its axis.
    pub group_id: u64,
    /// Name.
    pub label: String,
    /// Code of the analysis, e.g. `WEB`.
    pub analytical_code: Option<String>,
    /// Way of the money.
    pub direction: Option<Direction>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// A part of an amount given to a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightedCategory {
    /// The category.
    pub category_id: u64,
    /// Its part in per cent, 1 to 100.
    pub percent: u8,
}
