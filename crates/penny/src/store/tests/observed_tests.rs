//! What alerts see of a history that is being written.

use std::collections::HashMap;

use super::*;

const SYNCS: usize = 300;
const RUNS: [&str; 3] = ["achats", "banque", "ventes"];

#[test]
fn of_a_sync_that_is_no_longer_under_way_every_run_was_seen() {
    let (folder, store) = store();
    let path = folder.path().join(".penny/history.db");
    let writer = std::thread::spawn(move || {
        let store = Store::open(&path).expect("opened");
        for _ in 0..SYNCS {
            let sync = sync(&store);
            for notebook in RUNS {
                let run = store.begin_run(&start(sync, notebook)).expect("written");
                store.end_run(run, &end()).expect("written");
            }
            store.end_sync(sync, Outcome::Succeeded, at(10)).expect("written");
        }
    });
    let mut cursor = Cursor::default();
    let mut seen: HashMap<SyncId, usize> = HashMap::new();
    loop {
        let is_over = writer.is_finished();
        let look = store.since(&cursor).expect("read");
        look.ended.iter().for_each(|run| *seen.entry(run.sync).or_default() += 1);
        for (sync, runs) in &seen {
            let all = *runs == RUNS.len();
            assert!(all || look.under_way.contains(sync), "of sync {sync}, {runs} runs were seen");
        }
        cursor = look.cursor;
        if is_over {
            break;
        }
    }
    writer.join().expect("it wrote");
    assert_eq!(seen.len(), SYNCS);
}
