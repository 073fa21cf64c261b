//! Alerts against real servers: an SMTP server with login and STARTTLS, and HTTP servers of every mood.

mod email;
mod service;
mod settings;
mod webhooks;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use penny::alerts::{Alerts, Pace, Settings, overview};
use penny::clock::Clock;
use penny::daemon::state::State;
use penny::store::{Outcome, RunEnd, RunId, RunStart, Store, SyncId, SyncStart, Trigger};
use penny::surroundings::Surroundings;
use tempfile::TempDir;
use tokio::sync::watch;

/// A workspace with a history that the test writes, and alerts that look at it.
pub struct Company {
    folder: TempDir,
    store: Store,
    state: watch::Sender<State>,
    alerts: Option<Alerts>,
    settings: String,
    secrets: String,
    /// The notebooks of penny.toml.
    pub listed: Vec<&'static str>,
}

/// Looking and trying again without the pauses that people have.
fn pace() -> Pace {
    Pace {
        look: Duration::from_millis(20),
        gather: Duration::from_secs(120),
        grace: Duration::ZERO,
        sending_max: Duration::from_secs(10),
        pause_max: Duration::from_millis(100),
        last_words: Duration::from_secs(5),
    }
}

impl Company {
    /// One with these alerts in penny.toml, and these lines in `.env`.
    pub fn new(settings: &str, secrets: &str) -> Company {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join(".penny/history.db")).expect("a history");
        std::fs::create_dir(folder.path().join("notebooks")).expect("a folder");
        for name in ["ventes", "achats", "banque"] {
            let notebook = crate::support::notebook(&["1"]);
            std::fs::write(folder.path().join(format!("notebooks/{name}.ipynb")), notebook)
                .expect("written");
        }
        let state = watch::Sender::new(State::new("poste".into(), Timestamp::now()));
        let (settings, secrets) = (settings.to_owned(), secrets.to_owned());
        let listed = vec!["ventes", "achats", "banque"];
        let company = Company { folder, store, state, alerts: None, settings, secrets, listed };
        company.write();
        company
    }

    fn write(&self) {
        let mut config = self.settings.clone();
        for name in &self.listed {
            config.push_str(&format!(
                "\n[[notebook]]\nname = \"{name}\"\nfile = \"notebooks/{name}.ipynb\"\n"
            ));
        }
        std::fs::write(self.root().join("penny.toml"), config).expect("written");
        std::fs::write(self.root().join(".env"), &self.secrets).expect("written");
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self) -> Settings {
        let surroundings = Surroundings::read().expect("surroundings");
        let workspace = penny::workspace::Workspace::open(self.root(), &surroundings);
        Settings::of(&workspace.unwrap_or_else(|e| panic!("{}", e.sentence())))
    }

    /// Starts the alerts, as `penny start` does.
    pub fn start(&mut self) {
        self.start_at(pace());
    }

    /// The same with other pauses.
    pub fn start_at(&mut self, pace: Pace) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::new(&Surroundings::read().expect("surroundings"));
        let live = self.state.subscribe();
        let alerts = Alerts::at_pace(self.read(), clock, live, pace);
        self.alerts = Some(alerts.unwrap_or_else(|e| panic!("{}", e.sentence())));
    }

    /// Ends them, as the end of `penny start` does.
    pub async fn stop(&mut self) {
        self.alerts.take().expect("they were started").close().await;
    }

    /// Other settings, which a running service takes up.
    pub fn change(&mut self, settings: &str, secrets: &str) {
        (self.settings, self.secrets) = (settings.to_owned(), secrets.to_owned());
        self.write();
        if let Some(alerts) = &self.alerts {
            alerts.reload(self.read());
        }
    }

    /// One sync with these runs, from its beginning to its end.
    pub fn sync(&self, runs: &[(&str, Outcome)]) {
        let sync = self.begin_sync();
        for (notebook, outcome) in runs {
            let run = self.begin_run(sync, notebook, 0);
            self.end_run(run, notebook, *outcome);
        }
        self.end_sync(sync);
    }

    pub fn begin_sync(&self) -> SyncId {
        let start = SyncStart { trigger: Trigger::Timer, due: None, at: Timestamp::now() };
        self.store.begin_sync(&start).expect("written")
    }

    pub fn end_sync(&self, sync: SyncId) {
        self.store.end_sync(sync, Outcome::Succeeded, Timestamp::now()).expect("written");
        self.nudge();
    }

    /// A run that began so many seconds ago.
    pub fn begin_run(&self, sync: SyncId, notebook: &str, seconds_ago: i64) -> RunId {
        let started = Timestamp::now() - SignedDuration::from_secs(seconds_ago);
        let start = RunStart {
            sync,
            notebook,
            file: "notebooks/n.ipynb",
            trigger: Trigger::Timer,
            due: None,
            source_hash: "",
            token: None,
            started,
        };
        self.store.begin_run(&start).expect("written")
    }

    pub fn end_run(&self, run: RunId, notebook: &str, outcome: Outcome) {
        let error = format!(
            "notebook `{notebook}` failed in cell 3 (Extraction)\n  KeyError: 'montant'\n  \
             2 │ df['montant'].sum()"
        );
        let output = format!("data/outputs/{notebook}_20261122_120000.ipynb");
        let end = RunEnd {
            outcome,
            error: (outcome != Outcome::Succeeded).then_some(error.as_str()),
            output: Some(&output),
            output_seal: None,
            cells: 4,
            cells_run: 3,
            timings: &[],
            attempts: 1,
            warnings: &[],
            kernel_start: None,
            masked: 0,
            ended: Timestamp::now(),
        };
        self.store.end_run(run, &end).expect("written");
        self.nudge();
    }

    fn nudge(&self) {
        if let Some(alerts) = &self.alerts {
            alerts.run_ended();
        }
    }

    /// What the service cannot do, or that it can (it then has done a sync).
    pub fn trouble(&self, trouble: Option<&str>) {
        self.state.send_modify(|state| {
            state.trouble = trouble.map(str::to_owned);
            state.last_sync = Some(penny::daemon::state::Ended {
                sync: 1,
                at: Timestamp::now(),
                succeeded: 1,
                failed: 0,
            });
        });
    }

    /// Waits until nothing is on its way any more: every sync has been looked at, every message sent.
    pub async fn quiet(&self) {
        self.until("every message is sent", || {
            overview(&self.store).expect("read").waiting.is_empty()
        })
        .await;
    }

    /// Waits until the alerts have looked at every run, and all they wrote is sent: what has not been told
    /// by then is not told.
    pub async fn settled(&self) {
        let newest = self.store.present_cursor().expect("read");
        self.until("every run was looked at", || {
            let (_, cursor) = self.store.alert_state().expect("read");
            cursor.is_some_and(|cursor| cursor == newest)
        })
        .await;
        // What came with a sync that has ended waits for nothing more than the next look.
        self.until("every event of an ended sync was told", || {
            let events = overview(&self.store).expect("read").events;
            let open = !self.store.since(&newest).expect("read").under_way.is_empty();
            open || events.iter().all(|event| event.told.is_some() && event.over.is_none())
        })
        .await;
        self.quiet().await;
    }

    /// Waits for a state of the history or of a server.
    pub async fn until(&self, what: &str, mut state: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !state() {
            assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The messages that were sent or given up, oldest first: "alert: subject (outcome)".
    pub fn done(&self) -> Vec<String> {
        let done = overview(&self.store).expect("read").done;
        let told = done.iter().rev().map(|letter| {
            let outcome = letter.kept.outcome.as_deref().unwrap_or_default();
            format!("{}: {} ({outcome})", letter.kept.alert, subject(&letter.subject))
        });
        told.collect()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// A subject without the workspace's name, which is a temporary folder's.
fn subject(subject: &str) -> String {
    subject.split_once("] ").map_or(subject, |(_, rest)| rest).to_owned()
}

/// What a local HTTP server was sent, and what it answers.
#[derive(Clone)]
pub struct Post {
    pub path: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

/// An HTTP server that keeps what it is sent and answers as it is told.
pub struct Receiver {
    pub url: String,
    posts: Arc<std::sync::Mutex<Vec<Post>>>,
    answers: Arc<std::sync::Mutex<Vec<axum::http::Response<String>>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Receiver {
        let posts: Arc<std::sync::Mutex<Vec<Post>>> = Arc::default();
        let answers: Arc<std::sync::Mutex<Vec<axum::http::Response<String>>>> = Arc::default();
        let (kept, given) = (Arc::clone(&posts), Arc::clone(&answers));
        let receive = move |request: axum::extract::Request| {
            let (kept, given) = (Arc::clone(&kept), Arc::clone(&given));
            async move {
                let (head, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1_000_000).await.expect("a body");
                let post = Post {
                    path: head.uri.path().to_owned(),
                    headers: head.headers,
                    body: String::from_utf8_lossy(&body).into_owned(),
                };
                kept.lock().expect("not poisoned").push(post);
                let mut given = given.lock().expect("not poisoned");
                if given.is_empty() {
                    axum::http::Response::new("ok".into())
                } else {
                    given.remove(0)
                }
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = axum::Router::new().fallback(receive);
        let serving =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Receiver { url, posts, answers, serving }
    }

    /// What it answers to the next requests, in their order; "200 ok" after those.
    pub fn answer(&self, status: u16, headers: &[(&'static str, &'static str)], body: &str) {
        let mut response = axum::http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body(body.to_owned()).expect("a response");
        self.answers.lock().expect("not poisoned").push(response);
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().expect("not poisoned").clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
