//! Files of the outputs' folder that no run of the history has.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use penny_notebook::Notebook;
use rusqlite::{Connection, OptionalExtension as _};

use super::findings::{Finding, Tampering};

/// Looks at every file that the history does not know. One that tells of a run which is not there is
/// a finding; the others are counted: who uses Jupyter puts files there, too.
pub(super) fn look(
    connection: &Connection,
    root: &Path,
    there: Vec<PathBuf>,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<u64> {
    let mut known = HashSet::new();
    for table in ["runs", "attempts"] {
        let sql = format!("SELECT output FROM {table} WHERE output IS NOT NULL");
        let mut query = connection.prepare(&sql)?;
        for path in query.query_map([], |r| r.get::<_, String>(0))? {
            known.insert(root.join(path?));
        }
    }
    let mut strangers = 0;
    for path in there.into_iter().filter(|path| !known.contains(path)) {
        match missing_run(connection, &path)? {
            Some(mut finding) => {
                let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                let shown = shown.replace('\\', "/");
                finding.sentence.push_str(&format!(", and {shown} is its output notebook"));
                finding.places = vec![shown];
                findings.push(finding);
            }
            None => strangers += 1,
        }
    }
    Ok(strangers)
}

/// The notebooks of a folder, in the order of their names.
pub(super) fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "ipynb"))
        .collect();
    paths.sort();
    paths
}

/// The run that a file tells of, when the history does not have it.
fn missing_run(connection: &Connection, path: &Path) -> rusqlite::Result<Option<Finding>> {
    let read = std::fs::read(path).ok().and_then(|bytes| Notebook::parse(&bytes).ok());
    let Some(record) = read.as_ref().and_then(Notebook::record) else { return Ok(None) };
    let text = |key: &str| record.get(key).and_then(|v| v.as_str()).unwrap_or_default();
    let Some(run) = record.get("run").and_then(serde_json::Value::as_i64) else { return Ok(None) };
    let notebook = text("notebook");
    let of_number: Option<(String, String)> = connection
        .query_row("SELECT notebook, started FROM runs WHERE id = ?1", [run], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .optional()?;
    // After a backup was put back, another run gets the number that the lost one had.
    let is_there = match text("run_started").parse::<Timestamp>() {
        Ok(started) => has_run(connection, notebook, started)?,
        Err(_) => of_number.as_ref().is_some_and(|(name, _)| name == notebook),
    };
    if is_there {
        return Ok(None);
    }
    let sentence = match of_number {
        Some((_, started)) => {
            format!("it is not in the history, whose run {run} is another one, of {started}")
        }
        None => "it is not in the history".to_owned(),
    };
    Ok(Some(Finding {
        what: Tampering::Removed,
        record: None,
        kind: "run".to_owned(),
        of: Some(run),
        about: notebook.to_owned(),
        at: text("started").parse().ok(),
        places: Vec::new(),
        sentence,
    }))
}

/// Whether the history has a run of the notebook that began then, whatever number it gave to it.
fn has_run(connection: &Connection, notebook: &str, at: Timestamp) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM runs WHERE notebook = ?1 AND started = ?2)",
        [notebook, &crate::store::text(at)],
        |r| r.get(0),
    )
}
