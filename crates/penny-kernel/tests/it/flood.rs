//! More output than anybody should print.

use penny_kernel::Event;

use crate::bench::{Bench, event, run};

#[tokio::test]
async fn every_one_of_20001_flushed_prints_arrives() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let ran = run(&mut kernel, "for i in range(20001): print(i, flush=True)").await;
    assert_eq!((ran.complete, ran.lost), (true, 0));
    assert_eq!(ran.reply["status"], "ok");
    let lines = ran.stream("stdout");
    assert_eq!(lines, (0..20001).map(|i| format!("{i}\n")).collect::<String>());
}

#[tokio::test]
async fn every_print_arrives_though_nobody_reads_while_the_cell_runs() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let done = bench.path().join("done");
    let code = format!(
        "for i in range(20001): print(i, flush=True)\nopen({:?}, 'w').close()",
        done.display().to_string()
    );
    kernel.execute(&code).await.unwrap();
    while !done.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let ran = crate::bench::finish(&mut kernel).await;
    assert!(ran.complete);
    assert_eq!(ran.stream("stdout").lines().count(), 20001);
}

#[tokio::test]
async fn a_hundred_megabytes_of_one_cell_arrive() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    check_bytes(&mut kernel, "for _ in range(100): print('x' * 999_999)", 100_000_000).await;
    check_bytes(&mut kernel, "print('é' * 50_000_000, end='')", 100_000_000).await;
}

async fn check_bytes(kernel: &mut penny_kernel::Kernel, code: &str, expected: usize) {
    kernel.execute(code).await.unwrap();
    let mut bytes = 0;
    loop {
        match event(kernel).await {
            Event::Output { msg_type, content, .. } if msg_type == "stream" => {
                bytes += content["text"].as_str().unwrap().len();
            }
            Event::Output { .. } => {}
            Event::Done { reply, iopub_complete, lost } => {
                assert_eq!(reply["status"], "ok", "{reply}");
                assert_eq!((iopub_complete, lost), (true, 0));
                break;
            }
            Event::Died(death) => panic!("{death}: {}", death.stderr_tail),
        }
    }
    assert_eq!(bytes, expected, "{code}");
}
