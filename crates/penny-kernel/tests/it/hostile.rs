//! Cells that do what nobody should, on kernels of both kinds.

use std::time::{Duration, Instant};

use penny_kernel::{Cause, Death, Event, Kernel};

use crate::bench::{BOTH_WAYS, Bench, DAEMON, event, run, runs, until_gone};

/// A machine that does a lot else needs more than the two seconds that a user waits for it.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// Runs a cell that the kernel does not survive.
async fn fatal(kernel: &mut Kernel, code: &str) -> Death {
    kernel.execute(code).await.unwrap();
    loop {
        match event(kernel).await {
            Event::Died(death) => return death,
            Event::Output { msg_type, content, .. } => {
                assert_ne!(msg_type, "error", "{content}");
            }
            Event::Done { reply, .. } => panic!("{reply}"),
        }
    }
}

#[tokio::test]
async fn every_death_is_told_with_what_is_known() {
    #[track_caller]
    fn check(death: &Death, exit_code: Option<i32>, signal: Option<i32>) {
        assert_eq!((death.exit_code, death.signal), (exit_code, signal), "{death:?}");
        assert_eq!(death.cause, None);
        assert!(death.peak_memory_bytes.is_some_and(|bytes| bytes > 10_000_000), "{death:?}");
    }
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        check(&fatal(&mut kernel, "import os; os._exit(3)").await, Some(3), None);
        let mut kernel = bench.kernel_by(*way).await;
        let begun = Instant::now();
        let death = fatal(&mut kernel, "import os; os.kill(os.getpid(), 9)").await;
        check(&death, None, Some(9));
        assert!(begun.elapsed() < TOLD_WITHIN, "{:?}", begun.elapsed());
        let mut kernel = bench.kernel_by(*way).await;
        let death = fatal(&mut kernel, "import ctypes; ctypes.string_at(0)").await;
        check(&death, None, Some(11));
        assert!(death.stderr_tail.contains("Segmentation fault"), "{}", death.stderr_tail);
    }
}

/// What a broken text of an API leaves in Python: half of a pair, which UTF-8 cannot write.
pub const HALF: &str = "import json
x = json.loads('\"Facture \\\\ud83d\"'); print('Total TTC : 12 345,67'); print(x)
{'é' + x: [x]}";

#[tokio::test]
async fn half_a_character_loses_no_line() {
    for way in BOTH_WAYS {
        let mut kernel = Bench::new().kernel_by(*way).await;
        let ran = run(&mut kernel, HALF).await;
        assert_eq!(ran.stream("stdout"), "Total TTC : 12 345,67\nFacture \u{fffd}\n", "{ran:?}");
        let ran = run(&mut kernel, "raise ValueError(x)").await;
        assert_eq!(ran.reply["evalue"], "Facture \u{fffd}", "{ran:?}");
        // An answer that JSON cannot hold comes all the same: without it the cell would never end.
        let ran = run(&mut kernel, "exit(ValueError('x'))").await;
        assert_eq!(ran.reply["payload"][0]["keepkernel"], "ValueError('x')", "{way:?}");
    }
}

#[tokio::test]
async fn a_pipe_that_is_filled_from_compiled_code_holds_nobody_up() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        // Beside ipykernel's own capture, straight into the pipe that the process was given.
        let code = "import os, sys
own = sys.stdout._original_stdstream_copy
for _ in range(300): os.write(own, b'x' * 10_000 + b'\\n')
os.write(own, b'the end\\n')";
        assert_eq!(run(&mut kernel, code).await.reply["status"], "ok", "{way:?}");
        let death = fatal(&mut kernel, "os._exit(1)").await;
        assert!(death.stderr_tail.ends_with("the end"), "{way:?} {}", death.stderr_tail);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_kernel_that_lets_go_of_its_sockets_is_dead() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        let begun = Instant::now();
        // The process lives on, as another program, which knows nothing of sockets.
        let death = fatal(&mut kernel, "import os; os.execvp('sleep', ['sleep', '600'])").await;
        assert_eq!(death.cause, Some(Cause::ConnectionsClosed), "{way:?} {death:?}");
        assert!(begun.elapsed() < TOLD_WITHIN, "{way:?} {:?}", begun.elapsed());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_daemon_goes_with_its_kernel_however_that_ends() {
    for way in BOTH_WAYS {
        for end in ["shutdown", "drop", "exit", "kill"] {
            let bench = Bench::new();
            let mut kernel = bench.kernel_by(*way).await;
            let daemon = run(&mut kernel, DAEMON).await.stream("stdout");
            let daemon: u32 = daemon.trim().parse().unwrap();
            assert!(runs(daemon));
            match end {
                "shutdown" => {
                    kernel.shutdown(Duration::from_secs(60)).await;
                }
                "drop" => drop(kernel),
                "exit" => {
                    fatal(&mut kernel, "import os; os._exit(0)").await;
                }
                _ => {
                    fatal(&mut kernel, "import os; os.kill(os.getpid(), 9)").await;
                }
            }
            until_gone(daemon, Duration::from_secs(10)).await;
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_serves_others_too_is_left_alone() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        let code = format!("import os; os.environ['PENNY_OUTLIVES_KERNELS'] = '1'\n{DAEMON}");
        let daemon = run(&mut kernel, &code).await.stream("stdout");
        let daemon: u32 = daemon.trim().parse().unwrap();
        kernel.shutdown(Duration::from_secs(60)).await;
        assert!(runs(daemon), "{way:?}");
        std::process::Command::new("kill").args(["-9", &daemon.to_string()]).status().unwrap();
    }
}

/// As PostgreSQL's processes, which write over their environment: only their parent tells whose they are.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_process_that_serves_others_has_started_is_left_alone() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        let code = "import os, subprocess, time
environ = {**os.environ, 'PENNY_OUTLIVES_KERNELS': '1'}
server = 'env -i setsid sleep 600 & echo $! > child.new; mv child.new child; wait'
subprocess.Popen(['sh', '-c', server], env=environ, start_new_session=True)
while not os.path.exists('child'): time.sleep(0.01)
print(open('child').read())";
        let child = run(&mut kernel, code).await.stream("stdout");
        let child: u32 = child.trim().parse().unwrap();
        kernel.shutdown(Duration::from_secs(60)).await;
        assert!(runs(child), "{way:?}");
        std::process::Command::new("kill").args(["-9", &child.to_string()]).status().unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_kernel_is_asked_to_end_before_it_is_killed() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        let code = "import signal, time
def note(*_): open('asked', 'w').close()
signal.signal(signal.SIGTERM, note)
print('.', end='', flush=True)
while True:
    try: time.sleep(600)
    except KeyboardInterrupt: pass";
        kernel.execute(code).await.unwrap();
        crate::bench::until_written(&mut kernel, ".").await;
        let ended = kernel.shutdown(Duration::from_millis(100)).await;
        assert!(ended.killed && ended.signal == Some(9), "{way:?} {ended:?}");
        assert!(bench.cwd().join("asked").exists(), "{way:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_kernel_that_uses_more_memory_than_its_limit_is_ended_and_told_so() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut launch = bench.launch_by(*way).await;
        launch.memory_limit_bytes = Some(400_000_000);
        let mut kernel = Kernel::start(launch).await.unwrap();
        let code = "import time\ndata = []
while True: data.append(bytearray(10_000_000)); time.sleep(0.02)";
        let death = fatal(&mut kernel, code).await;
        assert_eq!(death.cause, Some(Cause::MemoryLimit { limit_bytes: 400_000_000 }), "{way:?}");
        let sentence = "the kernel was ended: it used more memory than its limit of 400 MB";
        assert_eq!(death.to_string(), sentence);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_memory_of_children_counts_too() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut launch = bench.launch_by(*way).await;
        launch.memory_limit_bytes = Some(400_000_000);
        let mut kernel = Kernel::start(launch).await.unwrap();
        let code = "import subprocess, sys
subprocess.run([sys.executable, '-c', 'import time; x = bytearray(600_000_000); x[::4096] = b\"x\" * len(x[::4096]); time.sleep(600)'])";
        let death = fatal(&mut kernel, code).await;
        assert_eq!(death.cause, Some(Cause::MemoryLimit { limit_bytes: 400_000_000 }), "{way:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_cell_that_wants_far_too_much_at_once_gets_a_memory_error_and_goes_on() {
    for way in BOTH_WAYS {
        let bench = Bench::new();
        let mut launch = bench.launch_by(*way).await;
        launch.memory_limit_bytes = Some(500_000_000);
        let mut kernel = Kernel::start(launch).await.unwrap();
        let ran = run(&mut kernel, "import numpy as np\nall_of_it = np.ones(400_000_000)").await;
        assert_eq!(ran.reply["status"], "error", "{way:?} {ran:?}");
        let ename = ran.reply["ename"].as_str().unwrap();
        assert!(ename.ends_with("MemoryError"), "{way:?} {ename}");
        let code = "import pandas as pd, pyarrow as pa
df = pd.DataFrame({'n': range(100_000), 'nom': ['é'] * 100_000})
df.to_parquet('t.parquet'); a = np.random.rand(800, 800)
len(pd.read_parquet('t.parquet')), (a @ a).shape";
        assert_eq!(run(&mut kernel, code).await.result(), "(100000, (800, 800))", "{way:?}");
    }
}
