//! The calendar: how each day's runs ended, a month at a time.

mod year;

use axum::extract::Query;
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::history;
use crate::error::Result;
use crate::language;
use crate::looking::{Month, RunCalendar};
use crate::store::Tally;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    month: String,
}

/// `GET /calendar`
pub async fn calendar(visit: Visit, Query(asked): Query<Asked>) -> Response {
    visit.show(move |visit| page(visit, &asked)).await
}

fn page(visit: &Visit, asked: &Asked) -> Result<Page> {
    let asked = Month::parse(&asked.month);
    let calendar = RunCalendar::read(visit.store(), asked, visit.now, visit.zone())?;
    let month = calendar.month;
    let title = visit.say("Calendrier", "Calendar");
    let body = html! {
        h1 { (title) }
        div data-live="calendar" {
            (year::strip(visit, &calendar))
            section.card aria-labelledby="month" {
                (heading(visit, month, Month::of(calendar.today)))
                (sum(visit, calendar.total(month)))
                (table(visit, &calendar))
                (notes(visit, month))
            }
        }
    };
    Ok(Page::new(format!("{} · {title}", name(visit, month)), Place::Calendar, body))
}

/// "novembre 2026".
fn name(visit: &Visit, month: Month) -> String {
    let first = month.first();
    format!("{} {}", language::month(first.month(), visit.language), first.year())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn address(month: Month) -> String {
    format!("/calendar?month={month}")
}

fn heading(visit: &Visit, month: Month, present: Month) -> Markup {
    let (before, after) = (month.plus(-1), month.plus(1));
    html! {
        div.month-head {
            h2 #month { (capital(&name(visit, month))) }
            nav.actions aria-label=(visit.say("Autres mois", "Other months")) {
                a.button rel="prev" href=(address(before)) { "← " (capital(&name(visit, before))) }
                @if month != present {
                    a.button href="/calendar" { (visit.say("Ce mois-ci", "This month")) }
                }
                @if month < present {
                    a.button rel="next" href=(address(after)) { (capital(&name(visit, after))) " →" }
                }
            }
        }
    }
}

fn sum(visit: &Visit, tally: Tally) -> Markup {
    html! {
        p.soft {
            @if tally.runs == 0 {
                (visit.say("Rien n’a été exécuté ce mois-là.", "Nothing ran in this month."))
            } @else {
                (runs(visit, tally)) ", " (failures(visit, tally)) "."
            }
        }
    }
}

fn runs(visit: &Visit, tally: Tally) -> String {
    visit.count(tally.runs, ["exécution", "exécutions"], ["run", "runs"])
}

fn failures(visit: &Visit, tally: Tally) -> String {
    match tally.failed {
        0 => visit.say("aucun échec", "no failure").to_owned(),
        failed => visit.count(failed, ["échec", "échecs"], ["failure", "failures"]),
    }
}

fn table(visit: &Visit, calendar: &RunCalendar) -> Markup {
    use jiff::civil::Weekday;
    let month = calendar.month;
    let weekdays = Weekday::Monday.cycle_forward().take(7);
    html! {
        table.month {
            caption.hidden { (capital(&name(visit, month))) }
            thead {
                tr {
                    th scope="col" { span.hidden { (visit.say("Semaine", "Week")) } }
                    @for weekday in weekdays {
                        @let name = visit.weekday(weekday);
                        th scope="col" {
                            abbr title=(name) { (name.chars().take(3).collect::<String>()) }
                        }
                    }
                }
            }
            tbody {
                @for week in month.weeks() {
                    tr {
                        (week_number(visit, &week))
                        @for day in week {
                            @match day {
                                Some(day) => (cell(visit, day, calendar.today, calendar.day(day))),
                                None => td.other {},
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The number of the week by ISO 8601, as French calendars have it: "S47".
fn week_number(visit: &Visit, week: &[Option<Date>; 7]) -> Markup {
    let number = week.iter().flatten().next().map(|day| day.iso_week_date().week());
    html! {
        th scope="row" {
            @if let Some(number) = number {
                abbr title=(format!("{} {number}", visit.say("semaine", "week"))) {
                    (visit.say("S", "W")) (number)
                }
            }
        }
    }
}

fn cell(visit: &Visit, day: Date, today: Date, tally: Option<Tally>) -> Markup {
    let calendar = visit.workspace.config.schedule.calendar();
    let is_off = !calendar.is_working_day(day);
    let month = Month::of(day);
    let class = if is_off { "off" } else { "worked" };
    html! {
        td class=(class) aria-current=[(day == today).then_some("date")] {
            span.day { (day.day()) }
            @if let Some(holiday) = calendar.holiday(day) {
                span.note.small.wide { (language::holiday(holiday, visit.language)) }
            }
            @if month.last_working_day(calendar) == Some(day) {
                span.note.small.wide { (visit.say("dernier jour ouvré", "last working day")) }
            }
            @if let Some(tally) = tally {
                a href=(history::of_days("", day, day)) {
                    span.hidden { (visit.date(day, true)) ": " }
                    (visit.number(tally.runs)) " "
                    span.wide { (visit.say(
                        if tally.runs > 1 { "exécutions" } else { "exécution" },
                        if tally.runs == 1 { "run" } else { "runs" },
                    )) }
                }
                @if tally.failed > 0 {
                    span.state.bad {
                        (visit.number(tally.failed)) " "
                        span.wide { (visit.say(
                            if tally.failed > 1 { "échecs" } else { "échec" },
                            if tally.failed == 1 { "failure" } else { "failures" },
                        )) }
                    }
                }
            }
        }
    }
}

/// What the marks in the table mean, in words that fit on a phone too.
fn notes(visit: &Visit, month: Month) -> Markup {
    let calendar = visit.workspace.config.schedule.calendar();
    let holidays: Vec<String> = month
        .days()
        .filter_map(|day| Some((day, calendar.holiday(day)?)))
        .map(|(day, name)| {
            format!("{} ({})", visit.date(day, false), language::holiday(name, visit.language))
        })
        .collect();
    let last = month.last_working_day(calendar).map(|day| visit.date(day, false));
    html! {
        p.small.soft {
            @if !holidays.is_empty() {
                (visit.say("Jours fériés\u{a0}: ", "Public holidays: ")) (holidays.join(", ")) ". "
            }
            @if let Some(last) = last {
                (visit.say("Dernier jour ouvré du mois\u{a0}: ", "Last working day of the month: ")) (last) "."
            }
        }
    }
}
