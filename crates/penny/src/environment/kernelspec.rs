//! The workspace's Python as a kernel of the user's own Jupyter.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Environment;
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// Installs the kernelspec for this user; answers its folder.
///
/// # Errors
/// Another workspace has a kernelspec of that name (unless `replace`); the folder cannot be written.
pub fn install(
    workspace: &Workspace,
    surroundings: &Surroundings,
    environment: &Environment,
    name: &str,
    replace: bool,
) -> Result<PathBuf> {
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(valid) {
        return Err(Error::usage(format!("`{name}` cannot name a kernel"))
            .hint("use letters, digits, - _ and ."));
    }
    let data = platform::jupyter_data_folder(&|v| surroundings.os(v).map(Into::into)).ok_or_else(
        || Error::missing("the folder of Jupyter's data is not known: HOME is not set"),
    )?;
    let folder = data.join("kernels").join(name.to_lowercase());
    if let Some(other) = workspace_of(&folder).filter(|other| *other != workspace.root && !replace)
    {
        return Err(Error::usage(format!(
            "the kernel `{name}` belongs to another workspace, {}",
            other.display()
        ))
        .hint("`--replace` takes it over, `--name` installs this one under another name"));
    }
    std::fs::create_dir_all(&folder).map_err(|e| Error::file("make the folder", &folder, e))?;
    let text = serde_json::to_string_pretty(&spec(workspace, surroundings, environment))
        .unwrap_or_default();
    let file = folder.join("kernel.json");
    crate::files::write_atomically(&file, text.as_bytes())
        .map_err(|e| Error::file("write", &file, e))?;
    Ok(folder)
}

/// What Jupyter shows in its list of kernels.
pub fn display_name(workspace: &Workspace) -> String {
    let folder = workspace.root.file_name().unwrap_or_default().to_string_lossy();
    format!("Penny ({folder})")
}

fn spec(workspace: &Workspace, surroundings: &Surroundings, environment: &Environment) -> Value {
    let start = environment.module.join("penny").join("_jupyter.py");
    json!({
        "argv": [environment.python, start, "-f", "{connection_file}"],
        "display_name": display_name(workspace),
        "language": "python",
        "metadata": { "debugger": true },
        "env": {
            "PENNY_BIN": surroundings.penny,
            "PENNY_WORKSPACE": workspace.root,
            "PYTHONPATH": environment.module,
        },
    })
}

/// The workspace that an installed kernelspec belongs to.
fn workspace_of(folder: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(folder.join("kernel.json")).ok()?;
    let spec: Value = serde_json::from_str(&text).ok()?;
    Some(PathBuf::from(spec["env"]["PENNY_WORKSPACE"].as_str()?))
}
