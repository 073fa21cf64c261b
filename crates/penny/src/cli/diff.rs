//! `penny diff`.

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::diff_data::Data;
use super::history::coloured;
use super::{Context, print};
use crate::clock::Clock;
use crate::console::{self, Paint};
use crate::error::{Error, Result};
use crate::looking::{self, Cell, CellChange, Changed, Comparison, Line, Mark, Notebooks};
use crate::store::{Outcome, RunRecord, Store};
use crate::workspace::Workspace;

/// A line is at most so wide.
const WIDTH: usize = 100;
/// So many lines of a change in a source are shown; `--json` has all.
const SOURCE_LINES_MAX: usize = 40;
/// The same in what a cell showed, which is often a table.
const OUTPUT_LINES_MAX: usize = 14;
/// The same of packages.
const PACKAGES_MAX: usize = 30;

#[derive(Args)]
pub struct DiffOptions {
    /// A run's number, or a notebook's name for its last run
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The run to compare it with [default: the run of the same notebook before it]
    #[arg(value_name = "RUN")]
    pub other: Option<String>,
    /// The same as JSON
    #[arg(long)]
    pub json: bool,
}

pub async fn diff(context: &Context, options: &DiffOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let store = Store::open(&workspace.history())?;
    let now = Clock::new(&context.surroundings).wall();
    let (one, other) = pair(&store, &workspace, options)?;
    let comparison = looking::compare(&store, &workspace, one, other, now)?;
    if options.json {
        print(&format!("{:#}", comparison.json()));
    } else {
        let paint = Paint::of_output(&context.surroundings);
        let zone = &workspace.config.zone;
        print(&Page { comparison: &comparison, now, zone, paint }.text());
    }
    Ok(0)
}

/// The two runs that are meant.
fn pair(
    store: &Store,
    workspace: &Workspace,
    options: &DiffOptions,
) -> Result<(RunRecord, RunRecord)> {
    let one = looking::chosen(store, workspace, &options.run)?;
    let Some(other) = &options.other else {
        return match earlier(store, &one)? {
            Some(earlier) => Ok((earlier, one)),
            None => Err(Error::usage(format!(
                "run {} is the first of `{}`: there is none to compare it with",
                one.id, one.notebook
            ))
            .hint("`penny diff RUN RUN` compares any two runs")),
        };
    };
    let other = looking::chosen(store, workspace, other)?;
    if one.id == other.id {
        return Err(Error::usage(format!("run {} is compared with itself", one.id))
            .hint("name two runs, or one to compare it with the run before it"));
    }
    Ok((one, other))
}

/// The run of the same notebook before this one; those that were skipped did nothing.
fn earlier(store: &Store, run: &RunRecord) -> Result<Option<RunRecord>> {
    let mut before = run.id;
    while let Some(found) = store.last_run(&run.notebook, Some(before))? {
        if found.outcome != Some(Outcome::Skipped) {
            return Ok(Some(found));
        }
        before = found.id;
    }
    Ok(None)
}

/// Two runs side by side, as a page.
struct Page<'a> {
    comparison: &'a Comparison,
    now: Timestamp,
    zone: &'a TimeZone,
    paint: Paint,
}

impl Page<'_> {
    fn text(&self) -> String {
        let data = Data { paint: self.paint, zone: self.zone, tables: &self.comparison.tables };
        let parts = [self.head(), self.sources(), self.outputs(), self.packages(), data.text()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n\n")
    }

    fn head(&self) -> String {
        let Comparison { before, after, .. } = self.comparison;
        let side = |sign: &str, run: &RunRecord| {
            let word = run.word();
            let when = looking::when(run.started, self.now, self.zone);
            let title = format!("run {} · {}", run.id, run.notebook);
            let word = coloured(self.paint, run.outcome, word);
            format!("{sign} {} · {when} · {word}", self.paint.strong(&title))
        };
        format!("{}\n{}", side("-", before), side("+", after))
    }

    /// What changed in the notebook.
    fn sources(&self) -> String {
        let changes = match &self.comparison.notebooks {
            Notebooks::Unreadable(why) => {
                return format!("{}\n  not known: {why}", self.paint.strong("notebook"));
            }
            Notebooks::Compared(_) => self.comparison.changed_sources(),
        };
        if changes.is_empty() {
            return format!("{}: the same cells", self.paint.strong("notebook"));
        }
        let mut lines = vec![format!("{}: {}", self.paint.strong("notebook"), counted(&changes))];
        for change in changes {
            let moved = if change.moved { ", moved" } else { "" };
            let word = match (change.changed, change.source.is_empty()) {
                (Changed::Altered, true) => "moved".to_owned(),
                (changed, _) => format!("{}{moved}", changed.word()),
            };
            lines.push(format!("  {} {word}", name(&change.cell)));
            lines.extend(self.lines(&change.source, SOURCE_LINES_MAX));
        }
        lines.join("\n")
    }

    /// What cells that are in both showed.
    fn outputs(&self) -> String {
        if matches!(self.comparison.notebooks, Notebooks::Unreadable(_)) {
            return String::new();
        }
        let changes = self.comparison.changed_outputs();
        if changes.is_empty() {
            return format!("{}: the same", self.paint.strong("outputs"));
        }
        let count = console::count(changes.len(), "cell");
        let verb = if changes.len() == 1 { "shows" } else { "show" };
        let mut lines =
            vec![format!("{}: {count} {verb} something else", self.paint.strong("outputs"))];
        for change in changes {
            lines.push(format!("  {}", name(&change.cell)));
            lines.extend(self.lines(&change.outputs, OUTPUT_LINES_MAX));
        }
        lines.join("\n")
    }

    fn packages(&self) -> String {
        let packages = self.comparison.packages.as_deref().unwrap_or_default();
        if packages.is_empty() {
            return String::new();
        }
        let mut lines = vec![self.paint.strong("packages")];
        for package in packages.iter().take(PACKAGES_MAX) {
            let version =
                |version: &Option<String>| version.clone().unwrap_or_else(|| "–".to_owned());
            let (before, after) = (version(&package.before), version(&package.after));
            lines.push(format!("  {} {before} → {after}", package.name));
        }
        if packages.len() > PACKAGES_MAX {
            lines.push(format!("  … and {} more", packages.len() - PACKAGES_MAX));
        }
        lines.join("\n")
    }

    fn lines(&self, lines: &[Line], max: usize) -> Vec<String> {
        let mut out: Vec<String> = lines.iter().take(max).map(|line| self.line(line)).collect();
        if lines.len() > max {
            let more = format!("      … {} more lines, with --json", lines.len() - max);
            out.push(self.paint.faint(&more));
        }
        out
    }

    fn line(&self, line: &Line) -> String {
        let words = match line.mark {
            Mark::More => format!("{} more lines, not compared one by one", line.text),
            _ => shown(&line.text),
        };
        let text = console::cut(&format!("    {} {words}", line.mark.sign()), WIDTH);
        let text = text.trim_end();
        match line.mark {
            Mark::Added => self.paint.good(text),
            Mark::Removed => self.paint.bad(text),
            Mark::Same | Mark::Gap | Mark::More => self.paint.faint(text),
        }
    }
}

/// An output that is no text, said in words.
fn shown(text: &str) -> String {
    match text.strip_prefix("[image/").and_then(|rest| rest.strip_suffix(']')) {
        Some(image) => format!("[an image, {image}]"),
        None => text.to_owned(),
    }
}

/// "1 cell changed, 2 added".
fn counted(changes: &[&CellChange]) -> String {
    let count = |changed| changes.iter().filter(|change| change.changed == changed).count();
    let counts = [
        (count(Changed::Altered), "changed"),
        (count(Changed::Added), "added"),
        (count(Changed::Removed), "removed"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", console::count(count, "cell")))
        .collect();
    told.join(", ")
}

fn name(cell: &Cell) -> String {
    match (cell.number, &cell.heading) {
        (Some(_), _) => cell.name(),
        (None, _) => format!("text `{}`", console::cut(cell.first_line(), 60)),
    }
}
