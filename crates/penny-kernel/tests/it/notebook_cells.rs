//! What cells do in good and bad.

use std::time::Duration;

use penny_kernel::{Event, KernelError};
use serde_json::Value;

use crate::bench::{Bench, finish, run, until_written};

#[tokio::test]
async fn one_plus_one_is_two() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    assert_eq!(kernel.info()["language_info"]["name"], "python");
    let ran = run(&mut kernel, "1+1").await;
    assert_eq!(ran.result(), "2");
    assert_eq!(ran.reply["status"], "ok");
    assert_eq!(ran.reply["execution_count"].as_i64(), Some(1));
    assert!(ran.complete);
}

#[tokio::test]
async fn outputs_of_every_kind_arrive_in_their_order() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
import sys
from IPython.display import clear_output, display
print('un', flush=True)
print('deux', file=sys.stderr, flush=True)
shown = display({'text/plain': 'trois', 'text/html': '<b>3</b>'}, raw=True, display_id=True)
shown.update({'text/plain': 'quatre'}, raw=True)
clear_output(wait=True)
'cinq'";
    let ran = run(&mut kernel, code).await;
    assert_eq!(
        ran.types(),
        [
            "status",
            "execute_input",
            "stream",
            "stream",
            "display_data",
            "update_display_data",
            "clear_output",
            "execute_result",
            "status"
        ]
    );
    assert_eq!(ran.stream("stdout"), "un\n");
    assert_eq!(ran.stream("stderr"), "deux\n");
    assert_eq!(ran.outputs[4].1["data"]["text/html"], "<b>3</b>");
    let display_id = |output: usize| &ran.outputs[output].1["transient"]["display_id"];
    assert_eq!(display_id(4), display_id(5));
    assert_eq!(ran.outputs[6].1["wait"], true);
    assert_eq!(ran.result(), "'cinq'");
}

#[tokio::test]
async fn binary_data_comes_with_its_message() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
kernel = get_ipython().kernel
content = {'data': {}, 'metadata': {}}
kernel.session.send(kernel.iopub_socket, 'display_data', content, parent=kernel.get_parent(),
                    metadata={'a': 1}, buffers=[b'\\x00\\xff'], ident=b'x')";
    kernel.execute(code).await.unwrap();
    loop {
        match kernel.next_event().await {
            Event::Output { msg_type, buffers, metadata, .. } if msg_type == "display_data" => {
                assert_eq!(buffers, [&b"\x00\xff"[..]]);
                assert_eq!(metadata["a"].as_i64(), Some(1));
                break;
            }
            Event::Output { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn numbers_keep_every_digit() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "display({'application/json': {'n': 123456789012345678901234567890}}, raw=True)";
    let ran = run(&mut kernel, code).await;
    let (_, content) = ran.outputs.iter().find(|(kind, _)| kind == "display_data").unwrap();
    let number = &content["data"]["application/json"]["n"];
    assert_eq!(number.to_string(), "123456789012345678901234567890");
}

#[tokio::test]
async fn text_that_is_no_unicode_is_shown_all_the_same() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let ran = run(&mut kernel, "print('caf\\udce9')").await;
    assert_eq!(ran.stream("stdout"), "caf\u{fffd}\n");
}

#[tokio::test]
async fn messages_of_widgets_come_with_the_others() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code =
        "from comm import create_comm\nc = create_comm(target_name='x'); c.send({}); print(1)";
    let ran = run(&mut kernel, code).await;
    let types = ["status", "execute_input", "comm_open", "comm_msg", "stream", "status"];
    assert_eq!(ran.types(), types);
    assert_eq!(ran.outputs[2].1["target_name"], "x");
}

#[tokio::test]
async fn an_exception_is_told_and_the_very_next_cell_runs() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    for round in 0..50 {
        let ran = run(&mut kernel, "1/0").await;
        assert_eq!(ran.reply["status"], "error", "{ran:?}");
        assert_eq!(ran.reply["ename"], "ZeroDivisionError");
        assert_eq!(ran.reply["evalue"], "division by zero");
        assert!(ran.reply["traceback"].as_array().is_some_and(|lines| !lines.is_empty()));
        assert_eq!(ran.types(), ["status", "execute_input", "error", "status"]);
        let ran = run(&mut kernel, "6*7").await;
        assert_eq!(ran.reply["status"], "ok", "round {round}: {ran:?}");
        assert_eq!(ran.result(), "42");
    }
}

#[tokio::test]
async fn input_fails_at_once() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let ran = run(&mut kernel, "input('Nom ? ')").await;
    assert_eq!(ran.reply["ename"], "StdinNotImplementedError");
}

#[tokio::test]
async fn a_second_request_is_refused_until_the_first_is_done() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    kernel.execute("'first'").await.unwrap();
    let error = kernel.execute("'second'").await.unwrap_err();
    assert!(matches!(error, KernelError::Busy), "{error}");
    assert_eq!(finish(&mut kernel).await.result(), "'first'");
    assert_eq!(run(&mut kernel, "'second'").await.result(), "'second'");
}

#[tokio::test]
async fn no_event_is_lost_when_the_wait_for_it_is_broken_off() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    kernel.execute("for i in range(3000): print(i, flush=True)").await.unwrap();
    let (mut text, mut broken_off) = (String::new(), 0);
    loop {
        let patience = Duration::from_micros(50);
        match tokio::time::timeout(patience, kernel.next_event()).await {
            Err(_) => broken_off += 1,
            Ok(Event::Output { msg_type, content, .. }) if msg_type == "stream" => {
                text += content["text"].as_str().unwrap();
            }
            Ok(Event::Output { .. }) => {}
            Ok(Event::Done { iopub_complete, .. }) => break assert!(iopub_complete),
            Ok(Event::Died(death)) => panic!("{death}"),
        }
    }
    assert!(broken_off > 10, "only {broken_off} waits were broken off");
    assert_eq!(text, (0..3000).map(|i| format!("{i}\n")).collect::<String>());
}

#[tokio::test]
async fn an_endless_loop_is_interrupted() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    kernel.execute("print('in', end='', flush=True)\nwhile True: pass").await.unwrap();
    until_written(&mut kernel, "in").await;
    kernel.interrupt().unwrap();
    let ran = finish(&mut kernel).await;
    assert_eq!(ran.reply["ename"], "KeyboardInterrupt");
    assert_eq!(run(&mut kernel, "'alive'").await.result(), "'alive'");
}

#[tokio::test]
async fn a_kernel_that_wants_messages_is_interrupted_by_one() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.spec.interrupt_mode = penny_kernel::InterruptMode::Message;
    let mut kernel = penny_kernel::Kernel::start(launch).await.unwrap();
    let code = "import time\nprint('in', end='', flush=True)\nwhile True: time.sleep(0.01)";
    kernel.execute(code).await.unwrap();
    until_written(&mut kernel, "in").await;
    kernel.interrupt().unwrap();
    assert_eq!(finish(&mut kernel).await.reply["ename"], "KeyboardInterrupt");
}

#[tokio::test]
async fn messages_about_other_requests_are_left_out() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
kernel = get_ipython().kernel
def tell(text, parent):
    content = {'name': 'stdout', 'text': text}
    kernel.session.send(kernel.iopub_socket, 'stream', content, parent=parent)
tell('of nothing', None)
tell('of another', {'header': {'msg_id': 'another'}})
tell('mine', kernel.get_parent())";
    assert_eq!(run(&mut kernel, code).await.stream("stdout"), "mine");
}

#[tokio::test]
async fn two_kernels_know_nothing_of_each_other() {
    let (one, other) = (Bench::new(), Bench::new());
    let (mut one, mut other) = tokio::join!(one.kernel(), other.kernel());
    assert_ne!(one.pid(), other.pid());
    let both = tokio::join!(run(&mut one, "x = 1"), run(&mut other, "x = 2"));
    assert_eq!((&both.0.reply["status"], &both.1.reply["status"]), (&"ok".into(), &"ok".into()));
    let (one, other) = tokio::join!(run(&mut one, "x"), run(&mut other, "x"));
    assert_eq!((one.result(), other.result()), ("1", "2"));
    assert_eq!(one.reply["execution_count"], Value::from(2));
}
