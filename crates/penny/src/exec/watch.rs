//! What is told while the cells run: the log on standard error, progress, and what the cells print.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use penny_notebook::without_ansi;

use super::is_stdout;
use super::paths::Destination;
use crate::config::Secrets;
use crate::console::{Bar, Console};
use crate::error::{Error, Result};
use crate::run::Watch;

/// papermill's levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum LogLevel {
    /// Everything.
    Notset,
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warning,
    /// What is wrong.
    Error,
    /// The same.
    Critical,
}

/// Tells what happens on standard error, from a level on.
pub struct Log<'a> {
    console: &'a Console,
    level: LogLevel,
}

impl<'a> Log<'a> {
    /// With a notebook on standard output, as papermill has it, only errors are told.
    pub fn new(console: &'a Console, level: Option<LogLevel>, output: &Destination) -> Log<'a> {
        let quiet = matches!(output, Destination::Stdout | Destination::Nowhere);
        let level = match level {
            None | Some(LogLevel::Info) if quiet => LogLevel::Error,
            None => LogLevel::Info,
            Some(level) => level,
        };
        Log { console, level }
    }

    pub fn info(&self, text: &str) {
        if self.level <= LogLevel::Info {
            self.console.say(text);
        }
    }

    pub fn warn(&self, text: &str) {
        if self.level <= LogLevel::Warning {
            self.console.say(&format!("warning: {text}"));
        }
    }
}

/// Shows how far the cells are, and what they print.
pub struct Watching<'a> {
    log: &'a Log<'a>,
    secrets: &'a Secrets,
    log_output: bool,
    bar: Option<Bar>,
    /// What cells print to standard output, and to standard error.
    streams: [Stream; 2],
}

/// What is wanted of a [`Watching`].
#[derive(Default)]
pub struct Shown {
    /// Whether what cells print goes to the log.
    pub log_output: bool,
    /// The bar.
    pub bar: Option<Bar>,
    /// Where standard output goes besides.
    pub stdout: Option<Copy>,
    /// Where standard error goes besides.
    pub stderr: Option<Copy>,
}

/// One of the two streams of a cell.
struct Stream {
    copy: Option<Copy>,
    /// The line that has not ended yet: a secret that comes in two parts is masked as a whole.
    line: Mutex<String>,
}

/// A line longer than this is passed on in parts.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// A file that what cells print goes to as well.
pub struct Copy {
    path: PathBuf,
    file: Mutex<Opened>,
}

/// The file, and the first trouble with it: the cells go on, and the trouble is told at their end.
struct Opened {
    writer: Box<dyn Write + Send>,
    trouble: Option<io::Error>,
}

impl Copy {
    /// Makes the file, or takes standard output for `-`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(path: &Path, folder: &Path) -> Result<Copy> {
        let writer: Box<dyn Write + Send> = if path == Path::new("-") {
            Box::new(io::stdout())
        } else {
            let at = folder.join(path);
            Box::new(File::create(&at).map_err(|e| Error::file("write", &at, e))?)
        };
        let file = Mutex::new(Opened { writer, trouble: None });
        Ok(Copy { path: path.to_owned(), file })
    }

    fn write(&self, text: &str) {
        let mut opened = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.trouble.is_none() {
            let written = opened.writer.write_all(text.as_bytes());
            opened.trouble = written.and_then(|()| opened.writer.flush()).err();
        }
    }

    /// What kept the text from being written, if anything did.
    pub fn trouble(&self) -> Option<String> {
        let opened = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let error = opened.trouble.as_ref()?;
        Some(format!(
            "what the cells printed could not all be written to {}: {error}",
            self.path.display()
        ))
    }
}

impl<'a> Watching<'a> {
    /// Nothing has run yet.
    pub fn new(log: &'a Log<'a>, secrets: &'a Secrets, shown: Shown) -> Watching<'a> {
        let Shown { log_output, bar, stdout, stderr } = shown;
        let streams = [stdout, stderr].map(|copy| Stream { copy, line: Mutex::default() });
        Watching { log, secrets, log_output, bar, streams }
    }

    /// What kept texts from being written where they belong.
    pub fn troubles(&self) -> impl Iterator<Item = String> {
        self.streams.iter().filter_map(|stream| stream.copy.as_ref()?.trouble())
    }

    /// Passes a text of a cell's on: to the log without the line end that the log adds.
    fn pass(&self, copy: Option<&Copy>, text: &str) {
        if text.is_empty() {
            return;
        }
        let masked = self.secrets.mask(text);
        if let Some(copy) = copy {
            copy.write(&masked);
        }
        if self.log_output {
            let plain = without_ansi(&masked);
            self.log.info(plain.strip_suffix(['\n', '\r']).unwrap_or(&plain));
        }
    }

    /// Passes on the lines that have not ended and will not, at the end of a cell.
    fn flush(&self) {
        for stream in &self.streams {
            let line = std::mem::take(&mut *stream.line());
            self.pass(stream.copy.as_ref(), &line);
        }
    }
}

impl Stream {
    fn line(&self) -> MutexGuard<'_, String> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a text in; gives the lines that are whole.
    fn take(&self, text: &str) -> String {
        let mut line = self.line();
        line.push_str(text);
        match line.rfind(['\n', '\r']) {
            _ if line.len() > LINE_BYTES_MAX => std::mem::take(&mut *line),
            Some(end) => {
                let rest = line.split_off(end + 1);
                std::mem::replace(&mut *line, rest)
            }
            None => String::new(),
        }
    }
}

impl Watch for Watching<'_> {
    fn cell_begins(&self, index: usize, _of: usize) {
        if self.log_output {
            self.log.info(&format!("Executing Cell {index:-<40}"));
        }
        if let Some(bar) = &self.bar {
            bar.at(index - 1);
        }
    }

    fn cell_ended(&self, index: usize, _of: usize) {
        self.flush();
        if self.log_output {
            self.log.info(&format!("Ending Cell {index:-<43}"));
        }
        if let Some(bar) = &self.bar {
            bar.at(index);
        }
    }

    fn printed(&self, stream: &str, text: &str) {
        let stream = &self.streams[usize::from(stream == "stderr")];
        if self.log_output || stream.copy.is_some() {
            self.pass(stream.copy.as_ref(), &stream.take(text));
        }
    }

    fn showed(&self, text: &str) {
        if self.log_output {
            // A line that has not ended waits for its end: a secret may begin in it, and end after this.
            self.pass(None, text);
        }
    }

    fn stopping(&self) {
        self.log
            .console
            .say("stopping: the cell is interrupted (Ctrl-C once more ends everything at once)");
    }
}

/// Whether progress is shown when nobody says so.
pub fn usual_progress(log_output: bool, output: &Destination) -> bool {
    !log_output && !is_stdout(output)
}
