//! What is done to a notebook before its first cell runs: marks of an earlier run go, parameters come.

use serde_json::{Map, Value, json};

use crate::execution::RunInfo;
use crate::notebook::{Notebook, object_at};
use crate::papermill;
use crate::parameters::{Parameters, recorded};
use crate::translate::{self, TranslateError};
use crate::upgrade;

/// A notebook with its parameters.
pub(crate) struct Prepared {
    pub notebook: Notebook,
    /// The number that each cell had in the notebook that was read; none for a cell that was added.
    pub inputs: Vec<Option<usize>>,
}

impl Notebook {
    /// The notebook as papermill's `--prepare-only` writes it: format 4.5, without the marks of an earlier
    /// failure, with the parameters in their cell and the paths in its metadata. Nothing has run: the
    /// outputs are those that it had. `language` is as in [`Execution::new`](crate::Execution::new).
    ///
    /// # Errors
    /// When there are parameters that cannot be written in that language.
    pub fn prepared(
        self,
        parameters: &Parameters,
        language: &str,
        info: RunInfo,
    ) -> Result<Notebook, TranslateError> {
        let mut notebook = prepare(self, parameters, language)?.notebook;
        for cell in notebook.cells_mut().iter_mut().filter_map(Value::as_object_mut) {
            papermill::mark_prepared(cell);
        }
        describe_prepared(&mut notebook, parameters, info);
        Ok(notebook)
    }

    /// Hides the sources of the code cells from the reader, as papermill's `--report-mode` does it.
    pub fn hide_sources(&mut self) {
        for cell in self.cells_mut().iter_mut().filter_map(Value::as_object_mut) {
            if cell.get("cell_type").and_then(Value::as_str) == Some("code") {
                let jupyter = object_at(object_at(cell, "metadata"), "jupyter");
                jupyter.insert("source_hidden".to_owned(), json!(true));
            }
        }
    }
}

/// Raises the notebook to format 4.5, takes the marks of an earlier failure out and puts the parameters in.
pub(crate) fn prepare(
    mut notebook: Notebook,
    parameters: &Parameters,
    language: &str,
) -> Result<Prepared, TranslateError> {
    let language =
        if language.is_empty() { notebook.language().unwrap_or_default() } else { language };
    let source = if parameters.is_empty() {
        None
    } else {
        Some(translate::cell_source(notebook.kernel_name(), language, parameters)?)
    };
    upgrade::to_current_minor(&mut notebook);
    let inputs = (0..notebook.cell_count()).map(Some).collect();
    let mut prepared = Prepared { notebook, inputs };
    prepared.remove_error_markers();
    if let Some(source) = source {
        prepared.inject(&source);
    }
    Ok(prepared)
}

impl Prepared {
    fn remove_error_markers(&mut self) {
        for cell in (0..self.inputs.len()).rev() {
            if papermill::is_error_marker(&self.notebook.cells()[cell]) {
                self.notebook.cells_mut().remove(cell);
                self.inputs.remove(cell);
            }
        }
    }

    /// Puts the parameters into the cell of an earlier injection, or after the cell that declares
    /// them, or at the top.
    fn inject(&mut self, source: &str) {
        let at = match self.notebook.tagged(papermill::INJECTED_TAG) {
            Some(earlier) => {
                self.notebook.cells_mut().remove(earlier);
                self.inputs.remove(earlier);
                earlier
            }
            None => self.notebook.parameters_cell().map_or(0, |declared| declared + 1),
        };
        let cell = papermill::injected_cell(self.notebook.cells(), source);
        self.notebook.cells_mut().insert(at, cell);
        self.inputs.insert(at, None);
    }
}

/// Writes papermill's metadata of a notebook that is not run. Where it was run before, its outputs are
/// still those of that run, and so are the times and the version.
fn describe_prepared(notebook: &mut Notebook, parameters: &Parameters, info: RunInfo) {
    let mark = object_at(notebook.metadata_mut(), "papermill");
    let first = [
        ("default_parameters", json!({})),
        ("parameters", json!({})),
        ("environment_variables", Value::Object(info.environment_variables)),
        ("version", json!(info.version)),
    ];
    for (key, value) in first {
        mark.entry(key).or_insert(value);
    }
    mark.insert("input_path".to_owned(), json!(info.input_path));
    mark.insert("output_path".to_owned(), json!(info.output_path));
    if !parameters.is_empty() {
        mark.insert("parameters".to_owned(), recorded(parameters));
    }
}

/// Writes papermill's metadata of a notebook that is about to run. What an earlier run left stays as far
/// as it still holds: defaults, unknown keys, and its parameters when no others come and its cell with
/// them is there.
pub(crate) fn describe(notebook: &mut Notebook, parameters: &Parameters, info: RunInfo) {
    let has_earlier = parameters.is_empty() && notebook.tagged(papermill::INJECTED_TAG).is_some();
    let mark = object_at(notebook.metadata_mut(), "papermill");
    let earlier = mark.get("parameters").filter(|value| has_earlier && value.is_object()).cloned();
    let mut description = Map::new();
    let defaults = mark.get("default_parameters").filter(|value| value.is_object()).cloned();
    let mut put = |key: &str, value: Value| description.insert(key.to_owned(), value);
    put("default_parameters", defaults.unwrap_or_else(|| json!({})));
    for key in ["duration", "end_time"] {
        put(key, Value::Null);
    }
    put("environment_variables", Value::Object(info.environment_variables));
    put("exception", Value::Null);
    put("input_path", json!(info.input_path));
    put("output_path", json!(info.output_path));
    put("parameters", earlier.unwrap_or_else(|| recorded(parameters)));
    put("start_time", Value::Null);
    put("version", json!(info.version));
    for (key, value) in std::mem::take(mark) {
        description.entry(key).or_insert(value);
    }
    *mark = description;
}
