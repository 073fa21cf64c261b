//! What is wrong with a schedule, beside the field that says it.

use penny_schedule::{Calendar, Schedule, ScheduleError};

use crate::config::{DaysWords, Language, RhythmWords, ScheduleWords};

/// Something that is wrong.
pub struct Mistake {
    /// The field; `form` for the whole.
    pub field: &'static str,
    /// What is wrong with it, and what to write.
    pub text: String,
}

/// What is wrong with a schedule, if it is none; the field is that of the form.
pub fn mistake(language: Language, words: &ScheduleWords) -> Option<Mistake> {
    let rhythm = words.rhythm.as_ref()?;
    let calendar = match &words.days {
        Some(DaysWords::Working(name)) => Calendar::parse(name).ok(),
        _ => None,
    };
    let usual = ["08:00".to_owned()];
    let (field, schedule) = match rhythm {
        RhythmWords::Every(every) => ("every", Schedule::every(every)),
        RhythmWords::DailyAt(times) => ("times", Schedule::daily_at(times)),
        RhythmWords::Cron(cron) => ("cron", Schedule::cron(cron)),
        RhythmWords::WorkingDay(days, times) => {
            let calendar = calendar.unwrap_or(Calendar::France);
            let days_alone = Schedule::on_working_day(days, calendar, &usual);
            let times = if times.is_empty() { &usual[..] } else { times };
            match days_alone {
                Ok(_) => ("times", Schedule::on_working_day(days, calendar, times)),
                wrong => ("working_day", wrong),
            }
        }
    };
    let whole = schedule.and_then(|schedule| match calendar {
        Some(calendar) => schedule.on_working_days(calendar),
        None => Ok(schedule),
    });
    whole.err().map(|why| Mistake { field, text: sentence(language, &why) })
}

/// What is wrong, in the language of the page.
pub fn sentence(language: Language, error: &ScheduleError) -> String {
    match language {
        Language::English => error.to_string(),
        Language::French => in_french(error),
    }
}

fn in_french(error: &ScheduleError) -> String {
    use ScheduleError as E;
    match error {
        E::Duration { text } => format!(
            "«\u{a0}{text}\u{a0}» n’est pas une durée\u{a0}: écrivez un nombre et une unité, comme 30m, 2h, 1h30m ou 1d"
        ),
        E::TooShort { text } => {
            format!(
                "«\u{a0}{text}\u{a0}» est trop court\u{a0}: l’intervalle le plus court est d’une minute, 1m"
            )
        }
        E::TooLong { text } => {
            format!("«\u{a0}{text}\u{a0}» est trop long\u{a0}: au plus 366 jours, 366d")
        }
        E::TimeOfDay { text } => format!(
            "«\u{a0}{text}\u{a0}» n’est pas une heure\u{a0}: écrivez heures et minutes, comme 08:00 ou 13:30"
        ),
        E::NoTimes => "il faut au moins une heure, comme 08:00".to_owned(),
        E::TwiceADay { time } => format!("{time} y est deux fois\u{a0}: une seule suffit"),
        E::CronFields { cron, found } => format!(
            "«\u{a0}{cron}\u{a0}» a {found} champ(s), et une expression cron en a 5\u{a0}: minute, heure, jour du mois, mois, \
             jour de la semaine, comme 30 8 * * 1-5 (du lundi au vendredi à 08:30)"
        ),
        E::CronField { field, example, .. } => {
            format!(
                "«\u{a0}{field}\u{a0}» ne convient pas à sa place dans l’expression cron\u{202f}; conviennent {example}"
            )
        }
        E::CronWord { text } => format!(
            "«\u{a0}{text}\u{a0}» ne dit aucun moment\u{a0}: écrivez @hourly, @daily, @weekly, @monthly ou @yearly, ou cinq \
             champs comme 30 8 * * 1-5"
        ),
        E::Never { cron } => format!("aucun jour ne convient jamais à «\u{a0}{cron}\u{a0}»"),
        E::WorkingDay { number, most } => format!(
            "{number} n’est pas un jour ouvré de chaque mois\u{a0}: écrivez un nombre de 1 à {most}, ou de -1 (le \
             dernier) à -{most}"
        ),
        E::WorkingDays => {
            "il faut au moins un jour ouvré, et chacun une seule fois\u{a0}: comme 1, 3, -1"
                .to_owned()
        }
        E::LongOnWorkingDays { .. } => {
            "un intervalle de plus d’un jour tomberait sans cesse sur des jours \
             chômés\u{a0}: au plus un jour, ou des heures fixes"
                .to_owned()
        }
        other => other.to_string(),
    }
}
