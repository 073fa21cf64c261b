//! The `.env` of a new workspace: generated passwords, and the places for the user's own secrets.

use rand::RngExt as _;

use super::create::Purpose;

const WAY: &str = "\
# Secrets of this workspace. Never share this file, never put it under version control.
# A variable set in the environment wins over the same one here.
";

/// What a new `.env` says.
pub fn text(purpose: &Purpose) -> String {
    let (token, redshift) = match purpose {
        Purpose::Company => (String::new(), COMPANY_REDSHIFT.to_owned()),
        Purpose::Demo => (
            format!("sandbox-{}", new_password()),
            format!("{DEMO_REDSHIFT}REDSHIFT_PASSWORD={}\n", new_password()),
        ),
    };
    format!(
        "{WAY}\n{API_WAY}PENNYLANE_API_TOKEN={token}\n\n{redshift}\n{POSTGRES_WAY}\
         POSTGRES_PORT={}\nPOSTGRES_DB=pennylane_db\nPOSTGRES_SCHEMA=pennylane\nPOSTGRES_USER=penny\n\
         POSTGRES_PASSWORD={}\n\n{POWERBI_WAY}POWERBI_USER=powerbi\nPOWERBI_PASSWORD={}\n\n{ALERTS_WAY}\n{WEB_WAY}",
        purpose_port(),
        new_password(),
        new_password(),
    )
}

/// What `.env.example` says: the same names, no secret.
pub fn example() -> String {
    format!(
        "# Copy this file to .env and fill it in.\n\n{API_WAY}PENNYLANE_API_TOKEN=\n\n\
         {COMPANY_REDSHIFT}\n{POSTGRES_WAY}POSTGRES_PORT=5433\nPOSTGRES_DB=pennylane_db\n\
         POSTGRES_SCHEMA=pennylane\nPOSTGRES_USER=penny\nPOSTGRES_PASSWORD=\n\n\
         {POWERBI_WAY}POWERBI_USER=powerbi\nPOWERBI_PASSWORD=\n\n{ALERTS_WAY}\n{WEB_WAY}"
    )
}

fn purpose_port() -> u16 {
    crate::database::PORT
}

const API_WAY: &str = "\
# Pennylane's API: Pennylane > Paramètres > Connectivité > Développeurs, a token that may read
# (customers, suppliers, customer_invoices, supplier_invoices, transactions).
";

const COMPANY_REDSHIFT: &str = "\
# Pennylane's data share: Pennylane > Paramètres > Connectivité > Data sharing.
REDSHIFT_HOST=pennylane-external.csqwamh5pldr.eu-west-1.redshift.amazonaws.com
REDSHIFT_PORT=5439
REDSHIFT_DB=prod
REDSHIFT_USER=
REDSHIFT_PASSWORD=
";

const DEMO_REDSHIFT: &str = "\
# The data share of the simulated Pennylane, on Penny's own PostgreSQL.
REDSHIFT_DB=prod
REDSHIFT_USER=u_1000001
";

const POSTGRES_WAY: &str = "\
# The tables: Penny's own PostgreSQL on this computer. To use another server, add POSTGRES_HOST
# (and POSTGRES_SSLMODE, as libpq names the modes), or one DATABASE_URL=postgresql://…
";

const ALERTS_WAY: &str = "\
# For an [[alert]] of penny.toml, remove the # before what it needs; `penny alerts test` tries it.
# SMTP_HOST=smtp.example.com
# SMTP_USER=penny@example.com
# SMTP_PASSWORD=
# SLACK_WEBHOOK_URL=
# TEAMS_WEBHOOK_URL=
";

const POWERBI_WAY: &str = "\
# The login that Power BI uses: it can read the tables and nothing else. On a server that POSTGRES_HOST names, Penny
# makes it if POWERBI_SERVER says where Power BI finds that server: a name and a port.
";

const WEB_WAY: &str = "\
# The dashboard needs neither on this computer: docs/dashboard.md tells when others do.
# PENNY_WEB_PASSWORD=
# PENNY_API_TOKEN=
";

/// A password that needs no quoting anywhere: 32 letters and digits, about 190 bits.
pub fn new_password() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut random = rand::rng();
    (0..32).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect()
}
