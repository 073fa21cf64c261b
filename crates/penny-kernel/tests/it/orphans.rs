//! When Penny itself is killed, nothing of its kernels is left.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{BOTH_WAYS, Bench, CHILD, DAEMON, run, runs, until_gone};

/// Tells the inner test where to note its processes.
const NOTE: &str = "PENNY_KERNEL_TEST_NOTE";

#[tokio::test]
async fn a_killed_parent_leaves_neither_kernel_nor_its_children() {
    let bench = Bench::new();
    penny_testing::python();
    let note = bench.path().join("note");
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "orphans::runs_a_kernel_until_it_is_killed", "--ignored"])
        .env(NOTE, &note)
        // What the killed parent leaves behind is removed with this test's own folder.
        .env("TMPDIR", bench.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let noted = loop {
        if let Ok(text) = std::fs::read_to_string(&note) {
            break text;
        }
        assert!(parent.try_wait().unwrap().is_none(), "the parent ended by itself");
        assert!(started.elapsed() < Duration::from_secs(120), "the parent's kernel never started");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let pids: Vec<u32> = noted.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    // On Linux there are two kernels, each with a child and a daemon.
    let expected = if cfg!(target_os = "linux") { 6 } else { 2 };
    assert!(pids.len() == expected && pids.iter().all(|pid| runs(*pid)), "{noted}");

    parent.kill().unwrap();
    parent.wait().unwrap();
    for pid in pids {
        until_gone(pid, Duration::from_secs(10)).await;
    }
    // Its kernels' folders are left: the next kernel removes them.
    let left: Vec<PathBuf> = folders(&runtime(&note));
    assert_eq!(left.len(), BOTH_WAYS.len(), "{left:?}");
    let mut launch = bench.launch();
    launch.runtime_dir = runtime(&note);
    let kernel = penny_kernel::Kernel::start(launch).await.unwrap();
    assert_eq!(folders(&runtime(&note)).len(), 1);
    assert!(left.iter().all(|folder| !folder.exists()), "{left:?}");
    drop(kernel);
}

/// Where the kernels of the inner test have their folders.
fn runtime(note: &std::path::Path) -> PathBuf {
    note.with_extension("run")
}

fn folders(parent: &std::path::Path) -> Vec<PathBuf> {
    std::fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
#[ignore = "runs for ever, and is killed by the test above"]
async fn runs_a_kernel_until_it_is_killed() {
    let note = PathBuf::from(std::env::var_os(NOTE).expect("started by the test above"));
    let bench = Bench::new();
    let (mut kernels, mut noted) = (Vec::new(), String::new());
    for way in BOTH_WAYS {
        let launch = bench.launch_by(*way).await;
        let launch = penny_kernel::Launch { runtime_dir: runtime(&note), ..launch };
        let mut kernel = penny_kernel::Kernel::start(launch).await.unwrap();
        let child = run(&mut kernel, &format!("{CHILD}print(child.pid)")).await.stream("stdout");
        noted += &format!("{} {child}", kernel.pid().expect("it runs here"));
        if cfg!(target_os = "linux") {
            noted += &run(&mut kernel, DAEMON).await.stream("stdout");
        }
        kernels.push(kernel);
    }
    let unfinished = note.with_extension("unfinished");
    std::fs::write(&unfinished, noted).unwrap();
    std::fs::rename(&unfinished, &note).unwrap();
    std::future::pending::<()>().await;
}
