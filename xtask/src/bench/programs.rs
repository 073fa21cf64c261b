//! Programs, started and waited for.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Result;

/// No turn takes longer.
const TIME_MAX: Duration = Duration::from_secs(45 * 60);

/// Between two looks at a program: far below what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Runs the program to its end: how many seconds it took. What it says goes to `log`.
pub fn timed(command: &mut Command, log: &Path) -> Result<f64> {
    let (seconds, _) = run(command, log, Stdio::null())?;
    Ok(seconds)
}

/// Runs the program to its end: what it wrote to standard output.
pub fn said(command: &mut Command, log: &Path) -> Result<String> {
    let path = log.with_extension("out");
    let out = File::create(&path).map_err(|error| cannot("write", &path, &error))?;
    run(command, log, Stdio::from(out))?;
    std::fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))
}

/// A failure of the file system, as a sentence.
pub fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {verb} {}: {error}", path.display())
}

fn run(command: &mut Command, log: &Path, out: Stdio) -> Result<(f64, ())> {
    let mut words = File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(log)
        .map_err(|error| cannot("write", log, &error))?;
    let errors = words.try_clone().map_err(|error| cannot("write", log, &error))?;
    command.stdin(Stdio::null()).stdout(out).stderr(errors);
    let program = Path::new(command.get_program()).to_owned();
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| cannot("start", &program, &error))?;
    let status = wait(&mut child, started).map_err(|error| {
        format!("{} {error}; its words are in {}", program.display(), log.display())
    })?;
    let seconds = started.elapsed().as_secs_f64();
    if status.success() {
        return Ok((seconds, ()));
    }
    let _ = words.seek(SeekFrom::Start(0));
    let text = std::io::read_to_string(words).unwrap_or_default();
    let last: Vec<&str> = text.lines().rev().take(3).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join(" | ");
    Err(format!("{} ended with {status}: {last}", program.display()))
}

fn wait(child: &mut Child, started: Instant) -> Result<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if started.elapsed() < TIME_MAX => std::thread::sleep(LOOK_EVERY),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("took longer than {} minutes", TIME_MAX.as_secs() / 60));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}
