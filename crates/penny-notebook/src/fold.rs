//! A kernel's messages become a cell's outputs.

use serde_json::{Map, Value, json};

use crate::execution::{CellState, Execution};
use crate::failure::Failure;
use crate::limits::Weight;
use crate::mime;
use crate::notebook::object_at;
use crate::text;

impl Execution {
    /// Folds one iopub message into the cell that it answers to: its type, its content, and when it
    /// came (RFC 3339).
    ///
    /// `stream`, `display_data`, `execute_result`, `error`, `update_display_data` (of any cell so far),
    /// `clear_output`, `execute_input` and `status` are understood; every other type is ignored, and
    /// so is what a message lacks.
    pub fn apply(&mut self, cell: usize, msg_type: &str, content: &Value, now: &str) {
        match msg_type {
            "stream" => self.stream(cell, content),
            "display_data" | "execute_result" => self.display(cell, msg_type, content),
            "update_display_data" => self.update_display(content),
            "error" => self.error(cell, &Failure::read(cell, content)),
            "clear_output" => self.clear_output(cell, content),
            "execute_input" => {
                self.set_execution_count(cell, content);
                self.record_time(cell, "iopub.execute_input", now);
            }
            "status" => match content.get("execution_state").and_then(Value::as_str) {
                Some("busy") => self.record_time(cell, "iopub.status.busy", now),
                Some("idle") => self.record_time(cell, "iopub.status.idle", now),
                _ => {}
            },
            _ => {}
        }
    }

    pub(crate) fn set_execution_count(&mut self, cell: usize, content: &Value) {
        if let Some(count) = content.get("execution_count").filter(|count| count.is_u64())
            && let Some(cell) = self.notebook.cell_mut(cell)
        {
            cell.insert("execution_count".to_owned(), count.clone());
        }
    }

    /// Records a time as JupyterLab does when it is asked to record timing.
    pub(crate) fn record_time(&mut self, cell: usize, event: &str, now: &str) {
        if let Some(cell) = self.notebook.cell_mut(cell) {
            object_at(object_at(cell, "metadata"), "execution")
                .insert(event.to_owned(), json!(now));
        }
    }

    fn stream(&mut self, cell: usize, content: &Value) {
        let Some(text) =
            content.get("text").and_then(Value::as_str).filter(|text| !text.is_empty())
        else {
            return;
        };
        let name = content.get("name").and_then(Value::as_str).unwrap_or("stdout");
        self.clear_if_due(cell);
        let limits = self.limits;
        let Some((outputs, state)) = self.outputs(cell) else {
            return;
        };
        if !outputs.last().is_some_and(|output| is_stream(output, name)) {
            if !begin_output(state, limits.output_bytes_per_cell, text.len()) {
                return;
            }
            outputs.push(json!({ "name": name, "output_type": "stream", "text": [] }));
        }
        let stream = outputs.last_mut().and_then(|output| output.get_mut("text"));
        let lines =
            stream.and_then(Value::as_array_mut).expect("a stream of ours holds a list of lines");
        state.terminal.write(lines, text, &mut state.weight, limits);
    }

    fn display(&mut self, cell: usize, output_type: &str, content: &Value) {
        let no_data = Value::Null;
        let data = content.get("data").unwrap_or(&no_data);
        let bytes = mime::weigh(data) + content.get("metadata").map_or(0, mime::weigh);
        self.clear_if_due(cell);
        let limit = self.limits.output_bytes_per_cell;
        let Some((outputs, state)) = self.outputs(cell) else {
            return;
        };
        if !fits(state, limit, bytes) {
            return state.weight.drop_bytes(bytes);
        }
        state.weight.add(bytes, bytes + Weight::OUTPUT);
        state.terminal.leave();
        let mut output = Map::new();
        output.insert("data".to_owned(), Value::Object(mime::bundle(data)));
        if output_type == "execute_result" {
            let count = content.get("execution_count").cloned().unwrap_or(Value::Null);
            output.insert("execution_count".to_owned(), count);
        }
        output.insert("metadata".to_owned(), metadata_of(content));
        output.insert("output_type".to_owned(), json!(output_type));
        outputs.push(Value::Object(output));
        if let Some(id) = display_id(content) {
            let place = (cell, outputs.len() - 1);
            state.display_ids.push(id.to_owned());
            self.displays.entry(id.to_owned()).or_default().push(place);
        }
    }

    /// Puts the new data in the place of the old, wherever the display is shown.
    fn update_display(&mut self, content: &Value) {
        let places =
            display_id(content).and_then(|id| self.displays.get(id)).cloned().unwrap_or_default();
        let limit = self.limits.output_bytes_per_cell;
        let bytes = content.get("data").map_or(0, mime::weigh)
            + content.get("metadata").map_or(0, mime::weigh);
        for (cell, index) in places {
            let Some((outputs, state)) = self.outputs(cell) else {
                continue;
            };
            let Some(output) = outputs.get_mut(index).and_then(Value::as_object_mut) else {
                continue;
            };
            let bytes_before = ["data", "metadata"]
                .iter()
                .filter_map(|key| output.get(*key))
                .map(mime::weigh)
                .sum();
            if bytes > bytes_before
                && state.weight.used.saturating_sub(bytes_before) + bytes > limit
            {
                state.weight.drop_bytes(bytes);
                continue;
            }
            state.weight.remove(bytes_before, bytes_before);
            state.weight.add(bytes, bytes);
            let data = content.get("data").map(mime::bundle).unwrap_or_default();
            output.insert("data".to_owned(), Value::Object(data));
            output.insert("metadata".to_owned(), metadata_of(content));
        }
    }

    /// Errors are kept beyond the limit: they are small, and what the reader looks for.
    pub(crate) fn error(&mut self, cell: usize, failure: &Failure) {
        self.clear_if_due(cell);
        let Some((outputs, state)) = self.outputs(cell) else {
            return;
        };
        state.terminal.leave();
        outputs.push(json!({
            "ename": failure.ename,
            "evalue": failure.evalue,
            "output_type": "error",
            "traceback": failure.traceback,
        }));
    }

    fn clear_output(&mut self, cell: usize, content: &Value) {
        if let Some((_, state)) = self.outputs(cell) {
            state.clear_is_due = true;
        }
        if content.get("wait").and_then(Value::as_bool) != Some(true) {
            self.clear_if_due(cell);
        }
    }

    fn clear_if_due(&mut self, cell: usize) {
        let Some((outputs, state)) = self.outputs(cell).filter(|(_, state)| state.clear_is_due)
        else {
            return;
        };
        outputs.clear();
        let ids = std::mem::take(&mut state.display_ids);
        *state = CellState { input: state.input, ..CellState::default() };
        for id in ids {
            if let Some(places) = self.displays.get_mut(&id) {
                places.retain(|place| place.0 != cell);
            }
        }
    }

    /// Ends what is open in a cell's outputs: lines as Python cuts them, and what the limit cut off.
    pub(crate) fn close_outputs(&mut self, cell: usize) {
        let Some((outputs, state)) = self.outputs(cell) else {
            return;
        };
        state.terminal.leave();
        for output in outputs.iter_mut() {
            if let Some(lines) = output.get_mut("text").and_then(Value::as_array_mut)
                && lines.iter().any(|line| line.as_str().is_some_and(ends_within))
            {
                *lines = lines
                    .iter()
                    .filter_map(Value::as_str)
                    .flat_map(text::split_lines)
                    .map(Value::from)
                    .collect();
            }
        }
        // A cell may be ended twice: when it was interrupted after its reply.
        if let Some(dropped) = state.weight.dropped().filter(|&dropped| state.told != Some(dropped))
        {
            state.told = Some(dropped);
            let lines = text::lines(&dropped.sentence());
            outputs.push(json!({ "name": "stderr", "output_type": "stream", "text": lines }));
        }
    }

    /// A code cell's outputs, and what is known of them.
    pub(crate) fn outputs(&mut self, cell: usize) -> Option<(&mut Vec<Value>, &mut CellState)> {
        let outputs = self.notebook.cell_mut(cell)?.get_mut("outputs")?.as_array_mut()?;
        Some((outputs, self.cells.get_mut(cell)?))
    }
}

/// Makes room for another output that begins with a text; false when the limit leaves none.
fn begin_output(state: &mut CellState, limit: usize, text_bytes: usize) -> bool {
    state.terminal.leave();
    let has_room = !state.terminal.is_cut() && fits(state, limit, Weight::LINE);
    if has_room {
        state.weight.add(0, Weight::OUTPUT);
    } else {
        state.weight.drop_bytes(text_bytes);
    }
    has_room
}

fn fits(state: &CellState, limit: usize, bytes: usize) -> bool {
    state.weight.used.saturating_add(bytes).saturating_add(Weight::OUTPUT) <= limit
}

fn is_stream(output: &Value, name: &str) -> bool {
    output.get("output_type").and_then(Value::as_str) == Some("stream")
        && output.get("name").and_then(Value::as_str) == Some(name)
}

/// Whether Python cuts this line again before its end.
fn ends_within(line: &str) -> bool {
    text::split_lines(line).nth(1).is_some()
}

fn metadata_of(content: &Value) -> Value {
    content
        .get("metadata")
        .filter(|metadata| metadata.is_object())
        .cloned()
        .unwrap_or_else(|| json!({}))
}

/// The name under which later messages may replace a display; it is not saved.
fn display_id(content: &Value) -> Option<&str> {
    content.get("transient")?.get("display_id")?.as_str()
}
