//! A notebook that is too large for a browser: the page stays small, and all of it can be had.

use std::path::PathBuf;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Shown, says, told, workspace};
use crate::past::{Past, cell, heavy_cells, write_runs};
use crate::support::Workspace;

/// A page is no larger.
const PAGE_MAX: usize = 2_000_000;
/// The service takes no more memory for them, in bytes.
const MEMORY_MAX: u64 = 400_000_000;
/// So many cells are on one.
const CELLS: usize = 200;

/// Writes a run of a notebook of these cells, as it would be left by one: where its output notebook is.
fn write_run(workspace: &Workspace, cells: impl IntoIterator<Item = Value>) -> PathBuf {
    let run = Past {
        notebook: "gros",
        error: None,
        ago: SignedDuration::ZERO,
        cells: Some(cells.into_iter().collect()),
    };
    let id = write_runs(workspace, [run])[0];
    workspace.root().join(format!("data/outputs/gros_{id}.ipynb"))
}

#[test]
fn a_notebook_of_50_megabytes_is_a_small_page_and_can_be_had_whole() {
    let workspace = workspace("");
    let path = write_run(&workspace, heavy_cells(1));
    let size = std::fs::metadata(path).expect("there").len();
    assert!(size > 50_000_000, "{size}");
    let shown = Shown::new(workspace);
    let page = shown.french("/runs/1").is(200).body;
    assert!(page.len() < PAGE_MAX, "{}", page.len());
    says(
        &told(&page),
        &[
            "ligne 0 de la passe 1 xxx",
            "octets de plus",
            "Afficher tout",
            "Afficher ce résultat (12 Mo)",
            "la fin",
        ],
    );
    assert!(page.contains("<td>éééé"), "the table begins");
    let whole = shown.visitor.get("/runs/1/outputs/0/0").is(200).body;
    assert_eq!(whole.lines().count(), 200_000);
    assert!(whole.ends_with("x\n") && whole.contains("\nligne 199999 de la passe 1 xxx"));
    let table = shown.visitor.get("/runs/1/outputs/1/0").is(200).body;
    assert_eq!(table.trim().lines().count(), 150_000);
    assert_eq!(
        shown.visitor.get("/runs/1/outputs/2/0").is(200).header("content-length"),
        Some("9000024")
    );
    let file = shown.visitor.get("/runs/1/download").is(200);
    assert_eq!(file.header("content-length"), Some(size.to_string().as_str()));
}

/// The most memory that a process has had, in bytes, where the system tells.
fn memory_most(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[test]
fn two_notebooks_of_50_megabytes_are_compared_as_far_as_that_helps_anybody() {
    let workspace = workspace("");
    let heavy = |pass| Past {
        notebook: "gros",
        error: None,
        ago: SignedDuration::ZERO,
        cells: Some(heavy_cells(pass)),
    };
    write_runs(&workspace, [heavy(1), heavy(2), heavy(2)]);
    let shown = Shown::new(workspace);
    let page = shown.french("/compare/1/2").is(200).body;
    assert!(page.len() < 200_000, "{}", page.len());
    says(
        &told(&page),
        &[
            "1 résultat différent",
            "cellule 1 modifiée",
            "− ligne 0 de la passe 1",
            "+ ligne 0 de la passe 2",
            "lignes de plus, qui ne sont pas comparées une à une",
        ],
    );
    // The same to the last line, far beyond what is compared line by line.
    let same = shown.french("/compare/2/3").is(200).body;
    says(&told(&same), &["0 résultat différent", "Les mêmes cellules."]);
    // Linux tells the most that a process has taken.
    if let Some(most) = memory_most(shown._service.pid()) {
        assert!(most < MEMORY_MAX, "{most} bytes");
    }
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
    says(&told(&page), &["Afficher ce résultat (20 ko)"]);
    shown.visitor.get("/runs/1/outputs/149/0").is(200).says(&text);
}
