//! The end of a sync: one line a notebook, then the totals.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::words;
use crate::store::{Outcome, Published};

/// What a sync came to.
pub struct Summary {
    /// One line a notebook, in the order they ran.
    pub lines: Vec<Line>,
    /// How long it took.
    pub elapsed: Duration,
    /// Where the output notebooks are, as the user sees it.
    pub outputs: String,
}

/// What one notebook came to.
pub struct Line {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// The tables it published.
    pub published: Vec<Published>,
    /// Why it did not succeed.
    pub error: Option<String>,
    /// What the user should know though it went well.
    pub warnings: Vec<String>,
    /// Its output notebook, relative to the workspace.
    pub output: Option<String>,
    /// How its kernel was started (`fork`, `spawn` or `gateway`), and why that way.
    pub kernel: Option<(String, String)>,
    /// How many places of its outputs held a secret, which was masked.
    pub masked: u64,
}

impl Summary {
    /// How many notebooks ended that way.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.lines.iter().filter(|l| l.outcome == outcome).count()
    }

    /// How many did not succeed.
    pub fn failures(&self) -> usize {
        self.lines.len() - self.count(Outcome::Succeeded)
    }

    /// "11 succeeded, 1 failed", and the rarer outcomes when there are some.
    pub fn totals(&self) -> String {
        let mut text = format!(
            "{} succeeded, {} failed",
            self.count(Outcome::Succeeded),
            self.count(Outcome::Failed)
        );
        for outcome in [Outcome::TimedOut, Outcome::Crashed, Outcome::Cancelled, Outcome::Skipped] {
            let count = self.count(outcome);
            if count > 0 {
                let _ = write!(text, ", {count} {}", outcome.word());
            }
        }
        text
    }

    /// All rows that were published.
    pub fn rows(&self) -> u64 {
        self.lines.iter().flat_map(|l| &l.published).map(|p| p.rows).sum()
    }

    /// The table as text.
    pub fn text(&self) -> String {
        let width = self.lines.iter().map(|l| l.name.chars().count()).max().unwrap_or(0).max(8);
        let mut out = format!(
            "  {:width$}  {:9}  {:>8}  {:>9}  table\n",
            "notebook", "outcome", "time", "rows"
        );
        for line in &self.lines {
            let head = format!(
                "{:width$}  {:9}  {:>8}",
                line.name,
                line.outcome.word(),
                words::duration(line.elapsed)
            );
            let mark = if line.outcome == Outcome::Succeeded { ' ' } else { '✗' };
            let mut cells = line.published.iter();
            match cells.next() {
                Some(p) => {
                    let _ = writeln!(out, "{mark} {head}  {:>9}  {}", words::rows(p.rows), p.table);
                }
                None => {
                    let _ = writeln!(out, "{mark} {head}  {:>9}  –", "–");
                }
            }
            for p in cells {
                let blank = head.chars().count();
                let _ = writeln!(out, "  {:blank$}  {:>9}  {}", "", words::rows(p.rows), p.table);
            }
        }
        let _ = write!(
            out,
            "\n{} · {} · {} published",
            self.totals(),
            words::duration(self.elapsed),
            words::count(usize::try_from(self.rows()).unwrap_or(usize::MAX), "row")
        );
        out
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let notebooks: Vec<Value> = self.lines.iter().map(Line::json).collect();
        json!({
            "succeeded": self.count(Outcome::Succeeded),
            "failed": self.count(Outcome::Failed),
            "timed_out": self.count(Outcome::TimedOut),
            "crashed": self.count(Outcome::Crashed),
            "cancelled": self.count(Outcome::Cancelled),
            "skipped": self.count(Outcome::Skipped),
            "elapsed_ms": self.elapsed.as_millis() as u64,
            "rows": self.rows(),
            "outputs": self.outputs,
            "notebooks": notebooks,
        })
    }
}

impl Line {
    fn json(&self) -> Value {
        let tables: Vec<Value> = self
            .published
            .iter()
            .map(|p| serde_json::from_str(&p.report).unwrap_or_else(|_| json!({"table": p.table})))
            .collect();
        json!({
            "name": self.name,
            "description": self.description,
            "outcome": self.outcome.word(),
            "elapsed_ms": self.elapsed.as_millis() as u64,
            "error": self.error,
            "warnings": self.warnings,
            "output": self.output,
            "kernel_start": self.kernel.as_ref().map(|k| &k.0),
            "kernel_start_reason": self.kernel.as_ref().map(|k| &k.1),
            "masked": self.masked,
            "tables": tables,
        })
    }
}
