//! An output notebook of which the outputs stay in the file until somebody asks for one.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use penny_notebook::Notebook;
use serde_json::Value;

use super::output_value;
use super::skim::Skim;
use crate::error::{Error, Result};

/// An output notebook.
pub struct OutputFile {
    state: State,
    /// The notebook without its outputs.
    notebook: Notebook,
    tree: Value,
    /// For each cell, where its outputs are.
    outputs: Vec<Vec<Place>>,
    /// The text, when what the file holds had to be put right.
    mended: Option<String>,
}

/// Where an output is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `stream`, `display_data`, `execute_result` or `error`.
    pub kind: String,
    /// How many bytes of the file it takes.
    pub bytes: usize,
    at: usize,
    /// Where its HTML begins, which is its best form though others may come before it.
    html: Option<usize>,
}

impl Place {
    /// Whether HTML is one of its forms.
    pub fn has_html(&self) -> bool {
        self.html.is_some()
    }
}

/// A file as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    path: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
}

/// Reads outputs out of a file that stays as it is, even when a later state takes its name.
pub struct Outputs<'a> {
    of: &'a OutputFile,
    file: File,
}

impl OutputFile {
    /// Looks an output notebook through.
    ///
    /// # Errors
    /// The file cannot be read, or is no notebook.
    pub fn open(path: &Path) -> Result<OutputFile> {
        let unreadable = |e| Error::file("read", path, e);
        let mut file = File::open(path).map_err(unreadable)?;
        let state = State::of(path, &file).map_err(unreadable)?;
        let mut bytes = Vec::with_capacity(usize::try_from(state.bytes).unwrap_or(0));
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        let mended = || -> Result<(Parts, String)> {
            let no_notebook =
                |why: String| Error::missing(format!("{} is no notebook: {why}", path.display()));
            let notebook = Notebook::parse(&bytes).map_err(|e| no_notebook(e.to_string()))?;
            let text = String::from_utf8(notebook.to_bytes()).unwrap_or_default();
            let parts =
                Parts::of(&text).ok_or_else(|| no_notebook("it has no cells".to_owned()))?;
            Ok((parts, text))
        };
        let plain = std::str::from_utf8(&bytes).ok().and_then(Parts::of);
        let (parts, mended) = match plain {
            Some(parts) => (parts, None),
            None => mended().map(|(parts, text)| (parts, Some(text)))?,
        };
        Ok(OutputFile {
            state,
            notebook: parts.notebook,
            tree: parts.tree,
            outputs: parts.outputs,
            mended,
        })
    }

    /// Whether the file is still as it was looked through.
    pub fn is_current(&self) -> bool {
        let there = File::open(&self.state.path);
        there.and_then(|file| State::of(&self.state.path, &file)).is_ok_and(|now| now == self.state)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.state.path
    }

    /// The notebook without its outputs.
    pub fn notebook(&self) -> &Notebook {
        &self.notebook
    }

    /// The cells as nbformat has them, without their outputs.
    pub fn cells(&self) -> &[Value] {
        self.tree["cells"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The outputs of a cell; none when there is no such cell.
    pub fn outputs(&self, cell: usize) -> &[Place] {
        self.outputs.get(cell).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many bytes it keeps in memory.
    pub fn weight(&self) -> usize {
        let places: usize = self.outputs.iter().map(|cell| cell.len() * 64).sum();
        let inside = self.outputs.iter().flatten().map(|place| place.bytes).sum::<usize>();
        let rest = usize::try_from(self.state.bytes).unwrap_or(usize::MAX).saturating_sub(inside);
        // The notebook and its tree.
        rest.saturating_mul(3) + places + self.mended.as_ref().map_or(0, String::len)
    }

    /// Opens the file to read outputs from it; nothing when another state has taken its place.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn reading(&self) -> Result<Option<Outputs<'_>>> {
        let unreadable = |e| Error::file("read", &self.state.path, e);
        let file = File::open(&self.state.path).map_err(unreadable)?;
        let now = State::of(&self.state.path, &file).map_err(unreadable)?;
        Ok((now == self.state).then_some(Outputs { of: self, file }))
    }
}

impl Outputs<'_> {
    /// An output of a cell, counted from 0, as nbformat has it, but for its lines, which are one text.
    ///
    /// # Errors
    /// The file cannot be read. One that is not there, or is no output, is nothing.
    pub fn output(&mut self, cell: usize, output: usize) -> Result<Option<Value>> {
        let Some(place) = self.of.outputs(cell).get(output) else { return Ok(None) };
        let range: Range<usize> = place.at..place.at + place.bytes;
        if let Some(text) = &self.of.mended {
            return Ok(text.get(range).and_then(output_value::read));
        }
        let bytes = self.read(place.at, place.bytes)?;
        let text = std::str::from_utf8(&bytes).ok();
        Ok(text.and_then(|text| output_value::read(text).or_else(|| mended(text))))
    }

    /// The beginning of an output that is too large to be shown: what its first bytes hold.
    ///
    /// # Errors
    /// The file cannot be read. One that is not there, or of which so few bytes tell nothing, is nothing.
    pub fn beginning(&mut self, cell: usize, output: usize, bytes: usize) -> Result<Option<Value>> {
        let Some(place) = self.of.outputs(cell).get(output) else { return Ok(None) };
        let from = place.html.unwrap_or(place.at);
        let until = (from + bytes).min(place.at + place.bytes);
        let begun = match &self.of.mended {
            Some(text) => text.as_bytes()[from..until].to_vec(),
            None => self.read(from, until - from)?,
        };
        // The last letter may be there in part.
        let begun = begun.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Ok(match place.html {
            Some(_) => {
                let text = format!("{{\"data\":{{\"text/html\":{begun}");
                output_value::read_beginning(&text, &place.kind)
            }
            None => output_value::read_beginning(begun, &place.kind),
        })
    }

    fn read(&mut self, at: usize, count: usize) -> Result<Vec<u8>> {
        let unreadable = |e| Error::file("read", &self.of.state.path, e);
        let mut bytes = vec![0; count];
        self.file.seek(SeekFrom::Start(at as u64)).map_err(unreadable)?;
        self.file.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }
}

/// An output that is no JSON by the book (half of a pair of surrogates), put right as a notebook is.
fn mended(output: &str) -> Option<Value> {
    let cell =
        format!(r#"{{"cell_type":"code","metadata":{{}},"source":"","outputs":[{output}]}}"#);
    let text = format!(r#"{{"cells":[{cell}],"metadata":{{}},"nbformat":4,"nbformat_minor":4}}"#);
    let notebook = Notebook::parse(text.as_bytes()).ok()?;
    let tree: Value = serde_json::from_slice(&notebook.to_bytes()).ok()?;
    output_value::read(&tree["cells"][0]["outputs"][0].to_string())
}

impl State {
    fn of(path: &Path, file: &File) -> std::io::Result<State> {
        let about = file.metadata()?;
        Ok(State { path: path.to_owned(), bytes: about.len(), modified: about.modified().ok() })
    }
}

/// What is kept of a notebook's text.
struct Parts {
    notebook: Notebook,
    tree: Value,
    outputs: Vec<Vec<Place>>,
}

impl Parts {
    /// Goes over the text once; nothing when it is not the JSON of a notebook with cells.
    fn of(text: &str) -> Option<Parts> {
        let mut outputs: Vec<Vec<Place>> = Vec::new();
        let mut lists: Vec<Range<usize>> = Vec::new();
        let mut skim = Skim::new(text);
        skim.object(|skim, key| match key {
            "cells" => skim.list(|skim| {
                outputs.push(cell(skim, &mut lists)?);
                Some(())
            }),
            _ => skim.skip().map(drop),
        })?;
        let mut rest = String::with_capacity(text.len().min(1 << 20));
        let mut from = 0;
        for list in lists {
            rest.push_str(&text[from..list.start]);
            rest.push_str("[]");
            from = list.end;
        }
        rest.push_str(&text[from..]);
        let tree: Value = serde_json::from_str(&rest).ok()?;
        let notebook = Notebook::parse(rest.as_bytes()).ok()?;
        (notebook.cell_count() == outputs.len()).then_some(Parts { notebook, tree, outputs })
    }
}

/// A cell: where its outputs are, and where their list is.
fn cell(skim: &mut Skim<'_>, lists: &mut Vec<Range<usize>>) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    skim.object(|skim, key| {
        if key != "outputs" || !skim.begins_with(b'[') {
            return skim.skip().map(drop);
        }
        let begin = skim.place();
        skim.list(|skim| {
            places.push(output(skim)?);
            Some(())
        })?;
        lists.push(begin..skim.end());
        Some(())
    })?;
    Some(places)
}

fn output(skim: &mut Skim<'_>) -> Option<Place> {
    let (mut kind, mut html) = (String::new(), None);
    let at = skim.place();
    skim.object(|skim, key| {
        if key == "data" && skim.begins_with(b'{') {
            return skim.object(|skim, key| {
                let begin = skim.place();
                html = html.or((key == "text/html").then_some(begin));
                skim.skip().map(drop)
            });
        }
        if key == "output_type" && skim.begins_with(b'"') {
            kind = skim.read()?;
            return Some(());
        }
        skim.skip().map(drop)
    })?;
    Some(Place { kind, bytes: skim.end() - at, at, html })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("n.ipynb");
        std::fs::write(&path, text).expect("written");
        (folder, path)
    }

    fn notebook(outputs: Value) -> Value {
        let code = json!({"cell_type": "code", "id": "a", "metadata": {}, "source": ["x\n", "y"],
                          "execution_count": 3, "outputs": outputs});
        let text = json!({"cell_type": "markdown", "id": "b", "metadata": {}, "source": "# é"});
        json!({"cells": [text, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    }

    #[test]
    fn outputs_are_read_when_they_are_asked_for() {
        let shown = json!([{"output_type": "stream", "name": "stdout", "text": ["é\n", "b"]},
                           {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}]);
        for text in [notebook(shown.clone()).to_string(), format!("{:#}", notebook(shown))] {
            let (_folder, path) = written(&text);
            let file = OutputFile::open(&path).expect("read");
            assert!(file.is_current());
            assert_eq!((file.cells().len(), file.notebook().source(1).as_str()), (2, "x\ny"));
            assert_eq!(file.cells()[1]["outputs"], json!([]));
            let kinds: Vec<&str> = file.outputs(1).iter().map(|o| o.kind.as_str()).collect();
            assert_eq!(kinds, ["stream", "error"]);
            let mut reading = file.reading().expect("opened").expect("it is the same");
            let mut text = |cell, output| reading.output(cell, output).expect("read");
            assert_eq!(text(1, 0).expect("there")["text"], "é\nb");
            assert_eq!(text(1, 1).expect("there")["ename"], "E");
            assert_eq!((text(1, 2), text(0, 0), text(9, 0)), (None, None, None));
            for bytes in 0..200 {
                let begun = reading.beginning(1, 0, bytes).expect("read");
                let begun = begun.unwrap_or_else(|| json!({"text": ""}));
                let begun = begun["text"].as_str().unwrap_or_default();
                assert!("é\nb".starts_with(begun), "{bytes}: {begun}");
            }
            assert_eq!(reading.beginning(1, 0, 200).expect("read").expect("there")["text"], "é\nb");
        }
    }

    #[test]
    fn the_beginning_of_a_table_is_a_table() {
        let table = ["<table>\n", "<tr><td>1</td></tr>\n", "</table>"];
        let shown = json!([{"output_type": "execute_result", "metadata": {}, "execution_count": 1,
                            "data": {"text/plain": "un long texte", "text/html": table}}]);
        let (_folder, path) = written(&notebook(shown).to_string());
        let file = OutputFile::open(&path).expect("read");
        let mut reading = file.reading().expect("opened").expect("it is the same");
        let begun = reading.beginning(1, 0, 20).expect("read").expect("there");
        assert_eq!(begun["data"], json!({"text/html": "<table>\n<tr><t"}));
        assert_eq!(begun["output_type"], "execute_result");
    }

    #[test]
    fn a_later_state_of_the_file_is_not_read_with_the_places_of_an_earlier_one() {
        let (_folder, path) = written(&notebook(json!([])).to_string());
        let file = OutputFile::open(&path).expect("read");
        let reading = file.reading().expect("opened");
        assert!(reading.is_some());
        std::fs::write(&path, notebook(json!([{"output_type": "stream"}])).to_string())
            .expect("written");
        assert!(!file.is_current());
        assert!(file.reading().expect("opened").is_none());
    }

    #[test]
    fn what_python_writes_and_json_forbids_is_mended() {
        let text = notebook(json!([{"output_type": "execute_result", "data": {"text/plain": "1"},
                                    "metadata": {"x": 1}, "execution_count": 3}]));
        let (_folder, path) = written(&text.to_string().replace("{\"x\":1}", "{\"x\": NaN}"));
        let file = OutputFile::open(&path).expect("read");
        let mut reading = file.reading().expect("opened").expect("it is the same");
        let output = reading.output(1, 0).expect("read").expect("there");
        assert_eq!(output["data"]["text/plain"], "1");
        let half =
            notebook(json!([{"output_type": "stream", "name": "stdout", "text": ["a", "HALF"]}]));
        let (_folder, path) = written(&half.to_string().replace("HALF", "\\ud83d"));
        let file = OutputFile::open(&path).expect("read");
        let mut reading = file.reading().expect("opened").expect("it is the same");
        let output = reading.output(1, 0).expect("read").expect("there");
        assert!(output["text"].as_str().is_some_and(|text| text.starts_with('a')), "{output}");
        assert!(OutputFile::open(&written("{}").1).is_err());
    }
}
