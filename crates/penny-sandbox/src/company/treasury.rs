//! The bank: money in, money out, what nobody recognises at once, transfers between own accounts.

use jiff::Timestamp;

use super::analysis::{self, Tag};
use super::books::{Book, Entry, Heading, Leg, Line};
use super::calendar;
use super::ids;
use super::model::{
    Cents, CustomerKind, EntryStatus, MatchedInvoice, PaymentStatus, Resource,
    SupplierPaymentMethod, Tombstone, Transaction,
};
use super::names;
use super::simulation::{
    CustomerInvoiceAt, Event, Simulation, SupplierInvoiceAt, TransactionAt, account_of,
};

/// How a bank movement is known.
struct Movement<'a> {
    bank: usize,
    amount: Cents,
    label: &'a str,
    interbank_code: Option<&'static str>,
    tag: Option<Tag>,
    identified: bool,
}

impl Simulation {
    /// A movement that needs no invoice, booked against `contra` (which balances it).
    pub(super) fn bank_move(
        &mut self,
        bank: usize,
        amount: Cents,
        label: &str,
        interbank_code: Option<&'static str>,
        contra: &[Leg],
    ) -> Entry {
        let movement =
            Movement { bank, amount, label, interbank_code, tag: None, identified: true };
        self.move_money(&movement, contra).1
    }

    /// As [`Self::bank_move`], with a category of the treasury axis.
    pub(super) fn tagged_bank_move(
        &mut self,
        amount: Cents,
        label: &str,
        tag: Tag,
        contra: &[Leg],
    ) -> Entry {
        let movement = Movement {
            bank: 0,
            amount,
            label,
            interbank_code: Some("B1D"),
            tag: Some(tag),
            identified: true,
        };
        self.move_money(&movement, contra).1
    }

    fn move_money(&mut self, movement: &Movement<'_>, contra: &[Leg]) -> (TransactionAt, Entry) {
        let at = self.now();
        let (book, code, account) = match movement.bank {
            0 => (Book::CurrentAccount, "BQ1", "512001"),
            _ => (Book::SavingsAccount, "BQ2", "512002"),
        };
        let mut legs = vec![Leg::debit(self.books.account(account), movement.amount)];
        legs.extend_from_slice(contra);
        let mut heading =
            Heading::plain(book, self.day, movement.label, self.piece(code, self.day));
        heading.status =
            Some(if movement.identified { EntryStatus::Complete } else { EntryStatus::Entry });
        let entry = self.books.post(heading, &legs, at, &mut self.log);
        let place = self.transactions.len();
        let id = ids::TRANSACTIONS.id(place);
        self.log.inserted(Resource::Transactions, id, at);
        self.transactions.push(Transaction {
            id,
            bank_account_id: self.bank_accounts[movement.bank].id,
            label: movement.label.to_owned(),
            date: self.day,
            amount: movement.amount,
            outstanding: if movement.identified { 0 } else { movement.amount },
            customer_id: None,
            supplier_id: None,
            matched_invoices: Vec::new(),
            attachment_required: false,
            potential_duplicate: false,
            interbank_code: movement.interbank_code,
            entry_id: self.books.entries[entry].id,
            categories: movement.tag.map(analysis::whole).unwrap_or_default(),
            created_at: at,
            updated_at: at,
        });
        (place, entry)
    }

    /// A customer pays: all that is left, or half of it; companies sometimes pay several invoices at once.
    pub(super) fn customer_pays(&mut self, invoice: CustomerInvoiceAt, whole: bool) {
        let due = &self.customer_invoices[invoice];
        let (remaining, number) = (due.remaining, due.number.clone());
        if remaining == 0 || self.customer_items[invoice].reserved {
            return;
        }
        let customer = ids::CUSTOMERS.index(due.customer_id);
        let company = matches!(self.customers[customer].kind, CustomerKind::Company { .. });
        let name = names::plain(&self.customers[customer].name, Some(' ')).to_uppercase();
        let label = if company {
            format!("VIR SEPA {name} {number}")
        } else {
            format!("CB WEB {name} {number}")
        };
        let code = Some(if company { "A1A" } else { "A3B" });
        if whole && self.stays_unknown() {
            let label = format!("VIR SEPA RECU {}", self.chance.digits(9));
            let transaction = self.unknown_move(remaining, &label, "4717001");
            self.customer_items[invoice].reserved = true;
            let day = self.day_of_identification();
            self.plan(day, Event::IdentifyReceipt { transaction, invoice });
            return;
        }
        let mut invoices = vec![invoice];
        if whole && company && self.chance.per_mille(160) {
            invoices.extend(self.others_due(customer, invoice));
        }
        let amount = if whole {
            invoices.iter().map(|place| self.customer_invoices[*place].remaining).sum()
        } else {
            // Half, in whole euros; nothing at all would be no payment.
            (remaining / 200 * 100).max(1)
        };
        let receivable = account_of(self.customers[customer].account_id);
        let movement = Movement {
            bank: 0,
            amount,
            label: &label,
            interbank_code: code,
            tag: Some(Tag::Receipts),
            identified: true,
        };
        let (transaction, entry) = self.move_money(&movement, &[Leg::credit(receivable, amount)]);
        let line = self.books.line_on(entry, receivable);
        self.match_receipt(transaction, &invoices, amount, line);
    }

    /// Other invoices of this customer, untouched so far, due within ten days.
    fn others_due(&self, customer: usize, invoice: CustomerInvoiceAt) -> Vec<CustomerInvoiceAt> {
        let horizon = calendar::plus(self.day, 10);
        let due = |place: &CustomerInvoiceAt| {
            *place != invoice
                && self.customer_invoices[*place].deadline <= horizon
                && !self.customer_items[*place].reserved
        };
        self.unpaid[customer].iter().copied().filter(due).take(3).collect()
    }

    /// Gives a receipt to the invoices it pays. Its amount is what is left of them, or less for a single one.
    fn match_receipt(
        &mut self,
        transaction: TransactionAt,
        invoices: &[CustomerInvoiceAt],
        amount: Cents,
        line: Line,
    ) {
        let at = self.now();
        let receipt = &mut self.transactions[transaction];
        receipt.customer_id = Some(self.customer_invoices[invoices[0]].customer_id);
        receipt.matched_invoices = invoices
            .iter()
            .map(|place| MatchedInvoice::Customer(self.customer_invoices[*place].id))
            .collect();
        let transaction_id = receipt.id;
        let left: Cents =
            invoices.iter().map(|place| self.customer_invoices[*place].remaining).sum();
        for place in invoices {
            let paid = &mut self.customer_invoices[*place];
            paid.transaction_ids.push(transaction_id);
            paid.remaining = if amount == left { 0 } else { paid.remaining - amount };
            paid.paid = paid.remaining == 0;
        }
        if amount == left {
            self.settle_customer_invoices(invoices, Some(line), at);
        } else {
            self.customer_items[invoices[0]].lines.push(line);
            self.touch_customer_invoice(invoices[0], at);
        }
    }

    /// Letters all lines of settled invoices with the payment, if there is one.
    pub(super) fn settle_customer_invoices(
        &mut self,
        invoices: &[CustomerInvoiceAt],
        payment: Option<Line>,
        at: Timestamp,
    ) {
        let mut lines: Vec<Line> = payment.into_iter().collect();
        for place in invoices {
            lines.append(&mut self.customer_items[*place].lines);
            let customer = ids::CUSTOMERS.index(self.customer_invoices[*place].customer_id);
            self.unpaid[customer].retain(|open| open != place);
            self.touch_customer_invoice(*place, at);
        }
        self.books.letter(&lines, at, &mut self.log);
    }

    /// Pays a supplier invoice.
    pub(super) fn pay_supplier(&mut self, invoice: SupplierInvoiceAt) {
        let bill = &self.supplier_invoices[invoice];
        let supplier = &self.suppliers[ids::SUPPLIERS.index(bill.supplier_id)];
        let (amount, payable) = (bill.amount, account_of(supplier.account_id));
        let name = names::plain(&supplier.name, Some(' ')).to_uppercase();
        let (label, code) = match supplier.payment_method {
            SupplierPaymentMethod::AutomaticDebiting => {
                (format!("PRLV SEPA {name} {}", bill.number), "B2F")
            }
            SupplierPaymentMethod::Card => {
                (format!("CB {name} {}", self.day.strftime("%d/%m/%y")), "B3C")
            }
            _ => (format!("VIR SEPA {name} {}", bill.number), "B1D"),
        };
        if self.stays_unknown() {
            let label = format!("PAIEMENT {}", self.chance.digits(9));
            let transaction = self.unknown_move(-amount, &label, "4716001");
            let day = self.day_of_identification();
            self.plan(day, Event::IdentifyPayment { transaction, invoice });
            return;
        }
        let movement = Movement {
            bank: 0,
            amount: -amount,
            label: &label,
            interbank_code: Some(code),
            tag: Some(Tag::Suppliers),
            identified: true,
        };
        let (transaction, entry) = self.move_money(&movement, &[Leg::debit(payable, amount)]);
        let line = self.books.line_on(entry, payable);
        self.match_payment(transaction, invoice, line);
    }

    fn match_payment(
        &mut self,
        transaction: TransactionAt,
        invoice: SupplierInvoiceAt,
        line: Line,
    ) {
        let at = self.now();
        let bill = &mut self.supplier_invoices[invoice];
        let payment = &mut self.transactions[transaction];
        payment.supplier_id = Some(bill.supplier_id);
        payment.matched_invoices = vec![MatchedInvoice::Supplier(bill.id)];
        payment.attachment_required = true;
        bill.transaction_ids.push(payment.id);
        bill.remaining = 0;
        bill.paid = true;
        bill.payment_status = PaymentStatus::FullyPaid;
        let mut lines = std::mem::take(&mut self.supplier_items[invoice].lines);
        lines.push(line);
        self.books.letter(&lines, at, &mut self.log);
        self.touch_supplier_invoice(invoice, at);
    }

    /// Whether nobody recognises today's movement; at the end of a year everybody looks twice.
    fn stays_unknown(&mut self) -> bool {
        let near_year_end = self.day.month() == 12 && self.day.day() > 18;
        self.chance.per_mille(30) && !near_year_end
    }

    fn day_of_identification(&mut self) -> jiff::civil::Date {
        let later = self.chance.between(2, 9);
        calendar::plus(self.day, later)
    }

    /// A movement booked on a waiting account.
    fn unknown_move(&mut self, amount: Cents, label: &str, waiting: &str) -> TransactionAt {
        let movement =
            Movement { bank: 0, amount, label, interbank_code: None, tag: None, identified: false };
        let contra = Leg::credit(self.books.account(waiting), amount);
        let transaction = self.move_money(&movement, &[contra]).0;
        self.transactions[transaction].attachment_required = true;
        transaction
    }

    /// A receipt turns out to pay this invoice.
    pub(super) fn identify_receipt(
        &mut self,
        transaction: TransactionAt,
        invoice: CustomerInvoiceAt,
    ) {
        let customer = ids::CUSTOMERS.index(self.customer_invoices[invoice].customer_id);
        let account = account_of(self.customers[customer].account_id);
        let line = self.identify(transaction, "4717001", account);
        let amount = self.transactions[transaction].amount;
        self.customer_items[invoice].reserved = false;
        self.match_receipt(transaction, &[invoice], amount, line);
    }

    /// A payment turns out to be of this invoice.
    pub(super) fn identify_payment(
        &mut self,
        transaction: TransactionAt,
        invoice: SupplierInvoiceAt,
    ) {
        let supplier = ids::SUPPLIERS.index(self.supplier_invoices[invoice].supplier_id);
        let account = account_of(self.suppliers[supplier].account_id);
        let line = self.identify(transaction, "4716001", account);
        self.match_payment(transaction, invoice, line);
    }

    fn identify(&mut self, transaction: TransactionAt, waiting: &str, account: usize) -> Line {
        let at = self.now();
        let entry = ids::ENTRIES.index(self.transactions[transaction].entry_id);
        let line = self.books.line_on(entry, self.books.account(waiting));
        self.books.move_line(line, account, at, &mut self.log);
        self.books.entries[entry].status = Some(EntryStatus::Complete);
        self.transactions[transaction].outstanding = 0;
        self.touch_transaction(transaction, at);
        line
    }

    pub(super) fn touch_transaction(&mut self, transaction: TransactionAt, at: Timestamp) {
        let touched = &mut self.transactions[transaction];
        touched.updated_at = at;
        self.log.updated(Resource::Transactions, touched.id, touched.created_at, at);
    }

    /// Once a month money moves between the two accounts; now and then the bank delivers a movement twice.
    pub(super) fn keep_treasury(&mut self) {
        if calendar::is_working_day(self.day) {
            self.stay_solvent();
        }
        if self.falls_in_month(12) {
            self.place_surplus();
        }
        let (day, month) = (self.day.day(), self.day.month());
        if calendar::is_working_day(self.day) && day <= 25 && self.chance.per_mille(120) {
            self.deliver_twice();
        }
        if matches!(month, 3 | 6 | 9 | 12)
            && self.day == calendar::last_working_day_of_month(self.day)
        {
            let interest = self.books.balance("512002") / 400;
            if interest > 0 {
                let contra = Leg::credit(self.books.account("768"), interest);
                self.bank_move(
                    1,
                    interest,
                    "INTERETS CREDITEURS TRIMESTRE",
                    Some("A1F"),
                    &[contra],
                );
            }
        }
    }

    /// Fills a current account that runs low, from the savings or else from the founders.
    fn stay_solvent(&mut self) {
        let revenue = self.plan.month_revenue(self.day.year());
        let missing = revenue - self.books.balance("512001");
        if missing < revenue * 2 / 5 {
            return;
        }
        let savings = self.books.balance("512002");
        if savings >= missing {
            self.transfer(-missing);
        } else if missing > revenue * 3 / 5 {
            let amount = missing / 100_000 * 100_000 + 100_000;
            let contra = Leg::credit(self.books.account("4551"), amount);
            self.bank_move(0, amount, "VIR APPORT COMPTE COURANT ASSOCIE", Some("A1A"), &[contra]);
        }
    }

    /// Gives back to the founders what they lent, then puts aside what is not needed.
    fn place_surplus(&mut self) {
        let revenue = self.plan.month_revenue(self.day.year());
        let surplus = self.books.balance("512001") - revenue * 2;
        if surplus <= 0 {
            return;
        }
        let lent = (-self.books.balance("4551")).min(surplus);
        if lent > 0 {
            let contra = Leg::debit(self.books.account("4551"), lent);
            let label = "VIR REMBOURSEMENT COMPTE COURANT ASSOCIE";
            self.bank_move(0, -lent, label, Some("B1D"), &[contra]);
        } else {
            self.transfer(surplus + revenue / 2);
        }
    }

    /// Moves whole hundreds from the current to the savings account, or back when negative.
    fn transfer(&mut self, amount: Cents) {
        let amount = amount / 10_000 * 10_000;
        if amount == 0 {
            return;
        }
        let between = self.books.account("58");
        let out = self.bank_move(
            0,
            -amount,
            "VIREMENT INTERNE LIVRET",
            Some("B1D"),
            &[Leg::debit(between, amount)],
        );
        let into = self.bank_move(
            1,
            amount,
            "VIREMENT INTERNE COMPTE COURANT",
            Some("A1A"),
            &[Leg::credit(between, amount)],
        );
        let lines = [self.books.line_on(out, between), self.books.line_on(into, between)];
        let at = self.now();
        self.books.letter(&lines, at, &mut self.log);
    }

    fn deliver_twice(&mut self) {
        let amount = -self.chance.between(1_500, 25_000);
        let label = format!("CB DOUBLON {}", self.chance.digits(7));
        let transaction = self.unknown_move(amount, &label, "4716001");
        self.transactions[transaction].potential_duplicate = true;
        let found = self.chance.between(1, 3);
        self.plan(calendar::plus(self.day, found), Event::RemoveDuplicate(transaction));
    }

    /// Deletes a movement delivered twice, with its entry.
    pub(super) fn remove_duplicate(&mut self, transaction: TransactionAt) {
        let at = self.now();
        let record = self.transactions[transaction].clone();
        self.books.remove(ids::ENTRIES.index(record.entry_id), at, &mut self.log);
        self.log.deleted(Resource::Transactions, record.id, record.created_at, at);
        self.removed.transactions.push(Tombstone { record, deleted_at: at });
    }
}
