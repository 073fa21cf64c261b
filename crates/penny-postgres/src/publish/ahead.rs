//! New columns of a large table, added in a moment of their own.
//!
//! Readers wait from a schema change to its commit. With few rows that is a blink, and the columns come
//! with the rows. With many, readers would wait for the whole copy: then the new columns are added
//! first, empty, and committed at once; the rows follow without anyone waiting. Until then a reader sees
//! the old version whole, with columns that are empty.

use std::time::Instant;

use tokio_postgres::Client;

use super::intake::Intake;
use super::transaction::{begin, lock, queue_up};
use super::{Publication, PublishError, catalog, evolve};

/// So many rows are copied within a blink.
const ROWS_OF_A_BLINK: u64 = 50_000;

/// Adds what is to be added, if nothing else is altered; the names of the columns.
pub(super) async fn add_columns(
    client: &mut Client,
    publication: &Publication,
    intake: &mut Intake<'_>,
) -> Result<Vec<String>, PublishError> {
    let added = intake.plan.added();
    let plan = &intake.plan;
    let only_adds = plan.dropped.is_empty() && plan.retyped().is_empty();
    if plan.creates() || added.is_empty() || !only_adds || intake.rows() <= ROWS_OF_A_BLINK {
        return Ok(Vec::new());
    }
    let until = Instant::now() + publication.lock_timeout;
    let mut transaction = begin(client, publication, until).await?;
    queue_up(&transaction, publication).await?;
    let table = match lock(&transaction, publication).await? {
        Some(table) if Some(&table) == intake.plan.table.as_ref() => table,
        // Someone else changed it meanwhile: the publish itself plans anew.
        _ => return Ok(Vec::new()),
    };
    evolve::alter(&mut transaction, publication, &intake.plan, &table, until).await?;
    transaction
        .commit()
        .await
        .map_err(|error| PublishError::server(&publication.table, "commit", error))?;
    let table = catalog::look(&*client, &publication.table).await?;
    intake.replan(table)?;
    Ok(added)
}
