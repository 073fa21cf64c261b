use super::*;

const DAY: i64 = 86_400;

/// The 22nd of November 2026, noon in Paris.
fn now() -> Timestamp {
    "2026-11-22T11:00:00Z".parse().expect("a time")
}

fn output(notebook: &str, days_ago: i64, outcome: Outcome) -> KeptOutput {
    KeptOutput {
        run: 10_000 - days_ago,
        attempt: None,
        notebook: notebook.to_owned(),
        started: now() - SignedDuration::from_secs(days_ago * DAY),
        outcome,
        is_last_attempt: true,
        path: format!("data/outputs/{notebook}_{days_ago}.ipynb"),
        bytes: 100,
        hash: None,
        is_recorded: false,
    }
}

fn rules(everywhere: Retention, keep: &[(&str, Keep)]) -> Rules {
    Rules {
        everywhere,
        keep: keep.iter().map(|(name, keep)| ((*name).to_owned(), *keep)).collect(),
        zone: TimeZone::get("Europe/Paris").expect("a zone"),
    }
}

fn age(days: u32) -> Retention {
    Retention { max_age_days: Some(days), ..Retention::default() }
}

/// Which days' outputs go, of outputs a day apart, `succeeded` but for the days that are named.
#[track_caller]
fn check(days: &[i64], failed: &[i64], rules: &Rules, going: &[i64]) {
    let outputs: Vec<KeptOutput> = days
        .iter()
        .map(|day| {
            let outcome = if failed.contains(day) { Outcome::Failed } else { Outcome::Succeeded };
            output("n", *day, outcome)
        })
        .collect();
    let found: Vec<i64> =
        plan(&outputs, rules, now()).iter().map(|going| days[going.place]).collect();
    assert_eq!(found, going);
}

#[test]
fn without_a_rule_nothing_goes() {
    let rules = rules(Retention::default(), &[("n", Keep::All)]);
    assert!(!rules.remove_something());
    check(&[4000, 300, 2, 1], &[2], &rules, &[]);
}

#[test]
fn the_last_success_the_last_failure_and_month_ends_stay_at_any_age() {
    // 22 November: 23 days ago is 30 October, 22 days ago the 31st, 21 days ago the 1st.
    let days = [60, 53, 52, 40, 23, 22, 21, 20, 19];
    // 60: 23 September, 53: the 30th, 52: 1 October.
    check(&days, &[40, 21], &rules(age(5), &[]), &[60, 52, 40, 23, 20]);
}

#[test]
fn a_month_ends_at_midnight_where_the_company_is() {
    let at = |text: &str| -> Timestamp { text.parse().expect("a time") };
    // In Paris the second one is of 1 November already.
    let mut outputs = [output("n", 30, Outcome::Succeeded), output("n", 29, Outcome::Succeeded)];
    outputs[0].started = at("2026-10-31T22:59:00Z");
    outputs[1].started = at("2026-10-31T23:01:00Z");
    let mut rules = rules(age(1), &[]);
    assert_eq!(plan(&outputs, &rules, now()), []);
    rules.zone = TimeZone::UTC;
    let going = plan(&outputs, &rules, now());
    assert_eq!(going, [Going { place: 0, why: "older than 1 day".into() }]);
}

#[test]
fn the_newest_runs_stay_by_number() {
    let rules = rules(Retention { max_runs: Some(3), ..Retention::default() }, &[]);
    check(&[21, 5, 4, 3, 2, 1], &[4], &rules, &[21, 5]);
}

#[test]
fn the_oldest_go_by_size_until_the_rest_fits() {
    let rules = rules(Retention { max_size_bytes: Some(350), ..Retention::default() }, &[]);
    check(&[9, 8, 7, 6, 5, 4], &[], &rules, &[9, 8, 7]);
    // What must stay stays, even when that is too much.
    check(&[150, 120, 90, 60, 25, 1], &[], &rules, &[]);
}

#[test]
fn the_rule_of_a_notebook_stands_in_place_of_the_others() {
    let outputs: Vec<KeptOutput> = ["all", "days", "bytes", "usual"]
        .iter()
        .flat_map(|name| (1..5).rev().map(|day| output(name, day, Outcome::Succeeded)))
        .collect();
    let keep = [("all", Keep::All), ("days", Keep::Days(3)), ("bytes", Keep::Bytes(150))];
    let everywhere = Retention { max_runs: Some(1), max_size_bytes: Some(1), ..age(1) };
    let without_size = Retention { max_size_bytes: None, ..everywhere };
    let names = |everywhere| -> Vec<String> {
        let going = plan(&outputs, &rules(everywhere, &keep), now());
        going.iter().map(|going| outputs[going.place].path.replace("data/outputs/", "")).collect()
    };
    assert_eq!(
        names(without_size),
        [
            "days_4.ipynb",
            "bytes_4.ipynb",
            "bytes_3.ipynb",
            "bytes_2.ipynb",
            "usual_4.ipynb",
            "usual_3.ipynb",
            "usual_2.ipynb"
        ]
    );
    // The size of all outputs holds for all but those that are to stay.
    assert!(names(everywhere).contains(&"days_2.ipynb".to_owned()));
    assert!(!names(everywhere).iter().any(|name| name.starts_with("all_")));
}

#[test]
fn the_outputs_of_a_runs_tries_go_with_it() {
    let mut first = output("n", 40, Outcome::Failed);
    (first.attempt, first.is_last_attempt) = (Some(1), false);
    let last = KeptOutput {
        outcome: Outcome::Succeeded,
        path: "b".into(),
        ..output("n", 40, Outcome::Failed)
    };
    let later = output("n", 1, Outcome::Succeeded);
    let by_number = Retention { max_runs: Some(1), ..Retention::default() };
    let outputs = [first, last, output("n", 39, Outcome::Succeeded), later];
    let places = |everywhere| -> Vec<usize> {
        plan(&outputs, &rules(everywhere, &[]), now()).iter().map(|going| going.place).collect()
    };
    // 39 days ago is the last success of October; a failed try is no failure of the notebook.
    assert_eq!(places(by_number), [0, 1]);
    assert_eq!(places(age(30)), [0, 1]);
}
