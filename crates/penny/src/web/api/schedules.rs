//! The schedule of the workspace or of a notebook, as penny.toml says it: read, and written there.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path, State as Shown};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, answer, refused, told};
use crate::config::{DaysWords, Of, RhythmWords, ScheduleWords, SettingsFile};
use crate::error::Result;
use crate::web::About;
use crate::workspace::CONFIG_FILE;

/// `GET /schedule`: that of all notebooks which say nothing else.
pub async fn of_all(Shown(about): Shown<Arc<About>>) -> Answer {
    read(about, None).await
}

/// `GET /notebooks/{name}/schedule`: that of a notebook.
pub async fn of_one(Shown(about): Shown<Arc<About>>, Path(name): Path<String>) -> Answer {
    read(about, Some(name)).await
}

/// `PUT /schedule`
pub async fn change_all(
    Shown(about): Shown<Arc<About>>,
    wanted: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Answer {
    change(about, None, wanted).await
}

/// `PUT /notebooks/{name}/schedule`
pub async fn change_one(
    Shown(about): Shown<Arc<About>>,
    Path(name): Path<String>,
    wanted: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Answer {
    change(about, Some(name), wanted).await
}

async fn read(about: Arc<About>, name: Option<String>) -> Answer {
    if let Some(lost) = lost(&about, name.as_deref()) {
        return lost;
    }
    answer(about, move |about| {
        let file = SettingsFile::read(&about.workspace().root.join(CONFIG_FILE))?;
        Ok(json_of(&file.schedule(of(name.as_deref()))?))
    })
    .await
}

async fn change(
    about: Arc<About>,
    name: Option<String>,
    wanted: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Answer {
    let wanted = match wanted.map_err(|why| why.body_text()).and_then(|Json(wanted)| words(&wanted))
    {
        Ok(words) => words,
        Err(why) => return refused(&why),
    };
    if let Some(lost) = lost(&about, name.as_deref()) {
        return lost;
    }
    answer(about, move |about| {
        let file = SettingsFile::read(&about.workspace().root.join(CONFIG_FILE))?;
        let changed = file.with_schedule(of(name.as_deref()), &wanted)?;
        if changed.is_change() {
            changed.write()?;
        }
        Ok(json_of(&wanted))
    })
    .await
}

fn of(name: Option<&str>) -> Of<'_> {
    name.map_or(Of::Workspace, Of::Notebook)
}

/// Answers that there is no such notebook, when there is none.
fn lost(about: &About, name: Option<&str>) -> Option<Answer> {
    let names = [name?.to_owned()];
    let error = about.workspace().config.select(&names).err()?;
    Some(Answer(StatusCode::NOT_FOUND, told(&error)))
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
