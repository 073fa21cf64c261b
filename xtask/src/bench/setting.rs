//! What all contestants share: the binary, a Python, workspaces, PostgreSQL, the simulated Pennylane.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Result;
use super::notebooks;
use super::programs::{cannot, said, timed};

/// What the contestants import.
const REQUIREMENTS: &[&str] = &[
    "ipykernel",
    "papermill",
    "nbclient",
    "pandas",
    "pyarrow",
    "matplotlib",
    "python-dotenv",
    "requests",
    "sqlalchemy",
    "psycopg[binary]",
    "psycopg2-binary",
    "adbc-driver-manager",
    "adbc-driver-postgresql",
];

/// The password of everyone in a database that lives as long as the bench.
const PASSWORD: &str = "bench-only";

/// Where everything is. Dropping it ends the servers.
pub struct Setting {
    /// The Python programs of the baselines.
    pub programs: PathBuf,
    /// `target/penny-bench`.
    pub folder: PathBuf,
    /// The binary that is measured.
    pub penny: PathBuf,
    /// The interpreter of all contestants.
    pub python: PathBuf,
    /// The folder of the Python module `penny`.
    pub module: PathBuf,
    /// The PostgreSQL, as a URL.
    pub url: String,
    sandbox: Option<Child>,
    has_servers: bool,
}

impl Setting {
    /// Builds, installs, writes and starts all of it; or only builds, for what needs no server and no Python.
    pub fn prepare(root: &Path, penny: Option<&Path>, needs_servers: bool) -> Result<Setting> {
        let folder = root.join("target/penny-bench");
        fs::create_dir_all(folder.join("log")).map_err(|e| cannot("make", &folder, &e))?;
        let penny = match penny {
            Some(path) => fs::canonicalize(path).map_err(|e| cannot("find", path, &e))?,
            None => build(root, &folder)?,
        };
        let mut setting = Setting {
            programs: root.join("xtask/bench"),
            python: if needs_servers { environment(&folder)? } else { PathBuf::new() },
            module: root.join("python"),
            url: String::new(),
            folder,
            penny,
            sandbox: None,
            has_servers: needs_servers,
        };
        if needs_servers {
            setting.start()?;
        }
        Ok(setting)
    }

    /// A workspace with the simulated Pennylane and a PostgreSQL of its own.
    pub fn company(&self) -> PathBuf {
        self.folder.join("company")
    }

    /// A workspace for notebooks that need no Pennylane, which are run one at a time.
    pub fn sequence(&self) -> PathBuf {
        self.folder.join("sequence")
    }

    /// The same, four at a time.
    pub fn four(&self) -> PathBuf {
        self.folder.join("four")
    }

    /// The same, for a service that is at work.
    pub fn served(&self) -> PathBuf {
        self.folder.join("served")
    }

    /// The file for what a contestant says.
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join("log").join(format!("{name}.log"))
    }

    /// `penny` in a workspace.
    pub fn penny(&self, workspace: &Path) -> Command {
        let mut command = Command::new(&self.penny);
        command.arg("--workspace").arg(workspace).current_dir(&self.folder);
        command
    }

    /// A Python program of `xtask/bench`, with `import penny` at hand as a run of Penny's has it.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.programs.join(name)).current_dir(self.sequence());
        command.env("PENNY_BIN", &self.penny).env("PENNY_WORKSPACE", self.sequence());
        command.env("PYTHONPATH", &self.module).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn start(&mut self) -> Result<()> {
        eprintln!("starting PostgreSQL and the simulated Pennylane");
        self.clear()?;
        let company = self.company();
        let port = free_port()?;
        timed(Command::new(&self.penny).arg("init").arg(&company), &self.log("init"))?;
        write(&company.join(".env"), &company_secrets(port))?;
        let config = company.join("penny.toml");
        let text = fs::read_to_string(&config).map_err(|e| cannot("read", &config, &e))?;
        let more = format!("\n[pennylane]\nsandbox = true\n{}", self.settings(1));
        write(&config, &format!("{text}{more}"))?;
        timed(self.penny(&company).args(["db", "start"]), &self.log("db-start"))?;
        let url = said(self.penny(&company).args(["db", "url"]), &self.log("db-url"))?;
        self.url = url.trim().to_owned();
        let api = self.serve(&company)?;
        let database = port_of(&self.url).ok_or("`penny db url` names no port")?;
        let served = "\n[schedule]\nevery = \"24h\"\n\n[web]\nenabled = false\n";
        for (workspace, parallel, kind, more) in [
            (self.sequence(), 1, None, ""),
            (self.four(), 4, None, ""),
            (self.served(), 4, Some(notebooks::SERVED), served),
        ] {
            write(&workspace.join(".env"), &other_secrets(database, &api))?;
            let text = format!(
                "{}{more}{}",
                self.settings(parallel),
                notebooks::write_all(&workspace, kind)?
            );
            write(&workspace.join("penny.toml"), &text)?;
        }
        Ok(())
    }

    /// Workspaces of an earlier bench go, and a server that a broken-off one left.
    fn clear(&self) -> Result<()> {
        if self.company().join("penny.toml").exists() {
            let _ = timed(self.penny(&self.company()).args(["db", "stop"]), &self.log("db-stop"));
        }
        for workspace in [self.company(), self.sequence(), self.four(), self.served()] {
            if workspace.exists() {
                fs::remove_dir_all(&workspace).map_err(|e| cannot("remove", &workspace, &e))?;
            }
            fs::create_dir_all(&workspace).map_err(|e| cannot("make", &workspace, &e))?;
        }
        Ok(())
    }

    /// What every penny.toml says.
    fn settings(&self, parallel: usize) -> String {
        let python = self.python.display();
        format!("\n[python]\ninterpreter = '{python}'\n\n[execution]\nparallel = {parallel}\n")
    }

    /// Serves the simulated Pennylane; its API's URL.
    fn serve(&mut self, workspace: &Path) -> Result<String> {
        let log = self.log("sandbox");
        let errors = fs::File::create(&log).map_err(|e| cannot("write", &log, &e))?;
        let mut command = self.penny(workspace);
        command.args(["sandbox", "serve", "--port", "0"]);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().map_err(|e| cannot("start", &self.penny, &e))?;
        let out = child.stdout.take().expect("it is piped");
        self.sandbox = Some(child);
        let lines = BufReader::new(out).lines();
        let mut addresses = lines.map_while(|line| line.ok()).filter_map(|line| {
            line.trim().strip_prefix("API").map(|address| address.trim().to_owned())
        });
        addresses
            .next()
            .ok_or_else(|| format!("the simulated Pennylane did not start, see {}", log.display()))
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        if let Some(mut sandbox) = self.sandbox.take() {
            // It has nothing to put in order: what it serves is in its memory.
            let _ = sandbox.kill();
            let _ = sandbox.wait();
        }
        if self.has_servers && self.company().join("penny.toml").exists() {
            let stop =
                timed(self.penny(&self.company()).args(["db", "stop"]), &self.log("db-stop"));
            if let Err(wrong) = stop {
                eprintln!("warning: PostgreSQL was not stopped: {wrong}");
            }
        }
    }
}

fn build(root: &Path, folder: &Path) -> Result<PathBuf> {
    eprintln!("building penny");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--package", "penny"]).current_dir(root);
    timed(&mut command, &folder.join("log/build.log"))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release").join(format!("penny{}", std::env::consts::EXE_SUFFIX)))
}

/// The Python of all contestants, made once.
fn environment(folder: &Path) -> Result<PathBuf> {
    let place = folder.join("python");
    let (python, marker) = if cfg!(windows) {
        (place.join("Scripts/python.exe"), place.join("ready"))
    } else {
        (place.join("bin/python"), place.join("ready"))
    };
    let wanted = REQUIREMENTS.join("\n");
    if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    eprintln!("making a Python environment with papermill and the others (minutes)");
    let base = if cfg!(windows) { "python" } else { "python3" };
    let log = folder.join("log/python.log");
    timed(Command::new(base).args(["-m", "venv", "--clear"]).arg(&place), &log)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    timed(pip.args(REQUIREMENTS), &log)?;
    write(&marker, &wanted)?;
    Ok(python)
}

fn company_secrets(port: u16) -> String {
    format!(
        "PENNYLANE_API_TOKEN={PASSWORD}\nREDSHIFT_DB=prod\nREDSHIFT_USER=u_1000001\nREDSHIFT_PASSWORD={PASSWORD}\n\
         POSTGRES_PORT={port}\nPOSTGRES_DB=pennylane_db\nPOSTGRES_SCHEMA=pennylane\nPOSTGRES_USER=penny\n\
         POSTGRES_PASSWORD={PASSWORD}\nPOWERBI_USER=powerbi\nPOWERBI_PASSWORD={PASSWORD}\n"
    )
}

/// The same servers, named as those of a real company are.
fn other_secrets(port: &str, api: &str) -> String {
    format!(
        "PENNYLANE_API_TOKEN={PASSWORD}\nPENNYLANE_API_URL={api}\n\
         REDSHIFT_HOST=127.0.0.1\nREDSHIFT_PORT={port}\nREDSHIFT_SSLMODE=disable\nREDSHIFT_DB=prod\n\
         REDSHIFT_USER=u_1000001\nREDSHIFT_PASSWORD={PASSWORD}\n\
         POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={port}\nPOSTGRES_SSLMODE=disable\nPOSTGRES_DB=pennylane_db\n\
         POSTGRES_SCHEMA=pennylane\nPOSTGRES_USER=penny\nPOSTGRES_PASSWORD={PASSWORD}\n"
    )
}

fn port_of(url: &str) -> Option<&str> {
    let host = url.rsplit('@').next()?;
    host.split('/').next()?.rsplit(':').next()
}

/// A port that nobody has at present.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("no port is free: {error}"))
}

/// Writes a file of a workspace.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| cannot("make", folder, &e))?;
    }
    fs::write(path, text).map_err(|e| cannot("write", path, &e))
}
