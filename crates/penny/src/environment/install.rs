//! Making the environment: with uv where it is installed, else with venv and pip.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::{Requirements, explain, find};
use crate::console::{self, Console, Step};
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;

/// Installing takes minutes on a slow line; an installer silent for this long is stuck.
const SILENCE_MAX: Duration = Duration::from_secs(15 * 60);

/// Makes the environment, or installs what the list has new in one that is there.
pub async fn make(
    folder: &Path,
    python: &Path,
    requirements: &Requirements,
    surroundings: &Surroundings,
    console: &Console,
) -> Result<()> {
    let step = console.step("Python environment");
    let uv = surroundings.program("uv");
    let whole = super::is_whole(folder, python);
    if !whole {
        remove(folder)?;
        let mut command = match &uv {
            Some(uv) => {
                step.phase("uv makes a virtual environment");
                let mut command = Command::new(uv);
                command.args(["venv", "--no-project"]);
                command
            }
            None => {
                let base = find::on_path(surroundings).await?;
                step.phase(&format!("making a virtual environment of {}", base.path.display()));
                let mut command = Command::new(&base.path);
                command.args(["-m", "venv"]);
                command
            }
        };
        run(command.arg(folder), "the Python environment could not be made", &step).await?;
    }
    if whole {
        super::unsettle(folder)?;
    }
    let list = match &requirements.file {
        // In its own place, since it may name other files by their way from there.
        Some(file) => file.clone(),
        None => {
            let list = folder.join("penny-requirements.txt");
            std::fs::write(&list, &requirements.text)
                .map_err(|e| Error::file("write", &list, e))?;
            list
        }
    };
    let mut command = match &uv {
        Some(uv) => {
            let mut command = Command::new(uv);
            command.args(["pip", "install", "--no-progress", "--python"]).arg(python);
            command
        }
        None => {
            let mut command = Command::new(python);
            command.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]);
            command.args(["--progress-bar", "off", "--retries", "2"]);
            command
        }
    };
    command.arg("-r").arg(&list).args(requirements.needed());
    command.current_dir(list.parent().unwrap_or(folder));
    run(&mut command, "the Python libraries could not be installed", &step).await?;
    let libraries = match requirements.count() {
        1 => "1 library and what it needs".to_owned(),
        count => format!("{count} libraries and what they need"),
    };
    step.done(&format!("ready, {libraries} ({})", console::duration(step.elapsed())));
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::file("remove", folder, e)),
        _ => Ok(()),
    }
}

/// Runs an installer, shows what it does, and explains its failure.
async fn run(command: &mut Command, failure: &str, step: &Step) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONIOENCODING", "utf-8");
    platform::own_group(command.as_std_mut());
    let program = Path::new(command.as_std().get_program()).display().to_string();
    let child = command
        .spawn()
        .map_err(|e| Error::missing(format!("{failure}: {program} does not start")).because(e))?;
    let mut child = Installer(child);
    let stdout = child.0.stdout.take().expect("it is piped");
    let stderr = child.0.stderr.take().expect("it is piped");
    let mut lines = (BufReader::new(stdout).split(b'\n'), BufReader::new(stderr).split(b'\n'));
    let mut said = explain::Tail::default();
    let mut open = (true, true);
    while open.0 || open.1 {
        let line = tokio::time::timeout(SILENCE_MAX, async {
            tokio::select! {
                line = lines.0.next_segment(), if open.0 => (0, line),
                line = lines.1.next_segment(), if open.1 => (1, line),
            }
        });
        let Ok((which, line)) = line.await else {
            return Err(Error::missing(format!(
                "{failure}: {program} said nothing for 15 minutes"
            )));
        };
        match line {
            Ok(Some(bytes)) => {
                let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
                match explain::progress(&line) {
                    Some(explain::Progress::Phase(text)) => step.phase(&text),
                    Some(explain::Progress::Detail(text)) => step.detail(&text),
                    None => {}
                }
                said.push(line);
            }
            _ if which == 0 => open.0 = false,
            _ => open.1 = false,
        }
    }
    let status = child.0.wait().await.map_err(|e| Error::missing(failure).because(e))?;
    if status.success() { Ok(()) } else { Err(explain::failure(failure, &said)) }
}

/// Ends the installer with all its children when it is not waited for any more.
struct Installer(Child);

impl Drop for Installer {
    fn drop(&mut self) {
        if let Some(pid) = self.0.id() {
            platform::kill_group(pid);
        }
    }
}
