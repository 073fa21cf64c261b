//! How long output notebooks are kept: the `[retention]` of penny.toml and `keep` of its notebooks.

use super::size::parse_size;
use super::table::{Findings, Section};

/// The keys of `[retention]`.
pub(super) const KEYS: &[&str] = &["max_age", "max_runs", "max_size"];

const RUNS_MAX: i64 = 1_000_000;
const AGE: &str = "an age in quotes, such as \"90d\", \"18 months\" or \"10 years\"";
const KEEP: &str = "\"90d\", \"10 years\", 200, \"500 MB\" or \"all\"";

/// The `[retention]` of penny.toml; without it everything is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// How old a notebook's outputs may become, in days.
    pub max_age_days: Option<u32>,
    /// How many outputs of each notebook are kept.
    pub max_runs: Option<usize>,
    /// How many bytes the outputs of all notebooks may take together.
    pub max_size_bytes: Option<u64>,
}

/// The `keep` of a notebook, which stands in the place of `max_age` and `max_runs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Every output stays, whatever `[retention]` says.
    All,
    /// So many days.
    Days(u32),
    /// So many outputs.
    Last(usize),
    /// So many bytes of this notebook's outputs.
    Bytes(u64),
}

/// Reads `[retention]`.
pub(super) fn read(section: &Section<'_>, findings: &mut Findings) -> Retention {
    let age = section.text_as("max_age", AGE, findings);
    let max_age_days = age.and_then(|text| {
        let days = days(&text);
        if days.is_none() {
            let message = format!("`max_age`: `{text}` is no age: write {AGE}");
            findings.add(section.span_of("max_age"), message, None);
        }
        days
    });
    Retention {
        max_age_days,
        max_runs: section
            .whole("max_runs", 1..=RUNS_MAX, findings)
            .and_then(|runs| usize::try_from(runs).ok()),
        max_size_bytes: section.size("max_size", findings),
    }
}

/// Reads the `keep` of a notebook.
pub(super) fn keep(section: &Section<'_>, findings: &mut Findings) -> Option<Keep> {
    if section.is_number("keep") {
        let runs = section.whole("keep", 1..=RUNS_MAX, findings)?;
        return usize::try_from(runs).ok().map(Keep::Last);
    }
    let text = section.text_as("keep", KEEP, findings)?;
    let found = said(&text);
    if found.is_none() {
        let message = format!("`keep`: `{text}` does not say what to keep: write {KEEP}");
        findings.add(section.span_of("keep"), message, None);
    }
    found
}

/// What a text says: everything, an age, or a size.
fn said(text: &str) -> Option<Keep> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Some(Keep::All);
    }
    let size = || parse_size(text).filter(|bytes| *bytes > 0).map(Keep::Bytes);
    days(text).map(Keep::Days).or_else(size)
}

/// An age in days. A month has 31 and a year 366: nothing goes a day too early.
fn days(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let days = match text[digits..].trim() {
        "d" | "day" | "days" | "j" | "jour" | "jours" => 1,
        "w" | "week" | "weeks" | "semaine" | "semaines" => 7,
        "month" | "months" | "mois" => 31,
        "y" | "year" | "years" | "an" | "ans" => 366,
        _ => return None,
    };
    let number: u32 = text[..digits].parse().ok()?;
    // A century: what is meant to stay longer needs no limit.
    number.checked_mul(days).filter(|days| (1..=36_600).contains(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_is_an_age_a_size_or_all() {
        #[track_caller]
        fn check(text: &str, keep: Option<Keep>) {
            assert_eq!(said(text), keep, "{text}");
        }
        check("90d", Some(Keep::Days(90)));
        check(" 90 jours ", Some(Keep::Days(90)));
        check("18 months", Some(Keep::Days(558)));
        check("10 ans", Some(Keep::Days(3660)));
        check("all", Some(Keep::All));
        check("All", Some(Keep::All));
        check("500 MB", Some(Keep::Bytes(500_000_000)));
        check("1,5 Go", Some(Keep::Bytes(1_500_000_000)));
        check("0d", None);
        check("-1d", None);
        check("101 years", None);
        check("99999999999d", None);
        check("90", None);
        check("2h", None);
        check("soon", None);
        check("", None);
    }
}
