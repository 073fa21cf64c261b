//! How large the company is: from the number of ledger lines asked for to sales a day.

use jiff::civil::{Date, Weekday, date};

use super::Settings;
use super::calendar;
use super::catalogue::{Cadence, PROFILES, Profile};
use super::model::Cents;

/// Ledger lines that come every month whatever the sales: taxes, loan, bank fees.
const FIXED_LINES_PER_MONTH: f64 = 27.0;
/// Ledger lines of a month of payroll, payments included.
const PAYROLL_LINES_PER_MONTH: f64 = 17.0;
/// Ledger lines of a bill that comes every month, payment included.
const LINES_PER_BILL: f64 = 5.0;
/// Ledger lines that follow from one sale: invoice, payment, its share of purchases and of their payments.
const LINES_PER_SALE: f64 = 9.45;
/// Mean amount of a sale without tax, in cents.
const SALE_MEAN: f64 = 78_000.0;
/// Purchases to one sale.
const PURCHASES_PER_SALE: f64 = 0.8;

/// The company's size, fixed on the day it is set up.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// First day of the first fiscal year.
    pub(super) founded: Date,
    /// Mean number of sales a day in the first year.
    volume: f64,
}

impl Plan {
    pub(super) fn new(settings: &Settings) -> Plan {
        let created = settings.created();
        // Small books cover fewer years, so that a month still has something in it.
        let past_years = match settings.lines {
            ..6_000 => 1,
            6_000..20_000 => 2,
            _ => 3,
        };
        let founded = date(created.year() - past_years, 1, 1);
        let mut plan = Plan { founded, volume: 1.0 };
        let (mut sales, mut months) = (0.0, 0.0);
        let mut day = founded;
        while day < created {
            sales += plan.sales(day);
            months += if day.day() == 1 { 1.0 } else { 0.0 };
            day = calendar::plus(day, 1);
        }
        // More sales are more lines: the volume that gives the number asked for is found by halving.
        let (mut low, mut high) = (0.0, settings.lines as f64);
        for _ in 0..60 {
            plan.volume = (low + high) / 2.0;
            let lines = months * plan.fixed_lines() + plan.volume * sales * LINES_PER_SALE;
            if lines < settings.lines as f64 { low = plan.volume } else { high = plan.volume }
        }
        plan
    }

    /// Ledger lines of a month without sales, in the first year.
    fn fixed_lines(&self) -> f64 {
        let year = self.founded.year();
        let bill = |kind: &&Profile| match kind.cadence {
            Cadence::Monthly { per_mille, .. } => self.bill(year, per_mille).is_some(),
            _ => false,
        };
        let bills = PROFILES.iter().filter(bill).count() as f64;
        let payroll = if self.headcount(year) > 0 { PAYROLL_LINES_PER_MONTH } else { 0.0 };
        FIXED_LINES_PER_MONTH + LINES_PER_BILL * bills + payroll
    }

    /// The amount without tax of a recurring bill, so many thousandths of a month's sales; none where it would be
    /// too small for a company of this size to have it at all.
    pub(super) fn bill(&self, year: i16, per_mille: i64) -> Option<Cents> {
        Some(self.month_revenue(year) * per_mille / 1_000).filter(|amount| *amount >= 2_000)
    }

    /// Mean number of sales on a day.
    pub(super) fn sales(&self, day: Date) -> f64 {
        const SEASON: [f64; 12] =
            [0.85, 0.9, 1.0, 1.0, 1.0, 1.05, 0.85, 0.55, 1.1, 1.15, 1.25, 1.3];
        let season = SEASON[(day.month() - 1) as usize];
        let week =
            if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) { 0.5 } else { 1.2 };
        self.volume * season * week * self.growth(day.year())
    }

    /// Mean number of occasional purchases on a working day.
    pub(super) fn purchases(&self, day: Date) -> f64 {
        // Seven days of sales are bought for on five.
        self.sales(day) / 1.2 * 1.4 * PURCHASES_PER_SALE
    }

    /// Planned sales of a month of this year without tax.
    pub(super) fn month_revenue(&self, year: i16) -> Cents {
        (self.volume * self.growth(year) * 30.4 * SALE_MEAN) as Cents
    }

    /// People employed in this year; none while the founders do everything themselves.
    pub(super) fn headcount(&self, year: i16) -> i64 {
        self.month_revenue(year) * 38 / 100 / 420_000
    }

    /// Mean number of entries a day.
    pub(super) fn entries_per_day(&self) -> f64 {
        self.volume * 6.0 + 3.0
    }

    fn growth(&self, year: i16) -> f64 {
        1.0 + 0.06 * f64::from(year - self.founded.year()).clamp(0.0, 12.0)
    }
}
