//! What an executed notebook says of its own run, beside papermill's metadata.

use serde_json::{Map, Value};

use crate::execution::Execution;
use crate::notebook::{Notebook, object_at};

/// The key of the notebook's metadata that belongs to Penny.
const PENNY: &str = "penny";

/// When a cell ran, as the notebook tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedCell {
    /// Its place among the notebook's cells, from 0.
    pub cell: usize,
    /// Its id; empty in a notebook of a format that has none.
    pub id: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// How long it took; nothing for one that was cut off.
    pub seconds: Option<f64>,
    /// `completed`, `failed` or `running`: papermill's words.
    pub status: String,
}

impl Notebook {
    /// What the notebook says of the run that made it (`metadata.penny`).
    pub fn record(&self) -> Option<&Map<String, Value>> {
        self.metadata()?.get(PENNY)?.as_object()
    }

    /// What papermill, or Penny in its words, says of the run that made it (`metadata.papermill`).
    pub fn papermill(&self) -> Option<&Map<String, Value>> {
        self.metadata()?.get("papermill")?.as_object()
    }

    /// The code cells that have begun, with their times.
    pub fn timed_cells(&self) -> Vec<TimedCell> {
        (0..self.cell_count())
            .filter(|&cell| self.is_code(cell))
            .filter_map(|c| self.timed(c))
            .collect()
    }

    /// What the cell that failed raised, as (`ename`, `evalue`), in a notebook that was executed.
    pub fn raised(&self) -> Option<(String, String)> {
        let failed = |cell: &&Value| cell["metadata"]["papermill"]["status"] == "failed";
        let outputs = self.cells().iter().rfind(failed)?.get("outputs")?.as_array()?;
        let error = outputs.iter().rfind(|output| output["output_type"] == "error")?;
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        Some((text("ename"), text("evalue")))
    }

    /// How many cells have code to run.
    pub fn cells_with_code(&self) -> usize {
        (0..self.cell_count()).filter(|&cell| self.has_code_to_run(cell)).count()
    }

    fn timed(&self, index: usize) -> Option<TimedCell> {
        let cell = self.cell(index)?;
        let mark = cell.get("metadata")?.get("papermill")?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(TimedCell {
            cell: index,
            id: cell.get("id").and_then(text).unwrap_or_default(),
            started: text(&mark["start_time"])?,
            seconds: mark["duration"].as_f64(),
            status: text(&mark["status"])?,
        })
    }
}

impl Execution {
    /// Writes what the notebook says of its run from now on, beside what it said so far; the masked
    /// secrets, which [`Execution::save_copy`] tells, stay.
    pub fn tell(&mut self, record: Map<String, Value>) {
        let told = object_at(self.notebook.metadata_mut(), PENNY);
        // In the order in which it was told first: two saves differ by what is new alone.
        record.into_iter().for_each(|(key, value)| _ = told.insert(key, value));
    }

    /// Takes out what the notebook says of an earlier run.
    pub(crate) fn forget_record(&mut self) {
        self.notebook.metadata_mut().shift_remove(PENNY);
    }

    /// Whether the execution has ended: see [`Execution::finish`].
    pub fn has_ended(&self) -> bool {
        self.finished
    }
}
