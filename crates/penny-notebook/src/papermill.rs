//! The marks that papermill leaves in a notebook, word for word: other tools read them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::notebook::{Notebook, object_at, tags_of};
use crate::text;
use crate::upgrade::free_id;

/// The tag of the two cells that point at a failure.
pub(crate) const ERROR_TAG: &str = "papermill-error-cell-tag";
/// The tag of the cell that parameters were written into.
pub(crate) const INJECTED_TAG: &str = "injected-parameters";

const STYLE: &str = r#"style="color:red; font-family:Helvetica Neue, Helvetica, Arial, sans-serif; font-size:2em;""#;

/// How far a cell has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Running,
    Completed,
    Failed,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Completed => "completed",
            Status::Failed => "failed",
        }
    }
}

/// What papermill's `duration` holds: seconds between two RFC 3339 times, null when one is none.
fn duration(start: &str, end: &str) -> Value {
    match (start.parse::<Timestamp>(), end.parse::<Timestamp>()) {
        (Ok(start), Ok(end)) => {
            json!((end.as_microsecond() - start.as_microsecond()).max(0) as f64 / 1e6)
        }
        _ => Value::Null,
    }
}

/// Gives a cell the metadata of one that was never run: empty, as papermill leaves it.
pub(crate) fn mark_prepared(cell: &mut Map<String, Value>) {
    let is_injected = tags_of(cell).contains(&INJECTED_TAG);
    let metadata = object_at(cell, "metadata");
    metadata.entry("tags").or_insert_with(|| json!([]));
    if !is_injected {
        object_at(metadata, "papermill");
    }
}

/// Gives a cell the metadata of one that waits for its turn.
pub(crate) fn mark_pending(cell: &mut Map<String, Value>) {
    let metadata = object_at(cell, "metadata");
    metadata.entry("tags").or_insert_with(|| json!([]));
    let pending = json!({
        "duration": null, "end_time": null, "exception": null, "start_time": null,
        "status": Status::Pending.word(),
    });
    metadata.insert("papermill".to_owned(), pending);
}

/// Marks a cell as begun.
pub(crate) fn mark_running(cell: &mut Map<String, Value>, now: &str) {
    let mark = object_at(object_at(cell, "metadata"), "papermill");
    mark.insert("start_time".to_owned(), json!(now));
    mark.insert("exception".to_owned(), json!(false));
    mark.insert("status".to_owned(), json!(Status::Running.word()));
}

/// Marks a cell as ended, well or not.
pub(crate) fn mark_ended(cell: &mut Map<String, Value>, status: Status, now: &str) {
    let mark = object_at(object_at(cell, "metadata"), "papermill");
    let duration = mark.get("start_time").and_then(Value::as_str).map(|start| duration(start, now));
    mark.insert("duration".to_owned(), duration.unwrap_or(Value::Null));
    mark.insert("end_time".to_owned(), json!(now));
    mark.insert("exception".to_owned(), json!(status == Status::Failed));
    mark.insert("status".to_owned(), json!(status.word()));
}

/// Marks the notebook as ended.
pub(crate) fn mark_notebook_ended(notebook: &mut Notebook, started: &str, now: &str) {
    let mark = object_at(notebook.metadata_mut(), "papermill");
    mark.insert("duration".to_owned(), duration(started, now));
    mark.insert("end_time".to_owned(), json!(now));
}

/// Marks the notebook as failed.
pub(crate) fn mark_notebook_failed(notebook: &mut Notebook) {
    object_at(notebook.metadata_mut(), "papermill").insert("exception".to_owned(), json!(true));
}

/// Whether a cell is a mark of an earlier failure.
pub(crate) fn is_error_marker(cell: &Value) -> bool {
    cell.as_object().is_some_and(|cell| tags_of(cell).contains(&ERROR_TAG))
}

/// The cell at the top of a failed notebook, which links to the failure.
pub(crate) fn error_marker(cells: &[Value], execution_count: &Value) -> Value {
    let count = execution_count.as_u64().map_or(" ".to_owned(), |count| count.to_string());
    let message = format!(
        "<span {STYLE}>An Exception was encountered at '<a href=\"#papermill-error-cell\">In [{count}]</a>'.</span>"
    );
    markdown_cell(free_id(cells, "papermill-error-marker"), &message)
}

/// The cell before the one that failed, which the link leads to.
pub(crate) fn error_anchor(cells: &[Value]) -> Value {
    let message = format!(
        "<span id=\"papermill-error-cell\" {STYLE}>\
         Execution using papermill encountered an exception here and stopped:</span>"
    );
    markdown_cell(free_id(cells, "papermill-error-anchor"), &message)
}

fn markdown_cell(id: String, source: &str) -> Value {
    json!({
        "cell_type": "markdown", "id": id, "metadata": { "tags": [ERROR_TAG] }, "source": text::lines(source),
    })
}

/// The cell that holds the parameters.
pub(crate) fn injected_cell(cells: &[Value], source: &str) -> Value {
    json!({
        "cell_type": "code",
        "execution_count": null,
        "id": free_id(cells, INJECTED_TAG),
        "metadata": { "tags": [INJECTED_TAG] },
        "outputs": [],
        "source": text::lines(source),
    })
}
