//! The public holidays of France by their names.

use crate::config::Language;

/// A public holiday that the calendar names in French, in the reader's language.
pub fn holiday(french: &'static str, language: Language) -> &'static str {
    if language == Language::French {
        return french;
    }
    match french {
        "jour de l'An" => "New Year’s Day",
        "fête du Travail" => "Labour Day",
        "victoire de 1945" => "Victory Day",
        "fête nationale" => "Bastille Day",
        "Assomption" => "Assumption",
        "Toussaint" => "All Saints’ Day",
        "armistice de 1918" => "Armistice Day",
        "Noël" => "Christmas",
        "lundi de Pâques" => "Easter Monday",
        "Ascension" => "Ascension",
        "lundi de Pentecôte" => "Whit Monday",
        "vendredi saint" => "Good Friday",
        "Saint-Étienne" => "Saint Stephen’s Day",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use penny_schedule::Calendar;

    use super::*;

    /// The calendar of Alsace and Moselle has all the holidays there are.
    #[test]
    fn every_holiday_has_an_english_name() {
        let first = jiff::civil::date(2026, 1, 1);
        let calendar = Calendar::parse("FR-AM").expect("a calendar");
        let days = first.series(jiff::Span::new().days(1)).take(365);
        let names: Vec<&str> = days.filter_map(|day| calendar.holiday(day)).collect();
        assert_eq!(names.len(), 13);
        for name in names {
            let english = holiday(name, Language::English);
            assert!(english != name || name == "Ascension", "{name}");
            assert_eq!(holiday(name, Language::French), name);
        }
    }
}
