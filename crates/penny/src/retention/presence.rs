//! Which output notebooks are where the history says: only those can go, and only those stand for the others.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::store::KeptOutput;

/// Output notebooks, by what is found of their files. One that cannot be looked at, since its drive is away, is in
/// neither list: it does not go, and nothing goes because of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Their files are there.
    pub there: Vec<KeptOutput>,
    /// Their files are gone from a folder that can be read.
    pub gone: Vec<KeptOutput>,
}

/// Looks for the files of output notebooks, in the order in which they come.
pub fn look(root: &Path, outputs: Vec<KeptOutput>) -> Looked {
    let mut looked = Looked::default();
    // A list of each folder instead of a look at each file: there may be a hundred thousand, on another computer.
    let mut folders: HashMap<PathBuf, Option<HashSet<OsString>>> = HashMap::new();
    for output in outputs {
        let path = root.join(&output.path);
        let folder = path.parent().unwrap_or(root);
        if !folders.contains_key(folder) {
            folders.insert(folder.to_owned(), files(folder).ok());
        }
        let Some(files) = &folders[folder] else { continue };
        if path.file_name().is_some_and(|name| files.contains(name)) {
            looked.there.push(output);
            continue;
        }
        // A folder may write a name otherwise than it was asked for, with accents apart; and it may be a link.
        match std::fs::metadata(&path) {
            Ok(file) if file.is_file() => looked.there.push(output),
            Ok(_) => {}
            Err(_) if std::fs::symlink_metadata(&path).is_ok() => {}
            Err(e) if e.kind() == ErrorKind::NotFound => looked.gone.push(output),
            Err(_) => {}
        }
    }
    looked
}

/// The names of the files in a folder; without links, which may lead nowhere.
fn files(folder: &Path) -> io::Result<HashSet<OsString>> {
    let mut files = HashSet::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.insert(entry.file_name());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Outcome;

    fn output(path: &str) -> KeptOutput {
        KeptOutput {
            run: 1,
            attempt: None,
            notebook: "n".into(),
            started: jiff::Timestamp::UNIX_EPOCH,
            outcome: Outcome::Succeeded,
            is_last_attempt: true,
            path: path.into(),
            bytes: 1,
            hash: None,
            is_recorded: false,
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_neither_there_nor_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = folder.path().join("outputs");
        std::fs::create_dir_all(outputs.join("c.ipynb")).expect("made");
        std::fs::write(outputs.join("a.ipynb"), "{}").expect("written");
        std::fs::write(folder.path().join("file"), "").expect("written");
        let paths = ["a.ipynb", "b.ipynb", "c.ipynb", "../outputs/a.ipynb", "../away/d.ipynb"];
        let mut all: Vec<KeptOutput> =
            paths.iter().map(|path| output(&format!("outputs/{path}"))).collect();
        all.push(output("file/e.ipynb"));
        let Looked { there, gone } = look(folder.path(), all);
        let paths = |list: &[KeptOutput]| -> Vec<String> {
            list.iter().map(|output| output.path.clone()).collect()
        };
        assert_eq!(paths(&there), ["outputs/a.ipynb", "outputs/../outputs/a.ipynb"]);
        assert_eq!(paths(&gone), ["outputs/b.ipynb"]);
    }
}
