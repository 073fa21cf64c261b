//! `cargo xtask bench`: Penny beside the programs that people use instead of it.
//!
//! Everything is real: the release build of `penny`, papermill and the others from PyPI, one PostgreSQL and one
//! simulated Pennylane for all. In each round every contestant has one turn, in an order of chance, so that
//! what disturbs the machine disturbs them all; what counts is the median, and the ratio of two medians.

mod contest;
mod dashboard;
mod execution;
mod many;
mod memory;
mod notebooks;
mod options;
mod processor;
mod programs;
mod publishing;
mod report;
mod service;
mod setting;
mod sync;
mod targets;

use std::path::Path;
use std::process::ExitCode;

use contest::Measured;
use options::{Options, Part};
use report::Report;
use setting::Setting;

pub use programs::{cannot, timed};

/// What went wrong, as a sentence.
pub type Result<T> = std::result::Result<T, String>;

/// Measures what the arguments name, and prints it.
pub fn bench(root: &Path, arguments: &[&str]) -> ExitCode {
    let options = match Options::parse(arguments) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("error: {wrong}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match measure(root, &options) {
        Ok(report) => finish(&report, &options),
        Err(wrong) => {
            eprintln!("error: {wrong}");
            ExitCode::FAILURE
        }
    }
}

fn measure(root: &Path, options: &Options) -> Result<Report> {
    let needs_servers = options.parts.iter().any(|part| part.needs_servers());
    let setting = Setting::prepare(root, options.penny.as_deref(), needs_servers)?;
    let mut measured: Vec<Measured> = Vec::new();
    for part in &options.parts {
        measured.extend(match part {
            Part::Execution => execution::measure(&setting, options)?,
            Part::Sync => sync::measure(&setting, options)?,
            Part::Publishing => publishing::measure(&setting, options)?,
            Part::Memory => memory::measure(&setting, options)?,
            Part::Many => many::measure(&setting, options)?,
            Part::Dashboard => dashboard::measure(&setting, options)?,
        });
    }
    Ok(Report::new(measured, options))
}

fn finish(report: &Report, options: &Options) -> ExitCode {
    print!("{}", if options.markdown { report.markdown() } else { report.text() });
    let Some(path) = &options.json else { return ExitCode::SUCCESS };
    match std::fs::write(path, report.json()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {} cannot be written: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
