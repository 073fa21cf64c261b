//! What the Rust sources may say, and where.

use std::fs;
use std::path::Path;

use super::Findings;
use super::crates::PURE;

/// Where something is forbidden, what it is, and why.
struct Rule {
    /// Whether the rule is about this file, by its path in the repository.
    about: fn(&str) -> bool,
    /// Any of these breaks it.
    words: &'static [&'static str],
    /// What to tell.
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        about: is_pure,
        words: &[
            "std::fs",
            "std::env",
            "std::net",
            "std::process",
            "SystemTime",
            "Instant",
            "::now()",
            "tokio",
        ],
        why: "a pure crate knows no file, environment, clock or runtime",
    },
    Rule {
        about: |path| is_product(path) && !path.contains("/platform"),
        words: &[
            "cfg(unix)",
            "cfg(windows)",
            "cfg!(unix)",
            "cfg!(windows)",
            "target_os",
            "std::os::",
        ],
        why: "what differs between systems is in a `platform` module",
    },
    Rule {
        about: |path| is_product(path) && path != "crates/penny/src/surroundings.rs",
        words: &[
            "env::var",
            "env::vars",
            "env::current_dir",
            "env::current_exe",
            "env::args",
            "env::set_var",
        ],
        why: "the environment is read in surroundings.rs alone",
    },
    Rule {
        about: |path| path.starts_with("crates/penny/src/cli/"),
        words: &["rusqlite", "tokio_postgres", "penny_kernel", "penny_notebook"],
        why: "the command line asks and shows; the rules live elsewhere",
    },
    Rule {
        about: is_product,
        words: &["todo!(", "unimplemented!(", "dbg!(", "#[allow(", "#![allow("],
        why: "unfinished, or a warning silenced without a reason",
    },
];

fn is_pure(path: &str) -> bool {
    PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")))
}

fn is_product(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/")
}

pub fn check(root: &Path, files: &[String], findings: &mut Findings) {
    for path in files.iter().filter(|p| p.ends_with(".rs")) {
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        for (index, line) in text.lines().enumerate() {
            // Tests stand at a file's end; they may look at what the product may not.
            if line.trim() == "#[cfg(test)]" {
                break;
            }
            if line.trim_start().starts_with("//") {
                continue;
            }
            for rule in RULES.iter().filter(|r| (r.about)(path)) {
                if let Some(word) = rule.words.iter().find(|w| line.contains(**w)) {
                    findings
                        .add(format!("{path}:{}", index + 1), format!("`{word}`: {}", rule.why));
                }
            }
        }
    }
}
