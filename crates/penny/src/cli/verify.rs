//! `penny verify`.

use clap::Args;
use jiff::tz::TimeZone;

use super::{Context, print};
use crate::console;
use crate::error::{Error, Kind, Result};
use crate::store::{Finding, HEAD_MIN, Store, Verification};

/// So many findings are shown; `--json` has all.
const SHOWN: usize = 40;

#[derive(Args)]
pub struct VerifyOptions {
    /// A head that was written down earlier: whether it is still in the chain (at least 16 characters)
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
    /// The result as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

pub async fn verify(context: &Context, options: &VerifyOptions) -> Result<u8> {
    let head = options.head.as_deref().map(checked).transpose()?;
    let workspace = context.workspace()?;
    let path = workspace.history();
    if !path.exists() {
        return Err(Error::missing(format!(
            "there is no history yet: {} is not there",
            path.display()
        ))
        .hint(
            "if there was one, `penny history --rebuild` makes it anew from the output notebooks",
        ));
    }
    let store = Store::open(&path)?;
    let step = context.console.step("verifying the history");
    let mut progress = |done: u64, of: u64| {
        if done.is_multiple_of(100) {
            step.detail(&format!("record {} of {}", console::rows(done), console::rows(of)));
        }
    };
    let found = store.verify(&workspace.outputs(), head.as_deref(), &mut progress)?;
    step.clear();
    if options.json {
        print(&format!("{:#}", found.json()));
    } else {
        print(&text(&found, options.head.as_deref(), &workspace.config.zone));
    }
    Ok(if found.is_intact() { 0 } else { Kind::Notebook.status() })
}

/// A head as it is in the chain, however it was written down.
fn checked(head: &str) -> Result<String> {
    let head: String = head.chars().filter(|c| !c.is_whitespace()).collect();
    if (HEAD_MIN..=64).contains(&head.len()) && head.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(head.to_lowercase());
    }
    Err(Error::usage(format!("`{head}` is no head of a history")).hint(format!(
        "write the 64 characters that `penny verify` printed, or the first {HEAD_MIN}"
    )))
}

fn text(found: &Verification, head: Option<&str>, zone: &TimeZone) -> String {
    let mut lines = vec![format!(
        "{} and {} compared.",
        records(found.records, "record"),
        records(found.outputs, "output notebook")
    )];
    if found.pruned > 0 {
        let pruned = records(found.pruned, "output notebook");
        lines.push(format!("{pruned} removed by retention, as the history says."));
    }
    if found.before_chain > 0 {
        let runs = records(found.before_chain, "run");
        lines.push(format!("{runs} of an earlier Penny, which wrote down no hash of the output."));
    }
    if found.strangers > 0 {
        let files = records(found.strangers, "file");
        lines.push(format!("{files} in the outputs' folder of no run of this history."));
    }
    lines.push(String::new());
    if found.is_intact() {
        lines.push("Intact: nothing of this history was altered, removed or added.".to_owned());
    } else {
        let count = console::count(found.findings.len(), "finding");
        lines.push(format!("NOT INTACT: {count}."));
        lines.extend(found.findings.iter().take(SHOWN).map(|f| line(f, zone)));
        if let Some(more) = found.findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            lines.push(format!("  … and {more} more: `penny verify --json` has all"));
        }
    }
    if let (Some(_), true) = (head, found.is_intact()) {
        lines.push(
            "The head that you gave is in the chain: what came before it is as it was.".to_owned(),
        );
    }
    if let Some(head) = &found.head {
        lines.push(format!(
            "\nhead: {}\n      (record {}; keep it elsewhere, and later run",
            head.hash, head.number
        ));
        lines.push("      `penny verify --head` with it: see docs/history.md)".to_owned());
    }
    lines.join("\n")
}

/// "  altered  run 45 of customers, 20 November 2026, 08:00 (record 128): its `error` is not what it was".
fn line(finding: &Finding, zone: &TimeZone) -> String {
    let mut place = match finding.of {
        Some(of) => format!("{} {of}", finding.kind),
        None => finding.kind.clone(),
    };
    if !finding.about.is_empty() {
        place.push_str(if finding.of.is_some() { " of " } else { " " });
        place.push_str(&finding.about);
    }
    if let Some(at) = finding.at {
        let at = at.to_zoned(zone.clone()).strftime("%-d %B %Y, %H:%M").to_string();
        place.push_str(&format!(", {at}"));
    }
    if let Some(record) = finding.record.filter(|_| finding.kind != "chain") {
        place.push_str(&format!(" (record {record})"));
    }
    format!("  {:8} {place}: {}", finding.what.word(), finding.sentence)
}

fn records(count: u64, thing: &str) -> String {
    console::count(usize::try_from(count).unwrap_or(usize::MAX), thing)
}
