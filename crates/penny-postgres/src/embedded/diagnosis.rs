//! Why a server ended while starting, read from the end of its log.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitStatus;

use super::error::EmbeddedError;

/// A log longer than this is set aside when the server starts.
const LOG_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// More than a server says while it fails to start.
const TAIL_BYTES_MAX: u64 = 64 * 1024;

/// Opens the log to append to, after setting a long one aside as `<log>.1`; gives its length too.
pub(super) fn open_log(log: &Path) -> Result<(File, u64), EmbeddedError> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)
            .map_err(EmbeddedError::io("cannot create the folder", folder))?;
    }
    if fs::metadata(log).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
        let mut aside = log.as_os_str().to_owned();
        aside.push(".1");
        // If it cannot be set aside, because someone reads it on Windows, it grows until the next start.
        let _ = fs::rename(log, aside);
    }
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .map_err(EmbeddedError::io("cannot write the log", log))?;
    let length = file.metadata().map_err(EmbeddedError::io("cannot read the log", log))?.len();
    Ok((file, length))
}

/// What was appended to the log since it had `from` bytes, at most the last 64 KiB.
pub(super) fn tail(log: &Path, from: u64) -> String {
    let read = || {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(length.saturating_sub(TAIL_BYTES_MAX))))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
        std::io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

/// Turns what the server said before it ended into the error that names the cause.
pub(super) fn diagnose(
    said: &str,
    status: ExitStatus,
    data: &Path,
    port: u16,
    log: &Path,
) -> EmbeddedError {
    let has = |words: &str| said.contains(words);
    let data = data.to_owned();
    if has("could not bind") || has("could not create any TCP/IP sockets") {
        return EmbeddedError::PortInUse { port };
    }
    if has("No space left on device") {
        return EmbeddedError::DiskFull { data };
    }
    if has("shared memory segment") || has("could not map anonymous shared memory") {
        return EmbeddedError::SharedMemory { said: last_words(said) };
    }
    let of_the_folder = [
        "data directory",
        "could not find the database system",
        "database files are incompatible",
        "not a valid data directory",
        "could not locate a valid checkpoint record",
        "could not open directory",
        "Permission denied",
    ];
    if of_the_folder.into_iter().any(has) {
        return EmbeddedError::DataFolder { data, said: last_words(said) };
    }
    let said = last_words(said);
    EmbeddedError::EndedAtStart { status: status.to_string(), said, log: log.to_owned() }
}

/// Whether the cause is a killed server whose last processes are just ending.
pub(super) fn predecessor_is_ending(said: &str) -> bool {
    said.contains("pre-existing shared memory block") || said.contains("already exists")
}

/// What a program said last: the first fatal line, with the complaint before it and the detail after it;
/// without a fatal line, what `postgres` said in its own name, or else the last line.
pub(super) fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_fatal = |line: &&str| line.contains("FATAL:") || line.contains("PANIC:");
    let words = if let Some(fatal) = lines.iter().position(is_fatal) {
        let begin = fatal - usize::from(fatal > 0 && is_complaint(lines[fatal - 1]));
        let details = lines[fatal + 1..].iter().take_while(|line| line.contains("DETAIL:")).count();
        &lines[begin..=fatal + details]
    } else if let Some(own) = lines.iter().position(|line| line.starts_with("postgres: ")) {
        &lines[own..]
    } else {
        &lines[lines.len().saturating_sub(1)..]
    };
    match words {
        [] => "it said nothing".to_owned(),
        words => words.iter().map(|line| without_prefix(line)).collect::<Vec<_>>().join(" "),
    }
}

/// A mistake in the settings, for one, stands in the line before the fatal one.
fn is_complaint(line: &str) -> bool {
    ["could not", "invalid", "unrecognized", "syntax error"].iter().any(|word| line.contains(word))
}

/// "2026-10-15 12:30:45.123 CEST [4711] FATAL:  words" without time, process and level.
fn without_prefix(line: &str) -> &str {
    ["FATAL:", "PANIC:", "DETAIL:", "ERROR:", "LOG:", "error:"]
        .into_iter()
        .find_map(|level| line.split_once(level))
        .map_or(line, |(_, words)| words.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_are_those_of_the_fatal_line_and_its_detail() {
        let log = "2026-10-15 12:30:45 UTC [7] LOG:  starting PostgreSQL 15.18\n\
                   2026-10-15 12:30:45 UTC [7] FATAL:  data directory \"/d\" has wrong ownership\n\
                   2026-10-15 12:30:45 UTC [7] HINT:  look\n";
        assert_eq!(last_words(log), "data directory \"/d\" has wrong ownership");
        let detail =
            "x FATAL:  database files are incompatible with server\nx DETAIL:  It was 16.\n";
        assert_eq!(last_words(detail), "database files are incompatible with server It was 16.");
        let settings =
            "x LOG:  invalid value for parameter \"a\"\nx FATAL:  the file contains errors\n";
        assert_eq!(
            last_words(settings),
            "invalid value for parameter \"a\" the file contains errors"
        );
        let own =
            "postgres: could not find the database system\nExpected it in \"/d\",\nbut could not\n";
        assert_eq!(last_words(own), own.trim().replace('\n', " "));
        assert_eq!(last_words("initdb: error: no\n\n"), "no");
        assert_eq!(last_words(""), "it said nothing");
    }

    fn check(said: &str, expected: &str) {
        let error =
            diagnose(said, ExitStatus::default(), Path::new("/data"), 5433, Path::new("/log"));
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().is_some());
    }

    #[test]
    fn each_cause_of_a_failed_start_has_its_own_sentence() {
        check(
            "LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use\n",
            "port 5433 on 127.0.0.1 is used by another program",
        );
        check(
            "FATAL:  could not write lock file \"postmaster.pid\": No space left on device\n",
            "PostgreSQL could not start on /data: the disk is full",
        );
        check(
            "FATAL:  could not create shared memory segment: Cannot allocate memory\n",
            "PostgreSQL could not start: the system refused shared memory (could not create shared \
             memory segment: Cannot allocate memory)",
        );
        check(
            "FATAL:  data directory \"/data\" has invalid permissions\n",
            "PostgreSQL cannot use the data folder /data: data directory \"/data\" has invalid permissions",
        );
    }

    #[test]
    fn a_long_log_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("postgres.log");
        fs::write(&log, "short\n").unwrap();
        assert_eq!(open_log(&log).unwrap().1, 6);
        File::options().write(true).open(&log).unwrap().set_len(LOG_BYTES_MAX + 1).unwrap();
        assert_eq!(open_log(&log).unwrap().1, 0);
        assert_eq!(
            fs::metadata(folder.path().join("postgres.log.1")).unwrap().len(),
            LOG_BYTES_MAX + 1
        );
    }
}
