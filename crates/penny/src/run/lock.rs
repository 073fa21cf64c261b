//! Only one sync of a workspace at a time.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Only one sync at a time: the lock of a workspace, let go when this is dropped or its process dies.
pub struct SyncLock {
    _file: std::fs::File,
}

impl SyncLock {
    /// Takes it.
    ///
    /// # Errors
    /// Another process holds it: who, and since when.
    pub fn take(workspace: &Workspace) -> Result<SyncLock> {
        use std::io::{Read as _, Seek as _, Write as _};
        let own = workspace.own();
        crate::platform::private_folder(&own)
            .map_err(|e| Error::file("make the folder", &own, e))?;
        let path: PathBuf = own.join("sync.lock");
        let options = std::fs::File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path);
        let mut file = options.map_err(|e| Error::file("write", &path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::Error(e)) => return Err(Error::file("lock", &path, e)),
            Err(std::fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
                return Err(Error::missing(format!(
                    "a sync of this workspace is under way already ({})",
                    holder.trim()
                ))
                .hint("wait until it has ended, or end it with Ctrl-C where it runs"));
            }
        }
        let now = jiff::Zoned::now().strftime("%-d %B, %H:%M:%S").to_string();
        let said = format!("process {} since {now}\n", std::process::id());
        // Only for the sentence above; the lock holds without it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(said.as_bytes()));
        Ok(SyncLock { _file: file })
    }
}
