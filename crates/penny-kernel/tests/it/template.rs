//! The process that kernels are forked from: what it imports, what it refuses, how it ends.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use penny_kernel::{Cause, Event, Kernel, StartError, Template, TemplateError, TemplateLaunch};

use crate::bench::{Bench, Way, event, run, runs, until_gone};

/// A launch whose Python has the modules that are given in its site-packages.
fn launch_with(bench: &Bench, modules: &[(&str, &str)]) -> TemplateLaunch {
    let names: Vec<&str> = modules.iter().map(|(name, _)| *name).collect();
    let mut launch = bench.template_launch(&names);
    // A user's own site-packages, which a virtual environment does not look into by itself.
    let base = bench.path().join("base");
    let code = "import site; print(site.getusersitepackages())";
    let told =
        Command::new(&launch.python).args(["-c", code]).env("PYTHONUSERBASE", &base).output();
    let site = PathBuf::from(String::from_utf8(told.unwrap().stdout).unwrap().trim());
    std::fs::create_dir_all(&site).unwrap();
    for (name, text) in modules {
        std::fs::write(site.join(format!("{name}.py")), text).unwrap();
    }
    launch.env.push(("PYTHONUSERBASE".into(), base.into()));
    launch.env.push(("PYTHONPATH".into(), site.into()));
    launch
}

async fn start(launch: TemplateLaunch) -> Template {
    Template::start(launch).await.expect("the template starts")
}

/// Why a module was left out, and whether it is unsafe.
#[track_caller]
fn left_out<'a>(template: &'a Template, module: &str) -> (&'a str, bool) {
    let found = template.left_out().iter().find(|left_out| left_out.module == module);
    let found = found.unwrap_or_else(|| panic!("{module} is in {:?}", template.preloaded()));
    (&found.why, found.is_unsafe)
}

#[tokio::test]
async fn what_a_notebook_would_notice_is_left_out_with_the_reason() {
    let bench = Bench::new();
    let modules = [
        ("good_one", "value = 1"),
        ("prints", "print('salut')"),
        ("writes", "import os; os.write(2, b'de C')"),
        ("warns", "import warnings; warnings.warn('vieux', DeprecationWarning, stacklevel=2)"),
        ("fails", "raise ValueError('non')"),
        ("exits", "import sys; sys.exit(3)"),
        (
            "threads",
            "import threading, time; threading.Thread(target=time.sleep, args=[600], daemon=True).start()",
        ),
        ("connects", "import socket; kept = socket.socketpair()"),
        ("neighbour", "import voisin"),
    ];
    let mut launch = launch_with(&bench, &modules);
    std::fs::create_dir_all(bench.cwd().join("mine")).unwrap();
    std::fs::write(bench.cwd().join("mine/voisin.py"), "").unwrap();
    let path = launch.env.last_mut().unwrap();
    path.1 = std::env::join_paths([PathBuf::from(&path.1), bench.cwd().join("mine")]).unwrap();
    launch.preload.extend(["voisin", "nowhere", "not a name", "json"].map(str::to_owned));

    let template = start(launch).await;
    assert_eq!(template.preloaded(), ["good_one", "json"]);
    #[track_caller]
    fn check(template: &Template, module: &str, why: &str, is_unsafe: bool) {
        let told = left_out(template, module);
        assert!(told.0.starts_with(why) && told.1 == is_unsafe, "{module}: {told:?}");
    }
    check(&template, "prints", "its import writes: salut", false);
    check(&template, "writes", "its import writes: de C", false);
    check(&template, "warns", "its import writes: ", false);
    check(&template, "fails", "its import failed: ValueError: non", false);
    check(&template, "exits", "its import failed: SystemExit: 3", false);
    check(&template, "threads", "it starts threads, which do not survive a fork: ", true);
    check(&template, "connects", "it keeps open: socket:", true);
    check(&template, "neighbour", "it imports voisin, whose file may change", false);
    check(&template, "voisin", "it is not in site-packages: its files may change", false);
    check(&template, "nowhere", "it is not installed", false);
    check(&template, "not a name", "it is not the name of a module", false);
    template.end().await;
}

#[tokio::test]
async fn a_kernel_imports_by_itself_what_was_left_out() {
    let bench = Bench::new();
    let modules = [("good_one", "value = 1"), ("prints", "print('salut')"), ("fails", "1/0")];
    let launch = launch_with(&bench, &modules);
    let mut kernel_launch = bench.launch();
    kernel_launch.env = launch.env.clone();
    kernel_launch.template = Some(Arc::new(start(launch).await));
    let mut kernel = Kernel::start(kernel_launch).await.unwrap();
    assert!(kernel.is_forked());
    let code =
        "import sys\n[name for name in ('good_one', 'prints', 'fails') if name in sys.modules]";
    assert_eq!(run(&mut kernel, code).await.result(), "['good_one']");
    assert_eq!(run(&mut kernel, "import prints").await.stream("stdout"), "salut\n");
    assert_eq!(run(&mut kernel, "import fails").await.reply["ename"], "ZeroDivisionError");
}

#[tokio::test]
async fn a_kernel_whose_folder_hides_a_library_is_not_forked() {
    let bench = Bench::new();
    let template = bench.template(&["requests"]).await;
    std::fs::write(bench.cwd().join("requests.py"), "mine = True").unwrap();
    let mut launch = bench.launch();
    launch.template = Some(Arc::clone(&template));
    let error = Kernel::start(launch.clone()).await.unwrap_err();
    let StartError::Fork { source: TemplateError::Unsuited { why }, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(why.contains("requests.py` takes the place of a library"), "{why}");
    // Spawned, it finds the user's own module.
    launch.template = None;
    let mut kernel = Kernel::start(launch).await.unwrap();
    assert_eq!(run(&mut kernel, "import requests; requests.mine").await.result(), "True");
}

#[tokio::test]
async fn a_kernel_that_wants_another_environment_at_its_start_is_not_forked() {
    let bench = Bench::new();
    let mut launch = bench.launch_by(Way::Forked).await;
    launch.env.push(("OMP_NUM_THREADS".into(), "7".into()));
    let error = Kernel::start(launch).await.unwrap_err();
    assert!(
        matches!(&error, StartError::Fork { source: TemplateError::Unsuited { .. }, .. }),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "the kernel `python3` cannot be forked from the template");
}

#[tokio::test]
async fn a_template_without_ipykernel_says_so() {
    let bench = Bench::new();
    let bare = bench.path().join("bare");
    let made = Command::new(penny_testing::base_python())
        .args(["-m", "venv", "--without-pip"])
        .arg(&bare)
        .status();
    assert!(made.unwrap().success());
    let mut launch = bench.template_launch(&[]);
    launch.python = bare.join("bin/python");
    let error = Template::start(launch).await.unwrap_err();
    assert!(error.to_string().contains("No module named 'ipykernel'"), "{error}");
}

#[tokio::test]
async fn a_template_that_takes_too_long_or_does_not_exist_is_told() {
    let bench = Bench::new();
    let mut launch = launch_with(&bench, &[("slow", "import time; time.sleep(600)")]);
    launch.start_timeout = Duration::from_secs(4);
    let error = Template::start(launch).await.unwrap_err();
    assert!(matches!(error, TemplateError::Timeout { .. }), "{error:?}");
    let mut launch = bench.template_launch(&[]);
    launch.python = "/nowhere/python".into();
    let error = Template::start(launch).await.unwrap_err();
    let sentence = "the template cannot start: the program `/nowhere/python` cannot be run";
    assert_eq!(error.to_string(), sentence);
}

#[tokio::test]
async fn the_end_of_a_template_is_the_end_of_its_kernels_and_is_told() {
    let bench = Bench::new();
    let template = bench.template(&[]).await;
    let mut launch = bench.launch();
    launch.template = Some(Arc::clone(&template));
    let mut kernel = Kernel::start(launch.clone()).await.unwrap();
    let child = run(&mut kernel, crate::bench::DAEMON).await.stream("stdout");
    let daemon: u32 = child.trim().parse().unwrap();
    assert!(template.is_alive() && runs(template.pid()) && runs(daemon));

    kill(template.pid());
    let Event::Died(death) = event(&mut kernel).await else { panic!("the kernel is dead") };
    assert_eq!(death.cause, Some(Cause::TemplateEnded));
    until_gone(daemon, Duration::from_secs(10)).await;
    while template.is_alive() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let error = Kernel::start(launch).await.unwrap_err();
    assert!(matches!(&error, StartError::Fork { source: TemplateError::Gone, .. }), "{error:?}");
}

#[tokio::test]
async fn a_template_ends_with_its_last_kernel() {
    let bench = Bench::new();
    let template = bench.template(&[]).await;
    let pid = template.pid();
    let mut launch = bench.launch();
    launch.template = Some(template);
    let mut kernel = Kernel::start(launch).await.unwrap();
    assert_eq!(run(&mut kernel, "1+1").await.result(), "2");
    assert!(runs(pid));
    kernel.shutdown(Duration::from_secs(60)).await;
    until_gone(pid, Duration::from_secs(10)).await;
}

#[tokio::test]
async fn the_process_above_a_kernel_can_be_killed_and_nothing_stays() {
    let bench = Bench::new();
    let mut kernel = bench.kernel_by(Way::Forked).await;
    let daemon = run(&mut kernel, crate::bench::DAEMON).await.stream("stdout");
    let above = run(&mut kernel, "import os; print(os.getppid())").await.stream("stdout");
    kill(above.trim().parse().unwrap());
    let Event::Died(_) = event(&mut kernel).await else { panic!("the kernel is dead") };
    until_gone(kernel.pid().unwrap(), Duration::from_secs(10)).await;
    until_gone(daemon.trim().parse().unwrap(), Duration::from_secs(10)).await;
}

#[tokio::test]
async fn a_template_says_nothing_of_its_environment() {
    let bench = Bench::new();
    let mut launch = bench.template_launch(&[]);
    launch.env.push(("TOKEN".into(), "s3cret".into()));
    let shown = format!("{launch:?}");
    assert!(shown.contains("TOKEN") && !shown.contains("s3cret"), "{shown}");
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}
