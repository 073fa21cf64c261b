//! The output notebook on disk: written before the first cell, saved as it grows, always whole.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{Timestamp, tz::TimeZone};
use penny_notebook::Execution;

use crate::config::Secrets;
use crate::files;
use crate::store::OutputSeal;

/// A growing notebook is saved at most this often, so that saving never costs more than executing.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// And so seldom that saving takes at most a tenth of the time.
const COST_FACTOR: u32 = 10;

/// When an output notebook is saved before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saving {
    /// Whether what a cell left is saved when the next one begins.
    pub between_cells: bool,
    /// How often it is saved while a cell runs; nothing is never.
    pub within_cells: Option<Duration>,
}

impl Default for Saving {
    /// Between cells and within them, at most every second.
    fn default() -> Saving {
        Saving { between_cells: true, within_cells: Some(PAUSE_MIN) }
    }
}

/// An output notebook.
pub struct Output {
    /// Where it belongs; nothing for one that is not saved while it grows.
    path: Option<PathBuf>,
    /// Where it goes when it cannot be saved there.
    rescue_folder: Option<PathBuf>,
    rescued: Option<PathBuf>,
    saving: Saving,
    saved: Option<Instant>,
    cost: Duration,
    changed: bool,
    /// Whether a save between cells would have cost too much so soon after the last one.
    put_off: bool,
    trouble: Option<String>,
    /// What the last save wrote, once the execution has ended.
    seal: Option<OutputSeal>,
}

impl Output {
    /// One of a workspace: `{name}_{YYYYMMDD_HHMMSS}.ipynb`, with a number when there is one already.
    pub fn of_run(
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
        Output::new(Some(path), Saving::default()).rescued_in(rescue_folder)
    }

    /// The file named by the user.
    pub fn at(path: PathBuf, saving: Saving) -> Output {
        Output::new(Some(path), saving)
    }

    /// One that is not saved while it grows: its owner writes it where it belongs at the end.
    pub fn nowhere() -> Output {
        Output::new(None, Saving { between_cells: false, within_cells: None })
    }

    fn new(path: Option<PathBuf>, saving: Saving) -> Output {
        Output {
            path,
            rescue_folder: None,
            rescued: None,
            saving,
            saved: None,
            cost: Duration::ZERO,
            changed: true,
            put_off: false,
            trouble: None,
            seal: None,
        }
    }

    /// Where it goes when it cannot be saved where it belongs.
    #[must_use]
    pub fn rescued_in(mut self, folder: PathBuf) -> Output {
        self.rescue_folder = Some(folder);
        self
    }

    /// Where it is meant to be.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Where it is, if it could be saved at all.
    pub fn place(&self) -> Option<PathBuf> {
        self.rescued.clone().or_else(|| self.saved.and(self.path.clone()))
    }

    /// What is on the disk once the execution has ended, byte by byte.
    pub fn seal(&self) -> Option<OutputSeal> {
        // After a save that failed, an earlier state is there.
        self.seal.clone().or_else(|| OutputSeal::of_file(&self.place()?).ok())
    }

    /// Notes that there is something new.
    pub fn touch(&mut self) {
        self.changed = true;
    }

    /// When it should be saved next, if there is something new.
    pub fn due(&self) -> Option<Instant> {
        let put_off = self.put_off.then_some(Duration::ZERO);
        let pause = self.saving.within_cells.or(put_off)?.max(self.cost * COST_FACTOR);
        let is_due = self.changed && self.path.is_some();
        is_due.then(|| self.saved.map_or_else(Instant::now, |saved| saved + pause))
    }

    /// Saves what the cells so far have left; a moment after a save, that is put off until it is due.
    pub fn cell_begins(&mut self, execution: &mut Execution, secrets: &Secrets) {
        self.touch();
        let soon = self.saving.within_cells.is_some_and(|pause| pause <= PAUSE_MIN);
        let pause = if soon { PAUSE_MIN } else { Duration::ZERO };
        let pause = pause.max(self.cost * COST_FACTOR);
        if !self.saving.between_cells {
            return;
        }
        self.put_off = self.saved.is_some_and(|saved| saved.elapsed() < pause);
        if !self.put_off {
            self.save(execution, secrets);
        }
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
        self.changed = false;
        self.put_off = false;
        let Some(path) = self.path.clone() else { return };
        let bytes = execution.save_copy(secrets.masker());
        match write(&path, &bytes, execution.has_ended()) {
            Ok(()) => {
                self.trouble = None;
                self.rescued = None;
                self.saved = Some(Instant::now());
            }
            Err(e) => {
                self.trouble = Some(why(&path, &e));
                self.saved = self.saved.map(|_| Instant::now());
                self.rescue(&path, &bytes);
            }
        }
        let is_whole = self.trouble.is_none() || self.rescued.is_some();
        self.seal = (execution.has_ended() && is_whole).then(|| OutputSeal::of(&bytes));
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
    fn rescue(&mut self, path: &Path, bytes: &[u8]) {
        let (Some(folder), Some(name)) = (&self.rescue_folder, path.file_name()) else { return };
        let place = folder.join(name);
        // It may lie among everybody's temporary files.
        if crate::platform::private_folder(folder).is_err() {
            return;
        }
        match write(&place, bytes, true) {
            Ok(()) => self.rescued = Some(place),
            // What was made for it goes again; a folder that holds others stays.
            Err(_) => drop(std::fs::remove_dir(folder)),
        }
    }
}

/// Writes it; the last time so that a power failure does not undo it, as the history will say what it is.
fn write(path: &Path, bytes: &[u8], is_last: bool) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if is_last { files::write_durably(path, bytes) } else { files::write_atomically(path, bytes) }
}

fn why(path: &Path, error: &io::Error) -> String {
    let what = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "Penny may not write there".to_owned()
        }
        io::ErrorKind::NotFound => "nothing can be made in that folder".to_owned(),
        _ => error.to_string(),
    };
    format!("the output notebook {} could not be saved: {what}", path.display())
}
