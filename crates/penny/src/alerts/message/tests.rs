use std::collections::{BTreeMap, HashMap};

use super::super::event::Over;
use super::*;
use crate::config::{Channel, Variables};

fn letterhead() -> Letterhead {
    Letterhead {
        root: PathBuf::from("/srv/ma-société"),
        host: "poste-12".into(),
        zone: TimeZone::get("Europe/Paris").expect("a zone"),
        secrets: Secrets::of(&Variables::of_text("PENNYLANE_API_TOKEN=s3cret-token")),
        domain: "example.com".into(),
        files: HashMap::from([("customers".to_owned(), "data/Import_customers.ipynb".to_owned())]),
    }
}

fn alert(language: Language) -> Alert {
    Alert {
        name: "compta".into(),
        channel: Channel::Email { addresses: vec!["a@example.com".into()] },
        on: vec![AlertKind::Failure],
        notebooks: Vec::new(),
        language,
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn failure(notebook: &str) -> Event {
    let failed = Failed {
        notebook: notebook.into(),
        run: 42,
        sync: 7,
        trigger: "timer".into(),
        outcome: "failed".into(),
        error: format!(
            "notebook `{notebook}` failed in cell 4 (Extraction)\n  KeyError: 'dateline' \
             s3cret-token\n  5 │ df['Retard'] = df['dateline']"
        ),
        output: Some("data/outputs/customers_20261123_120000.ipynb".into()),
    };
    Event::new(Facts::Failure(failed), moment("2026-11-23T11:00:00Z"))
}

/// A message's text without the spaces at which no line breaks.
fn plain(message: &Message) -> String {
    message.text().replace('\u{a0}', " ")
}

#[test]
fn a_failure_says_what_where_since_when_and_what_to_do() {
    let now = moment("2026-11-23T11:00:05Z");
    let events = [failure("customers")];
    let events: Vec<&Event> = events.iter().collect();
    let message = letterhead().message(&alert(Language::English), AlertKind::Failure, &events, now);
    assert_eq!(message.subject, "[Penny · ma-société] customers failed");
    assert_eq!(
        plain(&message),
        "customers\n  \
         What happened: failed in cell 4 (Extraction)\n  \
         Error: KeyError: 'dateline' •••\n  \
         Line: 5 │ df['Retard'] = df['dateline']\n  \
         Output notebook: /srv/ma-société/data/outputs/customers_20261123_120000.ipynb\n  \
         What to do: Open the output notebook: its last cell shows the error. Correct \
         data/Import_customers.ipynb; it runs again with the next sync, or at once with: penny run \
         customers\n  \
         Since: 23 November 2026, 12:00\n\n\
         Penny, workspace ma-société on poste-12. You are told once; the next message of this comes \
         when it is over.\n"
    );
    assert!(message.id.ends_with("@example.com"), "{}", message.id);
}

#[test]
fn a_message_is_french_for_who_wants_it_french() {
    let now = moment("2026-11-23T11:00:05Z");
    let events = [failure("customers"), failure("suppliers")];
    let events: Vec<&Event> = events.iter().collect();
    let message = letterhead().message(&alert(Language::French), AlertKind::Failure, &events, now);
    assert_eq!(
        message.subject,
        "[Penny · ma-société] 2 notebooks ont échoué\u{a0}: customers, suppliers"
    );
    let text = plain(&message);
    for part in [
        "Ce qui s’est passé : a échoué dans la cellule 4 (Extraction)",
        "Depuis : 23 novembre 2026 à 12 h 00",
        "Notebook exécuté : /srv/",
        "penny run suppliers",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn no_secret_is_in_a_message_whichever_way_it_goes() {
    let now = moment("2026-11-23T11:00:05Z");
    let event = failure("customers");
    let message =
        letterhead().message(&alert(Language::English), AlertKind::Failure, &[&event], now);
    let kept = serde_json::to_string(&message).expect("JSON");
    assert!(kept.contains("dateline") && !kept.contains("s3cret-token"), "{kept}");
}

#[test]
fn a_recovery_answers_the_message_that_told_the_failure() {
    let now = moment("2026-11-23T12:00:00Z");
    let over = Some(Over { at: now, sync: None });
    let told = |id: &str| Some(BTreeMap::from([("compta".to_owned(), id.to_owned())]));
    let one = Event { told: told("x@example.com"), over: over.clone(), ..failure("customers") };
    let two = Event { told: told("x@example.com"), over, ..failure("suppliers") };
    let message =
        letterhead().message(&alert(Language::English), AlertKind::Recovery, &[&one, &two], now);
    assert_eq!(message.answers, ["x@example.com"]);
    assert_eq!(message.subject, "[Penny · ma-société] 2 things work again: customers, suppliers");
    assert!(plain(&message).contains("Until: 23 November 2026, 13:00"), "{}", message.text());
}

#[test]
fn a_message_of_a_hundred_failures_stays_readable() {
    let now = moment("2026-11-23T12:00:00Z");
    let events: Vec<Event> = (0..100).map(|n| failure(&format!("n{n:03}"))).collect();
    let events: Vec<&Event> = events.iter().collect();
    let message = letterhead().message(&alert(Language::English), AlertKind::Failure, &events, now);
    assert_eq!(
        message.subject,
        "[Penny · ma-société] 100 notebooks failed: n000, n001, n002, n003, …"
    );
    assert_eq!(message.items.len(), ITEMS_MAX);
    assert_eq!(message.notes[0], "… and 85 more: penny alerts lists them all");
    // Programs are told all of it.
    assert_eq!(message.facts["events"].as_array().map(Vec::len), Some(100));
}
