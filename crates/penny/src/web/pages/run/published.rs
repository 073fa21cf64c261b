//! What a run published: each table with the rows that came, went and changed.

use maud::{Markup, html};

use super::shown::Shown;
use crate::error::Result;
use crate::looking::{RowsMoved, rows_moved};
use crate::store::PublishRecord;
use crate::web::links;
use crate::web::visit::Visit;

/// The tables, or nothing for a run that published none.
pub fn published(shown: &Shown<'_>) -> Result<Markup> {
    let (visit, past) = (shown.visit, shown.past);
    if past.tables.is_empty() {
        return Ok(html! {});
    }
    let mut rows = Vec::new();
    for publish in &past.tables {
        let RowsMoved { added, removed, changed } = rows_moved(visit.store(), publish)?;
        rows.push((publish, [added, removed, changed]));
    }
    let say = |french, english| visit.say(french, english);
    let labels = [
        say("Lignes", "Rows"),
        say("Ajoutées", "Added"),
        say("Supprimées", "Removed"),
        say("Modifiées", "Changed"),
    ];
    Ok(html! {
        section.card aria-label=(say("Tables publiées", "Published tables")) {
            table.stack {
                thead { tr {
                    th scope="col" { (say("Table publiée", "Published table")) }
                    @for label in labels { th.number scope="col" { (label) } }
                    th scope="col" { (say("Remarque", "Note")) }
                } }
                tbody {
                    @for (publish, counts) in &rows {
                        tr {
                            th scope="row" { a href=(links::table(&publish.table)) { (publish.table) } }
                            td.number data-label=(labels[0]) { (visit.number(publish.rows)) }
                            @for (label, count) in labels[1..].iter().zip(counts) {
                                td.number data-label=(label) { (count.map_or("–".to_owned(), |count| visit.number(count))) }
                            }
                            td.soft { (note(visit, publish)) }
                        }
                    }
                }
            }
        }
    })
}

/// What is to be said of a publish beside its numbers.
fn note(visit: &Visit, publish: &PublishRecord) -> String {
    let report = &publish.report;
    let names = |key: &str| -> Option<String> {
        let names = report[key].as_array()?.iter().filter_map(|name| name.as_str());
        Some(names.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
    };
    let mut notes = Vec::new();
    if report["created"] == true {
        notes.push(visit.say("nouvelle table", "a new table").to_owned());
    } else if publish.count("rows_inserted") + publish.count("rows_deleted") == 0 {
        notes.push(visit.say("inchangée", "unchanged").to_owned());
    }
    let columns = [
        ("columns_added", visit.say("nouvelles colonnes\u{a0}: ", "new columns: ")),
        ("columns_dropped", visit.say("colonnes supprimées\u{a0}: ", "dropped columns: ")),
        ("columns_missing", visit.say("colonnes absentes\u{a0}: ", "missing columns: ")),
        ("columns_widened", visit.say("types élargis\u{a0}: ", "wider types: ")),
    ];
    for (key, words) in columns {
        notes.extend(names(key).map(|names| format!("{words}{names}")));
    }
    notes.join("\u{202f}; ")
}
