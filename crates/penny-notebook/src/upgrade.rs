//! Older formats: 3 becomes 4.5 as nbformat's Python code does it, and cells get the ids of 4.5.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::notebook::{Notebook, object_at};
use crate::text::join;

const FORMAT_MINOR: u64 = 5;

/// The root of a notebook of format 3 as one of format 4.5, or what is wrong with it.
pub(crate) fn from_format_3(mut root: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let worksheets = match root.shift_remove("worksheets") {
        Some(Value::Array(worksheets)) => worksheets,
        Some(_) => return Err("its `worksheets` is not a list".to_owned()),
        None => return Err("it has no `worksheets`".to_owned()),
    };
    let mut cells = Vec::new();
    for (number, mut worksheet) in (1..).zip(worksheets) {
        match worksheet.get_mut("cells").map(Value::take) {
            Some(Value::Array(found)) => cells.extend(found),
            _ => return Err(format!("its worksheet {number} has no list of `cells`")),
        }
    }
    for cell in cells.iter_mut().filter_map(Value::as_object_mut) {
        upgrade_cell(cell);
    }
    give_ids(&mut cells);
    root.shift_remove("orig_nbformat");
    root.shift_remove("orig_nbformat_minor");
    let metadata = object_at(&mut root, "metadata");
    metadata.shift_remove("name");
    metadata.shift_remove("signature");
    root.insert("cells".to_owned(), Value::Array(cells));
    root.insert("nbformat".to_owned(), json!(4));
    root.insert("nbformat_minor".to_owned(), json!(FORMAT_MINOR));
    Ok(root)
}

/// Raises a notebook of format 4 to 4.5: every cell has an id.
pub(crate) fn to_current_minor(notebook: &mut Notebook) {
    give_ids(notebook.cells_mut());
    let root = notebook.root_mut();
    if root.get("nbformat_minor").and_then(Value::as_u64).unwrap_or(0) < FORMAT_MINOR {
        root.insert("nbformat_minor".to_owned(), json!(FORMAT_MINOR));
    }
}

/// A cell id that no cell has: the name itself, or the name with a number.
pub(crate) fn free_id(cells: &[Value], name: &str) -> String {
    let taken: HashSet<&str> = cells.iter().filter_map(id).collect();
    free(name, |id| taken.contains(id))
}

fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|id| !is_taken(id))
        .expect("there are more numbers than cells")
}

fn id(cell: &Value) -> Option<&str> {
    cell.get("id")?.as_str()
}

/// Gives an id to each cell that has none. It comes from the cell's place and source, so that the
/// same notebook gets the same ids each time it is run.
fn give_ids(cells: &mut [Value]) {
    let mut taken: HashSet<String> = cells.iter().filter_map(id).map(str::to_owned).collect();
    for (index, cell) in cells.iter_mut().enumerate() {
        if id(cell).is_some() {
            continue;
        }
        let source = cell.get("source").map(join).unwrap_or_default();
        let name = format!("{:08x}", fingerprint(index, &source));
        let id = free(&name, |id| taken.contains(id));
        if let Some(cell) = cell.as_object_mut() {
            cell.insert("id".to_owned(), json!(id));
        }
        taken.insert(id);
    }
}

/// FNV-1a.
fn fingerprint(index: usize, source: &str) -> u32 {
    let bytes = (index as u64).to_le_bytes();
    bytes
        .iter()
        .chain(source.as_bytes())
        .fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn upgrade_cell(cell: &mut Map<String, Value>) {
    object_at(cell, "metadata");
    match cell.get("cell_type").and_then(Value::as_str) {
        Some("code") => upgrade_code(cell),
        Some("heading") => upgrade_heading(cell),
        Some("html") => {
            cell.insert("cell_type".to_owned(), json!("markdown"));
        }
        _ => {}
    }
}

fn upgrade_code(cell: &mut Map<String, Value>) {
    cell.shift_remove("language");
    if let Some(collapsed) = cell.shift_remove("collapsed") {
        object_at(cell, "metadata").insert("collapsed".to_owned(), collapsed);
    }
    let source = cell.shift_remove("input").unwrap_or_else(|| json!(""));
    cell.insert("source".to_owned(), source);
    let count = cell.shift_remove("prompt_number").unwrap_or(Value::Null);
    cell.insert("execution_count".to_owned(), count);
    let outputs = cell.entry("outputs").or_insert_with(|| json!([]));
    for output in outputs.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        upgrade_output(output);
    }
}

fn upgrade_heading(cell: &mut Map<String, Value>) {
    let level =
        cell.shift_remove("level").and_then(|level| level.as_u64()).unwrap_or(1).clamp(1, 6);
    let text = cell.get("source").map(join).unwrap_or_default();
    let line = text.lines().collect::<Vec<_>>().join(" ");
    cell.insert("cell_type".to_owned(), json!("markdown"));
    cell.insert("source".to_owned(), json!(format!("{} {line}", "#".repeat(level as usize))));
}

fn upgrade_output(output: &mut Map<String, Value>) {
    match output.get("output_type").and_then(Value::as_str) {
        Some("pyout") => {
            output.insert("output_type".to_owned(), json!("execute_result"));
            let count = output.shift_remove("prompt_number").unwrap_or(Value::Null);
            output.insert("execution_count".to_owned(), count);
            upgrade_data(output);
        }
        Some("display_data") => upgrade_data(output),
        Some("pyerr") => {
            output.insert("output_type".to_owned(), json!("error"));
        }
        Some("stream") => {
            let name = output.shift_remove("stream").unwrap_or_else(|| json!("stdout"));
            output.insert("name".to_owned(), name);
        }
        _ => {}
    }
}

/// Moves the values by type into `data`, under their MIME types' full names.
fn upgrade_data(output: &mut Map<String, Value>) {
    let mut kept = Map::new();
    let mut data = Map::new();
    for (key, value) in std::mem::take(output) {
        match key.as_str() {
            "output_type" | "execution_count" => drop(kept.insert(key, value)),
            "metadata" => drop(kept.insert(key, with_mime_names(value))),
            _ => drop(data.insert(mime_of(key), value)),
        }
    }
    if let Some(text) = data.get_mut("application/json")
        && let Ok(value) = serde_json::from_str(&join(text))
    {
        *text = value;
    }
    kept.insert("data".to_owned(), Value::Object(data));
    kept.entry("metadata").or_insert_with(|| json!({}));
    *output = kept;
}

fn with_mime_names(metadata: Value) -> Value {
    match metadata {
        Value::Object(values) => {
            Value::Object(values.into_iter().map(|(key, value)| (mime_of(key), value)).collect())
        }
        _ => json!({}),
    }
}

fn mime_of(key: String) -> String {
    let mime = match key.as_str() {
        "text" => "text/plain",
        "html" => "text/html",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpeg" => "image/jpeg",
        "latex" => "text/latex",
        "json" => "application/json",
        "javascript" => "application/javascript",
        _ => return key,
    };
    mime.to_owned()
}
