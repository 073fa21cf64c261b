//! The workspace: where everything of one company is.

mod catalogue;
mod create;
mod env_file;
mod python_module;

use std::path::{Component, Path, PathBuf};

use crate::config::{Config, Secrets, Variables};
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;

pub use catalogue::{CATALOGUE, Source};
pub use create::{Created, Purpose, create};
pub use env_file::new_password;
pub use python_module::write as write_python_module;

/// The file that makes a folder a workspace.
pub const CONFIG_FILE: &str = "penny.toml";

/// A workspace with what its user configured.
pub struct Workspace {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// penny.toml.
    pub config: Config,
    /// `.env` and the environment.
    pub variables: Variables,
    /// What must never be shown.
    pub secrets: Secrets,
}

impl Workspace {
    /// The workspace that the command line, PENNY_WORKSPACE or the working folder names: that folder itself, or the
    /// nearest of its parents with a penny.toml.
    ///
    /// # Errors
    /// No workspace there; everything that is wrong in penny.toml or `.env`.
    pub fn of_command(named: Option<&Path>, surroundings: &Surroundings) -> Result<Workspace> {
        Workspace::open(&Workspace::folder_of_command(named, surroundings)?, surroundings)
    }

    /// The folder of that workspace, whatever its penny.toml says.
    ///
    /// # Errors
    /// No workspace there.
    pub fn folder_of_command(named: Option<&Path>, surroundings: &Surroundings) -> Result<PathBuf> {
        let named = named
            .map(Path::to_owned)
            .or_else(|| surroundings.text("PENNY_WORKSPACE").map(PathBuf::from));
        let Some(named) = named else { return find_root(&surroundings.folder) };
        let folder = plain(&surroundings.folder.join(named));
        // A slip in the name must not end in the workspace that happens to be around it.
        if !folder.exists() {
            return Err(Error::usage(format!("there is no folder {}", folder.display()))
                .hint("correct --workspace (or PENNY_WORKSPACE), or leave it out in the workspace's folder"));
        }
        find_root(&folder)
    }

    /// The workspace whose folder is known.
    ///
    /// # Errors
    /// Everything that is wrong in penny.toml or `.env`.
    pub fn open(root: &Path, surroundings: &Surroundings) -> Result<Workspace> {
        let config = Config::read(&root.join(CONFIG_FILE))?;
        Workspace::with(root, config, surroundings)
    }

    fn with(root: &Path, config: Config, surroundings: &Surroundings) -> Result<Workspace> {
        let env_file = root.join(".env");
        let variables = Variables::read(&env_file, surroundings)?;
        if platform::readable_by_others(&env_file) && platform::make_private(&env_file).is_ok() {
            tracing::warn!(".env could be read by other users of this computer: now only by you");
        }
        let of_alerts: Vec<&str> =
            config.alerts.iter().flat_map(|alert| alert.secret_variables()).collect();
        let secrets = Secrets::with(&variables, &of_alerts);
        Ok(Workspace { root: root.to_owned(), config, variables, secrets })
    }

    /// Penny's own folder.
    pub fn own(&self) -> PathBuf {
        own_of(&self.root)
    }

    /// The history.
    pub fn history(&self) -> PathBuf {
        self.own().join("history.db")
    }

    /// The folder of the output notebooks.
    pub fn outputs(&self) -> PathBuf {
        self.root.join("data").join("outputs")
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        log_of(&self.root)
    }

    /// A path as the user sees it: relative to the workspace when it is within.
    pub fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        relative.display().to_string().replace('\\', "/")
    }
}

/// Penny's own folder of the workspace whose folder that is.
pub fn own_of(root: &Path) -> PathBuf {
    root.join(".penny")
}

/// The log of the workspace whose folder that is.
pub fn log_of(root: &Path) -> PathBuf {
    root.join("logs").join("notebook_scheduler.log")
}

/// An absolute path without `.` and `..`, as a shell understands them: by the names alone.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The nearest folder upwards that has a penny.toml, if one has.
pub fn root_of(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|candidate| candidate.join(CONFIG_FILE).is_file()).map(Path::to_owned)
}

fn find_root(folder: &Path) -> Result<PathBuf> {
    if let Some(root) = root_of(folder) {
        return Ok(root);
    }
    Err(Error::usage(format!(
        "there is no workspace here: neither {} nor a folder above it has a {CONFIG_FILE}",
        folder.display()
    ))
    .hint("`penny demo` makes one to try, `penny init` one for your company"))
}
