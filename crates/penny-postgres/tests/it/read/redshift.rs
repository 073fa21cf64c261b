//! A server that behaves as Redshift has been seen to: a relay in front of PostgreSQL that says version
//! 8.0.2 and encoding UNICODE, knows no read-only transactions, and hangs up on a statement that is bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use penny_postgres::read::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::{all, server};
use crate::embedded::{connect, value};

/// Relays one connection; gives the port, and whether the relay hung up on a bound statement.
async fn relay(to: u16) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hung_up = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&hung_up);
    tokio::spawn(async move {
        let (from_client, to_client) = listener.accept().await.unwrap().0.into_split();
        let (from_server, to_server) =
            TcpStream::connect(("127.0.0.1", to)).await.unwrap().into_split();
        tokio::select! {
            hung_up = client_to_server(from_client, to_server) => told.store(hung_up, Ordering::SeqCst),
            () = server_to_client(from_server, to_client) => {}
        }
    });
    (port, hung_up)
}

/// Ends when the client goes, or with true when it binds a statement.
async fn client_to_server(mut client: OwnedReadHalf, mut server: OwnedWriteHalf) -> bool {
    // The first message has no letter.
    let Some(startup) = body(&mut client).await else { return false };
    server.write_all(&startup).await.unwrap();
    while let Some((letter, mut body)) = message(&mut client).await {
        let text = String::from_utf8_lossy(&body[4..]).into_owned();
        match letter {
            b'B' => return true,
            b'Q' if text.contains("TRANSACTION READ ONLY") => {
                body = query("SYNTAX ERROR AT READ");
            }
            b'Q' if text.starts_with("SHOW server_version") => {
                body = query("SELECT '8.0.2' AS server_version");
            }
            _ => {}
        }
        server.write_all(&[&[letter][..], &body].concat()).await.unwrap();
    }
    false
}

async fn server_to_client(mut server: OwnedReadHalf, mut client: OwnedWriteHalf) {
    while let Some((letter, mut body)) = message(&mut server).await {
        if letter == b'S' && body[4..].starts_with(b"client_encoding\0") {
            body = with_length(b"client_encoding\0UNICODE\0");
        }
        if letter == b'S' && body[4..].starts_with(b"server_version\0") {
            body = with_length(b"server_version\08.0.2\0");
        }
        if client.write_all(&[&[letter][..], &body].concat()).await.is_err() {
            return;
        }
    }
}

async fn message(from: &mut OwnedReadHalf) -> Option<(u8, Vec<u8>)> {
    let letter = from.read_u8().await.ok()?;
    Some((letter, body(from).await?))
}

/// The length and what it counts.
async fn body(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let length = from.read_u32().await.ok()?;
    let mut body = length.to_be_bytes().to_vec();
    body.resize(length as usize, 0);
    from.read_exact(&mut body[4..]).await.ok()?;
    Some(body)
}

fn query(sql: &str) -> Vec<u8> {
    with_length(&[sql.as_bytes(), b"\0"].concat())
}

fn with_length(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len() + 4).unwrap();
    [&length.to_be_bytes()[..], text].concat()
}

#[tokio::test]
async fn a_query_is_read_from_a_server_like_redshift_one_after_another() {
    let (server, _client) = server().await;
    let (port, hung_up) = relay(server.port).await;
    let client = connect(port).await;
    assert_eq!(value(&client, "SHOW server_version").await, "8.0.2");
    for rows in [0, 1, 50_000] {
        let sql = format!(
            "SELECT n::int8 AS id, n * 0.5::numeric AS debit FROM generate_series(1, {rows}) AS n"
        );
        let (read, batches) = all(&client, &sql, &Options::default()).await.unwrap();
        assert_eq!(read.schema().fields().len(), 2);
        assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), rows);
        if let Some(batch) = batches.first() {
            assert_eq!(batch.column(0).as_primitive::<Int64Type>().value(0), 1);
            assert_eq!(batch.column(1).as_primitive::<Float64Type>().value(0).to_string(), "0.5");
        }
    }
    assert!(!hung_up.load(Ordering::SeqCst));
    let error =
        all(&client, "SELECT * FROM pennylane.customer", &Options::default()).await.err().unwrap();
    assert_eq!(error.hint().unwrap(), "write pennylane.customers");
}

/// The relay is what it says: reading in the usual way fails there.
#[tokio::test]
async fn a_statement_that_is_bound_loses_the_connection_there() {
    let (server, _client) = server().await;
    let (port, hung_up) = relay(server.port).await;
    let client = connect(port).await;
    assert!(client.query("SELECT 1", &[]).await.is_err());
    assert!(client.is_closed());
    assert!(hung_up.load(Ordering::SeqCst));
    let client = connect(relay(server.port).await.0).await;
    assert!(client.batch_execute("SET TRANSACTION READ ONLY; SELECT 1").await.is_err());
}
