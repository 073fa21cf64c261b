//! How the runs of each day ended.

use serde::Deserialize;

use super::asked::Asked;
use super::{Answer, Refusal, answer};
use crate::error::Error;
use crate::looking::{Month, RunCalendar};
use crate::web::visit::Visit;

/// Which month is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    month: Option<String>,
}

/// `GET /calendar`: the days of a month, and the twelve months around it.
pub async fn calendar(visit: Visit, Asked(asked): Asked<Which>) -> Answer {
    answer(visit, move |visit| {
        let month = |text: &String| {
            Month::parse(text).ok_or_else(|| {
                let error = Error::usage(format!("`{text}` is no month"));
                Refusal::of_field("month", error.hint("write 2026-11, of a year from 2000 to 2199"))
            })
        };
        let asked = asked.month.as_ref().map(month).transpose()?;
        let calendar = RunCalendar::read(visit.store(), asked, visit.now, visit.zone())?;
        Ok(calendar.json(visit.workspace.config.schedule.calendar(), visit.language))
    })
    .await
}
