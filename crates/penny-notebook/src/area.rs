//! Where outputs are gathered: under a cell, or in a widget that shows them.

use serde_json::Value;

use crate::execution::Execution;
use crate::limits::{Dropped, Weight};
use crate::mask::Searched;
use crate::stream::Terminal;
use crate::text;

/// A list of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Those of a cell, by its number.
    Cell(usize),
    /// Those of an output widget, by its number among the widgets.
    Widget(usize),
}

/// What is known of a list of outputs beside what is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Area {
    pub terminal: Terminal,
    pub weight: Weight,
    /// Whether the next output takes the place of all so far.
    pub clear_is_due: bool,
    /// What the reader was told of the limit.
    pub told: Option<Dropped>,
    /// The displays in these outputs that can be updated.
    pub display_ids: Vec<String>,
    /// How far they were searched for secrets.
    pub searched: Searched,
}

impl Area {
    /// Makes room for another output that begins with a text; false when the limit leaves none.
    pub fn begin_output(&mut self, limit: usize, text_bytes: usize) -> bool {
        self.terminal.leave();
        let has_room = !self.terminal.is_cut() && self.fits(limit, Weight::LINE);
        if has_room {
            self.weight.add(0, Weight::OUTPUT);
        } else {
            self.weight.drop_bytes(text_bytes);
        }
        has_room
    }

    /// Whether an output of so many bytes is within the limit.
    pub fn fits(&self, limit: usize, bytes: usize) -> bool {
        self.weight.used.saturating_add(bytes).saturating_add(Weight::OUTPUT) <= limit
    }

    /// Ends what is open in the outputs: lines as Python cuts them, and what the limit cut off.
    pub fn close(&mut self, outputs: &mut Vec<Value>) {
        self.terminal.leave();
        for (index, output) in outputs.iter_mut().enumerate() {
            if let Some(lines) = output.get_mut("text").and_then(Value::as_array_mut)
                && lines.iter().any(|line| line.as_str().is_some_and(ends_within))
            {
                *lines = lines
                    .iter()
                    .filter_map(Value::as_str)
                    .flat_map(text::split_lines)
                    .map(Value::from)
                    .collect();
                self.searched.forget_from(index);
            }
        }
        // A cell may be ended twice: when it was interrupted after its reply.
        if let Some(dropped) = self.weight.dropped().filter(|&dropped| self.told != Some(dropped)) {
            self.told = Some(dropped);
            outputs.push(dropped.output());
        }
    }

    /// Takes the sentence about the limit away again, so that what comes late stands before it.
    pub fn reopen(&mut self, outputs: &mut Vec<Value>) {
        let Some(told) = self.told.take() else {
            return;
        };
        if outputs.last() == Some(&told.output()) {
            outputs.pop();
            // What was last before the sentence may grow again.
            self.searched.forget_from(outputs.len().saturating_sub(1));
        }
    }
}

impl Execution {
    /// The outputs of a place, and what is known of them.
    pub(crate) fn outputs(&mut self, place: Place) -> Option<(&mut Vec<Value>, &mut Area)> {
        match place {
            Place::Cell(cell) => {
                let outputs = self.notebook.cell_mut(cell)?.get_mut("outputs")?.as_array_mut()?;
                Some((outputs, &mut self.cells.get_mut(cell)?.area))
            }
            Place::Widget(widget) => self.widgets.outputs(widget),
        }
    }

    /// Closes a cell's outputs, at its end.
    pub(crate) fn end_cell(&mut self, cell: usize) {
        if let Some((outputs, area)) = self.outputs(Place::Cell(cell)) {
            area.close(outputs);
        }
        if let Some(state) = self.cells.get_mut(cell) {
            state.ended = true;
            state.late = false;
        }
    }

    /// Opens a cell's outputs once more when it has ended: a thread of it, or a display, goes on.
    pub(crate) fn expect_late(&mut self, cell: usize) {
        if !self.cells.get(cell).is_some_and(|state| state.ended && !state.late) {
            return;
        }
        if let Some((outputs, area)) = self.outputs(Place::Cell(cell)) {
            area.reopen(outputs);
        }
        self.cells[cell].late = true;
    }

    /// Closes the outputs of the cells for which something came late.
    pub(crate) fn close_late(&mut self) {
        for cell in 0..self.cells.len() {
            if self.cells[cell].late {
                self.end_cell(cell);
            }
        }
    }
}

/// Whether Python cuts this line again before its end.
fn ends_within(line: &str) -> bool {
    text::split_lines(line).nth(1).is_some()
}
