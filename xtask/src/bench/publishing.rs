//! (c) A ledger, from memory to a committed table.

use super::Result;
use super::contest::{Contestant, Measured, contest};
use super::options::Options;
use super::programs::said;
use super::setting::Setting;

/// The contestants' names.
pub const PENNY: &str = "penny.publish";
/// Over a table that holds the same rows.
pub const PENNY_UNCHANGED: &str = "penny.publish over the same rows";
/// Over a table of which every hundredth row is another.
pub const PENNY_CHANGED: &str = "penny.publish, 1 % of the rows changed";
/// pandas as it comes.
pub const TO_SQL: &str = "to_sql";
/// What its users are told to do.
pub const TO_SQL_MULTI: &str = "to_sql(method=\"multi\")";
/// psycopg2's COPY from a CSV in memory.
pub const COPY_CSV: &str = "psycopg COPY from CSV";
/// Arrow's driver.
pub const ADBC: &str = "ADBC ingest";
/// Ready-made bytes.
pub const FLOOR: &str = "a bare COPY of ready-made bytes (the floor)";

/// Rows from which what takes minutes is left out.
const ROWS_OF_MINUTES: usize = 300_000;

/// The case of so many rows.
pub fn case(rows: usize) -> String {
    format!("{rows} ledger rows")
}

/// Measures every size.
pub fn measure(setting: &Setting, options: &Options) -> Result<Vec<Measured>> {
    let mut contestants = Vec::new();
    for &rows in &options.rows {
        for (by, method, state) in [
            (PENNY, "penny", "new"),
            (PENNY_UNCHANGED, "penny", "unchanged"),
            (PENNY_CHANGED, "penny", "changed"),
            (TO_SQL, "to_sql", "new"),
            (TO_SQL_MULTI, "to_sql_multi", "new"),
            (COPY_CSV, "copy_csv", "new"),
            (ADBC, "adbc", "new"),
            (FLOOR, "floor", "new"),
        ] {
            let minutes = method.starts_with("to_sql");
            if minutes && rows >= ROWS_OF_MINUTES {
                continue;
            }
            contestants.push(Contestant {
                case: case(rows),
                by,
                turns_max: if minutes { 1 } else { usize::MAX },
                turn: Box::new(move || turn(setting, method, rows, state)),
            });
        }
    }
    Ok(contest(options.rounds, contestants))
}

/// The program prepares its data, then looks at the clock itself.
fn turn(setting: &Setting, method: &str, rows: usize, state: &str) -> Result<f64> {
    let mut program = setting.program("publishing.py");
    program.args([method, &rows.to_string(), state, &setting.url]).arg(&setting.folder);
    let answer = said(&mut program, &setting.log(&format!("c-{method}-{state}")))?;
    let answer: serde_json::Value = serde_json::from_str(answer.trim())
        .map_err(|_| format!("publishing.py answered `{}`", answer.trim()))?;
    if answer["rows"].as_u64() != Some(rows as u64) {
        return Err(format!("the table has {} rows instead of {rows}", answer["rows"]));
    }
    answer["seconds"].as_f64().ok_or_else(|| "publishing.py told no time".to_owned())
}
