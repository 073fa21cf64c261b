//! A server for one test, with a clock that the test sets, and what it answers.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use penny_sandbox::api::{BASE_PATH, Faults, RateLimit, Sandbox, Token, serve};
use penny_sandbox::company::{Company, Settings};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const SECRET: &str = "a-token-that-reads-everything";

/// The company's present day in all tests.
pub const TODAY: Date = date(2026, 6, 15);

/// The company of all tests, generated once.
pub fn company() -> &'static Company {
    static COMPANY: OnceLock<Company> = OnceLock::new();
    COMPANY.get_or_init(|| Company::generate(&settings()))
}

/// What it was generated from: a company that has lived for ten days, so that things changed and went.
pub fn settings() -> Settings {
    Settings { seed: 7, lines: 3_000, today: TODAY, advanced_days: 10 }
}

/// Noon of the company's present day.
pub fn noon() -> Timestamp {
    TODAY.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

/// A server to be started.
pub struct Setup {
    tokens: Vec<Token>,
    rate_limit: RateLimit,
    faults: Faults,
}

impl Setup {
    /// One token that reads everything, no rate limit to speak of, no faults.
    pub fn new() -> Setup {
        Setup {
            tokens: vec![Token::reading_everything(SECRET, "everything")],
            rate_limit: RateLimit { requests: 1_000_000, window: SignedDuration::from_secs(5) },
            faults: Faults::default(),
        }
    }

    pub fn token(mut self, secret: &str, scopes: &[&str]) -> Setup {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.tokens.push(Token { secret: secret.to_owned(), scopes, label: secret.to_owned() });
        self
    }

    pub fn usual_rate_limit(self) -> Setup {
        Setup { rate_limit: RateLimit::default(), ..self }
    }

    pub fn faults(self, faults: Faults) -> Setup {
        Setup { faults, ..self }
    }

    pub async fn start(self) -> Server {
        let clock = Arc::new(AtomicI64::new(noon().as_microsecond()));
        let hands = Arc::clone(&clock);
        let sandbox = Sandbox::new(company().clone(), self.tokens)
            .with_clock(move || Timestamp::from_microsecond(hands.load(Ordering::SeqCst)).unwrap())
            .with_rate_limit(self.rate_limit)
            .with_faults(self.faults);
        let sandbox = Arc::new(sandbox);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, Arc::clone(&sandbox), async move {
            let _ = stopped.await;
        }));
        Server { origin, sandbox, clock, client: client(), stop: Some(stop), serving }
    }
}

/// A client that goes straight to the server, whatever proxy the machine has.
pub fn client() -> Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().no_proxy().build().unwrap()
}

/// A server that runs until it is dropped or stopped.
pub struct Server {
    pub origin: String,
    pub sandbox: Arc<Sandbox>,
    pub client: Client,
    clock: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
            .to_str()
            .unwrap()
    }

    /// The items of a page that must be there.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["items"].as_array().expect("a page has items").clone()
    }
}

impl Server {
    pub async fn start() -> Server {
        Setup::new().start().await
    }

    /// Moves the clock.
    pub fn advance(&self, duration: SignedDuration) {
        let step = i64::try_from(duration.as_micros()).unwrap();
        self.clock.fetch_add(step, Ordering::SeqCst);
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{BASE_PATH}{path}", self.origin)
    }

    /// Sends with the token that reads everything.
    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[], Some(SECRET)).await.unwrap()
    }

    pub async fn get_query(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.get_with(path, query, Some(SECRET)).await.unwrap()
    }

    pub async fn get_as(&self, secret: Option<&str>, path: &str) -> Answer {
        self.get_with(path, &[], secret).await.unwrap()
    }

    pub async fn get_with(
        &self,
        path: &str,
        query: &[(&str, &str)],
        secret: Option<&str>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.client.get(self.url(path)).query(query);
        if let Some(secret) = secret {
            request = request.bearer_auth(secret);
        }
        read(request).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        let request = self.client.request(method, self.url(path)).bearer_auth(SECRET);
        read(request.header("content-type", "application/json").body(body.to_owned()))
            .await
            .unwrap()
    }

    /// All pages of a list, one after the other, with the same query on each.
    pub async fn walk(&self, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = query.to_vec();
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let answer = self.get_query(path, &query).await;
            items.extend(answer.items());
            let page = answer.json();
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            assert_eq!(page["has_more"], cursor.is_some(), "{path}");
            let Some(cursor) = &cursor else { return items };
            assert!(seen.insert(cursor.clone()), "{path} gave the same cursor twice");
        }
    }

    /// Stops the server and waits for its end.
    pub async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.await.unwrap().unwrap();
    }
}

pub async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

/// A filter of one condition.
pub fn condition(field: &str, operator: &str, value: impl Into<Value>) -> String {
    serde_json::json!([{ "field": field, "operator": operator, "value": value.into() }]).to_string()
}

/// The ids of records.
pub fn ids(items: &[Value]) -> Vec<u64> {
    items.iter().map(|item| item["id"].as_u64().expect("a record has an id")).collect()
}
