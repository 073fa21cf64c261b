//! Reading from a real PostgreSQL.

mod failing;
mod redshift;
mod values;

use std::sync::Arc;
use std::sync::{Mutex, Weak};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use penny_postgres::embedded::Cluster;
use penny_postgres::read::{Options, ReadError, Rows, query};
use tokio_postgres::Client;

use crate::embedded::{Scratch, connect, value};

/// A server that the tests of this module share; the last one of them stops it.
pub struct Shared {
    pub port: u16,
    cluster: Cluster,
    server: Option<penny_postgres::embedded::Server>,
    _scratch: Scratch,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.server = None;
        let end = std::time::Instant::now() + crate::embedded::PATIENCE;
        while self.cluster.running().is_some() && std::time::Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());

/// The shared server, and a connection of one's own to it.
pub async fn server() -> (Arc<Shared>, Client) {
    let make = || {
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        shared.upgrade().unwrap_or_else(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let made = Arc::new(runtime.block_on(start()));
            *shared = Arc::downgrade(&made);
            made
        })
    };
    let shared = tokio::task::spawn_blocking(make).await.unwrap();
    let client = connect(shared.port).await;
    (shared, client)
}

async fn start() -> Shared {
    let scratch = Scratch::new().await;
    let server = scratch.start().await;
    let (port, cluster) = (server.port(), scratch.cluster.clone());
    Shared { port, cluster, server: Some(server), _scratch: scratch }
}

/// All batches of a query.
pub async fn all(
    client: &Client,
    sql: &str,
    options: &Options,
) -> Result<(Rows, Vec<RecordBatch>), ReadError> {
    let mut rows = query(client, sql, options).await?;
    let mut batches = Vec::new();
    while let Some(batch) = rows.next().await {
        batches.push(batch?);
    }
    assert!(rows.next().await.is_none(), "the end stays the end");
    Ok((rows, batches))
}

const LEDGER: &str = "SELECT n AS id, 'Écriture n° ' || n || repeat('.', 200) AS label, (n % 97) * 1.25 AS debit \
                      FROM generate_series(1, 300000) AS n ORDER BY n";

#[tokio::test]
async fn three_hundred_thousand_rows_come_in_batches_and_whole() {
    let (_server, client) = server().await;
    let (_, batches) = all(&client, LEDGER, &Options::default()).await.unwrap();
    assert_eq!(batches.len(), 15);
    assert!(batches.iter().all(|batch| batch.num_rows() == 20_000));
    let ids = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec());
    assert!(ids.eq(1..=300_000), "no row is lost, doubled or out of order");
    let last = batches[14].column(1).as_string::<i32>().value(19_999);
    assert!(last.starts_with("Écriture n° 300000."), "{last}");
}

#[tokio::test]
async fn a_batch_ends_when_its_text_is_long_enough() {
    let (_server, client) = server().await;
    let options = Options { batch_bytes_max: 100_000, ..Options::default() };
    let mut rows = query(&client, LEDGER, &options).await.unwrap();
    let batch = rows.next().await.unwrap().unwrap();
    assert!((300..600).contains(&batch.num_rows()), "{}", batch.num_rows());
}

/// The rows are some 65 MB, far more than the buffers of a connection hold.
#[tokio::test]
async fn rows_that_are_not_asked_for_stay_at_the_server() {
    let (server, client) = server().await;
    let pid = value(&client, "SELECT pg_backend_pid()").await;
    let mut rows = query(&client, LEDGER, &Options::default()).await.unwrap();
    rows.next().await.unwrap().unwrap();
    let other = connect(server.port).await;
    let waits = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND state = 'active' \
         AND wait_event = 'ClientWrite'"
    );
    let end = std::time::Instant::now() + crate::embedded::PATIENCE;
    while value(&other, &waits).await != "1" {
        assert!(std::time::Instant::now() < end, "the server never waited for its reader");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Still waiting a moment later: nobody drains the connection behind the reader's back.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(value(&other, &waits).await, "1");
    let mut count = 20_000;
    while let Some(batch) = rows.next().await {
        count += batch.unwrap().num_rows();
    }
    assert_eq!(count, 300_000);
}

#[tokio::test]
async fn after_a_query_no_transaction_is_open_and_the_client_serves_on() {
    let (server, client) = server().await;
    let other = connect(server.port).await;
    let pid = value(&client, "SELECT pg_backend_pid()").await;
    let state = format!("SELECT state FROM pg_stat_activity WHERE pid = {pid}");
    for sql in [
        "SELECT 1 AS a",
        "SELECT 1 AS a WHERE false",
        "SELECT 1/(n - 5) AS a FROM generate_series(1, 9) AS n",
    ] {
        let _ = all(&client, sql, &Options::default()).await;
        assert_eq!(value(&other, &state).await, "idle", "{sql}");
    }
    client.batch_execute("CREATE TEMP TABLE t (n int)").await.unwrap();
    assert_eq!(value(&client, "SELECT count(*) FROM t").await, "0", "only the query was read-only");
}

#[tokio::test]
async fn a_comment_and_a_semicolon_at_the_end_disturb_nothing() {
    let (_server, client) = server().await;
    let (_, batches) =
        all(&client, "-- tout\nSELECT 1 AS a; -- fin", &Options::default()).await.unwrap();
    assert_eq!(batches[0].num_rows(), 1);
}
