//! What the month brings whatever is sold: salaries, contributions, the loan, bank fees.

use super::analysis::{self, Tag};
use super::books::{Account, Book, Heading, Leg, Line};
use super::calendar;
use super::model::{Cents, VatCode};
use super::simulation::Simulation;

/// Mean gross salary of a month, in cents.
const GROSS_MEAN: Cents = 295_000;
/// The loan is paid back in so many months.
const LOAN_MONTHS: Cents = 84;
const SOCIAL_ACCOUNTS: [&str; 3] = ["431", "437", "4421"];

impl Simulation {
    /// Salaries and fees on the last working day, contributions and the loan on their days.
    pub(super) fn pay_salaries_and_loans(&mut self) {
        let first_month = self.day.year() == self.plan.founded.year() && self.day.month() == 1;
        if self.falls_in_month(10) && !first_month {
            self.repay_loan();
        }
        // Employers of fifty and more pay ten days earlier.
        let day = if self.plan.headcount(self.day.year()) >= 50 { 5 } else { 15 };
        if self.falls_in_month(day) {
            self.pay_contributions();
        }
        if self.day == calendar::last_working_day_of_month(self.day) {
            if self.plan.headcount(self.day.year()) > 0 {
                self.pay_salaries();
            }
            self.pay_bank_fees();
        }
    }

    fn pay_salaries(&mut self) {
        let heads = self.plan.headcount(self.day.year());
        let variation = self.chance.between(985, 1_015);
        // A quarter of a month more in June and in December.
        let bonus = if matches!(self.day.month(), 6 | 12) { 1_250 } else { 1_000 };
        let gross = heads * GROSS_MEAN * variation / 1_000 * bonus / 1_000;
        let employee = gross * 22 / 100;
        let employer = gross * 415 / 1_000;
        let training = gross * 123 / 10_000;
        let income_tax = gross * 45 / 1_000;
        let other_bodies = (employee + employer) * 24 / 100;
        let social_security = employee + employer + training - other_bodies;
        let net = gross - employee - income_tax;
        let account = |number: &str| self.books.account(number);
        let (workshop, shop) = (gross * 45 / 100, gross * 30 / 100);
        let legs = [
            Leg::debit(account("641"), workshop).tagged(&analysis::whole(Tag::Installation)),
            Leg::debit(account("641"), shop).tagged(&analysis::whole(Tag::Web)),
            Leg::debit(account("641"), gross - workshop - shop)
                .tagged(&analysis::whole(Tag::Structure)),
            Leg::debit(account("645"), employer),
            Leg::debit(account("6333"), training),
            Leg::credit(account("421"), net),
            Leg::credit(account("431"), social_security),
            Leg::credit(account("437"), other_bodies),
            Leg::credit(account("4421"), income_tax),
        ];
        let wages = account("421");
        let month = french_month(self.day.month());
        let label = format!("Paie {month} {}", self.day.year());
        let heading = Heading::plain(Book::Payroll, self.day, &label, self.piece("PA", self.day));
        let at = self.now();
        let entry = self.books.post(heading, &legs, at, &mut self.log);
        for number in SOCIAL_ACCOUNTS {
            let account = self.books.account(number);
            let line = self.books.line_on(entry, account);
            self.open_lines.entry(account).or_default().push(line);
        }
        let label = format!("VIR SALAIRES {}", month.to_uppercase());
        let payment = self.tagged_bank_move(-net, &label, Tag::Salaries, &[Leg::debit(wages, net)]);
        let lines = [self.books.line_on(entry, wages), self.books.line_on(payment, wages)];
        let at = self.now();
        self.books.letter(&lines, at, &mut self.log);
    }

    fn pay_contributions(&mut self) {
        for (number, label) in
            SOCIAL_ACCOUNTS.into_iter().zip(["URSSAF", "RETRAITE PREVOYANCE", "DGFIP PAS"])
        {
            let account = self.books.account(number);
            self.pay_off(account, &format!("PRLV SEPA {label}"), Tag::Salaries);
        }
    }

    /// Pays the whole balance of an account of the state or of a social body, and letters it.
    pub(super) fn pay_off(&mut self, account: Account, label: &str, tag: Tag) {
        let owed = -self.books.balance_of(account);
        if owed == 0 {
            return;
        }
        let payment = self.tagged_bank_move(-owed, label, tag, &[Leg::debit(account, owed)]);
        let line = self.books.line_on(payment, account);
        self.await_settlement(account, line);
    }

    /// Adds a line to those that wait on an account, and letters them all once they settle each other.
    pub(super) fn await_settlement(&mut self, account: Account, line: Line) {
        let at = self.now();
        let open = self.open_lines.entry(account).or_default();
        open.push(line);
        self.books.letter_all(account, open, at, &mut self.log);
    }

    fn repay_loan(&mut self) {
        let left = -self.books.balance("164");
        if left <= 0 {
            return;
        }
        let principal = (self.loan_principal / LOAN_MONTHS).min(left).max(1);
        // The last instalment takes the odd cents with it.
        let principal =
            if left - principal < self.loan_principal / LOAN_MONTHS { left } else { principal };
        let interest = left * 36 / 12_000;
        let insurance = self.loan_principal * 3 / 10_000;
        let legs = [
            Leg::debit(self.books.account("164"), principal),
            Leg::debit(self.books.account("661"), interest),
            Leg::debit(self.books.account("616"), insurance),
        ];
        self.tagged_bank_move(
            -(principal + interest + insurance),
            "ECHEANCE PRET PROFESSIONNEL",
            Tag::Financing,
            &legs,
        );
    }

    fn pay_bank_fees(&mut self) {
        let fees = 2_400 + self.plan.month_revenue(self.day.year()) / 2_000;
        let tax = VatCode::Fr200.tax(fees);
        let legs = [
            Leg::debit(self.books.account("627"), fees),
            Leg::debit(self.books.taxed_account("44566", VatCode::Fr200), tax),
        ];
        self.bank_move(0, -(fees + tax), "COMMISSIONS ET FRAIS BANCAIRES", Some("B3F"), &legs);
    }
}

/// A month's name.
pub(super) fn french_month(month: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    MONTHS[(month - 1) as usize]
}
