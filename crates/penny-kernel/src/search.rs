//! Where kernelspecs are looked for.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::kernelspec::{Kernelspec, KernelspecError};
use crate::platform;

/// Below this likeness (0 to 1, Jaro-Winkler) a name is no suggestion but a guess.
const LIKENESS_MIN: f64 = 0.75;

/// Folders in which `kernels/<name>/kernel.json` is looked for, the first one wins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPath {
    /// Jupyter's data folders, each of which may contain `kernels`.
    pub directories: Vec<PathBuf>,
}

impl SearchPath {
    /// The folders that Jupyter itself looks in.
    ///
    /// These are JUPYTER_PATH, the user's data folder, `share/jupyter` of every Python in `prefixes`
    /// and the system's folders. A prefix that is a virtual environment comes before the user's
    /// folder, as in Jupyter since jupyter_core 5; JUPYTER_PREFER_ENV_PATH decides otherwise.
    /// `variable` tells an environment variable's value.
    pub fn jupyter(
        variable: &dyn Fn(&str) -> Option<OsString>,
        prefixes: &[PathBuf],
    ) -> SearchPath {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let own = set("JUPYTER_PATH").map(|list| std::env::split_paths(&list).collect::<Vec<_>>());
        let user = match set("JUPYTER_DATA_DIR") {
            Some(folder) => Some(PathBuf::from(folder)),
            None => platform::user_data_folder(&set),
        };
        let preferred = set("JUPYTER_PREFER_ENV_PATH").map(|value| is_yes(&value));
        let (before, after): (Vec<&PathBuf>, Vec<&PathBuf>) = prefixes
            .iter()
            .partition(|prefix| preferred.unwrap_or_else(|| prefix.join("pyvenv.cfg").is_file()));
        let share = |prefix: &PathBuf| prefix.join("share").join("jupyter");

        let mut directories = own.unwrap_or_default();
        directories.extend(before.into_iter().map(share));
        directories.extend(user);
        directories.extend(after.into_iter().map(share));
        directories.extend(platform::system_data_folders(&set));
        let mut seen = HashSet::new();
        directories.retain(|folder| !folder.as_os_str().is_empty() && seen.insert(folder.clone()));
        SearchPath { directories }
    }

    /// The kernelspec called `name`, whatever the case of its letters.
    ///
    /// Fails with [`KernelspecError::NotFound`], which lists what there is, or with what is wrong
    /// with the kernelspec of that name.
    pub fn find(&self, name: &str) -> Result<Kernelspec, KernelspecError> {
        let folders = self.folders();
        if let Some((_, folder)) = folders.iter().find(|(known, _)| same(known, name)) {
            return Kernelspec::read(folder);
        }
        let known: Vec<String> = folders.into_iter().map(|(known, _)| known).collect();
        let nearest = nearest(name, &known).map(str::to_owned);
        Err(KernelspecError::NotFound { name: name.to_owned(), known, nearest })
    }

    /// Every usable kernelspec, in the order of the folders and by name within one.
    pub fn list(&self) -> Vec<Kernelspec> {
        let read = |(_, folder): (String, PathBuf)| match Kernelspec::read(&folder) {
            Ok(spec) => Some(spec),
            Err(error) => {
                tracing::debug!(%error, "kernelspec left out");
                None
            }
        };
        self.folders().into_iter().filter_map(read).collect()
    }

    /// Name and folder of every kernelspec; of two with the same name the first is meant.
    fn folders(&self) -> Vec<(String, PathBuf)> {
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for directory in &self.directories {
            for (name, folder) in kernels_in(&directory.join("kernels")) {
                if !found.iter().any(|(known, _)| same(known, &name)) {
                    found.push((name, folder));
                }
            }
        }
        found
    }
}

fn kernels_in(directory: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut kernels: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|folder| folder.join("kernel.json").is_file())
        .filter_map(|folder| Some((folder.file_name()?.to_str()?.to_owned(), folder)))
        .collect();
    kernels.sort();
    kernels
}

fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let likeness = |known: &str| strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
    known
        .iter()
        .map(|known| (likeness(known), known.as_str()))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Jupyter's reading of a switch: everything is a yes but these.
fn is_yes(value: &std::ffi::OsStr) -> bool {
    let value = value.to_string_lossy().to_lowercase();
    !["no", "n", "false", "off", "0", "0.0"].contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kernels` are folders relative to the data folders `one` and `two`.
    fn with_kernels(kernels: &[(&str, &str)], look: impl FnOnce(&SearchPath)) {
        let root = tempfile::tempdir().unwrap();
        for (folder, json) in kernels {
            let folder = root.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("kernel.json"), json).unwrap();
        }
        let directories = ["one", "two", "absent"].map(|name| root.path().join(name)).into();
        look(&SearchPath { directories });
    }

    #[test]
    fn the_first_folder_wins_and_case_does_not_matter() {
        let kernels = [
            ("one/kernels/Python3", r#"{"argv": ["first"]}"#),
            ("two/kernels/python3", r#"{"argv": ["second"]}"#),
            ("two/kernels/ir", r#"{"argv": ["R"]}"#),
        ];
        with_kernels(&kernels, |search| {
            assert_eq!(search.find("PYTHON3").unwrap().argv, ["first"]);
            assert_eq!(search.find("ir").unwrap().name, "ir");
            let names: Vec<_> = search.list().into_iter().map(|spec| spec.name).collect();
            assert_eq!(names, ["Python3", "ir"]);
        });
    }

    #[test]
    fn a_missing_name_suggests_the_nearest_only_if_it_is_near() {
        let kernels = [("one/kernels/python3", r#"{"argv": ["p"]}"#)];
        with_kernels(&kernels, |search| {
            let nearest = |name| match search.find(name) {
                Err(KernelspecError::NotFound { nearest, known, .. }) => {
                    assert_eq!(known, ["python3"]);
                    nearest
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(nearest("pyton").as_deref(), Some("python3"));
            assert_eq!(nearest("julia-1.10"), None);
        });
    }

    #[test]
    fn a_broken_kernelspec_is_told_when_asked_for_and_left_out_of_the_list() {
        with_kernels(&[("one/kernels/python3", "{"), ("one/kernels/x", "[]")], |search| {
            let error = search.find("python3").unwrap_err();
            assert!(matches!(error, KernelspecError::Json { .. }), "{error}");
            assert!(matches!(search.find("x"), Err(KernelspecError::Field { .. })));
            assert_eq!(search.list(), []);
        });
    }

    #[test]
    fn a_virtual_environment_comes_before_the_users_folder() {
        let root = tempfile::tempdir().unwrap();
        let (environment, system) = (root.path().join("venv"), root.path().join("usr"));
        fs::create_dir_all(&environment).unwrap();
        fs::write(environment.join("pyvenv.cfg"), "").unwrap();
        let prefixes = [environment.clone(), system.clone()];
        let share = |prefix: &Path| prefix.join("share").join("jupyter");
        let own = root.path().join("own");

        let search = |prefer: Option<&str>| {
            let variable = |name: &str| match name {
                "JUPYTER_PATH" => Some(own.clone().into_os_string()),
                "JUPYTER_DATA_DIR" => Some("/user".into()),
                "JUPYTER_PREFER_ENV_PATH" => prefer.map(OsString::from),
                _ => None,
            };
            SearchPath::jupyter(&variable, &prefixes).directories[..4].to_vec()
        };
        let user = PathBuf::from("/user");
        let (first, last) = (share(&environment), share(&system));
        assert_eq!(search(None), [&own, &first, &user, &last].map(Clone::clone));
        assert_eq!(search(Some("no")), [&own, &user, &first, &last].map(Clone::clone));
        assert_eq!(search(Some("1")), [&own, &first, &last, &user].map(Clone::clone));
    }
}
