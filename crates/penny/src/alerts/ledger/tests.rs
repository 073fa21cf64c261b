use super::*;

const PARIS_NOON: &str = "2026-11-23T11:00:00Z";

fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = PARIS_NOON.parse().expect("a time");
    noon + jiff::SignedDuration::from_secs(seconds)
}

fn run(id: i64, notebook: &str, outcome: Outcome, ended: i64) -> EndedRun {
    EndedRun {
        id,
        sync: id,
        notebook: notebook.into(),
        trigger: "timer".into(),
        outcome,
        cut_off: false,
        error: (outcome != Outcome::Succeeded).then(|| "it failed".into()),
        output: None,
        due: None,
        started: at(ended - 5),
        ended: at(ended),
        rows: 0,
    }
}

/// What is told at that moment, as "failure a b; recovery c"; it then counts as told to one alert.
fn tell(ledger: &mut Ledger, under_way: &[SyncId], now: i64) -> String {
    let under_way = under_way.iter().copied().collect();
    let news = ledger.news(&under_way, Duration::from_secs(120), at(now));
    let mut said = Vec::new();
    for news in news {
        let names: Vec<&str> = news.keys.iter().map(|key| key.1.as_str()).collect();
        said.push(format!("{} {}", news.kind.word(), names.join(" ")));
        for key in &news.keys {
            ledger.told(key, BTreeMap::from([("mail".into(), "id".into())]));
        }
    }
    said.join("; ")
}

#[test]
fn a_notebook_that_goes_on_failing_is_told_once_and_that_it_works_again_once() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 0));
    assert_eq!(tell(&mut ledger, &[], 1), "failure a");
    for (id, outcome) in [(2, Outcome::Failed), (3, Outcome::TimedOut), (4, Outcome::Crashed)] {
        ledger.run_ended(&run(id, "a", outcome, id * 60));
        assert_eq!(tell(&mut ledger, &[], id * 60 + 1), "");
    }
    assert_eq!(ledger.get(&(AlertKind::Failure, "a".into())).map(|e| e.since), Some(at(0)));
    ledger.run_ended(&run(5, "a", Outcome::Succeeded, 400));
    assert_eq!(tell(&mut ledger, &[], 401), "recovery a");
    ledger.run_ended(&run(6, "a", Outcome::Succeeded, 500));
    assert_eq!(tell(&mut ledger, &[], 501), "");
    ledger.run_ended(&run(7, "a", Outcome::Failed, 600));
    assert_eq!(tell(&mut ledger, &[], 601), "failure a");
}

#[test]
fn failures_of_one_sync_come_together_at_its_end() {
    let mut ledger = Ledger::default();
    let of_sync =
        |id, notebook, ended| EndedRun { sync: 9, ..run(id, notebook, Outcome::Failed, ended) };
    ledger.run_ended(&of_sync(1, "a", 0));
    assert_eq!(tell(&mut ledger, &[9], 10), "");
    ledger.run_ended(&of_sync(2, "b", 20));
    assert_eq!(tell(&mut ledger, &[9], 30), "");
    assert_eq!(tell(&mut ledger, &[], 40), "failure a b");
}

#[test]
fn a_failure_does_not_wait_long_for_the_end_of_a_long_sync() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 0));
    assert_eq!(tell(&mut ledger, &[1], 119), "");
    assert_eq!(tell(&mut ledger, &[1], 120), "failure a");
}

#[test]
fn what_is_over_before_it_was_told_is_never_told() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 0));
    assert_eq!(tell(&mut ledger, &[1], 10), "");
    ledger.run_ended(&run(2, "a", Outcome::Succeeded, 20));
    assert_eq!(tell(&mut ledger, &[], 30), "");
    assert_eq!(ledger, Ledger::default());
}

#[test]
fn what_comes_back_before_its_end_was_told_has_never_been_over() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 0));
    assert_eq!(tell(&mut ledger, &[], 1), "failure a");
    ledger.run_ended(&run(2, "a", Outcome::Succeeded, 10));
    assert_eq!(tell(&mut ledger, &[2], 11), "");
    ledger.run_ended(&run(3, "a", Outcome::Failed, 20));
    assert_eq!(tell(&mut ledger, &[], 21), "");
}

#[test]
fn what_says_nothing_of_a_notebook_changes_nothing() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Skipped, 0));
    ledger.run_ended(&run(2, "a", Outcome::Cancelled, 0));
    ledger.run_ended(&EndedRun { cut_off: true, ..run(3, "a", Outcome::Crashed, 0) });
    assert_eq!(tell(&mut ledger, &[], 1), "");
    ledger.run_ended(&run(4, "a", Outcome::Failed, 0));
    assert_eq!(tell(&mut ledger, &[], 1), "failure a");
    ledger.run_ended(&run(5, "a", Outcome::Skipped, 0));
    ledger.run_ended(&run(6, "a", Outcome::Cancelled, 0));
    assert_eq!(tell(&mut ledger, &[], 1), "");
}

fn table(name: &str, published: i64) -> TableState {
    TableState {
        table: name.into(),
        notebook: Some("n".into()),
        sync: None,
        rows: 10,
        published: at(published),
    }
}

#[test]
fn a_table_is_told_too_old_once_and_fresh_again_once() {
    let mut ledger = Ledger::default();
    let six_hours = Duration::from_secs(6 * 3600);
    let mut look = |published, now, may_begin: bool| {
        let age = |state: &TableState| {
            let passed = at(now).duration_since(state.published).as_secs();
            match (passed > 6 * 3600, may_begin) {
                (false, _) => Age::Fresh,
                (true, true) => Age::TooOld(six_hours),
                (true, false) => Age::Unknown,
            }
        };
        ledger.tables(&[table("p.t", published)], &age);
        tell(&mut ledger, &[], now)
    };
    assert_eq!(look(0, 6 * 3600, true), "");
    assert_eq!(look(0, 6 * 3600 + 1, false), "");
    assert_eq!(look(0, 6 * 3600 + 1, true), "stale p.t");
    assert_eq!(look(0, 9 * 3600, true), "");
    assert_eq!(look(0, 9 * 3600, false), "");
    assert_eq!(look(9 * 3600, 9 * 3600 + 1, false), "recovery p.t");
    assert_eq!(look(9 * 3600, 9 * 3600 + 2, true), "");
}

#[test]
fn a_table_that_may_get_any_age_is_never_too_old_and_no_longer_once_nobody_watches_it() {
    let mut ledger = Ledger::default();
    ledger.tables(&[table("p.t", 0)], &|_| Age::Unknown);
    assert_eq!(tell(&mut ledger, &[], 1_000_000), "");
    ledger.tables(&[table("p.t", 0)], &|_| Age::TooOld(Duration::from_secs(3600)));
    assert_eq!(tell(&mut ledger, &[], 1_000_000), "stale p.t");
    ledger.keep_stale(&|_| false);
    assert_eq!(ledger, Ledger::default());
}

#[test]
fn a_run_is_slow_after_three_times_its_usual_length_and_a_minute_more() {
    #[track_caller]
    fn check(usual: u64, passed: i64, slow: bool) {
        let mut ledger = Ledger::default();
        let running = RunningRun { id: 1, notebook: "a".into(), started: at(0) };
        ledger.running(&running, Duration::from_secs(usual), at(passed));
        let said = tell(&mut ledger, &[], passed);
        assert_eq!(said, if slow { "slow a" } else { "" }, "{usual} {passed}");
    }
    check(2, 61, false);
    check(2, 63, true);
    check(30, 90, false);
    check(30, 91, true);
    check(600, 1800, false);
    check(600, 1801, true);
    check(600, -100, false);
}

#[test]
fn a_slow_run_is_told_once_and_its_end_only_if_it_went_well() {
    let running = RunningRun { id: 1, notebook: "a".into(), started: at(0) };
    let usual = Duration::from_secs(10);
    for (outcome, said) in [
        (Outcome::Succeeded, "recovery a"),
        (Outcome::Failed, "failure a"),
        (Outcome::Cancelled, ""),
    ] {
        let mut ledger = Ledger::default();
        ledger.running(&running, usual, at(100));
        assert_eq!(tell(&mut ledger, &[], 100), "slow a");
        ledger.running(&running, usual, at(200));
        assert_eq!(tell(&mut ledger, &[], 200), "");
        ledger.run_ended(&run(1, "a", outcome, 300));
        assert_eq!(tell(&mut ledger, &[], 301), said);
    }
}

#[test]
fn a_run_that_others_are_skipped_for_is_told_slow_once() {
    let running = RunningRun { id: 1, notebook: "a".into(), started: at(0) };
    let mut ledger = Ledger::default();
    // Each due time that passes meanwhile is skipped, and one that was asked for is taken back.
    for (look, other) in [Outcome::Skipped, Outcome::Skipped, Outcome::Cancelled].iter().enumerate()
    {
        let (id, now) = (2 + look as i64, 100 + 60 * look as i64);
        ledger.run_ended(&run(id, "a", *other, now));
        ledger.running(&running, Duration::from_secs(10), at(now));
        assert_eq!(tell(&mut ledger, &[], now), if look == 0 { "slow a" } else { "" }, "{other:?}");
    }
    // Its own end is what ends that.
    ledger.run_ended(&run(1, "a", Outcome::Cancelled, 300));
    assert_eq!(ledger, Ledger::default());
}

#[test]
fn a_skipped_run_ends_nothing() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 0));
    ledger.tables(&[table("p.t", 0)], &|_| Age::TooOld(Duration::from_secs(1)));
    let running = RunningRun { id: 2, notebook: "a".into(), started: at(0) };
    ledger.running(&running, Duration::from_secs(1), at(100));
    assert_eq!(tell(&mut ledger, &[], 100), "failure a; stale p.t; slow a");
    let before = ledger.clone();
    ledger.run_ended(&run(3, "a", Outcome::Skipped, 200));
    assert_eq!(ledger, before);
    assert_eq!(tell(&mut ledger, &[], 201), "");
}

#[test]
fn what_is_usual_is_the_middle_of_enough_runs() {
    assert_eq!(usual(vec![1.0, 2.0]), None);
    assert_eq!(usual(vec![100.0, 2.0, 3.0]), Some(Duration::from_secs(3)));
}

#[test]
fn a_service_in_trouble_is_told_once_and_that_it_is_well_once() {
    let mut ledger = Ledger::default();
    ledger.service(None, at(0));
    assert_eq!(tell(&mut ledger, &[], 0), "");
    for now in 0..3 {
        ledger.service(Some("PostgreSQL does not answer"), at(now));
        assert_eq!(tell(&mut ledger, &[], now), if now == 0 { "service " } else { "" });
    }
    ledger.service(None, at(9));
    assert_eq!(tell(&mut ledger, &[], 9), "recovery ");
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 100_000));
    assert_eq!(tell(&mut ledger, &[1], 0), "failure a");
}

#[test]
fn events_survive_being_kept() {
    let mut ledger = Ledger::default();
    ledger.run_ended(&run(1, "a", Outcome::Failed, 0));
    ledger.tables(&[table("p.t", 0)], &|_| Age::TooOld(Duration::from_secs(1)));
    ledger.running(
        &RunningRun { id: 1, notebook: "b".into(), started: at(0) },
        Duration::from_secs(1),
        at(100),
    );
    ledger.service(Some("no"), at(1));
    assert_eq!(tell(&mut ledger, &[], 100), "failure a; stale p.t; slow b; service ");
    ledger.run_ended(&run(2, "a", Outcome::Succeeded, 200));
    let kept: Vec<String> =
        ledger.events().map(|e| serde_json::to_string(e).expect("JSON")).collect();
    let read = kept.iter().map(|text| serde_json::from_str(text).expect("an event"));
    assert_eq!(Ledger::new(read), ledger);
}
