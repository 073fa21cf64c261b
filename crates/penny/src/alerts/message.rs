//! Events become a message: what failed, where, since when, and what to do.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::{Event, Facts, Failed, SlowRun, StaleTable};
use super::phrases::{Phrases, fill};
use super::told::Told;
use crate::config::{Alert, AlertKind, Language, Secrets};
use crate::language;

/// More things than this are counted, not shown.
const ITEMS_MAX: usize = 15;
/// More names than this make no readable subject.
const NAMES_MAX: usize = 4;

/// A message as it is kept until it is sent, whichever way it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Identifies it everywhere, as a Message-ID does.
    pub id: String,
    /// The messages that it answers.
    pub answers: Vec<String>,
    /// `failure`, `recovery`, `stale`, `slow`, `service` or `test`.
    pub kind: String,
    /// What it is about, in a line.
    pub subject: String,
    /// Its parts, one for each thing.
    pub items: Vec<Item>,
    /// What is below them.
    pub notes: Vec<String>,
    /// The same for programs.
    pub facts: Value,
}

/// One thing that a message is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its name.
    pub title: String,
    /// What there is to know, each with its name.
    pub lines: Vec<Line>,
}

/// One thing to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Whether it is to be shown letter by letter, as code and paths are.
    pub code: bool,
}

/// What every message of a workspace tells.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The workspace's folder.
    pub root: PathBuf,
    /// The computer.
    pub host: String,
    /// The time zone of moments.
    pub zone: TimeZone,
    /// What must never be shown.
    pub secrets: Secrets,
    /// The domain of Message-IDs.
    pub domain: String,
    /// The files of the notebooks, by their names.
    pub files: std::collections::HashMap<String, String>,
}

impl Message {
    /// The whole message as plain text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for item in &self.items {
            text.push_str(&format!("{}\n", item.title));
            for line in &item.lines {
                let below = line.text.replace('\n', "\n    ");
                match line.name.as_str() {
                    "" => text.push_str(&format!("  {below}\n")),
                    name => text.push_str(&format!("  {name}: {below}\n")),
                }
            }
            text.push('\n');
        }
        text + &self.notes.join("\n") + "\n"
    }
}

impl Letterhead {
    /// What an alert is told of these events, which all began, or are all over.
    pub fn message(
        &self,
        alert: &Alert,
        kind: AlertKind,
        events: &[&Event],
        now: Timestamp,
    ) -> Message {
        let language = alert.language;
        let phrases = Phrases::of(language);
        let names: Vec<String> = events.iter().map(|e| name(e)).collect();
        let shown = events.iter().take(ITEMS_MAX);
        let items = shown.map(|e| self.item(e, kind == AlertKind::Recovery, language)).collect();
        let mut notes = Vec::new();
        if events.len() > ITEMS_MAX {
            let count = (events.len() - ITEMS_MAX).to_string();
            notes.push(fill(phrases.and_more, &[("count", &count)]));
        }
        let answers = match kind {
            AlertKind::Recovery => {
                let ids = events.iter().filter_map(|e| e.told.as_ref()?.get(&alert.name).cloned());
                let mut ids: Vec<String> = ids.filter(|id| !id.is_empty()).collect();
                ids.sort();
                ids.dedup();
                ids
            }
            _ => Vec::new(),
        };
        let facts: Vec<Value> = events.iter().map(|e| self.facts(e)).collect();
        let subject = subject(phrases, kind, &names);
        self.sealed(alert, kind.word(), &subject, items, notes, answers, json!(facts), now)
    }

    /// A message that only tries the way.
    pub fn test(&self, alert: &Alert, now: Timestamp) -> Message {
        let phrases = Phrases::of(alert.language);
        let line = Line { name: String::new(), text: phrases.test_body.to_owned(), code: false };
        let items = vec![Item { title: self.workspace(), lines: vec![line] }];
        self.sealed(alert, "test", phrases.test, items, Vec::new(), Vec::new(), json!([]), now)
    }

    #[expect(clippy::too_many_arguments, reason = "they are the parts of the message")]
    fn sealed(
        &self,
        alert: &Alert,
        kind: &str,
        subject: &str,
        items: Vec<Item>,
        mut notes: Vec<String>,
        answers: Vec<String>,
        events: Value,
        now: Timestamp,
    ) -> Message {
        let workspace = self.workspace();
        if kind != "test" {
            let places = [("workspace", workspace.as_str()), ("host", self.host.as_str())];
            notes.push(fill(Phrases::of(alert.language).footer, &places));
        }
        let id = format!("{}@{}", uuid::Uuid::new_v4().simple(), self.domain);
        let subject = format!("[Penny · {workspace}] {subject}");
        let facts = json!({
            "version": 1,
            "id": id,
            "kind": kind,
            "alert": alert.name,
            "workspace": self.root.display().to_string(),
            "host": self.host,
            "at": now.to_string(),
            "subject": subject,
            "answers": answers,
            "events": events,
        });
        Message { id, answers, kind: kind.to_owned(), subject, items, notes, facts }
    }

    fn workspace(&self) -> String {
        let name = self.root.file_name().unwrap_or(self.root.as_os_str());
        name.to_string_lossy().into_owned()
    }

    fn item(&self, event: &Event, over: bool, language: Language) -> Item {
        let lines = Lines { head: self, language, phrases: Phrases::of(language), all: Vec::new() };
        let lines = if over { lines.over(event) } else { lines.open(event) };
        let title = match &event.facts {
            Facts::Service { .. } => self.workspace(),
            _ => name(event),
        };
        Item { title, lines }
    }

    /// An event for programs.
    fn facts(&self, event: &Event) -> Value {
        let mut facts = json!({
            "kind": event.key().0.word(),
            "since": event.since.to_string(),
            "over": event.over.as_ref().map(|o| o.at.to_string()),
            "notebook": event.notebook(),
        });
        let more = match &event.facts {
            Facts::Failure(failed) => {
                let told = Told::of(&self.secrets.mask(&failed.error), &failed.notebook);
                json!({
                    "run": failed.run, "sync": failed.sync, "trigger": failed.trigger,
                    "outcome": failed.outcome, "happened": told.happened, "error": told.error,
                    "line": told.line, "hints": told.hints,
                    "output": failed.output.as_deref().map(|o| self.path(o)),
                })
            }
            Facts::Stale(stale) => json!({
                "table": stale.table, "rows": stale.rows,
                "published": stale.published.to_string(),
                "stale_after_seconds": stale.allowed_seconds,
            }),
            Facts::Slow(slow) => json!({
                "run": slow.run, "started": slow.started.to_string(),
                "usual_seconds": slow.usual_seconds,
            }),
            Facts::Service { error } => json!({ "error": self.secrets.mask(error) }),
        };
        let (Some(all), Value::Object(more)) = (facts.as_object_mut(), more) else { return facts };
        all.extend(more);
        facts
    }

    /// A path of the workspace as the computer knows it.
    fn path(&self, relative: &str) -> String {
        self.root.join(relative).display().to_string()
    }
}

/// The lines of an item, as they come together.
struct Lines<'a> {
    head: &'a Letterhead,
    language: Language,
    phrases: &'static Phrases,
    all: Vec<Line>,
}

impl Lines<'_> {
    fn open(mut self, event: &Event) -> Vec<Line> {
        match &event.facts {
            Facts::Failure(failed) => self.failed(failed),
            Facts::Stale(stale) => self.stale(stale),
            Facts::Slow(slow) => self.slow(slow),
            Facts::Service { error } => {
                self.add(self.phrases.error, error.clone(), false);
                self.add(self.phrases.to_do, self.phrases.mend_service.to_owned(), false);
            }
        }
        self.moment(self.phrases.since, event.since);
        self.all
    }

    fn over(mut self, event: &Event) -> Vec<Line> {
        let phrase = match &event.facts {
            Facts::Failure(_) => self.phrases.works_again,
            Facts::Stale(_) => self.phrases.fresh_again,
            Facts::Slow(_) => self.phrases.ended_at_last,
            Facts::Service { .. } => self.phrases.service_again,
        };
        self.add("", phrase.to_owned(), false);
        self.moment(self.phrases.since, event.since);
        if let Some(over) = &event.over {
            self.moment(self.phrases.until, over.at);
        }
        self.all
    }

    fn failed(&mut self, failed: &Failed) {
        let told = Told::of(&failed.error, &failed.notebook);
        let phrases = self.phrases;
        self.add(phrases.place, language::sentence(&told.happened, self.language), false);
        if !told.error.is_empty() {
            self.add(phrases.error, told.error, true);
        }
        if let Some(line) = told.line {
            self.add(phrases.line, line, true);
        }
        if let Some(output) = &failed.output {
            self.add(phrases.output, self.head.path(output), true);
        }
        let known = self.head.files.get(&failed.notebook);
        let file = known.map_or(failed.notebook.as_str(), String::as_str);
        let usual = fill(phrases.mend_notebook, &[("file", file), ("name", &failed.notebook)]);
        let to_do = if told.hints.is_empty() { usual } else { told.hints.join("\n") };
        self.add(phrases.to_do, to_do, false);
    }

    fn stale(&mut self, stale: &StaleTable) {
        let (phrases, language) = (self.phrases, self.language);
        self.moment(phrases.published, stale.published);
        let allowed = std::time::Duration::from_secs(stale.allowed_seconds);
        self.add(phrases.allowed, language::length(allowed, language), false);
        self.add(phrases.rows, language::number(stale.rows, language), false);
        self.add(phrases.from_notebook, stale.notebook.clone(), false);
        self.add(phrases.to_do, fill(phrases.mend_stale, &[("name", &stale.notebook)]), false);
    }

    fn slow(&mut self, slow: &SlowRun) {
        let (phrases, language) = (self.phrases, self.language);
        let usual = std::time::Duration::from_secs(slow.usual_seconds);
        self.add(phrases.usual, language::length(usual, language), false);
        self.add(phrases.to_do, phrases.mend_slow.to_owned(), false);
    }

    fn moment(&mut self, name: &str, at: Timestamp) {
        self.add(name, language::moment(at, &self.head.zone, self.language), false);
    }

    fn add(&mut self, name: &str, text: String, code: bool) {
        let text = self.head.secrets.mask(&text);
        let name = match (self.language, name) {
            // French has a space before its colons.
            (Language::French, name) if !name.is_empty() => format!("{name}\u{a0}"),
            (_, name) => name.to_owned(),
        };
        self.all.push(Line { name, text, code });
    }
}

/// The name of what an event is about.
fn name(event: &Event) -> String {
    match &event.facts {
        Facts::Stale(stale) => stale.table.clone(),
        Facts::Service { .. } => "Penny".to_owned(),
        _ => event.notebook().unwrap_or_default().to_owned(),
    }
}

fn subject(phrases: &Phrases, kind: AlertKind, names: &[String]) -> String {
    let (one, many) = match kind {
        AlertKind::Failure => (phrases.failed_one, phrases.failed_many),
        AlertKind::Stale => (phrases.stale_one, phrases.stale_many),
        AlertKind::Slow => (phrases.slow_one, phrases.slow_many),
        AlertKind::Service => (phrases.service, phrases.service),
        AlertKind::Recovery => (phrases.over_one, phrases.over_many),
    };
    let count = names.len().to_string();
    let mut listed = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMES_MAX {
        listed.push_str(", …");
    }
    let phrase = if names.len() == 1 { one } else { many };
    fill(phrase, &[("names", &listed), ("count", &count)])
}

#[cfg(test)]
mod tests;
