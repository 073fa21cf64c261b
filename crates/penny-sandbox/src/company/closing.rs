//! The year end: inventory entries on 31 December, opening entry on 1 January, what is reversed after it.

use jiff::civil::{Date, date};

use super::books::{Account, Book, Entry, Heading, Leg};
use super::calendar;
use super::model::{Cents, VatCode};
use super::simulation::{Event, Simulation};

impl Simulation {
    /// On 1 January, before anything of the new year is booked: ends the year before.
    pub(super) fn close_year(&mut self) {
        let last = calendar::plus(self.day, -1);
        self.depreciate(last);
        self.count_stock(last);
        let prepaid = self.defer_insurance(last);
        let expected = self.expect_fees(last);
        self.owe_corporate_tax(last);
        self.carry_over(last);
        self.piece_numbers = 0;
        self.invoice_numbers = 0;
        self.credit_note_numbers = 0;
        self.open_fiscal_year(self.day.year() + 1);
        for (label, entry) in [
            ("Extourne charges constatées d'avance", prepaid),
            ("Extourne factures non parvenues", expected),
        ] {
            if let Some(entry) = entry {
                self.reverse(label, entry);
            }
        }
    }

    /// An entry of the journal of sundry operations; none where it would be empty.
    fn sundry(&mut self, day: Date, label: &str, legs: &[Leg]) -> Option<Entry> {
        if legs.iter().all(|leg| leg.amount == 0) {
            return None;
        }
        let heading = Heading::plain(Book::Misc, day, label, self.piece("OD", day));
        let heading = Heading { created_by: Some("accountant@cabinet-verdier.example"), ..heading };
        let at = self.now();
        Some(self.books.post(heading, legs, at, &mut self.log))
    }

    /// Straight line, by days of a year of 360.
    fn depreciate(&mut self, last: Date) {
        let mut totals: Vec<(&str, Cents)> = Vec::new();
        for asset in &mut self.assets {
            let days = calendar::days_360(asset.in_service, last).min(asset.years * 360);
            let due = asset.cost * days / (asset.years * 360);
            let charge = due - asset.depreciated;
            asset.depreciated = due;
            let wear = match asset.account {
                "205" => "2805",
                "2154" => "28154",
                "2182" => "28182",
                "2183" => "28183",
                _ => "28184",
            };
            match totals.iter_mut().find(|(account, _)| *account == wear) {
                Some((_, total)) => *total += charge,
                None => totals.push((wear, charge)),
            }
        }
        totals.sort_unstable();
        let sum = totals.iter().map(|(_, total)| total).sum();
        let mut legs = vec![Leg::debit(self.books.account("6811"), sum)];
        legs.extend(
            totals.iter().map(|(account, total)| Leg::credit(self.books.account(account), *total)),
        );
        self.sundry(last, &format!("Dotations aux amortissements {}", last.year()), &legs);
    }

    /// About six weeks of purchases are on the shelves.
    fn count_stock(&mut self, last: Date) {
        let opening = self.carried.stock;
        let closing = self.books.balance_under("607") * self.chance.between(110, 140) / 1_000;
        let (stock, variation) = (self.books.account("37"), self.books.account("6037"));
        self.sundry(
            last,
            "Annulation du stock initial",
            &[Leg::debit(variation, opening), Leg::credit(stock, opening)],
        );
        self.sundry(
            last,
            "Stock final",
            &[Leg::debit(stock, closing), Leg::credit(variation, closing)],
        );
        self.carried.stock = closing;
    }

    /// Two months of the insurance paid in March belong to the next year.
    fn defer_insurance(&mut self, last: Date) -> Option<Entry> {
        let amount = self.books.balance("616") / 6;
        let legs = [
            Leg::debit(self.books.account("486"), amount),
            Leg::credit(self.books.account("616"), amount),
        ];
        self.sundry(last, "Charges constatées d'avance - assurances", &legs)
    }

    /// The fees for the accounts of the year come with an invoice of the next.
    fn expect_fees(&mut self, last: Date) -> Option<Entry> {
        let fees = (self.plan.month_revenue(last.year()) / 100).max(40_000);
        let tax = VatCode::Fr200.tax(fees);
        let legs = [
            Leg::debit(self.books.account("6226"), fees),
            Leg::debit(self.books.account("44586"), tax),
            Leg::credit(self.books.account("4081"), fees + tax),
        ];
        self.sundry(last, "Factures non parvenues - honoraires", &legs)
    }

    /// The tax on the year's profit, losses of earlier years deducted.
    fn owe_corporate_tax(&mut self, last: Date) {
        let profit = -(self.books.balance_under("6") + self.books.balance_under("7"));
        let sales = -self.books.balance_under("70");
        let taxable = if profit < 0 {
            self.carried.losses += -profit;
            0
        } else {
            let used = profit.min(self.carried.losses);
            self.carried.losses -= used;
            profit - used
        };
        let tax = corporate_tax(taxable, sales);
        let account = self.books.account("444");
        let legs = [Leg::debit(self.books.account("695"), tax), Leg::credit(account, tax)];
        if let Some(entry) =
            self.sundry(last, &format!("Impôt sur les bénéfices {}", last.year()), &legs)
        {
            let line = self.books.line_on(entry, account);
            self.carried.corporate_tax_lines.entry(last.year()).or_default().push(line);
        }
        self.carried.reference_tax = tax;
        self.carried.sales = sales;
        let balance_day = calendar::working_day_from(date(self.day.year(), 5, 15));
        self.plan(balance_day, Event::PayCorporateTaxBalance { year: last.year() });
    }

    /// The opening entry: the balances of classes 1 to 5, and the result of the year that ended.
    fn carry_over(&mut self, last: Date) {
        let result = -(self.books.balance_under("6") + self.books.balance_under("7"));
        self.carried.result = result;
        let account = self.books.account(if result >= 0 { "120" } else { "129" });
        self.books.begin_year();
        self.books.take_result(account, -result);
        let mut accounts: Vec<Account> = (0..self.books.accounts.len())
            .filter(|account| self.books.balance_of(*account) != 0)
            .collect();
        accounts.sort_by(|left, right| {
            self.books.accounts[*left].number.cmp(&self.books.accounts[*right].number)
        });
        let legs: Vec<Leg> = accounts
            .into_iter()
            .map(|account| Leg::debit(account, self.books.balance_of(account)))
            .collect();
        let piece = format!("AN-{}", self.day.year());
        let heading = Heading::plain(
            Book::Carryover,
            self.day,
            &format!("À-nouveaux au {}", last.strftime("%d/%m/%Y")),
            piece,
        );
        let at = self.now();
        self.books.carry_over(heading, &legs, at, &mut self.log);
    }

    /// The same entry with debits and credits exchanged, today.
    fn reverse(&mut self, label: &str, entry: Entry) {
        let legs: Vec<Leg> = self
            .books
            .lines_of(entry)
            .map(|line| &self.books.lines[line])
            .map(|line| {
                Leg::debit(super::simulation::account_of(line.account_id), line.credit - line.debit)
            })
            .collect();
        self.sundry(self.day, label, &legs);
    }
}

/// 15 % up to 42,500 € for a turnover below ten million, 25 % above; in whole euros.
fn corporate_tax(taxable: Cents, sales: Cents) -> Cents {
    const REDUCED_UP_TO: Cents = 4_250_000;
    let reduced = if sales < 1_000_000_000 { taxable.min(REDUCED_UP_TO) } else { 0 };
    super::vat::euros(reduced * 15 / 100 + (taxable - reduced) * 25 / 100) * 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corporate_tax_has_two_rates() {
        for (taxable, sales, expected) in [
            (0, 1, 0),
            (4_250_000, 90_000_000, 637_500),
            (10_000_000, 90_000_000, 637_500 + 1_437_500),
            (10_000_000, 1_000_000_000, 2_500_000),
        ] {
            assert_eq!(corporate_tax(taxable, sales), expected, "{taxable} of {sales}");
        }
    }
}
