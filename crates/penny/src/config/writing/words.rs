//! A schedule in the words of penny.toml.

/// What a section of penny.toml says of when notebooks are due. What is not said there is taken from
/// `[schedule]`, or is the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleWords {
    /// How often.
    pub rhythm: Option<RhythmWords>,
    /// On which days.
    pub days: Option<DaysWords>,
    /// Whether a notebook runs when it was saved.
    pub on_change: Option<bool>,
}

/// How often, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RhythmWords {
    /// `every = "2h"`
    Every(String),
    /// `daily_at = ["08:00", "13:30"]`
    DailyAt(Vec<String>),
    /// `cron = "30 8 * * 1-5"`
    Cron(String),
    /// `working_day = [1, -1]`, and the times of `daily_at`; none is 08:00.
    WorkingDay(Vec<i64>, Vec<String>),
}

/// On which days, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DaysWords {
    /// `working_days = false`: every day, whatever `[schedule]` says.
    All,
    /// `working_days = "FR"`
    Working(String),
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Texts(Vec<String>),
    Numbers(Vec<i64>),
    Flag(bool),
}

/// The keys that say how often; of them one is mostly there.
pub(super) const RHYTHMS: [&str; 4] = ["every", "daily_at", "cron", "working_day"];
/// All keys of which this speaks.
pub(super) const KEYS: [&str; 6] =
    ["every", "daily_at", "cron", "working_day", "working_days", "on_change"];

impl ScheduleWords {
    /// What each key is to say; nothing for one that is not to be there.
    pub(super) fn value(&self, key: &str) -> Option<Value> {
        let text = |text: &String| Value::Text(text.clone());
        match (key, &self.rhythm, &self.days) {
            ("every", Some(RhythmWords::Every(every)), _) => Some(text(every)),
            ("cron", Some(RhythmWords::Cron(cron)), _) => Some(text(cron)),
            ("working_day", Some(RhythmWords::WorkingDay(days, _)), _) => {
                Some(Value::Numbers(days.clone()))
            }
            ("daily_at", Some(RhythmWords::DailyAt(times)), _) => Some(Value::Texts(times.clone())),
            ("daily_at", Some(RhythmWords::WorkingDay(_, times)), _) => {
                (!times.is_empty()).then(|| Value::Texts(times.clone()))
            }
            ("working_days", _, Some(DaysWords::All)) => Some(Value::Flag(false)),
            ("working_days", _, Some(DaysWords::Working(calendar))) => Some(text(calendar)),
            ("on_change", ..) => self.on_change.map(Value::Flag),
            _ => None,
        }
    }

    /// The words of the keys that a section has; one that has another kind of value is not understood.
    pub(super) fn of(value: impl Fn(&str) -> Option<Value>) -> ScheduleWords {
        let text = |key: &str| match value(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let times = || match value("daily_at") {
            Some(Value::Text(time)) => vec![time],
            Some(Value::Texts(times)) => times,
            _ => Vec::new(),
        };
        let rhythm = match value("working_day") {
            Some(Value::Numbers(days)) => Some(RhythmWords::WorkingDay(days, times())),
            _ if value("daily_at").is_some() => Some(RhythmWords::DailyAt(times())),
            _ => text("every")
                .map(RhythmWords::Every)
                .or_else(|| text("cron").map(RhythmWords::Cron)),
        };
        let days = match value("working_days") {
            Some(Value::Flag(false)) => Some(DaysWords::All),
            Some(Value::Text(calendar)) => Some(DaysWords::Working(calendar)),
            _ => None,
        };
        let on_change = match value("on_change") {
            Some(Value::Flag(flag)) => Some(flag),
            _ => None,
        };
        ScheduleWords { rhythm, days, on_change }
    }
}

impl Value {
    /// As penny.toml writes it.
    pub(super) fn written(&self) -> String {
        let quoted = |text: &String| toml_edit::Value::from(text.as_str()).to_string();
        let listed = |parts: Vec<String>| format!("[{}]", parts.join(", "));
        match self {
            Value::Text(text) => quoted(text),
            Value::Texts(texts) => listed(texts.iter().map(quoted).collect()),
            Value::Numbers(numbers) => match numbers.as_slice() {
                [one] => one.to_string(),
                many => listed(many.iter().map(i64::to_string).collect()),
            },
            Value::Flag(flag) => flag.to_string(),
        }
    }

    /// Whether two mean the same: a single time, or day, needs no list.
    pub(super) fn is_same(&self, other: &Value) -> bool {
        let texts = |value: &Value| match value {
            Value::Text(text) => Some(vec![text.clone()]),
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        };
        self == other || texts(self).is_some() && texts(self) == texts(other)
    }
}
