//! A kernel's own folder, and those that a Penny which was killed left behind.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::platform;

/// What its folders are called in a folder of Penny's own: short, since the path of a socket must be.
pub(crate) const OWN_PREFIX: &str = "k";
/// The same in a folder that others use, too.
pub(crate) const SHARED_PREFIX: &str = "penny-k";
/// Held under a lock for as long as the folder is needed: the lock ends with its holder, however that
/// ends.
const LOCK: &str = "lock";
/// A folder without its lock is being made, or was left behind in that moment.
const MAKING_PATIENCE: Duration = Duration::from_secs(3600);

/// A folder that is removed with the value.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Makes one in `parent`, which only its owner may enter.
    pub(crate) fn make(parent: &Path, prefix: &str) -> io::Result<Folder> {
        let folder = platform::create_temporary_folder(parent, prefix)?;
        let unlocked = folder.path().join("new");
        let lock = platform::create_private_file(&unlocked)?;
        lock.lock()?;
        // Only now does it have its name: nobody sees it without its holder.
        fs::rename(&unlocked, folder.path().join(LOCK))?;
        Ok(Folder { folder, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders in `parent` whose holders are gone. What cannot be removed stays.
pub(crate) fn remove_stale(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.filter_map(Result::ok) {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix));
        // Not followed if it is a link.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && is_folder && is_stale(&entry.path()) {
            tracing::debug!(folder = %entry.path().display(), "a folder left behind is removed");
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

fn is_stale(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => age(folder) > MAKING_PATIENCE,
        // Somebody else's.
        Err(_) => false,
    }
}

fn age(folder: &Path) -> Duration {
    let made = fs::metadata(folder).and_then(|metadata| metadata.modified());
    made.ok().and_then(|made| SystemTime::now().duration_since(made).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(parent: &Path) -> usize {
        fs::read_dir(parent).unwrap().count()
    }

    #[test]
    fn a_folder_stays_while_it_is_held_and_goes_with_its_value() {
        let parent = tempfile::tempdir().unwrap();
        let held = Folder::make(parent.path(), OWN_PREFIX).unwrap();
        remove_stale(parent.path(), OWN_PREFIX);
        assert!(held.path().exists());
        drop(held);
        assert_eq!(folders(parent.path()), 0);
    }

    #[test]
    fn a_folder_whose_holder_is_gone_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        // As the system leaves it when the holder is killed: the lock is gone, the folder is not.
        let Folder { folder, _lock } = Folder::make(parent.path(), OWN_PREFIX).unwrap();
        let left = folder.keep();
        fs::write(left.join("s-1"), "").unwrap();
        drop(_lock);
        remove_stale(parent.path(), OWN_PREFIX);
        assert!(!left.exists());
    }

    #[test]
    fn what_is_not_known_to_be_left_behind_stays() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("kmaking")).unwrap();
        fs::create_dir_all(parent.path().join("others").join(LOCK)).unwrap();
        fs::write(parent.path().join("kfile"), "").unwrap();
        remove_stale(parent.path(), OWN_PREFIX);
        assert_eq!(folders(parent.path()), 3);
    }
}
