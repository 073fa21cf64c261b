//! Making a workspace. What is there already stays as it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CATALOGUE, CONFIG_FILE, env_file, plain};
use crate::error::{Error, Result};
use crate::files;

/// What a workspace is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A real company: the user fills in the secrets.
    Company,
    /// A demonstration on the simulated Pennylane.
    Demo,
}

/// What was made.
pub struct Created {
    /// The workspace's folder, absolute.
    pub root: PathBuf,
    /// The files written, relative, in the order of writing.
    pub written: Vec<String>,
    /// The files that were there and stayed.
    pub kept: Vec<String>,
}

const REQUIREMENTS: &str = include_str!("templates/requirements.txt");
const GITIGNORE: &str = include_str!("templates/gitignore");
const CONFIG_HEAD: &str = include_str!("templates/penny.toml");
const CONFIG_SANDBOX: &str = "
[pennylane]
sandbox = true            # the simulated Pennylane; remove this line to use the real one
";

/// Makes the workspace's files; never overwrites one.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn create(folder: &Path, purpose: Purpose) -> Result<Created> {
    let root = std::path::absolute(folder).map_err(|e| Error::file("find", folder, e))?;
    let root = plain(&root);
    make_folder(&root)?;
    let mut created = Created { root, written: Vec::new(), kept: Vec::new() };
    created.add(".env", &env_file::text(&purpose), true)?;
    created.add(".env.example", &env_file::example(), false)?;
    created.add(".gitignore", GITIGNORE, false)?;
    created.add("requirements.txt", REQUIREMENTS, false)?;
    for notebook in CATALOGUE {
        created.add(&notebook.file(), notebook.text, false)?;
    }
    make_folder(&created.root.join("data/outputs"))?;
    make_folder(&created.root.join("logs"))?;
    // The last, since this file is what makes the folder a workspace: one cut off here is made again.
    created.add(CONFIG_FILE, &config(purpose), false)?;
    Ok(created)
}

/// Makes a folder and those above it.
fn make_folder(folder: &Path) -> Result<()> {
    match folder.ancestors().find(|f| f.is_file()) {
        Some(file) => {
            Err(Error::usage(format!("{} is a file, and a folder has to be there", file.display()))
                .hint("move or rename it, or name another folder"))
        }
        None => fs::create_dir_all(folder).map_err(|e| Error::file("make the folder", folder, e)),
    }
}

impl Created {
    /// Whether a `.gitignore` of the user's own leaves the secrets to git.
    pub fn git_would_take_secrets(&self) -> bool {
        let text = fs::read_to_string(self.root.join(".gitignore")).unwrap_or_default();
        !text.lines().any(|l| {
            matches!(l.trim().trim_start_matches('/'), ".env" | ".env*" | "*.env" | ".*" | "*")
        })
    }

    fn add(&mut self, name: &str, text: &str, private: bool) -> Result<()> {
        let path = self.root.join(name);
        make_folder(path.parent().unwrap_or(&self.root))?;
        let present = path.exists();
        let result = match private {
            _ if present => Ok(()),
            true => files::write_private(&path, text.as_bytes()),
            false => files::write_new(&path, text.as_bytes()).map(|_| ()),
        };
        result.map_err(|e| Error::file("write", &path, e))?;
        if present { &mut self.kept } else { &mut self.written }.push(name.to_owned());
        Ok(())
    }
}

fn config(purpose: Purpose) -> String {
    let mut text = CONFIG_HEAD.to_owned();
    if purpose == Purpose::Demo {
        text.push_str(CONFIG_SANDBOX);
    }
    for notebook in CATALOGUE {
        text.push_str(&format!(
            "\n[[notebook]]\nname = \"{}\"\nfile = \"{}\"\ndescription = \"{}\"\n",
            notebook.name,
            notebook.file(),
            notebook.description
        ));
    }
    text
}
