//! What the tests of several crates need once: a Python with the requirements of a workspace, servers, a browser.
//!
//! It is made on first need under `target/penny-testing`, by whichever test asks first, and shared by
//! all of them (and by later runs) under a file lock.

pub mod browser;
pub mod gateway;
pub mod mail;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str =
    include_str!("../../crates/penny/src/workspace/templates/requirements.txt");

/// The folder that tests share: `target/penny-testing`.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/penny-testing");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder.canonicalize().expect("the folder was just made")
}

/// Runs `make` once for all processes and runs: the folder `name` exists afterwards, whole.
///
/// `make` is given a folder that does not exist yet, under a name that stays its own, since a virtual
/// environment cannot be moved; a half-made one of an earlier, killed run is removed first.
pub fn once(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let folder = folder();
    let place = folder.join(name);
    let ready = folder.join(format!("{name}.ready"));
    let lock = File::create(folder.join(format!("{name}.lock"))).expect("the lock can be made");
    lock.lock().expect("the lock can be taken");
    if !ready.exists() {
        if place.exists() {
            fs::remove_dir_all(&place).expect("a half-made folder can be removed");
        }
        make(&place);
        File::create(&ready).expect("the marker can be written");
    }
    place
}

/// A Python interpreter with every library of a workspace's requirements (minutes on the first call).
pub fn python() -> PathBuf {
    let name = format!("python-{:016x}", fingerprint(REQUIREMENTS));
    let environment = once(&name, |place| {
        run(Command::new(base_python()).args(["-m", "venv"]).arg(place));
        let requirements = place.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS).expect("the environment can be written");
        run(Command::new(interpreter(place))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(requirements));
    });
    interpreter(&environment)
}

/// A Python interpreter with these packages alone, in an environment of its own (once, a minute at most).
pub fn python_with(name: &str, requirements: &[&str]) -> PathBuf {
    let name = format!("{name}-{:016x}", fingerprint(&requirements.join("\n")));
    let environment = once(&name, |place| {
        run(Command::new(base_python()).args(["-m", "venv"]).arg(place));
        run(Command::new(interpreter(place))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(requirements));
    });
    interpreter(&environment)
}

/// A Python interpreter with these packages in an environment of its own, beside all that [`python`] has.
pub fn python_and(name: &str, requirements: &[&str]) -> PathBuf {
    let shared = packages_of(&python());
    let interpreter = python_with(name, requirements);
    let link = packages_of(&interpreter).join("shared.pth");
    if !link.exists() {
        // At once: another test may be starting this Python.
        let aside = link.with_extension(format!("{}", std::process::id()));
        fs::write(&aside, shared.display().to_string()).expect("the environment can be written");
        fs::rename(aside, link).expect("the environment can be written");
    }
    interpreter
}

/// Where an interpreter has its packages.
fn packages_of(interpreter: &Path) -> PathBuf {
    let code = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
    let output = Command::new(interpreter).args(["-c", code]).output().expect("Python starts");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

/// The interpreter of an environment with papermill, and kernels for Python and Bash.
pub fn papermill() -> PathBuf {
    python_with("papermill", &["papermill==2.7.*", "ipykernel==7.*", "bash_kernel==0.10.*"])
}

/// The Python that a bare machine has: `python3`, or `python` on Windows.
pub fn base_python() -> &'static str {
    if cfg!(windows) { "python" } else { "python3" }
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// FNV-1a: names a folder after what is in it; no secret depends on it.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
