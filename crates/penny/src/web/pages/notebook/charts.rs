//! The bars of a notebook's page, with the words around them.

use maud::{Markup, html};

use crate::looking::{Bar, Trend, edits};
use crate::store::Outcome;
use crate::web::look::{bars, room_for};
use crate::web::pages::history;
use crate::web::visit::Visit;

/// What the charts are drawn from.
pub struct Charts<'a> {
    pub notebook: &'a str,
    pub trend: &'a Trend,
}

impl Charts<'_> {
    /// The chart of durations, and one of rows for each table.
    pub fn show(&self, visit: &Visit) -> Markup {
        html! {
            (self.durations(visit, &self.trend.bars))
            @for table in self.trend.tables() { (self.table(visit, table, &self.trend.bars)) }
        }
    }

    fn durations(&self, visit: &Visit, all: &[Bar]) -> Markup {
        let label = visit.say("Durée des exécutions", "Duration of the runs");
        let values: Vec<_> = all
            .iter()
            .map(|bar| {
                let seconds = bar.seconds().unwrap_or(0.0);
                (
                    self.address(bar),
                    seconds,
                    bar.outcome(),
                    self.told(visit, bar, &length(visit, seconds)),
                )
            })
            .collect();
        let most = values.iter().map(|value| value.1).fold(0.0, f64::max);
        html! {
            figure {
                figcaption { (label) span.soft { (visit.say("max. ", "max. ")) (length(visit, most)) } }
                (bars(label, &values))
                (self.marks(visit, all))
                (axis(visit, all))
            }
        }
    }

    fn table(&self, visit: &Visit, table: &str, all: &[Bar]) -> Markup {
        let label = format!("{} {table}", visit.say("Lignes de", "Rows of"));
        let values: Vec<_> = all
            .iter()
            .zip(self.trend.rows_of(table))
            .map(|(bar, of)| {
                let rows = of.rows.unwrap_or(0);
                let count = visit.count(rows, ["ligne", "lignes"], ["row", "rows"]);
                let outcome = if of.published { None } else { Some(Outcome::Skipped) };
                (self.address(bar), rows as f64, outcome, self.told(visit, bar, &count))
            })
            .collect();
        let most = values.iter().map(|value| value.1).fold(0.0, f64::max);
        html! {
            figure {
                figcaption {
                    (label)
                    span.soft { (visit.say("max. ", "max. ")) (visit.number(most as u64)) }
                }
                (bars(&label, &values))
                (axis(visit, all))
            }
        }
    }

    /// A tick below each bar before which the notebook was edited.
    fn marks(&self, visit: &Visit, all: &[Bar]) -> Markup {
        let edits = edits(&self.trend.runs);
        let edited = all.iter().map(|bar| bar.is_edited(&edits));
        let places: Vec<usize> =
            edited.enumerate().filter(|(_, edited)| *edited).map(|(index, _)| index).collect();
        html! {
            @if !places.is_empty() {
                svg.signs viewBox=(format!("0 0 {} 10", room_for(all.len()) * 10)) preserveAspectRatio="none" aria-hidden="true" {
                    @for index in &places {
                        rect x=(index * 10 + 3) y="0" width="4" height="10" {}
                    }
                }
                p.small.soft { span.mark aria-hidden="true" {} (visit.say(
                    "le fichier du notebook a changé avant cette exécution",
                    "the notebook’s file changed before this run",
                )) }
            }
        }
    }

    /// Where a bar leads: to the run, or to those of its days.
    fn address(&self, bar: &Bar) -> String {
        match (bar.days, bar.runs.as_slice()) {
            (_, [run]) => format!("/runs/{}", run.id),
            (Some((first, last)), _) => history::of_days(self.notebook, first, last),
            (None, _) => "/history".to_owned(),
        }
    }

    /// "20 novembre : 12 exécutions, 1 échec, 4,2 s".
    fn told(&self, visit: &Visit, bar: &Bar, value: &str) -> String {
        let colon = visit.say("\u{a0}: ", ": ");
        let Some((first, last)) = bar.days else {
            let run = &bar.runs[0];
            let outcome =
                run.outcome.map_or(visit.say("en cours", "running"), |o| visit.outcome(o));
            return format!("{}{colon}{outcome}, {value}", visit.on_day(run.started));
        };
        let day = match first == last {
            true => visit.date(first, false),
            false => format!("{} – {}", visit.date(first, false), visit.date(last, false)),
        };
        let runs = visit.count(bar.runs.len() as u64, ["exécution", "exécutions"], ["run", "runs"]);
        match bar.failed() {
            _ if bar.runs.is_empty() => {
                format!("{day}{colon}{}", visit.say("aucune exécution", "no run"))
            }
            0 => format!("{day}{colon}{runs}, {value}"),
            failed => {
                let failed = visit.count(failed, ["échec", "échecs"], ["failure", "failures"]);
                format!("{day}{colon}{runs}, {failed}, {value}")
            }
        }
    }
}

fn length(visit: &Visit, seconds: f64) -> String {
    visit.length(std::time::Duration::from_secs_f64(seconds))
}

/// The first and the last day: at the two ends when the bars reach so far.
fn axis(visit: &Visit, all: &[Bar]) -> Markup {
    let zone = visit.zone();
    let day = |bar: &Bar, end: bool| match bar.days {
        Some((first, last)) => {
            if end {
                last
            } else {
                first
            }
        }
        None => bar.runs[0].started.to_zoned(zone.clone()).date(),
    };
    html! {
        @if let (Some(first), Some(last)) = (all.first(), all.last()) {
            @let (first, last) = (day(first, false), day(last, true));
            p.axis.small.soft {
                @if all.len() == room_for(all.len()) {
                    span { (visit.date(first, true)) }
                    span { (visit.date(last, true)) }
                } @else if first == last {
                    (visit.date(first, true))
                } @else {
                    (visit.date(first, true)) " – " (visit.date(last, true))
                }
            }
        }
    }
}
