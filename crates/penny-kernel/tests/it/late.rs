//! What comes after its cell has ended, and what never comes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use penny_kernel::{Event, Kernel, Kernelspec, RequestId};
use serde_json::Value;

use crate::bench::{Bench, event, finish, run};

/// The requests whose output holds `text`, until the one under way is done.
async fn said_by(kernel: &mut Kernel, text: &str) -> Vec<RequestId> {
    let mut requests = Vec::new();
    loop {
        match event(kernel).await {
            Event::Output { request, content, .. } => {
                let said = content.get("text").or_else(|| content.pointer("/data/text~1plain"));
                if said.and_then(Value::as_str).is_some_and(|said| said.contains(text)) {
                    requests.push(request);
                }
            }
            Event::Done { iopub_complete, lost, .. } => {
                assert_eq!((iopub_complete, lost), (true, 0));
                return requests;
            }
            Event::Died(death) => panic!("{death}"),
        }
    }
}

#[tokio::test]
async fn what_a_thread_prints_later_belongs_to_the_cell_that_started_it() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
import contextvars, threading
go = threading.Event()
def later():
    go.wait()
    print('de loin', flush=True)
thread = threading.Thread(target=contextvars.copy_context().run, args=(later,))
thread.start()";
    let first = kernel.execute(code).await.unwrap();
    assert_eq!(said_by(&mut kernel, "de loin").await, []);
    let second = kernel.execute("go.set(); thread.join()").await.unwrap();
    assert_ne!(first, second);
    assert_eq!(said_by(&mut kernel, "de loin").await, [first]);
}

#[tokio::test]
async fn what_comes_while_no_cell_runs_is_told_too() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let go = bench.path().join("go");
    let code = format!(
        "
import os, threading, time
def later():
    while not os.path.exists({:?}): time.sleep(0.01)
    print('seul', flush=True)
threading.Thread(target=later).start()",
        go.display().to_string()
    );
    let first = kernel.execute(&code).await.unwrap();
    finish(&mut kernel).await;
    std::fs::write(go, "").unwrap();
    match event(&mut kernel).await {
        Event::Output { request, content, .. } => {
            assert_eq!((request, &content["text"]), (first, &Value::from("seul\n")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_earlier_display_is_made_anew_by_the_cell_that_does_so() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let first = kernel.execute("shown = display('un', display_id='d')").await.unwrap();
    assert_eq!(said_by(&mut kernel, "un").await, [first]);
    let second = kernel.execute("shown.update('deux')").await.unwrap();
    assert_eq!(said_by(&mut kernel, "deux").await, [second]);
}

/// A kernel of a few lines on ipykernel's base class, whose cells do what `do_execute` says.
fn kernel_class(bench: &Bench, do_execute: &str) -> Kernelspec {
    let code = format!(
        "
from ipykernel.kernelbase import Kernel
from ipykernel.kernelapp import IPKernelApp
class Small(Kernel):
    implementation = 'small'
    implementation_version = banner = '1'
    language_info = {{'name': 'small', 'mimetype': 'text/plain', 'file_extension': '.s'}}
    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False):
{do_execute}
        return {{'status': 'ok', 'execution_count': self.execution_count, 'payload': [],
                'user_expressions': {{}}}}
IPKernelApp.launch_instance(kernel_class=Small)"
    );
    let file: PathBuf = bench.path().join("small.py");
    std::fs::write(&file, code).unwrap();
    python_file(&file)
}

fn python_file(file: &Path) -> Kernelspec {
    let mut spec = Kernelspec::python(&penny_testing::python());
    spec.argv = vec![spec.argv[0].clone(), file.display().to_string(), "-f".to_owned()];
    spec.argv.push("{connection_file}".to_owned());
    spec
}

#[tokio::test]
async fn a_kernel_that_asks_though_nobody_answers_fails_and_goes_on() {
    let bench = Bench::new();
    let asking = "        answer = self.raw_input('Nom ? ') if code == 'ask' else 'none'
        self.send_response(self.iopub_socket, 'stream', {'name': 'stdout', 'text': repr(answer)})";
    let asking = format!("        self._allow_stdin = True\n{asking}");
    let spec = kernel_class(&bench, &asking);
    let mut kernel = Kernel::start(bench.launch_of(spec)).await.unwrap();
    let ran = tokio::time::timeout(Duration::from_secs(60), run(&mut kernel, "ask")).await.unwrap();
    assert_eq!(ran.reply["status"], "error", "{ran:?}");
    assert_eq!(ran.reply["ename"], "StdinNotImplementedError");
    assert_eq!(
        ran.reply["evalue"],
        "the cell asked for input (`Nom ?`), but there is nobody to answer"
    );
    let ran = run(&mut kernel, "go").await;
    assert_eq!((ran.stream("stdout"), &ran.reply["status"]), ("'none'".into(), &"ok".into()));
}

#[tokio::test]
async fn a_kernel_that_waits_for_input_only_is_interrupted() {
    let bench = Bench::new();
    // It asks by itself, and takes no answer for one.
    let asking = "        import time
        if code == 'ask':
            self._allow_stdin = True
            while True:
                try: self.raw_input('encore ? ')
                except EOFError: pass
        time.sleep(0)";
    let spec = kernel_class(&bench, asking);
    let mut kernel = Kernel::start(bench.launch_of(spec)).await.unwrap();
    let ran = tokio::time::timeout(Duration::from_secs(60), run(&mut kernel, "ask")).await.unwrap();
    assert_eq!(ran.reply["ename"], "StdinNotImplementedError", "{ran:?}");
    assert_eq!(run(&mut kernel, "go").await.reply["status"], "ok");
}

/// Runs ipykernel as it is everywhere, without what Penny changes.
async fn unprepared(bench: &Bench) -> Kernel {
    let mut launch = bench.launch();
    launch.prelude = None;
    Kernel::start(launch).await.unwrap()
}

#[tokio::test]
async fn a_flood_that_the_kernel_itself_drops_is_counted() {
    let bench = Bench::new();
    let mut kernel = unprepared(&bench).await;
    let done = bench.path().join("done");
    // Nobody reads while it prints, so that its socket's limit is passed for sure.
    let code = format!(
        "for i in range(20001): print('x' * 500, flush=True)\nopen({:?}, 'w').close()",
        done.display().to_string()
    );
    kernel.execute(&code).await.unwrap();
    while !done.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ran = finish(&mut kernel).await;
    let lines = u64::try_from(ran.stream("stdout").lines().count()).unwrap();
    assert!(lines < 20001, "nothing was lost, so nothing is tested");
    assert!(ran.lost > 0, "{lines} lines came, and nothing is said of the rest");
    // Once its reader is back, nothing more is lost, and nothing is said to be.
    let ran = run(&mut kernel, "print('suite')").await;
    assert_eq!((ran.stream("stdout").as_str(), ran.complete, ran.lost), ("suite\n", true, 0));
}

#[tokio::test]
async fn nothing_is_said_to_be_lost_where_ipython_merely_skips_a_number() {
    let bench = Bench::new();
    let mut kernel = unprepared(&bench).await;
    let code = "
class Shown:
    def _ipython_display_(self): print('vu')
Shown()";
    for _ in 0..5 {
        let ran = run(&mut kernel, code).await;
        assert_eq!((ran.stream("stdout").as_str(), ran.complete, ran.lost), ("vu\n", true, 0));
    }
    let code = "
import threading
threads = [threading.Thread(target=lambda: print('fil', flush=True)) for _ in range(200)]
for thread in threads: thread.start()
for thread in threads: thread.join()
'fin'";
    let ran = run(&mut kernel, code).await;
    assert_eq!((ran.stream("stdout").lines().count(), ran.complete, ran.lost), (200, true, 0));
}

#[tokio::test]
async fn a_message_that_never_arrives_is_missed() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    // Takes every hundredth message away on its way to the socket.
    let code = "
thread = get_ipython().kernel.iopub_thread
send = type(thread.socket).send_multipart
count = 0
def losing(parts, *args, **kwargs):
    global count
    count += 1
    if count % 100: return send(thread.socket, parts, *args, **kwargs)
numbered = thread.socket.send_multipart
import types
inner = numbered.__closure__[[c for c in numbered.__code__.co_freevars].index('send')]
inner.cell_contents = losing";
    let ran = run(&mut kernel, code).await;
    assert_eq!((ran.complete, ran.lost), (true, 0));
    let ran = run(&mut kernel, "for i in range(1000): print(i, flush=True)").await;
    let lines = u64::try_from(ran.stream("stdout").lines().count()).unwrap();
    assert!(lines < 1000 && ran.lost >= 1000 - lines, "{lines} lines, {} lost", ran.lost);
}

#[tokio::test]
async fn an_end_that_never_arrives_is_missed_within_seconds() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
kernel = get_ipython().kernel
publish = kernel._publish_status
def losing(status, *args, **kwargs):
    if status != 'idle': return publish(status, *args, **kwargs)
    kernel._publish_status = publish
kernel._publish_status = losing
print('presque')";
    let ran = tokio::time::timeout(Duration::from_secs(40), run(&mut kernel, code)).await.unwrap();
    assert_eq!((ran.stream("stdout").as_str(), ran.complete), ("presque\n", false));
    assert!(run(&mut kernel, "1").await.complete);
}
