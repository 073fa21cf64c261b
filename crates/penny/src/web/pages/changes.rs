//! What changed in a table's data between two dates.

use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use maud::{Markup, html};
use serde::Deserialize;

use super::table::{no_such_table, state};
use super::table_change::table_change;
use crate::error::Result;
use crate::looking;
use crate::store::TablePublish;
use crate::web::links;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// The days that are asked about, both included.
struct Days {
    from: Date,
    to: Date,
    /// What could not be understood.
    wrong: Option<String>,
}

/// `GET /tables/{schema.table}/changes?from=2026-11-01&to=2026-11-23`
pub async fn changes(
    visit: Visit,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    match state(&visit, &name) {
        Ok(Some(_)) => visit.show(move |visit| page(visit, &name, &asked)).await,
        Ok(None) => {
            let error = no_such_table(&visit, &name);
            visit.lost(error).await
        }
        Err(error) => visit.show(move |_| Err(error)).await,
    }
}

fn page(visit: &Visit, name: &str, asked: &Asked) -> Result<Page> {
    let days = Days::read(visit, asked);
    let title = visit.say("Ce qui a changé", "What changed");
    let first = visit.store().first_publish_of_table(name)?;
    let body = html! {
        p.small { a href=(links::table(name)) { "← " (name) } }
        h1.breakable { (title) (visit.say(" dans ", " in ")) (name) }
        (form(visit, name, &days))
        @if let Some(wrong) = &days.wrong { p.state.warn { (wrong) } }
        section.card aria-labelledby="change" {
            h2 #change { (heading(visit, &days)) }
            (told(visit, name, &days, first.as_ref())?)
        }
        p.small.soft { (visit.say(
            "Penny garde de chaque publication les totaux et une empreinte des lignes, jamais leur contenu.",
            "Of each publish Penny keeps the totals and a mark of the rows, never what is in them.",
        )) }
    };
    Ok(Page::new(format!("{title} · {name}"), Place::Tables, body))
}

impl Days {
    /// The month so far, where nothing else is said.
    fn read(visit: &Visit, asked: &Asked) -> Days {
        let today = visit.now.to_zoned(visit.zone().clone()).date();
        let mut wrong = None;
        let mut day = |text: &str, usual: Date| match text.trim() {
            "" => usual,
            text => text.parse().unwrap_or_else(|_| {
                let what = visit.say("n’est pas une date", "is no date");
                wrong = Some(format!("«\u{a0}{text}\u{a0}» {what}"));
                usual
            }),
        };
        let to = day(&asked.to, today);
        let mut from = day(&asked.from, to.first_of_month());
        if from > to {
            let what = visit
                .say("la première date est après la seconde", "the first date is after the second");
            wrong = Some(what.to_owned());
            from = to;
        }
        Days { from, to, wrong }
    }

    /// The last moment before the first day, and the last moment of the last.
    fn moments(&self, visit: &Visit) -> (Timestamp, Timestamp) {
        let begin = |day: Date| {
            let begin = day.to_zoned(visit.zone().clone()).map(|zoned| zoned.timestamp());
            begin
                .unwrap_or(Timestamp::MAX)
                .saturating_sub(1.microsecond())
                .unwrap_or(Timestamp::MIN)
        };
        (begin(self.from), begin(self.to.saturating_add(1.day())))
    }
}

fn form(visit: &Visit, name: &str, days: &Days) -> Markup {
    html! {
        form.filters.card method="get" action=(format!("{}/changes", links::table(name))) data-filter {
            div {
                label for="from" { (visit.say("Du", "From")) }
                input #from type="date" name="from" value=(days.from) required;
            }
            div {
                label for="to" { (visit.say("Au", "To")) }
                input #to type="date" name="to" value=(days.to) required;
            }
            button { (visit.say("Comparer", "Compare")) }
        }
    }
}

fn heading(visit: &Visit, days: &Days) -> String {
    let (from, to) = (visit.date(days.from, true), visit.date(days.to, true));
    match visit.language {
        crate::config::Language::French => format!("Du {from} au matin au {to} au soir"),
        crate::config::Language::English => {
            format!("From the morning of {from} to the evening of {to}")
        }
    }
}

fn told(visit: &Visit, name: &str, days: &Days, first: Option<&TablePublish>) -> Result<Markup> {
    let (from, to) = days.moments(visit);
    if let Some(first) = first.filter(|first| first.at > to) {
        return Ok(html! {
            p { (visit.say(
                "La table n’était pas encore publiée\u{a0}: l’historique la connaît depuis le ",
                "The table was not published yet: the history knows it since ",
            )) (visit.moment(first.at)) "." }
        });
    }
    let change = looking::table_change(visit.store(), name, from, to)?;
    Ok(html! {
        @if change.before.is_none() && let Some(first) = first {
            p.soft { (visit.say(
                "Avant, rien n’est connu de cette table\u{a0}: la première publication que l’historique connaît date du ",
                "Nothing is known of this table before: the first publish that the history knows is of ",
            )) (visit.moment(first.at)) "." }
        }
        (table_change(visit, &change))
        @if change.publishes > 0 {
            p.small.soft {
                (visit.count(change.publishes as u64, ["publication", "publications"], ["publish", "publishes"]))
                (visit.say(" entre ces deux dates.", " between these dates."))
            }
        }
    })
}
