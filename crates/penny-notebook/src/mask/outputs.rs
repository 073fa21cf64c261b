//! An execution as it is saved: without secrets, not even the beginning of one that is still arriving.
//!
//! What can change no more (a line that has ended, a display) is masked in the notebook itself and not
//! searched again. A stream's last line may grow: it is masked for the moment of saving only, and what may
//! be the beginning of a secret at its end is held back until it is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::wraps::Wrap;
use super::{Found, Masker, blotted, texts};
use crate::area::Area;
use crate::execution::Execution;
use crate::notebook::object_at;
use crate::text;

/// How often each secret was found, by its name.
type Counts = BTreeMap<Arc<str>, u64>;

/// How far a list of outputs has been searched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Searched {
    /// The outputs before this one, and in it the lines before that one, hold no secret any more.
    output: usize,
    line: usize,
    /// Outputs before it that were changed since.
    stale: Vec<usize>,
    /// For each stream, where its last line stands as long as it has not ended: in several outputs,
    /// when another stream came between.
    open: BTreeMap<String, Vec<(usize, usize)>>,
    wraps: BTreeMap<String, Wrap>,
    counts: Counts,
}

/// A secret that was masked in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The cell, counted from 0 in [`Execution::notebook`]; none for the state of widgets.
    pub cell: Option<usize>,
    /// The variable that holds the secret, or what it looks like: `a bearer token`, `a password`,
    /// `a token`.
    pub name: String,
    /// How many times it was found.
    pub places: u64,
}

/// A value of the notebook that has another in its place while it is saved.
enum Original {
    Line { cell: usize, output: usize, line: usize, text: Value },
    Source { cell: usize, source: Value },
    Papermill(Value),
}

impl Searched {
    /// An output that was there already has changed.
    pub fn forget(&mut self, output: usize) {
        if output < self.output {
            self.stale.push(output);
        }
    }

    /// The lines from this output on are others now.
    pub fn forget_from(&mut self, output: usize) {
        if output <= self.output {
            (self.output, self.line) = (output, 0);
            self.open.values_mut().for_each(|segments| segments.retain(|at| at.0 < output));
            self.stale.retain(|&stale| stale < output);
        }
    }

    /// All outputs are gone; what was found in them is not forgotten.
    pub fn cleared(self) -> Searched {
        Searched { counts: self.counts, ..Searched::default() }
    }
}

impl Area {
    /// Masks in place whatever can change no more; at the end of an execution that is everything.
    fn settle(&mut self, outputs: &mut [Value], masker: &Masker, is_final: bool) {
        let searched = &mut self.searched;
        for stale in std::mem::take(&mut searched.stale) {
            if let Some(output) = outputs.get_mut(stale) {
                mask_output(output, masker, &mut searched.counts);
            }
        }
        while let Some(output) = outputs.get(searched.output) {
            if let Some(name) = stream_name(output) {
                let name = name.to_owned();
                let is_last = searched.output + 1 == outputs.len();
                searched.settle_stream(outputs, &name, masker);
                if is_last {
                    break;
                }
            } else {
                mask_output(&mut outputs[searched.output], masker, &mut searched.counts);
            }
            searched.output += 1;
            searched.line = 0;
        }
        if is_final {
            for (name, segments) in std::mem::take(&mut searched.open) {
                searched.mask_line(outputs, &name, &segments, masker);
            }
        }
    }
}

impl Searched {
    /// Masks the lines of a stream that have ended, each with what of it stands in earlier outputs.
    fn settle_stream(&mut self, outputs: &mut [Value], name: &str, masker: &Masker) {
        let count = lines_of(&outputs[self.output]).map_or(0, Vec::len);
        let mut segments = self.open.remove(name).unwrap_or_default();
        segments.retain(|at| at.0 != self.output);
        while self.line < count {
            segments.push((self.output, self.line));
            let ends = lines_of(&outputs[self.output])
                .and_then(|lines| lines[self.line].as_str())
                .is_some_and(|line| line.ends_with(['\n', '\r']));
            if self.line + 1 == count && !ends {
                break;
            }
            self.mask_line(outputs, name, &segments, masker);
            segments.clear();
            self.line += 1;
        }
        if !segments.is_empty() {
            self.open.insert(name.to_owned(), segments);
        }
    }

    /// Masks a line in place, which stands in one or several outputs.
    fn mask_line(
        &mut self,
        outputs: &mut [Value],
        name: &str,
        segments: &[(usize, usize)],
        masker: &Masker,
    ) {
        let mut wrap = self.wraps.remove(name);
        if let [(output, line)] = segments {
            // Nearly every line is one of these, and none is copied to be searched.
            if let Some(text) = line_mut(outputs, *output, *line) {
                let found = masker.find(text, &mut wrap, true);
                self.count(&found);
                if !found.is_empty() {
                    *text = blotted(text, 0, &found);
                }
            }
        } else {
            let whole = whole_line(outputs, segments);
            let found = masker.find(&whole, &mut wrap, true);
            self.count(&found);
            for (at, (output, line)) in offsets(outputs, segments) {
                if let Some(text) = line_mut(outputs, output, line) {
                    *text = blotted(text, at, &found);
                }
            }
        }
        if let Some(wrap) = wrap {
            self.wraps.insert(name.to_owned(), wrap);
        }
    }

    fn count(&mut self, found: &[Found]) {
        for found in found {
            *self.counts.entry(found.name.clone()).or_default() += 1;
        }
    }
}

impl Execution {
    /// The notebook as it may be saved at this moment: its bytes, with every secret that the masker knows
    /// or recognises masked in texts, HTML, JSON, errors and the states of widgets, and the known ones in
    /// sources and parameters too. Images and other bytes in base64 are passed over.
    ///
    /// Before [`Execution::finish`] what may be the beginning of a secret at the end of a stream is held
    /// back; nothing is lost: it is there in the next copy, or masked. What was found is told in the
    /// notebook's metadata (`penny.masked`) and by [`Execution::masked`].
    pub fn save_copy(&mut self, masker: &Masker) -> Vec<u8> {
        self.close_late();
        let is_final = self.finished;
        for cell in 0..self.cells.len() {
            if let Some((outputs, area)) = self.outputs(crate::area::Place::Cell(cell)) {
                area.settle(outputs, masker, is_final);
            }
        }
        self.write_widgets();
        self.mask_widgets(masker);
        let mut originals = Vec::new();
        for cell in 0..self.cells.len() {
            self.hold_back(cell, masker, &mut originals);
            self.mask_source(cell, masker, &mut originals);
        }
        self.mask_papermill(masker, &mut originals);
        self.tell_masked();
        let bytes = self.notebook.to_bytes();
        originals.into_iter().for_each(|original| self.restore(original));
        bytes
    }

    /// What was masked so far, by cell and name; complete after the last
    /// [`save_copy`](Execution::save_copy).
    pub fn masked(&self) -> Vec<Masked> {
        let cells = self.cells.iter().enumerate();
        let cells = cells.map(|(cell, state)| (Some(cell), &state.area.searched.counts));
        let all = cells.chain([(None, &self.widgets.masked)]);
        all.flat_map(|(cell, counts)| {
            counts.iter().map(move |(name, &places)| Masked {
                cell,
                name: name.to_string(),
                places,
            })
        })
        .collect()
    }

    /// Puts the lines that may still grow into the notebook as they may be shown.
    fn hold_back(&mut self, cell: usize, masker: &Masker, originals: &mut Vec<Original>) {
        let Some((outputs, area)) = self.outputs(crate::area::Place::Cell(cell)) else {
            return;
        };
        for (name, segments) in &area.searched.open {
            let whole = whole_line(outputs, segments);
            let found = masker.find(&whole, &mut area.searched.wraps.get(name).copied(), true);
            let held = masker.unfinished_from(&whole);
            // A secret whose end may still come is masked from its beginning on.
            let shown = found.iter().fold(held, |held, found| {
                if found.range.contains(&held) { found.range.end } else { held }
            });
            if found.is_empty() && shown == whole.len() {
                continue;
            }
            for (at, (output, line)) in offsets(outputs, segments) {
                let Some(text) = line_mut(outputs, output, line) else {
                    continue;
                };
                let kept = text::prefix(text, shown.saturating_sub(at));
                let changed = blotted(kept, at, &found);
                let text = Value::String(std::mem::replace(text, changed));
                originals.push(Original::Line { cell, output, line, text });
            }
        }
    }

    /// Puts a source without the known secrets in the place of one that holds some.
    fn mask_source(&mut self, cell: usize, masker: &Masker, originals: &mut Vec<Original>) {
        let state = &mut self.cells[cell];
        let Some(shown) = self.notebook.cell_mut(cell) else {
            return;
        };
        let Some(source) = shown.get_mut("source") else {
            return;
        };
        let masked = state.masked_source.get_or_insert_with(|| {
            let counts = &mut state.area.searched.counts;
            let changed = masker.masked_known(&text::join(source), &mut |name| {
                *counts.entry(name.clone()).or_default() += 1;
            });
            changed.map(|changed| text::lines(&changed))
        });
        if let Some(masked) = masked {
            let source = std::mem::replace(source, masked.clone());
            originals.push(Original::Source { cell, source });
        }
    }

    /// The parameters are in the metadata too.
    fn mask_papermill(&mut self, masker: &Masker, originals: &mut Vec<Original>) {
        let Some(mark) = self.notebook.metadata_mut().get_mut("papermill") else {
            return;
        };
        let mut masked = mark.clone();
        texts::change_json(&mut masked, &mut |text| masker.masked_known(text, &mut |_| {}));
        if masked != *mark {
            originals.push(Original::Papermill(std::mem::replace(mark, masked)));
        }
    }

    fn mask_widgets(&mut self, masker: &Masker) {
        if !std::mem::take(&mut self.widgets.is_to_be_searched) {
            return;
        }
        let is_final = self.finished;
        let mut counts = Counts::new();
        let widgets = self.notebook.metadata_mut().get_mut("widgets");
        let states = widgets.and_then(|widgets| widgets.as_object_mut()?.values_mut().next());
        let states = states.and_then(|states| states.get_mut("state")?.as_object_mut());
        for state in states.into_iter().flat_map(Map::values_mut) {
            if !is_final {
                hold_back_in_widget(state, masker);
            }
            mask_json(state, masker, &mut counts);
        }
        self.widgets.masked = counts;
    }

    /// Writes into the metadata what was masked.
    fn tell_masked(&mut self) {
        let told: Vec<Value> = self
            .masked()
            .into_iter()
            .map(|masked| {
                let id = masked.cell.and_then(|cell| self.notebook.cell(cell)?.get("id")).cloned();
                json!({ "cell": id, "name": masked.name, "places": masked.places })
            })
            .collect();
        if !told.is_empty() {
            object_at(self.notebook.metadata_mut(), "penny")
                .insert("masked".to_owned(), Value::Array(told));
        }
    }

    fn restore(&mut self, original: Original) {
        match original {
            Original::Line { cell, output, line, text } => {
                let outputs = self.outputs(crate::area::Place::Cell(cell));
                let lines = outputs.and_then(|(outputs, _)| lines_mut(outputs.get_mut(output)?));
                if let Some(place) = lines.and_then(|lines| lines.get_mut(line)) {
                    *place = text;
                }
            }
            Original::Source { cell, source } => {
                if let Some(cell) = self.notebook.cell_mut(cell) {
                    cell.insert("source".to_owned(), source);
                }
            }
            Original::Papermill(mark) => {
                self.notebook.metadata_mut().insert("papermill".to_owned(), mark);
            }
        }
    }
}

/// Holds back what an output widget's last text may begin.
fn hold_back_in_widget(state: &mut Value, masker: &Masker) {
    let outputs = state.get_mut("state").and_then(|state| state.get_mut("outputs")?.as_array_mut());
    for text in outputs.into_iter().flatten().filter_map(|output| output.get_mut("text")) {
        if let Value::String(text) = text {
            let line = text.rfind('\n').map_or(0, |at| at + 1);
            let shown = line + masker.unfinished_from(&text[line..]);
            text.truncate(shown);
        }
    }
}

fn mask_json(value: &mut Value, masker: &Masker, counts: &mut Counts) {
    texts::change_json(value, &mut |text| {
        masker.masked_counting(text, &mut |name| *counts.entry(name.clone()).or_default() += 1)
    });
}

fn mask_output(output: &mut Value, masker: &Masker, counts: &mut Counts) {
    texts::change_output(output, &mut |text| {
        masker.masked_counting(text, &mut |name| *counts.entry(name.clone()).or_default() += 1)
    });
}

fn stream_name(output: &Value) -> Option<&str> {
    (output.get("output_type")?.as_str()? == "stream").then_some(())?;
    output.get("text")?.as_array()?;
    output.get("name")?.as_str()
}

fn lines_of(output: &Value) -> Option<&Vec<Value>> {
    output.get("text")?.as_array()
}

fn lines_mut(output: &mut Value) -> Option<&mut Vec<Value>> {
    output.get_mut("text")?.as_array_mut()
}

fn line_mut(outputs: &mut [Value], output: usize, line: usize) -> Option<&mut String> {
    match lines_mut(outputs.get_mut(output)?)?.get_mut(line)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn line_of(outputs: &[Value], (output, line): (usize, usize)) -> &str {
    let lines = outputs.get(output).and_then(lines_of);
    lines.and_then(|lines| lines.get(line)?.as_str()).unwrap_or_default()
}

fn whole_line(outputs: &[Value], segments: &[(usize, usize)]) -> String {
    segments.iter().map(|&at| line_of(outputs, at)).collect()
}

/// Where each segment begins in the whole line.
fn offsets(outputs: &[Value], segments: &[(usize, usize)]) -> Vec<(usize, (usize, usize))> {
    let mut offset = 0;
    let begin = |&at: &(usize, usize)| {
        let begins = offset;
        offset += line_of(outputs, at).len();
        (begins, at)
    };
    segments.iter().map(begin).collect()
}
