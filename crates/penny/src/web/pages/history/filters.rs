//! The filters of the history: read from the address, shown as a form, written into links.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::Result;
use crate::store::{Outcome, RunFilter, RunId, Trigger};
use crate::web::links;
use crate::web::visit::Visit;

/// With more notebooks than this, one is typed and not chosen.
const CHOICES_MAX: usize = 200;
/// A longer text is not looked for.
const TEXT_MAX: usize = 200;
/// The outcomes that are no success, in one choice.
const BAD: &str = "bad";

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    notebook: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    trigger: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    before: String,
}

/// The filters as they are understood.
pub struct Filters {
    asked: Asked,
    /// The notebooks to choose from.
    notebooks: Vec<String>,
    /// The same for the history; without a limit.
    pub filter: RunFilter,
    /// What could not be understood, in sentences.
    pub wrong: Vec<String>,
}

impl Filters {
    /// Understands them.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn read(visit: &Visit, mut asked: Asked) -> Result<Filters> {
        asked.text = asked.text.trim().chars().take(TEXT_MAX).collect();
        let mut wrong = Vec::new();
        let mut day = |text: &str| match text.trim() {
            "" => None,
            text => text.parse::<Date>().ok().or_else(|| {
                let what = visit.say("n’est pas une date", "is no date");
                wrong.push(format!("«\u{a0}{text}\u{a0}» {what}"));
                None
            }),
        };
        let (since, until) = (day(&asked.since), day(&asked.until));
        let mut filter = RunFilter {
            since: since.and_then(|day| begin(visit, day)),
            until: until
                .and_then(|day| day.checked_add(1.day()).ok())
                .and_then(|day| begin(visit, day)),
            text: Some(asked.text.clone()).filter(|text| !text.is_empty()),
            before: asked.before.parse().ok(),
            ..RunFilter::default()
        };
        filter.notebooks.extend(Some(asked.notebook.clone()).filter(|name| !name.is_empty()));
        filter.triggers.extend(Some(asked.trigger.clone()).filter(|word| !word.is_empty()));
        filter.outcomes = match asked.outcome.as_str() {
            BAD => vec![Outcome::Failed, Outcome::TimedOut, Outcome::Crashed],
            word => Outcome::of_word(&word.replace('-', " ")).into_iter().collect(),
        };
        let listed = visit.workspace.config.notebooks.iter().map(|entry| entry.name.clone());
        let mut notebooks: Vec<String> = listed.collect();
        notebooks.extend(visit.store().notebooks()?);
        notebooks.sort_unstable();
        notebooks.dedup();
        Ok(Filters { asked, notebooks, filter, wrong })
    }

    /// Whether anything is filtered.
    pub fn is_any(&self) -> bool {
        let asked = &self.asked;
        let all = [&asked.notebook, &asked.outcome, &asked.trigger, &asked.since, &asked.until];
        all.into_iter().chain([&asked.text]).any(|value| !value.is_empty())
    }

    /// The address of the same filters, from a run on.
    pub fn address(&self, before: Option<RunId>) -> String {
        let before = before.map(|run| run.to_string()).unwrap_or_default();
        let asked = &self.asked;
        let values = [
            ("notebook", asked.notebook.as_str()),
            ("outcome", &asked.outcome),
            ("trigger", &asked.trigger),
            ("since", &asked.since),
            ("until", &asked.until),
            ("text", &asked.text),
            ("before", &before),
        ];
        links::with_query("/history", &values)
    }

    /// The form.
    pub fn form(&self, visit: &Visit) -> Markup {
        let asked = &self.asked;
        html! {
            form.filters.card method="get" action="/history" data-filter role="search" {
                div {
                    label for="notebook" { "Notebook" }
                    (self.notebook_field(visit))
                }
                div {
                    label for="outcome" { (visit.say("Issue", "Outcome")) }
                    (choice("outcome", &asked.outcome, &outcomes(visit)))
                }
                div {
                    label for="trigger" { (visit.say("Déclenchement", "Trigger")) }
                    (choice("trigger", &asked.trigger, &triggers(visit)))
                }
                div {
                    label for="since" { (visit.say("Du", "From")) }
                    input #since type="date" name="since" value=(asked.since);
                }
                div {
                    label for="until" { (visit.say("Au", "To")) }
                    input #until type="date" name="until" value=(asked.until);
                }
                div.wanted {
                    label for="text" { (visit.say("Erreur ou nom", "Error or name")) }
                    input #text type="search" name="text" value=(asked.text) maxlength=(TEXT_MAX);
                }
                button { (visit.say("Filtrer", "Filter")) }
            }
        }
    }

    fn notebook_field(&self, visit: &Visit) -> Markup {
        let asked = &self.asked.notebook;
        if self.notebooks.len() > CHOICES_MAX {
            return html! { input #notebook name="notebook" value=(asked) spellcheck="false"; };
        }
        let mut choices = vec![(String::new(), visit.say("Tous", "All").to_owned())];
        choices.extend(self.notebooks.iter().map(|name| (name.clone(), name.clone())));
        if !asked.is_empty() && !self.notebooks.contains(asked) {
            choices.push((asked.clone(), asked.clone()));
        }
        choice("notebook", asked, &choices)
    }
}

/// The first moment of a day.
pub fn begin(visit: &Visit, day: Date) -> Option<Timestamp> {
    day.to_zoned(visit.zone().clone()).ok().map(|zoned| zoned.timestamp())
}

fn outcomes(visit: &Visit) -> Vec<(String, String)> {
    let mut choices = vec![
        (String::new(), visit.say("Toutes", "All").to_owned()),
        (BAD.to_owned(), visit.say("En erreur", "With an error").to_owned()),
    ];
    let each =
        |outcome: &Outcome| (outcome.word().replace(' ', "-"), visit.outcome(*outcome).to_owned());
    choices.extend(Outcome::ALL.iter().map(each));
    choices
}

fn triggers(visit: &Visit) -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), visit.say("Tous", "All").to_owned())];
    let known = Trigger::ALL.iter().filter(|trigger| **trigger != Trigger::Unknown);
    choices.extend(known.map(|trigger| {
        let word = trigger.word();
        (word.to_owned(), visit.trigger(word).to_owned())
    }));
    choices
}

fn choice(name: &str, chosen: &str, choices: &[(String, String)]) -> Markup {
    html! {
        select id=(name) name=(name) {
            @for (value, label) in choices {
                option value=(value) selected[value == chosen] { (label) }
            }
        }
    }
}
