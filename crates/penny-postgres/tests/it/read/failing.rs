//! Each way in which a query fails, in the words that the user reads.

use std::time::Duration;

use penny_postgres::read::{Options, ReadError, query};

use super::{all, server};
use crate::embedded::{connect, value};

async fn failing(sql: &str) -> ReadError {
    let (_server, client) = server().await;
    match all(&client, sql, &Options::default()).await {
        Ok(_) => panic!("{sql} was read"),
        Err(error) => error,
    }
}

async fn check(sql: &str, message: &str, hint: &str) {
    let error = failing(sql).await;
    assert_eq!(error.to_string(), message, "{sql}");
    assert_eq!(error.hint().unwrap_or_default(), hint, "{sql}");
}

#[tokio::test]
async fn a_missing_table_is_named_with_its_place_and_the_nearest_one() {
    check(
        "SELECT *\nFROM customers",
        "there is no table `customers` in this database (line 2, column 6)",
        "write pennylane.customers",
    )
    .await;
    check(
        "SELECT * FROM pennylane.supplier_invoice",
        "there is no table `pennylane.supplier_invoice` in this database (line 1, column 15)",
        "write pennylane.supplier_invoices",
    )
    .await;
}

#[tokio::test]
async fn a_mistake_in_the_sql_is_placed_by_line_and_column() {
    let hint = "correct the query there, then run it again";
    check(
        "SELECT 'é' AS a,\n       b c d\nFROM t",
        "the SQL is not valid (line 2, column 12): syntax error at or near \"d\"",
        hint,
    )
    .await;
    check(
        "SELECT 'abc",
        "the SQL is not valid (line 1, column 8): unterminated quoted string at or near \"'abc\"",
        hint,
    )
    .await;
}

#[tokio::test]
async fn an_unknown_column_is_told_in_the_servers_words() {
    let error = failing("SELECT relnam FROM pg_class").await;
    let message =
        "the database refused the query (line 1, column 8): column \"relnam\" does not exist";
    assert_eq!(error.to_string(), message);
    assert!(error.hint().unwrap().contains("\"pg_class.relname\""), "{error:?}");
}

#[tokio::test]
async fn a_mistake_that_shows_only_in_a_row_ends_the_reading_with_its_cause() {
    let (_server, client) = server().await;
    let sql = "SELECT 1 / (n - 500) AS a FROM generate_series(1, 1000) AS n";
    let mut rows =
        query(&client, sql, &Options { batch_rows: 100, ..Options::default() }).await.unwrap();
    let mut read = 0;
    let error = loop {
        match rows.next().await.expect("an error comes before the end") {
            Ok(batch) => read += batch.num_rows(),
            Err(error) => break error,
        }
    };
    assert_eq!(
        (read, error.to_string().as_str()),
        (400, "the database refused the query: division by zero")
    );
    assert!(rows.next().await.is_none(), "nothing comes after an error");
}

#[tokio::test]
async fn a_refused_table_is_said_with_whom_to_ask() {
    let (_server, client) = server().await;
    client.batch_execute("CREATE ROLE lecteur; SET ROLE lecteur").await.unwrap();
    let error = all(&client, "SELECT * FROM pg_authid", &Options::default()).await.err().unwrap();
    let message = "the database refuses to let you read: permission denied for table pg_authid";
    assert_eq!(error.to_string(), message);
    assert!(error.hint().unwrap().contains("ask an administrator"));
}

#[tokio::test]
async fn two_columns_of_one_name_are_named() {
    check(
        "SELECT 1 AS id, 2 AS total, 3 AS id, 4 AS total, 5 AS id",
        "the query returns more than one column named `id`, `total`",
        "give each its own name: … AS id_2",
    )
    .await;
}

#[tokio::test]
async fn what_is_not_one_reading_statement_is_refused_before_it_is_sent() {
    for sql in ["DROP TABLE t", "SELECT 1; DROP TABLE t", "", "BEGIN"] {
        let error = failing(sql).await;
        assert!(
            matches!(
                error,
                ReadError::NotReading { .. }
                    | ReadError::MoreThanOneStatement { .. }
                    | ReadError::Empty
            ),
            "{sql}: {error}"
        );
    }
    check("SELECT", "the query returns no columns", "name at least one column after SELECT").await;
    let message = "the query has 1 placeholder(s) such as $1, and nothing fills them";
    check("SELECT $1::int AS a", message, "write the values into the query").await;
}

#[tokio::test]
async fn a_writing_statement_in_disguise_changes_nothing() {
    let (_server, client) = server().await;
    client.batch_execute("CREATE TABLE IF NOT EXISTS precieux AS SELECT 1 AS n").await.unwrap();
    for sql in [
        "WITH gone AS (DELETE FROM precieux RETURNING n) SELECT n FROM gone",
        "SELECT n INTO copie FROM precieux",
        "EXPLAIN ANALYZE DELETE FROM precieux",
    ] {
        let error = all(&client, sql, &Options::default()).await.err();
        let error = error.unwrap_or_else(|| panic!("{sql} was read"));
        let refused = error.to_string().contains("read-only transaction");
        assert!(refused || matches!(error, ReadError::NoColumns), "{sql}: {error}");
    }
    assert_eq!(value(&client, "SELECT count(*) FROM precieux").await, "1");
    assert_eq!(value(&client, "SELECT to_regclass('copie') IS NULL").await, "t");
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_ended_by_the_server() {
    let (_server, client) = server().await;
    let options = Options { statement_timeout: Duration::from_millis(200), ..Options::default() };
    let error = all(&client, "SELECT pg_sleep(30) AS a", &options).await.err().unwrap();
    assert!(matches!(error, ReadError::TimedOut), "{error:?}");
}

#[tokio::test]
async fn a_query_that_someone_cancels_says_so() {
    let (server, client) = server().await;
    let pid = value(&client, "SELECT pg_backend_pid()").await;
    let other = connect(server.port).await;
    let ends = async {
        while value(
            &other,
            &format!(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'PgSleep'"
            ),
        )
        .await
            != "1"
        {}
        value(&other, &format!("SELECT pg_cancel_backend({pid})")).await
    };
    let options = Options::default();
    let (error, _) = tokio::join!(all(&client, "SELECT pg_sleep(30) AS a", &options), ends);
    let error = error.err().unwrap();
    assert!(matches!(error, ReadError::Cancelled { .. }), "{error:?}");
    assert!(!error.is_passing());
}

#[tokio::test]
async fn a_connection_that_is_cut_off_passes() {
    let (server, client) = server().await;
    let pid = value(&client, "SELECT pg_backend_pid()").await;
    let other = connect(server.port).await;
    let cut = format!("SELECT pg_terminate_backend({pid})");
    // In the middle of a query, the server says goodbye.
    let ends = async {
        while value(
            &other,
            &format!(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'PgSleep'"
            ),
        )
        .await
            != "1"
        {}
        value(&other, &cut).await
    };
    let options = Options::default();
    let (error, _) = tokio::join!(all(&client, "SELECT pg_sleep(30) AS a", &options), ends);
    let error = error.err().unwrap();
    let message =
        "the server ended the connection: terminating connection due to administrator command";
    assert_eq!(error.to_string(), message);
    assert!(error.is_passing(), "{error:?}");
    assert!(error.hint().unwrap().contains("run it again"), "{error:?}");
    // And afterwards nobody is there.
    let error = all(&client, "SELECT 1 AS a", &Options::default()).await.err().unwrap();
    assert!(matches!(error, ReadError::ConnectionLost { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the connection to the database was lost");
    assert!(error.is_passing());
}
