//! The monthly VAT return: form 3310-CA3, its entry, its way to the tax office, its payment.
//!
//! The company pays VAT on debits for services too, and its suppliers do the same: tax is due, and deductible, with the
//! invoice.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::analysis::Tag;
use super::books::{Book, Heading, Leg};
use super::calendar;
use super::ids;
use super::model::{
    Ca3, Cents, DeclarationStatus, TaxDeclaration, TaxKind, VatCode, VatReturn, VatReturnStatus,
};
use super::payroll::french_month;
use super::simulation::{Event, Simulation};

/// Day of the month on which this company declares and pays.
const DUE_DAY: i8 = 21;

/// Bases of a month without tax.
#[derive(Debug, Default)]
pub(super) struct VatMonth {
    sales: BTreeMap<VatCode, Cents>,
    eu_purchases: Cents,
}

impl VatMonth {
    pub(super) fn sold(&mut self, code: VatCode, amount: Cents) {
        *self.sales.entry(code).or_default() += amount;
    }

    pub(super) fn bought_in_eu(&mut self, amount: Cents) {
        self.eu_purchases += amount;
    }

    fn sales(&self, code: VatCode) -> Cents {
        self.sales.get(&code).copied().unwrap_or_default()
    }
}

/// Balances of the VAT accounts at the end of a month, each with the sign that is usual for it.
struct VatAccounts {
    collected_20: Cents,
    collected_10: Cents,
    collected_55: Cents,
    owed_eu: Cents,
    on_assets: Cents,
    on_others: Cents,
    carried: Cents,
}

impl Simulation {
    /// On the first of a month: the return of the month before, booked on its last day.
    pub(super) fn prepare_vat_return(&mut self) {
        let period_end = calendar::plus(self.day, -1);
        let month = std::mem::take(&mut self.vat_month);
        let ca3 = fill(&month, &self.vat_accounts());
        let entry_id = self.book_vat_return(&ca3, period_end);
        let due = calendar::working_day_from(date(self.day.year(), self.day.month(), DUE_DAY));
        let declaration = self.declare(
            TaxKind::Vat,
            "3310CA3",
            (period_end.first_of_month(), period_end),
            Some(ca3.line_28 * 100).filter(|amount| *amount != 0),
            calendar::working_day_from(date(self.day.year(), self.day.month(), 15)),
        );
        let at = self.declarations[declaration].created_at;
        self.vat_returns.push(VatReturn {
            period_start: period_end.first_of_month(),
            period_end,
            status: VatReturnStatus::Done,
            ca3,
            entry_id,
            declaration_id: Some(self.declarations[declaration].id),
            due,
            updated_at: at,
        });
        if ca3.line_28 > 0 {
            self.plan(due, Event::PayVat(self.vat_returns.len() - 1));
        }
    }

    fn vat_accounts(&self) -> VatAccounts {
        let collected = |code| -self.books.balance_of(self.books.taxed_account("44571", code));
        VatAccounts {
            collected_20: collected(VatCode::Fr200),
            collected_10: collected(VatCode::Fr100),
            collected_55: collected(VatCode::Fr55),
            owed_eu: -self.books.balance("4452"),
            on_assets: self.books.balance("44562"),
            on_others: self.books.balance_under("44566"),
            carried: self.books.balance("44567"),
        }
    }

    /// Clears the VAT accounts; what rounding to whole euros leaves goes to 658 or 758.
    fn book_vat_return(&mut self, ca3: &Ca3, period_end: Date) -> Option<u64> {
        let mut legs = Vec::new();
        for prefix in ["44571", "4452", "44562", "44566", "44567"] {
            for account in self.books.accounts_under(prefix) {
                legs.push(Leg::credit(account, self.books.balance_of(account)));
            }
        }
        let owed = self.books.account("44551");
        legs.push(Leg::credit(owed, ca3.line_28 * 100));
        legs.push(Leg::debit(self.books.account("44567"), ca3.line_27 * 100));
        let rounding: Cents = legs.iter().map(|leg| leg.amount).sum();
        legs.push(Leg::credit(
            self.books.account(if rounding > 0 { "758" } else { "658" }),
            rounding,
        ));
        if legs.iter().all(|leg| leg.amount == 0) {
            return None;
        }
        let label = format!(
            "Déclaration de TVA {} {}",
            french_month(period_end.month()),
            period_end.year()
        );
        let heading = Heading::plain(Book::Vat, period_end, &label, self.piece("TVA", period_end));
        let at = self.now();
        let entry = self.books.post(heading, &legs, at, &mut self.log);
        if ca3.line_28 > 0 {
            let line = self.books.line_on(entry, owed);
            self.open_lines.entry(owed).or_default().push(line);
        }
        Some(self.books.entries[entry].id)
    }

    /// Pays a return.
    pub(super) fn pay_vat(&mut self, vat_return: usize) {
        let owed = self.books.account("44551");
        self.pay_off(owed, "PRLV DGFIP TVA 3310CA3", Tag::Taxes);
        let at = self.now();
        let paid = &mut self.vat_returns[vat_return];
        paid.status = VatReturnStatus::Paid;
        paid.updated_at = at;
    }

    /// Prepares a declaration that is sent on `sent` and answered on the next working day.
    pub(super) fn declare(
        &mut self,
        kind: TaxKind,
        form: &'static str,
        (period_start, period_end): (Date, Date),
        payment_amount: Option<Cents>,
        sent: Date,
    ) -> usize {
        let place = self.declarations.len();
        let at = self.now();
        self.declarations.push(TaxDeclaration {
            id: ids::DECLARATIONS.id(place),
            kind,
            form,
            declaration_id: None,
            period_start,
            period_end,
            status: DeclarationStatus::Created,
            declaration_validated: None,
            payment_validated: None,
            payment_amount,
            reason_for_rejection: None,
            created_at: at,
            updated_at: at,
        });
        self.plan(sent, Event::SendDeclaration(place));
        place
    }

    /// A declaration goes to the tax office.
    pub(super) fn send_declaration(&mut self, declaration: usize) {
        let at = self.now();
        let number = 70_000_000 + self.chance.below(9_000_000);
        let sent = &mut self.declarations[declaration];
        sent.status = DeclarationStatus::Sent;
        sent.declaration_id = Some(number);
        sent.updated_at = at;
        self.mark_vat_return(declaration, VatReturnStatus::Sent);
        let answer = calendar::working_day_from(calendar::plus(self.day, 1));
        self.plan(answer, Event::AcceptDeclaration(declaration));
    }

    /// The tax office answers: it accepts, or rejects and gets another one.
    pub(super) fn accept_declaration(&mut self, declaration: usize) {
        let at = self.now();
        let rejected =
            self.declarations[declaration].kind == TaxKind::Vat && self.chance.per_mille(50);
        let answered = &mut self.declarations[declaration];
        answered.updated_at = at;
        answered.declaration_validated = Some(!rejected);
        if !rejected {
            answered.status = DeclarationStatus::Accepted;
            answered.payment_validated = answered.payment_amount.map(|_| true);
            self.mark_vat_return(declaration, VatReturnStatus::Accepted);
            return;
        }
        answered.status = DeclarationStatus::Rejected;
        answered.payment_validated = answered.payment_amount.map(|_| false);
        answered.reason_for_rejection = Some("Coordonnées bancaires absentes du fichier transmis");
        let TaxDeclaration { id, kind, form, period_start, period_end, payment_amount, .. } =
            *answered;
        let again = calendar::plus(self.day, 1);
        let second = self.declare(kind, form, (period_start, period_end), payment_amount, again);
        let second_id = self.declarations[second].id;
        for vat_return in &mut self.vat_returns {
            if vat_return.declaration_id == Some(id) {
                vat_return.declaration_id = Some(second_id);
                vat_return.status = VatReturnStatus::Done;
                vat_return.updated_at = at;
            }
        }
    }

    /// Once paid, a return stays paid whatever the tax office still answers.
    fn mark_vat_return(&mut self, declaration: usize, status: VatReturnStatus) {
        let TaxDeclaration { id, updated_at, .. } = self.declarations[declaration];
        for vat_return in self.vat_returns.iter_mut().rev().take(3) {
            if vat_return.declaration_id == Some(id) && vat_return.status != VatReturnStatus::Paid {
                vat_return.status = status;
                vat_return.updated_at = updated_at;
            }
        }
    }

    /// The returns of the rest of the year, still to do.
    pub(super) fn add_vat_returns_to_do(&mut self) {
        let today = self.settings.today;
        // The state of the books is that of the eve of the present day.
        let mut start = calendar::plus(today, -1).first_of_month();
        while start.year() == calendar::plus(today, -1).year() {
            let next = calendar::plus(start.last_of_month(), 1);
            self.vat_returns.push(VatReturn {
                period_start: start,
                period_end: start.last_of_month(),
                status: VatReturnStatus::NotDone,
                ca3: Ca3::default(),
                entry_id: None,
                declaration_id: None,
                due: calendar::working_day_from(date(next.year(), next.month(), DUE_DAY)),
                updated_at: self.identity.created_at,
            });
            start = next;
        }
    }
}

/// Fills in the form. A rate whose credit notes exceed its sales is deducted on line 21.
fn fill(month: &VatMonth, accounts: &VatAccounts) -> Ca3 {
    let taxes =
        [accounts.collected_20 + accounts.owed_eu, accounts.collected_10, accounts.collected_55];
    let bases = [
        month.sales(VatCode::Fr200) + month.eu_purchases,
        month.sales(VatCode::Fr100),
        month.sales(VatCode::Fr55),
    ];
    let mut ca3 = Ca3 {
        a1_sales: euros(bases.iter().sum::<Cents>() - month.eu_purchases).max(0),
        b2_eu_purchases: euros(month.eu_purchases),
        e1_exports: euros(month.sales(VatCode::Extracom)).max(0),
        f2_eu_sales: euros(month.sales(VatCode::Crossborder)).max(0),
        base_20: euros(bases[0]).max(0),
        tax_20: euros(taxes[0]).max(0),
        base_10: euros(bases[1]).max(0),
        tax_10: euros(taxes[1]).max(0),
        base_55: euros(bases[2]).max(0),
        tax_55: euros(taxes[2]).max(0),
        line_17: euros(accounts.owed_eu),
        line_19: euros(accounts.on_assets),
        line_20: euros(accounts.on_others),
        line_21: taxes.iter().map(|tax| euros(-tax).max(0)).sum(),
        line_22: euros(accounts.carried),
        ..Ca3::default()
    };
    ca3.line_16 = ca3.tax_20 + ca3.tax_10 + ca3.tax_55 + ca3.line_15;
    ca3.line_23 = ca3.line_19 + ca3.line_20 + ca3.line_21 + ca3.line_22;
    ca3.line_28 = (ca3.line_16 - ca3.line_23).max(0);
    ca3.line_25 = (ca3.line_23 - ca3.line_16).max(0);
    ca3.line_27 = ca3.line_25 - ca3.line_26;
    ca3
}

/// Whole euros, halves away from zero.
pub(super) fn euros(amount: Cents) -> i64 {
    (amount.abs() + 50) / 100 * amount.signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_round_half_away_from_zero() {
        for (cents, expected) in [(149, 1), (150, 2), (-150, -2), (-149, -1), (0, 0)] {
            assert_eq!(euros(cents), expected, "{cents}");
        }
    }

    #[test]
    fn a_credit_is_carried_and_nothing_is_due() {
        let mut month = VatMonth::default();
        month.sold(VatCode::Fr200, 100_000);
        let accounts = VatAccounts {
            collected_20: 20_000,
            collected_10: 0,
            collected_55: 0,
            owed_eu: 0,
            on_assets: 30_000,
            on_others: 1_049,
            carried: 500,
        };
        let ca3 = fill(&month, &accounts);
        assert_eq!((ca3.line_16, ca3.line_23), (200, 315));
        assert_eq!((ca3.line_25, ca3.line_27, ca3.line_28), (115, 115, 0));
    }
}
