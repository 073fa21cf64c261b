//! The data share on a real server: what the login sees, what it may not do, what a refresh shows to a reader.

use std::sync::Arc;

use jiff::civil::date;
use penny_sandbox::company::{Company, Settings};
use penny_sandbox::share::{self, Login};
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::server::Postgres;

/// There is one database `prod`: one test at a time fills it.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Tables and the number of their columns.
const TABLES: [(&str, usize); 14] = [
    ("analytical_ledger", 26),
    ("bank_accounts", 18),
    ("bank_transactions", 18),
    ("companies", 13),
    ("company_users", 10),
    ("customer_invoices", 17),
    ("customers", 18),
    ("fiscal_years", 10),
    ("general_ledger", 23),
    ("supplier_invoices", 16),
    ("suppliers", 18),
    ("tax_declarations", 15),
    ("trial_balance", 16),
    ("vat_declarations", 10),
];

/// A filled data share.
struct Share {
    server: Config,
    login: Login,
    company: Company,
    _postgres: Arc<Postgres>,
    _alone: MutexGuard<'static, ()>,
}

impl Share {
    async fn new() -> Share {
        let postgres =
            tokio::task::spawn_blocking(Postgres::shared).await.expect("PostgreSQL starts");
        let alone = ONE_AT_A_TIME.lock().await;
        let server = postgres.superuser();
        let login = Login { user: "u_1000001".to_owned(), password: r"pa'ss\wo$$rd".to_owned() };
        let settings =
            Settings { seed: 5, lines: 2_000, today: date(2026, 3, 12), advanced_days: 0 };
        let company = Company::generate(&settings);
        let share = Share { server, login, company, _postgres: postgres, _alone: alone };
        share.install(&share.company).await;
        share
    }

    async fn install(&self, company: &Company) -> share::Installed {
        share::install(|database| self.as_superuser(database), company, &self.login)
            .await
            .expect("it installs")
    }

    async fn is_current(&self, settings: &Settings) -> bool {
        share::is_current(|database| self.as_superuser(database), settings, &self.login)
            .await
            .expect("it answers")
    }

    fn as_superuser(
        &self,
        database: &str,
    ) -> impl Future<Output = Result<Client, tokio_postgres::Error>> + use<> {
        let mut config = self.server.clone();
        config.dbname(database);
        connect(config)
    }

    async fn try_login(
        &self,
        database: &str,
        password: &str,
    ) -> Result<Client, tokio_postgres::Error> {
        let mut config = self.server.clone();
        config.dbname(database).user(&self.login.user).password(password);
        connect(config).await
    }

    async fn reader(&self) -> Client {
        self.try_login("prod", &self.login.password).await.expect("the login connects")
    }
}

async fn connect(config: Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The single value of a query, as text.
async fn value(client: &Client, sql: &str) -> String {
    let messages =
        client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    row.unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_have_the_columns_that_pennylane_shows() {
    let share = Share::new().await;
    let reader = share.reader().await;
    for (table, count) in TABLES {
        let columns =
            reader.prepare(&format!("SELECT * FROM pennylane.{table}")).await.expect(table);
        assert_eq!(columns.columns().len(), count, "{table}");
        let with_deletions =
            reader.prepare(&format!("SELECT * FROM etl.{table}")).await.expect(table);
        let names: Vec<&str> =
            with_deletions.columns().iter().map(|column| column.name()).collect();
        assert_eq!(names.len(), count + 2, "{table}");
        assert_eq!(names[count..], ["deleted_at", "synchronised_at"], "{table}");
    }
    let ledger =
        reader.prepare("SELECT * FROM pennylane.analytical_ledger").await.expect("the ledger");
    let shape: Vec<String> = ledger
        .columns()
        .iter()
        .map(|column| format!("{} {}", column.name(), column.type_()))
        .collect();
    assert_eq!(
        shape.join(", "),
        "id int8, company_id int8, company_name varchar, date date, lettering int8, label varchar, debit numeric, \
         credit numeric, plan_item_number varchar, plan_item_label varchar, journal_code varchar, \
         journal_label varchar, document_id int8, document_label varchar, invoice_number varchar, \
         invoice_link varchar, fec_pieceref varchar, document_created_at timestamp, document_updated_at timestamp, \
         thirdparty_id int8, thirdparty_plan_item_number varchar, thirdparty_plan_item_label varchar, \
         tag_group varchar, tag_label varchar, analytical_code varchar, tag_weight numeric"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_reads_and_can_do_nothing_else() {
    let share = Share::new().await;
    for refused in [
        "INSERT INTO pennylane.fiscal_years SELECT * FROM pennylane.fiscal_years",
        "DELETE FROM etl.customers",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "SELECT * FROM source.general_ledger",
        "SELECT * FROM pg_catalog.pg_tables",
        "SELECT * FROM pennylane.invoices",
        "ALTER ROLE u_1000001 SUPERUSER",
    ] {
        let reader = share.reader().await;
        // Reading only is a default that a session may undo; the rights are what holds.
        reader
            .batch_execute("SET default_transaction_read_only = off")
            .await
            .expect("a session may set it");
        let error = reader.simple_query(refused).await.expect_err(refused);
        let code = error.code().cloned();
        let expected = if refused.contains("invoices") {
            SqlState::UNDEFINED_TABLE
        } else {
            SqlState::INSUFFICIENT_PRIVILEGE
        };
        assert_eq!(code, Some(expected), "{refused}: {error:?}");
    }
    let reader = share.reader().await;
    assert_eq!(value(&reader, "SHOW default_transaction_read_only").await, "on");
    assert!(value(&reader, "SELECT version()").await.starts_with("PostgreSQL 8.0.2 on i686"));
    let listed = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'pennylane'";
    assert_eq!(value(&reader, listed).await, "0");
    assert!(
        value(&reader, "SELECT count(*) FROM information_schema.tables")
            .await
            .parse::<u32>()
            .unwrap()
            > 10
    );
    assert_eq!(
        value(&reader, "SELECT count(*) FROM pg_namespace WHERE nspname = 'practice_management'")
            .await,
        "1"
    );
    assert!(share.try_login("postgres", &share.login.password).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_agree_with_each_other_and_with_the_company() {
    let share = Share::new().await;
    let reader = share.reader().await;
    let lines = share.company.lines.len();
    let tags: usize = share.company.lines.iter().map(|line| line.categories.len().max(1)).sum();
    for (sql, expected) in [
        ("SELECT count(*) FROM pennylane.general_ledger", lines.to_string()),
        ("SELECT count(DISTINCT id) FROM pennylane.general_ledger", lines.to_string()),
        ("SELECT count(*) FROM pennylane.analytical_ledger", tags.to_string()),
        ("SELECT count(*) FROM pennylane.customers", share.company.customers.len().to_string()),
        ("SELECT sum(debit) - sum(credit) FROM pennylane.general_ledger", "0.00".to_owned()),
        (
            "SELECT count(*) FROM (SELECT document_id FROM pennylane.general_ledger GROUP BY 1
             HAVING sum(debit) <> sum(credit) OR count(DISTINCT (date, journal_code)) > 1) AS broken",
            "0".to_owned(),
        ),
        ("SELECT sum(balance) FROM pennylane.trial_balance", "0.00".to_owned()),
        (
            "SELECT count(*) FROM pennylane.trial_balance WHERE (id IS NULL) <> (number IN ('401', '411'))
             OR balance <> debits - credits",
            "0".to_owned(),
        ),
        (
            "SELECT sum(b.balance) - (SELECT sum(outstanding_balance) FROM pennylane.customer_invoices)
             FROM pennylane.trial_balance b WHERE number = '411' AND fiscal_period_start = '2026-01-01'",
            "0.00".to_owned(),
        ),
        (
            "SELECT sum(a.balance)::numeric - (SELECT sum(b.balance) FROM pennylane.trial_balance b
             WHERE number LIKE '512%' AND fiscal_period_start = '2026-01-01') FROM pennylane.bank_accounts a",
            "0.00".to_owned(),
        ),
        (
            "SELECT count(*) FROM (SELECT lettering FROM pennylane.general_ledger WHERE lettering IS NOT NULL
             GROUP BY 1 HAVING sum(debit) <> sum(credit) OR count(DISTINCT plan_item_number) > 1) AS broken",
            "0".to_owned(),
        ),
        ("SELECT count(*) FROM pennylane.vat_declarations WHERE (status = 'not done') <> (period_start IS NULL)", "0".to_owned()),
        ("SELECT count(*) FROM pennylane.analytical_ledger WHERE tag_weight NOT BETWEEN 0.01 AND 1", "0".to_owned()),
    ] {
        let found = value(&reader, sql).await;
        assert_eq!(found.trim_start_matches('-').parse::<f64>().ok(), expected.parse().ok(), "{sql}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_the_old_company_or_the_new_one() {
    let share = Share::new().await;
    let before = share.company.settings.clone();
    assert!(share.is_current(&before).await);
    let after = before.advance(3);
    assert!(!share.is_current(&after).await);
    let count = "SELECT count(*) FROM pennylane.general_ledger";
    let patient = share.reader().await;
    patient.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.expect("a transaction");
    let old = value(&patient, count).await;
    assert_eq!(old, share.company.lines.len().to_string());
    let company = Company::generate(&after);
    let installed = share.install(&company).await;
    assert!(!installed.created_database);
    assert_eq!(
        value(&patient, count).await,
        old,
        "the transaction still reads the version it began with"
    );
    patient.batch_execute("COMMIT").await.expect("it commits");
    assert_eq!(value(&patient, count).await, company.lines.len().to_string());
    assert_ne!(old, company.lines.len().to_string());
    assert!(share.is_current(&after).await);
    let deleted = "SELECT count(*) FROM etl.general_ledger WHERE deleted_at IS NOT NULL";
    let expected = company.removed.lines.iter().filter(|line| {
        line.deleted_at
            >= company.bank_accounts[0].last_sync_at - jiff::SignedDuration::from_hours(7 * 24)
    });
    assert_eq!(value(&patient, deleted).await, expected.count().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_replaces_the_old_one() {
    let share = Share::new().await;
    let changed = Login { password: "another one".to_owned(), ..share.login.clone() };
    share::renew_login(|database| share.as_superuser(database), &changed).await.expect("it renews");
    let refused =
        share.try_login("prod", &share.login.password).await.expect_err("the old password");
    assert_eq!(refused.code(), Some(&SqlState::INVALID_PASSWORD));
    share.try_login("prod", "another one").await.expect("the new password");
    assert!(!format!("{changed:?}").contains("another"));
}
