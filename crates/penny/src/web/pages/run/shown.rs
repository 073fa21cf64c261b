//! A run as its page shows it: what is known of it, and how far it is.

use std::cell::OnceCell;
use std::sync::Arc;

use penny_notebook::Notebook;

use super::scripts::Scripts;
use crate::daemon::state::Running;
use crate::error::Result;
use crate::looking::{Cell, Cells, OutputFile, Outputs, PastRun};
use crate::store::Outcome;
use crate::web::visit::Visit;
use crate::workspace::plain;

/// A source of more bytes is not shown before the run has an output notebook.
const SOURCE_BYTES_MAX: u64 = 20_000_000;

/// A run as its page shows it.
pub struct Shown<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// What is known.
    pub past: &'a PastRun,
    /// Its output notebook, else its source, if one of them can be read.
    pub file: Option<Arc<OutputFile>>,
    /// Whether what is shown is the notebook before its run.
    pub is_source: bool,
    /// Its cells: those of the output notebook, else those of the source, as they will run.
    pub cells: Option<Cells>,
    /// How far it is, while it is under way in this service.
    pub running: Option<Running>,
    /// The first cell that is shown, from 0.
    pub from: Option<usize>,
    /// The scripts by themselves in it, looked for when an output needs scripts.
    scripts: OnceCell<Scripts>,
}

impl<'a> Shown<'a> {
    /// Gathers it.
    pub fn new(
        visit: &'a Visit,
        past: &'a PastRun,
        file: Option<Arc<OutputFile>>,
        from: Option<usize>,
    ) -> Shown<'a> {
        let live = visit.about.live.borrow();
        let running = live.running.iter().find(|running| running.run == past.run.id).cloned();
        drop(live);
        let running = running.filter(|_| past.attempt.is_none());
        let is_source = file.is_none();
        let cells = past.cells.as_ref().ok().cloned();
        let scripts = OnceCell::new();
        let mut shown = Shown { visit, past, file, is_source, cells, running, from, scripts };
        if is_source && let Some((file, cells)) = shown.source() {
            (shown.file, shown.cells) = (Some(Arc::new(file)), Some(cells));
        }
        shown
    }

    /// Whether it is under way.
    pub fn is_under_way(&self) -> bool {
        self.past.run.outcome.is_none() && !self.past.run.cut_off
    }

    /// Changes when a page cannot be brought up to date region by region.
    pub fn shape(&self) -> String {
        let cells = self.cells.as_ref().map_or(&[][..], |cells| &cells.cells);
        // The marks of a failure come between the cells.
        let last = cells.last().map_or(0, |cell| cell.place);
        format!("{}-{}-{last}", if self.is_source { "source" } else { "output" }, cells.len())
    }

    /// The scripts by themselves in the notebook.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn scripts(&self, reading: &mut Outputs<'_>) -> Result<&Scripts> {
        if let Some(known) = self.scripts.get() {
            return Ok(known);
        }
        let found = match &self.file {
            Some(file) => Scripts::of(file, reading)?,
            None => Scripts::default(),
        };
        Ok(self.scripts.get_or_init(|| found))
    }

    /// The cell that failed.
    pub fn failed(&self) -> Option<&Cell> {
        let ended_badly =
            !matches!(self.past.run.outcome, None | Some(Outcome::Succeeded | Outcome::Skipped));
        if self.is_source || !(ended_badly || self.past.run.cut_off) {
            return None;
        }
        let cells = self.cells.as_ref()?;
        let failed = cells.code().find(|cell| cell.status.as_deref() == Some("failed"));
        let raised = || cells.code().filter(|cell| cell.error().is_some()).last();
        let cut_off = || cells.code().find(|cell| cell.status.as_deref() == Some("running"));
        failed.or_else(raised).or_else(cut_off)
    }

    /// The address of this run's page or of something of it, of the attempt that is shown.
    pub fn address(&self, rest: &str) -> String {
        let attempt = self.past.attempt.map(|number| format!("?attempt={number}"));
        format!("/runs/{}{rest}{}", self.past.run.id, attempt.unwrap_or_default())
    }

    /// The language of the code.
    pub fn language(&self) -> String {
        let notebook = self.file.as_ref().and_then(|file| file.notebook().language());
        notebook.unwrap_or("python").to_lowercase()
    }

    /// The cells of the source, of a run that has no output yet.
    fn source(&self) -> Option<(OutputFile, Cells)> {
        if !self.is_under_way() {
            return None;
        }
        let workspace = &self.visit.workspace;
        let path = plain(&workspace.root.join(&self.past.run.file));
        let size = std::fs::metadata(&path).ok()?.len();
        if size > SOURCE_BYTES_MAX || !is_listed(self) {
            return None;
        }
        let file = OutputFile::open(&path).ok()?;
        let mut cells = Cells::of(&file, |_| false).ok()??;
        for cell in &mut cells.cells {
            // What an earlier execution left in the source is nothing of this run.
            (cell.took, cell.status) = (None, None);
        }
        Some((file, cells))
    }
}

/// Whether penny.toml lists the file of a run: no other is read.
fn is_listed(shown: &Shown<'_>) -> bool {
    let root = &shown.visit.workspace.root;
    let path = plain(&root.join(&shown.past.run.file));
    let mut entries = shown.visit.workspace.config.notebooks.iter();
    entries.any(|entry| plain(&root.join(&entry.file)) == path)
}

/// The anchor of a cell.
pub fn anchor(cell: &Cell) -> String {
    format!("c{}", cell.place)
}

/// The heading that a text cell has itself, with its level.
pub fn heading(notebook: &Notebook, cell: &Cell) -> Option<(usize, String)> {
    let above = notebook.heading_before(cell.place);
    let own = notebook.heading_before(cell.place + 1).filter(|own| above.as_ref() != Some(own))?;
    let marks = |line: &str| line.trim_start().bytes().take_while(|byte| *byte == b'#').count();
    let level = cell.source.lines().map(marks).find(|level| *level > 0).unwrap_or(1);
    Some((level, own))
}
