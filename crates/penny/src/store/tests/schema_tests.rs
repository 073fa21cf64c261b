//! Histories of earlier versions, damaged ones, and how queries find their rows.

use rusqlite::Connection;

use super::*;

/// A history as an earlier version left it, by the statements of that version.
fn earlier(version: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(".penny/history.db");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let connection = Connection::open(&path).expect("opened");
    let steps = [include_str!("version-1.sql"), include_str!("version-2.sql")];
    steps[..version].iter().for_each(|step| connection.execute_batch(step).expect("made"));
    connection.pragma_update(None, "user_version", version as i64).expect("written");
    connection
        .execute_batch(
            "INSERT INTO syncs VALUES (1, 'demo', '2026-11-20T08:00:00.5Z', '2026-11-20T08:01:00Z', 'failed');
             INSERT INTO runs (id, sync, notebook, file, source_hash, version, started, ended, outcome, output)
             VALUES (1, 1, 'a', 'a.ipynb', 'abc', '0.1.0', '2026-11-20T08:00:01Z', '2026-11-20T08:00:09Z',
                     'succeeded', 'data/outputs/a_1.ipynb'),
                    (2, 1, 'b', 'b.ipynb', 'def', '0.1.0', '2026-11-20T08:00:02Z', NULL, NULL, NULL);
             INSERT INTO publishes VALUES (1, 1, 'p.a', 12, '2026-11-20T08:00:05Z', '{}');",
        )
        .expect("written");
    if version > 1 {
        connection
            .execute("UPDATE runs SET peak_memory_bytes = 5 WHERE id = 1", [])
            .expect("written");
    }
    (folder, path)
}

#[test]
fn a_history_of_an_earlier_version_is_brought_up_to_date_and_sealed() {
    for version in [1, 2] {
        let (folder, path) = earlier(version);
        let store = Store::open(&path).expect("opened");
        let published = store.published_by(1).expect("read");
        assert_eq!((published[0].rows, published[0].table.as_str()), (12, "p.a"));
        let verify = || store.verify(&folder.path().join("data/outputs"), None, &mut |_, _| {});
        let verification = verify().expect("read");
        assert_eq!(verification.findings, []);
        assert_eq!(verification.records, version as u64 + 2);
        assert_eq!(verification.before_chain, 1);
        // The run that was cut off is sealed when that is noticed.
        assert_eq!(store.mark_crashed(at(0)).expect("written").len(), 1);
        assert_eq!(verify().expect("read").records, version as u64 + 3);
        drop(store);
        Store::open(&path).expect("opened a second time");
    }
}

#[test]
fn two_that_open_an_earlier_history_at_once_bring_it_up_to_date_once() {
    let (_folder, path) = earlier(1);
    std::thread::scope(|scope| {
        let open = || Store::open(&path).map(drop).map_err(|e| e.sentence());
        let all: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        all.into_iter().for_each(|one| one.join().expect("no panic").expect("opened"));
    });
}

#[test]
fn a_history_of_a_newer_version_is_left_alone() {
    let (_folder, store) = store();
    let path = store.path.clone();
    drop(store);
    let connection = Connection::open(&path).expect("opened");
    connection.pragma_update(None, "user_version", 9999).expect("written");
    drop(connection);
    let error = Store::open(&path).err().expect("it is refused");
    assert!(error.sentence().contains("was written by a newer Penny"), "{}", error.sentence());
    assert_eq!(error.hints(), ["update penny on this computer"]);
}

#[test]
fn a_damaged_history_ends_in_a_sentence_never_in_a_panic() {
    let (folder, store) = store();
    let path = store.path.clone();
    let sync = sync(&store);
    (0..50).for_each(|_| _ = run(&store, sync, &["p.a"]));
    store.settle().expect("written");
    drop(store);
    let original = std::fs::read(&path).expect("read");
    let mut refused = 0;
    let damaged = (0..original.len()).step_by(997).map(|place| {
        let mut bytes = original.clone();
        let end = (place + 64).min(bytes.len());
        bytes[place..end].fill(0xa5);
        bytes
    });
    let cut = [1, 100, 4096, original.len() / 2].map(|length| original[..length].to_vec());
    for bytes in damaged.chain(cut) {
        std::fs::write(&path, &bytes).expect("written");
        let tried = Store::open(&path).and_then(|store| {
            store.mark_crashed(at(0))?;
            store.kept_outputs()?;
            store.verify(folder.path(), None, &mut |_, _| {})
        });
        // Where the damage is in no page that is read, the chain finds it, or it hurts nobody.
        if let Err(error) = tried {
            assert!(error.sentence().contains("history.db"), "{}", error.sentence());
            refused += 1;
        }
        std::fs::remove_file(path.with_extension("db-wal")).ok();
        std::fs::remove_file(path.with_extension("db-shm")).ok();
    }
    assert!(refused > 5, "{refused}");
}

#[test]
fn a_full_disk_ends_in_a_sentence_and_loses_nothing_that_was_written() {
    let (_folder, store) = store();
    let sync = sync(&store);
    run(&store, sync, &["p.a"]);
    let pages: i64 = store
        .read(|c| {
            let pages: i64 = c.pragma_query_value(None, "page_count", |r| r.get(0))?;
            c.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(pages)
        })
        .expect("set");
    assert!(pages > 10);
    let error = (0..10_000)
        .find_map(|_| {
            let published =
                Published { table: "p.b".into(), rows: 1, at: at(5), report: "x".repeat(500) };
            store.add_publish(None, &published, None).err()
        })
        .expect("the disk is full at last");
    assert_eq!(error.hints(), ["the disk is full: free some space, then run the command again"]);
    let verification = store.verify(Path::new("/nowhere"), None, &mut |_, _| {}).expect("read");
    assert_eq!(verification.findings, []);
}

#[test]
fn what_was_committed_is_on_the_disk() {
    let (_folder, store) = store();
    let pragma = |name: &str| -> i64 {
        store.read(|c| c.pragma_query_value(None, name, |r| r.get(0))).expect("read")
    };
    // 2 is FULL: each commit waits for the disk.
    assert_eq!(pragma("synchronous"), 2);
    assert_eq!(pragma("fullfsync"), 1);
}

#[cfg(not(windows))]
#[test]
fn the_history_is_its_owners_alone() {
    let (_folder, store) = store();
    assert!(!crate::platform::readable_by_others(&store.path));
}

#[test]
fn queries_of_a_long_history_use_its_indexes() {
    let (_folder, store) = store();
    let sync = sync(&store);
    store
        .write(|tx| {
            tx.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                 INSERT INTO runs (sync, notebook, file, source_hash, version, started, ended, outcome)
                 SELECT ?1, 'notebook ' || (i % 12), '', '', '', strftime('%FT%T.000000Z', 1700000000 + i * 600,
                 'unixepoch'), '', CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'succeeded' END FROM n",
                [sync],
            )?;
            tx.execute_batch(
                "INSERT INTO syncs (trigger, started, ended) SELECT 'timer', started, '' FROM runs;
                 INSERT INTO prunes (run, output, why, at) SELECT id, '', '', '' FROM runs;
                 ANALYZE",
            )
        })
        .expect("written");
    #[track_caller]
    fn check(store: &Store, sql: &str, index: &str) {
        let plan: Vec<String> = store
            .read(|c| {
                let mut query = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                query.query_map([], |r| r.get(3))?.collect()
            })
            .expect("planned");
        let uses = plan.iter().any(|step| step.contains(index));
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE") || step == "SCAN runs");
        assert!(uses && !sorts, "{sql}: {plan:?}");
    }
    check(&store, "SELECT max(id) FROM runs WHERE notebook = 'n'", "runs_");
    check(
        &store,
        "SELECT notebook, max(id) FROM runs GROUP BY notebook",
        "COVERING INDEX runs_of_notebook",
    );
    check(
        &store,
        "SELECT * FROM runs WHERE notebook = 'n' ORDER BY id DESC LIMIT 20",
        "runs_of_notebook",
    );
    check(
        &store,
        "SELECT * FROM runs WHERE started >= '2026-11-01' ORDER BY started DESC LIMIT 20",
        "runs_by_start",
    );
    check(
        &store,
        "SELECT * FROM runs WHERE notebook = 'n' AND outcome = 'succeeded' ORDER BY id DESC LIMIT 1",
        "runs_by_outcome",
    );
    check(&store, "SELECT * FROM runs WHERE sync = 5", "runs_of_sync");
    check(&store, "SELECT * FROM runs WHERE ended IS NULL", "runs_under_way");
    check(&store, "SELECT * FROM syncs WHERE ended IS NULL", "syncs_under_way");
    check(&store, "SELECT * FROM attempts WHERE ended IS NULL", "attempts_under_way");
    check(&store, "SELECT id FROM requests WHERE taken IS NULL", "requests_waiting");
    check(&store, "SELECT * FROM prunes WHERE run = 5", "prunes_of_run");
    check(&store, "SELECT * FROM chain WHERE kind = 'run' AND of = 5", "chain_of_row");
}
