//! The end of kernels, and that nothing of them is left.

use std::time::{Duration, Instant};

use crate::bench::{BOTH_WAYS, Bench, CHILD, run, runs, until_gone, until_written};

#[tokio::test]
async fn a_kernel_that_is_asked_ends_by_itself_and_leaves_no_file() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let pid = kernel.pid().unwrap();
    run(&mut kernel, "data = bytearray(200_000_000)").await;
    assert_eq!(std::fs::read_dir(bench.runtime()).unwrap().count(), 1);
    let ended = kernel.shutdown(Duration::from_secs(60)).await;
    assert_eq!((ended.exit_code, ended.signal, ended.killed), (Some(0), None, false));
    assert!(ended.peak_memory_bytes.unwrap() > 200_000_000, "{ended:?}");
    assert!(!runs(pid));
    assert_eq!(std::fs::read_dir(bench.runtime()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_thread_that_is_asked_for_the_end_has_its_last_word() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
import time
kernel, publish = get_ipython().kernel, get_ipython().kernel._publish_status
def slowly(status, *rest, **more):
    publish(status, *rest, **more)
    if kernel._shutdown_message is not None and status == 'idle':
        time.sleep(0.02)
        publish(status, *rest, **more)
        open('said', 'w').close()
kernel._publish_status = slowly";
    assert_eq!(run(&mut kernel, code).await.reply["status"], "ok");
    let ended = kernel.shutdown(Duration::from_secs(60)).await;
    assert_eq!((ended.exit_code, ended.killed), (Some(0), false), "{ended:?}");
    assert!(bench.cwd().join("said").exists(), "its socket was closed while it spoke");
}

#[tokio::test]
async fn a_cell_that_swallows_interrupts_ends_by_the_kill() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let pid = kernel.pid().unwrap();
    let code = "
import time
while True:
    try:
        print('.', end='', flush=True)
        while True: time.sleep(0.01)
    except KeyboardInterrupt:
        pass";
    kernel.execute(code).await.unwrap();
    until_written(&mut kernel, ".").await;
    kernel.interrupt().unwrap();
    until_written(&mut kernel, ".").await;
    let asked = Instant::now();
    let ended = kernel.shutdown(Duration::from_millis(500)).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert!(ended.killed, "{ended:?}");
    assert_eq!(ended.signal, if cfg!(unix) { Some(15) } else { None });
    assert!(!runs(pid));
}

#[cfg(unix)]
#[tokio::test]
async fn children_of_a_notebook_are_gone_after_shutdown() {
    let bench = Bench::new();
    for grace in [Duration::from_secs(60), Duration::ZERO] {
        let mut kernel = bench.kernel().await;
        let code = "import subprocess
child = subprocess.Popen(['sh', '-c', 'trap \"\" TERM INT; sleep 600 & echo $!; wait'], text=True,
                         stdout=subprocess.PIPE)
print(child.pid, child.stdout.readline().strip())";
        let written = run(&mut kernel, code).await.stream("stdout");
        let children: Vec<u32> =
            written.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
        assert!(children.len() == 2 && children.iter().all(|child| runs(*child)), "{written}");
        kernel.shutdown(grace).await;
        for child in children {
            until_gone(child, Duration::from_secs(10)).await;
        }
    }
}

/// One that is in a session of its own, and in whose environment nothing tells where it comes from.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_that_hides_where_it_comes_from_is_gone_after_shutdown() {
    let code = "import subprocess
child = subprocess.Popen(['sleep', '600'], start_new_session=True, env={})
print(child.pid)";
    for way in BOTH_WAYS {
        let bench = Bench::new();
        // Another kernel's lives on, until that ends.
        let (mut kernel, mut other) = (bench.kernel_by(*way).await, bench.kernel_by(*way).await);
        let mut child = Vec::new();
        for kernel in [&mut kernel, &mut other] {
            child.push(run(kernel, code).await.stream("stdout").trim().parse::<u32>().unwrap());
        }
        kernel.shutdown(Duration::from_secs(60)).await;
        until_gone(child[0], Duration::from_secs(10)).await;
        assert!(runs(child[1]), "{way:?}");
        other.shutdown(Duration::from_secs(60)).await;
        until_gone(child[1], Duration::from_secs(10)).await;
    }
}

#[tokio::test]
async fn dropping_a_kernel_kills_it_with_its_children() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = format!("{CHILD}print(child.pid)");
    let child = run(&mut kernel, &code).await.stream("stdout").trim().parse().unwrap();
    let pid = kernel.pid().unwrap();
    drop(kernel);
    until_gone(pid, Duration::from_secs(10)).await;
    until_gone(child, Duration::from_secs(10)).await;
    assert_eq!(std::fs::read_dir(bench.runtime()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_no_process() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    let note = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)";
    launch.spec.argv = vec![launch.spec.argv[0].clone(), "-c".into(), note.into()];
    let noted = bench.cwd().join("pid");
    let pid = tokio::select! {
        started = penny_kernel::Kernel::start(launch) => panic!("{started:?}"),
        pid = async {
            loop {
                match std::fs::read_to_string(&noted) {
                    Ok(pid) if !pid.is_empty() => break pid,
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        } => pid,
    };
    until_gone(pid.parse().unwrap(), Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_flood_that_nobody_reads_does_not_hold_up_the_end() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    kernel
        .execute("print('.', end='', flush=True)\nwhile True: print('x' * 10_000, flush=True)")
        .await
        .unwrap();
    let pid = kernel.pid().unwrap();
    let asked = Instant::now();
    kernel.shutdown(Duration::from_secs(1)).await;
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
    assert!(!runs(pid));
}

/// The end may take longer than the second that Penny waits: here a thread goes on for a minute.
#[tokio::test]
async fn a_file_that_was_left_open_is_whole_even_when_the_end_takes_too_long() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        let code = "import threading, time
file = open('totaux.csv', 'w')
_ = file.write('total;12,50')
threading.Thread(target=time.sleep, args=[60]).start()";
        assert_eq!(run(&mut kernel, code).await.reply["status"], "ok");
        // Twice as long as Penny waits, for machines that do a lot else.
        let ended = kernel.shutdown(Duration::from_secs(2)).await;
        assert!(ended.killed, "{way:?} {ended:?}");
        let written = std::fs::read_to_string(bench.cwd().join("totaux.csv")).unwrap();
        assert_eq!(written, "total;12,50", "{way:?}");
    }
}
