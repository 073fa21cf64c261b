//! The `[[alert]]` sections of penny.toml: whom Penny tells what.

use std::collections::HashSet;
use std::str::FromStr as _;

use super::diagnostic::nearest;
use super::document::{Item, Table};
use super::table::{Findings, Section};

const KEYS: &[&str] = &[
    "to",
    "name",
    "addresses",
    "url_from",
    "secret_from",
    "on",
    "notebooks",
    "language",
    "stale_after",
];
/// Everything there is to be told, as penny.toml and the history write it.
const KINDS: &[(&str, AlertKind)] = &[
    ("failure", AlertKind::Failure),
    ("recovery", AlertKind::Recovery),
    ("stale", AlertKind::Stale),
    ("slow", AlertKind::Slow),
    ("service", AlertKind::Service),
];

/// One `[[alert]]`: somebody who is told, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is called; two have never the same name.
    pub name: String,
    /// The way to them.
    pub channel: Channel,
    /// What they are told.
    pub on: Vec<AlertKind>,
    /// The notebooks that they are told of; all when it is empty.
    pub notebooks: Vec<String>,
    /// The language of the messages.
    pub language: Language,
}

/// The way a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail, through the server that `.env` names with `SMTP_HOST`.
    Email {
        /// To whom.
        addresses: Vec<String>,
    },
    /// To a channel of Slack, by an incoming webhook.
    Slack {
        /// The variable of `.env` that holds its address.
        url_from: String,
    },
    /// To a channel of Microsoft Teams, by a workflow's webhook.
    Teams {
        /// The variable of `.env` that holds its address.
        url_from: String,
    },
    /// As JSON to any address.
    Webhook {
        /// The variable of `.env` that holds the address.
        url_from: String,
        /// The variable of `.env` that holds the key of the signature; unsigned when it is not set.
        secret_from: String,
    },
}

/// What there is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertKind {
    /// A notebook failed, timed out or crashed, after its last attempt.
    Failure,
    /// What was told before is over.
    Recovery,
    /// A table is older than it may be.
    Stale,
    /// A run takes much longer than usual.
    Slow,
    /// The service cannot do its work.
    Service,
}

/// The language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Alert {
    /// Whether they are told this of that notebook (or of none in particular).
    pub fn wants(&self, kind: AlertKind, notebook: Option<&str>) -> bool {
        let about = |name| self.notebooks.is_empty() || self.notebooks.iter().any(|n| n == name);
        self.on.contains(&kind) && notebook.is_none_or(about)
    }

    /// The variables of `.env` whose values are secrets whatever they are called.
    pub fn secret_variables(&self) -> Vec<&str> {
        match &self.channel {
            Channel::Email { .. } => Vec::new(),
            Channel::Slack { url_from } | Channel::Teams { url_from } => vec![url_from],
            Channel::Webhook { url_from, secret_from } => vec![url_from, secret_from],
        }
    }
}

impl Channel {
    /// The word for it in penny.toml.
    pub fn word(&self) -> &'static str {
        match self {
            Channel::Email { .. } => "email",
            Channel::Slack { .. } => "slack",
            Channel::Teams { .. } => "teams",
            Channel::Webhook { .. } => "webhook",
        }
    }
}

impl AlertKind {
    /// The word for it in penny.toml and in the history.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// The kind of that word.
    pub fn of_word(word: &str) -> Option<AlertKind> {
        KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

/// Reads the sections.
pub(super) fn read(root: &Table<'_>, top: &Section<'_>, findings: &mut Findings) -> Vec<Alert> {
    let Some(item) = root.get("alert") else { return Vec::new() };
    let Some(tables) = item.tables() else {
        let hint = Some("write each alert under a line [[alert]], with two brackets".into());
        findings.add(top.span_of("alert"), "`alert` is not a list".into(), hint);
        return Vec::new();
    };
    // Those that are switched off count too: an alert need not change with them.
    let listed = root.get("notebook").and_then(Item::tables).unwrap_or_default();
    let listed = listed.iter().filter_map(|(table, _)| table.get("name")?.text());
    let listed: HashSet<&str> = listed.collect();
    let mut alerts: Vec<Alert> = Vec::new();
    for (table, span) in tables {
        let section = Section::new("[[alert]]", table, span, KEYS, findings);
        let Some(mut alert) = alert(&section, table, &listed, findings) else { continue };
        if section.has("name") && alerts.iter().any(|a| a.name == alert.name) {
            let message = format!("two alerts are called `{}`", alert.name);
            let hint = Some("give one of them another name".into());
            findings.add(section.span_of("name"), message, hint);
        }
        alert.name = free_name(&alert.name, &alerts);
        alerts.push(alert);
    }
    alerts
}

fn alert(
    section: &Section<'_>,
    table: &Table<'_>,
    listed: &HashSet<&str>,
    findings: &mut Findings,
) -> Option<Alert> {
    if section.has("stale_after") {
        let hint = "write it under [limits] for every table, or under a [[notebook]] for its own";
        let message = "`stale_after` in [[alert]]: how old a table may get is said of the table";
        findings.add(section.span_of("stale_after"), message.into(), Some(hint.into()));
    }
    let on = kinds(section, findings);
    let notebooks = names(section, listed, findings);
    let language = [("en", Language::English), ("fr", Language::French)];
    let language = section.choice("language", &language, findings).unwrap_or_default();
    let name = section.text("name", findings);
    let channel = channel(section, table, findings)?;
    let name = name.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| channel.word().to_owned());
    Some(Alert { name, channel, on, notebooks, language })
}

/// `to`, with the keys that belong to that way.
fn channel(section: &Section<'_>, table: &Table<'_>, findings: &mut Findings) -> Option<Channel> {
    section.required_text("to", findings)?;
    let words = ["email", "slack", "teams", "webhook"].map(|word| (word, word));
    let word = section.choice("to", &words, findings)?;
    let foreign: &[&str] = match word {
        "email" => &["url_from", "secret_from"],
        "webhook" => &["addresses"],
        _ => &["addresses", "secret_from"],
    };
    for key in foreign.iter().filter(|key| table.get(key).is_some()) {
        let message = format!("`{key}` means nothing to an alert to \"{word}\"");
        findings.add(section.span_of(key), message, Some("remove this line".into()));
    }
    if word == "email" {
        return Some(Channel::Email { addresses: addresses(section, table, findings)? });
    }
    let mut variable = |key: &str, usual: String| {
        let name = section.text(key, findings).unwrap_or(usual);
        if !is_variable(&name) {
            let message = format!("`{key}` should name a variable of .env, and is something else");
            let hint = "write the address into .env, as in COMPTA_WEBHOOK_URL=https://…, and its \
                        name here";
            findings.add(section.span_of(key), message, Some(hint.into()));
        }
        name
    };
    let url_from = match word {
        "webhook" => variable("url_from", "WEBHOOK_URL".into()),
        word => variable("url_from", format!("{}_WEBHOOK_URL", word.to_uppercase())),
    };
    Some(match word {
        "slack" => Channel::Slack { url_from },
        "teams" => Channel::Teams { url_from },
        _ => {
            let secret_from = variable("secret_from", "WEBHOOK_SECRET".into());
            Channel::Webhook { url_from, secret_from }
        }
    })
}

fn addresses(
    section: &Section<'_>,
    table: &Table<'_>,
    findings: &mut Findings,
) -> Option<Vec<String>> {
    // One address is written as people would write it.
    let item = table.get("addresses");
    let one = item.and_then(Item::text).map(str::to_owned);
    let addresses = match one {
        Some(address) => vec![address],
        None => section.texts("addresses", findings).unwrap_or_default(),
    };
    if item.is_none_or(|i| i.list().is_some_and(<[_]>::is_empty)) {
        let hint = "add a line addresses = [\"compta@example.com\"]";
        let message = "an alert to \"email\" has nobody to write to".to_owned();
        findings.add(section.span_of("addresses"), message, Some(hint.into()));
        return None;
    }
    for address in addresses.iter().filter(|a| lettre::Address::from_str(a).is_err()) {
        let message = format!("`{address}` is no e-mail address");
        findings.add(section.span_of("addresses"), message, None);
    }
    Some(addresses)
}

fn kinds(section: &Section<'_>, findings: &mut Findings) -> Vec<AlertKind> {
    let all = || KINDS.iter().map(|(_, kind)| *kind).collect();
    if !section.has("on") {
        return all();
    }
    let Some(words) = section.texts("on", findings) else { return all() };
    if words.is_empty() {
        let message = "`on` is empty: this alert would tell nothing";
        let hint = "remove this line, and everything is told";
        findings.add(section.span_of("on"), message.into(), Some(hint.into()));
    }
    let mut kinds = Vec::new();
    for word in words {
        match AlertKind::of_word(&word) {
            Some(kind) => kinds.push(kind),
            None => {
                let known: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
                let hint = match nearest(&word, known.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("write some of: {}", known.join(", ")),
                };
                let message = format!("`on`: there is no alert on \"{word}\"");
                findings.add(section.span_of("on"), message, Some(hint));
            }
        }
    }
    if kinds == [AlertKind::Recovery] {
        let hint = "add what may have to recover: on = [\"failure\", \"recovery\"]".to_owned();
        let message = "`on` has \"recovery\" alone, which is told to those who were told before";
        findings.add(section.span_of("on"), message.into(), Some(hint));
    }
    kinds
}

fn names(section: &Section<'_>, listed: &HashSet<&str>, findings: &mut Findings) -> Vec<String> {
    let names = section.texts("notebooks", findings).unwrap_or_default();
    for name in names.iter().filter(|n| !listed.contains(n.as_str())) {
        let hint = match nearest(name, listed.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the `name` of a [[notebook]] section".to_owned(),
        };
        let message = format!("`notebooks`: there is no notebook called `{name}`");
        findings.add(section.span_of("notebooks"), message, Some(hint));
    }
    names
}

/// `email`, then `email-2`, for those that have no name of their own.
fn free_name(name: &str, taken: &[Alert]) -> String {
    let free = |name: &String| !taken.iter().any(|a| &a.name == name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(free).unwrap_or_default()
}

fn is_variable(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(letters) && !name.starts_with(|c: char| c.is_ascii_digit())
}
