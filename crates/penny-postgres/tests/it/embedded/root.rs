//! PostgreSQL refuses to run as root; Penny runs it all the same, where it is root.

use std::path::Path;
use std::process::Command;

use penny_postgres::embedded::{Cluster, EmbeddedError, RunAs};

use super::lifecycle::killed_program;
use super::{PASSWORD, PATIENCE, binaries, connect, start, value};

#[tokio::test]
async fn in_a_user_namespace_the_files_stay_roots() {
    let Some(_root) = Root::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let namespace = RunAs::Namespace { uid: 65_534, gid: 65_534 };
    let made =
        Cluster::ensure_as(binaries(), data.clone(), "penny", PASSWORD, Some(namespace)).await;
    let cluster = match made {
        Ok(cluster) => cluster,
        // The kernel, or the container around this test, may forbid it: then that is what must be said.
        Err(EmbeddedError::Initdb { tried, .. }) => {
            assert!(tried[0].reason.starts_with("initdb could not be run: "), "{tried:?}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert!(matches!(cluster.run_as, RunAs::Namespace { .. }), "{:?}", cluster.run_as);
    assert_eq!(owner(&data.join("PG_VERSION")), "0");
    works(&cluster, folder.path()).await;
}

#[tokio::test]
async fn as_another_user_the_files_are_that_users() {
    let Some(root) = Root::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    run("chmod", &["755".as_ref(), folder.path().as_ref()]);
    let data = folder.path().join("data");
    let nobody = Some(root.nobody.clone());
    let cluster =
        Cluster::ensure_as(binaries(), data.clone(), "penny", PASSWORD, nobody).await.unwrap();
    assert_eq!(cluster.run_as, root.nobody);
    assert_eq!(owner(&data.join("PG_VERSION")), "65534");
    works(&cluster, folder.path()).await;
    killed_program(&cluster).await;
}

#[tokio::test]
async fn in_a_folder_of_another_user_that_user_runs_it() {
    let Some(root) = Root::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    // Root without its powers, as it is in a namespace, may not even look in here.
    run("chown", &["65534:65534".as_ref(), folder.path().as_ref()]);
    run("chmod", &["700".as_ref(), folder.path().as_ref()]);
    let data = folder.path().join("data");
    let cluster = Cluster::ensure(binaries(), data, "penny", PASSWORD).await.unwrap();
    assert_eq!(cluster.run_as, root.nobody);
    works(&cluster, folder.path()).await;
}

#[tokio::test]
async fn a_folder_that_the_other_user_cannot_reach_is_said_with_the_remedy() {
    let Some(root) = Root::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    run("chmod", &["700".as_ref(), folder.path().as_ref()]);
    let data = folder.path().join("data");
    let made = Cluster::ensure_as(binaries(), data, "penny", PASSWORD, Some(root.nobody)).await;
    let error = made.unwrap_err();
    assert!(
        error.to_string().contains("could not be made: as user nobody: initdb: error: "),
        "{error}"
    );
    assert!(error.to_string().contains("Permission denied"), "{error}");
    assert!(error.hint().unwrap().contains("/var/lib/penny"));
}

/// Unshares a user namespace that allows no further ones, and runs a program in it, still as root. Status
/// 77 says that the kernel forbids even the first one.
const WITHOUT_NAMESPACES: &str = r#"
import ctypes, os, sys
libc = ctypes.CDLL(None)
asked, ask = os.pipe()
mapped, map = os.pipe()
child = os.fork()
if child == 0:
    if libc.unshare(0x10000000) != 0:
        os._exit(77)
    os.write(ask, b"x")
    os.read(mapped, 1)
    open("/proc/sys/user/max_user_namespaces", "w").write("0")
    os.execv(sys.argv[1], sys.argv[1:])
os.close(ask)
if os.read(asked, 1):
    for kind in ("uid", "gid"):
        open(f"/proc/{child}/{kind}_map", "w").write("0 0 70000")
    os.write(map, b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[tokio::test]
async fn where_namespaces_are_forbidden_another_user_takes_the_folder_over() {
    let Some(_root) = Root::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    run("chmod", &["755".as_ref(), folder.path().as_ref()]);
    let data = folder.path().join("data");
    let cluster = Cluster::ensure(binaries(), data.clone(), "penny", PASSWORD).await.unwrap();
    works(&cluster, folder.path()).await;
    let status = Command::new(penny_testing::base_python())
        .args(["-c", WITHOUT_NAMESPACES])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::root::take_over", "--ignored", "--nocapture"])
        .env("PENNY_TEST_DATA", &data)
        .status()
        .unwrap();
    if status.code() == Some(77) {
        // Forbidden for this test itself: then the first lines have shown what is to be shown.
        assert!(matches!(cluster.run_as, RunAs::User { .. }), "{:?}", cluster.run_as);
        return;
    }
    assert!(status.success(), "{status}");
    // What the other user has taken over works on where namespaces are allowed.
    let cluster = Cluster::ensure(binaries(), data, "penny", PASSWORD).await.unwrap();
    assert!(matches!(cluster.run_as, RunAs::User { .. }), "{:?}", cluster.run_as);
    works(&cluster, folder.path()).await;
}

/// The part of the test above that runs without namespaces.
#[tokio::test]
#[ignore = "where_namespaces_are_forbidden_another_user_takes_the_folder_over runs it"]
async fn take_over() {
    let data = std::path::PathBuf::from(std::env::var_os("PENNY_TEST_DATA").unwrap());
    let folder = data.parent().unwrap().to_owned();
    let cluster = Cluster::ensure(binaries(), data.clone(), "penny", PASSWORD).await.unwrap();
    assert!(matches!(cluster.run_as, RunAs::User { .. }), "{:?}", cluster.run_as);
    works(&cluster, &folder).await;
    // A folder that is new is made by that user too.
    let cluster = Cluster::ensure(binaries(), folder.join("new"), "penny", PASSWORD).await.unwrap();
    assert!(matches!(cluster.run_as, RunAs::User { .. }), "{:?}", cluster.run_as);
    works(&cluster, &folder).await;
}

async fn works(cluster: &Cluster, folder: &Path) {
    let server = start(cluster, &folder.join("log")).await;
    let client = connect(server.port()).await;
    client
        .batch_execute(
            "DROP TABLE IF EXISTS t; CREATE TABLE t (n int); INSERT INTO t VALUES (1); CHECKPOINT",
        )
        .await
        .unwrap();
    assert_eq!(value(&client, "SELECT count(*) FROM t").await, "1");
    assert_eq!(cluster.running().map(|running| running.pid), Some(server.pid()));
    server.stop(PATIENCE).await.unwrap();
    assert_eq!(cluster.running(), None);
}

/// That the tests run as root on Linux, and the user who owns nothing.
struct Root {
    nobody: RunAs,
}

impl Root {
    fn new() -> Option<Root> {
        let ids = Command::new("id").arg("-u").output().ok()?;
        let root = cfg!(target_os = "linux") && ids.stdout == b"0\n";
        let group = Command::new("id").args(["-g", "nobody"]).output().ok()?;
        let gid = String::from_utf8(group.stdout).ok()?.trim().parse().ok()?;
        let nobody = RunAs::User { name: "nobody".to_owned(), uid: 65_534, gid };
        root.then_some(Root { nobody })
    }
}

fn owner(path: &Path) -> String {
    let output = Command::new("stat").args(["-c", "%u"]).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn run(program: &str, arguments: &[&std::ffi::OsStr]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success());
}
