//! The lines of the log: the last ones, and those that come, however the file is rotated meanwhile.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// So many earlier files are looked through: no more are kept.
const EARLIER_FILES_MAX: usize = 9;

/// The worst first.
const LEVELS: [&str; 5] = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

/// The log of a workspace.
pub struct LogFile {
    path: PathBuf,
    filter: Filter,
}

/// The lines that come.
pub struct LogLines {
    path: PathBuf,
    filter: Filter,
    /// The file that is being read: when it is set aside under another name, it is read to its end.
    file: Option<File>,
    read: u64,
    /// A line that is not whole yet.
    begun: Vec<u8>,
}

impl LogFile {
    /// The log, of one notebook or of all.
    pub fn new(path: &Path, notebook: Option<&str>) -> LogFile {
        let notebook = notebook.map(str::to_owned);
        LogFile { path: path.to_owned(), filter: Filter { notebook, least: None, passed: false } }
    }

    /// Its entries of this level and those that are worse; nothing for what is no level.
    pub fn of_level(mut self, level: &str) -> Option<LogFile> {
        self.filter.least = Some(rank(level)?);
        Some(self)
    }

    /// The last lines, and those that come from then on.
    ///
    /// # Errors
    /// The file cannot be read. One that is not there yet is empty.
    pub fn last(&self, count: usize) -> io::Result<(Vec<String>, LogLines)> {
        let mut lines = LogLines {
            path: self.path.clone(),
            filter: self.filter.clone(),
            file: None,
            read: 0,
            begun: Vec::new(),
        };
        let mut last = lines.news()?;
        // What is asked for may be in the files that were set aside.
        for number in 1..=EARLIER_FILES_MAX {
            if last.len() >= count {
                break;
            }
            let Some(mut earlier) = self.earlier(number)? else { break };
            earlier.append(&mut last);
            last = earlier;
        }
        Ok((last.split_off(last.len().saturating_sub(count)), lines))
    }

    fn earlier(&self, number: usize) -> io::Result<Option<Vec<String>>> {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        let bytes = match std::fs::read(PathBuf::from(name)) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut filter = self.filter.clone();
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(text.lines().filter(|line| filter.lets(line)).map(str::to_owned).collect()))
    }
}

impl LogLines {
    /// The whole lines that came since they were last asked for.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn news(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        self.open()?;
        self.read_on(&mut lines)?;
        if self.is_set_aside()? {
            // What was written between the last look and the moment when it was set aside.
            self.read_on(&mut lines)?;
            self.end_line(&mut lines);
            self.file = None;
            self.open()?;
            self.read_on(&mut lines)?;
        }
        Ok(lines)
    }

    fn open(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            return Ok(());
        }
        match File::open(&self.path) {
            Ok(file) => {
                self.file = Some(file);
                self.read = 0;
                Ok(())
            }
            // It comes with the first run, and for a moment it is not there while it is set aside.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        }
    }

    fn read_on(&mut self, lines: &mut Vec<String>) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut bytes = Vec::new();
        self.read += file.read_to_end(&mut bytes)? as u64;
        self.begun.extend_from_slice(&bytes);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let rest = self.begun.split_off(end + 1);
            self.end_line(lines);
            self.begun = rest;
        }
        Ok(())
    }

    fn end_line(&mut self, lines: &mut Vec<String>) {
        let bytes = std::mem::take(&mut self.begun);
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        if !bytes.is_empty() && self.filter.lets(line) {
            lines.push(line.to_owned());
        }
    }

    /// Whether another file has taken the name: it is shorter than what was read. A log is set aside when it
    /// has grown to megabytes, so the new one is.
    fn is_set_aside(&self) -> io::Result<bool> {
        match std::fs::metadata(&self.path) {
            Ok(there) => Ok(self.file.is_some() && there.len() < self.read),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(self.file.is_some()),
            Err(e) => Err(e),
        }
    }
}

/// Lets the entries of one notebook, or those of a level, pass, with the lines that continue them.
#[derive(Clone)]
struct Filter {
    notebook: Option<String>,
    /// The rank of the least bad level that passes.
    least: Option<usize>,
    /// Whether the last entry passed.
    passed: bool,
}

impl Filter {
    fn lets(&mut self, line: &str) -> bool {
        if self.notebook.is_none() && self.least.is_none() {
            return true;
        }
        if let Some((_, level, message)) = entry(line) {
            self.passed = self.is_bad_enough(&level) && self.is_of_notebook(&message);
        }
        self.passed
    }

    fn is_bad_enough(&self, level: &str) -> bool {
        self.least.is_none_or(|least| rank(level).is_some_and(|rank| rank <= least))
    }

    fn is_of_notebook(&self, message: &str) -> bool {
        let Some(notebook) = &self.notebook else { return true };
        let rest = message.strip_prefix(notebook.as_str());
        rest.is_some_and(|rest| rest.starts_with(':')) || message.contains(&format!("`{notebook}`"))
    }
}

/// How bad a level is, 0 for the worst.
fn rank(level: &str) -> Option<usize> {
    LEVELS.iter().position(|known| known.eq_ignore_ascii_case(level))
}

/// A line of the log as JSON, in the form that `--log-format json` writes; one that only continues another has
/// no time and no level.
pub fn log_line_json(line: &str) -> Value {
    line_json(line, &TimeZone::system())
}

/// The same of a log that was written by a clock of that zone.
pub fn line_json(line: &str, zone: &TimeZone) -> Value {
    if let Some(json) = line.starts_with('{').then(|| serde_json::from_str(line).ok()).flatten() {
        return json;
    }
    match entry(line) {
        Some((time, level, message)) => {
            let clock = time.parse::<DateTime>().and_then(|clock| clock.to_zoned(zone.clone()));
            let time = clock.map_or(time, |at| at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
            json!({"timestamp": time, "level": level, "fields": {"message": message}})
        }
        None => json!({"timestamp": null, "level": null, "fields": {"message": line}}),
    }
}

/// The time, the level and the message of a line, if it begins an entry.
fn entry(line: &str) -> Option<(String, String, String)> {
    if line.starts_with('{') {
        let entry: Value = serde_json::from_str(line).ok()?;
        let word = |value: &Value| value.as_str().map(str::to_owned);
        let message = word(&entry["fields"]["message"])?;
        let (time, level) = (word(&entry["timestamp"]), word(&entry["level"]));
        return Some((time.unwrap_or_default(), level.unwrap_or_default(), message));
    }
    if !line.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // `2026-11-22 16:42:03  INFO customers: started`
    let mut words = line.splitn(3, ' ');
    let (day, time, rest) = (words.next()?, words.next()?, words.next()?.trim_start());
    let (level, message) = rest.split_once(' ')?;
    let is_entry = LEVELS.contains(&level);
    is_entry.then(|| (format!("{day} {time}"), level.to_owned(), message.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const ROUND: &str = "\
2026-11-22 16:42:03  INFO sync 1 (manual): 2 notebooks, 2 at a time
2026-11-22 16:42:03  INFO customers: started (a.ipynb)
2026-11-22 16:42:04 ERROR suppliers: failed after 1 s: notebook `suppliers` failed
  with more to say
2026-11-22 16:42:05  WARN notebook `customers` is late
{\"timestamp\":\"t\",\"level\":\"INFO\",\"fields\":{\"message\":\"customers: saved\"}}
";

    fn log(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("n.log");
        std::fs::write(&path, text).expect("written");
        (folder, path)
    }

    fn append(path: &Path, text: &str) {
        let mut file = File::options().append(true).create(true).open(path).expect("opened");
        file.write_all(text.as_bytes()).expect("written");
    }

    #[test]
    fn the_lines_of_a_notebook_are_those_that_are_about_it() {
        let (_folder, path) = log(ROUND);
        let lines = |name| LogFile::new(&path, name).last(50).expect("read").0;
        assert_eq!(lines(None).len(), 6);
        let customers = lines(Some("customers"));
        assert_eq!(customers.len(), 3, "{customers:?}");
        assert_eq!(lines(Some("suppliers")).len(), 2, "with the line that goes on");
        assert_eq!(lines(Some("custom")).len(), 0);
    }

    #[test]
    fn the_entries_of_a_level_are_those_that_are_as_bad_or_worse() {
        let (_folder, path) = log(ROUND);
        let lines = |name, level| {
            let log = LogFile::new(&path, name).of_level(level).expect("a level");
            log.last(50).expect("read").0.len()
        };
        assert_eq!(lines(None, "error"), 2, "with the line that goes on");
        assert_eq!(lines(None, "warn"), 3);
        assert_eq!(lines(None, "INFO"), 6);
        assert_eq!(lines(Some("customers"), "warn"), 1);
        assert!(LogFile::new(&path, None).of_level("schlimm").is_none());
    }

    #[test]
    fn the_last_lines_go_back_into_files_that_were_set_aside() {
        let (folder, path) = log("5\n6\n");
        std::fs::write(folder.path().join("n.log.1"), "3\n4\n").expect("written");
        std::fs::write(folder.path().join("n.log.2"), "1\n2\n").expect("written");
        let last = |count| LogFile::new(&path, None).last(count).expect("read").0.join("");
        assert_eq!(last(1), "6");
        assert_eq!(last(3), "456");
        assert_eq!(last(50), "123456");
    }

    #[test]
    fn a_log_that_is_not_there_yet_is_empty_and_then_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("n.log");
        let (last, mut lines) = LogFile::new(&path, None).last(50).expect("read");
        assert!(last.is_empty());
        append(&path, "a\n");
        assert_eq!(lines.news().expect("read"), ["a"]);
    }

    #[test]
    fn no_line_is_lost_or_told_twice_when_the_log_is_rotated() {
        let (folder, path) = log(&"0123456789\n".repeat(20));
        let (_, mut lines) = LogFile::new(&path, None).last(1).expect("read");
        let mut seen = Vec::new();
        for round in 0..5 {
            append(&path, &format!("before {round}\nhalf "));
            seen.extend(lines.news().expect("read"));
            append(&path, &format!("{round}\nlast {round}\n"));
            std::fs::rename(&path, folder.path().join("n.log.1")).expect("renamed");
            if round % 2 == 0 {
                append(&path, &format!("first {round}\n"));
            }
            seen.extend(lines.news().expect("read"));
            append(&path, &"x\n".repeat(100));
            seen.extend(lines.news().expect("read"));
        }
        seen.retain(|line| line != "x");
        let expected: Vec<String> = (0..5)
            .flat_map(|round| {
                let first = (round % 2 == 0).then(|| format!("first {round}"));
                [format!("before {round}"), format!("half {round}"), format!("last {round}")]
                    .into_iter()
                    .chain(first)
            })
            .collect();
        assert_eq!(seen, expected);
    }
}
