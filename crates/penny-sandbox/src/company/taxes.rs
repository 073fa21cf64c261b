//! The other taxes and the yearly declarations, on their days.

use jiff::civil::{Date, date};

use super::analysis::Tag;
use super::books::{Book, Heading, Leg};
use super::calendar;
use super::model::{Cents, FiscalYearStatus, TaxKind};
use super::simulation::{Event, Simulation};
use super::vat::euros;

/// Below this reference tax (3,000 €) there are no instalments.
const INSTALMENTS_FROM: Cents = 300_000;
/// Above these sales (152,500 €) the value added is declared.
const VALUE_ADDED_FROM: Cents = 15_250_000;

impl Simulation {
    /// What the tax calendar asks for today.
    pub(super) fn meet_tax_calendar(&mut self) {
        for month in [3, 6, 9, 12] {
            if self.falls_on(month, 15) {
                self.pay_corporate_tax_instalment();
            }
        }
        if self.falls_on(6, 15) && self.carried.business_rates >= INSTALMENTS_FROM {
            let half = self.carried.business_rates / 200 * 100;
            self.pay_business_rates(half);
        }
        if self.falls_on(11, 16) {
            self.receive_business_rates_notice();
        }
        if self.falls_on(12, 15) {
            let owed = -self.books.balance("447");
            self.pay_business_rates(owed);
        }
        let second_year = self.day.year() > self.plan.founded.year();
        if second_year && self.falls_on(5, 12) {
            self.file_accounts();
        }
        if second_year && self.falls_on(5, 20) {
            self.seal_year();
        }
        if second_year && self.falls_on(6, 25) {
            self.allocate_result();
        }
    }

    fn pay_corporate_tax_instalment(&mut self) {
        if self.carried.reference_tax < INSTALMENTS_FROM {
            return;
        }
        let amount = euros(self.carried.reference_tax / 4) * 100;
        self.pay_corporate_tax(self.day.year(), amount, "PRLV DGFIP IS ACOMPTE 2571");
        let year = whole_year(self.day.year());
        let sent = calendar::working_day_from(calendar::plus(self.day, 1));
        self.declare(TaxKind::CorporateTax, "2571", year, Some(amount), sent);
    }

    /// Pays corporate tax of a year; a negative amount comes back.
    fn pay_corporate_tax(&mut self, year: i16, amount: Cents, label: &str) {
        let account = self.books.account("444");
        let payment =
            self.tagged_bank_move(-amount, label, Tag::Taxes, &[Leg::debit(account, amount)]);
        let line = self.books.line_on(payment, account);
        self.carried.corporate_tax_lines.entry(year).or_default().push(line);
    }

    /// The rest of a year's tax, with form 2572, or what was paid too much.
    pub(super) fn pay_corporate_tax_balance(&mut self, year: i16) {
        let lines = self.carried.corporate_tax_lines.get(&year).cloned().unwrap_or_default();
        let line_amount =
            |line: &usize| self.books.lines[*line].credit - self.books.lines[*line].debit;
        let owed: Cents = lines.iter().map(line_amount).sum();
        if owed != 0 {
            let label =
                if owed > 0 { "PRLV DGFIP IS SOLDE 2572" } else { "VIR DGFIP RESTITUTION IS" };
            self.pay_corporate_tax(year, owed, label);
        }
        let lines = self.carried.corporate_tax_lines.remove(&year).unwrap_or_default();
        if lines.len() >= 2 {
            let at = self.now();
            self.books.letter(&lines, at, &mut self.log);
        }
        let sent = calendar::working_day_from(calendar::plus(self.day, 1));
        self.declare(
            TaxKind::CorporateTax,
            "2572",
            whole_year(year),
            Some(owed.max(0)).filter(|paid| *paid != 0),
            sent,
        );
    }

    /// The yearly notice of the contribution foncière: it grows with the company.
    fn receive_business_rates_notice(&mut self) {
        let due = (60_000 + self.plan.month_revenue(self.day.year()) / 40) / 100 * 100;
        let account = self.books.account("447");
        let legs = [Leg::debit(self.books.account("63511"), due), Leg::credit(account, due)];
        let label = format!("CFE {}", self.day.year());
        let heading = Heading::plain(Book::Misc, self.day, &label, self.piece("OD", self.day));
        let at = self.now();
        let entry = self.books.post(heading, &legs, at, &mut self.log);
        let line = self.books.line_on(entry, account);
        self.carried.business_rates = due;
        self.await_settlement(account, line);
    }

    fn pay_business_rates(&mut self, amount: Cents) {
        if amount == 0 {
            return;
        }
        let account = self.books.account("447");
        // More was paid in June than the notice asks for: it comes back.
        let label = if amount > 0 { "PRLV DGFIP CFE" } else { "VIR DGFIP DEGREVEMENT CFE" };
        let payment =
            self.tagged_bank_move(-amount, label, Tag::Taxes, &[Leg::debit(account, amount)]);
        let line = self.books.line_on(payment, account);
        self.await_settlement(account, line);
    }

    /// Result package, value added, fees: all of the year before.
    fn file_accounts(&mut self) {
        let period = whole_year(self.day.year() - 1);
        let sent = calendar::working_day_from(calendar::plus(self.day, 4));
        self.declare(TaxKind::Accounts, "2065", period, None, sent);
        if self.carried.sales > VALUE_ADDED_FROM {
            self.declare(TaxKind::Cvae, "1330", period, None, sent);
        }
        self.declare(TaxKind::Das2, "DAS2", period, None, sent);
    }

    /// Closes the year before: from now on its entries are final.
    fn seal_year(&mut self) {
        let at = self.now();
        let ended = self.day.year() - 1;
        let year = self
            .fiscal_years
            .iter_mut()
            .find(|year| year.start.year() == ended)
            .expect("every year of the company's life has a fiscal year");
        year.status = FiscalYearStatus::Closed;
        year.closed_at = Some(at);
        year.updated_at = at;
    }

    /// The general meeting: losses first, the legal reserve, dividends, the rest carried forward.
    fn allocate_result(&mut self) {
        let result = std::mem::take(&mut self.carried.result);
        let mut legs = if result >= 0 {
            vec![Leg::debit(self.books.account("120"), result)]
        } else {
            vec![Leg::credit(self.books.account("129"), -result)]
        };
        if result < 0 {
            legs.push(Leg::debit(self.books.account("119"), -result));
        }
        let old_losses = self.books.balance("119").min(result).max(0);
        let mut left = result.max(0) - old_losses;
        legs.push(Leg::credit(self.books.account("119"), old_losses));
        let reserve_missing = self.identity.capital / 10 + self.books.balance("1061");
        let reserve = (left / 20).min(reserve_missing).max(0);
        left -= reserve;
        legs.push(Leg::credit(self.books.account("1061"), reserve));
        let dividends = left * 30 / 100 / 10_000 * 10_000;
        legs.push(Leg::credit(self.books.account("457"), dividends));
        legs.push(Leg::credit(self.books.account("110"), left - dividends));
        if result != 0 {
            let label = format!("Affectation du résultat {}", self.day.year() - 1);
            let heading = Heading::plain(Book::Misc, self.day, &label, self.piece("OD", self.day));
            let at = self.now();
            let entry = self.books.post(heading, &legs, at, &mut self.log);
            if dividends > 0 {
                let account = self.books.account("457");
                let line = self.books.line_on(entry, account);
                self.await_settlement(account, line);
                let day = calendar::working_day_from(date(self.day.year(), 7, 8));
                self.plan(day, Event::PayDividends { net: dividends * 70 / 100 });
            }
        }
    }

    /// Dividends are paid without the 30 % that the company keeps for the tax office.
    pub(super) fn pay_dividends(&mut self, net: Cents) {
        let account = self.books.account("457");
        let total = -self.books.balance_of(account);
        let tax = total - net;
        let withheld = self.books.account("4423");
        let legs = [Leg::debit(account, total), Leg::credit(withheld, tax)];
        let entry = self.bank_move(0, -net, "VIR DIVIDENDES ASSOCIES", Some("B1D"), &legs);
        let (line, tax_line) =
            (self.books.line_on(entry, account), self.books.line_on(entry, withheld));
        self.await_settlement(account, line);
        self.await_settlement(withheld, tax_line);
        let day = calendar::working_day_from(date(self.day.year(), 8, 15));
        let period = (self.day.first_of_month(), self.day.last_of_month());
        self.declare(TaxKind::Rcm, "2777", period, Some(tax), day);
        self.plan(day, Event::PayDividendTax { amount: tax });
    }

    /// Pays what was withheld from dividends.
    pub(super) fn pay_dividend_tax(&mut self, amount: Cents) {
        let account = self.books.account("4423");
        assert_eq!(-self.books.balance_of(account), amount, "what was withheld is still owed");
        self.pay_off(account, "PRLV DGFIP RCM 2777", Tag::Taxes);
    }
}

fn whole_year(year: i16) -> (Date, Date) {
    (date(year, 1, 1), date(year, 12, 31))
}
