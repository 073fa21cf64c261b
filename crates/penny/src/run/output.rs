//! The output notebook on disk: written before the first cell, saved as it grows, always whole.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use penny_notebook::Execution;

use crate::config::Secrets;
use crate::files;

/// A growing notebook is saved at most this often, so that saving never costs more than executing.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// And so seldom that saving takes at most a tenth of the time.
const COST_FACTOR: u32 = 10;

/// An output notebook.
pub struct Output {
    path: PathBuf,
    rescue_folder: PathBuf,
    rescued: Option<PathBuf>,
    saved: Option<Instant>,
    cost: Duration,
    changed: bool,
    trouble: Option<String>,
}

impl Output {
    /// Chooses its name: `{name}_{YYYYMMDD_HHMMSS}.ipynb`, with a number when there is one already.
    pub fn new(
        folder: &Path,
        rescue_folder: PathBuf,
        name: &str,
        started: Timestamp,
        zone: &TimeZone,
    ) -> Output {
        let stamp = started.to_zoned(zone.clone()).strftime("%Y%m%d_%H%M%S").to_string();
        let mut path = folder.join(format!("{name}_{stamp}.ipynb"));
        let mut number = 2;
        while path.exists() {
            path = folder.join(format!("{name}_{stamp}_{number}.ipynb"));
            number += 1;
        }
        Output {
            path,
            rescue_folder,
            rescued: None,
            saved: None,
            cost: Duration::ZERO,
            changed: true,
            trouble: None,
        }
    }

    /// Where it is meant to be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is, if it could be saved at all.
    pub fn place(&self) -> Option<PathBuf> {
        self.rescued.clone().or_else(|| self.saved.map(|_| self.path.clone()))
    }

    /// Notes that there is something new.
    pub fn touch(&mut self) {
        self.changed = true;
    }

    /// When it should be saved next, if there is something new.
    pub fn due(&self) -> Option<Instant> {
        let pause = PAUSE_MIN.max(self.cost * COST_FACTOR);
        self.changed.then(|| self.saved.map_or_else(Instant::now, |saved| saved + pause))
    }

    /// Saves it if that is due.
    pub fn save_when_due(&mut self, execution: &mut Execution, secrets: &Secrets) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.save(execution, secrets);
        }
    }

    /// Saves it now. A failure is kept for the end of the run: the cells go on, and the next save may
    /// succeed.
    pub fn save(&mut self, execution: &mut Execution, secrets: &Secrets) {
        let begun = Instant::now();
        for cell in 0..execution.notebook().cell_count() {
            execution.map_text(cell, &mut |text| secrets.masked(text));
        }
        let bytes = execution.notebook().to_bytes();
        self.changed = false;
        match write(&self.path, &bytes) {
            Ok(()) => {
                self.trouble = None;
                self.rescued = None;
                self.saved = Some(Instant::now());
            }
            Err(e) => {
                self.trouble = Some(why(&self.path, &e));
                self.saved = self.saved.map(|_| Instant::now());
                self.rescue(&bytes);
            }
        }
        self.cost = begun.elapsed();
    }

    /// What kept the last save from succeeding, and where the notebook was put instead.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.as_ref()?;
        Some(match &self.rescued {
            Some(place) => format!("{trouble}; it was saved as {} instead", place.display()),
            None if self.saved.is_some() => {
                format!(
                    "{trouble}; the file there is an earlier state, and what came after it is lost"
                )
            }
            None => format!("{trouble}; the outputs of this run are lost"),
        })
    }

    /// A full or read-only outputs folder need not lose an output: Penny's own folder may take it.
    fn rescue(&mut self, bytes: &[u8]) {
        let Some(name) = self.path.file_name() else { return };
        let place = self.rescue_folder.join(name);
        if write(&place, bytes).is_ok() {
            self.rescued = Some(place);
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    files::write_atomically(path, bytes)
}

fn why(path: &Path, error: &io::Error) -> String {
    let what = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "Penny may not write there".to_owned()
        }
        _ => error.to_string(),
    };
    format!("the output notebook {} could not be saved: {what}", path.display())
}
