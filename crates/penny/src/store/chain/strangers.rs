//! Files of the outputs' folder that no run of the history has.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

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
                finding.sentence =
                    format!("it is not in the history, and {shown} is its output notebook");
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
    let notebook: Option<String> = connection
        .query_row("SELECT notebook FROM runs WHERE id = ?1", [run], |r| r.get(0))
        .optional()?;
    if notebook.as_deref() == Some(text("notebook")) {
        return Ok(None);
    }
    Ok(Some(Finding {
        what: Tampering::Removed,
        record: None,
        kind: "run".to_owned(),
        of: Some(run),
        about: text("notebook").to_owned(),
        at: text("started").parse().ok(),
        places: Vec::new(),
        sentence: String::new(),
    }))
}
