//! Looking back in the dashboard: the history, the calendar, a notebook's page.

use jiff::{Timestamp, ToSpan as _};
use penny::store::{Outcome, Published, RunEnd, RunId, RunStart, Store, SyncStart, Trigger};

use super::visitor::{Answer, Visitor, start, workspace};
use crate::past::{run_end, run_start};
use crate::service::Service;
use crate::support::Workspace;

const FRENCH: [(&str, &str); 1] = [("Accept-Language", "fr-FR,fr;q=0.9")];

/// A dashboard over a history that a test writes.
pub struct Past {
    /// The history.
    pub store: Store,
    /// Who looks.
    pub visitor: Visitor,
    _service: Service,
    _workspace: Workspace,
}

/// A run to be written.
pub struct Ran<'a> {
    pub notebook: &'a str,
    pub at: &'a str,
    pub outcome: Outcome,
    pub error: Option<&'a str>,
    pub trigger: Trigger,
    pub hash: &'a str,
}

impl<'a> Ran<'a> {
    /// One that went that way.
    pub fn new(notebook: &'a str, at: &'a str, outcome: Outcome) -> Ran<'a> {
        Ran { notebook, at, outcome, error: None, trigger: Trigger::Timer, hash: "a" }
    }
}

impl Past {
    /// A dashboard over an empty history.
    pub fn new() -> Past {
        let workspace = workspace("").variable("TZ", "Europe/Paris");
        let (service, _) = start(&workspace);
        let visitor = Visitor::logged_in(&workspace);
        let store = Store::open(&workspace.root().join(".penny/history.db")).expect("opened");
        Past { store, visitor, _service: service, _workspace: workspace }
    }

    /// Writes a run.
    pub fn run(&self, ran: &Ran<'_>) -> RunId {
        let started: Timestamp = ran.at.parse().expect("a time");
        let sync = SyncStart { trigger: ran.trigger, due: None, at: started };
        let sync = self.store.begin_sync(&sync).expect("written");
        let start = RunStart {
            trigger: ran.trigger,
            source_hash: ran.hash,
            ..run_start(sync, ran.notebook, started)
        };
        let run = self.store.begin_run(&start).expect("written");
        let end = RunEnd {
            outcome: ran.outcome,
            error: ran.error,
            ..run_end(started.saturating_add(75.seconds()).expect("a time"))
        };
        self.store.end_run(run, &end).expect("written");
        run
    }

    fn french(&self, path: &str) -> Answer {
        self.visitor.send("GET", path, &FRENCH, "").is(200)
    }
}

/// The runs that a page of the history lists, in its order.
fn listed(page: &Answer) -> Vec<RunId> {
    let pieces = page.body.split("name=\"run\" value=\"").skip(1);
    let numbers = pieces.map(|piece| piece.split('"').next().expect("a number"));
    numbers.map(|number| number.parse().expect("a number")).collect()
}

/// Where a page's link to the next one leads.
fn next(page: &Answer) -> Option<String> {
    let (_, rest) = page.body.split_once("rel=\"next\" href=\"")?;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

#[test]
fn a_long_history_is_paged_so_that_every_run_comes_once_whatever_begins_meanwhile() {
    let past = Past::new();
    let at = |hour: i64| {
        let first: Timestamp = "2026-05-04T06:00:00Z".parse().expect("a time");
        first.saturating_add(hour.hours()).expect("a time").to_string()
    };
    let runs: Vec<RunId> = (0..120)
        .map(|hour| {
            let outcome = if hour % 40 == 0 { Outcome::Failed } else { Outcome::Succeeded };
            past.run(&Ran::new(if hour % 3 == 0 { "ventes" } else { "achats" }, &at(hour), outcome))
        })
        .collect();
    let mut seen = Vec::new();
    let mut path = Some("/history".to_owned());
    while let Some(here) = path {
        let page = past.visitor.get(&here).is(200);
        seen.extend(listed(&page));
        path = next(&page);
        past.run(&Ran::new("achats", &at(200), Outcome::Succeeded));
    }
    let newest_first: Vec<RunId> = runs.iter().rev().copied().collect();
    assert_eq!(seen, newest_first);
    // The pages of a filter are the filter's.
    let page = past.visitor.get("/history?notebook=ventes&outcome=bad").is(200);
    assert_eq!(listed(&page), [runs[0]]);
    let page = past.visitor.get("/history?notebook=achats").is(200).says("83 runs");
    let older = next(&page).expect("there are more");
    assert!(older.starts_with("/history?notebook=achats&before="), "{older}");
    assert_eq!(listed(&past.visitor.get(&older).is(200)).len(), 33);
}

#[test]
fn the_history_is_filtered_and_searched_in_both_languages() {
    let past = Past::new();
    let hostile = "notebook `achats` failed in cell 2 (Export)\n<script>alert('100 %')</script>";
    let runs = [
        past.run(&Ran::new("ventes", "2026-05-03T08:00:00Z", Outcome::Succeeded)),
        past.run(&Ran {
            error: Some(hostile),
            ..Ran::new("achats", "2026-05-04T08:00:00Z", Outcome::Failed)
        }),
        // Already the 6th in Paris.
        past.run(&Ran {
            trigger: Trigger::Manual,
            error: Some("notebook `ventes` could not run\n  les Écritures n’y sont pas"),
            ..Ran::new("ventes", "2026-05-05T22:30:00Z", Outcome::TimedOut)
        }),
    ];
    let check = |query: &str, expected: &[usize]| {
        let page = past.french(&format!("/history?{query}"));
        let expected: Vec<RunId> = expected.iter().map(|index| runs[*index]).collect();
        assert_eq!(listed(&page), expected, "{query}");
        page
    };
    check("", &[2, 1, 0]).says("3 exécutions").says("Historique").says("échouée");
    check("notebook=ventes", &[2, 0]);
    check("outcome=bad", &[2, 1]);
    check("outcome=timed-out", &[2]).says("délai dépassé");
    check("trigger=manual", &[2]).says("parmi les 100 000 dernières");
    check("since=2026-05-04", &[2, 1]);
    check("until=2026-05-04", &[1, 0]);
    check("since=2026-05-06&until=2026-05-06", &[2]);
    check("text=ALERT", &[1]);
    check("text=ecritures", &[2])
        .says("n’a pas pu s’exécuter : ")
        .says("<span lang=\"en\">les Écritures");
    check("text=%C3%A9CRITURES+n%27y", &[2]);
    check("text=100+%25%27", &[1]);
    check("text=100+_", &[]).says("Aucune exécution ne correspond");
    check("since=demain", &[2, 1, 0]).says("« demain » n’est pas une date");
    let page = check("notebook=achats&text=%3Cscript%3E", &[1]);
    assert!(!page.body.contains("<script>alert"), "an error is text");
    page.says("&lt;script&gt;alert").says("a échoué dans la cellule 2 (Export)");
    past.visitor.get("/history?outcome=bad").is(200).says("2 runs").says("failed in cell 2");

    past.visitor.get("/compare?run=3&run=1").leads_to("/compare/1/3");
    past.visitor.get("/compare?run=3").is(404).says("tick exactly two runs");
    past.visitor.get("/compare?run=3&run=1&run=2").is(404);
}

#[test]
fn the_calendar_tells_how_each_day_ended_and_what_day_it_is() {
    let past = Past::new();
    past.run(&Ran::new("ventes", "2026-05-04T08:00:00Z", Outcome::Succeeded));
    past.run(&Ran::new("ventes", "2026-05-04T10:00:00Z", Outcome::Failed));
    past.run(&Ran::new("ventes", "2026-05-04T22:30:00Z", Outcome::Succeeded));
    past.run(&Ran::new("ventes", "2026-05-31T21:59:59Z", Outcome::Succeeded));
    past.run(&Ran::new("ventes", "2026-05-31T22:00:00Z", Outcome::Succeeded));
    let page = past.french("/calendar?month=2026-05").says("Mai 2026");
    let day = |date: &str| {
        let link = format!("<a href=\"/history?since={date}&amp;until={date}\">");
        let (_, rest) = page.body.split_once(&link).unwrap_or_else(|| panic!("no runs on {date}"));
        rest.split("</td>").next().expect("a cell").to_owned()
    };
    assert!(
        day("2026-05-04").contains("2 <span class=\"wide\">exécutions"),
        "{}",
        day("2026-05-04")
    );
    assert!(day("2026-05-04").contains("1 <span class=\"wide\">échec<"), "{}", day("2026-05-04"));
    // By the clock of Paris it is the 5th.
    assert!(day("2026-05-05").contains("1 <span class=\"wide\">exécution<"));
    assert!(!day("2026-05-31").contains("état"), "the last second of the month is in it");
    assert!(day("2026-05-31").contains("1 <span class=\"wide\">exécution<"));
    assert!(!page.body.contains("since=2026-06-01"));
    page.says("4 exécutions, 1 échec.")
        .says("1er mai (fête du Travail), 8 mai (victoire de 1945), 14 mai (Ascension), 25 mai (lundi de Pentecôte)")
        .says("Dernier jour ouvré du mois : 29 mai")
        .says("title=\"semaine 18\"")
        .says("href=\"/calendar?month=2026-04\"");
    let page = past.visitor.get("/calendar?month=2026-05").is(200).says("May 2026");
    page.says("4 runs, 1 failure.").says("25 May (Whit Monday)").says("title=\"Monday\"");
    past.visitor.get("/calendar?month=x").is(200);
    past.visitor.get("/calendar?month=2026-02").is(200).says("Nothing ran in this month.");
}

#[test]
fn a_notebooks_page_tells_how_it_stands_and_how_it_went() {
    let past = Past::new();
    past.visitor.get("/notebooks/ventes").is(200).says("has never run yet");
    past.visitor.get("/notebooks/rien").is(404).says("there is no notebook");
    let now = Timestamp::now();
    let ago = |days: i64| now.saturating_sub((days * 24).hours()).expect("a time").to_string();
    for (days, outcome, hash) in [
        (200, Outcome::Succeeded, "a"),
        (20, Outcome::Succeeded, "a"),
        // A week before the next: each has a bar of its own, whatever day it is.
        (12, Outcome::Failed, "b"),
        (5, Outcome::Succeeded, "b"),
    ] {
        let error =
            (outcome == Outcome::Failed).then_some("notebook `ventes` failed in cell 1 (Export)");
        let run = past.run(&Ran { error, hash, ..Ran::new("ventes", &ago(days), outcome) });
        let published = Published {
            table: "pennylane.ventes".into(),
            rows: 40_000 + days.unsigned_abs(),
            at: ago(days).parse().expect("a time"),
            report: "{}".into(),
        };
        past.store.add_publish(Some(run), &published, None).expect("written");
    }
    let page = past.french("/notebooks/ventes").says("Durée habituelle").says("1 min 15 s");
    page.says("66,6\u{a0}%")
        .says("2 sur 3")
        .says("Dernier échec")
        .says("(réussie depuis)")
        .says("a échoué dans la cellule 1 (Export)")
        .says("href=\"/compare/2/3\"")
        .says("le fichier du notebook a changé avant cette exécution")
        .says("href=\"/tables/pennylane.ventes\"")
        .says("40\u{202f}005")
        .says("Exécuter maintenant")
        .says("Prochaine exécution");
    let bars = |period: &str| {
        let page = past.french(&format!("/notebooks/ventes?period={period}"));
        let (_, chart) = page.body.split_once("Durée des exécutions").expect("a chart");
        let chart = chart.split("</figure>").next().expect("an end").to_owned();
        (chart.matches("<a href=").count(), chart.matches("href=\"/runs/").count())
    };
    assert_eq!((bars("runs"), bars("month"), bars("year")), ((4, 4), (30, 3), (53, 4)));
    past.visitor.get("/notebooks/ventes").is(200).says("Usual duration").says("66.6%");
    // A notebook that penny.toml no longer lists still has a past.
    past.run(&Ran::new("ancien nom", &ago(3), Outcome::Succeeded));
    past.french("/notebooks/ancien%20nom").says("n’est plus dans penny.toml");
}
