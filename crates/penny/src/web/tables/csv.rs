//! A table as a file that Excel opens with a double click.

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream;

use super::{Column, Kind, Reader, Relation, quoted, trouble};
use crate::config::Language;
use crate::error::Result;

/// Excel takes a file without it for one in the computer's own old encoding.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The whole table, sent as it is read: semicolons and decimal commas for a French Excel.
///
/// # Errors
/// The server did not begin to send it.
pub async fn download(reader: Reader, relation: &Relation, language: Language) -> Result<Response> {
    let columns = reader.columns(relation).await?;
    let sql = statement(relation, &columns, language);
    // A large table takes longer to send than a page may take to be asked for.
    reader.client.batch_execute("SET LOCAL statement_timeout = '10min'").await.map_err(trouble)?;
    let rows = reader.client.copy_out(&sql).await.map_err(trouble)?;
    let mark = stream::iter([Ok(Bytes::from_static(BYTE_ORDER_MARK))]);
    // The connection lives as long as what is read from it.
    let rows = rows.map(move |part| {
        let _held = &reader;
        part
    });
    let name: String = relation
        .name()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, Body::from_stream(mark.chain(rows))).into_response())
}

fn statement(relation: &Relation, columns: &[Column], language: Language) -> String {
    let values: Vec<String> = columns.iter().map(|column| value(column, language)).collect();
    let keys = columns.iter().filter(|column| column.is_key);
    let keys: Vec<String> = keys.map(|column| format!("t.{}", quoted(&column.name))).collect();
    let order = match keys.as_slice() {
        [] => String::new(),
        keys => format!(" ORDER BY {}", keys.join(", ")),
    };
    let delimiter = if language == Language::French { ";" } else { "," };
    format!(
        "COPY (SELECT {} FROM {} AS t{order}) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER '{delimiter}')",
        values.join(", "),
        relation.sql()
    )
}

/// A value as Excel reads it. A text that Excel would take for a formula gets an apostrophe before it: what a
/// supplier calls himself must not compute anything.
fn value(column: &Column, language: Language) -> String {
    let name = format!("t.{}", quoted(&column.name));
    let value = match (column.kind, language) {
        (Kind::Decimal, Language::French) => format!("replace({name}::text, '.', ',')"),
        (Kind::Text, _) => format!(
            "CASE WHEN {name}::text ~ E'^[=+@\\t\\r-]' THEN '''' || {name}::text ELSE {name}::text END"
        ),
        (Kind::Bool, _) => {
            let (yes, no) = match language {
                Language::French => ("VRAI", "FAUX"),
                Language::English => ("TRUE", "FALSE"),
            };
            format!("CASE WHEN {name} THEN '{yes}' WHEN NOT {name} THEN '{no}' END")
        }
        // On the workspace's clock, as everywhere else: one with its offset is a text for Excel.
        (Kind::Moment, _) => format!(
            "CASE WHEN isfinite({name}) THEN to_char({name}, 'YYYY-MM-DD HH24:MI:SS') ELSE {name}::text END"
        ),
        _ => name,
    };
    format!("{value} AS {}", quoted(&heading(&column.name)))
}

/// The name of a column, which must not compute anything either.
fn heading(name: &str) -> String {
    match name.starts_with(['=', '+', '@', '-', '\t', '\r']) {
        true => format!("'{name}"),
        false => name.to_owned(),
    }
}
