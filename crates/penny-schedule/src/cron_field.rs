//! One field of a cron expression: a set of numbers, as bits.

use crate::error::ScheduleError;

/// What a field may hold.
pub(crate) struct Field {
    /// What it is called.
    name: &'static str,
    /// What is allowed, in words.
    allowed: &'static str,
    /// Right ones.
    example: &'static str,
    low: u32,
    high: u32,
    /// The words for numbers, the first of them for `low`; at least three letters of one are enough.
    words: &'static [&'static str],
}

pub(crate) const MINUTE: Field = Field {
    name: "minute",
    allowed: "0 to 59",
    example: "`0`, `0,30` or `*/15`",
    low: 0,
    high: 59,
    words: &[],
};
pub(crate) const HOUR: Field = Field {
    name: "hour",
    allowed: "0 to 23",
    example: "`8`, `8-18` or `*/2`",
    low: 0,
    high: 23,
    words: &[],
};
pub(crate) const DAY: Field = Field {
    name: "day of the month",
    allowed: "1 to 31, or L for the last",
    example: "`1`, `1,15` or `L`",
    low: 1,
    high: 31,
    words: &[],
};
pub(crate) const MONTH: Field = Field {
    name: "month",
    allowed: "1 to 12, or jan to dec",
    example: "`1`, `1,4,7,10` or `jan-mar`",
    low: 1,
    high: 12,
    words: &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
};
pub(crate) const WEEKDAY: Field = Field {
    name: "day of the week",
    allowed: "0 to 7 (1 is Monday, 0 and 7 are Sunday), or mon to sun",
    example: "`1`, `1-5` or `mon,thu`",
    low: 0,
    high: 7,
    words: &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
};

impl Field {
    /// The numbers that a field of an expression says; `cron` is the whole expression.
    pub(crate) fn read(&self, field: &str, cron: &str) -> Result<u64, ScheduleError> {
        let mut numbers = 0;
        for part in field.split(',') {
            numbers |= self.part(part).map_err(|why| self.mistake(field, cron, why))?;
        }
        Ok(numbers)
    }

    /// The sentence for a field that is wrong.
    pub(crate) fn mistake(&self, field: &str, cron: &str, why: Option<String>) -> ScheduleError {
        ScheduleError::CronField {
            cron: cron.to_owned(),
            field: field.to_owned(),
            name: self.name,
            why: why.unwrap_or_else(|| format!("the {} is {}", self.name, self.allowed)),
            example: self.example,
        }
    }

    /// One part of a list: `*`, `n`, `a-b`, each with a step or without. Otherwise why it is wrong, where
    /// there is more to say than what is allowed.
    fn part(&self, part: &str) -> Result<u64, Option<String>> {
        if part == "?" {
            return Err(Some("write `*` in place of `?`".to_owned()));
        }
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (part, None),
        };
        let (low, high) = match range.split_once('-') {
            _ if range == "*" => (self.low, self.high),
            Some((low, high)) => self.range(low, high)?,
            None => {
                let number = self.number(range)?;
                // `8/2` is from 8 on, as everyone but the oldest crons reads it.
                (number, if step.is_some() { self.high } else { number })
            }
        };
        let every = usize::try_from(step.unwrap_or(1)).expect("at most 59");
        Ok((low..=high).step_by(every).fold(0, |numbers, number| numbers | 1 << number))
    }

    fn range(&self, low: &str, high: &str) -> Result<(u32, u32), Option<String>> {
        let (low, mut high) = (self.number(low)?, self.number(high)?);
        // Sunday ends a week as well as it begins one: `sat-sun`.
        if self.high == 7 && high == 0 && low > 0 {
            high = 7;
        }
        if low > high {
            let (from, to) = (self.low, if self.high == 7 { 6 } else { self.high });
            return Err(Some(format!(
                "a range goes upwards: write `{low}-{to},{from}-{high}` for `{low}-{high}`"
            )));
        }
        Ok((low, high))
    }

    fn step(&self, step: &str) -> Result<u32, Option<String>> {
        let largest = self.high - u32::from(self.low > 0);
        match whole(step) {
            Some(step) if (1..=largest).contains(&step) => Ok(step),
            _ => Err(Some(format!(
                "a step for the {} is a number from 1 to {largest}: longer ones are said with `every`",
                self.name
            ))),
        }
    }

    fn number(&self, text: &str) -> Result<u32, Option<String>> {
        if let Some(number) = whole(text) {
            return (self.low..=self.high).contains(&number).then_some(number).ok_or(None);
        }
        let lower = text.to_lowercase();
        let at = self.words.iter().position(|word| lower.len() >= 3 && word.starts_with(&lower));
        at.map(|at| self.low + u32::try_from(at).expect("a dozen words")).ok_or(None)
    }
}

fn whole(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
