//! The schedule of the workspace or of a notebook, as penny.toml says it: read, tried, and written there.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use penny_schedule::Calendar;
use serde_json::{Map, Value, json};

use super::answer::say;
use super::body::{Body, Expected, FLAG, Fields, Said, texts};
use super::{Answer, Refusal, answer};
use crate::config::{
    self, Changed, DaysWords, DiffKind, Of, RhythmWords, ScheduleWords, SettingsFile,
};
use crate::error::{Error, Result};
use crate::web::actions::{Preview, ScheduleMistake as Mistake, schedule_mistake};
use crate::web::visit::Visit;
use crate::workspace::CONFIG_FILE;

/// What the body of a schedule says.
pub struct Wanted(ScheduleWords);

/// Whose schedule the address means: that of a notebook, or of all which say nothing else.
type Whose = Option<Path<String>>;

/// `GET /schedule` and `/notebooks/{name}/schedule`
pub async fn read(visit: Visit, whose: Whose) -> Response {
    let read = answer(visit, move |visit| {
        let (file, of) = settings(visit, &whose)?;
        Ok(json!({ "file": file.hash(), "schedule": json_of(&file.schedule(of)?) }))
    });
    tagged(read.await, |told| told["schedule"].take())
}

/// `POST /schedule/preview` and `/notebooks/{name}/schedule/preview`: what another schedule would mean and write;
/// nothing is written.
pub async fn preview(visit: Visit, whose: Whose, Body(Wanted(wanted)): Body<Wanted>) -> Response {
    let made = answer(visit, move |visit| {
        let (file, of) = settings(visit, &whose)?;
        let changed = file.with_schedule(of, &wanted)?;
        Ok(json!({ "file": file.hash(), "preview": told(visit, of, &changed) }))
    });
    tagged(made.await, |told| told["preview"].take())
}

/// `PUT /schedule` and `/notebooks/{name}/schedule`
pub async fn change(
    visit: Visit,
    whose: Whose,
    headers: HeaderMap,
    Body(Wanted(wanted)): Body<Wanted>,
) -> Answer {
    let state = headers.get(header::IF_MATCH).and_then(|tag| tag.to_str().ok());
    let state = state.map(|tag| tag.trim_matches('"').to_owned());
    answer(visit, move |visit| {
        let _alone = config::changing();
        let (file, of) = settings(visit, &whose)?;
        if state.is_some_and(|state| state != file.hash()) {
            let error = Error::usage("penny.toml was changed by somebody else meanwhile");
            let hint =
                "nothing was written: look at the schedule as it is now, and change it again";
            return Err(Refusal::with(StatusCode::PRECONDITION_FAILED, error.hint(hint)));
        }
        let changed = file.with_schedule(of, &wanted)?;
        if changed.is_change() {
            changed.write()?;
        }
        Ok(json_of(&wanted))
    })
    .await
}

/// penny.toml as it is on the disk, and whose schedule is meant.
fn settings<'n>(visit: &Visit, whose: &'n Whose) -> Result<(SettingsFile, Of<'n>), Refusal> {
    let of = whose.as_ref().map_or(Of::Workspace, |Path(name)| Of::Notebook(name));
    if let Of::Notebook(name) = of {
        visit.workspace.config.select(&[name.to_owned()]).map_err(Refusal::lost)?;
    }
    Ok((SettingsFile::read(&visit.workspace.root.join(CONFIG_FILE))?, of))
}

/// A part of an answer, with the state of penny.toml that it is about as its tag.
fn tagged(Answer(status, mut told): Answer, part: impl FnOnce(&mut Value) -> Value) -> Response {
    if status != StatusCode::OK {
        return Answer(status, told).into_response();
    }
    let tag = format!("\"{}\"", told["file"].as_str().unwrap_or_default());
    ([(header::ETAG, tag)], Answer(status, part(&mut told))).into_response()
}

/// What a change means and writes.
fn told(visit: &Visit, of: Of<'_>, changed: &Changed) -> Value {
    let name = match of {
        Of::Workspace => None,
        Of::Notebook(name) => Some(name),
    };
    let Preview { rules, on_change, notebooks, times } = Preview::of(changed, name, visit.now);
    let lines = changed.diff().into_iter().map(|line| {
        let what = match line.kind {
            DiffKind::Stays => "stays",
            DiffKind::Goes => "goes",
            DiffKind::Comes => "comes",
        };
        json!({"what": what, "number": line.number, "line": line.text})
    });
    json!({
        "schedule": visit.schedule(&rules.schedule),
        "on_change": on_change,
        "notebooks": notebooks,
        "next": times.iter().map(|at| at.to_string()).collect::<Vec<_>>(),
        "changes": changed.is_change(),
        "lines": lines.collect::<Vec<_>>(),
    })
}

/// The keys are those of penny.toml; what is not said is taken from the workspace, or is the usual.
fn json_of(words: &ScheduleWords) -> Value {
    let mut json = Map::new();
    match &words.rhythm {
        Some(RhythmWords::Every(every)) => {
            json.insert("every".into(), json!(every));
        }
        Some(RhythmWords::DailyAt(times)) => {
            json.insert("daily_at".into(), json!(times));
        }
        Some(RhythmWords::Cron(cron)) => {
            json.insert("cron".into(), json!(cron));
        }
        Some(RhythmWords::WorkingDay(days, times)) => {
            json.insert("working_day".into(), json!(days));
            json.insert("daily_at".into(), json!(times));
        }
        None => {}
    }
    match &words.days {
        Some(DaysWords::All) => json.insert("working_days".into(), json!(false)),
        Some(DaysWords::Working(calendar)) => json.insert("working_days".into(), json!(calendar)),
        None => None,
    };
    if let Some(on_change) = words.on_change {
        json.insert("on_change".into(), json!(on_change));
    }
    Value::Object(json)
}

const LENGTH: Expected =
    Expected { french: "une durée", english: "a length of time", example: "\"2h\"" };
const CRON: Expected = Expected {
    french: "une expression cron",
    english: "a cron expression",
    example: "\"30 8 * * 1-5\"",
};
const TIMES: Expected = Expected {
    french: "une liste d’heures",
    english: "a list of times of day",
    example: "[\"08:00\", \"13:30\"]",
};
const DAYS: Expected = Expected {
    french: "une liste de jours ouvrés du mois",
    english: "a list of working days of the month",
    example: "[1, -1]",
};
const CALENDAR: Expected = Expected {
    french: "un calendrier ou `false`",
    english: "a calendar or `false`",
    example: "\"FR\"",
};

impl Said for Wanted {
    const FIELDS: &'static [&'static str] =
        &["every", "daily_at", "cron", "working_day", "working_days", "on_change"];

    fn read(fields: &Fields) -> Result<Wanted, Refusal> {
        let days = fields.field("working_days", &CALENDAR, days)?;
        let on_change = fields.field("on_change", &FLAG, Value::as_bool)?;
        let words = ScheduleWords { rhythm: rhythm(fields)?, days, on_change };
        match schedule_mistake(fields.language(), &words) {
            None => Ok(Wanted(words)),
            Some(Mistake { field, text }) => {
                let field = if field == "times" { "daily_at" } else { field };
                Err(Refusal::of_field(field, Error::usage(text)))
            }
        }
    }
}

/// How often, of which there is one way at most.
fn rhythm(fields: &Fields) -> Result<Option<RhythmWords>, Refusal> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let every = fields.field("every", &LENGTH, text)?;
    let cron = fields.field("cron", &CRON, text)?;
    let times = fields.field("daily_at", &TIMES, |value| texts(&listed(value)))?;
    let days = fields.field("working_day", &DAYS, |value| {
        listed(value).as_array()?.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()
    })?;
    Ok(match (every, cron, days, times) {
        (None, None, None, None) => None,
        (Some(every), None, None, None) => Some(RhythmWords::Every(every)),
        (None, Some(cron), None, None) => Some(RhythmWords::Cron(cron)),
        (None, None, Some(days), times) => {
            Some(RhythmWords::WorkingDay(days, times.unwrap_or_default()))
        }
        (None, None, None, Some(times)) => Some(RhythmWords::DailyAt(times)),
        _ => {
            return Err(Refusal::wrong(say(
                fields.language(),
                "un seul de `every`, `daily_at`, `cron` et `working_day` dit à quel rythme",
                "one of `every`, `daily_at`, `cron` and `working_day` says how often",
            )));
        }
    })
}

/// A list; one alone is one of one.
fn listed(value: &Value) -> Value {
    match value {
        Value::Array(_) => value.clone(),
        one => Value::Array(vec![one.clone()]),
    }
}

fn days(value: &Value) -> Option<DaysWords> {
    match value {
        Value::Bool(false) => Some(DaysWords::All),
        Value::String(calendar) if Calendar::parse(calendar).is_ok() => {
            Some(DaysWords::Working(calendar.clone()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::tests::read_in_english;
    use super::*;
    use crate::config::{Language, Secrets};

    #[test]
    fn what_is_read_can_be_written_again() {
        #[track_caller]
        fn check(json: Value) {
            let Wanted(words) = read_in_english(&json.to_string()).expect("understood");
            assert_eq!(json_of(&words), json);
        }
        check(json!({}));
        check(json!({"every": "30m", "on_change": true}));
        check(json!({"daily_at": ["08:00", "13:30"], "working_days": "FR"}));
        check(json!({"cron": "30 8 * * 1-5", "working_days": false}));
        check(json!({"working_day": [3, -1], "daily_at": ["09:00"]}));
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_key_and_what_is_allowed() {
        #[track_caller]
        fn check(json: Value, expected: &str) {
            let refused = read_in_english::<Wanted>(&json.to_string()).err().expect("refused");
            let told = refused.told_in(Language::English, &Secrets::default()).1;
            assert_eq!(told["error"], expected);
        }
        check(json!({"evry": "2h"}), "`evry`: this field means nothing here");
        check(
            json!({"every": 2}),
            "`every`: a length of time is expected, such as \"2h\", and not 2",
        );
        check(
            json!({"every": "souvent"}),
            "`every`: `souvent` is not a length of time: write a number and a unit, such as `30m`, `2h`, `1h30m` \
             or `1d`",
        );
        check(
            json!({"daily_at": [8]}),
            "`daily_at`: a list of times of day is expected, such as [\"08:00\", \"13:30\"], and not [8]",
        );
        check(
            json!({"daily_at": ["26:00"]}),
            "`daily_at`: `26:00` is not a time of day: write hours and minutes, such as `08:00` or `13:30`",
        );
        check(
            json!({"working_day": ["premier"]}),
            "`working_day`: a list of working days of the month is expected, such as [1, -1], and not [\"premier\"]",
        );
        check(
            json!({"every": "2h", "cron": "@daily"}),
            "one of `every`, `daily_at`, `cron` and `working_day` says how often",
        );
        check(
            json!({"working_days": true}),
            "`working_days`: a calendar or `false` is expected, such as \"FR\", and not true",
        );
        check(
            json!({"working_days": "DE"}),
            "`working_days`: a calendar or `false` is expected, such as \"FR\", and not \"DE\"",
        );
    }
}
