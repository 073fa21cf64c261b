//! Small pieces that several pages show alike.

use jiff::Timestamp;
use maud::{Markup, html};

use super::charts::class;
use crate::store::RunRecord;
use crate::web::visit::Visit;

/// How a run stands: a shape, a colour and a word.
pub fn state(visit: &Visit, run: &RunRecord) -> Markup {
    let class = if run.cut_off { "bad" } else { class(run.outcome) };
    html! { span class=(format!("state {class}")) { (visit.standing(run)) } }
}

/// A moment seen from now, in full for whoever points at it.
pub fn time(visit: &Visit, at: Timestamp) -> Markup {
    moment(visit, at, &visit.when(at))
}

/// The same within a sentence: with the article that a date has there.
pub fn time_in_sentence(visit: &Visit, at: Timestamp) -> Markup {
    moment(visit, at, &visit.when_in_sentence(at))
}

fn moment(visit: &Visit, at: Timestamp, told: &str) -> Markup {
    html! { time datetime=(at.to_string()) title=(visit.moment(at)) { (told) } }
}
