//! A real PostgreSQL for the tests: started when the first of them needs it, stopped after the last.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use penny_postgres::connection::{self, Secret, SslMode, Target};
use penny_postgres::embedded::{self, Binaries, Cluster, Search, Server, Sources};
use tokio_postgres::{Client, SimpleQueryMessage};

pub const PASSWORD: &str = "p@ss wörd/1";

/// Anything that takes longer than this on a crowded machine is stuck.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The server that the tests of this process share.
pub struct Shared {
    pub port: u16,
    cluster: Cluster,
    server: Option<Server>,
    /// Keeps other test processes off the data folder.
    _lock: File,
}

impl Drop for Shared {
    fn drop(&mut self) {
        drop(self.server.take());
        let until = std::time::Instant::now() + PATIENCE;
        while self.cluster.running().is_some() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());

/// The shared server.
pub async fn shared() -> Arc<Shared> {
    let start = || {
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let started = Arc::new(runtime.block_on(start_shared()));
            *shared = Arc::downgrade(&started);
            started
        })
    };
    tokio::task::spawn_blocking(start).await.unwrap()
}

async fn start_shared() -> Shared {
    let (folder, lock) = own_folder();
    let cluster = ensure(&folder).await;
    let server = start(&cluster, &folder).await;
    Shared { port: server.port(), cluster, server: Some(server), _lock: lock }
}

/// A data folder that outlives the tests, since making one takes a second, for one process at a time.
fn own_folder() -> (PathBuf, File) {
    for number in 0..100 {
        let folder = penny_testing::folder().join(format!("postgres-{number}"));
        fs::create_dir_all(&folder).unwrap();
        let lock = File::create(folder.join("lock")).unwrap();
        if lock.try_lock().is_ok() {
            return (folder, lock);
        }
    }
    panic!("a hundred test processes hold their data folders");
}

/// The server's programs: those of the machine, or downloaded.
pub async fn binaries() -> Binaries {
    let package_folder = penny_testing::folder().join("postgresql-package");
    let search = Search {
        path: std::env::var_os("PATH"),
        usual_folders: true,
        package_folder: package_folder.clone(),
        wanted_major: None,
    };
    if let Some(found) = embedded::find(&search) {
        return found;
    }
    let lock = File::create(package_folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let python = Some(PathBuf::from(penny_testing::base_python()));
    let sources = Sources { python, uv: None, npm: None };
    embedded::obtain(&sources, &package_folder, &|_| {}).await.unwrap()
}

/// A cluster in `folder`.
pub async fn ensure(folder: &Path) -> Cluster {
    let binaries = binaries().await;
    let data = folder.join(format!("data-{}", binaries.major));
    Cluster::ensure(binaries, data, "penny", PASSWORD).await.unwrap()
}

/// A server on a free port. Another process may take the port in the meantime: then the next one is tried.
pub async fn start(cluster: &Cluster, folder: &Path) -> Server {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..20 {
        let from = 21_000 + (std::process::id() * 7 + NEXT.fetch_add(97, Ordering::Relaxed)) % 8000;
        let port = embedded::free_port(from as u16, 1000).unwrap();
        match cluster.start(port, &folder.join("log")).await {
            Ok(server) => return server,
            Err(embedded::EmbeddedError::PortInUse { .. }) => {}
            Err(error) => panic!("{error}: {:?}", fs::read_to_string(folder.join("log"))),
        }
    }
    panic!("no port could be had");
}

/// How to reach the server on this port.
pub fn target(port: u16) -> Target {
    Target {
        host: "127.0.0.1".to_owned(),
        port,
        database: "postgres".to_owned(),
        user: "penny".to_owned(),
        password: Secret::new(PASSWORD),
        sslmode: SslMode::Disable,
        sslrootcert: None,
        connect_timeout: Duration::from_secs(30),
        application_name: "penny tests".to_owned(),
    }
}

/// A schema of one's own on the shared server, empty, and a connection that looks into it first.
pub struct Place {
    pub client: Client,
    pub schema: String,
    pub target: Target,
    _shared: Arc<Shared>,
}

impl Place {
    pub async fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let shared = shared().await;
        let schema =
            format!("place_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let target = target(shared.port);
        let place =
            Place { client: connect(&target, &schema).await, schema, target, _shared: shared };
        // A place of an earlier process may have had the same number.
        let schema = &place.schema;
        place.run(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")).await;
        place
    }

    /// Another connection to the same place.
    pub async fn another(&self) -> Client {
        connect(&self.target, &self.schema).await
    }

    /// A connection to another database of the server.
    pub async fn another_in(&self, database: &str) -> Client {
        let target = Target { database: database.to_owned(), ..self.target.clone() };
        connect(&target, "public").await
    }

    /// Runs statements.
    pub async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// The rows of a query as the server writes them: `a|b`, with `∅` for NULL.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.client, sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// The only value of a query.
    pub async fn value(&self, sql: &str) -> String {
        let rows = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows[0].clone()
    }

    /// The table's columns with their types.
    pub async fn types(&self, table: &str) -> Vec<String> {
        self.rows(&format!(
            "SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
             WHERE attrelid = '{}.{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            self.schema
        ))
        .await
    }
}

async fn connect(target: &Target, schema: &str) -> Client {
    let client = connection::connect(target).await.unwrap();
    let settings = format!(
        "SET search_path = {schema}; SET timezone = 'UTC'; SET client_min_messages = warning"
    );
    client.batch_execute(&settings).await.unwrap();
    client
}

/// The rows of a query as the server writes them: `a|b`, with `∅` for NULL.
pub async fn rows(client: &Client, sql: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let messages = client.simple_query(sql).await?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            let fields: Vec<&str> =
                (0..row.len()).map(|index| row.get(index).unwrap_or("∅")).collect();
            Some(fields.join("|"))
        }
        _ => None,
    });
    Ok(rows.collect())
}
