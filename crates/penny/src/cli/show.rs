//! `penny show`.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::history::coloured;
use super::{Context, print};
use crate::clock::Clock;
use crate::console::{self, Paint};
use crate::error::Result;
use crate::looking::{self, Cell, Fault, PastRun};
use crate::store::{AttemptRecord, Outcome, PublishRecord, Store};
use crate::workspace::Workspace;

/// The bar of the cell that took longest is so wide.
const BAR_WIDTH: usize = 20;
/// A line is at most so wide.
const WIDTH: usize = 100;
/// So many digits of a hash are shown.
const HASH_DIGITS: usize = 12;

#[derive(Args)]
pub struct ShowOptions {
    /// A run's number, or a notebook's name for its last run
    #[arg(value_name = "RUN")]
    pub run: String,
    /// One of its attempts, by its number
    #[arg(long, value_name = "N")]
    pub attempt: Option<u32>,
    /// The same as JSON
    #[arg(long)]
    pub json: bool,
}

pub async fn show(context: &Context, options: &ShowOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let store = Store::open(&workspace.history())?;
    let run = looking::chosen(&store, &workspace, &options.run)?;
    let past = PastRun::read(&store, &workspace, run, options.attempt)?;
    if options.json {
        print(&format!("{:#}", past.json()));
    } else {
        let paint = Paint::of_output(&context.surroundings);
        let now = Clock::new(&context.surroundings).wall();
        let page = Page { past: &past, now, zone: &workspace.config.zone, paint };
        print(page.text(&workspace).trim_end());
    }
    Ok(0)
}

/// A run as a page.
struct Page<'a> {
    past: &'a PastRun,
    now: Timestamp,
    zone: &'a TimeZone,
    paint: Paint,
}

impl Page<'_> {
    fn text(&self, workspace: &Workspace) -> String {
        let parts = [
            self.head(),
            self.cells(),
            self.error(),
            self.tables(),
            self.warnings(),
            self.output(workspace),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n\n")
    }

    fn head(&self) -> String {
        let run = &self.past.run;
        let took = console::duration(self.past.took(self.now));
        let word = run.word();
        let attempt = self.past.attempt.map_or(String::new(), |n| format!(", attempt {n}"));
        let title = format!("run {}{attempt} · {}", run.id, run.notebook);
        let mut lines = vec![match run.outcome {
            Some(Outcome::Skipped) => {
                format!(
                    "{} · {}",
                    self.paint.strong(&title),
                    coloured(self.paint, run.outcome, word)
                )
            }
            Some(_) => format!(
                "{} · {} in {took}",
                self.paint.strong(&title),
                coloured(self.paint, run.outcome, word)
            ),
            None if run.cut_off => {
                format!("{} · {}", self.paint.strong(&title), coloured(self.paint, None, word))
            }
            None => format!(
                "{} · {} for {took}",
                self.paint.strong(&title),
                coloured(self.paint, run.outcome, word)
            ),
        }];
        for (name, value) in self.facts() {
            lines.push(format!("  {}  {value}", self.paint.faint(&format!("{name:8}"))));
        }
        lines.join("\n")
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let run = &self.past.run;
        let mut facts = vec![("started", looking::full(run.started, self.zone))];
        let due = run.due.map(|due| format!(", due {}", looking::full(due, self.zone)));
        facts.push(("trigger", format!("{}{}", run.trigger, due.unwrap_or_default())));
        if let Some(asked) = &run.asked {
            let again = asked.retry_of.map(|of| format!(", again after run {of}"));
            facts.push(("asked by", format!("{}{}", asked.by, again.unwrap_or_default())));
        }
        if !run.parameters.is_empty() {
            let values = run.parameters.iter().map(|(name, value)| format!("{name} = {value}"));
            let values = values.collect::<Vec<_>>().join(", ");
            facts.push(("values", console::cut(&values, WIDTH - 12)));
        }
        let hash = match run.source_hash.as_str() {
            "" => String::new(),
            hash => format!(" · SHA-256 {}", short(hash)),
        };
        facts.push(("notebook", format!("{}{hash}", run.file)));
        if let Some(start) = &run.kernel_start {
            let why = run.kernel_start_reason.as_deref().unwrap_or_default();
            facts.push(("kernel", console::cut(&format!("{start}: {why}"), WIDTH - 12)));
        }
        if let Some(bytes) = run.peak_memory_bytes {
            facts.push(("memory", format!("up to {}", console::size(bytes))));
        }
        let environment = run.environment_hash.as_deref();
        let environment = environment.map(|hash| format!(" · packages {}", short(hash)));
        facts
            .push(("version", format!("Penny {}{}", run.version, environment.unwrap_or_default())));
        if run.masked > 0 {
            let places = console::count(run.masked as usize, "place");
            facts.push(("masked", format!("{places} of its outputs held a secret")));
        }
        let tries = &self.past.attempts;
        if tries.len() > 1 {
            facts.push(("attempts", tries.iter().map(attempt).collect::<Vec<_>>().join(" · ")));
        }
        facts
    }

    fn cells(&self) -> String {
        let cells = match &self.past.cells {
            Ok(cells) => cells,
            // That a run which was skipped left nothing needs no words.
            Err(_) if self.past.run.outcome == Some(Outcome::Skipped) => return String::new(),
            Err(why) => return self.timings(why),
        };
        let longest = cells.code().filter_map(|cell| cell.took).max().unwrap_or_default();
        let mut lines = vec![self.paint.strong("cells")];
        lines.extend(cells.code().map(|cell| self.cell(cell, longest)));
        lines.join("\n")
    }

    /// A cell: its number, how long it took, what it is.
    fn cell(&self, cell: &Cell, longest: Duration) -> String {
        let under_way = self.past.run.ended.is_none() && !self.past.run.cut_off;
        let (mark, took) = match (cell.status.as_deref(), cell.took) {
            (Some("failed"), took) => (self.paint.bad("✗"), took.map(console::duration)),
            (Some("running"), _) if under_way => (self.paint.odd("▸"), Some("running".to_owned())),
            (Some("running"), _) => (self.paint.odd("▸"), Some("cut off".to_owned())),
            (_, Some(took)) => (" ".to_owned(), Some(console::duration(took))),
            _ => (" ".to_owned(), None),
        };
        let number = cell.number.unwrap_or_default();
        let took = took.unwrap_or_else(|| if under_way { "not yet" } else { "not run" }.to_owned());
        let bar = format!("{:BAR_WIDTH$}", bar(cell.took.unwrap_or_default(), longest));
        let what = match &cell.heading {
            _ if cell.injected => "the parameters that penny.toml gives".to_owned(),
            Some(heading) => format!("{}: {}", heading.trim(), cell.first_line()),
            None => cell.first_line().to_owned(),
        };
        let room = WIDTH - BAR_WIDTH - 21;
        format!("{mark} {number:>3}  {took:>11}  {bar}  {}", console::cut(&what, room))
    }

    /// What the history knows of cells whose output notebook is gone.
    fn timings(&self, why: &str) -> String {
        let run = &self.past.run;
        let mut lines = vec![self.paint.strong("cells"), format!("  {}", self.paint.odd(why))];
        let seconds = |seconds: Option<f64>| {
            Duration::try_from_secs_f64(seconds.unwrap_or(0.0)).unwrap_or_default()
        };
        let longest = run.timings.iter().map(|cell| seconds(cell.seconds)).max();
        for cell in &run.timings {
            let took = cell
                .seconds
                .map_or("cut off".to_owned(), |_| console::duration(seconds(cell.seconds)));
            let bar = bar(seconds(cell.seconds), longest.unwrap_or_default());
            lines.push(format!("       {took:>11}  {bar:BAR_WIDTH$}  {}", cell.id));
        }
        lines.join("\n")
    }

    fn error(&self) -> String {
        let run = &self.past.run;
        let Some(error) = &run.error else { return String::new() };
        let Some(fault) = &self.past.fault else {
            return format!("{} {error}", self.paint.bad("error:"));
        };
        let is_source = |line: &&str| !line.contains(" │");
        let told: Vec<&str> = error.lines().filter(is_source).collect();
        let mut text = format!("{} {}", self.paint.bad("error:"), told.join("\n"));
        for line in self.source(fault) {
            text.push('\n');
            text.push_str(&line);
        }
        text
    }

    /// The line at fault with its neighbours.
    fn source(&self, fault: &Fault) -> Vec<String> {
        let lines = fault.lines.iter().map(|(number, text)| {
            let text = console::cut(text, WIDTH - 10);
            if fault.line == Some(*number) {
                format!("{} {number:>4} │ {text}", self.paint.bad("→"))
            } else {
                self.paint.faint(&format!("  {number:>4} │ {text}"))
            }
        });
        lines.collect()
    }

    fn tables(&self) -> String {
        if self.past.tables.is_empty() {
            return String::new();
        }
        let width =
            self.past.tables.iter().map(|table| table.table.chars().count()).max().unwrap_or(0);
        let mut lines = vec![self.paint.strong("tables")];
        for table in &self.past.tables {
            lines.push(format!("  {:width$}  {}", table.table, movement(table)));
        }
        lines.join("\n")
    }

    fn warnings(&self) -> String {
        let warnings = self.past.run.warnings.iter();
        let lines: Vec<String> =
            warnings.map(|text| format!("{} {text}", self.paint.odd("warning:"))).collect();
        lines.join("\n")
    }

    fn output(&self, workspace: &Workspace) -> String {
        let Some(path) = &self.past.output else { return String::new() };
        let shown = workspace.shown(path);
        if let Some(pruned) = &self.past.pruned {
            let at = looking::when(pruned.at, self.now, self.zone);
            return format!("output: {shown}, removed {at}: {}", pruned.why);
        }
        let size = self.past.run.output_bytes.map(|bytes| format!(" ({})", kilobytes(bytes)));
        format!("output: {}{}", self.paint.link(path, &shown), size.unwrap_or_default())
    }
}

/// "#1 failed after 2.0 s (network)".
fn attempt(attempt: &AttemptRecord) -> String {
    let word = attempt.outcome.map_or("running", Outcome::word);
    let took = attempt.ended.map(|at| {
        let took = at.duration_since(attempt.started).try_into().unwrap_or_default();
        format!(" after {}", console::duration(took))
    });
    let cause = attempt.cause.as_deref().map(|cause| format!(" ({cause})"));
    let (took, cause) = (took.unwrap_or_default(), cause.unwrap_or_default());
    format!("#{} {word}{took}{cause}", attempt.number)
}

fn bar(took: Duration, longest: Duration) -> String {
    if longest.is_zero() {
        return String::new();
    }
    let eighths = (took.as_secs_f64() / longest.as_secs_f64() * (BAR_WIDTH * 8) as f64).round();
    let eighths = eighths as usize;
    let rest = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8)).trim_end().to_owned()
}

/// What a publish did to its table.
fn movement(publish: &PublishRecord) -> String {
    let rows = console::count(publish.rows as usize, "row");
    if publish.report["created"] == true {
        return format!("{rows}, a new table");
    }
    let (written, removed) = (publish.count("rows_inserted"), publish.count("rows_deleted"));
    if written + removed == 0 {
        return format!("{rows}, unchanged");
    }
    format!("{rows}: {} written, {} removed", console::rows(written), console::rows(removed))
}

fn short(hash: &str) -> &str {
    hash.get(..HASH_DIGITS).unwrap_or(hash)
}

fn kilobytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1000)),
        _ => console::size(bytes),
    }
}
