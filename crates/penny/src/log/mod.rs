//! `logs/notebook_scheduler.log`: lines for people, or JSON for programs; rotated by size.

mod rotating;

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::Secrets;
use crate::error::{Error, Result};

use rotating::Rotating;

/// A log file grows up to here, then it is set aside.
const BYTES_MAX: u64 = 5_000_000;
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

/// What is masked in the log at present.
static SECRETS: RwLock<Option<Secrets>> = RwLock::new(None);

/// Masks other secrets from now on: `.env` was edited while a service runs.
pub fn renew(secrets: Secrets) {
    *SECRETS.write().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
}

/// Sends what happens to the log file from now on.
///
/// # Errors
/// The file cannot be written at the moment; as soon as it can, it is.
pub fn open(path: &Path, format: Format, secrets: Secrets) -> Result<()> {
    let file = Rotating::new(path, BYTES_MAX, FILES_KEPT);
    let written = file.check().map_err(|e| Error::file("write", path, e));
    renew(secrets);
    let writer = Mutex::new(Masked { file });
    let filter = EnvFilter::new("warn,penny=info");
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let layer = match format {
        Format::Text => layer.with_timer(LocalTime("%Y-%m-%d %H:%M:%S")).with_target(false).boxed(),
        Format::Json => layer.json().with_timer(LocalTime("%Y-%m-%dT%H:%M:%S%.3f%:z")).boxed(),
    };
    // A second log in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    written
}

/// The time as the user's clock shows it.
struct LocalTime(&'static str);

impl FormatTime for LocalTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{}", jiff::Zoned::now().strftime(self.0))
    }
}

/// Takes secrets out of whatever is logged.
struct Masked {
    file: Rotating,
}

impl Write for Masked {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let masked = {
            let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
            secrets.as_ref().and_then(|secrets| secrets.masked(&text))
        };
        match masked {
            Some(masked) => self.file.add(masked.as_bytes()),
            None => self.file.add(bytes),
        };
        // What cannot be written is told of in the log itself, once there is room: a full disk ends nothing.
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
