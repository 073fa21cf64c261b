//! What the files of the repository are like.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Findings;

/// A file is one idea.
const LINES_MAX: usize = 500;
/// What a longer file must say near its top.
const REASON: &str = "Long because";
const NAMES_NOT_USED: &[&str] =
    &["common", "utils", "util", "helpers", "helper", "manager", "misc"];

/// The files under version control, and those that are about to be.
pub fn tracked(root: &Path) -> Vec<String> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = command.current_dir(root).output().expect("git is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut files: Vec<String> =
        text.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    files.retain(|p| root.join(p).is_file());
    files.sort();
    files.dedup();
    files
}

pub fn check(root: &Path, files: &[String], findings: &mut Findings) {
    let module = fs::read_to_string(root.join("crates/penny/src/workspace/python_module.rs"));
    let module = module.unwrap_or_default();
    for path in files {
        let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if NAMES_NOT_USED.contains(&stem.as_str()) {
            findings.add(path, "a name that says nothing");
        }
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        if path.ends_with(".rs") || path.ends_with(".py") {
            check_source(path, &text, findings);
        }
        if path.starts_with("python/penny/")
            && path.ends_with(".py")
            && !module.contains(&path["python/".len()..])
        {
            findings.add(path, "the binary does not carry this file: list it in python_module.rs");
        }
        if path.starts_with("notebooks/")
            && (text.contains("\"output_type\"") || !text.contains("\"outputs\": []"))
        {
            findings.add(path, "a notebook of the catalogue has outputs: clear them");
        }
        if text.contains('\r') && !path.contains("/corpus/") {
            findings.add(path, "a line ends with a carriage return");
        }
    }
}

fn check_source(path: &str, text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    let reason = text.lines().take(20).any(|l| l.contains(REASON));
    if lines > LINES_MAX && !reason {
        findings.add(
            path,
            format!("{lines} lines: a file is one idea (or says \"{REASON} …\" at its top)"),
        );
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.add(path, "the last line does not end");
    }
}
