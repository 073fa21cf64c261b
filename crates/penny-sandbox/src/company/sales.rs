//! Sales: drafts, invoices, credit notes.

use std::collections::BTreeMap;

use super::analysis::{self, Tag};
use super::books::{Book, Heading, Leg};
use super::calendar;
use super::catalogue::{ARTICLES, Buyers};
use super::ids;
use super::model::{
    Cents, CustomerInvoice, CustomerInvoiceLine, CustomerKind, EntryStatus, PaymentConditions,
    Product, Resource, Substance, Tombstone, VatCode, WeightedCategory,
};
use super::simulation::{CustomerAt, CustomerInvoiceAt, Event, OpenItem, Simulation, account_of};

impl Simulation {
    /// The sales of the day: people buy every day, companies on working days.
    pub(super) fn sell(&mut self) {
        let working = calendar::is_working_day(self.day);
        for _ in 0..self.chance.around(self.plan.sales(self.day)) {
            let customer = if !working || self.chance.per_mille(480) {
                self.some_person()
            } else {
                self.some_business()
            };
            let invoice = self.write_invoice(customer);
            let drafted = working && self.chance.per_mille(80);
            if drafted {
                let later = self.chance.between(1, 4);
                self.plan(
                    calendar::working_day_from(calendar::plus(self.day, later)),
                    Event::IssueDraft(invoice),
                );
            } else {
                self.issue(invoice);
            }
        }
        // Every second day somebody begins an invoice that will be given up.
        if calendar::day_number(self.day) % 2 == 0 {
            let customer = self.some_business();
            let invoice = self.write_invoice(customer);
            let later = self.chance.between(1, 2);
            self.plan(calendar::plus(self.day, later), Event::AbandonDraft(invoice));
        }
    }

    fn some_person(&mut self) -> CustomerAt {
        if self.chance.per_mille(550) { *self.chance.pick(&self.people) } else { self.add_person() }
    }

    fn some_business(&mut self) -> CustomerAt {
        if self.chance.per_mille(965) {
            *self.chance.pick(&self.businesses)
        } else {
            self.add_business()
        }
    }

    /// A draft, with lines and totals, without number or entry.
    fn write_invoice(&mut self, customer: CustomerAt) -> CustomerInvoiceAt {
        let lines = self.compose(customer);
        let (tag, territory) = self.analysis_of(customer, &lines);
        let categories = analysis::mostly(&mut self.chance, tag, Some(territory));
        let order = self.chance.per_mille(150).then(|| format!("BC{}", self.chance.digits(6)));
        self.add_customer_invoice(customer, lines, categories, order)
    }

    fn add_customer_invoice(
        &mut self,
        customer: CustomerAt,
        lines: Vec<CustomerInvoiceLine>,
        categories: Vec<WeightedCategory>,
        purchase_order_reference: Option<String>,
    ) -> CustomerInvoiceAt {
        let place = self.customer_invoices.len();
        let at = self.now();
        let amount_before_tax = lines.iter().map(|line| line.amount_before_tax).sum::<Cents>();
        let tax = lines.iter().map(|line| line.tax).sum::<Cents>();
        let id = ids::CUSTOMER_INVOICES.id(place);
        self.log.inserted(Resource::CustomerInvoices, id, at);
        self.customer_invoices.push(CustomerInvoice {
            id,
            customer_id: self.customers[customer].id,
            label: format!("Facture {} (brouillon)", self.customers[customer].name),
            number: String::new(),
            date: self.day,
            deadline: self.deadline(customer),
            lines,
            amount_before_tax,
            tax,
            amount: amount_before_tax + tax,
            remaining: amount_before_tax + tax,
            credited: 0,
            draft: true,
            paid: false,
            credited_invoice_id: None,
            entry_id: None,
            transaction_ids: Vec::new(),
            categories,
            external_reference: self.chance.uuid(),
            purchase_order_reference,
            created_at: at,
            updated_at: at,
        });
        self.customer_items.push(OpenItem::default());
        place
    }

    fn deadline(&self, customer: CustomerAt) -> jiff::civil::Date {
        let in_days = |days| calendar::plus(self.day, days);
        match self.customers[customer].payment_conditions {
            PaymentConditions::UponReceipt => self.day,
            PaymentConditions::Days15 => in_days(15),
            PaymentConditions::Days30 => in_days(30),
            PaymentConditions::Days30EndOfMonth => in_days(30).last_of_month(),
            PaymentConditions::Days45 => in_days(45),
            PaymentConditions::Days60 => in_days(60),
        }
    }

    fn compose(&mut self, customer: CustomerAt) -> Vec<CustomerInvoiceLine> {
        let abroad = self.customers[customer].vat_code != VatCode::Fr200;
        let company = matches!(self.customers[customer].kind, CustomerKind::Company { .. });
        let count = if company { self.chance.between(1, 4) } else { self.chance.between(1, 2) };
        let mut lines: Vec<CustomerInvoiceLine> = Vec::new();
        for _ in 0..count {
            let Some(product) = self.choose_product(company, abroad) else { continue };
            if lines.iter().any(|line| line.product_id == Some(self.products[product].id)) {
                continue;
            }
            let quantity = match (self.products[product].substance, self.products[product].unit) {
                (Substance::Services, "heure") => self.chance.between(4, 24) * 500,
                (Substance::Services, _) => self.chance.between(1, 2) * 1_000,
                (Substance::Goods, _) if company => self.chance.between(1, 5) * 1_000,
                (Substance::Goods, _) => self.chance.between(1, 2) * 1_000,
            };
            lines.push(self.invoice_line(customer, product, quantity));
        }
        if lines.is_empty() {
            lines.push(self.invoice_line(customer, 0, 1_000));
        }
        let goods = lines.iter().any(|line| line.substance == Substance::Goods);
        if goods && self.chance.per_mille(450) {
            // The port comes right after the articles of the first day.
            lines.push(self.invoice_line(customer, ARTICLES.len(), 1_000));
        }
        share_tax(&mut lines);
        lines
    }

    /// An article that such a customer buys; none when the first choice does not suit.
    fn choose_product(&mut self, company: bool, abroad: bool) -> Option<usize> {
        let product = self.chance.below(self.products.len() as u64) as usize;
        let article = ARTICLES.get(product);
        let suits = match article.map(|article| article.buyers) {
            Some(Buyers::Everybody) => true,
            Some(Buyers::Individuals) => !company,
            Some(Buyers::Companies) => company,
            // The port is no article; what was added later is for everybody.
            None => product != ARTICLES.len(),
        };
        let exportable = !abroad || self.products[product].substance == Substance::Goods;
        (suits && exportable).then_some(product)
    }

    fn invoice_line(
        &mut self,
        customer: CustomerAt,
        product: usize,
        quantity_milli: i64,
    ) -> CustomerInvoiceLine {
        let id = ids::CUSTOMER_INVOICE_LINES.id(self.customer_lines);
        self.customer_lines += 1;
        let Product {
            id: product_id,
            label,
            description,
            unit,
            price_before_tax,
            vat_code,
            substance,
            ..
        } = self.products[product].clone();
        let usual = self.customers[customer].vat_code;
        let amount_before_tax = (price_before_tax * quantity_milli + 500) / 1_000;
        CustomerInvoiceLine {
            id,
            label,
            description,
            product_id: Some(product_id),
            quantity_milli,
            unit,
            unit_price: price_before_tax,
            vat_code: if usual == VatCode::Fr200 { vat_code } else { usual },
            amount_before_tax,
            tax: 0,
            amount: amount_before_tax,
            substance,
        }
    }

    fn analysis_of(&self, customer: CustomerAt, lines: &[CustomerInvoiceLine]) -> (Tag, Tag) {
        let customer = &self.customers[customer];
        let service = lines[0].substance == Substance::Services;
        let activity = match customer.kind {
            _ if service && lines[0].unit == "heure" => Tag::Installation,
            CustomerKind::Individual { .. } => Tag::Web,
            CustomerKind::Company { .. } => Tag::Professional,
        };
        let territory = match customer.billing_address.postal_code.get(..2) {
            _ if customer.billing_address.country_alpha2 != "FR" => Tag::Abroad,
            Some("01" | "26" | "38" | "42" | "63" | "69" | "73" | "74") => Tag::Region,
            _ => Tag::OtherRegions,
        };
        (activity, territory)
    }

    /// Makes a draft an invoice: number, date, entry, expected payment.
    pub(super) fn issue(&mut self, invoice: CustomerInvoiceAt) {
        let customer = ids::CUSTOMERS.index(self.customer_invoices[invoice].customer_id);
        self.invoice_numbers += 1;
        let number = format!("F-{}-{:05}", self.day.year(), self.invoice_numbers);
        let deadline = self.deadline(customer);
        let issued = &mut self.customer_invoices[invoice];
        issued.draft = false;
        issued.date = self.day;
        issued.deadline = deadline;
        issued.label = format!("Facture {} - {number}", self.customers[customer].name);
        issued.number = number;
        self.book_sale(invoice);
        self.unpaid[customer].push(invoice);
        self.expect_payment(invoice, customer);
        if matches!(self.customers[customer].kind, CustomerKind::Company { .. })
            && self.chance.per_mille(35)
        {
            let (later, whole) = (self.chance.between(4, 25), self.chance.per_mille(500));
            self.plan(calendar::plus(self.day, later), Event::Credit { invoice, whole });
        }
    }

    fn expect_payment(&mut self, invoice: CustomerInvoiceAt, customer: CustomerAt) {
        let deadline = self.customer_invoices[invoice].deadline;
        if matches!(self.customers[customer].kind, CustomerKind::Individual { .. }) {
            let later = if self.chance.per_mille(900) {
                self.chance.between(1, 3)
            } else {
                self.chance.between(5, 25)
            };
            let day = calendar::working_day_from(calendar::plus(self.day, later));
            self.plan(day, Event::CustomerPays { invoice, whole: true });
            return;
        }
        let late = match self.chance.below(1_000) {
            0..300 => self.chance.between(-6, 0),
            300..850 => self.chance.between(0, 9),
            850..970 => self.chance.between(10, 45),
            _ => self.chance.between(60, 190),
        };
        let day = calendar::working_day_from(
            calendar::plus(deadline, late).max(calendar::plus(self.day, 1)),
        );
        if self.chance.per_mille(40) {
            self.plan(day, Event::CustomerPays { invoice, whole: false });
            let rest = self.chance.between(10, 30);
            self.plan(
                calendar::working_day_from(calendar::plus(day, rest)),
                Event::CustomerPays { invoice, whole: true },
            );
        } else {
            self.plan(day, Event::CustomerPays { invoice, whole: true });
        }
    }

    /// Writes the entry of an invoice or of a credit note (negative amounts change sides).
    fn book_sale(&mut self, invoice: CustomerInvoiceAt) {
        let at = self.now();
        let sale = &self.customer_invoices[invoice];
        let customer = &self.customers[ids::CUSTOMERS.index(sale.customer_id)];
        let receivable = account_of(customer.account_id);
        let mut income: BTreeMap<(&str, VatCode), Cents> = BTreeMap::new();
        let mut tax: BTreeMap<VatCode, Cents> = BTreeMap::new();
        for line in &sale.lines {
            let product = line.product_id.expect("every line is of a product");
            let product = &self.products[ids::PRODUCTS.index(product)];
            let number = match self.books.accounts[account_of(product.account_id)].number.as_str() {
                "706" => "706",
                "7085" => "7085",
                _ => "707",
            };
            *income.entry((number, line.vat_code)).or_default() += line.amount_before_tax;
            *tax.entry(line.vat_code).or_default() += line.tax;
        }
        let mut legs = vec![Leg::debit(receivable, sale.amount)];
        for ((number, code), amount) in income {
            let account = self.books.taxed_account(number, code);
            legs.push(Leg::credit(account, amount).tagged(&sale.categories));
            self.vat_month.sold(code, amount);
        }
        for (code, amount) in tax.into_iter().filter(|(_, amount)| *amount != 0) {
            legs.push(Leg::credit(self.books.taxed_account("44571", code), amount));
        }
        let heading = Heading {
            book: Book::Sales,
            date: sale.date,
            label: sale.label.as_str().into(),
            piece: sale.number.as_str().into(),
            due_date: Some(sale.deadline),
            invoice_number: Some(sale.number.as_str().into()),
            invoice_id: Some(sale.id),
            status: Some(EntryStatus::Complete),
            filename: Some(format!("{}.pdf", sale.number)),
            created_by: None,
            categories: sale.categories.clone(),
        };
        let entry = self.books.post(heading, &legs, at, &mut self.log);
        let line = self.books.line_on(entry, receivable);
        self.customer_items[invoice] = OpenItem { lines: vec![line], entry, reserved: false };
        let sale = &mut self.customer_invoices[invoice];
        sale.entry_id = Some(self.books.entries[entry].id);
        self.touch_customer_invoice(invoice, at);
    }

    /// A credit note on an invoice that is still open: of all of it, or of its first line.
    pub(super) fn credit(&mut self, invoice: CustomerInvoiceAt, whole: bool) {
        let credited = &self.customer_invoices[invoice];
        if credited.remaining != credited.amount || self.customer_items[invoice].reserved {
            return;
        }
        let customer = ids::CUSTOMERS.index(credited.customer_id);
        let (credited_id, credited_number) = (credited.id, credited.number.clone());
        let categories = credited.categories.clone();
        let taken = if whole { credited.lines.len() } else { 1 };
        let mut lines: Vec<CustomerInvoiceLine> = credited.lines[..taken].to_vec();
        for line in &mut lines {
            line.id = ids::CUSTOMER_INVOICE_LINES.id(self.customer_lines);
            self.customer_lines += 1;
            line.quantity_milli = -line.quantity_milli;
            line.amount_before_tax = -line.amount_before_tax;
            line.tax = -line.tax;
            line.amount = -line.amount;
        }
        if !whole {
            // Alone, a line has its own rounding.
            share_tax(&mut lines);
            let amount: Cents = lines.iter().map(|line| line.amount).sum();
            if -amount >= self.customer_invoices[invoice].amount {
                return;
            }
        }
        let note = self.add_customer_invoice(customer, lines, categories, None);
        self.credit_note_numbers += 1;
        let number = format!("A-{}-{:04}", self.day.year(), self.credit_note_numbers);
        let issued = &mut self.customer_invoices[note];
        issued.draft = false;
        issued.paid = true;
        issued.remaining = 0;
        issued.deadline = self.day;
        issued.credited_invoice_id = Some(credited_id);
        issued.label =
            format!("Avoir {} - {number} sur {credited_number}", self.customers[customer].name);
        issued.number = number;
        self.book_sale(note);
        self.apply_credit(invoice, note);
    }

    fn apply_credit(&mut self, invoice: CustomerInvoiceAt, note: CustomerInvoiceAt) {
        let at = self.now();
        let amount = -self.customer_invoices[note].amount;
        let line = self.customer_items[note].lines[0];
        self.customer_items[invoice].lines.push(line);
        let credited = &mut self.customer_invoices[invoice];
        credited.remaining -= amount;
        credited.credited += amount;
        credited.paid = credited.remaining == 0;
        if credited.paid {
            self.settle_customer_invoices(&[invoice], None, at);
        } else {
            self.touch_customer_invoice(invoice, at);
        }
    }

    /// Deletes a draft.
    pub(super) fn abandon_draft(&mut self, invoice: CustomerInvoiceAt) {
        let at = self.now();
        let record = self.customer_invoices[invoice].clone();
        assert!(record.draft, "only a draft is deleted");
        self.log.deleted(Resource::CustomerInvoices, record.id, record.created_at, at);
        self.removed.customer_invoices.push(Tombstone { record, deleted_at: at });
    }

    pub(super) fn touch_customer_invoice(
        &mut self,
        invoice: CustomerInvoiceAt,
        at: jiff::Timestamp,
    ) {
        let touched = &mut self.customer_invoices[invoice];
        touched.updated_at = at;
        self.log.updated(Resource::CustomerInvoices, touched.id, touched.created_at, at);
    }
}

/// Rounds the tax once per rate and shares it among the lines, so that they add up to it.
fn share_tax(lines: &mut [CustomerInvoiceLine]) {
    let mut rates: Vec<VatCode> = lines.iter().map(|line| line.vat_code).collect();
    rates.sort_unstable();
    rates.dedup();
    for rate in rates {
        let of_rate = || lines.iter().filter(|line| line.vat_code == rate);
        let base: Cents = of_rate().map(|line| line.amount_before_tax).sum();
        let rounded_apart: Cents = of_rate().map(|line| rate.tax(line.amount_before_tax)).sum();
        let mut difference = rate.tax(base) - rounded_apart;
        for line in lines.iter_mut().rev().filter(|line| line.vat_code == rate) {
            line.tax = rate.tax(line.amount_before_tax) + difference;
            line.amount = line.amount_before_tax + line.tax;
            difference = 0;
        }
    }
}
