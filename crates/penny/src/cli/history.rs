//! `penny history`.

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Context, print};
use crate::clock::Clock;
use crate::console::{self, Paint};
use crate::error::Result;
use crate::looking;
use crate::store::{Outcome, PublishRecord, RunFilter, RunRecord, Store};

/// A page is so wide.
const WIDTH: usize = 100;
/// A longer name of a notebook is cut.
const NAME_MAX: usize = 24;

const OUTCOMES: [&str; 6] = ["succeeded", "failed", "timed-out", "cancelled", "crashed", "skipped"];

#[derive(Args)]
pub struct HistoryOptions {
    /// The notebooks whose runs to show [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Only the runs that ended so; several with commas between them
    #[arg(long, value_delimiter = ',', value_parser = OUTCOMES)]
    pub outcome: Vec<String>,
    /// Only the runs since then: 7d, 12h, yesterday, 2026-11-01
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// At most so many runs
    #[arg(long, short = 'n', value_name = "N", default_value_t = 25,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Makes the history anew from the output notebooks; the present one is set aside
    #[arg(long, conflicts_with_all = ["names", "outcome", "since", "limit"])]
    pub rebuild: bool,
    /// The same as JSON
    #[arg(long)]
    pub json: bool,
}

pub async fn history(context: &Context, options: &HistoryOptions) -> Result<u8> {
    if options.rebuild {
        return super::rebuild::rebuild(context, options.json).await;
    }
    let workspace = context.workspace()?;
    let store = Store::open(&workspace.history())?;
    let (now, zone) = (Clock::new(&context.surroundings).wall(), &workspace.config.zone);
    let since = options.since.as_deref().map(|text| looking::since(text, now, zone)).transpose()?;
    let outcomes = options.outcome.iter().map(|word| word.replace('-', " "));
    let filter = RunFilter {
        notebooks: looking::names(&store, &workspace.config, &options.names)?,
        outcomes: outcomes.filter_map(|word| Outcome::of_word(&word)).collect(),
        since,
        limit: options.limit as usize,
        ..RunFilter::default()
    };
    let mut runs = store.runs(&filter)?;
    looking::find_cut_off(&mut runs, &workspace);
    let runs: Vec<(RunRecord, Vec<PublishRecord>)> = runs
        .into_iter()
        .map(|run| store.publishes_of(run.id).map(|publishes| (run, publishes)))
        .collect::<Result<_>>()?;
    let matching = store.count_runs(&filter)?;
    if options.json {
        print(&format!("{:#}", looking::runs_json(&runs, matching)));
    } else {
        let paint = Paint::of_output(&context.surroundings);
        print(&page(&runs, matching, now, zone, paint));
    }
    Ok(0)
}

/// A line a run, with its error below it.
fn page(
    runs: &[(RunRecord, Vec<PublishRecord>)],
    matching: u64,
    now: Timestamp,
    zone: &TimeZone,
    paint: Paint,
) -> String {
    if runs.is_empty() {
        return "no run matches".to_owned();
    }
    let lines: Vec<Columns> =
        runs.iter().map(|(run, publishes)| Columns::of(run, publishes, now, zone)).collect();
    let titles = Columns::titles();
    let width = |column: usize| {
        lines.iter().chain([&titles]).map(|line| line.0[column].chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.0.len()).map(width).collect();
    let mut page = vec![paint.faint(&titles.text(&widths, |_, text| text.to_owned()))];
    for (line, (run, _)) in lines.iter().zip(runs) {
        let paints = |column: usize, text: &str| match (column, run.outcome) {
            (4, outcome) => coloured(paint, outcome, text),
            _ => text.to_owned(),
        };
        page.push(line.text(&widths, paints));
        let is_failure = !matches!(run.outcome, None | Some(Outcome::Succeeded));
        if let Some(error) = looking::short_error(run).filter(|_| is_failure) {
            let margin = " ".repeat(widths[0] + 2);
            page.push(paint.faint(&console::cut(&format!("{margin}└ {error}"), WIDTH)));
        }
    }
    let is_failure = |run: &&RunRecord| {
        !matches!(run.outcome, None | Some(Outcome::Succeeded | Outcome::Skipped))
    };
    if let Some(failed) = runs.iter().map(|(run, _)| run).find(is_failure) {
        page.push(paint.faint(&format!("\n`penny show {}` tells more of a run", failed.id)));
    }
    let shown = runs.len() as u64;
    if matching > shown {
        page.push(paint.faint(&format!(
            "the last {} of {} runs; --limit shows more",
            console::rows(shown),
            console::rows(matching)
        )));
    }
    page.join("\n")
}

/// What stands in the columns of a line.
struct Columns([String; 8]);

impl Columns {
    fn titles() -> Columns {
        let titles =
            ["run", "notebook", "started", "took", "outcome", "trigger", "rows", "changed"];
        Columns(titles.map(str::to_owned))
    }

    fn of(
        run: &RunRecord,
        publishes: &[PublishRecord],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Columns {
        let until = run.ended.unwrap_or(now);
        let took = until.duration_since(run.started).try_into().unwrap_or_default();
        let ran = run.outcome != Some(Outcome::Skipped) && !run.cut_off;
        let json = looking::run_json(run, publishes);
        let count = |name: &str| json[name].as_u64().unwrap_or(0);
        Columns([
            run.id.to_string(),
            console::cut(&run.notebook, NAME_MAX),
            looking::when(run.started, now, zone),
            if ran { console::duration(took) } else { "–".to_owned() },
            run.word().to_owned(),
            run.trigger.clone(),
            if publishes.is_empty() { "–".to_owned() } else { console::rows(count("rows")) },
            changed(publishes, count("rows_inserted"), count("rows_deleted")),
        ])
    }

    /// Numbers to the right, words to the left.
    fn text(&self, widths: &[usize], paint: impl Fn(usize, &str) -> String) -> String {
        let cells = self.0.iter().zip(widths).enumerate().map(|(column, (text, width))| {
            let fitted = match column {
                0 | 3 | 6 => format!("{text:>width$}"),
                _ => format!("{text:width$}"),
            };
            paint(column, &fitted)
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

fn changed(publishes: &[PublishRecord], written: u64, removed: u64) -> String {
    match (publishes.is_empty(), written, removed) {
        (true, ..) => "–".to_owned(),
        (false, 0, 0) => "unchanged".to_owned(),
        (false, written, 0) => format!("+{}", console::rows(written)),
        (false, 0, removed) => format!("−{}", console::rows(removed)),
        (false, written, removed) => {
            format!("+{} −{}", console::rows(written), console::rows(removed))
        }
    }
}

/// An outcome's word in its colour.
pub(super) fn coloured(paint: Paint, outcome: Option<Outcome>, text: &str) -> String {
    match outcome {
        Some(Outcome::Succeeded) => paint.good(text),
        Some(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed) => paint.bad(text),
        Some(Outcome::Cancelled) | None => paint.odd(text),
        Some(Outcome::Skipped) => paint.faint(text),
    }
}
