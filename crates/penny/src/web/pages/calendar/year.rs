//! Twelve months side by side, a square a day.

use maud::{Markup, html};

use super::{address, failures, runs};
use crate::language;
use crate::looking::{Month, RunCalendar, place_in_week};
use crate::web::visit::Visit;

/// A square with its gap, in the picture's own units.
const STEP: usize = 10;
const SQUARE: usize = 8;

/// The strip; one of the months is looked at.
pub fn strip(visit: &Visit, calendar: &RunCalendar) -> Markup {
    html! {
        nav.year aria-label=(visit.say("Douze mois", "Twelve months")) {
            ol {
                @for month in calendar.months() {
                    @let tally = calendar.total(month);
                    li {
                        a href=(address(month)) aria-current=[(month == calendar.month).then_some("true")] {
                            span.small {
                                (language::month(month.first().month(), visit.language)) " "
                                span.soft { (month.first().year()) }
                            }
                            (squares(month, calendar))
                            @if tally.runs == 0 {
                                span.soft { (visit.say("rien", "nothing")) span.hidden { (visit.say(" n’a été exécuté", " ran")) } }
                            } @else {
                                span.small.hidden { (runs(visit, tally)) ", " }
                                span class=(if tally.failed > 0 { "failed" } else { "soft" }) {
                                    (failures(visit, tally))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The days of a month, a column a week: the more ran the fuller, with a corner off where something failed.
fn squares(month: Month, calendar: &RunCalendar) -> Markup {
    let most = calendar.most();
    let before = place_in_week(month.first());
    html! {
        svg viewBox=(format!("0 0 {} {}", 6 * STEP, 7 * STEP)) aria-hidden="true" {
            @for (index, day) in month.days().enumerate() {
                @let place = index + before;
                @let (x, y) = (place / 7 * STEP, place % 7 * STEP);
                @match calendar.day(day) {
                    None => rect.none x=(x) y=(y) width=(SQUARE) height=(SQUARE) rx="1" {},
                    Some(tally) if tally.failed > 0 => {
                        path.bad d=(format!("M{x} {y}h{h}l{h} {h}v{h}h-{SQUARE}z", h = SQUARE / 2)) {}
                    },
                    Some(tally) => rect.good x=(x) y=(y) width=(SQUARE) height=(SQUARE) rx="1"
                        fill-opacity=(depth(tally.runs, most)) {},
                }
            }
        }
    }
}

/// How full a square is: no less than can be seen.
fn depth(runs: u64, most: u64) -> &'static str {
    match runs * 4 / most.max(1) {
        0 => ".45",
        1 => ".6",
        2 => ".8",
        _ => "1",
    }
}
