//! `logs/notebook_scheduler.log`: lines for people, or JSON for programs; rotated by size.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::Secrets;
use crate::error::{Error, Result};

/// A log file grows up to here, then it is set aside.
const BYTES_MAX: usize = 5_000_000;
/// So many earlier files are kept: notebook_scheduler.log.1 …
const FILES_KEPT: usize = 9;

/// How the log's lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `2026-11-22 16:42:03 INFO customers: started`
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends what happens to the log file from now on.
///
/// # Errors
/// The file cannot be written.
pub fn open(path: &Path, format: Format, secrets: Secrets) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| Error::file("make the folder", folder, e))?;
    // Asked for before the library opens it, since it would panic where we want a sentence.
    std::fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|e| Error::file("write", path, e))?;
    let rotate = FileRotate::new(
        path,
        AppendCount::new(FILES_KEPT),
        ContentLimit::BytesSurpassed(BYTES_MAX),
        Compression::None,
        None,
    );
    let writer = Mutex::new(Masked { inner: rotate, secrets });
    let filter = EnvFilter::new("warn,penny=info");
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let layer = match format {
        Format::Text => layer.with_timer(LocalTime("%Y-%m-%d %H:%M:%S")).with_target(false).boxed(),
        Format::Json => layer.json().with_timer(LocalTime("%Y-%m-%dT%H:%M:%S%.3f%:z")).boxed(),
    };
    // A second log in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    Ok(())
}

/// The time as the user's clock shows it.
struct LocalTime(&'static str);

impl FormatTime for LocalTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{}", jiff::Zoned::now().strftime(self.0))
    }
}

/// Takes secrets out of whatever is logged.
struct Masked<W> {
    inner: W,
    secrets: Secrets,
}

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        match self.secrets.masked(&text) {
            Some(masked) => self.inner.write_all(masked.as_bytes())?,
            None => self.inner.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
