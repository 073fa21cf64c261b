//! A server that gives the answers of a script, one for each request, and remembers the requests.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::stream;
use penny_pennylane::{Client, Config, Secret};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub const TOKEN: &str = "tok-0123456789";

/// One answer of the script.
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    ending: Ending,
}

/// How an answer ends.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    Whole,
    /// The connection breaks after the body that is given.
    Broken,
    /// The answer never comes.
    Never,
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    pub authorization: Option<String>,
    pub body: String,
    pub at: Instant,
}

#[derive(Default)]
struct Script {
    replies: Mutex<VecDeque<Reply>>,
    asked: Mutex<Vec<Asked>>,
    given_up: Notify,
}

/// The server; it lives as long as the test's runtime.
pub struct Server {
    script: Arc<Script>,
    pub origin: String,
}

impl Server {
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        let script = Arc::new(Script::default());
        script.replies.lock().expect("whole").extend(replies);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Server { script, origin }
    }

    /// A client whose pauses are short.
    pub fn client(&self) -> Client {
        Client::new(self.config()).expect("a client")
    }

    pub fn config(&self) -> Config {
        Config {
            base_url: format!("{}/api/v2", self.origin),
            pause_first: Duration::from_millis(1),
            ..Config::new(Secret::from(TOKEN))
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().expect("whole").clone()
    }

    /// Waits until a client has given up a request that was not answered.
    pub async fn given_up(&self) {
        self.script.given_up.notified().await;
    }

    /// The values of one parameter, over all requests.
    pub fn values(&self, parameter: &str) -> Vec<Option<String>> {
        self.asked().into_iter().map(|asked| asked.query.get(parameter).cloned()).collect()
    }

    /// Answers that nobody asked for.
    pub fn left(&self) -> usize {
        self.script.replies.lock().expect("whole").len()
    }
}

impl Reply {
    pub fn json(body: Value) -> Reply {
        Reply::status(200).body(&body.to_string()).header("content-type", "application/json")
    }

    /// A page of records with these ids.
    pub fn page(ids: impl IntoIterator<Item = i64>, next_cursor: Option<&str>) -> Reply {
        let items: Vec<Value> = ids.into_iter().map(|id| json!({ "id": id })).collect();
        Reply::json(json!({
            "items": items, "has_more": next_cursor.is_some(), "next_cursor": next_cursor,
        }))
    }

    pub fn refusal(status: u16, body: Value) -> Reply {
        Reply { status, ..Reply::json(body) }
    }

    pub fn status(status: u16) -> Reply {
        Reply { status, headers: Vec::new(), body: String::new(), ending: Ending::Whole }
    }

    /// An answer that never comes.
    pub fn never() -> Reply {
        Reply { ending: Ending::Never, ..Reply::status(200) }
    }

    pub fn body(self, body: &str) -> Reply {
        Reply { body: body.to_owned(), ..self }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Reply {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Breaks the connection in the middle of the body.
    pub fn broken(mut self) -> Reply {
        self.body.truncate(self.body.len() / 2);
        Reply { ending: Ending::Broken, ..self }
    }

    /// Ends the body in its middle, as if it were complete.
    pub fn shortened(mut self) -> Reply {
        self.body.truncate(self.body.len() / 2);
        self
    }
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a short body");
    let query = parts.uri.query().unwrap_or_default();
    script.asked.lock().expect("whole").push(Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: reqwest::Url::parse(&format!("http://any/?{query}"))
            .expect("a query")
            .query_pairs()
            .into_owned()
            .collect(),
        authorization: parts
            .headers
            .get("authorization")
            .map(|value| value.to_str().expect("text").to_owned()),
        body: String::from_utf8(body.to_vec()).expect("text"),
        at: Instant::now(),
    });
    let next = script.replies.lock().expect("whole").pop_front();
    let Some(reply) = next else {
        return Response::builder().status(418).body(Body::from("unscripted")).expect("an answer");
    };
    if reply.ending == Ending::Never {
        let _guard = OnDrop(&script.given_up);
        return std::future::pending().await;
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(body_of(reply)).expect("an answer")
}

fn body_of(reply: Reply) -> Body {
    if reply.ending == Ending::Whole {
        return Body::from(reply.body);
    }
    let start = Ok(Bytes::from(reply.body));
    Body::from_stream(stream::iter([start, Err(io::Error::other("broken on purpose"))]))
}

struct OnDrop<'a>(&'a Notify);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}
