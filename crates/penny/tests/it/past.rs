//! A past that was written and not lived: runs as they would have been left.

use std::fs::{self, File};
use std::io::Write as _;

use jiff::{SignedDuration, Timestamp};
use penny::store::{Outcome, RunEnd, RunId, RunStart, Store, SyncId, SyncStart, Trigger};
use serde_json::{Value, json};

use crate::support::Workspace;

/// A run that has been.
pub struct Past<'a> {
    /// Its notebook.
    pub notebook: &'a str,
    /// Why it failed, if it did.
    pub error: Option<&'a str>,
    /// How long ago it began.
    pub ago: SignedDuration,
    /// The cells of its output notebook, if it left one.
    pub cells: Option<Vec<Value>>,
}

/// A code cell that has run, with these outputs.
pub fn cell(number: usize, outputs: Value) -> Value {
    json!({"cell_type": "code", "id": format!("c{number}"), "source": format!("montrer({number})"),
           "metadata": {"papermill": {"status": "completed", "duration": 0.5}},
           "execution_count": number, "outputs": outputs})
}

/// The cells of a notebook of 50 MB: a log of 200,000 lines, a table of 150,000 rows, a picture, a last word.
pub fn heavy_cells(pass: u32) -> Vec<Value> {
    let line = |line: usize| format!("ligne {line} de la passe {pass} {}\n", "x".repeat(100));
    let row = |row: usize| format!("<tr><th>{row}</th><td>{}</td></tr>\n", "é".repeat(40));
    let lines: Vec<String> = (0..200_000).map(line).collect();
    let rows: Vec<String> = (0..150_000).map(row).collect();
    let table = format!("<table class=\"dataframe\"><tbody>\n{}</tbody></table>", rows.concat());
    let picture = format!("iVBORw0KGgoAAAANSUhEUgAAAyAAAAJY{}", "A".repeat(12_000_000));
    let shown = |kind: &str, value: &str| {
        let data = json!({kind: value, "text/plain": "x"});
        json!([{"output_type": "display_data", "metadata": {}, "data": data}])
    };
    let printed = |text: Value| json!([{"output_type": "stream", "name": "stdout", "text": text}]);
    vec![
        cell(0, printed(json!(lines))),
        cell(1, shown("text/html", &table)),
        cell(2, shown("image/png", &picture)),
        cell(3, printed(json!("la fin"))),
    ]
}

/// Writes runs into the history of a workspace, with their output notebooks, in their order.
pub fn write_runs<'a>(
    workspace: &Workspace,
    runs: impl IntoIterator<Item = Past<'a>>,
) -> Vec<RunId> {
    let store = Store::open(&workspace.root().join(".penny/history.db")).expect("opened");
    let now = Timestamp::now();
    let sync = SyncStart { trigger: Trigger::Manual, due: None, at: now };
    let sync = store.begin_sync(&sync).expect("written");
    let write = |run: Past<'_>| {
        let started = now - run.ago;
        let file = format!("notebooks/{}.ipynb", run.notebook);
        let start = RunStart { file: &file, ..run_start(sync, run.notebook, started) };
        let id = store.begin_run(&start).expect("written");
        let output = format!("data/outputs/{}_{id}.ipynb", run.notebook);
        let has_output = run.cells.is_some();
        if let Some(cells) = run.cells {
            write_notebook(workspace, &output, cells);
        }
        let end = RunEnd {
            outcome: if run.error.is_some() { Outcome::Failed } else { Outcome::Succeeded },
            error: run.error,
            output: has_output.then_some(output.as_str()),
            ..run_end(started + SignedDuration::from_millis(900))
        };
        store.end_run(id, &end).expect("written");
        id
    };
    let ids = runs.into_iter().map(write).collect();
    store.end_sync(sync, Outcome::Succeeded, now).expect("written");
    ids
}

/// The start of a run that somebody asked for.
pub fn run_start(sync: SyncId, notebook: &str, started: Timestamp) -> RunStart<'_> {
    RunStart {
        sync,
        notebook,
        file: "n.ipynb",
        trigger: Trigger::Manual,
        due: None,
        source_hash: "",
        token: None,
        started,
    }
}

/// The end of a run of one cell that succeeded.
pub fn run_end<'a>(ended: Timestamp) -> RunEnd<'a> {
    RunEnd {
        outcome: Outcome::Succeeded,
        error: None,
        output: None,
        output_seal: None,
        cells: 1,
        cells_run: 1,
        timings: &[],
        attempts: 1,
        warnings: &[],
        kernel_start: None,
        masked: 0,
        ended,
    }
}

/// Writes an output notebook of these cells, one after the other: it may be large.
fn write_notebook(workspace: &Workspace, name: &str, cells: Vec<Value>) {
    let path = workspace.root().join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let mut file = File::create(path).expect("made");
    let metadata =
        json!({"kernelspec": {"name": "python3", "language": "python", "display_name": ""}});
    write!(file, "{{\"cells\": [").expect("written");
    for (number, cell) in cells.into_iter().enumerate() {
        let comma = if number > 0 { ",\n" } else { "" };
        write!(file, "{comma}{cell}").expect("written");
    }
    write!(file, "], \"metadata\": {metadata}, \"nbformat\": 4, \"nbformat_minor\": 5}}")
        .expect("written");
}
