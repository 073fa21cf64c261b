//! The Python environment: made, brought up to date, cut off, and everything that can be missing for it.
//!
//! Most of it is tried with libraries of this test's own making, so that it is quick and needs no network:
//! `penny kernel install` needs the environment and never runs it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use super::{beside, interrupt, started, text};
use crate::support::{Workspace, end, wait_for};

/// Writes a wheel for each name.
const WHEELS: &str = "
import sys, zipfile
for name in sys.argv[2:]:
    info = f'{name}-1.0.dist-info'
    with zipfile.ZipFile(f'{sys.argv[1]}/{name}-1.0-py3-none-any.whl', 'w') as wheel:
        wheel.writestr(f'{name}.py', 'value = 1')
        wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')
        wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{info}/RECORD', '')
";

/// What makes or updates the environment, and needs nothing else.
const ENSURE: &[&str] = &["kernel", "install"];

/// A workspace that makes its own environment of this list, from the wheels of this test alone.
fn workspace(requirements: &str) -> Workspace {
    let workspace = Workspace::new();
    fs::write(workspace.root().join("penny.toml"), "[pennylane]\nsandbox = true\n")
        .expect("written");
    fs::write(workspace.root().join("requirements.txt"), requirements).expect("written");
    let wheels = beside(&workspace, "wheels");
    fs::create_dir(&wheels).expect("made");
    let names = ["ipykernel", "pandas", "pyarrow", "python_dotenv", "petite", "grande", "autre"];
    let made = Command::new(penny_testing::python())
        .args(["-c", WHEELS])
        .arg(&wheels)
        .args(names)
        .status();
    assert!(made.expect("Python starts").success());
    let wheels = wheels.display().to_string();
    let no_uv = path_without_uv();
    workspace
        .variable("PATH", no_uv)
        .variable("PIP_CONFIG_FILE", "/dev/null")
        .variable("PIP_FIND_LINKS", &wheels)
        .variable("PIP_NO_INDEX", "1")
        .variable("UV_FIND_LINKS", wheels)
        .variable("UV_NO_INDEX", "1")
        .variable("UV_NO_CONFIG", "1")
}

/// The tests' PATH without uv, which would be preferred.
fn path_without_uv() -> String {
    let path = std::env::var_os("PATH").expect("there is a PATH");
    let folders = std::env::split_paths(&path).filter(|f| !f.join("uv").exists());
    std::env::join_paths(folders).expect("they came from one").into_string().expect("UTF-8")
}

fn require(workspace: &Workspace, requirements: &str) {
    fs::write(workspace.root().join("requirements.txt"), requirements).expect("written");
}

/// Whether the workspace's own Python can import these.
fn imports(workspace: &Workspace, modules: &str) -> bool {
    let python = workspace.root().join(".penny/python/bin/python");
    let output: Output = Command::new(python)
        .args(["-c", &format!("import {modules}")])
        .output()
        .expect("it starts");
    output.status.success()
}

/// A program of this name and text, in a folder of its own.
fn program(folder: &Path, name: &str, text: &str) -> PathBuf {
    fs::create_dir_all(folder).expect("made");
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
    path
}

#[test]
fn the_libraries_of_the_list_are_installed_and_those_added_to_it_later() {
    let workspace = workspace("# les nôtres\npetite\n");
    workspace
        .run(ENSURE)
        .status(0)
        .says("✓ Python environment: ready, 1 library and what it needs");
    let mark = workspace.root().join(".penny/python/mark");
    fs::write(&mark, "").expect("written");
    // The list was the user's own before Penny came: what Penny needs is added to it.
    assert!(imports(&workspace, "petite, ipykernel, pandas, pyarrow, python_dotenv"));
    assert!(!imports(&workspace, "grande"));
    workspace.run(ENSURE).status(0).never_says("Python environment");

    require(&workspace, "petite\n-r listes/autres.txt\n");
    fs::create_dir(workspace.root().join("listes")).expect("made");
    fs::write(workspace.root().join("listes/autres.txt"), "grande\n").expect("written");
    workspace.run(ENSURE).status(0).says("✓ Python environment: ready");
    assert!(imports(&workspace, "petite, grande"));
    assert!(mark.exists(), "a new line in the list is no new environment");

    require(&workspace, "petite\nautrre\n");
    let refused = workspace.run(ENSURE).status(3);
    refused
        .says("the package index has no `autrre` for this Python")
        .says("hint: correct its line in requirements.txt");
    assert!(imports(&workspace, "petite, grande"), "what was there still works");

    let index = workspace
        .variable("PIP_NO_INDEX", "")
        .variable("PIP_INDEX_URL", "http://127.0.0.1:1/simple");
    require(&index, "petite\nabsente\n");
    let refused = index.run(ENSURE).status(3).says("the package index cannot be reached");
    refused.says("hint: check the network").says("HTTPS_PROXY").never_says("NewConnectionError");
    require(&index, "petite\n");
    let back = index.variable("PIP_NO_INDEX", "1");
    back.run(ENSURE).status(0);
    back.no_process_is_left();
}

#[test]
fn an_installation_that_is_interrupted_leaves_nothing_and_the_next_command_completes_it() {
    // An index that takes every connection and never answers: the installer hangs in the middle.
    let index = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let address = index.local_addr().expect("it has one").to_string();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in index.incoming() {
            if tell.send(stream).is_err() {
                return;
            }
        }
    });
    let hanging = workspace("petite\nabsente\n").variable("PIP_NO_INDEX", "");
    let hanging = hanging.variable("PIP_INDEX_URL", format!("http://{address}/simple"));
    let first = started(&hanging, ENSURE);
    let _kept = told.recv_timeout(Duration::from_secs(100)).expect("the installer asks the index");

    // Meanwhile another command waits for the first.
    let second = hanging.variable("PIP_NO_INDEX", "1");
    require(&second, "petite\n");
    let mut waiting = started(&second, ENSURE);
    let mut said = BufReader::new(waiting.stderr.take().expect("it is piped"))
        .lines()
        .map(|l| l.expect("text"));
    assert_eq!(
        said.next().as_deref(),
        Some("another penny command is making the Python environment: waiting for it")
    );
    interrupt(&first);
    end(first).status(130).says("interrupted").never_says("error");
    wait_for("the installer is gone", || {
        !second.processes().iter().any(|p| p.contains("absente") || p.contains(&address))
    });

    // The half-made environment is made anew by the one that waited.
    let rest: Vec<String> = said.collect();
    assert!(rest.iter().any(|l| l.starts_with("✓ Python environment: ready")), "{rest:?}");
    end(waiting).status(0);
    assert!(imports(&second, "petite, ipykernel"));
    second.run(ENSURE).status(0).never_says("Python environment");
    second.no_process_is_left();
}

#[test]
fn what_is_missing_for_an_environment_is_said_with_its_remedy() {
    let workspace = workspace("petite\n");
    let real = penny_testing::python().display().to_string();
    let path = |workspace: Workspace, folder: &Path| {
        workspace.variable("PATH", folder.display().to_string())
    };

    let nothing = beside(&workspace, "nothing");
    fs::create_dir(&nothing).expect("made");
    let workspace = path(workspace, &nothing);
    let refused = workspace
        .run(ENSURE)
        .status(3)
        .says("there is no Python on this computer (none was found on PATH)");
    refused.says("hint: install it: sudo apt install python3 python3-venv");

    // The store's placeholder on Windows, and a wrapper whose Python is gone, answer with an error.
    let placeholder = beside(&workspace, "placeholder");
    program(&placeholder, "python3", "#!/bin/sh\nexit 9\n");
    let workspace = path(workspace, &placeholder);
    workspace.run(ENSURE).status(3).says("there is no Python on this computer");

    let old = beside(&workspace, "old");
    program(&old, "python3", "#!/bin/sh\necho 3 6\n");
    let workspace = path(workspace, &old);
    workspace
        .run(ENSURE)
        .status(3)
        .says("is 3.6, and 3.9 or later is needed")
        .says("hint: install it");

    let debian = beside(&workspace, "debian");
    let said = "The virtual environment was not created successfully because ensurepip is not\n\
                available.  On Debian/Ubuntu systems, you need to install the python3-venv\n\
                package using the following command.\n\n    apt install python3.11-venv\n";
    let script =
        format!("#!/bin/sh\ntest \"$2\" = venv || exec '{real}' \"$@\"\necho '{said}'\nexit 1\n");
    program(&debian, "python3", &script);
    let workspace = path(workspace, &debian);
    let refused = workspace.run(ENSURE).status(3).says("this Python has no venv module");
    refused.says("hint: install it: sudo apt install python3-venv").never_says("ensurepip");
    let fedora = beside(&workspace, "fedora");
    let said = "/usr/bin/python3: No module named venv";
    let script = format!(
        "#!/bin/sh\ntest \"$2\" = venv || exec '{real}' \"$@\"\necho '{said}' >&2\nexit 1\n"
    );
    program(&fedora, "python3", &script);
    path(workspace, &fedora).run(ENSURE).status(3).says("this Python has no venv module");
}

#[test]
fn an_interpreter_of_the_users_own_is_checked() {
    let workspace = Workspace::new();
    let folder = beside(&workspace, "bin");
    let real = penny_testing::python();
    let configure = |path: &Path| {
        let config = format!("[python]\ninterpreter = '{}'\n", path.display());
        fs::write(workspace.root().join("penny.toml"), config).expect("written");
    };
    let none = program(&folder, "none", "#!/bin/sh\necho hello\n");
    configure(&none);
    let refused = workspace
        .run(ENSURE)
        .status(3)
        .says(&format!("{} is not a Python interpreter", none.display()));
    refused.says("hint: correct `interpreter` in penny.toml, or remove the line");

    let old = program(&folder, "old", "#!/bin/sh\necho 3 8\n");
    configure(&old);
    workspace
        .run(ENSURE)
        .status(3)
        .says("is Python 3.8, and 3.9 or later is needed")
        .says("hint: name another");

    let bare =
        program(&folder, "bare", &format!("#!/bin/sh\nexec '{}' -S \"$@\"\n", real.display()));
    configure(&bare);
    let refused = workspace.run(ENSURE).status(3);
    refused.says(&format!("error: {} lacks ipykernel, pandas, pyarrow\n", bare.display())).says(
        &format!("hint: run: \"{}\" -m pip install ipykernel pandas pyarrow", bare.display()),
    );

    configure(&real);
    workspace.run(ENSURE).status(0);
    assert!(!workspace.root().join(".penny/python").exists(), "no environment is made beside it");
}

#[test]
fn uv_is_used_where_it_is_installed() {
    let uv = penny_testing::once("uv", |place| {
        let made =
            Command::new(penny_testing::base_python()).args(["-m", "venv"]).arg(place).status();
        assert!(made.expect("Python starts").success());
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"];
        assert!(
            Command::new(place.join("bin/python"))
                .args(pip)
                .status()
                .expect("pip starts")
                .success()
        );
    });
    // Alone in its folder: the Python beside it is not the computer's.
    let workspace = workspace("petite\n");
    let alone = beside(&workspace, "uv");
    fs::create_dir(&alone).expect("made");
    std::os::unix::fs::symlink(uv.join("bin/uv"), alone.join("uv")).expect("linked");
    let path = format!("{}:{}", alone.display(), path_without_uv());
    let workspace = workspace.variable("PATH", path);
    workspace.run(ENSURE).status(0).says("✓ Python environment: ready");
    let made_by = text(&workspace.root().join(".penny/python/pyvenv.cfg"));
    assert!(made_by.contains("uv = "), "{made_by}");
    assert!(imports(&workspace, "petite, ipykernel"));
    require(&workspace, "petite\nautrre\n");
    let refused =
        workspace.run(ENSURE).status(3).says("the package index has no `autrre` for this Python");
    refused.says("hint: correct its line in requirements.txt");
    require(&workspace, "petite\nabsente\n");
    let index =
        workspace.variable("UV_NO_INDEX", "").variable("UV_INDEX_URL", "http://127.0.0.1:1/simple");
    index
        .run(ENSURE)
        .status(3)
        .says("the package index cannot be reached")
        .says("hint: check the network");
    index.no_process_is_left();
}
