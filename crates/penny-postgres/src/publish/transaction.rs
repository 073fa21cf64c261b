//! The one transaction in which a table goes from one whole version to the next.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, IsolationLevel, Transaction};

use super::catalog::{self, Table};
use super::copy::OldRow;
use super::delta::{Noting, RowChanges};
use super::difference::{Difference, difference};
use super::fingerprint::Fingerprint;
use super::intake::Intake;
use super::report::ColumnChange;
use super::{Publication, PublishError, copy, delta, evolve, filling, readers, views};

/// How often the work is begun anew after a deadlock, or because the table changed at the last moment.
const TRIES_MAX: u32 = 5;

/// What the transaction did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub inserted: u64,
    pub deleted: u64,
    pub unchanged: u64,
    pub bytes: u64,
    pub warnings: Vec<String>,
    pub rows: RowChanges,
}

/// How a try ended.
enum Try {
    Done(Outcome),
    /// The table is not what the plan was made for, since someone else changed it meanwhile.
    Changed(Option<Table>),
}

/// Makes the table hold the rows of `intake`.
pub(super) async fn run(
    client: &mut Client,
    publication: &Publication,
    intake: &mut Intake<'_>,
) -> Result<Outcome, PublishError> {
    let until = Instant::now() + publication.lock_timeout;
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(client, publication, intake, until).await {
            Ok(Try::Done(outcome)) => return Ok(outcome),
            Ok(Try::Changed(table)) if tries < TRIES_MAX => intake.replan(table)?,
            Ok(Try::Changed(_)) => {
                return Err(PublishError::Unsettled { table: publication.table.to_string() });
            }
            Err(error) if error.is_collision() && tries < TRIES_MAX => {
                tracing::debug!(%error, "a publish is begun anew");
                tokio::time::sleep(Duration::from_millis(50)).await;
                let table = catalog::look(&*client, &publication.table).await?;
                intake.replan(table)?;
            }
            Err(error) => return Err(name_holder(client, publication, error).await),
        }
    }
}

async fn attempt(
    client: &mut Client,
    publication: &Publication,
    intake: &mut Intake<'_>,
    until: Instant,
) -> Result<Try, PublishError> {
    let mut transaction = begin(client, publication, until).await?;
    queue_up(&transaction, publication).await?;
    evolve::ensure_schema(&transaction, publication).await?;
    let table = lock(&transaction, publication).await?;
    if table != intake.plan.table {
        return Ok(Try::Changed(table));
    }
    let outcome = match table {
        None => fill_new(&transaction, publication, intake).await?,
        Some(table) => {
            let difference = read_and_compare(&transaction, publication, intake, &table).await?;
            update(&mut transaction, publication, intake, &table, until, difference).await?
        }
    };
    conclude(transaction, publication, outcome).await.map(Try::Done)
}

/// Lets the readers in, and commits.
pub(super) async fn conclude(
    mut transaction: Transaction<'_>,
    publication: &Publication,
    mut outcome: Outcome,
) -> Result<Outcome, PublishError> {
    outcome.warnings.extend(readers::admit(&mut transaction, publication).await?);
    transaction
        .commit()
        .await
        .map_err(|error| PublishError::server(&publication.table, "commit", error))?;
    Ok(outcome)
}

/// A transaction that waits for locks until then, and for nothing else.
pub(super) async fn begin<'a>(
    client: &'a mut Client,
    publication: &Publication,
    until: Instant,
) -> Result<Transaction<'a>, PublishError> {
    let failed = |error| PublishError::server(&publication.table, "begin to write", error);
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::ReadCommitted)
        .read_only(false)
        .start()
        .await
        .map_err(failed)?;
    let limits = format!(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL lock_timeout = {}; SET CONSTRAINTS ALL DEFERRED",
        milliseconds_until(until)
    );
    transaction.batch_execute(&limits).await.map_err(failed)?;
    Ok(transaction)
}

/// Two publishes of the same table go one after the other, even while the table does not exist yet.
pub(super) async fn queue_up(
    transaction: &Transaction<'_>,
    publication: &Publication,
) -> Result<(), PublishError> {
    transaction
        .execute("SELECT pg_catalog.pg_advisory_xact_lock($1)", &[&queue_number(publication)])
        .await
        .map(drop)
        .map_err(|error| PublishError::server(&publication.table, "lock", error))
}

/// FNV-1a of the name: two tables that share a number would only wait for each other.
fn queue_number(publication: &Publication) -> i64 {
    let name = format!("penny publish {}", publication.table.sql());
    name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) as i64
}

/// Locks the table against other writers (readers do not notice), and looks at it as it is from now on.
pub(super) async fn lock(
    transaction: &Transaction<'_>,
    publication: &Publication,
) -> Result<Option<Table>, PublishError> {
    if catalog::look(transaction, &publication.table).await?.is_none() {
        return Ok(None);
    }
    let statement = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", publication.table.sql());
    transaction
        .batch_execute(&statement)
        .await
        .map_err(|error| PublishError::server(&publication.table, "lock", error))?;
    catalog::look(transaction, &publication.table).await
}

async fn fill_new(
    transaction: &Transaction<'_>,
    publication: &Publication,
    intake: &mut Intake<'_>,
) -> Result<Outcome, PublishError> {
    evolve::create(transaction, publication, &intake.plan).await?;
    let (inserted, bytes) =
        filling::send_rows(transaction, publication, intake, None, None).await?;
    Ok(Outcome { inserted, bytes, rows: RowChanges::Made, ..Outcome::default() })
}

/// Brings the table to the new rows by the `difference`, or writes every row anew when there is none.
///
/// The order matters to readers: all that can be done without disturbing them comes first. Only then comes
/// the schema change, from which on they wait until the commit.
pub(super) async fn update(
    transaction: &mut Transaction<'_>,
    publication: &Publication,
    intake: &mut Intake<'_>,
    table: &Table,
    until: Instant,
    mut difference: Option<Difference>,
) -> Result<Outcome, PublishError> {
    let mut outcome = Outcome { warnings: key_warning(publication, table), ..Outcome::default() };
    let mut noting = match &mut difference {
        Some(found) => Noting::begin(transaction, publication, &intake.plan, table, found).await?,
        None => None,
    };
    let unchanged = match &difference {
        Some(found) if !found.rewrite => {
            outcome.deleted = copy::delete_rows(transaction, publication, &found.doomed).await?;
            let unchanged = &found.unchanged;
            outcome.unchanged = unchanged.iter().filter(|unchanged| **unchanged).count() as u64;
            Some(unchanged.as_slice())
        }
        _ => {
            outcome.deleted = copy::delete_all(transaction, publication).await?;
            None
        }
    };
    let views = if intake.plan.alters() {
        evolve::alter(transaction, publication, &intake.plan, table, until).await?
    } else {
        evolve::settle_comments(transaction, publication, &intake.plan).await?;
        Vec::new()
    };
    if outcome.unchanged < intake.rows() {
        let noting = noting.as_mut();
        let sent = filling::send_rows(transaction, publication, intake, unchanged, noting).await?;
        (outcome.inserted, outcome.bytes) = sent;
    }
    outcome.rows = match &difference {
        Some(found) => delta::changes(noting, found),
        None => RowChanges::Rewritten,
    };
    views::restore(transaction, publication, &views, &changes(intake)).await?;
    Ok(outcome)
}

/// Reads the table back, unless hardly any of its rows would stay.
async fn read_and_compare(
    transaction: &Transaction<'_>,
    publication: &Publication,
    intake: &mut Intake<'_>,
    table: &Table,
) -> Result<Option<Difference>, PublishError> {
    if intake.plan.replaces_every_row() {
        return Ok(None);
    }
    let new = intake.take_fingerprints();
    let columns = &intake.plan.columns;
    if copy::is_mostly_new(transaction, publication, columns, &new, table.oid).await? {
        return Ok(None);
    }
    let old = copy::old_rows(transaction, publication, columns).await?;
    Ok(Some(judged(new, &old)))
}

/// Compares the new rows with those of the table, all of which were read.
pub(super) fn compare(intake: &mut Intake<'_>, old: &[OldRow]) -> Difference {
    judged(intake.take_fingerprints(), old)
}

fn judged(new: Vec<Fingerprint>, old: &[OldRow]) -> Difference {
    /// When fewer of a large table's rows stay, deleting all at once is faster than deleting the others.
    const SHARE_MIN: f64 = 0.1;
    const ROWS_MIN: usize = 25_000;
    let mut difference = difference(new, old);
    let stay = old.len() - difference.doomed.len();
    difference.rewrite = old.len() >= ROWS_MIN && (stay as f64) < old.len() as f64 * SHARE_MIN;
    difference
}

/// The columns whose type changes, for a message.
fn changes(intake: &Intake<'_>) -> String {
    let changes = intake.plan.retyped();
    changes.iter().map(ColumnChange::words).collect::<Vec<_>>().join(", ")
}

/// A key is only made with the table: later it would keep readers waiting while it is built.
fn key_warning(publication: &Publication, table: &Table) -> Vec<String> {
    if publication.key.is_empty() || publication.key == table.key {
        return Vec::new();
    }
    let wanted = publication.key.join(", ");
    let name = &publication.table;
    vec![if table.key.is_empty() {
        format!(
            "{name} was made without a primary key and is left so; the key ({wanted}) is not checked"
        )
    } else {
        format!(
            "the primary key of {name} is ({}) and is left so, not ({wanted})",
            table.key.join(", ")
        )
    }]
}

/// When the lock was not to be had, says who has it.
pub(super) async fn name_holder(
    client: &Client,
    publication: &Publication,
    error: PublishError,
) -> PublishError {
    const HOLDER: &str = "
        SELECT coalesce(nullif(a.application_name, ''), 'a connection') AS application, a.usename::text AS role,
               extract(epoch FROM now() - a.xact_start)::float8 AS seconds
        FROM pg_catalog.pg_locks l
        JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid()
          AND (l.relation = pg_catalog.to_regclass($1::text)
               OR (l.locktype = 'advisory' AND l.classid::int8 = $2 AND l.objid::int8 = $3))
        ORDER BY l.mode <> 'AccessShareLock' DESC, a.xact_start
        LIMIT 1";
    if !error.is_lock_timeout() {
        return error;
    }
    let PublishError::Refused { table, source, .. } = error else { return error };
    let number = queue_number(publication);
    let (high, low) = ((number as u64 >> 32) as i64, i64::from(number as u32));
    let holder = match client.query_opt(HOLDER, &[&publication.table.sql(), &high, &low]).await {
        Ok(Some(row)) => format!(
            "another connection ({}, user {}, for {:.0} s)",
            row.get::<_, String>("application"),
            row.get::<_, Option<String>>("role").unwrap_or_default(),
            row.get::<_, Option<f64>>("seconds").unwrap_or_default()
        ),
        _ => "another connection".to_owned(),
    };
    PublishError::Busy { table, holder, seconds: publication.lock_timeout.as_secs_f64(), source }
}

/// At least one, since zero means no limit.
fn milliseconds_until(until: Instant) -> u128 {
    until.saturating_duration_since(Instant::now()).as_millis().clamp(1, i32::MAX as u128)
}
