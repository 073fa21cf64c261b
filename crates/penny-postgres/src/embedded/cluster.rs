//! The data folder of the embedded server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use tokio::time::timeout;

use super::diagnosis::last_words;
use super::error::{Attempt, EmbeddedError};
use super::find::Binaries;
use super::pidfile::{self, Running};
use super::platform::{self, RunAs};

/// `initdb` takes a second or two; a slow disk with a virus scanner takes longer.
const INITDB_TIME_MAX: Duration = Duration::from_secs(180);

/// A half-made folder of a killed Penny is removed after this time: until then it may be another's.
const HALF_MADE_AGE_MIN: Duration = Duration::from_secs(3600);

/// From this version on the server has collations of its own.
const BUILTIN_LOCALE_MAJOR_MIN: u32 = 17;

/// A data folder, with the programs that run on it.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The server's programs.
    pub binaries: Binaries,
    /// The data folder.
    pub data: PathBuf,
    /// The database superuser.
    pub superuser: String,
    /// As whom the server runs.
    pub run_as: RunAs,
}

impl Cluster {
    /// Makes the data folder unless it is there: UTF-8, passwords checked by SCRAM-SHA-256, data checksums.
    ///
    /// It is made under another name and renamed at the end, so it is whole or absent. The password
    /// counts only when the folder is made. The version that made it is written beside it, in
    /// `<data>.version`. Penny's user runs `initdb`; when that is root, see [`RunAs`].
    ///
    /// # Errors
    /// When another major version made the folder, when something else is in it, or when `initdb` fails.
    pub async fn ensure(
        binaries: Binaries,
        data: PathBuf,
        superuser: &str,
        password: &str,
    ) -> Result<Self, EmbeddedError> {
        Self::ensure_as(binaries, data, superuser, password, None).await
    }

    /// As [`Cluster::ensure`], but `initdb` runs as this user and no other is tried.
    ///
    /// # Errors
    /// As [`Cluster::ensure`].
    pub async fn ensure_as(
        binaries: Binaries,
        data: PathBuf,
        superuser: &str,
        password: &str,
        run_as: Option<RunAs>,
    ) -> Result<Self, EmbeddedError> {
        let data = std::path::absolute(&data)
            .map_err(EmbeddedError::io("cannot find the folder", &data))?;
        if is_made(&data, &binaries)? {
            return Self::existing(binaries, data, superuser).await;
        }
        if password.is_empty() || password.contains(['\n', '\r']) {
            return Err(EmbeddedError::UnusablePassword);
        }
        let parent = data.parent().unwrap_or(&data).to_owned();
        fs::create_dir_all(&parent)
            .map_err(EmbeddedError::io("cannot create the folder", &parent))?;
        remove_half_made(&parent, &data);
        let candidates =
            run_as.map_or_else(|| platform::candidates(&parent), |run_as| vec![run_as]);
        let mut tried = Vec::new();
        for run_as in candidates {
            match make(&binaries, &data, &parent, superuser, password, &run_as).await? {
                Ok(()) => return Self::existing(binaries, data, superuser).await,
                Err(reason) => tried.push(Attempt { what: format!("as {run_as}"), reason }),
            }
        }
        Err(EmbeddedError::Initdb { data, tried })
    }

    /// The major version that made a data folder: look for that one's programs. None when there is none.
    pub fn major_of(data: &Path) -> Option<u32> {
        fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// The server that runs on this data folder, whoever started it. What `postmaster.pid` says is
    /// believed only when that process really is a PostgreSQL on this folder.
    pub fn running(&self) -> Option<Running> {
        pidfile::running(&self.data)
    }

    async fn existing(
        binaries: Binaries,
        data: PathBuf,
        superuser: &str,
    ) -> Result<Self, EmbeddedError> {
        let mut run_as = platform::owner_of(&data)
            .map_err(EmbeddedError::io("cannot read the folder", &data))?;
        if matches!(run_as, RunAs::Namespace { .. }) && !can_run(&binaries, &data, &run_as).await {
            run_as = hand_over(&binaries, &data, run_as).await?;
        }
        Ok(Self { binaries, data, superuser: superuser.to_owned(), run_as })
    }
}

/// Gives a folder of root, made where user namespaces were allowed, to a user who can work in it where
/// they are not. If there is no such user, it stays as it is, and the start says why it fails.
async fn hand_over(
    binaries: &Binaries,
    data: &Path,
    namespace: RunAs,
) -> Result<RunAs, EmbeddedError> {
    for user in platform::candidates(data.parent().unwrap_or(data)) {
        if matches!(user, RunAs::User { .. }) && can_run(binaries, data, &user).await {
            platform::give_all(data, &user)
                .map_err(EmbeddedError::io("cannot change the owner of", data))?;
            return Ok(user);
        }
    }
    Ok(namespace)
}

/// Whether the programs run as this user, who can reach the data folder's place too.
async fn can_run(binaries: &Binaries, data: &Path, run_as: &RunAs) -> bool {
    let mut command = Command::new(binaries.bin.join(platform::executable("postgres")));
    command.arg("--version").current_dir(data.parent().unwrap_or(data));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if platform::run_as(&mut command, run_as).is_err() {
        return false;
    }
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    let ended = timeout(INITDB_TIME_MAX, command.status()).await;
    matches!(ended, Ok(Ok(status)) if status.success())
}

/// Whether the data folder was made, by the same major version.
fn is_made(data: &Path, binaries: &Binaries) -> Result<bool, EmbeddedError> {
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(found) if found.trim() == binaries.major.to_string() => Ok(true),
        Ok(found) => {
            let found = found.trim().to_owned();
            Err(EmbeddedError::OtherMajor { data: data.to_owned(), found, offered: binaries.major })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let empty = fs::read_dir(data).map_or(true, |mut entries| entries.next().is_none());
            if empty {
                Ok(false)
            } else {
                Err(EmbeddedError::NotADataFolder { data: data.to_owned() })
            }
        }
        Err(error) => Err(EmbeddedError::io("cannot read", data.join("PG_VERSION"))(error)),
    }
}

/// Makes the folder as this user; the inner error is what `initdb` said.
async fn make(
    binaries: &Binaries,
    data: &Path,
    parent: &Path,
    superuser: &str,
    password: &str,
    run_as: &RunAs,
) -> Result<Result<(), String>, EmbeddedError> {
    let new = tempfile::Builder::new()
        .prefix(&half_made_prefix(data))
        .tempdir_in(parent)
        .map_err(EmbeddedError::io("cannot write to the folder", parent))?;
    let password_file = new.path().join("password");
    platform::write_private(&password_file, &format!("{password}\n"))
        .map_err(EmbeddedError::io("cannot write", &password_file))?;
    for path in [new.path(), &password_file] {
        platform::give(path, run_as)
            .map_err(EmbeddedError::io("cannot change the owner of", path))?;
    }
    let mut reason = String::new();
    for locale in locales(binaries.major) {
        let made = new.path().join("data");
        let mut command = Command::new(binaries.bin.join(platform::executable("initdb")));
        command.arg("-D").arg(&made).arg("-U").arg(superuser);
        command.arg("--pwfile").arg(&password_file).args(locale);
        command.args(["-A", "scram-sha-256", "-E", "UTF8", "--data-checksums"]);
        match initdb(command, run_as).await {
            Ok(()) => return put_in_place(&made, data, binaries).map(Ok),
            Err(said) => reason = said,
        }
        // Another locale helps only when this one is unknown here.
        if !reason.contains("locale") {
            break;
        }
        let _ = fs::remove_dir_all(&made);
    }
    Ok(Err(reason))
}

/// Text sorts and compares by code point, the same on every system, and upper and lower case work for
/// accented letters where the system or the server knows how.
fn locales(major: u32) -> Vec<&'static [&'static str]> {
    if major >= BUILTIN_LOCALE_MAJOR_MIN {
        return vec![&["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]];
    }
    vec![&["--locale=C.UTF-8"], &["--locale=C"]]
}

/// Runs `initdb`; the error is what it said.
async fn initdb(mut command: Command, run_as: &RunAs) -> Result<(), String> {
    platform::run_as(&mut command, run_as).map_err(|error| error.to_string())?;
    platform::without_window(&mut command);
    // Its words are read below, so they must not be translated; and the caller's folder may be closed to
    // the user it runs as.
    command.env("LC_ALL", "C").env_remove("LANGUAGE").stdin(Stdio::null());
    command.current_dir(platform::open_folder());
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    match timeout(INITDB_TIME_MAX, command.output()).await {
        Err(_) => Err(format!("initdb took longer than {} s", INITDB_TIME_MAX.as_secs())),
        Ok(Err(error)) => Err(format!("initdb could not be run: {error}")),
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => Err(complaint(&String::from_utf8_lossy(&output.stderr))),
    }
}

/// The lines of `initdb` that say why it failed, without those on what it removes.
fn complaint(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| {
            ["error:", "detail:", "FATAL:", "PANIC:"].iter().any(|word| line.contains(word))
        })
        .map(str::trim)
        .collect();
    if lines.is_empty() { last_words(said) } else { lines.join(", ") }
}

fn put_in_place(made: &Path, data: &Path, binaries: &Binaries) -> Result<(), EmbeddedError> {
    let mut beside = data.as_os_str().to_owned();
    beside.push(".version");
    fs::write(&beside, format!("{}\n", binaries.version))
        .map_err(EmbeddedError::io("cannot write", PathBuf::from(&beside)))?;
    // Windows does not rename over a folder, not even an empty one.
    let _ = fs::remove_dir(data);
    match fs::rename(made, data) {
        Ok(()) => Ok(()),
        // Another Penny was quicker: its folder serves.
        Err(_) if is_made(data, binaries)? => Ok(()),
        Err(error) => Err(EmbeddedError::io("cannot rename the new data folder to", data)(error)),
    }
}

fn half_made_prefix(data: &Path) -> String {
    let name = data.file_name().unwrap_or_default().to_string_lossy().into_owned();
    format!(".{name}.new-")
}

fn remove_half_made(parent: &Path, data: &Path) {
    let prefix = half_made_prefix(data);
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let old = entry.metadata().and_then(|found| found.modified()).is_ok_and(|at| {
            SystemTime::now().duration_since(at).is_ok_and(|age| age > HALF_MADE_AGE_MIN)
        });
        if old && entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binaries(major: u32) -> Binaries {
        let version = format!("{major}.1");
        Binaries { bin: PathBuf::from("/nowhere"), version, major, origin: "test".to_owned() }
    }

    #[test]
    fn a_data_folder_of_another_major_version_is_refused_by_a_sentence() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("PG_VERSION"), "15\n").unwrap();
        assert!(is_made(data.path(), &binaries(15)).unwrap());
        let error = is_made(data.path(), &binaries(16)).unwrap_err();
        let expected = format!(
            "the data folder {} was made by PostgreSQL 15, and PostgreSQL 16 cannot read it",
            data.path().display()
        );
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().starts_with("install PostgreSQL 15 again"));
    }

    #[test]
    fn a_folder_with_something_else_in_it_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        assert!(!is_made(data.path(), &binaries(15)).unwrap());
        assert!(!is_made(&data.path().join("absent"), &binaries(15)).unwrap());
        fs::write(data.path().join("letter.docx"), "").unwrap();
        let error = is_made(data.path(), &binaries(15)).unwrap_err();
        assert!(matches!(error, EmbeddedError::NotADataFolder { .. }), "{error}");
    }

    #[test]
    fn the_complaint_of_initdb_is_its_error_lines() {
        let said = "initdb: error: could not access directory \"/root/x\": Permission denied\n\
                    initdb: removing data directory \"/root/x\"\n";
        assert_eq!(
            complaint(said),
            "initdb: error: could not access directory \"/root/x\": Permission denied"
        );
        assert_eq!(complaint("something else\n"), "something else");
    }
}
