//! A kernel's messages become a cell's outputs.

use serde_json::{Map, Value, json};

use crate::area::Place;
use crate::execution::Execution;
use crate::failure::Failure;
use crate::limits::{Limits, Weight};
use crate::mime;
use crate::notebook::object_at;

impl Execution {
    /// Folds one iopub message without binary data in; see [`Execution::apply_with`].
    pub fn apply(&mut self, cell: usize, msg_type: &str, content: &Value, now: &str) {
        self.apply_with::<&[u8]>(cell, msg_type, content, &[], now);
    }

    /// Folds one iopub message into the cell that it answers to: its type, its content, its binary data
    /// and when it came (RFC 3339). The cell may be one that has ended: a thread that it left behind
    /// still prints there, and its displays and widgets change.
    ///
    /// `stream`, `display_data`, `execute_result`, `error`, `update_display_data` (of any cell so far),
    /// `clear_output`, `execute_input`, `status`, and what widgets say (`comm_open`, `comm_msg`,
    /// `comm_close`) are understood; every other type is ignored, and so is what a message lacks.
    pub fn apply_with<B: AsRef<[u8]>>(
        &mut self,
        cell: usize,
        msg_type: &str,
        content: &Value,
        buffers: &[B],
        now: &str,
    ) {
        let place = self.widgets.place_of(cell);
        match msg_type {
            "stream" | "display_data" | "execute_result" | "error" | "clear_output" => {
                self.expect_late(cell);
                self.output(place, msg_type, content);
            }
            "update_display_data" => self.update_display(content),
            "comm_open" => self.widgets.open(content, buffers, self.limits),
            "comm_msg" => self.widgets.message(cell, content, buffers, self.limits),
            "comm_close" => self.widgets.close(content),
            // A cell that has ended keeps its count and its times.
            _ if self.cells.get(cell).is_some_and(|state| state.ended) => {}
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

    fn output(&mut self, place: Place, msg_type: &str, content: &Value) {
        match msg_type {
            "stream" => self.stream(place, content),
            "error" => {
                let failure = Failure::read(0, content);
                self.error(place, &failure);
                self.remember(place, failure);
            }
            "clear_output" => self.clear_output(place, content),
            _ => {
                // What was shown under the same name before shows the same from now on, as in Jupyter.
                self.update_display(content);
                self.display(place, msg_type, content);
            }
        }
        if let Place::Widget(widget) = place {
            self.widgets.touch(widget);
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

    /// How much may stand in a place.
    fn limits_at(&self, place: Place) -> Limits {
        match place {
            Place::Cell(_) => self.limits,
            Place::Widget(widget) => self.widgets.limits_of(widget, self.limits),
        }
    }

    fn stream(&mut self, place: Place, content: &Value) {
        let Some(text) =
            content.get("text").and_then(Value::as_str).filter(|text| !text.is_empty())
        else {
            return;
        };
        let name = content.get("name").and_then(Value::as_str).unwrap_or("stdout");
        self.clear_if_due(place);
        let limits = self.limits_at(place);
        let Some((outputs, area)) = self.outputs(place) else {
            return;
        };
        if !outputs.last().is_some_and(|output| is_stream(output, name)) {
            if !area.begin_output(limits.output_bytes_per_cell, text.len()) {
                return;
            }
            outputs.push(json!({ "name": name, "output_type": "stream", "text": [] }));
        }
        let stream = outputs.last_mut().and_then(|output| output.get_mut("text"));
        let lines =
            stream.and_then(Value::as_array_mut).expect("a stream of ours holds a list of lines");
        area.terminal.write(lines, text, &mut area.weight, limits);
    }

    fn display(&mut self, place: Place, output_type: &str, content: &Value) {
        let no_data = Value::Null;
        let data = content.get("data").unwrap_or(&no_data);
        let bytes = mime::weigh(data) + content.get("metadata").map_or(0, mime::weigh);
        self.clear_if_due(place);
        let limit = self.limits_at(place).output_bytes_per_cell;
        let Some((outputs, area)) = self.outputs(place) else {
            return;
        };
        if !area.fits(limit, bytes) {
            return area.weight.drop_bytes(bytes);
        }
        area.weight.add(bytes, bytes + Weight::OUTPUT);
        area.terminal.leave();
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
            let shown = (place, outputs.len() - 1);
            area.display_ids.push(id.to_owned());
            self.displays.entry(id.to_owned()).or_default().push(shown);
        }
    }

    /// Puts the new data in the place of the old, wherever the display is shown.
    fn update_display(&mut self, content: &Value) {
        let places =
            display_id(content).and_then(|id| self.displays.get(id)).cloned().unwrap_or_default();
        let bytes = content.get("data").map_or(0, mime::weigh)
            + content.get("metadata").map_or(0, mime::weigh);
        for (place, index) in places {
            let limit = self.limits_at(place).output_bytes_per_cell;
            let Some((outputs, area)) = self.outputs(place) else {
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
            if bytes > bytes_before && area.weight.used.saturating_sub(bytes_before) + bytes > limit
            {
                area.weight.drop_bytes(bytes);
                if let Place::Cell(cell) = place {
                    self.expect_late(cell);
                }
                continue;
            }
            area.weight.remove(bytes_before, bytes_before);
            area.weight.add(bytes, bytes);
            let data = content.get("data").map(mime::bundle).unwrap_or_default();
            output.insert("data".to_owned(), Value::Object(data));
            output.insert("metadata".to_owned(), metadata_of(content));
            area.searched.forget(index);
            if let Place::Widget(widget) = place {
                self.widgets.touch(widget);
            }
        }
    }

    /// Errors are kept beyond the limit: they are small, and what the reader looks for.
    pub(crate) fn error(&mut self, place: Place, failure: &Failure) {
        self.clear_if_due(place);
        let Some((outputs, area)) = self.outputs(place) else {
            return;
        };
        area.terminal.leave();
        outputs.push(json!({
            "ename": failure.ename,
            "evalue": failure.evalue,
            "output_type": "error",
            "traceback": failure.traceback,
        }));
    }

    /// Keeps what a cell under way raised first, in case the kernel answers all the same that all is well. What a
    /// widget shows is no failure of the cell, and neither is an exception that ends a program well.
    fn remember(&mut self, place: Place, failure: Failure) {
        if let Place::Cell(cell) = place
            && let Some(state) = self.cells.get_mut(cell)
            && !state.ended
            && state.raised.is_none()
            && !failure.is_exit()
        {
            state.raised = Some(Box::new(Failure { cell, ..failure }));
        }
    }

    fn clear_output(&mut self, place: Place, content: &Value) {
        if let Some((_, area)) = self.outputs(place) {
            area.clear_is_due = true;
        }
        if content.get("wait").and_then(Value::as_bool) != Some(true) {
            self.clear_if_due(place);
        }
    }

    fn clear_if_due(&mut self, place: Place) {
        let Some((outputs, area)) = self.outputs(place).filter(|(_, area)| area.clear_is_due)
        else {
            return;
        };
        outputs.clear();
        let area = std::mem::take(area);
        let ids = area.display_ids;
        let searched = area.searched.cleared();
        if let Some((_, area)) = self.outputs(place) {
            area.searched = searched;
        }
        for id in ids {
            if let Some(shown) = self.displays.get_mut(&id) {
                shown.retain(|(at, _)| *at != place);
            }
        }
    }
}

fn is_stream(output: &Value, name: &str) -> bool {
    output.get("output_type").and_then(Value::as_str) == Some("stream")
        && output.get("name").and_then(Value::as_str) == Some(name)
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
