//! A place to run kernels in, and what the tests ask of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use penny_kernel::{Event, Kernel, Kernelspec, Launch, Template, TemplateLaunch};
use serde_json::Value;
use tempfile::TempDir;

/// No cell of these tests takes that long, even on a machine that does a lot else.
const CELL_LIMIT: Duration = Duration::from_secs(180);

/// A folder for one test: with the kernel's working folder, its runtime folder and IPython's files.
pub struct Bench {
    root: TempDir,
}

/// What a cell did.
#[derive(Debug)]
pub struct Ran {
    /// Type and content of each message, in their order.
    pub outputs: Vec<(String, Value)>,
    pub reply: Value,
    pub complete: bool,
    pub lost: u64,
}

impl Bench {
    pub fn new() -> Bench {
        let bench = Bench { root: tempfile::tempdir().expect("the temporary folder can be used") };
        std::fs::create_dir(bench.cwd()).expect("the new folder is writable");
        bench
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn cwd(&self) -> PathBuf {
        self.path().join("cwd")
    }

    pub fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// Penny's usual launch of the shared Python.
    pub fn launch(&self) -> Launch {
        self.launch_of(Kernelspec::python(&penny_testing::python()))
    }

    pub fn launch_of(&self, spec: Kernelspec) -> Launch {
        let mut env: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        env.push(("IPYTHONDIR".into(), self.path().join("ipython").into()));
        Launch {
            spec,
            cwd: self.cwd(),
            env,
            runtime_dir: self.runtime(),
            start_timeout: Duration::from_secs(120),
            prelude: Some(prelude()),
            template: None,
            memory_limit_bytes: None,
        }
    }

    pub async fn kernel(&self) -> Kernel {
        Kernel::start(self.launch()).await.expect("the kernel starts")
    }
}

/// Both ways in which a kernel comes to be, where there are two.
pub const BOTH_WAYS: &[Way] =
    if cfg!(target_os = "linux") { &[Way::Spawned, Way::Forked] } else { &[Way::Spawned] };

/// How a kernel comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Spawned,
    Forked,
}

impl Bench {
    /// A launch in that way, of the shared Python and the shared template.
    pub async fn launch_by(&self, way: Way) -> Launch {
        let mut launch = self.launch();
        if way == Way::Forked {
            launch.template = Some(shared_template().await);
        }
        launch
    }

    pub async fn kernel_by(&self, way: Way) -> Kernel {
        let kernel = Kernel::start(self.launch_by(way).await).await.expect("the kernel starts");
        assert_eq!(kernel.is_forked(), way == Way::Forked);
        kernel
    }

    /// Penny's usual launch of a template for the shared Python.
    pub fn template_launch(&self, preload: &[&str]) -> TemplateLaunch {
        TemplateLaunch {
            python: penny_testing::python(),
            script: prelude().with_file_name("_template.py"),
            env: std::env::vars_os().collect(),
            preload: preload.iter().map(|name| (*name).to_owned()).collect(),
            runtime_dir: self.runtime(),
            start_timeout: Duration::from_secs(120),
        }
    }

    pub async fn template(&self, preload: &[&str]) -> Arc<Template> {
        let template = Template::start(self.template_launch(preload)).await;
        Arc::new(template.expect("the template starts"))
    }
}

/// What the notebooks of a workspace import.
pub const USUAL: &[&str] =
    &["pandas", "numpy", "pyarrow", "matplotlib.pyplot", "sqlalchemy", "psycopg2", "requests"];

/// A template that all tests share: most of them have no need of one of their own. It ends with the
/// process of the tests.
pub async fn shared_template() -> Arc<Template> {
    static SHARED: tokio::sync::OnceCell<Arc<Template>> = tokio::sync::OnceCell::const_new();
    let start = || async {
        let launch = TemplateLaunch {
            runtime_dir: penny_testing::folder(),
            ..Bench::new().template_launch(USUAL)
        };
        Arc::new(Template::start(launch).await.expect("the template starts"))
    };
    Arc::clone(SHARED.get_or_init(start).await)
}

impl Ran {
    pub fn types(&self) -> Vec<&str> {
        self.outputs.iter().map(|(msg_type, _)| msg_type.as_str()).collect()
    }

    /// All that was written to `stdout` or `stderr`.
    pub fn stream(&self, name: &str) -> String {
        let streams = self.outputs.iter().filter(|(msg_type, _)| msg_type == "stream");
        let named = streams.filter(|(_, content)| content["name"] == name);
        named.map(|(_, content)| content["text"].as_str().expect("a stream has text")).collect()
    }

    pub fn result(&self) -> &str {
        let (_, content) = self
            .outputs
            .iter()
            .find(|(msg_type, _)| msg_type == "execute_result")
            .unwrap_or_else(|| panic!("there is a result in {self:?}"));
        content["data"]["text/plain"].as_str().expect("a result has text")
    }
}

/// Python code that leaves a child process behind, in the variable `child`.
pub const CHILD: &str = "import subprocess, sys
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
";

/// Python code that leaves a daemon behind, as daemons are made: it has left the kernel's session and is
/// nobody's child. Prints its number.
pub const DAEMON: &str = "import subprocess, sys
code = '''
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        sys.stdout.close(); os.closerange(0, 64)
        time.sleep(600)
'''
starter = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True)
print(starter.stdout.readline().strip()); starter.wait();
";

pub fn prelude() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/penny/_kernel.py")
}

/// Executes one cell to its end, which has to be a reply.
pub async fn run(kernel: &mut Kernel, code: &str) -> Ran {
    kernel.execute(code).await.expect("the cell is sent");
    finish(kernel).await
}

/// The rest of a cell under way.
pub async fn finish(kernel: &mut Kernel) -> Ran {
    let mut outputs = Vec::new();
    loop {
        match event(kernel).await {
            Event::Output { msg_type, content, .. } => outputs.push((msg_type, content)),
            Event::Done { reply, iopub_complete, lost } => {
                return Ran { outputs, reply, complete: iopub_complete, lost };
            }
            Event::Died(death) => panic!("{death}: {}", death.stderr_tail),
        }
    }
}

/// Waits until a cell under way has written `text` and no more.
pub async fn until_written(kernel: &mut Kernel, text: &str) {
    let mut written = String::new();
    while written != text {
        match event(kernel).await {
            Event::Output { msg_type, content, .. } if msg_type == "stream" => {
                written += content["text"].as_str().expect("a stream has text");
            }
            Event::Output { .. } => {}
            other => panic!("{other:?} after {written:?}"),
        }
    }
}

pub async fn event(kernel: &mut Kernel) -> Event {
    tokio::time::timeout(CELL_LIMIT, kernel.next_event()).await.expect("the kernel says something")
}

/// Whether a process still runs; one that is only waiting to be reaped does not.
#[cfg(unix)]
pub fn runs(pid: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
    let state = output.expect("ps is installed").stdout;
    !state.trim_ascii().is_empty() && !state.starts_with(b"Z")
}

/// Whether a process still runs.
#[cfg(windows)]
pub fn runs(pid: u32) -> bool {
    let filter = format!("PID eq {pid}");
    let output = Command::new("tasklist").args(["/NH", "/FO", "CSV", "/FI", &filter]).output();
    String::from_utf8_lossy(&output.expect("tasklist is part of Windows").stdout)
        .contains(&format!("\"{pid}\""))
}

/// Waits for the end of a process, which somebody else brings about.
pub async fn until_gone(pid: u32, limit: Duration) {
    let start = Instant::now();
    while runs(pid) {
        assert!(start.elapsed() < limit, "process {pid} still runs after {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
