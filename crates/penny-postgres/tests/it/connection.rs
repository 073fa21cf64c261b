//! Connecting to a real PostgreSQL, and to what is none.

mod tls;

use std::time::Duration;

use penny_postgres::connection::{self, ConnectionError, Secret, SslMode, Target, is_passing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{self, Place, shared, target};

async fn refusal(target: &Target) -> ConnectionError {
    match connection::connect(target).await {
        Ok(_) => panic!("the connection was to be refused: {target}"),
        Err(error) => {
            assert!(
                !format!("{error} {error:?} {:?}", error.hint()).contains(target.password.expose())
            );
            error
        }
    }
}

#[tokio::test]
async fn the_right_credentials_get_in_by_url_too() {
    let shared = shared().await;
    let client = connection::connect(&target(shared.port)).await.unwrap();
    let name = server::rows(&client, "SELECT current_setting('application_name')").await.unwrap();
    assert_eq!(name, ["penny tests"]);
    let url = target(shared.port).to_url();
    let client = connection::connect(&Target::from_url(&url).unwrap()).await.unwrap();
    assert_eq!(server::rows(&client, "SELECT current_user").await.unwrap(), ["penny"]);
}

#[tokio::test]
async fn each_reason_has_its_own_words() {
    let shared = shared().await;
    let right = target(shared.port);
    let wrong = Target { password: Secret::new("wr0ng!"), ..right.clone() };
    assert!(matches!(refusal(&wrong).await, ConnectionError::Password { .. }));
    let unknown = Target { user: "nobody".into(), ..right.clone() };
    assert!(matches!(refusal(&unknown).await, ConnectionError::Password { .. }));
    let elsewhere = Target { database: "perdue".into(), ..right.clone() };
    let error = refusal(&elsewhere).await;
    assert!(matches!(error, ConnectionError::DatabaseMissing { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("CREATE DATABASE \"perdue\""));
    let nowhere = Target { host: "no-such-host.invalid".into(), ..right.clone() };
    assert!(matches!(refusal(&nowhere).await, ConnectionError::UnknownHost { .. }));
    let untrusted =
        Target { sslrootcert: Some("/no/such.pem".into()), sslmode: SslMode::VerifyFull, ..right };
    assert!(matches!(refusal(&untrusted).await, ConnectionError::CertificateFile { .. }));
}

#[tokio::test]
async fn nothing_that_listens_is_a_refusal_that_passes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = refusal(&target(port)).await;
    assert!(matches!(error, ConnectionError::Refused { .. }), "{error:?}");
    assert!(error.is_passing());
    assert_eq!(error.to_string(), format!("nothing listens at 127.0.0.1:{port}/postgres"));
}

#[tokio::test]
async fn a_server_without_tls_is_refused_only_when_tls_is_demanded() {
    let shared = shared().await;
    for (sslmode, gets_in) in [
        (SslMode::Disable, true),
        (SslMode::Allow, true),
        (SslMode::Prefer, true),
        (SslMode::Require, false),
        (SslMode::VerifyFull, false),
    ] {
        let target = Target { sslmode, ..target(shared.port) };
        match connection::connect(&target).await {
            Ok(_) => assert!(gets_in, "{sslmode}"),
            Err(error) => assert!(
                !gets_in && matches!(error, ConnectionError::Tls { .. }),
                "{sslmode}: {error:?}"
            ),
        }
    }
}

/// A server that says `answer` to whoever connects.
async fn impostor(answer: &'static [u8]) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answering = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut received = [0; 512];
            let _ = stream.read(&mut received).await;
            let _ = stream.write_all(answer).await;
            if answer.is_empty() {
                // Silence: the connection stays open until the other side gives up.
                let _ = stream.read(&mut received).await;
            }
        }
    });
    (port, answering)
}

#[tokio::test]
async fn silence_ends_in_time() {
    let (port, answering) = impostor(b"").await;
    let hasty = Target { connect_timeout: Duration::from_millis(200), ..target(port) };
    let error = refusal(&hasty).await;
    assert!(matches!(error, ConnectionError::Timeout { .. }), "{error:?}");
    assert!(error.to_string().ends_with("did not answer within 0.2 s"), "{error}");
    answering.abort();
}

#[tokio::test]
async fn what_is_no_postgresql_is_said_to_be_none() {
    let (port, answering) = impostor(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = refusal(&target(port)).await;
    assert!(matches!(error, ConnectionError::Broken { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("check that it is PostgreSQL"));
    answering.abort();
}

#[tokio::test]
async fn a_server_that_starts_up_is_not_ready() {
    let answer = b"E\0\0\0\x37SFATAL\0C57P03\0Mthe database system is starting up\0\0";
    let mut message = answer.to_vec();
    let length = (message.len() - 1) as u32;
    message[1..5].copy_from_slice(&length.to_be_bytes());
    let (port, answering) = impostor(message.leak()).await;
    let error = refusal(&target(port)).await;
    assert!(matches!(error, ConnectionError::NotReady { .. }), "{error:?}");
    assert!(error.is_passing());
    assert!(error.to_string().contains("the database system is starting up"));
    answering.abort();
}

#[tokio::test]
async fn causes_that_pass_are_told_from_those_that_stay() {
    let place = Place::new().await;
    let error = place.client.batch_execute("SELECT 1/0").await.unwrap_err();
    assert!(!is_passing(&error), "{error:?}");
    let other = place.another().await;
    place.run("CREATE TABLE t (a int)").await;
    place.run("BEGIN; LOCK TABLE t").await;
    let error =
        other.batch_execute("SET LOCAL lock_timeout = 10; SELECT * FROM t").await.unwrap_err();
    assert!(is_passing(&error), "{error:?}");
    place.run("COMMIT").await;
    let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    place.run(&format!("SELECT pg_terminate_backend({pid})")).await;
    let error = loop {
        if let Err(error) = other.batch_execute("SELECT 1").await {
            break error;
        }
    };
    assert!(is_passing(&error), "{error:?}");
}
