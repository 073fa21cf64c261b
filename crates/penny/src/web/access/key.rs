//! The workspace's key: 32 random bytes in a file that only its owner reads. Links, sessions and forms are
//! sealed with it, by the service and by `penny dashboard` alike; a new key ends all of them at once.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngExt as _;
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::files;
use crate::platform;
use crate::workspace::Workspace;

/// How many bytes the key and each seal have.
pub const BYTES: usize = 32;

/// A key in memory.
pub struct Key([u8; BYTES]);

/// What a seal is for: one made for the first purpose never holds for another.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// The link that logs in once.
    Login,
    /// The cookie of a session.
    Session,
    /// The forms of a session.
    Form,
    /// The name of the cookie.
    Cookie,
    /// Two secrets that are compared.
    Comparison,
}

impl Key {
    /// Where that of a workspace is.
    pub fn path(workspace: &Workspace) -> PathBuf {
        workspace.own().join("web.key")
    }

    /// The key of the file, which is made when there is none.
    ///
    /// # Errors
    /// The file cannot be read or made.
    pub fn ensure(path: &Path) -> Result<Key> {
        if let Some(key) = Key::read(path) {
            return Ok(key);
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        platform::private_folder(folder).map_err(|e| Error::file("make the folder", folder, e))?;
        let new = Key::random();
        match place(path, folder, &new.0) {
            Ok(()) => Ok(new),
            // Another command was faster, and its key holds; unless what is there is no key at all.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => match Key::read(path) {
                Some(key) => Ok(key),
                None => Key::renew(path),
            },
            Err(e) => Err(Error::file("write", path, e)),
        }
    }

    /// The key of the file, if there is one.
    pub fn read(path: &Path) -> Option<Key> {
        let bytes = std::fs::read(path).ok()?;
        let key = Key(bytes.try_into().ok()?);
        if platform::readable_by_others(path) && platform::make_private(path).is_ok() {
            tracing::warn!(
                "{} could be read by other users of this computer: now only by you; `penny dashboard \
                 --end-sessions` makes a new one",
                path.display()
            );
        }
        Some(key)
    }

    /// Puts a new key in the place of the one before.
    ///
    /// # Errors
    /// The file cannot be written; the key before it then still holds.
    pub fn renew(path: &Path) -> Result<Key> {
        let folder = path.parent().unwrap_or(Path::new("."));
        platform::private_folder(folder).map_err(|e| Error::file("make the folder", folder, e))?;
        let new = Key::random();
        files::write_private(path, &new.0).map_err(|e| Error::file("write", path, e))?;
        Ok(new)
    }

    fn random() -> Key {
        Key(rand::rng().random())
    }

    /// The seal of these parts, for one purpose.
    pub fn seal(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; BYTES] {
        self.sealing(purpose, parts).finalize().into_bytes().into()
    }

    /// Whether a seal is that of these parts; it takes as long whether it is nearly right or all wrong.
    pub fn holds(&self, purpose: Purpose, parts: &[&[u8]], seal: &[u8]) -> bool {
        self.sealing(purpose, parts).verify_slice(seal).is_ok()
    }

    /// Whether two secrets are the same; how long that takes tells nothing of them.
    pub fn same(&self, one: &str, other: &str) -> bool {
        let seal = self.seal(Purpose::Comparison, &[one.as_bytes()]);
        self.holds(Purpose::Comparison, &[other.as_bytes()], &seal)
    }

    fn sealing(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any size");
        mac.update(&[purpose as u8]);
        for part in parts {
            // With its length, so that no two lists of parts are the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// Writes a private file in one step, unless there is one.
fn place(path: &Path, folder: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".penny-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(drop).map_err(|e| e.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_commands_at_once_make_one_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".penny").join("web.key");
        let seals: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| Key::ensure(&path).expect("a key").seal(Purpose::Form, &[]))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
        });
        assert!(seals.iter().all(|seal| *seal == seals[0]));
        assert!(!platform::readable_by_others(&path));
    }

    #[test]
    fn a_file_that_is_no_key_is_replaced_and_a_new_key_breaks_old_seals() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("web.key");
        std::fs::write(&path, "short").expect("written");
        let key = Key::ensure(&path).expect("a key");
        let seal = key.seal(Purpose::Login, &[b"one", b"two"]);
        let again = Key::ensure(&path).expect("a key");
        assert!(again.holds(Purpose::Login, &[b"one", b"two"], &seal));
        let other = Key::renew(&path).expect("a key");
        assert!(!other.holds(Purpose::Login, &[b"one", b"two"], &seal));
    }

    #[test]
    fn a_seal_holds_for_its_purpose_and_parts_alone() {
        let key = Key([7; BYTES]);
        let seal = key.seal(Purpose::Session, &[b"ab", b"c"]);
        assert!(key.holds(Purpose::Session, &[b"ab", b"c"], &seal));
        assert!(!key.holds(Purpose::Login, &[b"ab", b"c"], &seal));
        assert!(!key.holds(Purpose::Session, &[b"a", b"bc"], &seal));
        assert!(!key.holds(Purpose::Session, &[b"ab", b"c"], &seal[..31]));
        assert!(!key.holds(Purpose::Session, &[b"ab", b"c"], &[]));
        assert!(key.same("mot de passe", "mot de passe"));
        assert!(!key.same("mot de passe", "mot de passE"));
    }
}
