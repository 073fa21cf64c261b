//! The schedule of the workspace or of a notebook, as penny.toml says it: read, tried, and written there.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::asked::Body;
use super::{Answer, Refusal, answer};
use crate::config::{Changed, DaysWords, DiffKind, Of, RhythmWords, ScheduleWords, SettingsFile};
use crate::error::{Error, Result};
use crate::web::actions::Preview;
use crate::web::visit::Visit;
use crate::workspace::CONFIG_FILE;

/// What the body of a schedule says.
type Wanted = Body<Map<String, Value>>;

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
pub async fn preview(visit: Visit, whose: Whose, Body(wanted): Wanted) -> Response {
    let made = answer(visit, move |visit| {
        let wanted = words(&wanted).map_err(Refusal::wrong)?;
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
    Body(wanted): Wanted,
) -> Answer {
    let state = headers.get(header::IF_MATCH).and_then(|tag| tag.to_str().ok());
    let state = state.map(|tag| tag.trim_matches('"').to_owned());
    answer(visit, move |visit| {
        let wanted = words(&wanted).map_err(Refusal::wrong)?;
        let (file, of) = settings(visit, &whose)?;
        if state.is_some_and(|state| state != file.hash()) {
            let error = Error::usage("penny.toml was changed by somebody else meanwhile");
            let hint =
                "nothing was written: look at the schedule as it is now, and change it again";
            return Err(Refusal(StatusCode::PRECONDITION_FAILED, error.hint(hint)));
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

/// What such an object says, or what is wrong with it.
fn words(json: &Map<String, Value>) -> Result<ScheduleWords, String> {
    const KEYS: [&str; 6] =
        ["every", "daily_at", "cron", "working_day", "working_days", "on_change"];
    if let Some(unknown) = json.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("`{unknown}` is no key of a schedule; these are: {}", KEYS.join(", ")));
    }
    let wrong = |key: &str| format!("`{key}` cannot be understood");
    let text = |key: &str| match json.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(key)),
    };
    let list = |key: &str| match json.get(key) {
        None => Ok(None),
        Some(Value::Array(values)) => Ok(Some(values.clone())),
        Some(one) => Ok::<_, String>(Some(vec![one.clone()])),
    };
    let times = list("daily_at")?.map(|times| {
        let time = |time: &Value| time.as_str().map(str::to_owned).ok_or_else(|| wrong("daily_at"));
        times.iter().map(time).collect::<Result<Vec<_>, _>>()
    });
    let times = times.transpose()?;
    let days = list("working_day")?.map(|days| {
        let day = |day: &Value| day.as_i64().ok_or_else(|| wrong("working_day"));
        days.iter().map(day).collect::<Result<Vec<_>, _>>()
    });
    let (every, cron) = (text("every")?, text("cron")?);
    let rhythm = match (every, cron, days.transpose()?, times) {
        (None, None, None, None) => None,
        (Some(every), None, None, None) => Some(RhythmWords::Every(every)),
        (None, Some(cron), None, None) => Some(RhythmWords::Cron(cron)),
        (None, None, Some(days), times) => {
            Some(RhythmWords::WorkingDay(days, times.unwrap_or_default()))
        }
        (None, None, None, Some(times)) => Some(RhythmWords::DailyAt(times)),
        _ => {
            return Err(
                "one of `every`, `daily_at`, `cron` and `working_day` says how often".into()
            );
        }
    };
    let working = match json.get("working_days") {
        None => None,
        Some(Value::Bool(false)) => Some(DaysWords::All),
        Some(Value::String(calendar)) => Some(DaysWords::Working(calendar.clone())),
        Some(_) => return Err(wrong("working_days")),
    };
    let on_change = match json.get("on_change") {
        None => None,
        Some(Value::Bool(flag)) => Some(*flag),
        Some(_) => return Err(wrong("on_change")),
    };
    Ok(ScheduleWords { rhythm, days: working, on_change })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_can_be_written_again() {
        #[track_caller]
        fn check(json: Value) {
            let words = words(json.as_object().expect("an object")).expect("understood");
            assert_eq!(json_of(&words), json);
        }
        check(json!({}));
        check(json!({"every": "30m", "on_change": true}));
        check(json!({"daily_at": ["08:00", "13:30"], "working_days": "FR"}));
        check(json!({"cron": "30 8 * * 1-5", "working_days": false}));
        check(json!({"working_day": [3, -1], "daily_at": ["09:00"]}));
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_key() {
        #[track_caller]
        fn check(json: Value, key: &str) {
            let why = words(json.as_object().expect("an object")).expect_err("refused");
            assert!(why.contains(key), "{why}");
        }
        check(json!({"evry": "2h"}), "`evry` is no key");
        check(json!({"every": 2}), "`every`");
        check(json!({"daily_at": [8]}), "`daily_at`");
        check(json!({"every": "2h", "cron": "@daily"}), "one of");
        check(json!({"working_days": true}), "`working_days`");
    }
}
