//! The rules of ARCHITECTURE.md, checked.

mod crates;
mod files;
mod sources;

use std::path::Path;
use std::process::ExitCode;

/// Every rule that is broken, with its place.
#[derive(Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Notes one.
    pub fn add(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.0.push(format!("{place}: {what}"));
    }
}

/// Checks all rules and prints what breaks them.
pub fn tidy(root: &Path) -> ExitCode {
    let mut findings = Findings::default();
    let files = files::tracked(root);
    crates::check(root, &mut findings);
    sources::check(root, &files, &mut findings);
    files::check(root, &files, &mut findings);
    for finding in &findings.0 {
        println!("{finding}");
    }
    match findings.0.len() {
        0 => {
            println!("tidy: {} files, every rule holds", files.len());
            ExitCode::SUCCESS
        }
        count => {
            println!("tidy: {count} rules broken");
            ExitCode::FAILURE
        }
    }
}
