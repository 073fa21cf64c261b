//! What `penny exec` came to.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Kind;
use crate::store::Outcome;

/// One execution, as it ended.
pub struct Report {
    /// How it ended; nothing when the notebook was only prepared.
    pub outcome: Option<Outcome>,
    /// Why it did not succeed.
    pub error: Option<String>,
    /// What the user should know though it went well.
    pub warnings: Vec<String>,
    /// How many places of the outputs held a secret, or what looks like one.
    pub masked: u64,
    /// How many code cells there are.
    pub cells: usize,
    /// How many of them ran to their end.
    pub cells_run: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// The kernel's name, if one was started.
    pub kernel: Option<String>,
    /// Where the output notebook is, as the user named it.
    pub output: Option<String>,
    /// What kept a result from being written where it belongs.
    pub trouble: Option<String>,
}

impl Report {
    /// The process's exit status.
    pub fn status(&self) -> u8 {
        match self.outcome {
            Some(Outcome::Cancelled) => Kind::Interrupted.status(),
            Some(Outcome::Failed | Outcome::Crashed | Outcome::TimedOut) => Kind::Notebook.status(),
            _ if self.trouble.is_some() => Kind::Missing.status(),
            _ => 0,
        }
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        json!({
            "outcome": self.outcome.map_or("prepared", Outcome::word),
            "status": self.status(),
            "masked": self.masked,
            "cells": self.cells,
            "cells_run": self.cells_run,
            "elapsed_ms": self.elapsed.as_millis() as u64,
            "kernel": self.kernel,
            "output": self.output,
            "error": self.error,
            "trouble": self.trouble,
            "warnings": self.warnings,
        })
    }
}
