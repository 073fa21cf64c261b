//! The embedded server, on the programs of this machine and on downloaded ones.

mod lifecycle;
mod obtaining;
mod root;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use penny_postgres::embedded::{Binaries, Cluster, Search, Server, find, free_port};
use tokio_postgres::{Client, NoTls};

pub const PASSWORD: &str = "l'été \"chaud\"";
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The server's programs: those of this machine, or else downloaded ones.
pub fn binaries() -> Binaries {
    let search =
        Search { path: std::env::var_os("PATH"), usual_folders: true, ..Search::default() };
    find(&search).unwrap_or_else(obtaining::from_pypi)
}

/// A cluster in a new folder whose name is as unkind as a file system allows.
pub struct Scratch {
    pub cluster: Cluster,
    pub folder: tempfile::TempDir,
}

impl Scratch {
    pub async fn new() -> Scratch {
        let folder = tempfile::tempdir().unwrap();
        let name = if cfg!(windows) {
            "Société d'Été & Cie"
        } else {
            "Société d'Été \"& Cie\" $HOME"
        };
        let data = folder.path().join(name).join("données");
        let binaries = binaries();
        copy(&made_once(&binaries), &data);
        let cluster = Cluster::ensure(binaries, data, "penny", PASSWORD).await.unwrap();
        Scratch { cluster, folder }
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("journal").join("postgres.log")
    }

    pub async fn start(&self) -> Server {
        start(&self.cluster, &self.log()).await
    }
}

/// A data folder to copy, made once for all runs of the tests: `initdb` takes a second or two.
fn made_once(binaries: &Binaries) -> PathBuf {
    // Windows answers with the machine too, "machine\user", which is no name for a folder.
    let answer = std::process::Command::new("whoami").output().unwrap();
    let user = String::from_utf8_lossy(&answer.stdout).trim().replace('\\', "-");
    let folder = penny_testing::once(&format!("cluster-{}-{user}", binaries.version), |place| {
        let (binaries, place) = (binaries.clone(), place.join("data"));
        let make = move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(Cluster::ensure(binaries, place, "penny", PASSWORD)).unwrap();
        };
        std::thread::spawn(make).join().unwrap();
    });
    folder.join("data")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Starts on a free port; another test may take it first, so there are a few tries.
pub async fn start(cluster: &Cluster, log: &Path) -> Server {
    for attempt in 0..20 {
        let port = some_port();
        match cluster.start(port, log).await {
            Ok(server) => return server,
            Err(error) if attempt < 19 && error.to_string().contains("used by another program") => {
            }
            Err(error) => panic!("{error}\n{}", std::fs::read_to_string(log).unwrap_or_default()),
        }
    }
    unreachable!("the last attempt returns or panics")
}

/// A free port, not the same one for tests that run at once.
pub fn some_port() -> u16 {
    let nanoseconds = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    let from = 20_000 + u16::try_from(nanoseconds / 100 % 10_000).unwrap();
    free_port(from, 200).expect("one port of two hundred is free")
}

pub async fn connect(port: u16) -> Client {
    let (client, connection) = tokio_postgres::Config::new()
        .host("127.0.0.1")
        .port(port)
        .user("penny")
        .password(PASSWORD)
        .dbname("postgres")
        .connect(NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

/// The single value of a query.
pub async fn value(client: &Client, sql: &str) -> String {
    let messages = client.simple_query(sql).await.unwrap();
    let row = messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    row.unwrap_or("NULL").to_owned()
}

/// Waits until `condition` holds.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "{what} did not come true in {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
