//! A workspace to try the real binary on: `Workspace::new().notebook("n", &["1 + 1"]).run(&["run"])`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long any command of a test may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(600);

/// A folder of its own with a workspace in it; everything that ran on it is ended at the end.
pub struct Workspace {
    folder: TempDir,
    root: PathBuf,
    variables: Vec<(String, String)>,
}

/// What a command came to.
pub struct Ended {
    /// Its exit status.
    pub status: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Workspace {
    /// A workspace without notebooks, on the simulated Pennylane, with the tests' shared Python.
    pub fn new() -> Workspace {
        Workspace::named("books")
    }

    /// The same in a folder of that name.
    pub fn named(name: &str) -> Workspace {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().join(name);
        fs::create_dir_all(root.join("notebooks")).expect("the folder can be written");
        let workspace = Workspace { folder, root, variables: Vec::new() };
        let python = penny_testing::python();
        let config = format!(
            "[pennylane]\nsandbox = true\n\n[python]\ninterpreter = {}\n",
            json!(python.display().to_string())
        );
        fs::write(workspace.root.join("penny.toml"), config).expect("written");
        // Port 0 is no port: each test's server takes one that is free.
        let env = format!(
            "PENNYLANE_API_TOKEN=sandbox-token-of-a-test\nREDSHIFT_USER=u_1000001\n\
             REDSHIFT_PASSWORD=share-password-of-a-test\nPOSTGRES_PORT={}\n\
             POSTGRES_PASSWORD=password-of-a-test\nPOWERBI_PASSWORD=reader-of-a-test\n",
            free_port()
        );
        fs::write(workspace.root.join(".env"), env).expect("written");
        workspace
    }

    /// A folder with nothing in it yet.
    pub fn empty() -> Workspace {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().join("demo");
        fs::create_dir_all(&root).expect("the folder can be written");
        Workspace { folder, root, variables: Vec::new() }
    }

    /// One whose notebooks need no PostgreSQL: none is started for it.
    pub fn without_server() -> Workspace {
        let workspace = Workspace::new();
        let config = workspace.root().join("penny.toml");
        let text = fs::read_to_string(&config).expect("read");
        fs::write(config, text.replace("sandbox = true", "sandbox = false")).expect("written");
        workspace.env("POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT=1\nPOSTGRES_SSLMODE=disable")
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Adds a notebook of these cells' sources, listed in penny.toml.
    pub fn notebook(self, name: &str, cells: &[&str]) -> Workspace {
        let file = format!("notebooks/{name}.ipynb");
        fs::write(self.root.join(&file), notebook(cells)).expect("written");
        self.listed(name, &file)
    }

    /// Adds a notebook file with any content, listed in penny.toml.
    pub fn file(self, name: &str, content: &[u8]) -> Workspace {
        let file = format!("notebooks/{name}.ipynb");
        fs::write(self.root.join(&file), content).expect("written");
        self.listed(name, &file)
    }

    /// Lists a file in penny.toml, whether it is there or not.
    pub fn listed(self, name: &str, file: &str) -> Workspace {
        self.config(&format!("[[notebook]]\nname = \"{name}\"\nfile = \"{file}\"\n"))
    }

    /// Appends to penny.toml.
    pub fn config(self, text: &str) -> Workspace {
        self.append("penny.toml", text)
    }

    /// Appends to `.env`.
    pub fn env(self, text: &str) -> Workspace {
        self.append(".env", text)
    }

    /// Appends to a file of the workspace.
    pub fn append(self, name: &str, text: &str) -> Workspace {
        let path = self.root.join(name);
        let present = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, format!("{present}\n{text}\n")).expect("written");
        self
    }

    /// Sets a variable of the commands' environment.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Workspace {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// A command of the binary, to be run in the workspace's folder with a HOME of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_penny"));
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        for name in [
            "DATABASE_URL",
            "PENNYLANE_API_URL",
            "PENNY_RUN",
            "PENNY_WORKSPACE",
            "JUPYTER_DATA_DIR",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
        command.env("HOME", self.folder.path().join("home"));
        command.envs(self.variables.iter().map(|(n, v)| (n, v)));
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        end(self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("penny starts"))
    }

    /// The output notebooks of one name, oldest first, as JSON.
    pub fn outputs(&self, name: &str) -> Vec<Value> {
        let folder = self.root.join("data/outputs");
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|e| e.expect("an entry").path())
            .filter(|p| {
                p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&format!("{name}_")))
            })
            .collect();
        paths.sort();
        paths
            .iter()
            .map(|p| serde_json::from_slice(&fs::read(p).expect("read")).expect("JSON"))
            .collect()
    }

    /// The log's text.
    pub fn log(&self) -> String {
        fs::read_to_string(self.root.join("logs/notebook_scheduler.log")).unwrap_or_default()
    }

    /// What Python prints for a query on the workspace's own PostgreSQL, which is started for it.
    ///
    /// The answer is JSON: a list of rows.
    pub fn query(&self, sql: &str) -> Value {
        assert_eq!(self.run(&["db", "start"]).status, 0);
        let url = self.run(&["db", "url"]).stdout;
        let code = "import sys, json, psycopg2; c = psycopg2.connect(sys.argv[1]); q = c.cursor(); \
                    q.execute(sys.argv[2]); print(json.dumps(q.fetchall(), default=str))";
        let output = Command::new(penny_testing::python())
            .args(["-c", code, url.trim(), sql])
            .output()
            .expect("Python starts");
        assert_eq!(self.run(&["db", "stop"]).status, 0);
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{sql}: {error}"))
    }

    /// The processes that still have the workspace's folder in their command line or are in it.
    pub fn processes(&self) -> Vec<String> {
        let marker = self.folder.path().display().to_string();
        let listed =
            Command::new("ps").args(["-eo", "pid,args", "-ww"]).output().expect("ps is there");
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        text.lines()
            .filter(|l| l.contains(&marker) && !l.contains("ps -eo"))
            .map(str::to_owned)
            .collect()
    }

    /// Waits until no process of the workspace is left, and fails if one stays.
    #[track_caller]
    pub fn no_process_is_left(&self) {
        wait_for("the workspace's processes are gone", || self.processes().is_empty());
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // A test that failed half-way may have left the server up.
        if self.root.join(".penny/postgres/data").exists() {
            let _ = self.run(&["db", "stop"]);
        }
    }
}

impl Ended {
    /// Fails unless the exit status is that.
    #[track_caller]
    pub fn status(self, expected: i32) -> Ended {
        assert_eq!(self.status, expected, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard output or error says that.
    #[track_caller]
    pub fn says(self, text: &str) -> Ended {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "`{text}` is not in\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Fails if standard output or error says that.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Ended {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!said, "`{text}` is in\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// A notebook file of these cells' sources; a source that begins with `# markdown` is a text cell.
pub fn notebook(cells: &[&str]) -> Vec<u8> {
    let cells: Vec<Value> = cells
        .iter()
        .enumerate()
        .map(|(index, source)| match source.strip_prefix("# markdown\n") {
            Some(text) => json!({"cell_type": "markdown", "id": format!("c{index}"), "metadata": {}, "source": text}),
            None => json!({
                "cell_type": "code", "id": format!("c{index}"), "metadata": {}, "source": source,
                "execution_count": null, "outputs": [],
            }),
        })
        .collect();
    let notebook = json!({
        "cells": cells,
        "metadata": {"kernelspec": {"name": "penny", "display_name": "Penny", "language": "python"}},
        "nbformat": 4, "nbformat_minor": 5,
    });
    serde_json::to_vec_pretty(&notebook).expect("JSON")
}

/// A started command's end; one that hangs is killed and fails the test.
#[track_caller]
pub fn end(child: Child) -> Ended {
    let pid = child.id();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    let output: Output = match told.recv_timeout(PATIENCE) {
        Ok(output) => output.expect("its output can be read"),
        Err(_) => {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
            panic!("the command did not end within {PATIENCE:?}");
        }
    };
    Ended {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Waits for a state, and fails when it does not come.
#[track_caller]
pub fn wait_for(what: &str, mut state: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !state() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A text without the spaces at which no line breaks: where those are, only some tests want to know.
pub fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}
