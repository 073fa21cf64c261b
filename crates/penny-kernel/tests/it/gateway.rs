//! Kernels on real gateways behave as those of this machine.

mod same_outputs;

use std::time::{Duration, Instant};

use penny_kernel::{Event, Gateway, GatewayError, GatewayLaunch, Kernel};
use penny_testing::gateway::{self as servers, Kind, TOKEN};

use crate::bench::{Bench, event, finish, run, until_written};
use crate::hostile::HALF;
use crate::relay::{Relay, answering};

/// Lets through what the limits of servers would hold back.
const UNLIMITED: [&str; 2] = [
    "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0",
    "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=0",
];

fn started(bench: &Bench, kind: Kind, arguments: &[&str]) -> servers::Gateway {
    servers::Gateway::start(kind, &bench.path().join("gateway"), arguments)
}

fn launch(url: &str) -> GatewayLaunch {
    GatewayLaunch {
        gateway: Gateway::new(url, Some(TOKEN)).unwrap(),
        kernel: "python3".to_owned(),
        env: Vec::new(),
        cwd: None,
        start_timeout: Duration::from_secs(120),
        reconnect_limit: Duration::from_secs(60),
    }
}

async fn kernel(url: &str) -> Kernel {
    Kernel::start_on(launch(url)).await.expect("the kernel starts")
}

#[tokio::test]
async fn half_a_character_loses_no_line_on_a_gateway_either() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let mut kernel = kernel(&server.url()).await;
    let ran = run(&mut kernel, HALF).await;
    assert_eq!(ran.stream("stdout"), "Total TTC : 12 345,67\nFacture \u{fffd}\n", "{ran:?}");
    kernel.shutdown(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_kernel_gets_its_environment_and_leaves_no_trace_of_it() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let folder = bench.cwd().canonicalize().unwrap();
    let mut launch = launch(&server.url());
    let variables = [("MOT_DE_PASSE", "é\"'\\n$x {}"), ("PYTHONPATH", folder.to_str().unwrap())];
    launch.env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    launch.cwd = Some(folder.display().to_string());
    std::fs::write(folder.join("voisin.py"), "valeur = 5").unwrap();
    let mut kernel = Kernel::start_on(launch).await.unwrap();
    let ran =
        run(&mut kernel, "import os, voisin; os.environ['MOT_DE_PASSE'], voisin.valeur").await;
    assert_eq!(ran.result(), r#"('é"\'\\n$x {}', 5)"#);
    assert_eq!(ran.reply["execution_count"].as_i64(), Some(1));
    let ran = run(&mut kernel, "os.getcwd()").await;
    assert_eq!(ran.result(), format!("{:?}", folder.display().to_string()).replace('"', "'"));
    let ran = run(&mut kernel, "sorted(name for name in dir() if not name.startswith('_'))").await;
    assert_eq!(
        ran.result(),
        "['In', 'Out', 'exit', 'get_ipython', 'open', 'os', 'quit', 'voisin']"
    );
    let log = server.log();
    assert!(!log.contains(TOKEN), "the token is in the gateway's log: {log}");
}

#[tokio::test]
async fn a_gateway_with_a_certificate_of_ones_own_is_reached_by_https() {
    let bench = Bench::new();
    let server =
        servers::Gateway::start_with_tls(Kind::KernelGateway, &bench.path().join("gateway"));
    let mut launch = launch(&server.url());
    let error = launch.gateway.kernelspecs().await.unwrap_err();
    assert!(matches!(error, GatewayError::Unreachable { .. }), "{error:?}");
    launch.gateway = launch.gateway.trusting(server.authority.as_deref().unwrap());
    let mut kernel = Kernel::start_on(launch).await.unwrap();
    assert_eq!(run(&mut kernel, "6 * 7").await.result(), "42");
}

#[tokio::test]
async fn what_a_gateway_refuses_is_said_in_a_sentence() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let url = server.url();
    let specs = launch(&url).gateway.kernelspecs().await.unwrap();
    assert_eq!((specs[0].name.as_str(), specs[0].language.as_str()), ("python3", "python"));

    let mut unknown = launch(&url);
    unknown.kernel = "julia".to_owned();
    let error = Kernel::start_on(unknown).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the gateway `{url}` has no kernel `julia`; it has `python3`")
    );
    let mut wrong = launch(&url);
    wrong.gateway = Gateway::new(&url, Some("wrong")).unwrap();
    let error = Kernel::start_on(wrong).await.unwrap_err();
    assert!(matches!(error, GatewayError::Refused { .. }), "{error:?}");
    let mut none = launch(&url);
    none.gateway = Gateway::new(&url, None).unwrap();
    let error = Kernel::start_on(none).await.unwrap_err();
    assert!(matches!(error, GatewayError::NoToken { .. }), "{error:?}");
}

#[tokio::test]
async fn whatever_else_answers_is_told_in_a_sentence() {
    #[track_caller]
    fn check(error: &GatewayError, sentence: &str) {
        assert!(error.to_string().contains(sentence), "{error}");
    }
    let page = answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>").await;
    check(&Kernel::start_on(launch(&page)).await.unwrap_err(), "is no Jupyter gateway");
    let other = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
    check(&Kernel::start_on(launch(&other)).await.unwrap_err(), "is no Jupyter gateway");
    let broken =
        answering("HTTP/1.1 500 No\r\nContent-Length: 21\r\n\r\n{\"message\": \"trop !\"}");
    check(
        &Kernel::start_on(launch(&broken.await)).await.unwrap_err(),
        "could not list its kernels: it answered HTTP 500 (trop !)",
    );
    let silent = answering("").await;
    check(&Kernel::start_on(launch(&silent)).await.unwrap_err(), "cannot be reached");
    let down = Relay::to(1).await;
    down.close();
    check(&Kernel::start_on(launch(&down.url())).await.unwrap_err(), "cannot be reached");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut slow = launch(&format!("http://{}", listener.local_addr().unwrap()));
    slow.start_timeout = Duration::from_secs(1);
    check(&Kernel::start_on(slow).await.unwrap_err(), "was not ready within 1 s");
}

#[tokio::test]
async fn a_cell_on_a_gateway_is_interrupted() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let mut kernel = kernel(&server.url()).await;
    kernel.execute("print('in', end='', flush=True)\nwhile True: pass").await.unwrap();
    until_written(&mut kernel, "in").await;
    kernel.interrupt().unwrap();
    assert_eq!(finish(&mut kernel).await.reply["ename"], "KeyboardInterrupt");
    assert_eq!(run(&mut kernel, "'alive'").await.result(), "'alive'");
    assert_eq!(run(&mut kernel, "input('?')").await.reply["ename"], "StdinNotImplementedError");
}

#[tokio::test]
async fn two_kernels_on_one_gateway_know_nothing_of_each_other() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let url = server.url();
    let (mut one, mut other) = tokio::join!(kernel(&url), kernel(&url));
    let _ = tokio::join!(run(&mut one, "x = 1"), run(&mut other, "x = 2"));
    let (one, other) = tokio::join!(run(&mut one, "x"), run(&mut other, "x"));
    assert_eq!((one.result(), other.result()), ("1", "2"));
}

#[tokio::test]
async fn a_kernel_that_is_dropped_is_deleted() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let kernel = kernel(&server.url()).await;
    assert_eq!(server.kernels(), 1);
    drop(kernel);
    let start = Instant::now();
    while server.kernels() > 0 {
        assert!(start.elapsed() < Duration::from_secs(30), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_kernel_whose_start_was_given_up_is_deleted() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let url = server.url();
    let giving_up = tokio::spawn(Kernel::start_on(launch(&url)));
    let start = Instant::now();
    // The gateway has it, and does not wait for its answer any longer than we do.
    while !server.has_heard_of_a_kernel() {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    giving_up.abort();
    let ended = giving_up.await;
    assert!(ended.is_err_and(|error| error.is_cancelled()), "it was ready too soon");
    let start = Instant::now();
    while server.kernels() > 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The kernel of another language, which no setup prepares.
#[cfg(unix)]
#[tokio::test]
async fn a_kernel_of_another_language_runs_on_a_gateway_and_its_losses_are_counted() {
    let bench = Bench::new();
    let python = penny_testing::python_with("kernel-bash", &["bash_kernel==0.10.0"]);
    let folder = bench.path().join("gateway/data/kernels/bash");
    std::fs::create_dir_all(&folder).unwrap();
    let spec = serde_json::json!({
        "argv": [python.to_str().unwrap(), "-m", "bash_kernel", "-f", "{connection_file}"],
        "display_name": "Bash", "language": "bash",
    });
    std::fs::write(folder.join("kernel.json"), spec.to_string()).unwrap();
    // A fraction of what the flood below makes a second, however slow the machine is at the moment.
    let limit = ["--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=20000"];
    let server = started(&bench, Kind::KernelGateway, &limit);
    let relay = Relay::to(server.port()).await;
    let mut launch = launch(&relay.url());
    launch.kernel = "Bash".to_owned();
    launch.env = vec![("KERNEL_MOT".to_owned(), "sésame".to_owned())];
    let mut kernel = Kernel::start_on(launch).await.unwrap();
    for _ in 0..3 {
        let ran = run(&mut kernel, "echo $((6 * 7)) $KERNEL_MOT").await;
        assert_eq!((ran.stream("stdout").trim(), ran.complete, ran.lost), ("42 sésame", true, 0));
    }
    let before = relay.accepted();
    relay.cut();
    let start = Instant::now();
    while relay.accepted() == before {
        assert!(start.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ran = run(&mut kernel, "echo encore").await;
    assert_eq!((ran.stream("stdout").trim(), ran.complete, ran.lost), ("encore", true, 0));
    let flood = "for i in $(seq 400); do printf \"%0500d\\n\" $i; sleep 0.002; done";
    let ran = run(&mut kernel, flood).await;
    let lines = ran.stream("stdout").lines().count() as u64;
    assert!(lines < 400, "nothing was thrown away, so nothing is tested");
    assert!(ran.lost > 0, "{lines} lines came, and nothing is said of the rest");
}

#[tokio::test]
async fn fifty_megabytes_come_through() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &UNLIMITED);
    let mut kernel = kernel(&server.url()).await;
    let ran = run(&mut kernel, "print('é' * 25_000_000, end='')").await;
    assert_eq!((ran.stream("stdout").len(), ran.complete, ran.lost), (50_000_000, true, 0));
}

#[tokio::test]
async fn a_flood_comes_through_a_server_without_limits() {
    let bench = Bench::new();
    let server = started(&bench, Kind::Server, &UNLIMITED);
    let mut kernel = kernel(&server.url()).await;
    let ran = run(&mut kernel, "for i in range(20001): print(i, flush=True)").await;
    let lines = ran.stream("stdout").lines().count();
    assert_eq!((lines, ran.complete, ran.lost), (20001, true, 0));
}

#[tokio::test]
async fn what_a_gateway_throws_away_is_counted_with_the_words_busy_and_idle() {
    let bench = Bench::new();
    let limits = [
        "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0",
        "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=50000",
    ];
    let server = started(&bench, Kind::KernelGateway, &limits);
    let mut kernel = kernel(&server.url()).await;
    let ran = run(&mut kernel, "for i in range(400): print(str(i) * 500, flush=True)").await;
    let lines = ran.stream("stdout").lines().count() as u64;
    assert!(lines < 400, "nothing was thrown away, so nothing is tested");
    assert!(ran.stream("stderr").contains("IOPub data rate exceeded"), "{}", ran.stream("stderr"));
    assert!((400..=402).contains(&(lines + ran.lost)), "{lines} + {}", ran.lost);
}

#[tokio::test]
async fn a_connection_that_breaks_between_two_cells_is_made_again() {
    for kind in [Kind::KernelGateway, Kind::Server] {
        let bench = Bench::new();
        let server = started(&bench, kind, &[]);
        let relay = Relay::to(server.port()).await;
        let mut kernel = kernel(&relay.url()).await;
        run(&mut kernel, "x = 5").await;
        let before = relay.accepted();
        relay.cut();
        let start = Instant::now();
        while relay.accepted() == before {
            assert!(start.elapsed() < Duration::from_secs(30), "{kind:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let ran = run(&mut kernel, "x").await;
        assert_eq!((ran.result(), ran.complete, ran.lost), ("5", true, 0), "{kind:?}");
    }
}

/// Lets a cell print while nobody is connected, and returns what came of it.
async fn cut_while_printing(kind: Kind) -> crate::bench::Ran {
    let bench = Bench::new();
    let server = started(&bench, kind, &[]);
    let relay = Relay::to(server.port()).await;
    let mut kernel = kernel(&relay.url()).await;
    let (go, said) = (bench.path().join("go"), bench.path().join("said"));
    let code = format!(
        "
import os, time
print('avant', flush=True)
while not os.path.exists({:?}): time.sleep(0.01)
for i in range(100): print(i, flush=True)
open({:?}, 'w').close()
while os.path.exists({:?}): time.sleep(0.01)
print('après', flush=True)",
        go.display().to_string(),
        said.display().to_string(),
        go.display().to_string()
    );
    kernel.execute(&code).await.unwrap();
    until_written(&mut kernel, "avant\n").await;
    relay.close();
    std::fs::write(&go, "").unwrap();
    let start = Instant::now();
    while !said.exists() {
        assert!(start.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    relay.reopen();
    std::fs::remove_file(&go).unwrap();
    let ran = finish(&mut kernel).await;
    assert_eq!(run(&mut kernel, "'alive'").await.result(), "'alive'");
    ran
}

#[tokio::test]
async fn what_a_cell_prints_while_nobody_is_connected_comes_later_or_is_told_as_lost() {
    for kind in [Kind::KernelGateway, Kind::Server] {
        let ran = cut_while_printing(kind).await;
        let lines = ran.stream("stdout").lines().filter(|line| *line != "après").count();
        let whole = lines == 100 && ran.reply["status"] == "ok" && ran.complete && ran.lost == 0;
        let told = ran.lost > 0 || !ran.complete || ran.reply["status"] == "error";
        assert!(whole || (lines < 100 && told), "{kind:?}: {lines} lines, {ran:?}");
    }
}

#[tokio::test]
async fn a_cell_that_ended_while_nobody_was_connected_does_not_hang() {
    for kind in [Kind::KernelGateway, Kind::Server] {
        let bench = Bench::new();
        let server = started(&bench, kind, &[]);
        let relay = Relay::to(server.port()).await;
        let mut kernel = kernel(&relay.url()).await;
        let go = bench.path().join("go");
        let code = format!(
            "import os, time\nprint('in', end='', flush=True)\n\
             while not os.path.exists({:?}): time.sleep(0.01)\nprint('fin')",
            go.display().to_string()
        );
        kernel.execute(&code).await.unwrap();
        until_written(&mut kernel, "in").await;
        relay.close();
        std::fs::write(&go, "").unwrap();
        // The gateway itself is asked when the cell has ended.
        let direct = Gateway::new(&server.url(), Some(TOKEN)).unwrap();
        direct.kernelspecs().await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        relay.reopen();
        let ran = tokio::time::timeout(Duration::from_secs(60), finish(&mut kernel)).await.unwrap();
        let whole = ran.reply["status"] == "ok" && ran.complete && ran.lost == 0;
        let failed = ran.reply["ename"] == "MissingReply" || !ran.complete || ran.lost > 0;
        assert!(failed || (whole && ran.stream("stdout") == "fin\n"), "{kind:?}: {ran:?}");
        assert_eq!(run(&mut kernel, "'alive'").await.result(), "'alive'");
    }
}

/// The sentence that a cell's end by the kernel's is told with.
async fn death(kernel: &mut Kernel) -> String {
    loop {
        match event(kernel).await {
            Event::Output { .. } => {}
            Event::Died(death) => return death.to_string(),
            done @ Event::Done { .. } => panic!("{done:?}"),
        }
    }
}

#[tokio::test]
async fn a_kernel_that_the_gateway_restarts_is_a_death_and_no_hang() {
    for kind in [Kind::KernelGateway, Kind::Server] {
        let bench = Bench::new();
        let server = started(&bench, kind, &[]);
        let mut kernel = kernel(&server.url()).await;
        kernel.execute("print('in'); import os; os._exit(9)").await.unwrap();
        let told = tokio::time::timeout(Duration::from_secs(60), death(&mut kernel)).await.unwrap();
        assert_eq!(told, "the kernel ended, and the gateway started another in its place");
        let error = kernel.execute("1").await.unwrap_err();
        assert_eq!(error.to_string(), told);
    }
}

#[tokio::test]
async fn a_kernel_that_was_replaced_while_nobody_was_connected_is_dead() {
    let bench = Bench::new();
    let server = started(&bench, Kind::KernelGateway, &[]);
    let relay = Relay::to(server.port()).await;
    let mut kernel = kernel(&relay.url()).await;
    let code = "print('in', end='', flush=True)\nimport os, time; time.sleep(2); os._exit(9)";
    kernel.execute(code).await.unwrap();
    until_written(&mut kernel, "in").await;
    relay.close();
    let start = Instant::now();
    while !server.log().contains("restarting kernel") {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    relay.reopen();
    let told = tokio::time::timeout(Duration::from_secs(90), death(&mut kernel)).await.unwrap();
    assert_eq!(told, "the kernel ended, and the gateway started another in its place");
}

#[tokio::test]
async fn a_gateway_that_stops_in_the_middle_of_a_cell_ends_it() {
    let bench = Bench::new();
    let mut server = started(&bench, Kind::KernelGateway, &[]);
    let mut launch = launch(&server.url());
    launch.reconnect_limit = Duration::from_secs(3);
    let mut kernel = Kernel::start_on(launch).await.unwrap();
    let code = "print('in', end='', flush=True)\nimport time; time.sleep(600)";
    kernel.execute(code).await.unwrap();
    until_written(&mut kernel, "in").await;
    server.kill();
    let told = tokio::time::timeout(Duration::from_secs(30), death(&mut kernel)).await.unwrap();
    assert!(told.contains("could not be made again within 3 s"), "{told}");
    assert!(told.contains("cannot be reached"), "{told}");
}

#[tokio::test]
async fn a_kernel_that_somebody_deleted_is_dead() {
    let bench = Bench::new();
    let server = started(&bench, Kind::Server, &[]);
    let mut kernel = kernel(&server.url()).await;
    let code = "print('in', end='', flush=True)\nimport time; time.sleep(600)";
    kernel.execute(code).await.unwrap();
    until_written(&mut kernel, "in").await;
    let id = kernel.remote_id().unwrap().to_owned();
    assert!(launch(&server.url()).gateway.end_kernel(&id).await.unwrap());
    let told = tokio::time::timeout(Duration::from_secs(60), death(&mut kernel)).await.unwrap();
    assert!(told.contains("no longer has the kernel"), "{told}");
}
