//! Files that are either the old one or the new one, whole.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::platform;

/// Replaces a file's content in one step: a reader, or a crash, sees the old or the new.
///
/// # Errors
/// Those of the file system; the old file is then untouched.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, content, false)
}

/// The same, and what was written is on the disk when this is back: a power failure does not undo it.
///
/// # Errors
/// Those of the file system; the old file is then untouched.
pub fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, content, true)
}

/// The same for a file whose content was read before: whether it was replaced. One that somebody else has changed
/// meanwhile stays as it is.
///
/// # Errors
/// Those of the file system; the old file is then untouched.
pub fn replace_durably(path: &Path, before: &[u8], content: &[u8]) -> io::Result<bool> {
    let file = prepared(path, content)?;
    file.as_file().sync_all()?;
    // Compared as late as can be: whoever saves in an editor meanwhile wins.
    if fs::read(path)? != before {
        return Ok(false);
    }
    file.persist(path).map_err(|e| e.error)?;
    sync_folder(path);
    Ok(true)
}

/// Whether this is there, and is a pipe or a device: what is written to it goes on, and nothing may take its place.
pub fn is_pipe_or_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The file behind a link, or behind several: it is what is meant, also when it is not there yet.
pub fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // No system follows more of them.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

fn replace(path: &Path, content: &[u8], durably: bool) -> io::Result<()> {
    if is_pipe_or_device(path) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    let path = &behind_links(path);
    let file = prepared(path, content)?;
    if durably {
        file.as_file().sync_all()?;
    }
    file.persist(path).map_err(|e| e.error)?;
    if durably {
        sync_folder(path);
    }
    Ok(())
}

/// A new file beside one, with its rights.
fn prepared(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file =
        tempfile::Builder::new().prefix(".penny-").suffix(".tmp").tempfile_in(folder(path))?;
    file.write_all(content)?;
    // The temporary file is private by default; an ordinary one has the rights that the user's other files have.
    platform::give_usual_rights(file.as_file(), path)?;
    Ok(file)
}

/// A file's new name is on the disk, too; where folders cannot be opened as files, the system sees to that.
fn sync_folder(path: &Path) {
    let _ = fs::File::open(folder(path)).and_then(|folder| folder.sync_all());
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file that only its owner can read; an existing one is replaced in one step.
///
/// # Errors
/// Those of the file system.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file =
        tempfile::Builder::new().prefix(".penny-").suffix(".tmp").tempfile_in(folder(path))?;
    file.write_all(content)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Replaces a file by one that only its owner can read, unless it is not what it was when it was read before (nothing:
/// there was none): whether it was replaced.
///
/// # Errors
/// Those of the file system; the old file is then untouched.
pub fn replace_private(path: &Path, before: Option<&[u8]>, content: &[u8]) -> io::Result<bool> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".penny-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(content)?;
    // As late as can be: what an editor saves after this look is a moment's matter.
    let now = match fs::read(path) {
        Ok(now) => Some(now),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    if now.as_deref() != before {
        return Ok(false);
    }
    file.persist(path).map_err(|e| e.error)?;
    Ok(true)
}

/// Writes a file unless there is one: whether it was written.
///
/// # Errors
/// Those of the file system.
pub fn write_new(path: &Path, content: &[u8]) -> io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    write_atomically(path, content)?;
    Ok(true)
}
