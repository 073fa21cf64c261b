//! The data share: the company as the read-only database that Pennylane lends.
//!
//! Pennylane lends an Amazon Redshift; here a PostgreSQL server stands in for it, with the same database, schemas,
//! tables and columns, and as many of Redshift's refusals as grants allow.

mod balance;
mod ledger;
mod records;
mod row;
mod schema;
mod source;
mod table;

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use futures_util::SinkExt as _;
use tokio_postgres::{Client, Transaction};

use crate::company::{Company, Settings};
use row::Rows;
use source::Source;
use table::{LEDGER_TAGS, TABLES, Table};

/// Name of the database.
pub const DATABASE: &str = "prod";

/// Number of the layout of tables and views; another one rebuilds them.
const LAYOUT: i32 = 1;
/// Bytes of rows sent at once.
const BLOCK_BYTES: usize = 256 * 1024;
/// Two installations at once would load the rows twice.
const INSTALL_LOCK: i64 = 0x0070_656e_6e79;

/// The login that is lent.
#[derive(Clone)]
pub struct Login {
    /// Name, `u_` and digits at Pennylane's.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What an installation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Whether the database was created.
    pub created_database: bool,
    /// Names of the private tables, each with its number of rows, deleted ones included.
    pub rows: Vec<(&'static str, u64)>,
}

/// Why the data share could not be filled or looked at.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// No connection.
    #[error(
        "no connection to database `{database}` for the data share: check that the server runs and that the user is a superuser"
    )]
    Connect {
        /// The database.
        database: &'static str,
        /// What the driver said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// A statement failed.
    #[error("the data share could not be prepared while {doing}")]
    Statement {
        /// What was being done, as a participle.
        doing: String,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
}

/// Fills, or refreshes, the data share. `connect` opens a connection of a superuser to a database of the server, and
/// sees to it that the connection is driven; the database `prod` and the login are created if they are missing.
///
/// A reader sees the old rows until all the new ones are there.
///
/// # Errors
/// When there is no connection or a statement fails; the rows are then what they were.
pub async fn install<F, Fut>(
    connect: F,
    company: &Company,
    login: &Login,
) -> Result<Installed, ShareError>
where
    F: Fn(&str) -> Fut,
    Fut: Future<Output = Result<Client, tokio_postgres::Error>>,
{
    let admin = open(&connect, "postgres").await?;
    let created_database = create_database(&admin).await?;
    renew_login_on(&admin, login).await?;
    let mut client = open(&connect, DATABASE).await?;
    let transaction = client.transaction().await.map_err(at("beginning a transaction"))?;
    transaction
        .query("SELECT pg_advisory_xact_lock($1)", &[&INSTALL_LOCK])
        .await
        .map_err(at("waiting for another installation"))?;
    prepare(&transaction, login).await?;
    let rows = load(&transaction, company).await?;
    record(&transaction, &company.settings, login).await?;
    transaction.commit().await.map_err(at("committing the rows"))?;
    // What the refresh replaced is given back, and the planner learns the new sizes.
    for (table, _) in &rows {
        let sql = format!("VACUUM (ANALYZE) {}.{table}", schema::PRIVATE);
        client.batch_execute(&sql).await.map_err(at("tidying up"))?;
    }
    Ok(Installed { created_database, rows })
}

/// Whether `prod` already holds the company of these settings, for this login: a question of milliseconds.
///
/// # Errors
/// When there is no connection or a statement fails.
pub async fn is_current<F, Fut>(
    connect: F,
    settings: &Settings,
    login: &Login,
) -> Result<bool, ShareError>
where
    F: Fn(&str) -> Fut,
    Fut: Future<Output = Result<Client, tokio_postgres::Error>>,
{
    let admin = open(&connect, "postgres").await?;
    if !has_database(&admin).await? || !has_role(&admin, login).await? {
        return Ok(false);
    }
    let client = open(&connect, DATABASE).await?;
    if installed_layout(&client).await? != Some(LAYOUT) {
        return Ok(false);
    }
    let row = client
        .query_opt("SELECT settings, login FROM source.installed", &[])
        .await
        .map_err(at("reading what is installed"))?;
    Ok(row.is_some_and(|row| {
        row.get::<_, &str>(0) == recorded(settings) && row.get::<_, &str>(1) == login.user
    }))
}

/// Gives the login its password again, without touching the rows; creates it if it is missing.
///
/// # Errors
/// When there is no connection or the statement fails.
pub async fn renew_login<F, Fut>(connect: F, login: &Login) -> Result<(), ShareError>
where
    F: Fn(&str) -> Fut,
    Fut: Future<Output = Result<Client, tokio_postgres::Error>>,
{
    renew_login_on(&open(&connect, "postgres").await?, login).await
}

async fn open<F, Fut>(connect: &F, database: &'static str) -> Result<Client, ShareError>
where
    F: Fn(&str) -> Fut,
    Fut: Future<Output = Result<Client, tokio_postgres::Error>>,
{
    connect(database).await.map_err(|source| ShareError::Connect { database, source })
}

async fn create_database(admin: &Client) -> Result<bool, ShareError> {
    if has_database(admin).await? {
        return Ok(false);
    }
    let sql = format!(
        "CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    );
    admin.batch_execute(&sql).await.map_err(at("creating database `prod`"))?;
    Ok(true)
}

async fn has_database(admin: &Client) -> Result<bool, ShareError> {
    let row = admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE]).await;
    Ok(row.map_err(at("looking for database `prod`"))?.is_some())
}

async fn has_role(admin: &Client, login: &Login) -> Result<bool, ShareError> {
    let row = admin.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&login.user]).await;
    Ok(row.map_err(at("looking for the login"))?.is_some())
}

async fn renew_login_on(admin: &Client, login: &Login) -> Result<(), ShareError> {
    let exists = has_role(admin, login).await?;
    // The statement holds the password: it must not reach the server's log.
    let quiet = "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic'";
    admin.batch_execute(quiet).await.map_err(at("silencing the server's log"))?;
    let sql = schema::login(&login.user, &login.password, exists);
    admin.batch_execute(&sql).await.map_err(at("giving the login its password"))?;
    // Nobody but superusers and those told so by name has business in the server's own databases.
    let sql = "REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC";
    admin.batch_execute(sql).await.map_err(at("closing the other databases to the login"))
}

async fn prepare(transaction: &Transaction<'_>, login: &Login) -> Result<(), ShareError> {
    if installed_layout(transaction.client()).await? != Some(LAYOUT) {
        transaction.batch_execute(&schema::layout()).await.map_err(at("laying out the schemas"))?;
    }
    transaction
        .batch_execute(&schema::grants(&login.user))
        .await
        .map_err(at("granting the login its rights"))
}

async fn installed_layout(client: &Client) -> Result<Option<i32>, ShareError> {
    let found = client.query_one("SELECT to_regclass('source.installed') IS NOT NULL", &[]).await;
    if !found.map_err(at("looking for the layout"))?.get::<_, bool>(0) {
        return Ok(None);
    }
    // The table is empty until the first rows are there.
    let row = client
        .query_opt("SELECT layout FROM source.installed", &[])
        .await
        .map_err(at("reading the layout"))?;
    Ok(row.map(|row| row.get(0)))
}

async fn load(
    transaction: &Transaction<'_>,
    company: &Company,
) -> Result<Vec<(&'static str, u64)>, ShareError> {
    let source = Source::new(company);
    let mut counts = Vec::new();
    for table in TABLES.iter().chain([&LEDGER_TAGS]) {
        let doing = || format!("filling table `{}`", table.name);
        let count = fill(transaction, table, &source).await;
        counts.push((
            table.name,
            count.map_err(|source| ShareError::Statement { doing: doing(), source })?,
        ));
    }
    Ok(counts)
}

/// Replaces the rows of a table. They are deleted, not truncated, because a reader may still be in the old version.
async fn fill(
    transaction: &Transaction<'_>,
    table: &Table,
    source: &Source<'_>,
) -> Result<u64, tokio_postgres::Error> {
    transaction.batch_execute(&format!("DELETE FROM {}.{}", schema::PRIVATE, table.name)).await?;
    let sink =
        transaction.copy_in(&format!("COPY {}.{} FROM STDIN", schema::PRIVATE, table.name)).await?;
    let mut sink = std::pin::pin!(sink);
    let mut rows = Rows::default();
    let mut next = (table.fill)(source);
    while next(&mut rows) {
        if rows.len() >= BLOCK_BYTES {
            sink.send(Bytes::from(rows.take())).await?;
        }
    }
    sink.send(Bytes::from(rows.take())).await?;
    sink.finish().await
}

async fn record(
    transaction: &Transaction<'_>,
    settings: &Settings,
    login: &Login,
) -> Result<(), ShareError> {
    transaction
        .batch_execute("DELETE FROM source.installed")
        .await
        .map_err(at("recording what is installed"))?;
    transaction
        .execute(
            "INSERT INTO source.installed VALUES ($1, $2, $3)",
            &[&recorded(settings), &LAYOUT, &login.user],
        )
        .await
        .map_err(at("recording what is installed"))?;
    Ok(())
}

fn recorded(settings: &Settings) -> String {
    format!(
        "seed={} lines={} today={} advanced_days={}",
        settings.seed, settings.lines, settings.today, settings.advanced_days
    )
}

/// Says what was being done when the server refused.
fn at(doing: &'static str) -> impl Fn(tokio_postgres::Error) -> ShareError {
    move |source| ShareError::Statement { doing: doing.to_owned(), source }
}
