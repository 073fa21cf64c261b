//! Which packages a Python has: what a run's record names as its environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::find;

/// Its kind and version, then the folders of its packages, a line each.
const ASK: &str = "import os, platform, sys; \
    print(platform.python_implementation(), platform.python_version()); \
    [print(os.path.abspath(p)) for p in sys.path if os.path.basename(p) in ('site-packages', 'dist-packages')]";

/// What was found, with what it was found from: as long as that is the same, Python need not be asked.
#[derive(Serialize, Deserialize)]
struct Found {
    /// The interpreter and the folders, each with the time of its last change in nanoseconds.
    from: Vec<(PathBuf, u64)>,
    packages: String,
}

/// The packages of a Python, a line each after one with its own version: "pandas 2.3.3". Nothing when
/// it does not answer. The answer is kept in a file for as long as nothing is installed or removed.
pub async fn installed(python: &Path, kept: &Path) -> Option<Arc<str>> {
    if let Some(packages) = known(python, kept) {
        return Some(packages);
    }
    let answer = find::answer(python, ASK).await?;
    let (version, folders) = answer.split_once('\n')?;
    let folders: Vec<PathBuf> =
        folders.lines().map(|line| PathBuf::from(line.trim_end())).collect();
    let paths = std::iter::once(python.to_owned()).chain(folders.iter().cloned());
    let from: Option<Vec<_>> = paths.map(|path| Some((path.clone(), changed(&path)?))).collect();
    let mut names: Vec<String> = folders.iter().flat_map(|folder| packages(folder)).collect();
    names.sort();
    names.dedup();
    names.insert(0, version.trim().to_owned());
    let packages = names.join("\n");
    if let Some(from) = from {
        let found = Found { from, packages: packages.clone() };
        // Without it, Python is asked the next time too.
        let _ = serde_json::to_vec(&found).map(|bytes| crate::files::write_private(kept, &bytes));
    }
    Some(packages.into())
}

/// The packages of a Python as it was last asked, if nothing was installed or removed since.
pub fn known(python: &Path, kept: &Path) -> Option<Arc<str>> {
    let found: Found = serde_json::from_slice(&std::fs::read(kept).ok()?).ok()?;
    is_current(python, &found).then(|| found.packages.into())
}

fn is_current(python: &Path, found: &Found) -> bool {
    let same = |(path, at): &(PathBuf, u64)| changed(path) == Some(*at);
    found.from.first().is_some_and(|(path, _)| path == python) && found.from.iter().all(same)
}

fn changed(path: &Path) -> Option<u64> {
    let at = std::fs::metadata(path).ok()?.modified().ok()?;
    u64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

/// The packages that a folder has, by the names that pip gives their metadata.
fn packages(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| package(&name)).collect()
}

/// "pandas 2.3.3" of `pandas-2.3.3.dist-info`.
fn package(folder: &str) -> Option<String> {
    let stem = folder.strip_suffix(".dist-info").or_else(|| folder.strip_suffix(".egg-info"))?;
    let (name, version) = stem.split_once('-').unwrap_or((stem, ""));
    // What pip is about to replace has a ~ in the place of its first letter.
    let is_name = !name.is_empty() && !name.starts_with('~');
    is_name.then(|| {
        format!("{} {version}", name.to_lowercase().replace('_', "-")).trim_end().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_by_the_folder_of_its_metadata() {
        #[track_caller]
        fn check(folder: &str, expected: Option<&str>) {
            assert_eq!(package(folder).as_deref(), expected, "{folder}");
        }
        check("pandas-2.3.3.dist-info", Some("pandas 2.3.3"));
        check("python_dotenv-1.2.1.dist-info", Some("python-dotenv 1.2.1"));
        check("Markdown-3.5-py3.11.egg-info", Some("markdown 3.5-py3.11"));
        check("distutils.egg-info", Some("distutils"));
        check("~andas-2.3.3.dist-info", None);
        check("pandas", None);
        check(".dist-info", None);
    }

    #[test]
    fn a_package_that_was_installed_is_seen_without_being_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("site-packages");
        std::fs::create_dir(&site).expect("made");
        std::fs::create_dir(site.join("a-1.0.dist-info")).expect("made");
        let at = |path: &Path| (path.to_owned(), changed(path).expect("a time"));
        let python = folder.path().join("python");
        std::fs::write(&python, "").expect("written");
        let found = Found { from: vec![at(&python), at(&site)], packages: String::new() };
        assert!(is_current(&python, &found));
        assert!(!is_current(&site, &found));
        let earlier = Found { from: vec![at(&python), (site.clone(), 1)], packages: String::new() };
        assert!(!is_current(&python, &earlier));
        assert_eq!(packages(&site), ["a 1.0"]);
    }
}
