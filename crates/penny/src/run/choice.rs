//! Which kernel runs a notebook.

use std::path::PathBuf;

use penny_kernel::{Kernelspec, SearchPath};
use penny_notebook::Notebook;

use crate::config::Entry;
use crate::environment::Environment;
use crate::error::{Error, Result, sentence_of};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// Names that mean the workspace's own Python: what Jupyter writes into a notebook that was edited
/// with it, or with any other Python.
const OWN: &[&str] = &["penny", "python3", "python"];

/// The kernelspec: penny.toml's, else the notebook's own, else the workspace's Python.
///
/// # Errors
/// A kernelspec that is not installed here, or a language without one.
pub fn kernelspec(
    entry: &Entry,
    notebook: &Notebook,
    environment: &Environment,
    workspace: &Workspace,
    surroundings: &Surroundings,
) -> Result<Kernelspec> {
    let configured = entry.kernel.as_deref().or(workspace.config.python.kernel.as_deref());
    let name = configured.or(notebook.kernel_name());
    kernelspec_named(name, notebook, environment, surroundings).map_err(|error| match name {
        Some(_) => error.hint(remedy(entry, notebook)),
        None => error.hint("open it in Jupyter, choose a kernel and save it"),
    })
}

/// The kernelspec of that name in a workspace, else the one for the notebook's language.
///
/// # Errors
/// A kernelspec that is not installed here, or a language without one.
pub fn kernelspec_named(
    name: Option<&str>,
    notebook: &Notebook,
    environment: &Environment,
    surroundings: &Surroundings,
) -> Result<Kernelspec> {
    match name {
        None => match notebook.language() {
            None => Ok(Kernelspec::python(&environment.python)),
            Some(language) if language.eq_ignore_ascii_case("python") => {
                Ok(Kernelspec::python(&environment.python))
            }
            Some(language) => Err(Error::missing(format!(
                "the notebook is written in {language} and names no kernel"
            ))),
        },
        Some(name) if OWN.contains(&name) => Ok(Kernelspec::python(&environment.python)),
        Some(name) => search(environment, surroundings)
            .find(name)
            .map_err(|e| Error::missing(sentence_of(&e))),
    }
}

/// What to do about a kernel that is not there: only Python can stand in for Python.
fn remedy(entry: &Entry, notebook: &Notebook) -> String {
    match notebook.language() {
        Some(language) if !language.eq_ignore_ascii_case("python") => {
            format!(
                "the notebook is written in {language}: install a kernel for it on this computer"
            )
        }
        _ => format!(
            "in penny.toml, `kernel = \"penny\"` under `{}` runs it with the workspace's Python",
            entry.name
        ),
    }
}

fn search(environment: &Environment, surroundings: &Surroundings) -> SearchPath {
    let prefix = environment.python.parent().and_then(|bin| bin.parent()).map(PathBuf::from);
    let prefixes: Vec<PathBuf> = prefix.into_iter().collect();
    SearchPath::jupyter(&|name| surroundings.os(name).map(Into::into), &prefixes)
}
