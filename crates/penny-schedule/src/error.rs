//! What a user can get wrong about time, each in a sentence.

/// Why a text says nothing about time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The text is no length of time.
    #[error(
        "`{text}` is not a length of time: write a number and a unit, such as `30m`, `2h`, `1h30m` or `1d`"
    )]
    Duration {
        /// What was written.
        text: String,
    },
    /// An interval is shorter than a minute.
    #[error("`{text}` is too short for a schedule: the shortest interval is one minute, `1m`")]
    TooShort {
        /// What was written.
        text: String,
    },
    /// An interval is longer than a leap year, or than can be counted.
    #[error("`{text}` is too long: the longest length of time is 366 days, `366d`")]
    TooLong {
        /// What was written.
        text: String,
    },
    /// The text is no time of day.
    #[error("`{text}` is not a time of day: write hours and minutes, such as `08:00` or `13:30`")]
    TimeOfDay {
        /// What was written.
        text: String,
    },
    /// A daily schedule has no times.
    #[error("a daily schedule needs at least one time of day, such as `08:00`")]
    NoTimes,
    /// A daily schedule names a time twice.
    #[error("`{time}` is in the daily schedule twice: name each time once")]
    TwiceADay {
        /// The time, as hours and minutes.
        time: String,
    },
    /// No time zone has that name.
    #[error("`{name}` is not a time zone{}", nearest.as_ref().map_or_else(
        || ": write its name, such as `Europe/Paris` or `UTC`".to_owned(),
        |nearest| format!(": did you mean `{nearest}`?"),
    ))]
    TimeZone {
        /// What was written.
        name: String,
        /// The known name that is nearest to it.
        nearest: Option<String>,
    },
    /// A cron expression has more or fewer than five fields.
    #[error(
        "`{cron}` has {found} {}, and a cron expression has 5: minute, hour, day of the month, month, \
         day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30){}",
        if *found == 1 { "field" } else { "fields" },
        if *found == 6 { "; there are no seconds" } else { "" }
    )]
    CronFields {
        /// What was written.
        cron: String,
        /// How many fields it has.
        found: usize,
    },
    /// A field of a cron expression is wrong.
    #[error("`{field}` cannot be the {name} of `{cron}`: {why}; right are {example}")]
    CronField {
        /// The whole expression.
        cron: String,
        /// The field.
        field: String,
        /// What the field is called.
        name: &'static str,
        /// What is wrong with it, or what is allowed.
        why: String,
        /// What would be right.
        example: &'static str,
    },
    /// A word with an `@` that cron has not, or that says no time.
    #[error(
        "`{text}` says no time: write @hourly, @daily, @weekly, @monthly or @yearly, or five fields as in \
         `30 8 * * 1-5`; at each start is said with `at_start = true`"
    )]
    CronWord {
        /// What was written.
        text: String,
    },
    /// No day fits, ever.
    #[error("no day ever fits `{cron}`: the month is too short, or the day is a holiday")]
    Never {
        /// The expression.
        cron: String,
    },
    /// No calendar has that name.
    #[error(
        "`{name}` is not a calendar of working days: write \"FR\" for France, or \"FR-AM\" for Alsace and \
         Moselle"
    )]
    Calendar {
        /// What was written.
        name: String,
    },
    /// A working day of the month that some months do not have.
    #[error(
        "{number} is not a working day of every month: write a number from 1 to {most}, or from -1 (the \
         last working day) to -{most}"
    )]
    WorkingDay {
        /// What was written.
        number: i64,
        /// The largest number that every month has.
        most: i8,
    },
    /// A working day of the month is named twice, or none is named.
    #[error(
        "a list of working days of the month names at least one, and each once: as in [1, 3, -1]"
    )]
    WorkingDays,
    /// An interval of more than a day, on working days only.
    #[error(
        "every {interval} could fall on days off again and again: on working days, an interval is at most \
         a day, or times are named with `daily_at`"
    )]
    LongOnWorkingDays {
        /// The interval in words.
        interval: String,
    },
}
