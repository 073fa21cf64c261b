//! Values as their readers write them: "1 234 567,50", "23/11/2026", "oui".

use super::{Column, Kind};
use crate::config::Language;
use crate::language;
use crate::looking::Amount;

/// Longer texts are cut, in characters.
pub const TEXT_MAX: usize = 100;
/// More digits behind the point are noise.
const DIGITS_MAX: u32 = 6;
/// Whole numbers of columns that are called so are names, and not counted with.
const NAMING: [&str; 15] = [
    "number", "numero", "numéro", "year", "annee", "année", "exercice", "code", "pcg", "compte",
    "account", "siren", "siret", "phone", "letter",
];

/// How the values of a column are shown.
pub struct Shape {
    kind: Kind,
    /// Digits behind the point; the same for all, so that they stand below each other.
    digits: u32,
    is_grouped: bool,
    language: Language,
}

impl Shape {
    /// The one that suits these values of a column.
    pub fn of<'a>(
        column: &Column,
        values: impl Iterator<Item = &'a str>,
        language: Language,
    ) -> Shape {
        let digits = match column.kind {
            Kind::Decimal => {
                values.filter_map(Amount::parse).map(Amount::digits).max().unwrap_or(0)
            }
            _ => 0,
        };
        let is_grouped = match column.kind {
            Kind::Decimal => true,
            _ => !is_name(column),
        };
        Shape { kind: column.kind, digits: digits.min(DIGITS_MAX), is_grouped, language }
    }

    /// A value, which PostgreSQL wrote, as the reader writes it.
    pub fn show(&self, text: &str) -> String {
        match self.kind {
            Kind::Whole | Kind::Decimal => self.number(text),
            Kind::Date => date(text, self.language).unwrap_or_else(|| text.to_owned()),
            Kind::Moment => self.moment(text),
            Kind::Bool => self.truth(text).to_owned(),
            Kind::Bytes => {
                let bytes = language::number(text.parse().unwrap_or(0), self.language);
                format!(
                    "{bytes} {}",
                    if self.language == Language::French { "octets" } else { "bytes" }
                )
            }
            Kind::Text => cut(text),
        }
    }

    fn number(&self, text: &str) -> String {
        let Some(amount) = Amount::parse(text) else { return text.to_owned() };
        if !self.is_grouped {
            return text.to_owned();
        }
        amount_text(amount, self.digits, self.language)
    }

    fn moment(&self, text: &str) -> String {
        let Some((day, clock)) = text.split_once(' ') else { return text.to_owned() };
        let Some(day) = date(day, self.language) else { return text.to_owned() };
        // The offset is that of the workspace's time zone, in which all times are shown.
        let clock = clock.split(['+', '-']).next().unwrap_or(clock);
        match clock.strip_suffix(":00").unwrap_or(clock) {
            "00:00" => day,
            clock => format!("{day} {clock}"),
        }
    }

    fn truth(&self, text: &str) -> &'static str {
        match (text.starts_with('t'), self.language) {
            (true, Language::French) => "oui",
            (true, Language::English) => "yes",
            (false, Language::French) => "non",
            (false, Language::English) => "no",
        }
    }
}

/// An amount with so many digits behind the point.
pub fn amount_text(amount: Amount, digits: u32, language: Language) -> String {
    let english = amount.grouped(digits);
    match language {
        Language::English => english.replace('-', "−"),
        Language::French => english.replace(',', "\u{202f}").replace('.', ",").replace('-', "−"),
    }
}

/// `2026-11-23` as "23/11/2026" or "23 Nov 2026".
pub fn date(text: &str, language: Language) -> Option<String> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let pattern = match language {
        Language::French => "%d/%m/%Y",
        Language::English => "%-d %b %Y",
    };
    Some(date.strftime(pattern).to_string())
}

/// Whether the numbers of a column are names: grouping their digits would only hide them.
fn is_name(column: &Column) -> bool {
    let name = column.name.to_lowercase();
    column.is_key
        || name == "id"
        || name.ends_with("_id")
        || NAMING.iter().any(|word| name.contains(word))
}

/// A text of one line, cut where it is long.
fn cut(text: &str) -> String {
    let mut line: String = text.chars().take(TEXT_MAX).collect();
    if text.chars().nth(TEXT_MAX).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: Kind) -> Column {
        Column { name: name.into(), type_name: String::new(), kind, is_key: false, nulls: None }
    }

    #[track_caller]
    fn check(name: &str, kind: Kind, values: &[&str], french: &[&str], english: &[&str]) {
        for (language, expected) in [(Language::French, french), (Language::English, english)] {
            let shape = Shape::of(&column(name, kind), values.iter().copied(), language);
            let shown: Vec<String> = values.iter().map(|value| shape.show(value)).collect();
            assert_eq!(shown, expected, "{name}");
        }
    }

    #[test]
    fn values_are_written_as_their_readers_write_them() {
        check(
            "debit",
            Kind::Decimal,
            &["1234567.5", "-0.25", "12", "NaN"],
            &["1\u{202f}234\u{202f}567,50", "−0,25", "12,00", "NaN"],
            &["1,234,567.50", "−0.25", "12.00", "NaN"],
        );
        check("taux", Kind::Decimal, &["0.30000000000000004"], &["0,300000"], &["0.300000"]);
        check("lignes", Kind::Whole, &["41210"], &["41\u{202f}210"], &["41,210"]);
        check("customer_id", Kind::Whole, &["41210"], &["41210"], &["41210"]);
        check("plan_item_number", Kind::Whole, &["606400"], &["606400"], &["606400"]);
        check(
            "date",
            Kind::Date,
            &["2026-11-03", "infinity"],
            &["03/11/2026", "infinity"],
            &["3 Nov 2026", "infinity"],
        );
        check(
            "at",
            Kind::Moment,
            &["2026-11-03 08:05:00", "2026-11-03 08:05:07.25+01", "2026-11-03 00:00:00"],
            &["03/11/2026 08:05", "03/11/2026 08:05:07.25", "03/11/2026"],
            &["3 Nov 2026 08:05", "3 Nov 2026 08:05:07.25", "3 Nov 2026"],
        );
        check("paid", Kind::Bool, &["true", "false"], &["oui", "non"], &["yes", "no"]);
        check("file", Kind::Bytes, &["1200"], &["1\u{202f}200 octets"], &["1,200 bytes"]);
    }

    #[test]
    fn a_long_text_is_cut_where_a_letter_ends() {
        let long = "é".repeat(TEXT_MAX + 1);
        assert_eq!(cut(&long), format!("{}…", "é".repeat(TEXT_MAX)));
        assert_eq!(cut(&long[2..]), "é".repeat(TEXT_MAX));
    }
}
