//! Other transports, other ipykernels, other languages.

use std::path::{Path, PathBuf};
use std::process::Command;

use penny_kernel::{Kernel, Kernelspec};

use crate::bench::{Bench, finish, run, until_written};

/// A Python with one package, made once for all runs of the tests.
fn python_with(name: &str, requirement: &str) -> PathBuf {
    let folder = penny_testing::once(name, |place| {
        let made =
            Command::new(penny_testing::base_python()).args(["-m", "venv"]).arg(place).status();
        assert!(made.unwrap().success());
        let installed = Command::new(interpreter(place))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement])
            .status();
        assert!(installed.unwrap().success());
    });
    interpreter(&folder)
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

#[tokio::test]
async fn ports_carry_a_kernel_as_sockets_do() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    // Not the usual words, so that Penny cannot know that it is ipykernel.
    let code = "from ipykernel import kernelapp; kernelapp.launch_new_instance()";
    launch.spec.argv.splice(1..3, ["-c".to_owned(), code.to_owned()]);
    let mut kernel = Kernel::start(launch).await.unwrap();
    let transport = "get_ipython().kernel.parent.transport";
    assert_eq!(run(&mut kernel, transport).await.result(), "'tcp'");
    let ran = run(&mut kernel, "for i in range(500): print(i, flush=True)").await;
    assert!(ran.complete);
    assert_eq!(ran.stream("stdout").lines().count(), 500);
}

#[tokio::test]
async fn ipykernel_6_runs_as_its_successor_does() {
    let bench = Bench::new();
    let spec = Kernelspec::python(&python_with("kernel-ipykernel-6", "ipykernel==6.29.5"));
    let mut kernel = Kernel::start(bench.launch_of(spec)).await.unwrap();
    let version = run(&mut kernel, "import ipykernel; print(ipykernel.__version__)").await;
    assert_eq!(version.stream("stdout"), "6.29.5\n");
    let ran = run(&mut kernel, "for i in range(20001): print(i, flush=True)").await;
    assert!(ran.complete);
    assert_eq!(ran.stream("stdout").lines().count(), 20001);
    kernel.execute("print('in', end='', flush=True)\nwhile True: pass").await.unwrap();
    until_written(&mut kernel, "in").await;
    kernel.interrupt().unwrap();
    assert_eq!(finish(&mut kernel).await.reply["ename"], "KeyboardInterrupt");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn ipykernel_6_is_forked_as_its_successor_is() {
    let bench = Bench::new();
    let python = python_with("kernel-ipykernel-6", "ipykernel==6.29.5");
    let template = penny_kernel::TemplateLaunch {
        python: python.clone(),
        ..bench.template_launch(&["decimal"])
    };
    let mut launch = bench.launch_of(Kernelspec::python(&python));
    let template = penny_kernel::Template::start(template).await.unwrap();
    launch.template = Some(std::sync::Arc::new(template));
    let mut kernel = Kernel::start(launch).await.unwrap();
    let code = "import ipykernel, sys; ipykernel.__version__, 'decimal' in sys.modules";
    assert_eq!(run(&mut kernel, code).await.result(), "('6.29.5', True)");
    let ran = run(&mut kernel, "for i in range(20001): print(i, flush=True)").await;
    assert!(ran.complete);
    assert_eq!(ran.stream("stdout").lines().count(), 20001);
    kernel.execute("print('in', end='', flush=True)\nwhile True: pass").await.unwrap();
    until_written(&mut kernel, "in").await;
    kernel.interrupt().unwrap();
    assert_eq!(finish(&mut kernel).await.reply["ename"], "KeyboardInterrupt");
    let ended = kernel.shutdown(std::time::Duration::from_secs(60)).await;
    assert_eq!((ended.exit_code, ended.killed), (Some(0), false), "{ended:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_kernel_of_another_language_runs() {
    let bench = Bench::new();
    let mut spec = Kernelspec::python(&python_with("kernel-bash", "bash_kernel==0.10.0"));
    spec.name = "bash".to_owned();
    spec.argv[2] = "bash_kernel".to_owned();
    let mut kernel = Kernel::start(bench.launch_of(spec)).await.unwrap();
    assert_eq!(kernel.info()["language_info"]["name"], "bash");
    let ran = run(&mut kernel, "echo $((6 * 7))").await;
    assert_eq!(ran.stream("stdout").trim(), "42");
    assert_eq!(ran.reply["status"], "ok");
}
