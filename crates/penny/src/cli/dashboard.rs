//! `penny dashboard`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::{Context, print};
use crate::error::{Error, Result};
use crate::platform;
use crate::web::access::{self, Link};

/// A program that cannot open a browser says so soon; one that does may stay for as long as the browser.
const REFUSAL_MAX: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(20);

#[derive(Args)]
pub struct DashboardOptions {
    /// Opens the browser
    #[arg(long)]
    pub open: bool,
    /// The link as JSON, with the time until which it works
    #[arg(long)]
    pub json: bool,
    /// Ends every session, and the links that were not used: everybody logs in again
    #[arg(long, conflicts_with_all = ["open", "json"])]
    pub end_sessions: bool,
}

pub fn dashboard(context: &Context, options: &DashboardOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    if options.end_sessions {
        access::end_sessions(&workspace)?;
        print("every session has ended: `penny dashboard` prints a new link");
        return Ok(0);
    }
    let Link { url, until } = access::open_link(&workspace, &context.surroundings)?;
    if options.json {
        print(&format!("{:#}", json!({ "url": url, "until": until.to_string() })));
    } else {
        print(&url);
        let until = until.to_zoned(workspace.config.zone.clone());
        context.console.say(&format!("it works once, until {}", until.strftime("%H:%M")));
    }
    if options.open {
        open(&url)?;
    }
    Ok(0)
}

/// Opens the browser. The link is in the command line of a process for a moment, where other users of the computer may
/// read it; it works once, and the browser is there first.
fn open(url: &str) -> Result<()> {
    let mut command = platform::browser(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The browser stays when this command, or its terminal, ends.
    platform::detach(&mut command);
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = || {
        Error::missing(format!("`{program}` could not open a browser"))
            .hint("open the link above in a browser on this computer")
    };
    let mut child = command.spawn().map_err(|e| failed().because(e))?;
    let begun = Instant::now();
    while begun.elapsed() < REFUSAL_MAX {
        match child.try_wait() {
            Ok(Some(status)) if !status.success() => return Err(failed()),
            Ok(Some(_)) | Err(_) => return Ok(()),
            Ok(None) => std::thread::sleep(LOOK),
        }
    }
    Ok(())
}
