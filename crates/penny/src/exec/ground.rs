//! What a notebook runs on: a workspace with its Python and its secrets, or the computer as it is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use penny_kernel::{Kernelspec, Launch};
use penny_notebook::Notebook;
use tempfile::TempDir;

use super::{Around, Request, kernels, read};
use crate::config::{Secrets, Variables};
use crate::environment::{self, Environment};
use crate::error::{Error, Result};
use crate::run::{self, KernelVariables};
use crate::workspace::{self, Workspace, write_python_module};

/// What is there before anything is made.
pub struct Ground {
    workspace: Option<Workspace>,
    /// What is masked.
    pub secrets: Secrets,
}

/// What a kernel is started with. Dropping it removes what was made for the kernel alone.
pub struct Start {
    /// How it is started.
    pub launch: Launch,
    /// The folder of what was made for it alone.
    pub scratch: Option<TempDir>,
}

impl Ground {
    /// The workspace that is named, or that the notebook or the working folder lies in; or none.
    ///
    /// # Errors
    /// A workspace that was named is not there; everything that is wrong in its configuration.
    pub fn find(around: &Around<'_>, input: &str, show_secrets: bool) -> Result<Ground> {
        let surroundings = around.surroundings;
        let workspace =
            if around.workspace.is_some() || surroundings.text("PENNY_WORKSPACE").is_some() {
                Some(Workspace::of_command(around.workspace, surroundings)?)
            } else {
                let of_input = (input != "-" && !read::is_url(input)).then(|| {
                    let file = workspace::plain(&surroundings.folder.join(input));
                    file.parent().map(Path::to_owned)
                });
                let folders = of_input.flatten().into_iter().chain([surroundings.folder.clone()]);
                let root = folders.filter_map(|folder| workspace::root_of(&folder)).next();
                root.map(|root| Workspace::open(&root, surroundings)).transpose()?
            };
        let secrets = match &workspace {
            Some(workspace) if show_secrets => {
                return Err(Error::usage(format!(
                    "--show-secrets is for notebooks outside of a workspace, and this one belongs to {}",
                    workspace.root.display()
                ))
                .hint("the secrets of a workspace's .env are masked in every output"));
            }
            Some(workspace) => workspace.secrets.clone(),
            None if show_secrets => Secrets::shown(),
            None => Secrets::of(&Variables::around(surroundings)),
        };
        Ok(Ground { workspace, secrets })
    }

    /// A folder for an output that cannot be saved where it belongs; made only then.
    pub fn rescue_folder(&self) -> PathBuf {
        match &self.workspace {
            Some(workspace) => workspace.own().join("rescued"),
            None => {
                let name = format!("penny-rescued-{}", uuid::Uuid::new_v4().simple());
                tempfile::env::temp_dir().join(name)
            }
        }
    }

    /// How many bytes of a cell's output are kept.
    pub fn output_bytes_per_cell(&self) -> usize {
        let limits = self.workspace.as_ref().map(|w| w.config.limits);
        limits.unwrap_or_default().output_bytes_per_cell
    }

    /// The kernel for a notebook, and all that is needed to start it.
    ///
    /// # Errors
    /// There is no such kernel, or no Python for it.
    pub async fn start(
        &self,
        around: &Around<'_>,
        request: &Request,
        notebook: &Notebook,
        folder: &Path,
    ) -> Result<Start> {
        let name = request.kernel.as_deref().or(notebook.kernel_name());
        match &self.workspace {
            Some(workspace) => {
                self.in_workspace(workspace, around, request, name, notebook, folder).await
            }
            None => alone(around, request, name, notebook, folder).await,
        }
    }

    async fn in_workspace(
        &self,
        workspace: &Workspace,
        around: &Around<'_>,
        request: &Request,
        name: Option<&str>,
        notebook: &Notebook,
        folder: &Path,
    ) -> Result<Start> {
        let surroundings = around.surroundings;
        let made = environment::ensure(workspace, surroundings, around.console);
        let environment: Environment = around.stop.or(made).await?;
        let spec = run::kernelspec_named(name, notebook, &environment, surroundings)
            .map_err(|e| e.hint("-k penny runs it with the workspace's Python"))?;
        let variables = KernelVariables::new(workspace, surroundings, &environment);
        let launch = Launch {
            spec,
            cwd: folder.to_owned(),
            env: variables.by_hand(),
            runtime_dir: workspace.own().join("kernels"),
            start_timeout: request.start_timeout,
            prelude: Some(environment.module.join("penny").join("_kernel.py")),
            template: None,
            memory_limit_bytes: None,
        };
        Ok(Start { launch, scratch: None })
    }
}

/// Without a workspace: kernels as Jupyter finds them, and nothing is left behind.
async fn alone(
    around: &Around<'_>,
    request: &Request,
    name: Option<&str>,
    notebook: &Notebook,
    folder: &Path,
) -> Result<Start> {
    let surroundings = around.surroundings;
    let spec = around.stop.or(spec_alone(name, notebook, around)).await?;
    let scratch = tempfile::Builder::new()
        .prefix("penny-")
        .tempdir()
        .map_err(|e| Error::missing("the folder for temporary files cannot be used").because(e))?;
    let module = write_python_module(scratch.path())?;
    let env: Vec<(OsString, OsString)> = surroundings.variables().clone().into_iter().collect();
    let launch = Launch {
        spec,
        cwd: folder.to_owned(),
        env,
        runtime_dir: scratch.path().join("kernels"),
        start_timeout: request.start_timeout,
        prelude: Some(module.join("penny").join("_kernel.py")),
        template: None,
        memory_limit_bytes: None,
    };
    Ok(Start { launch, scratch: Some(scratch) })
}

async fn spec_alone(
    name: Option<&str>,
    notebook: &Notebook,
    around: &Around<'_>,
) -> Result<Kernelspec> {
    let name = match (name, notebook.language()) {
        (Some(name), _) => name,
        (None, None) => "python3",
        (None, Some(language)) if language.eq_ignore_ascii_case("python") => "python3",
        (None, Some(language)) => {
            return Err(Error::usage(format!(
                "the notebook is written in {language} and names no kernel"
            ))
            .hint(
                "name one with -k, or open the notebook in Jupyter, choose a kernel and save it",
            ));
        }
    };
    kernels::find(name, around.surroundings).await
}
