//! A notebook that is too large for a browser: the page stays small, and all of it can be had.

use std::io::Write as _;

use jiff::Timestamp;
use penny::store::{Outcome, RunEnd, RunStart, Store, SyncStart, Trigger};
use serde_json::json;

use super::{Shown, says, told, workspace};
use crate::support::Workspace;

/// A page is no larger.
const PAGE_MAX: usize = 2_000_000;
/// So many cells are on one.
const CELLS: usize = 200;

/// Writes a run of a notebook of these cells, as it would be left by one.
fn write_run(workspace: &Workspace, cells: impl IntoIterator<Item = serde_json::Value>) {
    let folder = workspace.root().join("data/outputs");
    std::fs::create_dir_all(&folder).expect("made");
    let mut file = std::fs::File::create(folder.join("gros_1.ipynb")).expect("made");
    let cells: Vec<String> = cells.into_iter().map(|cell| cell.to_string()).collect();
    let metadata =
        json!({"kernelspec": {"name": "python3", "language": "python", "display_name": ""}});
    write!(
        file,
        r#"{{"cells": [{}], "metadata": {metadata}, "nbformat": 4, "nbformat_minor": 5}}"#,
        cells.join(",\n")
    )
    .expect("written");
    let store = Store::open(&workspace.root().join(".penny/history.db")).expect("opened");
    let at = Timestamp::now();
    let sync = SyncStart { trigger: Trigger::Manual, due: None, at };
    let start = RunStart {
        sync: store.begin_sync(&sync).expect("written"),
        notebook: "gros",
        file: "notebooks/gros.ipynb",
        trigger: Trigger::Manual,
        due: None,
        source_hash: "",
        token: None,
        started: at,
    };
    let run = store.begin_run(&start).expect("written");
    let end = RunEnd {
        outcome: Outcome::Succeeded,
        error: None,
        output: Some("data/outputs/gros_1.ipynb"),
        output_seal: None,
        cells: 1,
        cells_run: 1,
        timings: &[],
        attempts: 1,
        warnings: &[],
        kernel_start: None,
        masked: 0,
        ended: at,
    };
    store.end_run(run, &end).expect("written");
}

fn cell(number: usize, outputs: serde_json::Value) -> serde_json::Value {
    json!({"cell_type": "code", "id": format!("c{number}"), "source": format!("montrer({number})"),
           "metadata": {"papermill": {"status": "completed", "duration": 0.5}},
           "execution_count": number, "outputs": outputs})
}

#[test]
fn a_notebook_of_50_megabytes_is_a_small_page_and_can_be_had_whole() {
    let workspace = workspace("");
    let lines: Vec<String> =
        (0..200_000).map(|line| format!("ligne {line} {}\n", "x".repeat(90))).collect();
    let row = |row: usize| format!("<tr><th>{row}</th><td>{}</td></tr>\n", "é".repeat(40));
    let rows: Vec<String> = (0..150_000).map(row).collect();
    let table = format!("<table class=\"dataframe\"><tbody>\n{}</tbody></table>", rows.concat());
    let picture = format!("iVBORw0KGgoAAAANSUhEUgAAAyAAAAJY{}", "A".repeat(12_000_000));
    let shown = |kind: &str, value: &str| json!([{"output_type": "display_data", "metadata": {}, "data": {kind: value, "text/plain": "x"}}]);
    write_run(
        &workspace,
        [
            cell(0, json!([{"output_type": "stream", "name": "stdout", "text": lines}])),
            cell(1, shown("text/html", &table)),
            cell(2, shown("image/png", &picture)),
            cell(3, json!([{"output_type": "stream", "name": "stdout", "text": "la fin"}])),
        ],
    );
    let size =
        std::fs::metadata(workspace.root().join("data/outputs/gros_1.ipynb")).expect("there").len();
    assert!(size > 50_000_000, "{size}");
    let shown = Shown::new(workspace);
    let page = shown.french("/runs/1").is(200).body;
    assert!(page.len() < PAGE_MAX, "{}", page.len());
    says(
        &told(&page),
        &[
            "ligne 0 xxx",
            "octets de plus",
            "Afficher tout",
            "Afficher ce résultat (12 Mo)",
            "la fin",
        ],
    );
    assert!(page.contains("<td>éééé"), "the table begins");
    let whole = shown.visitor.get("/runs/1/outputs/0/0").is(200).body;
    assert_eq!(whole.len(), lines.iter().map(String::len).sum::<usize>());
    let table = shown.visitor.get("/runs/1/outputs/1/0").is(200).body;
    assert_eq!(table.trim().lines().count(), 150_000);
    assert_eq!(
        shown.visitor.get("/runs/1/outputs/2/0").is(200).header("content-length"),
        Some("9000024")
    );
    let file = shown.visitor.get("/runs/1/download").is(200);
    assert_eq!(file.header("content-length"), Some(size.to_string().as_str()));
}

#[test]
fn a_notebook_of_many_cells_has_several_pages() {
    let workspace = workspace("");
    let text = |number: usize| json!([{"output_type": "stream", "name": "stdout", "text": format!("résultat {number};")}]);
    write_run(&workspace, (0..450).map(|number| cell(number, text(number))));
    let shown = Shown::new(workspace);
    let cells = |page: &str| page.matches("<section class=\"cell").count();
    let first = shown.french("/runs/1").is(200).body;
    says(&told(&first), &["Cellules 1–200 sur 450", "Cellules suivantes →", "résultat 199;"]);
    assert_eq!((cells(&first), first.contains("résultat 200;")), (CELLS, false));
    let last = shown.french("/runs/1?from=400").is(200).body;
    says(&told(&last), &["Cellules 401–450 sur 450", "← Cellules précédentes", "résultat 449;"]);
    assert_eq!(cells(&last), 50);
    // Any number is a page.
    assert_eq!(cells(&shown.french("/runs/1?from=99999").is(200).body), 50);
    assert_eq!(cells(&shown.french("/runs/1?from=-1").is(200).body), CELLS);
}

#[test]
fn a_page_that_is_full_links_to_the_rest() {
    let workspace = workspace("");
    let text = "<&>".repeat(6_500);
    let output = json!([{"output_type": "stream", "name": "stdout", "text": text}]);
    write_run(&workspace, (0..150).map(|number| cell(number, output.clone())));
    let shown = Shown::new(workspace);
    let page = shown.french("/runs/1").is(200).body;
    assert!(page.len() < PAGE_MAX, "{}", page.len());
    assert!(page.contains("Afficher ce résultat (20 ko)"), "what does not fit is linked");
    shown.visitor.get("/runs/1/outputs/149/0").is(200).says(&text);
}
