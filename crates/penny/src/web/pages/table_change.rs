//! What changed in a table, in words and totals: between two dates, or between two runs.

use maud::{Markup, html};

use crate::config::Language;
use crate::looking::{self, Amount, AmountChange, ClassChange, Rows, TableChange, TableSide, Why};
use crate::web::tables::{amount_text, date};
use crate::web::visit::Visit;

/// The whole of it, below a heading that names the table.
pub fn table_change(visit: &Visit, change: &TableChange) -> Markup {
    html! {
        p.lead { (rows_before_and_after(visit, change)) }
        @if change.is_changed() {
            p { (movement(visit, &change.rows)) }
        } @else {
            p.state.good { (visit.say("rien n’a changé", "nothing changed")) }
        }
        @if change.changed_outside {
            p.state.warn { (visit.say(
                "quelqu’un a modifié la table sans Penny entre-temps\u{a0}: les lignes ne s’additionnent pas",
                "someone changed the table without Penny in between: the rows do not add up",
            )) }
        }
        (columns(visit, change))
        (totals(visit, change))
        (dates(visit, change))
    }
}

fn rows_before_and_after(visit: &Visit, change: &TableChange) -> String {
    let rows = |side: &Option<TableSide>| match side {
        Some(side) => visit.number(side.rows),
        None => visit.say("pas encore publiée", "not published yet").to_owned(),
    };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.rows == after.rows => {
            visit.count(after.rows, ["ligne", "lignes"], ["row", "rows"])
        }
        (before, after) => {
            format!("{} → {} {}", rows(before), rows(after), visit.say("lignes", "rows"))
        }
    }
}

/// The rows that came and went, in a sentence.
fn movement(visit: &Visit, rows: &Rows) -> String {
    match rows {
        Rows::Known { added, removed, changed, key } => {
            let count = |count: u64, french: [&str; 2], english: &str| {
                visit.count(count, french, [english, english])
            };
            let mut parts = vec![
                count(*added, ["ligne ajoutée", "lignes ajoutées"], "added"),
                count(*removed, ["supprimée", "supprimées"], "removed"),
            ];
            match changed {
                Some(changed) => {
                    let mut part = count(*changed, ["modifiée", "modifiées"], "changed");
                    if !key.is_empty() {
                        let by = visit.say("reconnues par", "told by");
                        part.push_str(&format!(" ({by} {})", key.join(", ")));
                    }
                    parts.push(part);
                }
                None => parts.push(
                    visit
                        .say(
                            "une ligne modifiée compte pour les deux, car les lignes n’ont pas de clé",
                            "a changed row counts as both, since rows have no key",
                        )
                        .to_owned(),
                ),
            }
            parts.join(", ")
        }
        Rows::Counted { why: Why::Made, .. } => reason(visit, Why::Made).to_owned(),
        Rows::Counted { why, written, deleted } => {
            let (written, deleted) = (visit.number(*written), visit.number(*deleted));
            let reason = reason(visit, *why);
            match visit.language {
                Language::French => format!(
                    "{written} lignes écrites et {deleted} supprimées au total\u{202f}; lesquelles diffèrent n’est pas connu\u{a0}: {reason}"
                ),
                Language::English => format!(
                    "{written} rows written and {deleted} deleted on the way; which ones differ is not known: {reason}"
                ),
            }
        }
    }
}

fn reason(visit: &Visit, why: Why) -> &str {
    match why {
        Why::Made => visit.say(
            "la table a été créée entre-temps",
            "the table was made in between",
        ),
        Why::TooMany => visit.say(
            "trop de lignes ont changé en une publication",
            "too many changed in one publish",
        ),
        Why::Rewritten => visit.say(
            "toutes ont été réécrites, car le type d’une colonne ou presque toute la table a changé",
            "all were written anew, since a column’s type or most of the table changed",
        ),
        Why::Columns => visit.say(
            "des colonnes sont apparues ou parties, et les lignes n’ont pas de clé",
            "columns came or went, and rows have no key",
        ),
        Why::Unknown => visit.say(
            "le détail de cette époque n’a pas été conservé",
            "the details of that time were not kept",
        ),
    }
}

fn columns(visit: &Visit, change: &TableChange) -> Markup {
    let lists = [
        (visit.say("Nouvelles colonnes", "New columns"), &change.columns_added),
        (visit.say("Colonnes supprimées", "Dropped columns"), &change.columns_dropped),
        (visit.say("Autres types", "Other types"), &change.columns_widened),
    ];
    html! {
        @for (title, names) in lists {
            @if !names.is_empty() {
                p { (title) (visit.say("\u{a0}: ", ": ")) (names.join(", ")) }
            }
        }
    }
}

/// The totals of the columns of amounts, by class of account where there are accounts.
fn totals(visit: &Visit, change: &TableChange) -> Markup {
    if !are_totals_known(change) {
        return html! {
            p.soft { (visit.say(
                "Les totaux de cette époque n’ont pas été conservés.",
                "The totals of that time were not kept.",
            )) }
        };
    }
    if change.amounts.is_empty() {
        return html! {};
    }
    html! {
        div.scroll tabindex="0" {
            table.totals {
                caption { (visit.say("Totaux", "Totals")) }
                thead {
                    tr {
                        th scope="col" { (visit.say("Colonne", "Column")) }
                        th.number scope="col" { (visit.say("Avant", "Before")) }
                        th.number scope="col" { (visit.say("Après", "After")) }
                        th.number scope="col" { (visit.say("Écart", "Difference")) }
                    }
                }
                tbody {
                    @for amount in &change.amounts {
                        @let digits = digits(amount);
                        (total(visit, &amount.column, &amount.sums, "whole", digits))
                        @for class in amount.classes.iter().filter(|class| class.is_changed()) {
                            (total(visit, &class_name(visit, &class.class), class, "part", digits))
                        }
                    }
                }
            }
        }
        @if change.amounts.iter().all(|amount| !is_changed(amount)) {
            p.soft { (visit.say("Les totaux sont les mêmes.", "The totals are the same.")) }
        }
    }
}

/// Whether the totals of both sides were kept.
fn are_totals_known(change: &TableChange) -> bool {
    let is_known =
        |side: &Option<TableSide>| side.as_ref().is_none_or(|side| side.totals.is_some());
    is_known(&change.before) && is_known(&change.after)
}

fn is_changed(amount: &AmountChange) -> bool {
    amount.sums.is_changed() || amount.classes.iter().any(ClassChange::is_changed)
}

/// The digits behind the point that all totals of a column have, so that they stand below each other.
fn digits(amount: &AmountChange) -> u32 {
    let all = amount.classes.iter().chain([&amount.sums]);
    let texts = all.flat_map(|sums| [sums.before.as_deref(), sums.after.as_deref()]).flatten();
    texts.filter_map(Amount::parse).map(Amount::digits).max().unwrap_or(0)
}

fn total(visit: &Visit, name: &str, sums: &ClassChange, rank: &str, digits: u32) -> Markup {
    let amount = |text: &Option<String>| text.as_deref().and_then(Amount::parse);
    let (before, after) = (amount(&sums.before), amount(&sums.after));
    let written = |amount: Amount| amount_text(amount, digits, visit.language);
    let shown = |text: &Option<String>, amount: Option<Amount>| match (text, amount) {
        (_, Some(amount)) => written(amount),
        (Some(text), None) => text.clone(),
        (None, None) => "–".to_owned(),
    };
    let difference = match sums.difference() {
        None => "–".to_owned(),
        Some(difference) => {
            let text = written(difference);
            if difference.is_zero() || text.starts_with('−') { text } else { format!("+{text}") }
        }
    };
    html! {
        tr class=(rank) {
            th scope="row" { (name) }
            td.number { (shown(&sums.before, before)) }
            td.number { (shown(&sums.after, after)) }
            td.number { (difference) }
        }
    }
}

/// The classes of the French chart of accounts.
fn class_name(visit: &Visit, class: &str) -> String {
    let words = match class {
        "1" => visit.say("capitaux", "equity and long-term debt"),
        "2" => visit.say("immobilisations", "fixed assets"),
        "3" => visit.say("stocks", "inventories"),
        "4" => visit.say("tiers", "third parties"),
        "5" => visit.say("comptes financiers", "financial accounts"),
        "6" => visit.say("charges", "expenses"),
        "7" => visit.say("produits", "income"),
        "8" => visit.say("comptes spéciaux", "special accounts"),
        _ => return visit.say("autres comptes", "other accounts").to_owned(),
    };
    format!("{} {class}, {words}", visit.say("classe", "class"))
}

/// The columns of dates whose first or last day is another.
fn dates(visit: &Visit, change: &TableChange) -> Markup {
    let span = |span: &Option<(String, String)>| match span {
        None => "–".to_owned(),
        Some((first, last)) => {
            let day = |text: &str| {
                let day = looking::day_of(text, visit.zone());
                date(&day, visit.language).unwrap_or_else(|| text.to_owned())
            };
            format!("{} … {}", day(first), day(last))
        }
    };
    html! {
        @for each in change.dates.iter().filter(|_| are_totals_known(change)) {
            @let (before, after) = (span(&each.before), span(&each.after));
            @if before != after {
                p { (each.column) (visit.say("\u{a0}: ", ": ")) (before) " → " (after) }
            }
        }
    }
}
