//! The small changes of every day: labels corrected, customers renamed, analyses refined, prices raised.

use super::analysis::{self, Tag};
use super::calendar;
use super::catalogue::{ARTICLES, Article};
use super::ids;
use super::model::Resource;
use super::names;
use super::simulation::Simulation;

impl Simulation {
    /// What somebody tidies up today.
    pub(super) fn tidy_up(&mut self) {
        self.correct_label();
        let number = calendar::day_number(self.day);
        if number % 3 == 0 {
            self.refine_analysis();
        }
        if number % 11 == 0 {
            self.update_customer();
        }
        if number % 13 == 0 {
            self.change_iban();
        }
        if self.day.day() == 10 {
            self.raise_price();
        }
        if self.day.day() == 3 && matches!(self.day.month(), 2 | 5 | 8 | 11) {
            self.launch_product();
        }
    }

    /// A recent supplier invoice of this year gets a clearer label.
    fn correct_label(&mut self) {
        let Some(place) = self.recent(self.supplier_invoices.len()) else { return };
        let bill = &self.supplier_invoices[place];
        let gone = self
            .removed
            .supplier_invoices
            .iter()
            .rev()
            .any(|tombstone| tombstone.record.id == bill.id);
        if gone || bill.date.year() != self.day.year() || bill.label.ends_with(')') {
            return;
        }
        let at = self.now();
        let note = *self.chance.pick(&["atelier", "boutique", "siège", "chantier", "à refacturer"]);
        let label = format!("{} ({note})", self.supplier_invoices[place].label);
        let entry = self.supplier_items[place].entry;
        self.books.relabel(entry, label.as_str().into(), at, &mut self.log);
        self.supplier_invoices[place].label = label;
        self.touch_supplier_invoice(place, at);
    }

    /// One of the last forty records of a list.
    fn recent(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| count - 1 - self.chance.below(count.min(40) as u64) as usize)
    }

    /// The lines of a recent sale are shared between two categories.
    fn refine_analysis(&mut self) {
        let Some(place) = self.recent(self.customer_invoices.len()) else { return };
        let sale = &self.customer_invoices[place];
        if sale.entry_id.is_none()
            || sale.date.year() != self.day.year()
            || sale.categories.is_empty()
        {
            return;
        }
        let at = self.now();
        let mut tags = analysis::whole(Tag::Professional);
        tags[0].percent = 70;
        tags.extend(analysis::whole(Tag::Structure));
        tags[1].percent = 30;
        let entry = self.customer_items[place].entry;
        self.books.retag(entry, &tags, at, &mut self.log);
        self.customer_invoices[place].categories = tags;
        self.touch_customer_invoice(place, at);
    }

    /// A French company moves its phone, or, once in a while, changes its name.
    fn update_customer(&mut self) {
        const ENDINGS: [&str; 3] = ["Groupe", "Développement", "& Associés"];
        let place = *self.chance.pick(&self.businesses);
        let at = self.now();
        let phone = names::phone(&mut self.chance, false);
        let ending = *self.chance.pick(&ENDINGS);
        let renaming = self.chance.per_mille(150);
        let customer = &mut self.customers[place];
        customer.phone = phone;
        customer.updated_at = at;
        self.log.updated(Resource::Customers, customer.id, customer.created_at, at);
        let renamed = ENDINGS.iter().any(|ending| customer.name.ends_with(ending));
        if renaming && !renamed && customer.billing_address.country_alpha2 == "FR" {
            customer.name = format!("{} {ending}", customer.name);
            let account = &mut self.books.accounts[ids::ACCOUNTS.index(customer.account_id)];
            account.label.clone_from(&customer.name);
            account.updated_at = at;
        }
    }

    fn change_iban(&mut self) {
        let profile = self.chance.below(self.sellers.len() as u64) as usize;
        let place = self.sellers[profile][0];
        let at = self.now();
        let iban = super::identifiers::french_iban(&mut self.chance, "16807");
        let by = format!("{} {}", self.users[1].first_name, self.users[1].last_name);
        let changed = &mut self.suppliers[place];
        if changed.address.country_alpha2 != "FR" {
            return;
        }
        changed.iban = iban;
        changed.iban_updated_at = Some(at);
        changed.iban_updated_by = Some(by);
        changed.updated_at = at;
        self.log.updated(Resource::Suppliers, changed.id, changed.created_at, at);
    }

    /// An article becomes two or three per cent dearer.
    fn raise_price(&mut self) {
        let place = self.chance.below(ARTICLES.len() as u64) as usize;
        let at = self.now();
        let percent = self.chance.between(2, 3);
        let product = &mut self.products[place];
        product.price_before_tax += product.price_before_tax * percent / 100;
        product.price = product.price_before_tax + product.vat_code.tax(product.price_before_tax);
        product.updated_at = at;
        self.log.updated(Resource::Products, product.id, product.created_at, at);
    }

    /// A new article in the shop.
    fn launch_product(&mut self) {
        const NAMES: [&str; 6] = ["Comète", "Méduse", "Rosée", "Sillage", "Étincelle", "Brume"];
        let rank = self.products.len();
        let label = format!("Lampe {} n° {rank}", self.chance.pick(&NAMES));
        let price = self.chance.between(60, 320) * 100;
        let model = Article { price, ..ARTICLES[0] };
        self.add_product(&model);
        let product = self.products.last_mut().expect("a product was just added");
        product.label = label;
        product.description = "Série limitée de l'atelier".to_owned();
    }
}
