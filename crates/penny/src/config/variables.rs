//! The variables of `.env`, with those of the process's environment before them.

use std::path::Path;

use super::dotenv;
use crate::error::{Error, Result};
use crate::surroundings::Surroundings;

/// Variables by name. A variable of the environment wins over the same one in `.env`, as with
/// python-dotenv, so that a container or a service can set what it must.
#[derive(Clone, Default)]
pub struct Variables {
    file: Vec<(String, String)>,
    outer: Vec<(String, String)>,
}

impl Variables {
    /// Reads `.env`; a missing file has no variables.
    ///
    /// # Errors
    /// A file that cannot be read, or lines that are no variables.
    pub fn read(path: &Path, surroundings: &Surroundings) -> Result<Variables> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(Error::file("read", path, e)),
        };
        let text = String::from_utf8(bytes).map_err(|_| {
            Error::usage(format!("{} is not UTF-8", path.display()))
                .hint("save it as UTF-8 in your editor")
        })?;
        let file = dotenv::parse(&text, &|name| surroundings.text(name)).map_err(|bad| {
            let lines: Vec<String> =
                bad.iter().map(|b| format!("{}:{}: {}", path.display(), b.line, b.why)).collect();
            Error::usage(lines.join("\nerror: "))
        })?;
        Ok(Variables { file, ..Variables::around(surroundings) })
    }

    /// Those of the environment alone.
    pub fn around(surroundings: &Surroundings) -> Variables {
        let outer = surroundings
            .variables()
            .iter()
            .filter_map(|(n, v)| Some((n.to_str()?.to_owned(), v.to_str()?.to_owned())))
            .filter(|(_, v)| !v.is_empty())
            .collect();
        Variables { file: Vec::new(), outer }
    }

    /// A variable's value; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let of = |list: &'_ [(String, String)]| list.iter().rposition(|(n, _)| n == name);
        of(&self.outer)
            .map(|i| self.outer[i].1.as_str())
            .or_else(|| of(&self.file).map(|i| self.file[i].1.as_str()))
            .filter(|v| !v.is_empty())
    }

    /// A variable that says where something is kept: one of `.env`, or of the environment when there is
    /// no `.env` at all (a container). A DATABASE_URL that another program left in the environment of
    /// a workspace with an `.env` is not meant for Penny.
    pub fn named(&self, name: &str) -> Option<&str> {
        let known = self.file.is_empty() || self.file.iter().any(|(n, _)| n == name);
        self.get(name).filter(|_| known)
    }

    /// The variables of the file with the values in force, in the file's order.
    pub fn of_file(&self) -> impl Iterator<Item = (&str, &str)> {
        self.file.iter().map(|(n, v)| (n.as_str(), self.get(n).unwrap_or(v)))
    }

    /// The variables of the file as they stand there, whatever the environment has in their place.
    pub fn as_written(&self) -> impl Iterator<Item = (&str, &str)> {
        self.file.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The variables of the environment.
    pub fn of_environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.outer.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The same in this environment, for tests.
    #[cfg(test)]
    pub fn in_environment(mut self, variables: &[(&str, &str)]) -> Variables {
        self.outer = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        self
    }

    /// The variables of a text, for tests.
    #[cfg(test)]
    pub fn of_text(text: &str) -> Variables {
        let file = dotenv::parse(text, &|_| None).expect("the text is right");
        Variables { file, outer: Vec::new() }
    }
}
