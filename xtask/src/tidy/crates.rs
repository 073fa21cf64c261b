//! Who may depend on whom.

use std::fs;
use std::path::Path;

use toml_edit::{DocumentMut, Item};

use super::Findings;

/// The leaves: none knows another.
pub const LEAVES: &[&str] = &[
    "penny-schedule",
    "penny-notebook",
    "penny-html",
    "penny-kernel",
    "penny-pennylane",
    "penny-postgres",
    "penny-sandbox",
];
/// The pure ones: no runtime, clock, environment or file.
pub const PURE: &[&str] = &["penny-schedule", "penny-notebook", "penny-html"];

/// What a pure crate may depend on.
const PURE_MAY_USE: &[&str] = &[
    "aho-corasick",
    "base64",
    "html5gum",
    "jiff",
    "memchr",
    "pulldown-cmark",
    "pulldown-latex",
    "serde",
    "serde_json",
    "strsim",
    "thiserror",
];
/// TLS is rustls with ring; nothing downloads or builds another.
const BANNED: &[&str] =
    &["openssl-sys", "native-tls", "aws-lc-sys", "aws-lc-rs", "postgresql_embedded"];

pub fn check(root: &Path, findings: &mut Findings) {
    for leaf in LEAVES {
        let place = format!("crates/{leaf}/Cargo.toml");
        let Some(manifest) = read(&root.join(&place)) else {
            findings.add(&place, "cannot be read");
            continue;
        };
        for dependency in dependencies(manifest.as_item(), true) {
            if dependency == "penny" || LEAVES.contains(&dependency.as_str()) {
                findings.add(&place, format!("a leaf depends on its sibling {dependency}"));
            }
        }
        if PURE.contains(leaf) {
            for dependency in dependencies(manifest.as_item(), false) {
                if !PURE_MAY_USE.contains(&dependency.as_str()) {
                    findings.add(&place, format!("a pure crate depends on {dependency}"));
                }
            }
        }
    }
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    for banned in BANNED {
        if lock.contains(&format!("name = \"{banned}\"")) {
            findings.add("Cargo.lock", format!("{banned} came in"));
        }
    }
}

fn read(path: &Path) -> Option<DocumentMut> {
    fs::read_to_string(path).ok()?.parse().ok()
}

/// The names in every `[dependencies]`, those of targets too.
fn dependencies(manifest: &Item, with_dev: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut tables = vec![manifest.get("dependencies"), manifest.get("build-dependencies")];
    if with_dev {
        tables.push(manifest.get("dev-dependencies"));
    }
    if let Some(targets) = manifest.get("target").and_then(Item::as_table_like) {
        tables.extend(targets.iter().map(|(_, target)| target.get("dependencies")));
    }
    for table in tables.into_iter().flatten().filter_map(Item::as_table_like) {
        names.extend(table.iter().map(|(name, _)| name.to_owned()));
    }
    names
}
