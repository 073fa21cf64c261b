//! Whom TLS trusts, mode by mode, against a server that speaks just enough of PostgreSQL.
//!
//! The certificates beside this file are valid until 2126; their keys protect nothing. `server.pem` bears
//! the name `localhost` and is signed by `ca.pem`; `self_signed.pem` bears it too, and has the same key.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use penny_postgres::connection::{self, ConnectionError, SslMode, Target};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::target;

fn beside(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/connection").join(name)
}

/// A server with this certificate, for one connection.
fn serve(certificate: &str) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(beside(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(beside("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // A client that does not trust the certificate hangs up, and that is what the test is about.
        let _ = welcome(stream, config);
    });
    port
}

fn welcome(mut stream: TcpStream, config: ServerConfig) -> std::io::Result<()> {
    let mut request = [0; 8];
    stream.read_exact(&mut request)?;
    stream.write_all(b"S")?;
    let connection =
        ServerConnection::new(Arc::new(config)).expect("the configuration is complete");
    let mut stream = StreamOwned::new(connection, stream);
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut startup)?;
    // Authentication is done, and the server is ready.
    stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")?;
    stream.flush()?;
    let _ = stream.read(&mut length);
    Ok(())
}

/// With this mode and these authorities, the server with this certificate is reached by this name, or not.
async fn check(
    certificate: &str,
    sslmode: SslMode,
    authority: Option<&str>,
    host: &str,
    trusted: bool,
) {
    let port = serve(certificate);
    let target = Target {
        host: host.to_owned(),
        sslmode,
        sslrootcert: authority.map(beside),
        ..target(port)
    };
    let what = format!("{certificate} {sslmode} {authority:?} {host}");
    match connection::connect(&target).await {
        Ok(_) => assert!(trusted, "{what}"),
        Err(error) => {
            assert!(!trusted, "{what}: {error:?}");
            assert!(matches!(error, ConnectionError::Certificate { .. }), "{what}: {error:?}");
        }
    }
}

#[tokio::test]
async fn modes_that_do_not_verify_take_any_certificate() {
    check("server.pem", SslMode::Require, None, "localhost", true).await;
    check("self_signed.pem", SslMode::Prefer, None, "127.0.0.1", true).await;
}

#[tokio::test]
async fn a_named_authority_is_checked_and_the_name_only_when_asked() {
    for sslmode in [SslMode::Require, SslMode::VerifyCa] {
        check("server.pem", sslmode, Some("ca.pem"), "127.0.0.1", true).await;
        check("self_signed.pem", sslmode, Some("ca.pem"), "localhost", false).await;
    }
    check("server.pem", SslMode::VerifyFull, Some("ca.pem"), "localhost", true).await;
    check("server.pem", SslMode::VerifyFull, Some("ca.pem"), "127.0.0.1", false).await;
}

#[tokio::test]
async fn a_certificate_that_is_its_own_authority_is_taken_when_it_is_named() {
    check("self_signed.pem", SslMode::VerifyCa, Some("self_signed.pem"), "127.0.0.1", true).await;
    check("self_signed.pem", SslMode::VerifyFull, Some("self_signed.pem"), "localhost", true).await;
    check("self_signed.pem", SslMode::VerifyFull, Some("self_signed.pem"), "127.0.0.1", false)
        .await;
}

#[tokio::test]
async fn the_authorities_of_the_system_do_not_know_the_tests() {
    for sslmode in [SslMode::VerifyCa, SslMode::VerifyFull] {
        check("server.pem", sslmode, None, "localhost", false).await;
    }
}
