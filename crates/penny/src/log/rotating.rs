//! A file that is set aside when it has grown: `x.log` becomes `x.log.1`, that `x.log.2`, the last one goes.
//!
//! The file is opened for each line and let go: several commands of a workspace write the same log, any of
//! them may set it aside, and a user may move it away. A line that cannot be written, as on a full disk, is
//! counted and told of once there is room again; it never ends anything.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A log file with its predecessors.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    bytes_max: u64,
    kept: usize,
    /// Lines that could not be written since the last that could.
    lost: u64,
}

impl Rotating {
    /// One that grows up to so many bytes, with so many earlier files.
    pub fn new(path: &Path, bytes_max: u64, kept: usize) -> Rotating {
        Rotating { path: path.to_owned(), bytes_max, kept, lost: 0 }
    }

    /// Whether it can be written now.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn check(&self) -> io::Result<()> {
        self.file().map(drop)
    }

    /// Adds a line (or several); whether they are in the file.
    pub fn add(&mut self, line: &[u8]) -> bool {
        match self.try_add(line) {
            Ok(()) => {
                self.lost = 0;
                true
            }
            Err(_) => {
                self.lost += 1;
                false
            }
        }
    }

    fn try_add(&self, line: &[u8]) -> io::Result<()> {
        let mut file = self.file()?;
        if file.metadata()?.len() >= self.bytes_max {
            // Closed first: Windows renames no open file.
            drop(file);
            self.set_aside();
            file = self.file()?;
        }
        let mut whole = Vec::with_capacity(line.len());
        if self.lost > 0 {
            let told = format!("({} before this could not be written here)\n", lines(self.lost));
            whole.extend_from_slice(told.as_bytes());
        }
        whole.extend_from_slice(line);
        // In one piece: lines of two commands never mix.
        file.write_all(&whole)
    }

    fn file(&self) -> io::Result<File> {
        let open = || File::options().create(true).append(true).open(&self.path);
        match open() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
                open()
            }
            opened => opened,
        }
    }

    /// What cannot be renamed stays: a file that is too long is better than a line that is lost.
    fn set_aside(&self) {
        let earlier = |number: usize| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..self.kept).rev() {
            let _ = fs::rename(earlier(number), earlier(number + 1));
        }
        let _ = fs::rename(&self.path, earlier(1));
    }
}

fn lines(count: u64) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("read").map(|e| e.expect("an entry").file_name());
        let mut names: Vec<_> = entries.map(|n| n.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_grown_file_is_set_aside_and_the_last_one_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.log");
        let mut log = Rotating::new(&path, 10, 2);
        for number in 0..5 {
            assert!(log.add(format!("line {number} …\n").as_bytes()));
        }
        assert_eq!(names(folder.path()), ["x.log", "x.log.1", "x.log.2"]);
        assert_eq!(fs::read_to_string(&path).expect("read"), "line 4 …\n");
        let before = fs::read_to_string(folder.path().join("x.log.2")).expect("read");
        assert_eq!(before, "line 2 …\n");
    }

    #[test]
    fn two_writers_lose_no_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.log");
        let mut one = Rotating::new(&path, 40, 9);
        let mut two = Rotating::new(&path, 40, 9);
        for number in 0..10 {
            assert!(one.add(format!("one {number}\n").as_bytes()));
            assert!(two.add(format!("two {number}\n").as_bytes()));
        }
        let text: String = names(folder.path())
            .iter()
            .map(|name| fs::read_to_string(folder.path().join(name)).expect("read"))
            .collect();
        assert_eq!(text.lines().count(), 20, "{text}");
    }

    #[test]
    fn lines_that_could_not_be_written_are_counted_and_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logs").join("x.log");
        fs::create_dir(path.parent().expect("a folder")).expect("made");
        let mut log = Rotating::new(&path, 1000, 2);
        assert!(log.add(b"one\n"));
        // A file where the folder has to be: nobody can write there, not even root.
        fs::remove_dir_all(folder.path().join("logs")).expect("removed");
        fs::write(folder.path().join("logs"), "").expect("written");
        assert!(!log.add(b"two\n"));
        assert!(!log.add(b"three\n"));
        fs::remove_file(folder.path().join("logs")).expect("removed");
        assert!(log.add(b"four\n"));
        let text = fs::read_to_string(&path).expect("read");
        assert_eq!(text, "(2 lines before this could not be written here)\nfour\n");
    }
}
