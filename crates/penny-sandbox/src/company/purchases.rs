//! Purchases: what comes every month, what comes now and then, and mistakes.

use super::analysis::{self, Tag};
use super::books::{Book, Heading, Leg};
use super::calendar;
use super::catalogue::{Cadence, PROFILES};
use super::ids;
use super::model::{
    AccountingStatus, Cents, DueRule, EntryStatus, PaymentStatus, Resource, SupplierInvoice,
    SupplierInvoiceLine, SupplierPaymentMethod, Tombstone, VatCode,
};
use super::simulation::{
    Asset, Event, OpenItem, Simulation, SupplierAt, SupplierInvoiceAt, account_of,
};

impl Simulation {
    /// The supplier invoices of the day.
    pub(super) fn buy(&mut self) {
        if !calendar::is_working_day(self.day) {
            return;
        }
        for (profile, kind) in PROFILES.iter().enumerate() {
            let per_mille = match kind.cadence {
                Cadence::Monthly { day, per_mille } if self.falls_in_month(day) => per_mille,
                Cadence::Yearly { month, day, per_mille } if self.falls_on(month, day) => per_mille,
                _ => continue,
            };
            let Some(amount) = self.plan.bill(self.day.year(), per_mille) else { continue };
            let supplier = self.sellers[profile][0];
            // Bills vary a little; rents and premiums don't.
            let variation = if matches!(kind.account, "6132" | "614" | "616" | "6135") {
                1_000
            } else {
                self.chance.between(900, 1_100)
            };
            self.purchase(profile, supplier, amount * variation / 1_000);
        }
        for _ in 0..self.chance.around(self.plan.purchases(self.day)) {
            self.buy_something();
        }
        // A mistake is found within two days, in the same month: no return is built on it.
        if (2..=20).contains(&self.day.day()) && self.chance.per_mille(180) {
            self.enter_by_mistake();
        }
    }

    fn buy_something(&mut self) {
        let weights = PROFILES.iter().map(|kind| match kind.cadence {
            Cadence::Occasional { weight, .. } => weight,
            _ => 0,
        });
        let profile = self.chance.weighted(weights);
        let Cadence::Occasional { low, high, .. } = PROFILES[profile].cadence else {
            unreachable!("only occasional purchases weigh something");
        };
        let supplier = if self.chance.per_mille(985) {
            *self.chance.pick(&self.sellers[profile])
        } else {
            self.add_supplier(profile, false)
        };
        let amount = self.chance.between(low * 100, high * 100);
        self.purchase(profile, supplier, amount);
    }

    /// A supplier invoice of this amount without tax, booked, checked and paid in time.
    pub(super) fn purchase(&mut self, profile: usize, supplier: SupplierAt, before_tax: Cents) {
        let invoice = self.enter_invoice(profile, supplier, before_tax.max(100));
        let kind = &PROFILES[profile];
        if let Some(years) = lifetime(kind.account) {
            self.assets.push(Asset {
                account: kind.account,
                cost: before_tax.max(100),
                in_service: self.day,
                years,
                depreciated: 0,
            });
        }
        let checked = self.chance.between(1, 6);
        self.plan(
            calendar::working_day_from(calendar::plus(self.day, checked)),
            Event::Validate(invoice),
        );
        let deadline = self.supplier_invoices[invoice].deadline;
        let late = match kind.payment {
            SupplierPaymentMethod::AutomaticDebiting | SupplierPaymentMethod::Card => 1,
            _ => self.chance.between(-4, 8),
        };
        let day = calendar::plus(deadline, late).max(calendar::plus(self.day, 1));
        self.plan(calendar::working_day_from(day), Event::PaySupplier(invoice));
    }

    fn enter_invoice(
        &mut self,
        profile: usize,
        supplier: SupplierAt,
        before_tax: Cents,
    ) -> SupplierInvoiceAt {
        let kind = &PROFILES[profile];
        let place = self.supplier_invoices.len();
        let at = self.now();
        let days_ago = self.chance.between(0, 4);
        // An invoice is booked on its own day, and that day's month is not declared yet.
        let date = calendar::plus(self.day, -days_ago).max(self.day.first_of_month());
        let buyer = &self.suppliers[supplier];
        let due = calendar::plus(date, i64::from(buyer.due_delay_days));
        let deadline =
            if buyer.due_rule == DueRule::DaysOrEndOfMonth { due.last_of_month() } else { due };
        let number = invoice_number(&mut self.chance, date, buyer.id);
        let tax = kind.vat_code.tax(before_tax);
        let tag = if matches!(kind.account, "607" | "611" | "6241") {
            Tag::Professional
        } else {
            Tag::Structure
        };
        let categories = if kind.account.starts_with('2') {
            Vec::new()
        } else {
            analysis::mostly(&mut self.chance, tag, None)
        };
        let id = ids::SUPPLIER_INVOICES.id(place);
        let line = SupplierInvoiceLine {
            id: ids::SUPPLIER_INVOICE_LINES.id(self.supplier_lines),
            label: kind.subject.to_owned(),
            account_number: kind.account,
            vat_code: kind.vat_code,
            amount_before_tax: before_tax,
            tax,
            amount: before_tax + tax,
        };
        self.supplier_lines += 1;
        let (id_of_supplier, name) = (buyer.id, buyer.name.clone());
        self.log.inserted(Resource::SupplierInvoices, id, at);
        self.supplier_invoices.push(SupplierInvoice {
            id,
            supplier_id: id_of_supplier,
            label: format!("{name} - {}", kind.subject),
            filename: format!("{date}_{}.pdf", super::names::plain(&name, Some('_'))),
            number,
            date,
            deadline,
            lines: vec![line],
            amount_before_tax: before_tax,
            tax,
            amount: before_tax + tax,
            remaining: before_tax + tax,
            paid: false,
            payment_status: PaymentStatus::ToBeProcessed,
            accounting_status: AccountingStatus::ValidationNeeded,
            entry_id: 0,
            transaction_ids: Vec::new(),
            categories,
            external_reference: self.chance.uuid(),
            created_at: at,
            updated_at: at,
        });
        self.supplier_items.push(OpenItem::default());
        self.book_purchase(place, supplier);
        place
    }

    fn book_purchase(&mut self, invoice: SupplierInvoiceAt, supplier: SupplierAt) {
        let bill = &self.supplier_invoices[invoice];
        let line = &bill.lines[0];
        let payable = account_of(self.suppliers[supplier].account_id);
        let expense = self.books.taxed_account(line.account_number, line.vat_code);
        let mut legs = vec![Leg::debit(expense, bill.amount_before_tax).tagged(&bill.categories)];
        if line.vat_code == VatCode::Crossborder {
            // The buyer owes the tax and deducts it at once.
            let owed = VatCode::Fr200.tax(bill.amount_before_tax);
            legs.push(Leg::debit(self.books.account("445662"), owed));
            legs.push(Leg::credit(self.books.account("4452"), owed));
            self.vat_month.bought_in_eu(bill.amount_before_tax);
        } else if bill.tax != 0 {
            let asset = line.account_number.starts_with('2');
            let tax = if asset {
                self.books.account("44562")
            } else {
                self.books.taxed_account("44566", line.vat_code)
            };
            legs.push(Leg::debit(tax, bill.tax));
        }
        legs.push(Leg::credit(payable, bill.amount));
        let heading = Heading {
            book: Book::Purchases,
            date: bill.date,
            label: bill.label.as_str().into(),
            piece: bill.number.as_str().into(),
            due_date: Some(bill.deadline),
            invoice_number: Some(bill.number.as_str().into()),
            invoice_id: Some(bill.id),
            status: Some(EntryStatus::ValidationNeeded),
            filename: Some(bill.filename.clone()),
            created_by: Some("comptabilite@atelier-lumen.example"),
            categories: bill.categories.clone(),
        };
        let entry = self.books.post(heading, &legs, bill.created_at, &mut self.log);
        let line = self.books.line_on(entry, payable);
        self.supplier_items[invoice] = OpenItem { lines: vec![line], entry, reserved: false };
        self.supplier_invoices[invoice].entry_id = self.books.entries[entry].id;
    }

    /// The accountant has looked at an invoice.
    pub(super) fn validate(&mut self, invoice: SupplierInvoiceAt) {
        let at = self.now();
        let entry = self.supplier_items[invoice].entry;
        self.books.entries[entry].status = Some(EntryStatus::Complete);
        self.books.entries[entry].updated_at = at;
        let bill = &mut self.supplier_invoices[invoice];
        bill.accounting_status = AccountingStatus::Complete;
        if bill.payment_status == PaymentStatus::ToBeProcessed {
            bill.payment_status = PaymentStatus::ToBePaid;
        }
        self.touch_supplier_invoice(invoice, at);
    }

    /// An invoice of a supplier who exists already, entered under a new one.
    fn enter_by_mistake(&mut self) {
        let profile = PROFILES
            .iter()
            .position(|kind| kind.account == "6064")
            .expect("the catalogue has stationery");
        let supplier = self.add_supplier(profile, false);
        let unused = self.sellers[profile].pop();
        assert_eq!(unused, Some(supplier), "nobody else buys from a supplier entered by mistake");
        let amount = self.chance.between(2_000, 30_000);
        let invoice = self.enter_invoice(profile, supplier, amount);
        let found = self.chance.between(1, 2);
        self.plan(calendar::plus(self.day, found), Event::RemoveMistake(invoice));
    }

    /// The mistake goes as a whole: invoice, entry, supplier and its account.
    pub(super) fn remove_mistake(&mut self, invoice: SupplierInvoiceAt) {
        let at = self.now();
        let record = self.supplier_invoices[invoice].clone();
        self.books.remove(self.supplier_items[invoice].entry, at, &mut self.log);
        self.log.deleted(Resource::SupplierInvoices, record.id, record.created_at, at);
        let supplier = self.suppliers[ids::SUPPLIERS.index(record.supplier_id)].clone();
        self.removed.supplier_invoices.push(Tombstone { record, deleted_at: at });
        let at = self.now();
        self.books.close_account(account_of(supplier.account_id));
        self.log.deleted(Resource::Suppliers, supplier.id, supplier.created_at, at);
        self.removed.suppliers.push(Tombstone { record: supplier, deleted_at: at });
    }

    pub(super) fn touch_supplier_invoice(
        &mut self,
        invoice: SupplierInvoiceAt,
        at: jiff::Timestamp,
    ) {
        let touched = &mut self.supplier_invoices[invoice];
        touched.updated_at = at;
        self.log.updated(Resource::SupplierInvoices, touched.id, touched.created_at, at);
    }

    /// Whether today is the working day on which something of this day of the month happens.
    pub(super) fn falls_in_month(&self, day: i8) -> bool {
        self.falls_on(self.day.month(), day)
    }

    /// Whether today is the working day on which something of this day of the year happens: the day itself or the
    /// next working one, but not in another month.
    pub(super) fn falls_on(&self, month: i8, day: i8) -> bool {
        if self.day.month() != month {
            return false;
        }
        let wanted = jiff::civil::date(self.day.year(), month, day);
        self.day
            == calendar::working_day_from(wanted).min(calendar::last_working_day_of_month(wanted))
    }
}

/// The supplier's own number; every supplier has its way of counting.
fn invoice_number(
    chance: &mut super::chance::Chance,
    date: jiff::civil::Date,
    supplier: u64,
) -> String {
    match supplier % 4 {
        0 => format!("FA{}{}", date.year() % 100, chance.digits(5)),
        1 => format!("{}/{}", date.year(), chance.digits(4)),
        2 => format!("F{:02}{}-{}", date.month(), date.year(), chance.digits(3)),
        _ => chance.digits(8),
    }
}

/// Years in which an asset loses its value; none for an expense.
fn lifetime(account: &str) -> Option<i64> {
    match account {
        "205" | "2183" => Some(3),
        "2182" => Some(4),
        "2154" => Some(5),
        "2184" => Some(10),
        _ => None,
    }
}
