//! `penny start`, at work while something is measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Result;
use super::processor::ask_to_end;
use super::programs::cannot;

/// It must be at work, and end, within this.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Between two looks at what it does.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The running service. Dropping it ends it.
pub struct Service {
    penny: Child,
    log: PathBuf,
}

impl Service {
    /// Starts it. What it says goes to `log`.
    pub fn start(mut penny: Command, log: &Path) -> Result<Service> {
        let words = fs::File::create(log).map_err(|e| cannot("write", log, &e))?;
        penny.arg("start").stdin(Stdio::null()).stdout(Stdio::null()).stderr(words);
        let penny = penny.spawn().map_err(|e| format!("penny cannot be started: {e}"))?;
        Ok(Service { penny, log: log.to_owned() })
    }

    /// Waits until something is found in what it has said so far.
    pub fn until<T>(&mut self, mut what: impl FnMut(&str) -> Option<T>) -> Result<T> {
        let started = Instant::now();
        while started.elapsed() < WAIT_MAX && self.is_alive() {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(found) = what(&said) {
                return Ok(found);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Err(format!("`penny start` does not do what it should, see {}", self.log.display()))
    }

    /// Whether it has not ended.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.penny.try_wait(), Ok(None))
    }

    /// Ends it, which must go well.
    pub fn end(mut self) -> Result<()> {
        match self.ended() {
            Some(status) if status.success() => Ok(()),
            _ => Err(format!("`penny start` did not end well, see {}", self.log.display())),
        }
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        ask_to_end(&self.penny);
        let asked = Instant::now();
        while asked.elapsed() < WAIT_MAX && self.is_alive() {
            std::thread::sleep(LOOK_EVERY);
        }
        self.penny.try_wait().ok()?
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.is_alive() && self.ended().is_none() {
            let _ = self.penny.kill();
            let _ = self.penny.wait();
        }
    }
}
