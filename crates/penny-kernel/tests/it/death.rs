//! Kernels that die, and what is told about it.

use std::time::{Duration, Instant};

use penny_kernel::{Death, Event, Kernel, KernelError};

use crate::bench::{Bench, CHILD, event, run, until_gone};

/// Runs `code`, which ends the kernel; returns what was printed before, and how it ended.
async fn fatal(kernel: &mut Kernel, code: &str) -> (String, Death) {
    kernel.execute(code).await.unwrap();
    let mut text = String::new();
    loop {
        match event(kernel).await {
            Event::Output { msg_type, content, .. } if msg_type == "stream" => {
                text += content["text"].as_str().unwrap();
            }
            Event::Output { .. } => {}
            Event::Died(death) => return (text, death),
            done @ Event::Done { .. } => panic!("{done:?}"),
        }
    }
}

/// Seconds since the epoch, which the kernel's clock is compared with.
fn now() -> f64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}

#[track_caller]
fn assert_recent(bench: &Bench) {
    let died: f64 = std::fs::read_to_string(bench.cwd().join("died")).unwrap().parse().unwrap();
    let seconds = now() - died;
    assert!(seconds < 2.0, "known only after {seconds} s");
}

const NOTE_TIME: &str = "import os, signal, time\nopen('died', 'w').write(repr(time.time()))\n";

#[tokio::test]
async fn an_exit_is_known_at_once_with_its_status() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let (_, death) = fatal(&mut kernel, &format!("{NOTE_TIME}os._exit(3)")).await;
    assert_recent(&bench);
    assert_eq!(death.to_string(), "the kernel ended by itself with exit status 3");
    assert_eq!((death.exit_code, death.signal), (Some(3), None));
}

#[cfg(unix)]
#[tokio::test]
async fn a_kill_is_known_at_once_with_its_signal() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = format!("{NOTE_TIME}os.kill(os.getpid(), signal.SIGKILL)");
    let (_, death) = fatal(&mut kernel, &code).await;
    assert_recent(&bench);
    assert_eq!(death.to_string(), "the kernel was killed by SIGKILL (9)");
    assert_eq!((death.exit_code, death.signal), (None, Some(9)));
}

#[tokio::test]
async fn what_was_printed_before_the_death_is_delivered() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
import os, time
for i in range(2000): print(i, flush=True)
time.sleep(1)
os._exit(1)";
    let (text, death) = fatal(&mut kernel, code).await;
    assert_eq!(death.exit_code, Some(1));
    assert_eq!(text, (0..2000).map(|i| format!("{i}\n")).collect::<String>());
}

#[cfg(unix)]
#[tokio::test]
async fn the_last_words_of_a_crash_are_kept() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let (_, death) = fatal(&mut kernel, "import ctypes; ctypes.string_at(0)").await;
    assert_eq!(death.to_string(), "the kernel was killed by SIGSEGV (11)");
    assert!(death.stderr_tail.contains("Segmentation fault"), "{}", death.stderr_tail);
}

#[tokio::test]
async fn a_death_between_cells_is_told_and_stays_told() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "import os, threading; threading.Timer(0.3, os._exit, [7]).start()";
    assert_eq!(run(&mut kernel, code).await.reply["status"], "ok");
    for _ in 0..2 {
        match event(&mut kernel).await {
            Event::Died(death) => assert_eq!(death.exit_code, Some(7)),
            other => panic!("{other:?}"),
        }
    }
    let error = kernel.execute("1").await.unwrap_err();
    assert!(matches!(&error, KernelError::Died(_)), "{error:?}");
    assert_eq!(error.to_string(), "the kernel ended by itself with exit status 7");
    kernel.interrupt().unwrap();
    let ended = kernel.shutdown(Duration::from_secs(10)).await;
    assert_eq!((ended.exit_code, ended.killed), (Some(7), false));
}

#[cfg(unix)]
#[tokio::test]
async fn a_death_is_known_though_a_daemon_holds_the_kernels_pipes() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = format!(
        "import subprocess
daemon = subprocess.Popen(['sleep', '600'], start_new_session=True,
    stdout=__import__('sys').__stdout__.fileno(), close_fds=False)
open('daemon', 'w').write(str(daemon.pid))
{NOTE_TIME}os._exit(3)"
    );
    let (_, death) = fatal(&mut kernel, &code).await;
    assert_recent(&bench);
    assert_eq!(death.exit_code, Some(3));
    let daemon = std::fs::read_to_string(bench.cwd().join("daemon")).unwrap();
    std::process::Command::new("kill").args(["-9", &daemon]).status().unwrap();
    until_gone(daemon.parse().unwrap(), Duration::from_secs(10)).await;
}

#[tokio::test]
async fn the_children_of_a_dead_kernel_go_with_it() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = format!(
        "{CHILD}print(child.pid, flush=True)\nimport os, time; time.sleep(0.5); os._exit(3)"
    );
    let (child, _) = fatal(&mut kernel, &code).await;
    until_gone(child.trim().parse().unwrap(), Duration::from_secs(10)).await;
}

#[tokio::test]
async fn an_exit_that_the_kernel_answers_is_an_answer_first() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let started = Instant::now();
    assert_eq!(run(&mut kernel, "quit()").await.reply["status"], "ok");
    assert!(matches!(event(&mut kernel).await, Event::Died(_)));
    assert!(started.elapsed() < Duration::from_secs(60));
}
