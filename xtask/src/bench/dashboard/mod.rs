//! The dashboard of a workspace that has run for years: how long its pages let a reader wait.

mod reader;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Result;
use super::contest::{Measured, Unit};
use super::options::Options;
use super::programs::{cannot, timed};
use super::setting::{Setting, free_port, write};
use reader::{Fetched, Reader};

/// How many runs the history has.
const RUNS: usize = 100_000;
/// How large the output notebook of the last run is, in millions of bytes.
const OUTPUT_MB: usize = 50;
/// How many notebooks there are.
const NOTEBOOKS: usize = 12;

/// The first page.
pub const HOME: &str = "the dashboard of 100,000 runs: home";
/// Until the whole page has come.
pub const WHOLE: &str = "the whole page";
/// Until it begins to come.
const FIRST: &str = "its first byte";
/// What has come.
const SIZE: &str = "its size";

/// Measures it.
pub fn measure(setting: &Setting, options: &Options) -> Result<Vec<Measured>> {
    let port = free_port()?;
    let workspace = workspace(setting, port)?;
    let last = RUNS / NOTEBOOKS * NOTEBOOKS;
    let pages = [
        (HOME, "/".to_owned()),
        ("the dashboard of 100,000 runs: history", "/history".to_owned()),
        ("the dashboard of 100,000 runs: calendar", "/calendar".to_owned()),
        ("the dashboard: a run whose output notebook has 50 MB", format!("/runs/{last}")),
    ];
    let reader = Reader::log_in(setting.penny(&workspace), port, &setting.log("dashboard"))?;
    let mut fetched: Vec<Vec<Fetched>> = pages.iter().map(|_| Vec::new()).collect();
    // The first look is not counted: it fills the memory of the system with the file.
    for round in 0..=options.rounds {
        for ((name, path), fetched) in pages.iter().zip(&mut fetched) {
            let page = reader.fetch(path)?;
            eprintln!("round {round} of {}: {name} … {:.1} ms", options.rounds, page.whole_ms);
            if round > 0 {
                fetched.push(page);
            }
        }
    }
    let measured = pages.iter().zip(&fetched);
    Ok(measured.flat_map(|((name, _), fetched)| told(name, fetched)).collect())
}

/// What was measured of one page.
fn told(case: &str, fetched: &[Fetched]) -> [Measured; 3] {
    let measured = |by: &str, unit: Unit, value: fn(&Fetched) -> f64| Measured {
        case: case.to_owned(),
        by: by.to_owned(),
        unit,
        values: fetched.iter().map(value).collect(),
        failure: None,
    };
    [
        measured(FIRST, Unit::Milliseconds, |page| page.first_byte_ms),
        measured(WHOLE, Unit::Milliseconds, |page| page.whole_ms),
        measured(SIZE, Unit::Kilobytes, |page| page.bytes as f64 / 1000.0),
    ]
}

fn workspace(setting: &Setting, port: u16) -> Result<PathBuf> {
    eprintln!("writing a history of {RUNS} runs");
    let workspace = setting.folder.join("years");
    if workspace.exists() {
        fs::remove_dir_all(&workspace).map_err(|e| cannot("remove", &workspace, &e))?;
    }
    let names: Vec<String> = (1..=NOTEBOOKS).map(|number| format!("import_{number:02}")).collect();
    let mut text = format!(
        "[schedule]\nevery = \"2h\"\nat_start = false\n\n[web]\nlisten = \"127.0.0.1:{port}\"\n"
    );
    write(&workspace.join("notebooks/import.ipynb"), &super::notebooks::notebook(&[]).to_string())?;
    for name in &names {
        text.push_str(&format!(
            "\n[[notebook]]\nname = \"{name}\"\nfile = \"notebooks/import.ipynb\"\n"
        ));
    }
    write(&workspace.join("penny.toml"), &text)?;
    write(&workspace.join(".env"), "POSTGRES_PORT=1\nPOSTGRES_USER=u\nPOSTGRES_PASSWORD=p\n")?;
    // Penny makes the history itself, as it is to be at present.
    timed(setting.penny(&workspace).arg("history"), &setting.log("years"))?;
    fill(setting, &workspace, &names)?;
    Ok(workspace)
}

fn fill(setting: &Setting, workspace: &Path, names: &[String]) -> Result<()> {
    let mut command = Command::new(penny_testing::base_python());
    command.arg(setting.programs.join("history.py")).arg(workspace.join(".penny/history.db"));
    command.arg(RUNS.to_string()).arg(workspace.join("data/outputs/last.ipynb"));
    command.arg(OUTPUT_MB.to_string()).args(names);
    timed(&mut command, &setting.log("years")).map(drop)
}
