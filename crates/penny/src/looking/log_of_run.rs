//! What the log says of one run: the lines of its notebook from its start to its end.

use std::io;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::log_lines::{LogFile, line_json};
use crate::store::RunRecord;

/// So many lines of a notebook are looked through, from the end of the log.
const LINES_MAX: usize = 2_000;
/// The log has whole seconds, and its last line follows the end of the run.
const SLACK: SignedDuration = SignedDuration::from_secs(2);

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When it was written.
    pub at: Timestamp,
    /// `ERROR`, `WARN`, `INFO`.
    pub level: String,
    /// What it says; of several lines, if what happened took so many words.
    pub message: String,
}

/// The entries of a run, the oldest first.
///
/// # Errors
/// The log cannot be read. One that is not there is empty.
pub fn log_of_run(path: &Path, run: &RunRecord) -> io::Result<Vec<LogEntry>> {
    let (lines, _) = LogFile::new(path, Some(&run.notebook)).last(LINES_MAX)?;
    let begin = run.started - SLACK;
    let end = run.ended.map(|ended| ended + SLACK);
    let entries = entries(&lines, &TimeZone::system(), &run.notebook).into_iter();
    Ok(entries.filter(|e| e.at >= begin && end.is_none_or(|end| e.at <= end)).collect())
}

fn entries(lines: &[String], zone: &TimeZone, notebook: &str) -> Vec<LogEntry> {
    let mut entries: Vec<LogEntry> = Vec::new();
    let own_name = format!("{notebook}: ");
    for line in lines {
        let json = line_json(line, zone);
        let message = json["fields"]["message"].as_str().unwrap_or_default();
        let time = json["timestamp"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
        match (time, entries.last_mut()) {
            (Some(at), _) => entries.push(LogEntry {
                at,
                level: json["level"].as_str().unwrap_or_default().to_owned(),
                message: message.strip_prefix(&own_name).unwrap_or(message).to_owned(),
            }),
            (None, Some(entry)) => {
                entry.message.push('\n');
                entry.message.push_str(message);
            }
            (None, None) => {}
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_whole_whichever_way_the_log_is_written() {
        let lines = [
            "  the end of an entry before",
            "2026-11-22 16:42:03  INFO a: started",
            "2026-11-22 16:42:04 ERROR notebook `a` failed",
            "  KeyError: 'x'",
            r#"{"timestamp":"2026-11-22T17:00:00.000+01:00","level":"INFO","fields":{"message":"a: saved"}}"#,
        ];
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let paris = TimeZone::get("Europe/Paris").expect("a zone");
        let told: Vec<String> = entries(&lines, &paris, "a")
            .iter()
            .map(|entry| format!("{} {} {}", entry.at, entry.level, entry.message))
            .collect();
        assert_eq!(
            told,
            [
                "2026-11-22T15:42:03Z INFO started",
                "2026-11-22T15:42:04Z ERROR notebook `a` failed\n  KeyError: 'x'",
                "2026-11-22T16:00:00Z INFO saved",
            ]
        );
    }
}
