//! Connections: how many at a time, how long each may take to say what it wants, and their end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::access::Peer;

/// What connections are allowed.
#[derive(Clone, Copy)]
pub struct Limits {
    /// So many at a time; more wait until one ends.
    pub connections: usize,
    /// How long a request may take to arrive, and how long a connection may stay without one.
    pub request: Duration,
    /// No connection lives longer: a browser that follows a run connects again by itself.
    pub life: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 256,
            request: Duration::from_secs(30),
            life: Duration::from_secs(3600),
        }
    }
}

/// So many lines of headers, and bytes of them.
const HEADERS_MAX: usize = 64;
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// After an error of the system, as when there are no more file descriptors.
const ERROR_PAUSE: Duration = Duration::from_millis(200);

/// Serves until it is asked to end, then lets the answers under way come to theirs.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut end: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    // They end with this value.
    let mut connections = JoinSet::new();
    loop {
        let came = async {
            // First the seat: whoever has none yet waits with the system.
            let seat = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, seat)
        };
        let (accepted, seat) = tokio::select! {
            _ = end.wait_for(|end| *end) => break,
            came = came => came,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let connection =
                    graceful.watch(connection(stream, Peer(peer), router.clone(), limits.request));
                connections.spawn(async move {
                    // A browser that goes away is no error of anybody.
                    let _ = tokio::time::timeout(limits.life, connection).await;
                    drop(seat);
                });
            }
            Err(error) => {
                tracing::debug!("a connection could not be taken: {error}");
                tokio::time::sleep(ERROR_PAUSE).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    request_max: Duration,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let answer = move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        service.call(request)
    };
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(request_max)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const USUAL: Limits = Limits {
        connections: 2,
        request: Duration::from_secs(600),
        life: Duration::from_secs(600),
    };

    /// A server with these limits: where it is, and what ends it.
    async fn server(limits: Limits) -> (std::net::SocketAddr, watch::Sender<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/", get(|| async { "here" }));
        let (end, ended) = watch::channel(false);
        tokio::spawn(serve(listener, router, limits, ended));
        (address, end)
    }

    /// What is read to the end of the connection; the patience of a test is long.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        tokio::time::timeout(Duration::from_secs(60), read).await.expect("it ends").expect("text");
        text
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_or_only_half_is_ended() {
        let limits = Limits { request: Duration::from_millis(100), ..USUAL };
        let (address, _end) = server(limits).await;
        for said in ["", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let mut stream = TcpStream::connect(address).await.expect("connected");
            stream.write_all(said.as_bytes()).await.expect("written");
            assert_eq!(
                rest(&mut stream).await.ends_with("here"),
                said.ends_with("\r\n\r\n"),
                "{said}"
            );
        }
    }

    #[tokio::test]
    async fn no_connection_lives_for_ever() {
        let (address, _end) = server(Limits { life: Duration::from_millis(100), ..USUAL }).await;
        let mut stream = TcpStream::connect(address).await.expect("connected");
        assert_eq!(rest(&mut stream).await, "");
    }

    #[tokio::test]
    async fn one_too_many_waits_until_another_ends() {
        let (address, _end) = server(USUAL).await;
        let mut connect = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.expect("connected");
            stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("written");
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.expect("an answer");
            connect.push(stream);
        }
        let mut third = TcpStream::connect(address).await.expect("the system takes it");
        let asked = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        third.write_all(asked).await.expect("written");
        let early = tokio::time::timeout(Duration::from_millis(200), third.readable()).await;
        assert!(early.is_err(), "it was answered beside two others");
        connect.pop();
        assert!(rest(&mut third).await.ends_with("here"));
    }

    #[tokio::test]
    async fn at_the_end_idle_connections_are_closed_and_no_new_one_is_taken() {
        let (address, end) = server(USUAL).await;
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("written");
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.expect("an answer");
        end.send_replace(true);
        assert!(rest(&mut stream).await.ends_with("here"));
        assert!(TcpStream::connect(address).await.is_err());
    }
}
