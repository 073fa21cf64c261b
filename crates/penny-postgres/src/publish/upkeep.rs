//! What follows a publish: dead rows are cleared away and the planner learns the new sizes.

use tokio_postgres::Client;

use super::{Publication, Report};

/// Fewer changed rows are left to the server's own upkeep.
const ROWS_MIN: u64 = 1000;

/// From so many rows on the planner learns from 7,500 of them instead of 30,000: a publish of a million
/// would otherwise spend a tenth of its time on that. The server's own upkeep still takes as many as ever.
const ROWS_OF_A_SAMPLE: u64 = 50_000;
const STATISTICS_TARGET: u32 = 25;

/// The share of the table that must have changed.
const SHARE_MIN: f64 = 0.1;

/// Nobody waits for it, but the program's end and the next publish of the table do.
const LIMIT: &str = "SET statement_timeout = '60s'";

/// What follows a publish, once its report is given: nobody has to wait for it.
///
/// Never a reason for the publish to fail: the server catches up by itself sooner or later. A table that is
/// locked is passed over, and so is one of which this role is not the owner. The connection is not to be used
/// afterwards.
pub async fn settle(client: &Client, publication: &Publication, report: &Report) {
    let much = |rows: u64| {
        let all = report.rows_inserted + report.rows_unchanged + report.rows_deleted;
        rows >= ROWS_MIN && rows as f64 >= all as f64 * SHARE_MIN
    };
    let statement = if much(report.rows_deleted) {
        "VACUUM (ANALYZE, SKIP_LOCKED)"
    } else if much(report.rows_inserted) {
        "ANALYZE (SKIP_LOCKED)"
    } else {
        return;
    };
    let statement = format!("{statement} {}", publication.table.sql());
    let large = report.rows >= ROWS_OF_A_SAMPLE;
    // VACUUM wants a statement of its own.
    let sample = format!("SET default_statistics_target = {STATISTICS_TARGET}");
    let statements = [Some(LIMIT), large.then_some(&*sample), Some(&*statement)];
    for statement in statements.into_iter().flatten() {
        if let Err(error) = client.batch_execute(statement).await {
            tracing::debug!(%error, statement, "the upkeep of a table was left to the server");
        }
    }
}
