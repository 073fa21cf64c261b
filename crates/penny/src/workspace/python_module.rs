//! The Python module that notebooks import, carried by the binary and written where kernels find it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The module's files, by their path below the folder that is put on Python's path.
const FILES: &[(&str, &str)] = &[
    ("penny/__init__.py", include_str!("../../../../python/penny/__init__.py")),
    ("penny/_forked.py", include_str!("../../../../python/penny/_forked.py")),
    ("penny/_jupyter.py", include_str!("../../../../python/penny/_jupyter.py")),
    ("penny/_kernel.py", include_str!("../../../../python/penny/_kernel.py")),
    ("penny/_preload.py", include_str!("../../../../python/penny/_preload.py")),
    ("penny/_template.py", include_str!("../../../../python/penny/_template.py")),
    ("penny/errors.py", include_str!("../../../../python/penny/errors.py")),
    ("penny/filters.py", include_str!("../../../../python/penny/filters.py")),
    ("penny/literals.py", include_str!("../../../../python/penny/literals.py")),
    ("penny/names.py", include_str!("../../../../python/penny/names.py")),
    ("penny/objects.py", include_str!("../../../../python/penny/objects.py")),
    ("penny/process.py", include_str!("../../../../python/penny/process.py")),
    ("penny/publication.py", include_str!("../../../../python/penny/publication.py")),
    ("penny/receiving.py", include_str!("../../../../python/penny/receiving.py")),
    ("penny/sending.py", include_str!("../../../../python/penny/sending.py")),
    ("penny/sources.py", include_str!("../../../../python/penny/sources.py")),
    ("penny/structures.py", include_str!("../../../../python/penny/structures.py")),
];

/// Writes the module below a workspace's own folder; answers the folder for PYTHONPATH.
///
/// Files that are right already are left alone, so that several commands may do this at once.
///
/// # Errors
/// The folder cannot be written.
pub fn write(own: &Path) -> Result<PathBuf> {
    let folder = own.join("lib");
    for (name, text) in FILES {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|present| present == text.as_bytes()) {
            continue;
        }
        let parent = path.parent().expect("each file is in the module's folder");
        fs::create_dir_all(parent).map_err(|e| Error::file("make the folder", parent, e))?;
        crate::files::write_atomically(&path, text.as_bytes())
            .map_err(|e| Error::file("write", &path, e))?;
    }
    Ok(folder)
}
