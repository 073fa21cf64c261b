//! Numbers, lengths, sizes and times as the engine writes them in English, written as in French.

use jiff::civil::{Date, Time};

use crate::config::Language;
use crate::language;

/// "1,234" as "1 234".
pub fn number(text: &str) -> Option<String> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == ',');
    is_number.then(|| text.replace(',', "\u{202f}"))
}

/// "4.0 s" as "4 s", "2 h 05 min" as "2 h 05".
pub fn length(text: &str) -> Option<String> {
    let mut words = text.split(' ');
    let mut parts: Vec<String> = Vec::new();
    while let Some(amount) = words.next() {
        let unit = words.next()?;
        let unit = if unit == "d" { "j" } else { unit };
        if amount.parse::<f64>().is_err() || !["s", "min", "h", "j"].contains(&unit) {
            return None;
        }
        let amount = amount.trim_end_matches(".0").replace('.', ",");
        let after_hours = unit == "min" && parts.last().is_some_and(|part| part.ends_with('h'));
        parts.push(if after_hours { amount } else { format!("{amount}\u{a0}{unit}") });
    }
    Some(parts.join("\u{a0}"))
}

/// "1.5 GB" as "1,5 Go".
pub fn size(text: &str) -> Option<String> {
    let (amount, unit) = text.split_once(' ')?;
    let unit = match unit {
        "bytes" | "B" => "o",
        "kB" | "KB" => "ko",
        "MB" => "Mo",
        "GB" => "Go",
        "TB" => "To",
        _ => return None,
    };
    amount.parse::<f64>().is_ok().then(|| format!("{}\u{a0}{unit}", amount.replace('.', ",")))
}

/// "22 November 2026, 14:05" as "22 novembre 2026 à 14 h 05", with the year or without it.
pub fn moment(text: &str) -> Option<String> {
    let (date, hour) = text.split_once(", ")?;
    let with_year = date.split(' ').count() == 3;
    // Of a leap year each day is one.
    let date = if with_year { date.to_owned() } else { format!("{date} 2000") };
    let date = Date::strptime("%d %B %Y", date).ok()?;
    let hour = language::hour(Time::strptime("%H:%M", hour).ok()?, Language::French);
    Some(format!("{} à {hour}", language::date(date, with_year, Language::French)))
}

/// Who did something: the dashboard, or whoever typed a command.
pub fn who(by: &str) -> String {
    match by.strip_prefix("someone") {
        _ if by == DASHBOARD => "le tableau de bord".to_owned(),
        _ if by == API => "l’API".to_owned(),
        Some(rest) => format!("quelqu’un{rest}"),
        None => by.to_owned(),
    }
}

/// Who acts through the dashboard, as the history has it.
pub const DASHBOARD: &str = "the dashboard";

/// Who acts through the API, as the history has it.
pub const API: &str = "the API";
