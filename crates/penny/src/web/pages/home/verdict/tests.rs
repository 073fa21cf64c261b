//! What the verdict says of each state that the figures can be in.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::alerts::Told;
use crate::config::Language;
use crate::daemon::state::{Ended, Next, Running, State};
use crate::store::{LastEnd, Outcome, Pause, TableState};
use crate::web::health::Stale;

const NOW: &str = "2026-11-20T09:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

/// So many hours ago.
fn ago(hours: f64) -> Timestamp {
    now() - SignedDuration::from_secs_f64(hours * 3600.0)
}

/// Twelve notebooks that succeeded 12 minutes ago; the next sync is due in an hour.
fn well() -> Facts {
    let mut state = State::new("pc".into(), ago(48.0));
    state.beat = now();
    state.last_sync = Some(Ended { sync: 7, at: ago(0.2), succeeded: 12, failed: 0 });
    state.next = Some(Next { at: ago(-1.0), count: 12, notebooks: Vec::new() });
    Facts {
        state,
        postgres: None,
        pauses: Vec::new(),
        failures: Vec::new(),
        held: Vec::new(),
        stale: Vec::new(),
        new: Vec::new(),
        notebooks: 12,
        success: Some(ago(0.2)),
        oldest: Some(ago(0.2)),
        settings: "/books/penny.toml".into(),
    }
}

fn failure(notebook: &str, outcome: Outcome, tables: &[f64]) -> Failure {
    let error = format!(
        "notebook `{notebook}` failed in cell 4 (Extraction)\n  KeyError: 'd'\n  5 │ df['d']"
    );
    let end = LastEnd { run: 9, outcome, at: ago(2.0), error: Some(error) };
    let tables = tables.iter().map(|hours| ago(*hours)).collect();
    Failure::of(notebook, &end, tables, false, &str::to_owned).expect("it did not succeed")
}

fn stale(table: &str, hours: f64) -> Stale {
    let table = TableState {
        table: format!("pennylane.{table}"),
        notebook: Some(table.into()),
        sync: Some(1),
        rows: 5,
        published: ago(hours),
    };
    Stale { table, allowed: Duration::from_secs(6 * 3600) }
}

fn running(notebook: &str) -> Running {
    Running {
        run: 10,
        sync: 8,
        notebook: notebook.into(),
        trigger: "timer".into(),
        since: ago(0.0),
        attempt: 1,
        again_at: None,
        cell: 1,
        cells: 5,
    }
}

fn pause(notebook: Option<&str>, hours: f64) -> Pause {
    Pause { notebook: notebook.map(str::to_owned), by: "claire".into(), at: ago(hours) }
}

fn words(language: Language) -> Words {
    let zone = TimeZone::get("Europe/Paris").expect("a zone");
    Words { language, zone, now: now() }
}

/// What is said first and large, in both languages, and what is listed below it, in French.
#[track_caller]
fn check(change: impl Fn(&mut Facts), level: Level, french: &str, english: &str, below: &[&str]) {
    let mut facts = well();
    change(&mut facts);
    let found = findings(&words(Language::French), &facts);
    let told = |finding: &Finding| format!("{} | {}", finding.title, finding.text);
    assert_eq!(plain(&told(&found[0])), french);
    assert_eq!(found[0].level, level);
    let titles: Vec<String> = found[1..].iter().map(|finding| plain(&finding.title)).collect();
    assert_eq!(titles, below);
    assert_eq!(plain(&told(&findings(&words(Language::English), &facts)[0])), english);
}

/// A text without the spaces at which no line breaks.
fn plain(text: &impl ToString) -> String {
    text.to_string().replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn figures_are_up_to_date_when_nothing_is_wrong() {
    check(
        |_| {},
        Level::Good,
        "Vos chiffres sont à jour | Dernière mise à jour il y a 12 min. Prochaine synchronisation dans 1 h.",
        "Your figures are up to date | Last brought up to date 12 min ago. Next sync in 1 h.",
        &[],
    );
    check(
        |facts| {
            facts.state.next = None;
            facts.pauses = vec![pause(Some("a"), 3.0)];
            facts.new = vec!["b".into()];
        },
        Level::Good,
        "Vos chiffres sont à jour | Dernière mise à jour il y a 12 min. Aucune synchronisation n’est prévue.",
        "Your figures are up to date | Last brought up to date 12 min ago. No sync is due.",
        &["1 notebook est en pause", "1 notebook ne s’est pas encore exécuté"],
    );
}

#[test]
fn one_failure_is_told_with_what_it_means_for_its_tables() {
    check(
        |facts| facts.failures = vec![failure("ecritures", Outcome::Failed, &[15.0, 14.0])],
        Level::Bad,
        "« ecritures » a échoué il y a 2 h | Ses tables datent d’hier à 19 h 00. Les autres chiffres sont à jour.",
        "“ecritures” failed 2 h ago | Its tables were published yesterday at 19:00. The other figures are up to date.",
        &[],
    );
    check(
        |facts| {
            let failure = failure("ecritures", Outcome::TimedOut, &[]);
            facts.failures = vec![Failure { again: true, ..failure }];
            facts.stale = vec![stale("balance", 30.0)];
        },
        Level::Bad,
        "« ecritures » a dépassé sa limite de temps il y a 2 h | Il n’a encore publié aucune table. \
         Une nouvelle exécution est en cours.",
        "“ecritures” took longer than its limit 2 h ago | It has not published a table yet. It is being run again.",
        &["La table « balance » a plus de 6 h"],
    );
}

#[test]
fn what_comes_after_a_failure_is_not_called_up_to_date() {
    check(
        |facts| {
            facts.failures = vec![failure("ecritures", Outcome::Failed, &[15.0])];
            facts.held = vec!["balance".into()];
        },
        Level::Bad,
        "« ecritures » a échoué il y a 2 h | Sa table date d’hier à 19 h 00. « balance » en dépend.",
        "“ecritures” failed 2 h ago | Its table was published yesterday at 19:00. “balance” depends on it.",
        &[],
    );
}

#[test]
fn the_error_of_a_failure_is_told_in_the_language_of_its_reader_with_a_button_that_helps() {
    let mut facts = well();
    facts.failures = vec![failure("ecritures", Outcome::Failed, &[15.0])];
    let found = findings(&words(Language::French), &facts).remove(0);
    let said = "a échoué dans la cellule 4 (Extraction)\nKeyError: 'd'\n5 │ df['d']";
    assert_eq!(found.said.as_ref().map(plain).as_deref(), Some(said));
    let help = |label: &str, to: To| Help { label: label.into(), to };
    let expected = [
        help("Relancer", To::Dialog("/runs/9/retry".into())),
        help("Voir l’erreur", To::Page("/runs/9".into())),
    ];
    assert_eq!(found.helps, expected);
}

#[test]
fn several_failures_are_counted_and_listed() {
    let change = |facts: &mut Facts| {
        let names = ["a", "b", "c", "d", "e", "f"];
        facts.failures = names.iter().map(|n| failure(n, Outcome::Failed, &[400.0])).collect();
    };
    check(
        change,
        Level::Bad,
        "6 notebooks ont échoué | La plus ancienne de leurs tables date du 3 novembre à 18 h 00. \
         Les autres chiffres sont à jour.",
        "6 notebooks failed | The oldest of their tables was published on 3 November at 18:00. \
         The other figures are up to date.",
        &[],
    );
    let mut facts = well();
    change(&mut facts);
    let found = findings(&words(Language::French), &facts).remove(0);
    assert_eq!(found.runs.len(), 5);
    assert_eq!(found.runs[0].0, "/runs/9");
    assert_eq!(plain(&found.runs[0].1), "a, il y a 2 h : KeyError: 'd'");
}

#[test]
fn a_run_that_somebody_cancelled_is_no_alarm() {
    check(
        |facts| {
            facts.failures = vec![failure("ecritures", Outcome::Cancelled, &[15.0])];
        },
        Level::Warn,
        "« ecritures » a été annulé il y a 2 h | Sa table date d’hier à 19 h 00. Les autres chiffres sont à jour.",
        "“ecritures” was cancelled 2 h ago | Its table was published yesterday at 19:00. The other figures are up to date.",
        &[],
    );
}

#[test]
fn tables_that_are_too_old_are_told() {
    check(
        |facts| facts.stale = vec![stale("clients", 7.0), stale("ventes", 30.0), stale("p", 8.0)],
        Level::Warn,
        "3 tables ont plus de 6 h | « clients », « ventes » et « p ». Les plus anciens chiffres datent d’hier à 4 h 00.",
        "3 tables are more than 6 h old | “clients”, “ventes” and “p”. The oldest figures were published yesterday at 04:00.",
        &[],
    );
}

#[test]
fn a_pause_is_told_with_who_asked_for_it() {
    check(
        |facts| facts.pauses = vec![pause(None, 15.0), pause(Some("a"), 1.0)],
        Level::Warn,
        "En pause depuis hier à 19 h 00 | Rien ne s’exécute à l’heure prévue. Les plus anciens chiffres datent \
         d’il y a 12 min. Demandée par claire.",
        "Paused since yesterday at 19:00 | Nothing runs on its schedule. The oldest figures were published \
         12 min ago. Asked for by claire.",
        &[],
    );
    check(
        |facts| {
            facts.pauses = vec![pause(None, 0.5)];
            facts.oldest = None;
            facts.stale = vec![stale("clients", 7.0)];
        },
        Level::Warn,
        "La table « clients » a plus de 6 h | Ses chiffres datent d’aujourd’hui à 3 h 00.",
        "The table “clients” is more than 6 h old | Its figures were published today at 03:00.",
        &["En pause depuis 30 min"],
    );
}

#[test]
fn what_the_service_lacks_is_told_the_worst_first() {
    let postgres = "PostgreSQL ne répond pas | Power BI ne peut pas lire les tables, et les notebooks ne peuvent \
                    pas les mettre à jour. Ce qui a été publié n’est pas perdu.";
    let english = "PostgreSQL does not answer | Power BI cannot read the tables, and notebooks cannot bring them \
                   up to date. What was published is not lost.";
    check(
        |facts| {
            facts.postgres = Some("connection refused".into());
            facts.state.trouble = Some("PostgreSQL could not be started".into());
            facts.state.config_error = Some("penny.toml:3:1: `x` is no key".into());
            facts.failures = vec![failure("a", Outcome::Crashed, &[1.0])];
        },
        Level::Bad,
        postgres,
        english,
        &["« a » a été interrompu il y a 2 h", "penny.toml contient une erreur"],
    );
    check(
        |facts| facts.state.trouble = Some("PostgreSQL could not be started".into()),
        Level::Warn,
        "Il a manqué quelque chose à la dernière synchronisation | C’était il y a 12 min. La prochaine \
         synchronisation réessaie.",
        "The last sync did not find all that it needs | That was 12 min ago. The next sync tries again.",
        &[],
    );
    check(
        |facts| {
            facts.postgres = Some("connection refused".into());
            facts.oldest = None;
            facts.failures = vec![failure("a", Outcome::Failed, &[])];
        },
        Level::Bad,
        "« a » a échoué il y a 2 h | Il n’a encore publié aucune table. Les autres chiffres sont à jour.",
        "“a” failed 2 h ago | It has not published a table yet. The other figures are up to date.",
        &["PostgreSQL ne répond pas"],
    );
    check(
        |facts| facts.state.beat = ago(0.1),
        Level::Bad,
        "Penny ne réagit plus | Depuis 6 min, le service ne regarde plus ce qui est à faire : aucune synchronisation \
         ne commence.",
        "Penny does not react any more | For 6 min the service has not looked at what is due: no sync begins.",
        &[],
    );
    check(
        |facts| facts.state.stopping = true,
        Level::Warn,
        "Penny s’arrête | Les tables restent telles qu’elles sont ; rien ne s’exécute plus jusqu’au prochain démarrage.",
        "Penny is ending | The tables stay as they are; nothing runs any more until the next start.",
        &[],
    );
}

#[test]
fn a_postgresql_that_is_starting_is_told_and_raises_no_alarm() {
    check(
        |facts| facts.state.postgresql_starts = true,
        Level::Good,
        "Vos chiffres sont à jour | Dernière mise à jour il y a 12 min. Prochaine synchronisation dans 1 h.",
        "Your figures are up to date | Last brought up to date 12 min ago. Next sync in 1 h.",
        &["PostgreSQL démarre"],
    );
}

#[test]
fn a_sync_under_way_is_told_and_the_first_one_raises_no_alarm() {
    check(
        |facts| {
            facts.state.running = vec![running("a"), running("b")];
            facts.state.waiting = 3;
            facts.oldest = Some(ago(2.0));
        },
        Level::Running,
        "Mise à jour en cours | « a » et « b » s’exécutent. 3 notebooks attendent leur tour. \
         Les plus anciens chiffres datent d’il y a 2 h.",
        "Being brought up to date | “a” and “b” are running. 3 notebooks wait for their turn. \
         The oldest figures were published 2 h ago.",
        &[],
    );
    let first = |facts: &mut Facts| {
        facts.success = None;
        facts.state.last_sync = None;
        facts.postgres = Some("Penny's own PostgreSQL does not run".into());
        facts.state.running = vec![running("a")];
    };
    check(
        first,
        Level::Running,
        "Première synchronisation en cours | « a » s’exécute. Vos chiffres arrivent.",
        "The first sync is under way | “a” is running. Your figures are on their way.",
        &[],
    );
    check(
        |facts| (facts.success, facts.oldest) = (None, None),
        Level::Idle,
        "Aucun chiffre pour l’instant | Aucun notebook ne s’est encore exécuté. Prochaine synchronisation dans 1 h.",
        "No figures yet | No notebook has run yet. Next sync in 1 h.",
        &[],
    );
}

#[test]
fn many_names_are_counted() {
    let facts = well();
    let speaker = Speaker { words: &words(Language::English), facts: &facts };
    assert_eq!(speaker.names(&["a"]), "“a”");
    assert_eq!(speaker.names(&["a", "b"]), "“a” and “b”");
    let names: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(plain(&speaker.names(&names)), "“0”, “1”, “2”, “3”, “4” and 4 others");
}

#[test]
fn no_secret_of_an_error_is_told() {
    let error = Some("notebook `a` failed in cell 1\n  login with hunter2 refused".to_owned());
    let end = LastEnd { run: 9, outcome: Outcome::Failed, at: ago(2.0), error };
    let mask = |text: &str| text.replace("hunter2", "•••");
    let failure = Failure::of("a", &end, Vec::new(), false, &mask).expect("it failed");
    assert_eq!(
        failure.told,
        Told {
            happened: "failed in cell 1".into(),
            error: "login with ••• refused".into(),
            ..Told::default()
        }
    );
}
