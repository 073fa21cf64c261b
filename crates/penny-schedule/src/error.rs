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
}
