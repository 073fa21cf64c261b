//! Looking into PostgreSQL: a workspace's own server, and servers that are not Penny's own.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use penny_postgres::embedded::{self, Cluster, EmbeddedError, Search, Server};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::support::Workspace;

/// The superuser's password, with everything in it that a URL has to escape.
pub const PASSWORD: &str = "p@ss w/rd:é";

/// A running server in a folder of its own; it ends with this value.
pub struct Postgres {
    cluster: Cluster,
    port: u16,
    server: Mutex<Option<Server>>,
    _folder: TempDir,
}

impl Postgres {
    /// Starts one.
    pub fn start() -> Postgres {
        // A runtime on a thread of its own: callers may be within one already.
        let started = std::thread::spawn(|| runtime().block_on(Postgres::begin()));
        started.join().expect("PostgreSQL starts")
    }

    async fn begin() -> Postgres {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let search = Search {
            path: std::env::var_os("PATH"),
            usual_folders: true,
            package_folder: penny_testing::folder().join("postgresql-package"),
            wanted_major: None,
        };
        let binaries = embedded::find(&search).expect("PostgreSQL is installed on this computer");
        let cluster = Cluster::ensure(binaries, folder.path().join("data"), "owner", PASSWORD);
        let cluster = cluster.await.expect("the server's folder can be made");
        let server = start(&cluster, crate::support::free_port(), &folder).await;
        Postgres { cluster, port: server.port(), server: Mutex::new(Some(server)), _folder: folder }
    }

    /// The one that several tests use: it ends after the last of them.
    pub fn shared() -> Arc<Postgres> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Postgres::start());
            *shared = Arc::downgrade(&started);
            started
        })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How its superuser connects to the database `postgres`.
    pub fn superuser(&self) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host("127.0.0.1")
            .port(self.port)
            .dbname("postgres")
            .user("owner")
            .password(PASSWORD);
        config
    }

    /// Ends the server, as at night or for an update; its data stay.
    pub fn stop(&self) {
        drop(self.server.lock().unwrap_or_else(PoisonError::into_inner).take());
        crate::support::wait_for("PostgreSQL has ended", || self.cluster.running().is_none());
    }

    /// The rows of a query on one of its databases, as text: `a|b`, with `∅` for NULL.
    pub fn rows(&self, database: &str, sql: &str) -> Vec<String> {
        let mut config = self.superuser();
        config.dbname(database);
        runtime().block_on(async {
            let client = connect(&config).await;
            rows(&client, sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"))
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A workspace whose PostgreSQL stays up, and a look into its tables.
pub struct Open {
    /// The workspace.
    pub workspace: Workspace,
    /// How its own login connects.
    pub config: tokio_postgres::Config,
}

impl Open {
    /// Starts its PostgreSQL, which then stays up until the workspace's end.
    pub fn new(workspace: Workspace) -> Open {
        workspace.run(&["db", "start"]).status(0);
        let url = workspace.run(&["db", "url"]).status(0).stdout;
        Open { config: url.trim().parse().expect("a connection URL"), workspace }
    }

    /// The rows of a query as text: `a|b`, with `∅` for NULL.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        runtime().block_on(async {
            let client = connect(&self.config).await;
            rows(&client, sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"))
        })
    }
}

async fn start(cluster: &Cluster, port: u16, folder: &TempDir) -> Server {
    let mut port = port;
    loop {
        match cluster.start(port, &folder.path().join("log")).await {
            Ok(server) => return server,
            Err(EmbeddedError::PortInUse { .. }) => port = crate::support::free_port(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A connection; it fails the test when there is none.
pub async fn connect(config: &tokio_postgres::Config) -> Client {
    let connected = tokio::time::timeout(Duration::from_secs(30), config.connect(NoTls)).await;
    let (client, connection) = connected.expect("the server answers").expect("the login is right");
    tokio::spawn(connection);
    client
}

/// The rows of a query as text.
pub async fn rows(client: &Client, sql: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let messages = client.simple_query(sql).await?;
    let row = |row: &tokio_postgres::SimpleQueryRow| {
        (0..row.len()).map(|i| row.get(i).unwrap_or("∅")).collect::<Vec<_>>().join("|")
    };
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(r) => Some(row(r)),
        _ => None,
    });
    Ok(rows.collect())
}

/// A runtime for the asynchronous part of a test that otherwise waits for commands.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(1)
        .build()
        .expect("it starts")
}
