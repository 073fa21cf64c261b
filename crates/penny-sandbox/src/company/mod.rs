//! A French company that does not exist, generated with its books.

pub mod model;

mod analysis;
mod books;
mod calendar;
mod catalogue;
mod chance;
mod chart;
mod clock;
mod closing;
mod founding;
mod identifiers;
mod ids;
mod log;
mod names;
mod parties;
mod payroll;
mod plan;
mod purchases;
mod sales;
mod simulation;
mod taxes;
mod treasury;
mod upkeep;
mod vat;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use model::Company;

/// What a company is generated from: the same settings give the same company on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Any number; another number is another company.
    pub seed: u64,
    /// Approximate number of ledger lines on the day of creation, at least 2,000.
    pub lines: u64,
    /// The company's present day; everything before it has happened.
    pub today: Date,
    /// How many days the company has lived since its creation: `created = today − advanced_days`.
    pub advanced_days: u32,
}

impl Settings {
    /// The day on which the company was set up; its size and its past are those of that day.
    #[must_use]
    pub fn created(&self) -> Date {
        self.today.saturating_sub(i64::from(self.advanced_days).days())
    }

    /// The same company so many days later.
    #[must_use]
    pub fn advance(&self, days: u32) -> Settings {
        Settings {
            today: self.today.saturating_add(i64::from(days).days()),
            advanced_days: self.advanced_days.saturating_add(days),
            ..self.clone()
        }
    }
}

impl Company {
    /// Lives the company of these settings from its foundation to the eve of its present day.
    ///
    /// Each day draws its chance from its own stream, so the company of `settings.advance(3)` is this company with
    /// three days more: records added, changed and removed, and everything else as it was.
    #[must_use]
    pub fn generate(settings: &Settings) -> Company {
        simulation::live(settings)
    }
}
