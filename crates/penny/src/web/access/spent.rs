//! What must not work again: links that were used, sessions that were ended. It is kept in a file of its own, not in
//! the history, which can be made anew from the output notebooks and would then have forgotten it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::token::Id;
use crate::files;

/// No more than this is remembered; beyond it a new key has to end everything at once.
pub const REMEMBERED_MAX: usize = 10_000;

/// What is spent, each until it would have ended by itself.
pub struct Spent {
    path: PathBuf,
    known: Mutex<HashMap<Id, Timestamp>>,
}

/// What became of something that was to be spent.
#[derive(Debug, PartialEq, Eq)]
pub enum Spending {
    /// It had not been spent before, and now is.
    Now,
    /// It had been.
    Before,
    /// There is room for no more.
    Full,
}

impl Spent {
    /// Reads what was spent, without what is over by now. A last line that was cut off by a failing power counts for
    /// nothing: whoever spent it got no answer.
    pub fn open(path: &Path, now: Timestamp) -> Spent {
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut known: HashMap<Id, Timestamp> = text.lines().filter_map(read).collect();
        known.retain(|_, until| *until > now);
        let lines: String = known.iter().map(|(id, until)| line(id, *until)).collect();
        if !text.is_empty()
            && let Err(e) = files::write_private(path, lines.as_bytes())
        {
            tracing::debug!("{} could not be written: {e}", path.display());
        }
        Spent { path: path.to_owned(), known: Mutex::new(known) }
    }

    /// Whether it was spent.
    pub fn has(&self, id: &Id) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// Spends it, on the disk before anybody hears of it: it stays spent whatever happens then.
    ///
    /// # Errors
    /// The file cannot be written; it is then not spent.
    pub fn spend(&self, id: Id, until: Timestamp, now: Timestamp) -> io::Result<Spending> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(&id) {
            return Ok(Spending::Before);
        }
        known.retain(|_, until| *until > now);
        if known.len() >= REMEMBERED_MAX {
            return Ok(Spending::Full);
        }
        self.append(&line(&id, until))?;
        known.insert(id, until);
        Ok(Spending::Now)
    }

    /// Forgets everything: a new key has made it worthless.
    pub fn forget(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
        let _ = fs::remove_file(&self.path);
    }

    fn append(&self, line: &str) -> io::Result<()> {
        if !self.path.exists() {
            files::write_private(&self.path, b"")?;
        }
        let mut file = File::options().append(true).open(&self.path)?;
        let before = file.metadata()?.len();
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a line would spoil the next one.
            let _ = file.set_len(before);
        }
        written
    }
}

fn line(id: &Id, until: Timestamp) -> String {
    let mut line = String::new();
    for byte in id {
        let _ = write!(line, "{byte:02x}");
    }
    let _ = writeln!(line, " {}", until.as_second());
    line
}

fn read(line: &str) -> Option<(Id, Timestamp)> {
    let (id, until) = line.split_once(' ')?;
    let bytes: Option<Vec<u8>> = (0..id.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(id.get(at..at + 2)?, 16).ok())
        .collect();
    let until = Timestamp::from_second(until.parse().ok()?).ok()?;
    Some((bytes?.try_into().ok()?, until))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn what_is_spent_stays_spent_until_it_would_have_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("web.spent");
        let spent = Spent::open(&path, at(0));
        assert_eq!(spent.spend([1; 16], at(24), at(0)).expect("written"), Spending::Now);
        assert_eq!(spent.spend([1; 16], at(24), at(0)).expect("written"), Spending::Before);
        assert_eq!(spent.spend([2; 16], at(1), at(0)).expect("written"), Spending::Now);
        assert!(!crate::platform::readable_by_others(&path));
        let again = Spent::open(&path, at(2));
        assert!(again.has(&[1; 16]));
        assert!(!again.has(&[2; 16]));
        assert_eq!(fs::read_to_string(&path).expect("read").lines().count(), 1);
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_none_of_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("web.spent");
        let whole = line(&[1; 16], at(24));
        fs::write(&path, format!("{whole}0202é\n{}", &line(&[2; 16], at(24))[..20]))
            .expect("written");
        let spent = Spent::open(&path, at(0));
        assert_eq!(spent.spend([3; 16], at(24), at(0)).expect("written"), Spending::Now);
        let again = Spent::open(&path, at(0));
        assert!(again.has(&[1; 16]) && again.has(&[3; 16]) && !again.has(&[2; 16]));
    }

    #[test]
    fn there_is_room_for_so_many_and_again_once_they_are_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("web.spent");
        let full: String =
            (0..REMEMBERED_MAX as u128).map(|number| line(&number.to_be_bytes(), at(24))).collect();
        fs::write(&path, full).expect("written");
        let spent = Spent::open(&path, at(0));
        assert_eq!(spent.spend([9; 16], at(24), at(0)).expect("read"), Spending::Full);
        assert_eq!(spent.spend([9; 16], at(49), at(25)).expect("read"), Spending::Now);
    }

    #[test]
    fn what_cannot_be_written_down_is_not_spent() {
        let folder = tempfile::tempdir().expect("a folder");
        let spent = Spent::open(&folder.path().join("missing").join("web.spent"), at(0));
        assert!(spent.spend([1; 16], at(24), at(0)).is_err());
        assert!(!spent.has(&[1; 16]));
    }
}
