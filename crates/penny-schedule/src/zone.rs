//! Time zones by name, with a suggestion for a name that is not quite one.

use jiff::tz::TimeZone;

use crate::error::ScheduleError;

/// The time zone of that name in the IANA database (in any case), such as `Europe/Paris`.
///
/// # Errors
/// When there is none; the sentence suggests the nearest name if one is near.
pub fn time_zone(name: &str) -> Result<TimeZone, ScheduleError> {
    let name = name.trim();
    jiff::tz::db().get(name).map_err(|_| {
        let known: Vec<String> =
            jiff::tz::db().available().map(|known| known.as_str().to_owned()).collect();
        ScheduleError::TimeZone { name: name.to_owned(), nearest: nearest(name, &known) }
    })
}

/// The known name that takes the fewest changes, if these are few for its length. A city alone
/// (`Paris`) is near to its whole name.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    let written = folded(name);
    let distance = |known: &String| {
        let known = folded(known);
        let city = known.rsplit('/').next().unwrap_or(&known);
        strsim::damerau_levenshtein(&written, &known)
            .min(strsim::damerau_levenshtein(&written, city))
    };
    let (fewest, found) = known.iter().map(|known| (distance(known), known)).min()?;
    (fewest * 3 <= written.chars().count()).then(|| found.clone())
}

/// Small letters, with spaces as the underscores that names have in their place.
fn folded(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_in_any_case() {
        assert_eq!(time_zone("europe/paris").unwrap().iana_name(), Some("Europe/Paris"));
        assert!(time_zone("UTC").is_ok());
    }

    #[test]
    fn a_misspelt_zone_is_refused_with_the_nearest_name() {
        #[track_caller]
        fn check(name: &str, expected: &str) {
            assert_eq!(time_zone(name).unwrap_err().to_string(), expected);
        }
        check("Europe/Pari", "`Europe/Pari` is not a time zone: did you mean `Europe/Paris`?");
        check("Paris", "`Paris` is not a time zone: did you mean `Europe/Paris`?");
        check(
            "Europe/Brussel",
            "`Europe/Brussel` is not a time zone: did you mean `Europe/Brussels`?",
        );
        check(
            "America/New York",
            "`America/New York` is not a time zone: did you mean `America/New_York`?",
        );
        check(
            "heure d'été",
            "`heure d'été` is not a time zone: write its name, such as `Europe/Paris` or `UTC`",
        );
        check("", "`` is not a time zone: write its name, such as `Europe/Paris` or `UTC`");
    }
}
