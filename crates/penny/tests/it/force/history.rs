//! What the history must say, whatever happened.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::NOTEBOOKS;
use crate::support::Workspace;

pub struct History<'a> {
    workspace: &'a Workspace,
}

impl<'a> History<'a> {
    pub fn of(workspace: &'a Workspace) -> History<'a> {
        History { workspace }
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        serde_json::from_value(crate::service::history(self.workspace, sql)).expect("rows")
    }

    /// The number of the newest run; 0 where there is none.
    pub fn newest_run(workspace: &Workspace) -> i64 {
        if !workspace.root().join(".penny/history.db").exists() {
            return 0;
        }
        let sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'due_times') \
                   THEN coalesce((SELECT max(id) FROM runs), 0) ELSE 0 END";
        match crate::service::try_history(workspace, sql) {
            Some(rows) => rows[0][0].as_i64().unwrap_or(0),
            None => 0,
        }
    }

    /// Whether each notebook has succeeded in a run after that one.
    pub fn all_succeeded_since(workspace: &Workspace, run: i64) -> bool {
        let sql = format!(
            "SELECT count(DISTINCT notebook) FROM runs WHERE id > {run} AND outcome = 'succeeded'"
        );
        let rows = crate::service::try_history(workspace, &sql);
        rows.is_some_and(|rows| rows == json!([[NOTEBOOKS.len()]]))
    }

    /// No due time has two runs, and no run is there twice.
    #[track_caller]
    pub fn has_nothing_twice(&self) {
        self.finds_nothing(&[
            (
                "a due time has two records",
                "SELECT notebook, due, group_concat(id || ' ' || sync || ' ' || trigger || ' ' || coalesce(outcome, '') || ' ' || \
                 started, ', ') FROM runs WHERE due IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1",
            ),
            (
                "a token has two runs",
                "SELECT token, count(*) FROM runs WHERE token IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
            ),
        ]);
    }

    /// Every run and attempt has one end, nothing is there twice, and the outputs are those that are recorded.
    #[track_caller]
    pub fn holds(&self) {
        self.has_nothing_twice();
        self.finds_nothing(&[
            (
                "a run has no end",
                "SELECT id, notebook FROM runs WHERE ended IS NULL OR outcome IS NULL",
            ),
            ("an attempt has no end", "SELECT run, number FROM attempts WHERE ended IS NULL"),
            ("a sync has no end", "SELECT id FROM syncs WHERE ended IS NULL OR outcome IS NULL"),
            (
                "a run ended before it began",
                "SELECT id FROM runs WHERE attempts > 0 AND outcome = 'succeeded' AND output IS NULL",
            ),
            (
                "the file is damaged",
                "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
            ),
        ]);
        let runs = self.rows("SELECT outcome, count(*) FROM runs GROUP BY 1");
        eprintln!("runs: {}", json!(runs));
        self.outputs_are_recorded();
    }

    #[track_caller]
    fn finds_nothing(&self, queries: &[(&str, &str)]) {
        for (what, sql) in queries {
            assert_eq!(self.rows(sql), Vec::<Vec<Value>>::new(), "{what}");
        }
    }

    #[track_caller]
    fn outputs_are_recorded(&self) {
        let recorded = "SELECT output FROM runs WHERE output IS NOT NULL UNION \
                        SELECT output FROM attempts WHERE output IS NOT NULL";
        let text = |row: Vec<Value>| row[0].as_str().expect("a path").to_owned();
        let recorded: BTreeSet<String> = self.rows(recorded).into_iter().map(text).collect();
        let entries = fs::read_dir(self.workspace.root().join("data/outputs")).expect("a folder");
        let mut there = BTreeSet::new();
        for entry in entries {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = fs::read(&path).expect("read");
            assert!(serde_json::from_slice::<Value>(&bytes).is_ok(), "{name} is no whole notebook");
            there.insert(format!("data/outputs/{name}"));
        }
        assert_eq!(recorded, there, "on the left what is recorded, on the right what is there");
    }
}
