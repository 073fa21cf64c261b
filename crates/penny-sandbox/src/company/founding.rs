//! The first day: chart, journals, people, products, first third parties, capital and loan.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::analysis;
use super::books::{Book, Books, Leg};
use super::calendar;
use super::catalogue::{ARTICLES, Article, PROFILES, SHIPPING};
use super::chance::Chance;
use super::clock::Clock;
use super::log::ChangeLog;
use super::model::{
    Address, BankAccount, BankEstablishment, FiscalYear, FiscalYearStatus, Identity, Journal,
    JournalKind, Product, Removed, Resource, User,
};
use super::plan::Plan;
use super::simulation::{Carried, Simulation, memory_begins};
use super::vat::VatMonth;
use super::{Settings, identifiers, ids, names};

/// The journals: those of [`Book`] in its order, then those that every chart has and this company does not need.
pub(super) fn journals() -> Vec<Journal> {
    const ROWS: [(&str, &str, JournalKind); 11] = [
        ("VT", "Ventes", JournalKind::Sales),
        ("HA", "Achats", JournalKind::Purchases),
        ("OD", "Opérations diverses", JournalKind::Misc),
        ("AN", "À-nouveaux", JournalKind::Carryover),
        ("BQ1", "Banque - compte courant", JournalKind::Finances),
        ("BQ2", "Banque - compte sur livret", JournalKind::Finances),
        ("TVA", "TVA", JournalKind::Vat),
        ("PA", "Paie", JournalKind::Payroll),
        ("EMP", "Emprunts", JournalKind::Loans),
        ("RT", "TVA en attente", JournalKind::PendingVat),
        ("SIT", "Situation", JournalKind::Situation),
    ];
    ROWS.iter()
        .enumerate()
        .map(|(place, &(code, label, kind))| Journal {
            id: ids::JOURNALS.id(place),
            code,
            label,
            kind,
        })
        .collect()
}

/// A company on the eve of its first day.
pub(super) fn found(settings: &Settings, plan: Plan) -> Simulation {
    let eve = calendar::plus(plan.founded, -1);
    // Stream 0 is 1970-01-01, a day that no company lives.
    let mut chance = Chance::new(settings.seed, 0);
    let mut clock = Clock::new(plan.entries_per_day());
    clock.begin(eve);
    let at = clock.tick(&mut chance);
    let identity = identity(&mut chance, &plan, at);
    let mut life = Simulation {
        settings: settings.clone(),
        day: plan.founded,
        books: Books::new(at),
        log: ChangeLog::new(memory_begins(settings)),
        agenda: BTreeMap::new(),
        users: users(&mut chance, &identity),
        identity,
        fiscal_years: Vec::new(),
        category_groups: analysis::groups(at),
        categories: analysis::categories(at),
        products: Vec::new(),
        customers: Vec::new(),
        businesses: Vec::new(),
        people: Vec::new(),
        unpaid: Vec::new(),
        customer_invoices: Vec::new(),
        customer_items: Vec::new(),
        customer_lines: 0,
        contacts: 0,
        invoice_numbers: 0,
        credit_note_numbers: 0,
        suppliers: Vec::new(),
        sellers: vec![Vec::new(); PROFILES.len()],
        supplier_invoices: Vec::new(),
        supplier_items: Vec::new(),
        supplier_lines: 0,
        bank_establishments: Vec::new(),
        bank_accounts: Vec::new(),
        transactions: Vec::new(),
        open_lines: HashMap::new(),
        piece_numbers: 0,
        assets: Vec::new(),
        vat_month: VatMonth::default(),
        vat_returns: Vec::new(),
        declarations: Vec::new(),
        loan_principal: 0,
        carried: Carried::default(),
        removed: Removed::default(),
        plan,
        chance,
        clock,
    };
    life.open_fiscal_year(life.plan.founded.year());
    life.open_fiscal_year(life.plan.founded.year() + 1);
    life.open_banks();
    for article in ARTICLES.iter().chain([&SHIPPING]) {
        life.add_product(article);
    }
    life.find_first_third_parties();
    life
}

fn identity(chance: &mut Chance, plan: &Plan, at: Timestamp) -> Identity {
    let siren = identifiers::siren(chance);
    // A month of sales, at least 5,000 €, in whole thousands.
    let capital = (plan.month_revenue(plan.founded.year()) / 100_000).max(5) * 100_000;
    Identity {
        id: ids::COMPANY,
        trade_name: "Atelier Lumen".to_owned(),
        name: "Atelier Lumen SAS".to_owned(),
        siret: identifiers::siret(&siren, 1),
        vat_number: identifiers::vat_number(&siren),
        siren,
        activity_code: "4759A".to_owned(),
        address: Address {
            street: "14 rue des Cèdres".to_owned(),
            postal_code: "69007".to_owned(),
            city: "Lyon".to_owned(),
            country_alpha2: "FR".to_owned(),
        },
        capital,
        founded: plan.founded,
        firm_id: ids::FIRM,
        firm_name: "Cabinet Verdier & Associés".to_owned(),
        created_at: at,
    }
}

fn users(chance: &mut Chance, identity: &Identity) -> Vec<User> {
    ["admin", "internal_accountant", "employee", "accountant"]
        .into_iter()
        .enumerate()
        .map(|(place, role)| {
            let (first_name, last_name) = names::person(chance);
            let domain = if role == "accountant" {
                "cabinet-verdier.example"
            } else {
                "atelier-lumen.example"
            };
            let email = format!(
                "{}.{}@{domain}",
                names::plain(&first_name, None),
                names::plain(&last_name, Some('-'))
            );
            User {
                id: ids::USERS.id(place),
                first_name,
                last_name,
                email,
                role,
                last_activity: identity.founded,
            }
        })
        .collect()
}

impl Simulation {
    /// Adds the fiscal year of a calendar year, open.
    pub(super) fn open_fiscal_year(&mut self, year: i16) {
        let at = self.now();
        let start = jiff::civil::date(year, 1, 1);
        self.fiscal_years.push(FiscalYear {
            id: ids::FISCAL_YEARS.id(self.fiscal_years.len()),
            start,
            end: start.last_of_year(),
            status: FiscalYearStatus::Open,
            closed_at: None,
            created_at: at,
            updated_at: at,
        });
    }

    /// Adds a product of the catalogue.
    pub(super) fn add_product(&mut self, article: &Article) {
        let place = self.products.len();
        let at = self.now();
        let id = ids::PRODUCTS.id(place);
        self.log.inserted(Resource::Products, id, at);
        self.products.push(Product {
            id,
            label: article.label.to_owned(),
            description: article.description.to_owned(),
            reference: format!("LUM-{:04}", place + 1),
            external_reference: self.chance.uuid(),
            price_before_tax: article.price,
            vat_code: article.vat_code,
            price: article.price + article.vat_code.tax(article.price),
            unit: article.unit,
            substance: article.substance,
            account_id: self.books.accounts
                [self.books.taxed_account(article.account, article.vat_code)]
            .id,
            created_at: at,
            updated_at: at,
        });
    }

    fn open_banks(&mut self) {
        let rows = [
            ("Banque du Confluent", "Compte courant", "512001"),
            ("Caisse des Deux Rives", "Livret", "512002"),
        ];
        for (place, (bank, name, account)) in rows.into_iter().enumerate() {
            let at = self.now();
            let establishment_id = ids::BANK_ESTABLISHMENTS.id(place);
            self.bank_establishments.push(BankEstablishment {
                id: establishment_id,
                name: bank.to_owned(),
                created_at: at,
                updated_at: at,
            });
            self.bank_accounts.push(BankAccount {
                id: ids::BANK_ACCOUNTS.id(place),
                name: format!("{name} {bank}"),
                establishment_id,
                journal_id: ids::JOURNALS.id(Book::CurrentAccount as usize + place),
                account_id: self.books.accounts[self.books.account(account)].id,
                iban: identifiers::french_iban(&mut self.chance, ["18219", "14707"][place]),
                balance: 0,
                last_sync_at: at,
                created_at: at,
                updated_at: at,
            });
        }
    }

    fn find_first_third_parties(&mut self) {
        for (profile, kind) in PROFILES.iter().enumerate() {
            for rank in 0..kind.suppliers {
                self.add_supplier(profile, rank == 0);
            }
        }
        let businesses = ((self.plan.sales(self.plan.founded) * 8.0) as usize).clamp(12, 400);
        for _ in 0..businesses {
            self.add_business();
        }
        for _ in 0..businesses {
            self.add_person();
        }
    }

    /// The foundation: capital, loan, first equipment, deposit for the rent.
    pub(super) fn start_business(&mut self) {
        let capital = self.identity.capital;
        let account = self.books.account("1013");
        self.bank_move(
            0,
            capital,
            "VIR LIBERATION DU CAPITAL",
            Some("A1A"),
            &[Leg::credit(account, capital)],
        );
        let loan = capital / 200_000 * 300_000;
        let account = self.books.account("164");
        self.bank_move(
            0,
            loan,
            "DEBLOCAGE PRET PROFESSIONNEL",
            None,
            &[Leg::credit(account, loan)],
        );
        self.loan_principal = loan;
        let deposit = self.plan.month_revenue(self.day.year()) * 38 / 1_000 * 2 / 100 * 100;
        let account = self.books.account("275");
        self.bank_move(
            0,
            -deposit,
            "VIR DEPOT DE GARANTIE BAIL",
            Some("B1D"),
            &[Leg::debit(account, deposit)],
        );
        self.equip();
    }

    /// The first equipment, bought from its suppliers like everything else.
    fn equip(&mut self) {
        let total = self.identity.capital / 2;
        for (account, percent) in
            [("205", 8), ("2154", 40), ("2182", 22), ("2183", 18), ("2184", 12)]
        {
            let profile = PROFILES
                .iter()
                .position(|profile| profile.account == account)
                .expect("the catalogue has a supplier of every kind of equipment");
            let supplier = self.sellers[profile][0];
            self.purchase(profile, supplier, total * percent / 10_000 * 100);
        }
    }
}
