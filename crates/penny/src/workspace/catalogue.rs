//! The twelve notebooks that a new workspace has.

/// Where a notebook's data come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The REST API.
    Api,
    /// The Redshift data share.
    DataShare,
}

/// One of the twelve.
pub struct Notebook {
    /// Its name in penny.toml and the table it publishes.
    pub name: &'static str,
    /// What it is, in the words of its users.
    pub description: &'static str,
    /// Where its data come from.
    pub source: Source,
    /// Its text, as a notebook file.
    pub text: &'static str,
}

macro_rules! notebook {
    ($name:literal, $source:ident, $description:literal) => {
        Notebook {
            name: $name,
            description: $description,
            source: Source::$source,
            text: include_str!(concat!("../../../../notebooks/Import_", $name, ".ipynb")),
        }
    };
}

/// The twelve, in the order in which they run.
pub const CATALOGUE: &[Notebook] = &[
    notebook!("customers", Api, "Clients"),
    notebook!("customer_invoices", Api, "Factures clients"),
    notebook!("suppliers", Api, "Fournisseurs"),
    notebook!("supplier_invoices", Api, "Factures fournisseurs"),
    notebook!("bank_transactions", Api, "Transactions bancaires"),
    notebook!("analytical_ledger", DataShare, "Grand livre analytique"),
    notebook!("general_ledger", DataShare, "Grand livre général"),
    notebook!("trial_balance", DataShare, "Balance générale"),
    notebook!("bank_accounts", DataShare, "Comptes bancaires"),
    notebook!("fiscal_years", DataShare, "Exercices fiscaux"),
    notebook!("tax_declarations", DataShare, "Déclarations fiscales"),
    notebook!("vat_declarations", DataShare, "Déclarations de TVA"),
];

impl Notebook {
    /// Its file within a workspace.
    pub fn file(&self) -> String {
        format!("data/API Publique/Import_{}.ipynb", self.name)
    }
}
