//! The cells of an output notebook, as a reader sees them.

use std::path::Path;
use std::time::Duration;

use penny_notebook::without_ansi;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::output_file::{OutputFile, Place};
use crate::error::{Error, Result};

/// The cells that point at a failure: marks of the execution, not of the notebook.
const MARKER_TAG: &str = "papermill-error-cell-tag";
const INJECTED_TAG: &str = "injected-parameters";

/// What a cell showed as text is kept up to so many bytes: it is to be compared, and two notebooks are in memory.
const TEXT_MAX: usize = 4_000_000;

/// A file that is written meanwhile is looked through at most so often.
const READINGS_MAX: usize = 3;

/// The cells of an output notebook.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// In their order.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its place among the cells of the file, from 0.
    pub place: usize,
    /// Its id; empty in notebooks of a time when cells had none.
    pub id: String,
    /// Whether it is code.
    pub kind: CellKind,
    /// Which of the code cells it is, from 1, as a reader counts them.
    pub number: Option<usize>,
    /// The nearest heading above.
    pub heading: Option<String>,
    /// Whether Penny wrote the parameters of penny.toml into it.
    pub injected: bool,
    /// Its source.
    pub source: String,
    /// What it showed.
    pub outputs: Vec<Shown>,
    /// How long it took.
    pub took: Option<Duration>,
    /// `pending`, `running`, `completed` or `failed`, if it was executed.
    pub status: Option<String>,
}

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Code.
    Code,
    /// Text.
    Markdown,
    /// Neither.
    Raw,
}

/// What a cell showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Text, a table as text among it.
    Text(String),
    /// What it raised: the exception's name and text.
    Error(String, String),
    /// An image or anything else that is not text: its kind, and the hash of what it is.
    Other(String, String),
}

impl Cells {
    /// Reads an output notebook.
    ///
    /// # Errors
    /// The file cannot be read, or is no notebook.
    pub fn read(path: &Path) -> Result<Cells> {
        for _ in 0..READINGS_MAX {
            if let Some(cells) = Cells::of(&OutputFile::open(path)?, |_| true)? {
                return Ok(cells);
            }
        }
        Err(Error::missing(format!("{} changes again and again", path.display())))
    }

    /// The cells of an output notebook, with those of their outputs that are wanted; nothing when another state of
    /// the file has taken its place.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(file: &OutputFile, wanted: impl Fn(&Place) -> bool) -> Result<Option<Cells>> {
        let Some(mut reading) = file.reading()? else { return Ok(None) };
        let mut number = 0;
        let mut heading = None;
        let mut cells = Vec::new();
        for (place, cell) in file.cells().iter().enumerate() {
            let tags = file.notebook().tags(place);
            if tags.contains(&MARKER_TAG) {
                continue;
            }
            let kind = match cell["cell_type"].as_str() {
                Some("code") => CellKind::Code,
                Some("markdown") => CellKind::Markdown,
                _ => CellKind::Raw,
            };
            number += usize::from(kind == CellKind::Code);
            // Only a text cell can have changed what is above the next one.
            if place > 0 && file.cells()[place - 1]["cell_type"] == "markdown" {
                heading = file.notebook().heading_before(place);
            }
            let mut shown = Vec::new();
            for (at, _) in file.outputs(place).iter().enumerate().filter(|(_, o)| wanted(o)) {
                add(&mut shown, reading.output(place, at)?.unwrap_or_default());
            }
            let mark = &cell["metadata"]["papermill"];
            let seconds = mark["duration"].as_f64();
            cells.push(Cell {
                place,
                id: cell["id"].as_str().unwrap_or_default().to_owned(),
                kind,
                number: (kind == CellKind::Code).then_some(number),
                heading: heading.clone(),
                injected: tags.contains(&INJECTED_TAG),
                source: file.notebook().source(place),
                outputs: shown,
                took: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
                status: mark["status"].as_str().map(str::to_owned),
            });
        }
        Ok(Some(Cells { cells }))
    }

    /// The code cells.
    pub fn code(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|cell| cell.kind == CellKind::Code)
    }
}

impl Cell {
    /// "cell 4 (Extraction)".
    pub fn name(&self) -> String {
        let number = match self.number {
            Some(number) => format!("cell {number}"),
            None => "text".to_owned(),
        };
        match &self.heading {
            _ if self.injected => format!("{number} (the parameters that penny.toml gives)"),
            Some(heading) => format!("{number} ({})", heading.trim()),
            None => number,
        }
    }

    /// Its first line that does something; in a cell of comments alone, the first of them.
    pub fn first_line(&self) -> &str {
        let mut lines = self.source.lines().map(str::trim).filter(|line| !line.is_empty());
        let is_code = |line: &&str| self.kind != CellKind::Code || !line.starts_with('#');
        lines.clone().find(is_code).or_else(|| lines.next()).unwrap_or_default()
    }

    /// What it raised.
    pub fn error(&self) -> Option<(&str, &str)> {
        self.outputs.iter().find_map(|output| match output {
            Shown::Error(name, text) => Some((name.as_str(), text.as_str())),
            _ => None,
        })
    }
}

/// Adds an output: texts that follow one another are one.
fn add(shown: &mut Vec<Shown>, output: Value) {
    let one = match output["output_type"].as_str() {
        Some("stream") => Some(Shown::Text(plain(&output["text"]))),
        Some("error") => {
            Some(Shown::Error(plain(&output["ename"]), plain(&output["evalue"]).trim().to_owned()))
        }
        _ => of_data(&output["data"]),
    };
    match (shown.last_mut(), one) {
        (Some(Shown::Text(before)), Some(Shown::Text(text))) => {
            if !before.is_empty() && !before.ends_with('\n') {
                before.push('\n');
            }
            before.push_str(&cut(text, TEXT_MAX.saturating_sub(before.len())));
        }
        (_, Some(Shown::Text(text))) => shown.push(Shown::Text(cut(text, TEXT_MAX))),
        (_, one) => shown.extend(one),
    }
}

/// A text up to the end of a line before so many bytes; of what follows, how much it is and its hash.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() <= bytes {
        return text;
    }
    let end =
        text.as_bytes()[..bytes].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = text.split_off(end);
    text + &format!("[and {} bytes more, {}]", rest.len(), hash_of(rest.as_bytes()))
}

/// The richest form that can be compared: an image is not its text `<Figure size 640x480>`.
fn of_data(data: &Value) -> Option<Shown> {
    let data = data.as_object()?;
    let is_text = |kind: &str| kind.starts_with("text/");
    let image = data.iter().find(|(kind, _)| kind.starts_with("image/"));
    let other = || data.iter().find(|(kind, _)| !is_text(kind));
    if let Some((kind, content)) = image {
        return Some(Shown::Other(kind.clone(), hash(content)));
    }
    if let Some(text) = data.get("text/plain").or_else(|| data.get("text/markdown")) {
        return Some(Shown::Text(plain(text)));
    }
    if let Some((kind, content)) = other() {
        return Some(Shown::Other(kind.clone(), hash(content)));
    }
    data.iter().next().map(|(_, text)| Shown::Text(plain(text)))
}

/// A text that nbformat keeps as one string or as lines, without colours.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    };
    without_ansi(&text).to_string()
}

fn hash(content: &Value) -> String {
    let bytes = match content {
        Value::String(text) => text.trim().as_bytes().to_vec(),
        other => other.to_string().into_bytes(),
    };
    hash_of(&bytes)
}

fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(cells: Value) -> Vec<Cell> {
        let tree = json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
        let bytes = serde_json::to_vec(&tree).expect("JSON");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("n.ipynb");
        std::fs::write(&path, bytes).expect("written");
        Cells::read(&path).expect("read").cells
    }

    fn code(id: &str, source: &str, outputs: Value) -> Value {
        json!({"cell_type": "code", "id": id, "metadata": {"papermill":
            {"duration": 1.5, "status": "completed"}}, "source": source,
            "execution_count": 1, "outputs": outputs})
    }

    #[test]
    fn cells_are_numbered_and_named_as_a_reader_counts_them() {
        let marker = json!({"cell_type": "markdown", "id": "m", "source": "An exception",
                            "metadata": {"tags": ["papermill-error-cell-tag"]}});
        let heading =
            json!({"cell_type": "markdown", "id": "h", "metadata": {}, "source": "## Export"});
        let cells = read(json!([
            marker,
            code("a", "x = 1", json!([])),
            heading,
            code("b", "\n# note\n y\n", json!([])),
            code("c", "# only", json!([]))
        ]));
        let names: Vec<String> = cells.iter().map(Cell::name).collect();
        assert_eq!(names, ["cell 1", "text", "cell 2 (Export)", "cell 3 (Export)"]);
        assert_eq!((cells[2].first_line(), cells[3].first_line()), ("y", "# only"));
        assert_eq!(cells[2].took, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn outputs_are_what_a_reader_sees() {
        let outputs = json!([
            {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
            {"output_type": "execute_result", "execution_count": 1, "metadata": {},
             "data": {"text/html": "<table>", "text/plain": "   x\n0  1"}},
            {"output_type": "display_data", "metadata": {},
             "data": {"image/png": "iVBO", "text/plain": "<Figure>"}},
            {"output_type": "error", "ename": "KeyError", "evalue": "\u{1b}[31m'x'\u{1b}[0m", "traceback": []},
        ]);
        let cell = &read(json!([code("a", "x", outputs)]))[0];
        assert_eq!(cell.outputs.len(), 3);
        assert_eq!(cell.outputs[0], Shown::Text("a\nb\n   x\n0  1".into()));
        assert!(matches!(&cell.outputs[1], Shown::Other(kind, _) if kind == "image/png"));
        assert_eq!(cell.error(), Some(("KeyError", "'x'")));
    }

    #[test]
    fn of_a_large_text_the_rest_is_known_by_its_hash() {
        let line = format!("{}\n", "x".repeat(99));
        let printed = |lines: usize, last: &str| {
            let text = line.repeat(lines) + last;
            let stream = json!({"output_type": "stream", "name": "stdout", "text": text});
            match &read(json!([code("a", "x", json!([stream, stream]))]))[0].outputs[..] {
                [Shown::Text(text)] => text.clone(),
                other => panic!("{} outputs", other.len()),
            }
        };
        let (one, other) = (printed(50_000, "1"), printed(50_000, "2"));
        assert!(one.len() < TEXT_MAX + 200 && one != other, "{} bytes", one.len());
        assert!(one.contains("\n[and 1000001 bytes more, "), "{}", &one[one.len() - 200..]);
        assert!(one.contains("\n[and 5000001 bytes more, "), "{}", &one[one.len() - 200..]);
        assert_eq!(printed(1, "1"), format!("{line}1\n{line}1"));
    }

    #[test]
    fn a_file_that_is_no_notebook_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("n.ipynb");
        let said = |path: &Path| Cells::read(path).expect_err("it cannot be read").sentence();
        assert!(said(&path).contains("n.ipynb"), "{}", said(&path));
        std::fs::write(&path, "{").expect("written");
        assert!(said(&path).contains("n.ipynb is no notebook"), "{}", said(&path));
    }
}
