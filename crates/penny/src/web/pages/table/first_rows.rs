//! The first rows of a table and its columns.

use maud::{Markup, html};

use crate::config::Language;
use crate::web::tables::{Column, Kind, Nulls, Sample};
use crate::web::visit::Visit;

/// The two sections, of a table that has about so many rows, where they were not counted.
pub fn sections(visit: &Visit, sample: &Sample, about: Option<u64>) -> Markup {
    html! {
        section aria-labelledby="rows" {
            h2 #rows { (rows_title(visit, sample, about)) }
            @if sample.rows.is_empty() {
                p.card { (visit.say("La table est vide.", "The table is empty.")) }
            } @else {
                (rows(visit, sample))
            }
        }
        section aria-labelledby="columns" {
            h2 #columns { (visit.say("Colonnes", "Columns")) }
            (columns(visit, sample))
        }
    }
}

/// "96 premières lignes sur 559", "96 lignes sur environ 120 000", "57 lignes, toutes": without a key none is the first.
fn rows_title(visit: &Visit, sample: &Sample, about: Option<u64>) -> String {
    let shown = sample.rows.len() as u64;
    let lines = visit.count(shown, ["ligne", "lignes"], ["row", "rows"]);
    if !sample.has_more {
        return match visit.language {
            Language::French => format!("Toutes les lignes\u{a0}: {}", visit.number(shown)),
            Language::English => format!("All rows: {}", visit.number(shown)),
        };
    }
    let has_order = sample.columns.iter().any(|column| column.is_key);
    let of = match (sample.counted, about.filter(|about| *about > shown)) {
        (Some(all), _) => visit.number(all),
        (None, Some(about)) => {
            format!("{}{}", visit.say("environ\u{a0}", "about\u{a0}"), visit.number(about))
        }
        (None, None) => return first_of(visit, shown, &lines, has_order),
    };
    match visit.language {
        Language::French => format!("{} sur {of}", first_of(visit, shown, &lines, has_order)),
        Language::English if has_order => format!("First {} of {of} rows", visit.number(shown)),
        Language::English => format!("{} of {of} rows", visit.number(shown)),
    }
}

/// "96 premières lignes", "96 lignes".
fn first_of(visit: &Visit, shown: u64, lines: &str, has_order: bool) -> String {
    match visit.language {
        _ if !has_order => lines.to_owned(),
        Language::French => visit.count(shown, ["première ligne", "premières lignes"], ["", ""]),
        Language::English => format!("First {lines}"),
    }
}

fn rows(visit: &Visit, sample: &Sample) -> Markup {
    let is_cut = sample.columns.len() < sample.columns_all;
    let has_empty = sample.rows.iter().flatten().any(Option::is_none);
    html! {
        // Whoever has no pointer scrolls a region that can have the focus.
        div.card.scroll.data tabindex="0" aria-labelledby="rows" {
            table {
                thead {
                    tr {
                        @for column in &sample.columns {
                            th class=[n(column)] scope="col" { (column.name) }
                        }
                    }
                }
                tbody {
                    @for row in &sample.rows {
                        tr {
                            @for (cell, column) in row.iter().zip(&sample.columns) {
                                @match cell {
                                    Some(text) => td class=[n(column)] { (text) },
                                    None => td { i { "∅" } },
                                }
                            }
                        }
                    }
                }
            }
        }
        @if has_empty {
            p.small.soft { (visit.say("∅\u{a0}: valeur vide (NULL).", "∅: no value (NULL).")) }
        }
        @if is_cut {
            p.small.soft {
                (visit.say("Les colonnes suivantes ne sont pas montrées\u{a0}: la table en a ", "The columns after these are not shown: the table has "))
                (visit.number(sample.columns_all as u64)) "."
            }
        }
    }
}

/// The class of a column whose values stand at its right: a letter, since every cell has it.
fn n(column: &Column) -> Option<&'static str> {
    column.kind.is_number().then_some("n")
}

fn columns(visit: &Visit, sample: &Sample) -> Markup {
    html! {
        div.card {
            div.scroll tabindex="0" {
                table.stack {
                    thead {
                        tr {
                            th scope="col" { (visit.say("Colonne", "Column")) }
                            th scope="col" { "Type" }
                            th.number scope="col" { (visit.say("Valeurs vides", "Empty values")) }
                        }
                    }
                    tbody {
                        @for column in &sample.columns {
                            tr {
                                th scope="row" {
                                    (column.name)
                                    @if column.is_key { " " span.small.soft { (visit.say("clé", "key")) } }
                                }
                                td data-label="Type" {
                                    span { (words(visit, column)) " " code.soft { (column.type_name) } }
                                }
                                td.number data-label=(visit.say("Valeurs vides", "Empty values")) {
                                    (nulls(visit, column.nulls))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a column holds, in a word or two.
fn words<'a>(visit: &'a Visit, column: &Column) -> &'a str {
    let is_json = column.type_name.starts_with("json");
    match column.kind {
        Kind::Whole => visit.say("nombre entier", "whole number"),
        Kind::Decimal if column.type_name.starts_with("numeric") => visit.say("montant", "amount"),
        Kind::Decimal => visit.say("nombre décimal", "decimal number"),
        Kind::Date => visit.say("date", "date"),
        Kind::Moment => visit.say("date et heure", "date and time"),
        Kind::Bool => visit.say("oui ou non", "yes or no"),
        Kind::Bytes => visit.say("octets", "bytes"),
        Kind::Text if is_json => "JSON",
        Kind::Text => visit.say("texte", "text"),
    }
}

/// How many values are missing: the number, or the share that the server estimates.
fn nulls(visit: &Visit, nulls: Option<Nulls>) -> String {
    match nulls {
        None => String::new(),
        Some(Nulls::Counted(0)) => visit.say("aucune", "none").to_owned(),
        Some(Nulls::Counted(count)) => visit.number(count),
        Some(Nulls::About(share)) if share <= 0.0 => {
            visit.say("aucune, environ", "none, about").to_owned()
        }
        Some(Nulls::About(share)) => {
            let text = format!("≈ {:.1} %", share * 100.0);
            match visit.language {
                Language::French => text.replace('.', ","),
                Language::English => text.replace(" %", "%"),
            }
        }
    }
}
