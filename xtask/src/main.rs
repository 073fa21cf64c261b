//! The chores of the project: `cargo xtask tidy`, `cargo xtask bench`, `cargo xtask screenshots`.

mod bench;
mod screenshots;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy::tidy(&root()),
        ["bench", arguments @ ..] => bench::bench(&root(), arguments),
        ["screenshots"] => screenshots::screenshots(&root()),
        _ => {
            eprintln!(
                "usage: cargo xtask tidy           checks the rules that ARCHITECTURE.md states\n       \
                 cargo xtask bench          measures Penny beside others; --help tells more\n       \
                 cargo xtask screenshots    takes the pictures of docs/images in Chromium"
            );
            ExitCode::from(2)
        }
    }
}

/// The repository's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("xtask is in the repository")
}
