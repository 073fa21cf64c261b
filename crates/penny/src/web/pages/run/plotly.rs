//! Plotly's library, as the Python of the workspace has it.

use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

/// Where it is within the packages of a Python.
const LIBRARY: &str = "plotly/package_data/plotly.min.js";
/// A file of more bytes is none.
const BYTES_MAX: u64 = 20_000_000;

/// The library, if it is installed.
pub fn find(workspace: &Workspace) -> Option<PathBuf> {
    let python = &workspace.config.python.interpreter;
    let root = match python {
        // `bin/python` of Linux and macOS, `python.exe` or `Scripts/python.exe` of Windows.
        Some(python) => vec![python.parent()?.to_owned(), python.parent()?.parent()?.to_owned()],
        None => vec![workspace.own().join("python")],
    };
    let packages = root.iter().flat_map(|root| packages(root));
    let mut libraries = packages.map(|packages| packages.join(LIBRARY));
    libraries.find(|path| std::fs::metadata(path).is_ok_and(|file| file.len() <= BYTES_MAX))
}

/// Where a Python under that folder keeps its packages.
fn packages(root: &Path) -> Vec<PathBuf> {
    let mut places = vec![root.join("Lib").join("site-packages")];
    for library in ["lib", "lib64"] {
        let versions = std::fs::read_dir(root.join(library)).into_iter().flatten().flatten();
        let of_python =
            versions.filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"));
        places.extend(of_python.map(|entry| entry.path().join("site-packages")));
    }
    places
}
