//! `penny logs`.

use std::io::Write as _;
use std::time::Duration;

use clap::Args;

use super::Context;
use crate::error::{Error, Result};
use crate::looking::{LogFile, log_line_json};

/// The file is looked at so often: it may be on a network drive, which tells nobody of changes.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Args)]
pub struct LogsOptions {
    /// Only the lines of this notebook
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Goes on with the lines that come, until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
    /// How many of the last lines
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    pub lines: usize,
    /// Each line as a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn logs(context: &Context, options: &LogsOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let path = workspace.log();
    let failed = |e| Error::file("read", &path, e);
    let log = LogFile::new(&path, options.name.as_deref());
    let (last, mut coming) = log.last(options.lines).map_err(failed)?;
    let mut is_read = show(&last, options);
    while options.follow && is_read {
        tokio::select! {
            () = context.stop.asked() => break,
            () = tokio::time::sleep(PAUSE) => {}
        }
        is_read = show(&coming.news().map_err(failed)?, options);
    }
    if last.is_empty() && !options.follow {
        context.console.say(&match &options.name {
            Some(name) => format!("no line of the log is about `{name}`"),
            None => format!("the log {} is empty so far", workspace.shown(&path)),
        });
    }
    Ok(0)
}

/// Prints lines; false when whoever read them went away (`| head`).
fn show(lines: &[String], options: &LogsOptions) -> bool {
    let mut out = std::io::stdout().lock();
    let mut print = |line: &str| writeln!(out, "{line}").is_ok();
    let all = lines.iter().all(|line| match options.json {
        true => print(&log_line_json(line).to_string()),
        false => print(line),
    });
    all && out.flush().is_ok()
}
