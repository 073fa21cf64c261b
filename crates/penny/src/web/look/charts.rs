//! Small pictures of numbers: drawn as SVG, told in words beside it.

use maud::{Markup, html};

use crate::store::Outcome;

/// The class of an outcome, by which it is coloured and shaped.
pub fn class(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "running",
        Some(Outcome::Succeeded) => "good",
        Some(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed) => "bad",
        Some(Outcome::Cancelled | Outcome::Skipped) => "idle",
    }
}

/// A strip of runs, the oldest first: where each links to, how it ended, what is said to whoever points at it. Whoever
/// listens is told the label alone, and comes to the runs by the history: a page has hundreds of these.
pub fn strip(label: &str, runs: &[(String, Option<Outcome>, String)]) -> Markup {
    html! {
        span.hidden { (label) }
        span.strip aria-hidden="true" {
            @for (href, outcome, told) in runs {
                a class=(class(*outcome)) href=(href) title=(told) tabindex="-1" {}
            }
        }
    }
}

/// How much of what is allowed is used up, from 0 to 1 and beyond: told in words beside it.
pub fn share(used: f64) -> Markup {
    let width = (used.clamp(0.0, 1.0) * 100.0).max(2.0);
    let class = if used > 1.0 { "warn" } else { "good" };
    html! {
        svg.share viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.room width="100" height="6" rx="3" {}
            rect class=(class) width=(format!("{width:.0}")) height="6" rx="3" {}
        }
    }
}

/// The width and height of a trend, in its own units.
const TREND: (f64, f64) = (120.0, 28.0);

/// A line through values, the oldest first, with a point at the last; nothing for fewer than two.
pub fn trend(label: &str, values: &[f64]) -> Markup {
    if values.len() < 2 {
        return html! {};
    }
    let (width, height) = TREND;
    let most = values.iter().copied().fold(f64::MIN, f64::max);
    let least = values.iter().copied().fold(f64::MAX, f64::min);
    let range = if most > least { most - least } else { 1.0 };
    let step = (width - 6.0) / (values.len() - 1) as f64;
    let place = |(index, value): (usize, &f64)| {
        let (x, share) = (3.0 + step * index as f64, (value - least) / range);
        // A level line stays in the middle.
        let share = if most > least { share } else { 0.5 };
        (x, height - 4.0 - share * (height - 8.0))
    };
    let points: Vec<(f64, f64)> = values.iter().enumerate().map(place).collect();
    let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let (x, y) = points[points.len() - 1];
    html! {
        svg.trend viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(label) preserveAspectRatio="none" {
            polyline points=(line.join(" ")) {}
            circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="2.4" {}
        }
    }
}

/// The width of one bar with its gap, and the height of all.
const BAR: (f64, f64) = (10.0, 100.0);
/// There is room for so many bars at least: a few would be blocks else.
const BARS_MIN: usize = 24;

/// For how many bars a chart has room that shows so many.
pub fn room_for(bars: usize) -> usize {
    bars.max(BARS_MIN)
}

/// Bars from zero, the oldest first: where each links to, its value, how it ended, what a reader is told.
pub fn bars(label: &str, values: &[(String, f64, Option<Outcome>, String)]) -> Markup {
    let (step, height) = BAR;
    let most = values.iter().map(|value| value.1).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let width = step * room_for(values.len()) as f64;
    html! {
        svg.bars viewBox=(format!("0 0 {width} {height}")) role="group" aria-label=(label) preserveAspectRatio="none" {
            @for (index, (href, value, outcome, told)) in values.iter().enumerate() {
                @let tall = (value / most * height).max(1.0);
                a href=(href) aria-label=(told) {
                    title { (told) }
                    rect.room x=(format!("{:.1}", step * index as f64)) y="0" width=(step) height=(height) {}
                    rect class=(class(*outcome)) x=(format!("{:.1}", step * index as f64 + 1.0))
                        y=(format!("{:.1}", height - tall)) width=(step - 2.0) height=(format!("{tall:.1}")) {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_a_bar_however_few_there_are() {
        let drawn = |count| {
            let value = (String::new(), 1.0, None, String::new());
            bars("", &vec![value; count]).into_string()
        };
        assert!(drawn(1).contains("viewBox=\"0 0 240 100\""), "{}", drawn(1));
        assert!(drawn(60).contains("viewBox=\"0 0 600 100\""));
    }
}
