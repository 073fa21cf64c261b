//! The notebook: a model over the JSON that keeps everything it does not know.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::headings::last_heading;
use crate::read::{self, ReadError};
use crate::text::join;

/// The tag of a cell that is not run, as nbclient knows it.
const SKIP_TAG: &str = "skip-execution";
/// The tag of the cell whose values parameters override.
pub(crate) const PARAMETERS_TAG: &str = "parameters";

/// A Jupyter notebook: every key, their order, attachments and the two ways to write a source are kept.
///
/// Two notebooks are equal when their content is; how they were read does not count.
#[derive(Clone, Debug)]
pub struct Notebook {
    /// An object whose `cells` is an array of objects; `read` and `upgrade` see to it.
    root: Map<String, Value>,
    notes: Vec<String>,
}

impl PartialEq for Notebook {
    fn eq(&self, other: &Notebook) -> bool {
        self.root == other.root
    }
}

impl Notebook {
    /// Reads a notebook of format 4 (any minor number), or upgrades one of format 3 in memory.
    ///
    /// The bytes are UTF-8, with or without a byte order mark. What JSON forbids and Python writes all
    /// the same (a bare `NaN`, half of a surrogate pair) is replaced and said in [`Notebook::notes`].
    ///
    /// # Errors
    /// A sentence that says what the bytes are instead of a notebook; it names no path.
    pub fn parse(bytes: &[u8]) -> Result<Notebook, ReadError> {
        read::parse(bytes)
    }

    pub(crate) fn from_parts(root: Map<String, Value>, notes: Vec<String>) -> Notebook {
        Notebook { root, notes }
    }

    /// What reading had to change, in sentences without a full stop; most often nothing.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The notebook as Jupyter writes it: indented by one space, UTF-8 unescaped, with a final newline.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
        self.root
            .serialize(&mut serializer)
            .expect("a JSON value with string keys is written to memory");
        bytes.push(b'\n');
        bytes
    }

    /// The number of cells of every kind.
    pub fn cell_count(&self) -> usize {
        self.cells().len()
    }

    /// Whether the cell (counted from 0) holds code; false when there is no such cell.
    pub fn is_code(&self, cell: usize) -> bool {
        self.cell_type(cell) == Some("code")
    }

    /// Whether the cell (counted from 0) has code that a kernel is to run: not blank, and without the tag that leaves it out.
    pub fn has_code_to_run(&self, cell: usize) -> bool {
        self.is_code(cell)
            && !self.source(cell).trim().is_empty()
            && !self.tags(cell).contains(&SKIP_TAG)
    }

    /// The cell's source as one text; empty when there is no such cell.
    pub fn source(&self, cell: usize) -> String {
        self.cell(cell).and_then(|cell| cell.get("source")).map(join).unwrap_or_default()
    }

    /// The cell's tags; none when there is no such cell.
    pub fn tags(&self, cell: usize) -> Vec<&str> {
        self.cell(cell).map(tags_of).unwrap_or_default()
    }

    /// The name of the kernelspec that the notebook asks for.
    pub fn kernel_name(&self) -> Option<&str> {
        self.kernelspec()?.get("name")?.as_str().filter(|name| !name.is_empty())
    }

    /// The notebook's language, by its kernelspec or else by the kernel that ran it last.
    pub fn language(&self) -> Option<&str> {
        let by_kernelspec = self.kernelspec().and_then(|spec| spec.get("language"));
        let by_last_kernel =
            self.metadata().and_then(|metadata| metadata.get("language_info")?.get("name"));
        [by_kernelspec, by_last_kernel]
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .find(|name| !name.is_empty())
    }

    /// The nearest heading in a markdown cell above the cell, as plain text: names the section in an error.
    pub fn heading_before(&self, cell: usize) -> Option<String> {
        (0..cell.min(self.cell_count()))
            .rev()
            .filter(|&above| self.cell_type(above) == Some("markdown"))
            .find_map(|above| last_heading(&self.source(above)))
    }

    /// The first cell tagged `parameters`.
    pub fn parameters_cell(&self) -> Option<usize> {
        self.tagged(PARAMETERS_TAG)
    }

    /// The first cell with that tag.
    pub(crate) fn tagged(&self, tag: &str) -> Option<usize> {
        (0..self.cell_count()).find(|&cell| self.tags(cell).contains(&tag))
    }

    pub(crate) fn cell(&self, cell: usize) -> Option<&Map<String, Value>> {
        self.cells().get(cell)?.as_object()
    }

    pub(crate) fn cell_mut(&mut self, cell: usize) -> Option<&mut Map<String, Value>> {
        self.cells_mut().get_mut(cell)?.as_object_mut()
    }

    pub(crate) fn cells(&self) -> &[Value] {
        self.root.get("cells").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn cells_mut(&mut self) -> &mut Vec<Value> {
        self.root
            .get_mut("cells")
            .and_then(Value::as_array_mut)
            .expect("a notebook was read with its cells")
    }

    pub(crate) fn root_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.root
    }

    pub(crate) fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        object_at(&mut self.root, "metadata")
    }

    pub(crate) fn metadata(&self) -> Option<&Map<String, Value>> {
        self.root.get("metadata")?.as_object()
    }

    fn kernelspec(&self) -> Option<&Map<String, Value>> {
        self.metadata()?.get("kernelspec")?.as_object()
    }

    fn cell_type(&self, cell: usize) -> Option<&str> {
        self.cell(cell)?.get("cell_type")?.as_str()
    }
}

/// The object under that key, made (in place of anything that is no object) when it is not there.
pub(crate) fn object_at<'a>(
    parent: &'a mut Map<String, Value>,
    key: &str,
) -> &'a mut Map<String, Value> {
    if !parent.get(key).is_some_and(Value::is_object) {
        parent.insert(key.to_owned(), Value::Object(Map::new()));
    }
    parent.get_mut(key).and_then(Value::as_object_mut).expect("the object was just put there")
}

/// The tags in a cell's metadata.
pub(crate) fn tags_of(cell: &Map<String, Value>) -> Vec<&str> {
    cell.get("metadata")
        .and_then(|metadata| metadata.get("tags")?.as_array())
        .map(|tags| tags.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}
