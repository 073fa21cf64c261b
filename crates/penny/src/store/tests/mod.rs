//! What the history promises, tried on real files.

use jiff::Timestamp;

use super::*;

mod chain_tests;
mod observed_tests;
mod schema_tests;

/// A moment, so many seconds after the first.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).expect("a time")
}

/// An empty history.
pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join(".penny/history.db")).expect("opened");
    (folder, store)
}

/// A sync that somebody asked for begins.
pub(crate) fn sync(store: &Store) -> SyncId {
    let start = SyncStart { trigger: Trigger::Manual, due: None, at: at(0) };
    store.begin_sync(&start).expect("written")
}

/// The start of a run of a notebook.
pub(crate) fn start(sync: SyncId, notebook: &str) -> RunStart<'_> {
    RunStart {
        sync,
        notebook,
        file: "n.ipynb",
        trigger: Trigger::Manual,
        due: None,
        source_hash: "",
        token: None,
        started: at(0),
    }
}

/// The end of a run that succeeded.
pub(crate) fn end<'a>() -> RunEnd<'a> {
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
        ended: at(10),
    }
}

fn run(store: &Store, sync: SyncId, tables: &[&str]) -> RunId {
    let run = store.begin_run(&start(sync, "n")).expect("written");
    for table in tables {
        let published =
            Published { table: (*table).into(), rows: 1, at: at(5), report: "{}".into() };
        store.add_publish(Some(run), &published, None).expect("written");
    }
    store.end_run(run, &end()).expect("written");
    run
}

#[test]
fn a_table_that_a_run_no_longer_publishes_is_found_once_and_again_later() {
    let (_folder, store) = store();
    let sync = sync(&store);
    run(&store, sync, &["p.a", "p.b", "p.a"]);
    for _ in 0..2 {
        let later = run(&store, sync, &[]);
        let gone = store.no_longer_published("n", later).expect("read");
        let names: Vec<_> = gone.iter().map(|p| p.table.as_str()).collect();
        assert_eq!(names, ["p.b", "p.a"]);
    }
}

#[test]
fn a_run_that_was_cut_off_is_marked_crashed_once_with_its_output_so_far() {
    let (folder, store) = store();
    let sync = sync(&store);
    let run = store.begin_run(&start(sync, "n")).expect("written");
    store.begin_attempt(run, 1, at(1)).expect("written");
    std::fs::write(folder.path().join("n_1.ipynb"), "half").expect("written");
    store.set_output(run, "n_1.ipynb", None).expect("written");
    drop(store);
    let store = Store::open(&folder.path().join(".penny/history.db")).expect("opened");
    let crashed = store.mark_crashed(at(60)).expect("written");
    let expected = CrashedRun { run, sync, notebook: "n".into(), output: Some("n_1.ipynb".into()) };
    assert_eq!(crashed, [expected]);
    assert_eq!(store.mark_crashed(at(61)).expect("written"), []);
    let seal = OutputSeal::of(b"half");
    for table in ["runs", "attempts"] {
        let found: (String, String, u64) = store
            .read(|c| {
                let sql = format!("SELECT outcome, output_hash, output_bytes FROM {table}");
                c.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, i64>(2)? as u64)))
            })
            .expect("read");
        assert_eq!(found, ("crashed".into(), seal.hash.clone(), 4), "{table}");
    }
}

#[test]
fn a_run_and_a_miss_account_for_their_due_times() {
    let (_folder, store) = store();
    let sync = sync(&store);
    assert_eq!(store.last_due("n").expect("read"), None);
    store.begin_run(&RunStart { due: Some(at(7)), ..start(sync, "n") }).expect("written");
    assert_eq!(store.last_due("n").expect("read"), Some(at(7)));
    let skip = Skip {
        notebook: "n",
        file: "n.ipynb",
        trigger: Trigger::Timer,
        due: Some(at(9)),
        why: "the run before it was still going",
    };
    let skipped = store.record_skipped(None, &[skip], at(9)).expect("written");
    assert_eq!(store.last_due("n").expect("read"), Some(at(9)));
    let outcome: (String, String) = store
        .read(|c| {
            c.query_row(
                "SELECT r.outcome, s.outcome FROM runs r JOIN syncs s ON s.id = r.sync WHERE r.id = ?1",
                [skipped[0]],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
        })
        .expect("read");
    assert_eq!(outcome, ("skipped".into(), "skipped".into()));
    store.set_dues(&[("m", at(8))]).expect("written");
    let all = store.last_dues().expect("read");
    assert_eq!((all.len(), all["m"]), (2, at(8)));
}

#[test]
fn due_times_are_kept_under_whatever_a_notebook_is_called() {
    let (_folder, store) = store();
    let names = ["a", "\"clôture\" d'été", "c:\\d", "[1]", "null", "12", "é\u{301}\u{1f4c8}\n"];
    let dues: Vec<(&str, Timestamp)> =
        names.iter().zip([1, 2, 1, 3, 2, 1, 4]).map(|(name, moment)| (*name, at(moment))).collect();
    store.set_dues(&dues).expect("written");
    store.set_dues(&[("a", at(9)), ("b", at(9))]).expect("written");
    // An earlier one may be a wrong clock's.
    store.set_dues(&[("a", at(8)), ("b", at(9))]).expect("written");
    let all = store.last_dues().expect("read");
    assert_eq!((all.len(), all["a"], all["b"]), (names.len() + 1, at(9), at(9)));
    // It is kept beside until a run or a miss tells.
    assert_eq!(store.counted_from().expect("read"), [("a".to_owned(), at(8))]);
    let sync = sync(&store);
    store.begin_run(&RunStart { due: Some(at(8)), ..start(sync, "a") }).expect("written");
    assert_eq!(store.counted_from().expect("read"), []);
    assert_eq!(store.last_due("a").expect("read"), Some(at(8)));
    for (name, due) in &dues[1..] {
        assert_eq!((all.get(*name), store.last_due(name).expect("read")), (Some(due), Some(*due)));
    }
}

#[test]
fn a_pause_holds_until_it_is_resumed() {
    let (_folder, store) = store();
    assert!(store.pause(Some("n"), "someone", at(0)).expect("written"));
    assert!(!store.pause(Some("n"), "someone", at(0)).expect("written"));
    assert!(store.pause(None, "someone", at(0)).expect("written"));
    let paused = store.paused().expect("read");
    assert_eq!(paused, Paused { all: true, notebooks: vec!["n".into()] });
    assert!(paused.holds("n") && paused.holds("m"));
    assert!(store.resume(None).expect("written"));
    assert!(!store.resume(Some("n")).expect("written"));
    assert_eq!(store.paused().expect("read"), Paused::default());
}

#[test]
fn a_request_is_taken_once_and_answered() {
    let (folder, store) = store();
    let other = Store::open(&folder.path().join(".penny/history.db")).expect("opened");
    let request = |seconds| Request {
        kind: Asked::Run,
        names: vec!["n".into()],
        parameters: serde_json::from_str(r#"{"montant": 12.50}"#).expect("JSON"),
        by: "claire, by a test".into(),
        asked: at(seconds),
    };
    let old = other.ask(&request(-3600)).expect("written");
    let asked = other.ask(&request(0)).expect("written");
    assert!(store.changed().expect("read"));
    assert!(!store.changed().expect("read"));
    let taken = store.take_requests(at(1)).expect("written");
    assert_eq!(taken, [(asked, request(0))]);
    assert_eq!(store.take_requests(at(1)).expect("written"), []);
    assert_eq!(other.answer_of(asked).expect("read"), None);
    let sync = sync(&store);
    store.answer(asked, &Answer::Sync(sync), at(2)).expect("written");
    assert_eq!(other.answer_of(asked).expect("read"), Some(Answer::Sync(sync)));
    assert!(matches!(other.answer_of(old).expect("read"), Some(Answer::Refused(_))));
    assert!(!other.withdraw(asked).expect("written"));
    let regretted = other.ask(&request(3)).expect("written");
    assert!(other.withdraw(regretted).expect("written"));
    assert_eq!(store.take_requests(at(4)).expect("written"), []);
}

#[test]
fn what_is_asked_for_is_what_is_taken_and_its_values_are_forgotten() {
    let (_folder, store) = store();
    let asked = [Asked::Run, Asked::Retry(3), Asked::CancelRun(4), Asked::CancelSync(5)];
    let request = |kind| Request {
        kind,
        names: vec!["n".into()],
        parameters: serde_json::from_str(r#"{"code": "secret"}"#).expect("JSON"),
        by: "claire".into(),
        asked: at(0),
    };
    for kind in asked {
        store.ask(&request(kind)).expect("written");
    }
    let taken = store.take_requests(at(1)).expect("written");
    let taken: Vec<Request> = taken.into_iter().map(|(_, request)| request).collect();
    assert_eq!(taken, asked.map(request));
    let kept: i64 = store
        .read(|c| {
            c.query_row("SELECT count(*) FROM requests WHERE parameters <> '{}'", [], |r| r.get(0))
        })
        .expect("read");
    assert_eq!(kept, 0);
}

#[test]
fn a_pause_keeps_who_made_it_and_when() {
    let (_folder, store) = store();
    store.pause(Some("b"), "claire", at(1)).expect("written");
    store.pause(None, "paul", at(2)).expect("written");
    store.pause(Some("b"), "paul", at(3)).expect("written");
    let pause = |notebook: Option<&str>, by: &str, seconds| Pause {
        notebook: notebook.map(str::to_owned),
        by: by.into(),
        at: at(seconds),
    };
    let expected = [pause(None, "paul", 2), pause(Some("b"), "claire", 1)];
    assert_eq!(store.pauses().expect("read"), expected);
}

#[test]
fn an_environment_is_kept_once() {
    let (_folder, store) = store();
    let packages = "pandas 2.3.3\npyarrow 22.0.0";
    let hash = store.keep_environment(packages, at(0)).expect("written");
    assert_eq!(store.keep_environment(packages, at(9)).expect("written"), hash);
    assert_eq!(store.packages_of(&hash).expect("read").as_deref(), Some(packages));
    assert_eq!(hash, environment_hash(packages));
}
