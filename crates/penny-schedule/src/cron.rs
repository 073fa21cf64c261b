//! Cron expressions of five fields, with the meaning that cron gives them.

use jiff::civil::Time;

use crate::cron_field::{DAY, HOUR, MINUTE, MONTH, WEEKDAY};
use crate::error::ScheduleError;
use crate::month::Month;

const ALL_HOURS: u32 = 0x00ff_ffff;

/// A cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    text: String,
    pub(crate) minutes: u64,
    pub(crate) hours: u32,
    /// Days of the month, bit 1 the first; none is set by `L` alone.
    pub(crate) days: u32,
    pub(crate) last_day: bool,
    pub(crate) months: u16,
    /// Bit 0 is Sunday.
    pub(crate) weekdays: u8,
    pub(crate) any_day: bool,
    pub(crate) any_weekday: bool,
}

impl Cron {
    /// Reads an expression or one of cron's words for one, such as `@daily`.
    pub(crate) fn parse(text: &str) -> Result<Cron, ScheduleError> {
        let text = text.trim();
        let spelt = if text.starts_with('@') { shortcut(text)? } else { text };
        let fields: Vec<&str> = spelt.split_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(ScheduleError::CronFields { cron: text.to_owned(), found: fields.len() });
        };
        let (days, last_day) = days(day, text)?;
        let weekdays = WEEKDAY.read(weekday, text)?;
        Ok(Cron {
            text: text.to_owned(),
            minutes: MINUTE.read(minute, text)?,
            hours: u32::try_from(HOUR.read(hour, text)?).expect("24 bits"),
            days,
            last_day,
            months: u16::try_from(MONTH.read(month, text)?).expect("13 bits"),
            // 7 is Sunday too.
            weekdays: u8::try_from(weekdays & 0x7f | weekdays >> 7).expect("7 bits"),
            // As cron does: what begins with a star does not restrict, even with a step.
            any_day: day.starts_with('*'),
            any_weekday: weekday.starts_with('*'),
        })
    }

    /// The expression as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds in every hour of the day: it then follows real hours through a change of clocks.
    pub(crate) fn is_hourly(&self) -> bool {
        self.hours == ALL_HOURS
    }

    /// Its days in a month. When both the day of the month and that of the week are restricted, either
    /// is enough: that is cron's rule.
    pub(crate) fn days_in(&self, month: Month) -> u32 {
        if self.months >> month.first().month() & 1 == 0 {
            return 0;
        }
        let last = if self.last_day { month.last() } else { 0 };
        let by_number = (self.days >> 1 | last) & month.all();
        let by_weekday = month.weekdays(self.weekdays);
        if self.any_day || self.any_weekday {
            by_number & by_weekday
        } else {
            by_number | by_weekday
        }
    }

    /// Its first time of day that is not before another.
    pub(crate) fn time_from(&self, from: Time) -> Option<Time> {
        let is_whole_minute = from.second() == 0 && from.subsec_nanosecond() == 0;
        let minute = from.minute() + i8::from(!is_whole_minute);
        // The hour of `from` may have no minute left, the hours after it begin anew.
        let in_hour = lowest(self.minutes, minute)
            .filter(|_| self.hours >> from.hour() & 1 == 1)
            .map(|minute| (from.hour(), minute));
        let (hour, minute) = in_hour.or_else(|| {
            Some((lowest(self.hours.into(), from.hour() + 1)?, lowest(self.minutes, 0)?))
        })?;
        Time::new(hour, minute, 0, 0).ok()
    }
}

/// The lowest number of a set that is at least `from`.
fn lowest(numbers: u64, from: i8) -> Option<i8> {
    let rest = numbers >> from << from;
    (rest != 0).then(|| i8::try_from(rest.trailing_zeros()).expect("64 bits"))
}

/// The days of the month, and whether the last one is among them.
fn days(field: &str, cron: &str) -> Result<(u32, bool), ScheduleError> {
    let is_last = |part: &str| part.eq_ignore_ascii_case("l");
    let has_last = field.split(',').any(is_last);
    let others: Vec<&str> = field.split(',').filter(|part| !is_last(part)).collect();
    if others.is_empty() {
        return Ok((0, true));
    }
    if others.iter().any(|part| part.ends_with(['W', 'w'])) {
        let why = "working days are said with `working_days` or `working_day`".to_owned();
        return Err(DAY.mistake(field, cron, Some(why)));
    }
    let numbers = DAY.read(&others.join(","), cron)?;
    Ok((u32::try_from(numbers).expect("32 bits"), has_last))
}

fn shortcut(text: &str) -> Result<&'static str, ScheduleError> {
    match text.to_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(ScheduleError::CronWord { text: text.to_owned() }),
    }
}
