//! What installers say, in the user's words.

use std::collections::VecDeque;

use crate::error::Error;
use crate::platform;

/// The last lines of an installer.
#[derive(Default)]
pub struct Tail {
    lines: VecDeque<String>,
}

const TAIL_LINES: usize = 60;

impl Tail {
    /// Adds a line; only the last ones are kept.
    pub fn push(&mut self, line: String) {
        if self.lines.len() == TAIL_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    fn text(&self) -> String {
        self.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// How far an installer is.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// One library of many.
    Detail(String),
    /// What begins now, and may take long.
    Phase(String),
}

/// What a line of pip or uv tells of its progress.
pub fn progress(line: &str) -> Option<Progress> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("Collecting ") {
        let name = rest.split([' ', '<', '>', '=', '!', '~', '(']).next()?;
        return Some(Progress::Detail(format!("looking for {name}")));
    }
    if let Some(rest) = line.strip_prefix("Downloading ").or(line.strip_prefix("Using cached ")) {
        let (file, size) = rest.rsplit_once(" (").unwrap_or((rest, ""));
        let file = file.rsplit('/').next()?.split('-').next()?;
        let size = size.trim_end_matches(')');
        return Some(Progress::Detail(match size {
            "" => format!("downloading {file}"),
            size => format!("downloading {file}, {size}"),
        }));
    }
    if let Some(rest) = line.strip_prefix("Installing collected packages:") {
        let count = rest.split(',').count();
        return Some(Progress::Phase(format!("installing {count} packages")));
    }
    if line.starts_with("Prepared ") || line.starts_with("Resolved ") {
        return Some(Progress::Phase(line.to_lowercase()));
    }
    None
}

/// The sentence and the remedy for a failed installer.
pub fn failure(what: &str, said: &Tail) -> Error {
    let text = said.text();
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if has(&["ensurepip is not", "No module named venv", "No module named ensurepip"]) {
        return Error::missing(format!("{what}: this Python has no venv module"))
            .hint(platform::VENV_REMEDY);
    }
    if has(&["No space left on device", "not enough space on the disk", "os error 28"]) {
        return Error::missing(format!("{what}: the disk is full"))
            .hint("free about 1 GB, then run the command again");
    }
    if has(&["CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "certificate verify failed"])
    {
        return Error::missing(format!("{what}: the package index's certificate is not trusted"))
            .hint(
                "behind a company proxy, set PIP_CERT (or SSL_CERT_FILE) to its certificate file",
            );
    }
    if has(&[
        "name resolution",
        "NameResolutionError",
        "getaddrinfo failed",
        "Failed to establish a new connection",
        "Network is unreachable",
        "ConnectTimeout",
        "Connection refused",
        "ProxyError",
        "dns error",
        "error sending request",
        "tcp connect error",
    ]) {
        return Error::missing(format!("{what}: the package index cannot be reached")).hint(
            "check the network; behind a proxy, set HTTPS_PROXY; for an index of your own, \
                   PIP_INDEX_URL (UV_INDEX_URL with uv)",
        );
    }
    // uv breaks its sentences into lines.
    let text_in_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(name) = unknown(&text_in_line) {
        return Error::missing(format!(
            "{what}: the package index has no `{name}` for this Python"
        ))
        .hint("correct its line in requirements.txt");
    }
    if let Some(libraries) = contradicting(&text_in_line) {
        return Error::missing(format!("{what}: these libraries do not go together: {libraries}"))
            .hint("change their versions in requirements.txt");
    }
    let last: Vec<&str> = text.lines().rev().filter(|l| !l.trim().is_empty()).take(3).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Error::missing(format!("{what}:\n  {}", last.join("\n  ")))
        .hint("correct what it says, then run the command again")
}

/// The library that an installer did not find.
fn unknown(text: &str) -> Option<&str> {
    let of_pip = text.split_once("No matching distribution found for ").map(|(_, rest)| rest);
    let of_uv = || {
        let said = because(text)?;
        let rest = said
            .strip_prefix("there is no version of ")
            .or_else(|| said.strip_prefix("there are no versions of "));
        rest.or_else(|| said.split_once(" was not found in").map(|_| said))
    };
    let name = of_pip.or_else(of_uv)?.split(' ').next().unwrap_or_default();
    Some(name.trim_end_matches('.'))
}

/// The libraries that an installer cannot have together, as it says it.
fn contradicting(text: &str) -> Option<&str> {
    if let Some((_, rest)) = text.split_once("Cannot install ") {
        return Some(rest.split_once(" because ").map_or(rest, |(libraries, _)| libraries));
    }
    let said = because(text)?;
    Some(said.split_once(", we can conclude").map_or(said, |(libraries, _)| libraries))
}

/// What uv gives as its reason.
fn because(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("No solution found")?;
    rest.split_once("Because ").map(|(_, said)| said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let mut tail = Tail::default();
        tail.push(line.to_owned());
        assert_eq!(failure("it failed", &tail).sentence(), expected);
    }

    #[test]
    fn each_failure_has_its_sentence() {
        check(
            "The virtual environment was not created successfully because ensurepip is not\navailable.",
            "it failed: this Python has no venv module",
        );
        check(
            "NewConnectionError: Failed to establish a new connection: [Errno 111]",
            "it failed: the package index cannot be reached",
        );
        check(
            "ERROR: No matching distribution found for pandsa",
            "it failed: the package index has no `pandsa` for this Python",
        );
        let no = "No solution found when resolving dependencies:\n  ╰─▶ Because";
        check(
            &format!("{no} pandsa was not found in the package registry and you require\n pandsa"),
            "it failed: the package index has no `pandsa` for this Python",
        );
        check(
            &format!("{no} there is no version of idna==99 and you require idna==99, we can"),
            "it failed: the package index has no `idna==99` for this Python",
        );
        let together = "it failed: these libraries do not go together: ";
        check(
            &format!("{no} you require idna==3.7\n      and idna==3.8, we can conclude that"),
            &format!("{together}you require idna==3.7 and idna==3.8"),
        );
        check(
            "ERROR: Cannot install idna==3.7 and idna==3.8 because these package versions have\n\
             conflicting dependencies.\nERROR: ResolutionImpossible: for help visit https://pip",
            &format!("{together}idna==3.7 and idna==3.8"),
        );
        check("ERROR: something else", "it failed:\n  ERROR: something else");
    }

    #[test]
    fn progress_is_told_in_plain_words() {
        let line = "  Downloading pandas-2.3.1-cp311-manylinux.whl (12.4 MB)";
        let detail = |text: &str| Some(Progress::Detail(text.to_owned()));
        assert_eq!(progress(line), detail("downloading pandas, 12.4 MB"));
        assert_eq!(progress("Collecting numpy>=1.26.0 (from pandas)"), detail("looking for numpy"));
        let line = "Installing collected packages: a, b";
        assert_eq!(progress(line), Some(Progress::Phase("installing 2 packages".to_owned())));
    }
}
