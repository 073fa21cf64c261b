//! The table made, or altered to what the plan says.

use std::time::{Duration, Instant};

use tokio_postgres::Transaction;

use super::catalog::{AWAITING, Table};
use super::error::is_lock_timeout;
use super::plan::Plan;
use super::table_name::{literal, quote};
use super::views::{self, View};
use super::{Publication, PublishError};

/// How long readers may queue behind a schema change that waits for a slower reader.
const QUEUE_MS_MAX: u64 = 200;

/// Between two tries the readers go on.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the schema, if it is missing.
pub(super) async fn ensure_schema(
    transaction: &Transaction<'_>,
    publication: &Publication,
) -> Result<(), PublishError> {
    let schema = &publication.table.schema;
    let exists = "SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let failed = |error| PublishError::server(&publication.table, "make the schema of", error);
    if transaction.query_opt(exists, &[schema]).await.map_err(failed)?.is_none() {
        transaction
            .batch_execute(&format!("CREATE SCHEMA {}", quote(schema)))
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// Makes the table.
pub(super) async fn create(
    transaction: &Transaction<'_>,
    publication: &Publication,
    plan: &Plan,
) -> Result<(), PublishError> {
    let mut lines: Vec<String> = plan
        .columns
        .iter()
        .map(|column| format!("{} {}", quote(&column.name), column.column_type))
        .collect();
    if !publication.key.is_empty() {
        let key: Vec<String> = publication.key.iter().map(|column| quote(column)).collect();
        lines.push(format!("PRIMARY KEY ({})", key.join(", ")));
    }
    let mut statements =
        format!("CREATE TABLE {} ({});", publication.table.sql(), lines.join(", "));
    statements.push_str(&awaiting_comments(publication, plan));
    let failed = |error| PublishError::server(&publication.table, "make", error);
    transaction.batch_execute(&statements).await.map_err(failed)
}

/// Alters the table, and returns the views that had to go meanwhile: they are to be restored once the rows
/// are there.
///
/// Each try waits only shortly for the lock, since new readers queue behind one who waits for it.
pub(super) async fn alter(
    transaction: &mut Transaction<'_>,
    publication: &Publication,
    plan: &Plan,
    table: &Table,
    until: Instant,
) -> Result<Vec<View>, PublishError> {
    refuse_columns_in_use(transaction, publication, plan, table).await?;
    loop {
        let savepoint = transaction
            .savepoint("alter")
            .await
            .map_err(|error| PublishError::server(&publication.table, "alter", error))?;
        match try_to_alter(&savepoint, publication, plan, table).await {
            Ok(views) => {
                let failed = |error| PublishError::server(&publication.table, "alter", error);
                savepoint.commit().await.map_err(failed)?;
                return Ok(views);
            }
            Err(error) if is_lock_timeout(&error) && Instant::now() < until => {
                savepoint
                    .rollback()
                    .await
                    .map_err(|error| PublishError::server(&publication.table, "alter", error))?;
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                let error = PublishError::server(&publication.table, "alter", error);
                return Err(error.of_columns(plan.changes()));
            }
        }
    }
}

async fn try_to_alter(
    transaction: &Transaction<'_>,
    publication: &Publication,
    plan: &Plan,
    table: &Table,
) -> Result<Vec<View>, tokio_postgres::Error> {
    let before: String = transaction
        .query_one("SELECT pg_catalog.current_setting('lock_timeout')", &[])
        .await?
        .get(0);
    transaction.batch_execute(&format!("SET LOCAL lock_timeout = {QUEUE_MS_MAX}")).await?;
    let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", publication.table.sql());
    transaction.batch_execute(&lock).await?;
    let retyped = retyped_numbers(plan);
    let views = if retyped.is_empty() {
        Vec::new()
    } else {
        let views = views::save(transaction, table.oid, &retyped).await?;
        views::drop(transaction, &views).await?;
        views
    };
    let clauses = alter_clauses(plan);
    if !clauses.is_empty() {
        let statement = format!("ALTER TABLE {} {}", publication.table.sql(), clauses.join(", "));
        transaction.batch_execute(&statement).await?;
    }
    transaction.batch_execute(&awaiting_comments(publication, plan)).await?;
    transaction.batch_execute(&format!("SET LOCAL lock_timeout = {}", literal(&before))).await?;
    Ok(views)
}

/// A retyped column is empty by now, since every row is written anew: no value is converted.
fn alter_clauses(plan: &Plan) -> Vec<String> {
    let mut clauses: Vec<String> =
        plan.dropped.iter().map(|column| format!("DROP COLUMN {}", quote(column))).collect();
    for column in &plan.columns {
        let (name, column_type) = (quote(&column.name), &column.column_type);
        if column.existing.is_none() {
            clauses.push(format!("ADD COLUMN {name} {column_type}"));
        } else if column.retyped {
            clauses
                .push(format!("ALTER COLUMN {name} TYPE {column_type} USING NULL::{column_type}"));
        }
    }
    clauses
}

/// Takes the mark from columns that have their first value, where nothing else is altered.
pub(super) async fn settle_comments(
    transaction: &Transaction<'_>,
    publication: &Publication,
    plan: &Plan,
) -> Result<(), PublishError> {
    let statements = awaiting_comments(publication, plan);
    if statements.is_empty() {
        return Ok(());
    }
    let failed = |error| PublishError::server(&publication.table, "alter", error);
    transaction.batch_execute(&statements).await.map_err(failed)
}

/// Marks the columns that have no value so far, and takes the mark from those that have one now.
fn awaiting_comments(publication: &Publication, plan: &Plan) -> String {
    let mut statements = String::new();
    for column in &plan.columns {
        let comment = if column.starts_awaiting() {
            literal(AWAITING)
        } else if column.stops_awaiting() {
            "NULL".to_owned()
        } else {
            continue;
        };
        let (table, name) = (publication.table.sql(), quote(&column.name));
        statements.push_str(&format!("COMMENT ON COLUMN {table}.{name} IS {comment};"));
    }
    statements
}

fn retyped_numbers(plan: &Plan) -> Vec<i16> {
    let retyped = plan.columns.iter().filter(|column| column.retyped);
    retyped.filter_map(|column| Some(column.existing.as_ref()?.number)).collect()
}

/// Says by name which views stand in the way of a column that is to be dropped.
async fn refuse_columns_in_use(
    transaction: &Transaction<'_>,
    publication: &Publication,
    plan: &Plan,
    table: &Table,
) -> Result<(), PublishError> {
    for name in &plan.dropped {
        let Some(column) = table.columns.iter().find(|column| column.name == *name) else {
            continue;
        };
        let users = views::users(transaction, table.oid, column.number).await.map_err(|error| {
            PublishError::server(&publication.table, "look at the views of", error)
        })?;
        if !users.is_empty() {
            return Err(PublishError::ColumnInUse {
                table: publication.table.to_string(),
                column: name.clone(),
                users: format!("the view {}", users.join(", ")),
            });
        }
    }
    Ok(())
}
