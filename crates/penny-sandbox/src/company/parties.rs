//! New customers and suppliers.

use super::catalogue::{self, PROFILES};
use super::chance::Chance;
use super::model::{
    AccountKind, Address, Contact, Customer, CustomerKind, DueRule, Language, PaymentConditions,
    Resource, Supplier, VatCode,
};
use super::simulation::{CustomerAt, Simulation, SupplierAt};
use super::{identifiers, ids, names};

impl Simulation {
    /// A new customer that is a company, one in eight of them abroad.
    pub(super) fn add_business(&mut self) -> CustomerAt {
        let customer = match self.businesses.len() {
            // Every company sells to somebody in the EU and to somebody outside it.
            0 => self.foreign_business(true),
            1 => self.foreign_business(false),
            _ if self.chance.per_mille(75) => self.foreign_business(true),
            _ if self.chance.per_mille(54) => self.foreign_business(false),
            _ => self.french_business(),
        };
        let place = self.add_customer(customer);
        self.businesses.push(place);
        place
    }

    /// A new customer that is a person.
    pub(super) fn add_person(&mut self) -> CustomerAt {
        let (first_name, last_name) = names::person(&mut self.chance);
        let name = format!("{first_name} {last_name}");
        let email = format!(
            "{}.{}@courriel.example",
            names::plain(&first_name, None),
            names::plain(&last_name, Some('-'))
        );
        let mut customer = blank_customer(&mut self.chance, name);
        customer.phone = names::phone(&mut self.chance, true);
        customer.kind = CustomerKind::Individual { first_name, last_name };
        customer.emails = vec![email];
        customer.payment_conditions = PaymentConditions::UponReceipt;
        let place = self.add_customer(customer);
        self.people.push(place);
        place
    }

    fn french_business(&mut self) -> Customer {
        let trade_name = names::company(&mut self.chance);
        let name = format!("{trade_name} {}", names::legal_form(&mut self.chance));
        let siren = identifiers::siren(&mut self.chance);
        let mut customer = blank_customer(&mut self.chance, trade_name.clone());
        customer.legal_name = Some(name);
        customer.activity_code = Some(names::activity(&mut self.chance).to_owned());
        customer.kind =
            CustomerKind::Company { vat_number: identifiers::vat_number(&siren), reg_no: siren };
        customer.emails = vec![format!("compta@{}.example", names::plain(&trade_name, Some('-')))];
        customer.payment_conditions = *self.chance.pick(&[
            PaymentConditions::Days30,
            PaymentConditions::Days30,
            PaymentConditions::Days30EndOfMonth,
            PaymentConditions::Days45,
            PaymentConditions::Days15,
            PaymentConditions::Days60,
        ]);
        if self.chance.per_mille(150) {
            customer.delivery_address = names::address(&mut self.chance);
        }
        if self.chance.per_mille(120) {
            customer.notes = Some("Bon de commande exigé avant facturation.".to_owned());
        }
        customer.contacts = vec![self.contact(&customer.emails[0])];
        customer
    }

    fn foreign_business(&mut self, in_eu: bool) -> Customer {
        let (name, address, vat_number) = names::foreigner(&mut self.chance, in_eu);
        let mut customer = blank_customer(&mut self.chance, name.clone());
        customer.language = match address.country_alpha2.as_str() {
            "DE" | "AT" => Language::German,
            "IT" | "NL" | "GB" => Language::English,
            _ => Language::French,
        };
        customer.legal_name = Some(name.clone());
        customer.delivery_address = address.clone();
        customer.billing_address = address;
        customer.kind = CustomerKind::Company { reg_no: String::new(), vat_number };
        customer.vat_code = if in_eu { VatCode::Crossborder } else { VatCode::Extracom };
        customer.emails = vec![format!("accounts@{}.example", names::plain(&name, Some('-')))];
        customer.contacts = vec![self.contact(&customer.emails[0])];
        customer
    }

    fn contact(&mut self, email: &str) -> Contact {
        let (first_name, last_name) = names::person(&mut self.chance);
        let id = ids::CONTACTS.id(self.contacts);
        self.contacts += 1;
        Contact {
            id,
            first_name,
            last_name,
            role: (*self.chance.pick(&["Comptabilité fournisseurs", "Direction", "Achats"]))
                .to_owned(),
            email: email.to_owned(),
            telephone_number: names::phone(&mut self.chance, false),
            mobile_number: names::phone(&mut self.chance, true),
        }
    }

    fn add_customer(&mut self, mut customer: Customer) -> CustomerAt {
        let place = self.customers.len();
        let at = self.now();
        customer.id = ids::CUSTOMERS.id(place);
        let number = match customer.kind {
            CustomerKind::Company { .. } => self.free_number("411", &customer.name),
            CustomerKind::Individual { .. } => format!("4119{place:06}"),
        };
        let account = self.books.open_account(
            &number,
            &customer.name,
            VatCode::Any,
            AccountKind::Customer,
            Some(customer.id),
            at,
        );
        customer.account_id = self.books.accounts[account].id;
        customer.created_at = at;
        customer.updated_at = at;
        self.log.inserted(Resource::Customers, customer.id, at);
        self.customers.push(customer);
        self.unpaid.push(Vec::new());
        place
    }

    /// A new supplier of this kind; the first one has the name of the catalogue.
    pub(super) fn add_supplier(&mut self, profile: usize, first: bool) -> SupplierAt {
        let kind = &PROFILES[profile];
        if first
            && let Some(place) =
                self.suppliers.iter().position(|supplier| supplier.name == kind.name)
        {
            // One landlord sends the rent and the charges.
            self.sellers[profile].push(place);
            return place;
        }
        let place = self.suppliers.len();
        let foreign = kind.vat_code == VatCode::Crossborder;
        let (mut name, address, vat_number, iban, siren);
        if foreign {
            (name, address, vat_number) = names::foreigner(&mut self.chance, true);
            let country = address.country_alpha2.clone();
            iban = identifiers::iban(&country, &self.chance.digits(18));
            siren = None;
        } else {
            name = names::company_in(&mut self.chance, catalogue::trades(kind.account));
            address = names::address(&mut self.chance);
            let number = identifiers::siren(&mut self.chance);
            vat_number = identifiers::vat_number(&number);
            iban = identifiers::french_iban(&mut self.chance, "30991");
            siren = Some(number);
        }
        if first && !foreign {
            name = kind.name.to_owned();
        }
        let at = self.now();
        let number = self.free_number("401", &name);
        let id = ids::SUPPLIERS.id(place);
        let account = self.books.open_account(
            &number,
            &name,
            VatCode::Any,
            AccountKind::Supplier,
            Some(id),
            at,
        );
        self.log.inserted(Resource::Suppliers, id, at);
        self.suppliers.push(Supplier {
            id,
            legal_name: Some(if foreign {
                name.clone()
            } else {
                format!("{name} {}", names::legal_form(&mut self.chance))
            }),
            establishment_no: siren.as_deref().map(|siren| identifiers::siret(siren, 1)),
            reg_no: siren,
            vat_number,
            activity_code: (!foreign).then(|| names::activity(&mut self.chance).to_owned()),
            account_id: self.books.accounts[account].id,
            expense_account: kind.account,
            vat_code: kind.vat_code,
            emails: vec![format!("facturation@{}.example", names::plain(&name, Some('-')))],
            iban,
            iban_updated_at: None,
            iban_updated_by: None,
            address,
            payment_method: kind.payment,
            due_delay_days: kind.delay_days,
            due_rule: if kind.delay_days == 45 { DueRule::DaysOrEndOfMonth } else { DueRule::Days },
            external_reference: self.chance.uuid(),
            categories: Vec::new(),
            name,
            created_at: at,
            updated_at: at,
        });
        self.sellers[profile].push(place);
        place
    }

    /// An auxiliary number made of the name, e.g. `401VERRERI`, that no account has yet.
    fn free_number(&self, prefix: &str, name: &str) -> String {
        let mut stem: String = names::plain(name, None).to_uppercase();
        // Trades repeat; the distinguishing word comes last.
        if stem.len() > 12 {
            stem = format!("{}{}", &stem[..4], &stem[stem.len() - 6..]);
        }
        let base = format!("{prefix}{stem}");
        if !self.books.has_number(&base) {
            return base;
        }
        (2..)
            .map(|rank| format!("{base}{rank}"))
            .find(|number| !self.books.has_number(number))
            .expect("there is always a next rank")
    }
}

/// A customer of no particular kind; id, account and instants come when it is added.
fn blank_customer(chance: &mut Chance, name: String) -> Customer {
    let address: Address = names::address(chance);
    Customer {
        id: 0,
        kind: CustomerKind::Company { reg_no: String::new(), vat_number: String::new() },
        recipient: String::new(),
        name,
        legal_name: None,
        activity_code: None,
        billing_iban: None,
        payment_conditions: PaymentConditions::Days30,
        phone: names::phone(chance, false),
        reference: chance.per_mille(300).then(|| format!("C{}", chance.digits(5))),
        notes: None,
        account_id: 0,
        income_account: "707",
        vat_code: VatCode::Fr200,
        emails: Vec::new(),
        delivery_address: address.clone(),
        billing_address: address,
        external_reference: chance.uuid(),
        language: Language::French,
        contacts: Vec::new(),
        categories: Vec::new(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
    }
}
