//! The state of widgets, as nbclient keeps it: a notebook opened later shows them as they were.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::area::{Area, Place};
use crate::execution::Execution;
use crate::limits::{Dropped, Limits, Weight};
use crate::{mime, text};

const TARGET: &str = "jupyter.widget";
const OUTPUT_MODULE: &str = "@jupyter-widgets/output";
const OUTPUT_MODEL: &str = "OutputModel";
const STATE_MIME: &str = "application/vnd.jupyter.widget-state+json";

/// All widgets of an execution.
#[derive(Clone, Debug, Default)]
pub(crate) struct Widgets {
    widgets: Vec<Widget>,
    by_id: HashMap<String, usize>,
    /// The output widgets that take what a cell puts out, the last one first of all.
    capturing: HashMap<usize, Vec<usize>>,
    weight: Weight,
    /// Whether the notebook's metadata hold an earlier state.
    changed: bool,
    /// Whether the state in the metadata was not searched for secrets.
    pub is_to_be_searched: bool,
    /// How often each secret was found in it, by its name.
    pub masked: BTreeMap<Arc<str>, u64>,
}

#[derive(Clone, Debug, Default)]
struct Widget {
    id: String,
    state: Map<String, Value>,
    /// Binary values by where they belong in the state.
    buffers: Vec<(Value, Value)>,
    /// What an output widget shows.
    outputs: Vec<Value>,
    area: Area,
    /// What the outputs have taken of the limit for all widgets.
    charged: usize,
}

impl Widget {
    fn shows_outputs(&self) -> bool {
        let is = |key: &str, expected: &str| {
            self.state.get(key).and_then(Value::as_str) == Some(expected)
        };
        is("_model_module", OUTPUT_MODULE) && is("_model_name", OUTPUT_MODEL)
    }

    /// The widget as a notebook holds it; none for one that no frontend could show.
    fn saved(&self) -> Option<Value> {
        let name = self.state.get("_model_name")?;
        let part = |key: &str| self.state.get(key).cloned().unwrap_or(Value::Null);
        let mut state = self.state.clone();
        if self.shows_outputs() {
            state.insert("outputs".to_owned(), self.outputs.iter().map(as_sent).collect());
        }
        let mut saved = json!({
            "model_name": name,
            "model_module": part("_model_module"),
            "model_module_version": part("_model_module_version"),
            "state": state,
        });
        if !self.buffers.is_empty() {
            saved["buffers"] = self.buffers.iter().map(|(_, buffer)| buffer.clone()).collect();
        }
        Some(saved)
    }
}

impl Widgets {
    /// Where a cell's output goes now: under the cell, or into the widget that takes it.
    pub fn place_of(&self, cell: usize) -> Place {
        let widget = self.capturing.get(&cell).and_then(|widgets| widgets.last());
        widget.map_or(Place::Cell(cell), |&widget| Place::Widget(widget))
    }

    pub fn outputs(&mut self, widget: usize) -> Option<(&mut Vec<Value>, &mut Area)> {
        let widget = self.widgets.get_mut(widget)?;
        Some((&mut widget.outputs, &mut widget.area))
    }

    /// How much a widget's outputs may hold, so that all widgets together stay within the limit.
    pub fn limits_of(&self, widget: usize, limits: Limits) -> Limits {
        let charged = self.widgets.get(widget).map_or(0, |widget| widget.charged);
        Limits { output_bytes_per_cell: charged + self.weight.left(limits) }
    }

    /// Notes that what a widget shows has changed.
    pub fn touch(&mut self, widget: usize) {
        let Some(widget) = self.widgets.get_mut(widget) else {
            return;
        };
        let used = widget.area.weight.used;
        let charged = std::mem::replace(&mut widget.charged, used);
        self.weight.remove(charged, charged);
        self.weight.add(used, used);
        self.changed = true;
    }

    /// What was written last may lack what was held back.
    pub fn write_again(&mut self) {
        self.changed = true;
    }

    /// What the limit kept out of all widgets' states.
    pub fn dropped(&self) -> Option<Dropped> {
        let mut all = self.weight;
        all.dropped_bytes +=
            self.widgets.iter().map(|widget| widget.area.weight.dropped_bytes).sum::<u64>();
        all.dropped()
    }

    pub fn open<B: AsRef<[u8]>>(&mut self, content: &Value, buffers: &[B], limits: Limits) {
        let Some(id) = comm_id(content) else {
            return;
        };
        if content.get("target_name").and_then(Value::as_str) != Some(TARGET) {
            return;
        }
        if !self.by_id.contains_key(id) {
            if self.weight.left(limits) < Weight::OUTPUT {
                return self.weight.drop_bytes(mime::weigh(content));
            }
            self.weight.add(0, Weight::OUTPUT);
            self.by_id.insert(id.to_owned(), self.widgets.len());
            self.widgets.push(Widget { id: id.to_owned(), ..Widget::default() });
        }
        self.update(self.by_id[id], content, buffers, limits);
    }

    pub fn message<B: AsRef<[u8]>>(
        &mut self,
        cell: usize,
        content: &Value,
        buffers: &[B],
        limits: Limits,
    ) {
        let Some(&widget) = comm_id(content).and_then(|id| self.by_id.get(id)) else {
            return;
        };
        self.update(widget, content, buffers, limits);
        let msg_id = content.get("data").and_then(|data| data.get("state")?.get("msg_id"));
        if let Some(msg_id) = msg_id.and_then(Value::as_str)
            && self.widgets[widget].shows_outputs()
        {
            self.capture(cell, widget, !msg_id.is_empty());
        }
    }

    /// A widget that is closed takes no more output; what it showed stays, as with nbclient.
    pub fn close(&mut self, content: &Value) {
        if let Some(&widget) = comm_id(content).and_then(|id| self.by_id.get(id)) {
            self.release(widget);
        }
    }

    fn capture(&mut self, cell: usize, widget: usize, begins: bool) {
        self.release(widget);
        if begins {
            self.capturing.entry(cell).or_default().push(widget);
        }
    }

    fn release(&mut self, widget: usize) {
        self.capturing.retain(|_, widgets| {
            widgets.retain(|&capturing| capturing != widget);
            !widgets.is_empty()
        });
    }

    /// Takes the new values of a widget's state, each as far as the limit allows.
    fn update<B: AsRef<[u8]>>(
        &mut self,
        widget: usize,
        content: &Value,
        buffers: &[B],
        limits: Limits,
    ) {
        let data = content.get("data").unwrap_or(&Value::Null);
        let Some(state) = data.get("state").and_then(Value::as_object) else {
            return;
        };
        for (key, value) in state {
            let before = self.widgets[widget].state.get(key).map_or(0, |old| weigh(key, old));
            if self.admit(before, weigh(key, value), limits) {
                self.widgets[widget].state.insert(key.clone(), value.clone());
            }
        }
        if let Some(outputs) = state.get("outputs").and_then(Value::as_array) {
            let shown = &mut self.widgets[widget];
            shown.outputs = outputs.iter().map(as_folded).collect();
            shown.area = Area::default();
            let bytes = shown.outputs.iter().map(mime::weigh).sum();
            shown.area.weight.add(bytes, bytes + Weight::OUTPUT * shown.outputs.len());
            self.touch(widget);
        }
        let paths = data.get("buffer_paths").and_then(Value::as_array).into_iter().flatten();
        for (path, buffer) in paths.zip(buffers) {
            self.store_buffer(widget, path, buffer.as_ref(), limits);
        }
    }

    fn store_buffer(&mut self, widget: usize, path: &Value, buffer: &[u8], limits: Limits) {
        let held = &self.widgets[widget].buffers;
        let index = held.iter().position(|(at, _)| at == path);
        let before = index.map_or(0, |index| mime::weigh(&held[index].1));
        let encoded = json!({ "data": BASE64.encode(buffer), "encoding": "base64", "path": path });
        if !self.admit(before, mime::weigh(&encoded), limits) {
            return;
        }
        match index {
            Some(index) => self.widgets[widget].buffers[index].1 = encoded,
            None => self.widgets[widget].buffers.push((path.clone(), encoded)),
        }
    }

    /// Whether a value may take the place of another; it is counted either way.
    fn admit(&mut self, before: usize, after: usize, limits: Limits) -> bool {
        let grows_by = after.saturating_sub(before);
        if grows_by > self.weight.left(limits) {
            self.weight.drop_bytes(after);
            return false;
        }
        self.changed = true;
        self.weight.remove(before, before);
        self.weight.add(after, after);
        true
    }

    /// The state that a notebook's metadata hold, if there are widgets to show.
    fn saved(&self) -> Option<Value> {
        let widgets = self.widgets.iter();
        let state: Map<String, Value> =
            widgets.filter_map(|widget| Some((widget.id.clone(), widget.saved()?))).collect();
        (!state.is_empty()).then(
            || json!({ STATE_MIME: { "state": state, "version_major": 2, "version_minor": 0 } }),
        )
    }

    /// The state to be written, if it is another than what was written last.
    pub fn take_changed(&mut self) -> Option<Value> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        self.saved()
    }
}

impl Execution {
    /// Writes the widgets' states into the notebook's metadata, if there is something new.
    pub(crate) fn write_widgets(&mut self) {
        if let Some(widgets) = self.widgets.take_changed() {
            self.notebook.metadata_mut().insert("widgets".to_owned(), widgets);
            self.widgets.is_to_be_searched = true;
        }
    }

    /// What the limit for one cell's output, which holds for all widgets together too, kept out of the
    /// widgets' states, if anything.
    pub fn dropped_widgets(&self) -> Option<Dropped> {
        self.widgets.dropped()
    }
}

fn weigh(key: &str, value: &Value) -> usize {
    key.len() + mime::weigh(value)
}

fn comm_id(content: &Value) -> Option<&str> {
    content.get("comm_id")?.as_str()
}

/// An output as widgets hold it: as the kernel sent it, with texts in one piece.
fn as_sent(output: &Value) -> Value {
    let mut output = output.clone();
    for_each_text(&mut output, |text| *text = Value::String(text::join(text)));
    output
}

/// An output of a widget's state as it is folded on.
fn as_folded(output: &Value) -> Value {
    let mut output = output.clone();
    for_each_text(&mut output, |text| *text = text::lines(&text::join(text)));
    output
}

fn for_each_text(output: &mut Value, change: impl Fn(&mut Value)) {
    let is_text = |value: &Value| value.is_string() || value.is_array();
    if let Some(text) = output.get_mut("text").filter(|text| is_text(text)) {
        change(text);
    }
    let data = output.get_mut("data").and_then(Value::as_object_mut);
    for (_, value) in data.into_iter().flatten().filter(|(mime, _)| mime::is_lines(mime)) {
        if is_text(value) {
            change(value);
        }
    }
}
