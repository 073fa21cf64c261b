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

/// "3 values" as "3 valeurs".
pub fn values(text: &str) -> Option<String> {
    let (count, noun) = text.split_once(' ')?;
    let noun = match noun {
        "value" => "valeur",
        "values" => "valeurs",
        _ => return None,
    };
    Some(format!("{}\u{a0}{noun}", number(count)?))
}

/// What a column of PostgreSQL holds, in the words of the pages of tables.
pub fn column_type(text: &str) -> String {
    let (base, more) = match text.split_once('(') {
        Some((base, more)) => (base, more.trim_end_matches(')')),
        None => (text, ""),
    };
    let word = match base {
        "smallint" | "integer" | "bigint" => "nombre entier",
        "numeric" if more.is_empty() => "montant",
        "numeric" => return format!("montant\u{a0}({})", more.replace(',', "\u{a0}; ")),
        "real" | "double precision" => "nombre décimal",
        "character varying" | "character" if !more.is_empty() => {
            return format!("texte de {more}\u{a0}caractères au plus");
        }
        "text" | "character varying" | "character" => "texte",
        "boolean" => "oui ou non",
        "timestamp without time zone" | "timestamp with time zone" => "date et heure",
        "time without time zone" => "heure",
        "interval" => "durée",
        "bytea" => "octets",
        "json" | "jsonb" => "JSON",
        _ => text,
    };
    word.to_owned()
}

/// "`n` from bigint to text, `m` added, `o` dropped" with the words of `column_type`.
pub fn changes(text: &str) -> String {
    let one = |change: &str| {
        if let Some(name) = change.strip_suffix(" added") {
            return Some(format!("{name} ajoutée"));
        }
        if let Some(name) = change.strip_suffix(" dropped") {
            return Some(format!("{name} supprimée"));
        }
        let (name, types) = change.split_once(" from ")?;
        let (from, to) = types.split_once(" to ")?;
        Some(format!(
            "{name}, de «\u{a0}{}\u{a0}» à «\u{a0}{}\u{a0}»",
            column_type(from),
            column_type(to)
        ))
    };
    let changes = text.split(", `").enumerate().map(|(index, change)| match index {
        0 => change.to_owned(),
        _ => format!("`{change}"),
    });
    let changes: Vec<String> = changes.map(|change| one(&change).unwrap_or(change)).collect();
    changes.join("\u{202f}; ")
}

/// "str in row 3, int in row 5" as "texte à la ligne 3, nombre entier à la ligne 5".
pub fn examples(text: &str) -> String {
    let one = |example: &str| {
        let (kind, row) = example.split_once(" in row ")?;
        let kind = match kind {
            "str" => "texte",
            "int" | "int64" => "nombre entier",
            "float" | "float64" | "Decimal" => "nombre décimal",
            "bool" => "oui ou non",
            "date" => "date",
            "datetime" | "Timestamp" => "date et heure",
            "list" | "tuple" => "liste",
            other => other,
        };
        Some(format!("{kind} à la ligne\u{a0}{row}"))
    };
    let examples = text.split(", ").map(|example| one(example).unwrap_or(example.to_owned()));
    examples.collect::<Vec<_>>().join(", ")
}

/// What a publication does with a table, as its errors name it.
pub const DOINGS: &[(&str, &str)] = &[
    ("look at", "consulter"),
    ("look at the views of", "consulter les vues de"),
    ("look at the rights on", "consulter les droits de"),
    ("make", "créer"),
    ("make the schema of", "créer le schéma de"),
    ("alter", "modifier"),
    ("lock", "réserver"),
    ("begin to write", "commencer à écrire dans"),
    ("write", "écrire dans"),
    ("read back", "relire"),
    ("remove old rows from", "retirer les anciennes lignes de"),
    ("restore the views of", "rétablir les vues de"),
    ("commit", "valider l’écriture de"),
];

/// The same in French.
pub fn doing(text: &str) -> Option<&'static str> {
    DOINGS.iter().find(|(english, _)| *english == text).map(|(_, french)| *french)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_text_has_a_length_only_where_it_has_one() {
        #[track_caller]
        fn check(postgres: &str, french: &str) {
            assert_eq!(column_type(postgres).replace('\u{a0}', " "), french);
        }
        check("character varying", "texte");
        check("character", "texte");
        check("text", "texte");
        check("character varying(20)", "texte de 20 caractères au plus");
        check("numeric", "montant");
        check("numeric(12,2)", "montant (12 ; 2)");
    }
}
