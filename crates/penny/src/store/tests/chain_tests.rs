//! Every way to alter the history is found, by real edits of the file.

use rusqlite::Connection;

use super::*;

/// A history with everything in it, its folder, and the output notebook of run 1.
fn whole() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let sync = sync(&store);
    let outputs = folder.path().join("data/outputs");
    std::fs::create_dir_all(&outputs).expect("made");
    let packages = store.keep_environment("pandas 2.3.3", at(0)).expect("written");
    for (number, name) in [(1, "a"), (2, "b"), (3, "c"), (4, "d")] {
        let path = format!("data/outputs/{name}_{number}.ipynb");
        let content = format!("the output of {name}");
        std::fs::write(folder.path().join(&path), &content).expect("written");
        let run = store.begin_run(&start(sync, name)).expect("written");
        store.begin_attempt(run, 1, at(1)).expect("written");
        store.set_output(run, &path, Some(&packages)).expect("written");
        let published =
            Published { table: format!("p.{name}"), rows: 3, at: at(5), report: "{}".into() };
        store.add_publish(Some(run), &published, None).expect("written");
        let output_seal = OutputSeal::of(content.as_bytes());
        let attempt = AttemptEnd {
            outcome: Outcome::Succeeded,
            error: None,
            cause: None,
            output: Some(&path),
            output_seal: Some(&output_seal),
            ended: at(10),
        };
        store.end_attempt(run, 1, &attempt).expect("written");
        let end = RunEnd { output: Some(&path), output_seal: Some(&output_seal), ..end() };
        store.end_run(run, &end).expect("written");
        store.set_peak_memory(run, 1000).expect("written");
    }
    let skip = Skip {
        notebook: "e",
        file: "e.ipynb",
        trigger: Trigger::Timer,
        due: None,
        why: "it was paused",
    };
    store.record_skipped(Some(sync), &[skip], at(11)).expect("written");
    store.end_sync(sync, Outcome::Succeeded, at(12)).expect("written");
    let kept = store.kept_outputs().expect("read");
    let prune = Prune { output: &kept[3], why: "older than 90 days" };
    store.record_pruned(&[prune], at(13)).expect("written");
    std::fs::remove_file(folder.path().join(&kept[3].path)).expect("removed");
    store.removed(&[&kept[3]]).expect("written");
    (folder, store)
}

fn verified(folder: &tempfile::TempDir, head: Option<&str>) -> Verification {
    let store = Store::open(&folder.path().join(".penny/history.db")).expect("opened");
    let outputs = folder.path().join("data/outputs");
    store.verify(&outputs, head, &mut |_, _| {}).expect("read")
}

fn edit(folder: &tempfile::TempDir, sql: &str) {
    let connection = Connection::open(folder.path().join(".penny/history.db")).expect("opened");
    connection.execute_batch(sql).expect(sql);
}

/// What is found after an edit, as "altered run 1 of a [error]".
#[track_caller]
fn found(folder: &tempfile::TempDir) -> Vec<String> {
    let findings = verified(folder, None).findings;
    let words = findings.iter().map(|f| {
        let of = f.of.map_or_else(String::new, |of| format!(" {of}"));
        format!("{} {}{of} of {} {:?}", f.what.word(), f.kind, f.about, f.places)
    });
    words.collect()
}

#[track_caller]
fn check(sql: &str, expected: &[&str]) {
    let (folder, store) = whole();
    drop(store);
    edit(&folder, sql);
    assert_eq!(found(&folder), expected, "{sql}");
}

#[test]
fn a_history_that_nobody_touched_is_intact() {
    let (folder, store) = whole();
    let verification = verified(&folder, None);
    assert_eq!(verification.findings, []);
    // Of each run: the run, its try, its publish, its memory; then the skip, the sync and the prune.
    assert_eq!(verification.records, 4 * 4 + 3);
    assert_eq!((verification.outputs, verification.pruned), (3, 1));
    let head = store.head().expect("read").expect("there is one");
    assert_eq!(verification.head.as_ref(), Some(&head));
    assert_eq!(verified(&folder, Some(&head.hash)).findings, []);
    assert_eq!(verified(&folder, Some(&head.hash[..HEAD_MIN])).findings, []);
}

#[test]
fn a_removed_output_is_kept_in_mind_until_its_file_is_gone() {
    let (_folder, store) = whole();
    let kept = |store: &Store| -> Vec<(RunId, bool)> {
        let all = store.kept_outputs().expect("read");
        all.iter().map(|output| (output.run, output.is_recorded)).collect()
    };
    assert_eq!(kept(&store), [(1, false), (2, false), (3, false)]);
    let outputs = store.kept_outputs().expect("read");
    let prune = || Prune { output: &outputs[0], why: "older than 90 days" };
    // Recorded by two syncs that ended at once, and neither could remove it.
    for _ in 0..2 {
        store.record_pruned(&[prune()], at(14)).expect("written");
        assert_eq!(kept(&store), [(1, true), (2, false), (3, false)]);
    }
    store.removed(&[&outputs[0]]).expect("written");
    assert_eq!(kept(&store), [(2, false), (3, false)]);
}

#[test]
fn every_column_of_every_sealed_row_is_covered() {
    let (folder, store) = whole();
    drop(store);
    let path = folder.path().join(".penny/history.db");
    let columns: Vec<(String, String, String)> = {
        let connection = Connection::open(&path).expect("opened");
        let mut all = Vec::new();
        for table in ["syncs", "runs", "attempts", "publishes", "prunes"] {
            let sql = format!("SELECT name, type FROM pragma_table_info('{table}')");
            let mut query = connection.prepare(&sql).expect("read");
            let columns = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).expect("read");
            all.extend(columns.map(|column| {
                let (name, kind): (String, String) = column.expect("read");
                (table.to_owned(), name, kind)
            }));
        }
        all
    };
    let original = std::fs::read(&path).expect("read");
    for (table, column, kind) in columns {
        let value = match (column.as_str(), kind.as_str()) {
            ("id", _) => "99",
            ("run" | "sync", _) => "77",
            (_, "INTEGER") => "coalesce(c, 0) + 1",
            _ => "coalesce(c, '') || ' '",
        };
        let value = value.replace("c,", &format!("\"{column}\","));
        let sql = format!(
            "PRAGMA foreign_keys = off;
             UPDATE {table} SET \"{column}\" = {value} WHERE id = 1"
        );
        edit(&folder, &sql);
        let findings = verified(&folder, None).findings;
        let named = |f: &&Finding| f.places.contains(&column) || column == "id";
        assert!(findings.iter().any(|f| named(&f)), "{table}.{column}: {findings:?}");
        std::fs::write(&path, &original).expect("written");
    }
}

#[test]
fn a_changed_field_is_named() {
    check(
        "UPDATE runs SET outcome = 'failed', error = 'x' WHERE id = 2",
        &["altered run 2 of b [\"outcome\", \"error\"]"],
    );
    check(
        "UPDATE runs SET peak_memory_bytes = 1 WHERE id = 2",
        &["altered memory 2 of b [\"peak_memory_bytes\"]"],
    );
    check("UPDATE publishes SET rows = 4 WHERE id = 1", &["altered publish 1 of p.a [\"rows\"]"]);
    check("UPDATE prunes SET why = 'x'", &["altered prune 1 of d [\"why\"]"]);
    check("UPDATE syncs SET ended = NULL", &["altered sync 1 of  [\"ended\"]"]);
}

#[test]
fn a_row_that_is_gone_is_named() {
    check("DELETE FROM publishes WHERE id = 2", &["removed publish 2 of p.b []"]);
    check("DELETE FROM attempts WHERE run = 3", &["removed attempt 3 of c []"]);
    check("PRAGMA foreign_keys = off; DELETE FROM runs WHERE id = 5", &["removed run 5 of e []"]);
}

#[test]
fn a_row_that_was_added_is_named() {
    check(
        "INSERT INTO publishes (run, \"table\", rows, at, report) VALUES (1, 'p.x', 9, '2026', '{}')",
        &["added publish 5 of p.x []"],
    );
    check(
        "INSERT INTO runs (sync, notebook, file, source_hash, version, started, ended, outcome)
         VALUES (1, 'x', '', '', '', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'succeeded')",
        &["added run 6 of x []"],
    );
}

#[test]
fn a_seal_that_is_gone_or_altered_is_named() {
    check("DELETE FROM chain WHERE number = 7", &["removed seal of  []", "added run 2 of b []"]);
    check("UPDATE chain SET about = 'x' WHERE number = 7", &["altered run 2 of x [\"seal\"]"]);
    let all = ["content", "fields", "previous", "hash"];
    for column in all {
        let (folder, store) = whole();
        drop(store);
        edit(&folder, &format!("UPDATE chain SET {column} = zeroblob(32) WHERE number = 7"));
        let found = found(&folder);
        assert!(
            !found.is_empty() && found.iter().all(|f| f.contains("run 2 of b")),
            "{column}: {found:?}"
        );
    }
}

#[test]
fn a_record_and_its_seal_gone_from_the_middle_are_missed() {
    let (folder, store) = whole();
    drop(store);
    edit(
        &folder,
        "PRAGMA foreign_keys = off;
         DELETE FROM chain WHERE (kind, of) IN (VALUES ('run', 2), ('memory', 2), ('attempt', 2), ('publish', 2));
         DELETE FROM attempts WHERE run = 2; DELETE FROM publishes WHERE run = 2;
         DELETE FROM runs WHERE id = 2",
    );
    let findings = verified(&folder, None).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].sentence.starts_with("records 5 to 8 are gone"), "{findings:?}");
    assert_eq!(findings[0].what, Tampering::Removed);
}

#[test]
fn what_is_gone_from_the_end_is_missed_by_a_head_that_was_seen() {
    let (folder, store) = whole();
    let head = store.head().expect("read").expect("there is one").hash;
    drop(store);
    edit(&folder, "DELETE FROM prunes; DELETE FROM chain WHERE kind = 'prune'");
    // Without the head, only the output notebook that is gone can tell.
    assert_eq!(found(&folder), ["removed run 4 of d [\"data/outputs/d_4.ipynb\"]"]);
    let findings = verified(&folder, Some(&head)).findings;
    assert!(findings.iter().any(|f| f.kind == "head"), "{findings:?}");
}

#[test]
fn a_chain_that_was_written_anew_fits_but_for_a_head_that_was_seen() {
    let (folder, store) = whole();
    let head = store.head().expect("read").expect("there is one").hash;
    drop(store);
    edit(&folder, "UPDATE runs SET outcome = 'failed' WHERE id = 1; DELETE FROM chain");
    let store = Store::open(&folder.path().join(".penny/history.db")).expect("opened");
    store
        .write(|tx| {
            chain::begin(tx)?;
            chain::seal(tx, &chain::PRUNE, 1)?;
            (1..=4).try_for_each(|id| chain::seal(tx, &chain::ATTEMPT, id))
        })
        .expect("written");
    assert_eq!(verified(&folder, None).findings, []);
    let findings = verified(&folder, Some(&head)).findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].kind, "head");
}

#[test]
fn any_byte_of_an_output_notebook_counts() {
    let (folder, store) = whole();
    drop(store);
    let path = folder.path().join("data/outputs/a_1.ipynb");
    let original = std::fs::read(&path).expect("read");
    for place in 0..original.len() {
        let mut altered = original.clone();
        altered[place] ^= 1;
        std::fs::write(&path, &altered).expect("written");
        assert_eq!(found(&folder), ["altered run 1 of a [\"data/outputs/a_1.ipynb\"]"]);
    }
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(found(&folder), ["removed run 1 of a [\"data/outputs/a_1.ipynb\"]"]);
    std::fs::write(&path, &original).expect("written");
    assert_eq!(found(&folder), Vec::<String>::new());
}

#[test]
fn an_output_notebook_of_a_run_that_is_not_there_is_named() {
    let (folder, store) = whole();
    drop(store);
    let outputs = folder.path().join("data/outputs");
    let content = r#"{"cells": [], "metadata": {"penny": {"run": 40, "notebook": "x",
        "started": "2026-11-22T08:00:00Z"}}, "nbformat": 4, "nbformat_minor": 5}"#;
    std::fs::write(outputs.join("x_1.ipynb"), content).expect("written");
    std::fs::write(outputs.join("mine.ipynb"), "{}").expect("written");
    assert_eq!(found(&folder), ["removed run 40 of x [\"data/outputs/x_1.ipynb\"]"]);
    assert_eq!(verified(&folder, None).strangers, 1);
}

#[test]
fn a_run_whose_number_another_one_got_is_missed_all_the_same() {
    let (folder, store) = whole();
    let began = store.run(1).expect("read").expect("it is there").started;
    drop(store);
    let put = |name: &str, run: i64, started: Timestamp| {
        let content = format!(
            r#"{{"cells": [], "metadata": {{"penny": {{"run": {run}, "notebook": "a", "run_started": "{started}"}}}},
            "nbformat": 4, "nbformat_minor": 5}}"#
        );
        std::fs::write(folder.path().join("data/outputs").join(name), content).expect("written");
    };
    // A copy of an output is nothing that is missing, also under the number that its run had once.
    put("copy.ipynb", 70, began);
    assert_eq!(found(&folder), Vec::<String>::new());
    put("lost.ipynb", 1, at(3000));
    assert_eq!(found(&folder), ["removed run 1 of a [\"data/outputs/lost.ipynb\"]"]);
    let sentence = &verified(&folder, None).findings[0].sentence;
    assert!(sentence.contains("whose run 1 is another one"), "{sentence}");
}

#[test]
fn the_packages_of_an_environment_are_those_of_its_hash() {
    let hash = environment_hash("pandas 2.3.3");
    let altered = format!("altered environment of {hash} [\"packages\"]");
    check("UPDATE environments SET packages = 'pandas 3.0.0'", &[&altered]);
    let removed = format!("removed environment of {hash} [\"packages\"]");
    check("DELETE FROM environments", &[&removed]);
}

#[test]
fn every_column_of_a_sealed_table_is_in_its_seal() {
    let (_folder, store) = store();
    for kind in chain::ALL {
        let sealed: Vec<&str> = chain::ALL
            .into_iter()
            .filter(|other| other.table == kind.table)
            .flat_map(|other| other.columns(other.format()).unwrap_or_default())
            .collect();
        let columns: Vec<String> = store
            .read(|c| {
                let mut query = c.prepare("SELECT name FROM pragma_table_info(?1)")?;
                query.query_map([kind.table], |r| r.get(0))?.collect()
            })
            .expect("read");
        for column in columns {
            let hint = "add a format with it to store/chain/kinds.rs";
            assert!(
                sealed.contains(&column.as_str()),
                "{}.{column} is not sealed: {hint}",
                kind.table
            );
        }
    }
}

#[test]
fn processes_that_write_at_once_write_one_chain() {
    let (folder, store) = store();
    let path = store.path.clone();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let store = Store::open(path).expect("opened");
                for _ in 0..20 {
                    let table = format!("p.t{number}");
                    let published =
                        Published { table, rows: 1, at: at(number), report: "{}".into() };
                    store.add_publish(None, &published, None).expect("written");
                }
            });
        }
    });
    let verification = verified(&folder, None);
    assert_eq!((verification.records, verification.findings), (80, Vec::new()));
}
