//! Notebooks whose kernels run on a Jupyter server elsewhere.
//!
//! A kernel there outlives a Penny that is killed. So each is noted in `.penny/kernels/gateway` while
//! it runs, and what an earlier sync left behind is ended before the first kernel of the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use penny_kernel::{Gateway, GatewayError, GatewayLaunch, Kernel, Kernelspec};
use penny_notebook::Notebook;
use tokio::sync::OnceCell;

use super::KernelVariables;
use super::kernels::Origin;
use crate::config::{Entry, Executor};
use crate::error::{Error, Result, sentence_of};
use crate::workspace::Workspace;

/// The variable of `.env` that holds the gateway's token: Jupyter's own name for it.
const TOKEN: &str = "JUPYTER_GATEWAY_TOKEN";
/// What is done about a token that is missing or wrong.
const TOKEN_REMEDY: &str = "write it into .env, as JUPYTER_GATEWAY_TOKEN=…";
/// Names that mean the usual Python, which is called so on every gateway.
const OWN: &[&str] = &["penny", "python3", "python"];
const USUAL: &str = "python3";
/// Variables that mean something on this computer alone.
const HERE: &[&str] = &["PENNY_BIN", "PENNY_WORKSPACE", "PYTHONPATH"];

/// The gateway of a sync.
#[derive(Clone)]
pub struct OnGateway {
    gateway: Gateway,
    /// Where its kernels are noted.
    notes: PathBuf,
    /// Whether it was looked for what an earlier sync left behind.
    swept: Arc<OnceCell<()>>,
    start_timeout: Duration,
}

/// Whether the kernel of a notebook runs on the gateway.
pub fn is_meant(workspace: &Workspace, entry: &Entry) -> bool {
    entry.executor.unwrap_or(workspace.config.execution.executor) == Executor::Gateway
}

/// The kernelspec of a notebook there: penny.toml's, else the notebook's own, else the usual Python.
pub fn kernelspec(workspace: &Workspace, entry: &Entry, notebook: &Notebook) -> Kernelspec {
    let configured = entry.kernel.as_deref().or(workspace.config.python.kernel.as_deref());
    let name = configured.or(notebook.kernel_name()).unwrap_or(USUAL);
    let name = if OWN.contains(&name) { USUAL } else { name };
    let language = notebook.language().unwrap_or(if name == USUAL { "python" } else { "" });
    let mut spec = Kernelspec::python(Path::new(""));
    spec.argv.clear();
    (spec.name, spec.display_name) = (name.to_owned(), name.to_owned());
    spec.language = language.to_owned();
    spec
}

impl OnGateway {
    /// The gateway of a workspace.
    ///
    /// # Errors
    /// penny.toml names none, or its address or token is none.
    pub fn new(workspace: &Workspace) -> Result<OnGateway> {
        let url = workspace.config.execution.gateway_url.as_deref();
        let url = url.ok_or_else(|| Error::usage("penny.toml names no gateway".to_owned()))?;
        let gateway = Gateway::new(url, workspace.variables.get(TOKEN))
            .map_err(|e| Error::usage(sentence_of(&e)))?;
        Ok(OnGateway {
            gateway,
            notes: workspace.own().join("kernels").join("gateway"),
            swept: Arc::default(),
            start_timeout: workspace.config.limits.kernel_start,
        })
    }

    /// How a kernel is to be started there for a run. On this computer's own gateway it works in the
    /// notebook's folder and finds Penny's module; on another that is for who runs the gateway.
    pub fn launch(
        &self,
        spec: &Kernelspec,
        entry: &Entry,
        variables: &KernelVariables,
        token: &str,
    ) -> GatewayLaunch {
        let mut env = variables.of_gateway(token);
        env.retain(|(name, _)| name != TOKEN && (self.is_here() || !HERE.contains(&name.as_str())));
        GatewayLaunch {
            gateway: self.gateway.clone(),
            kernel: spec.name.clone(),
            env,
            cwd: entry.file.parent().and_then(Path::to_str).map(str::to_owned),
            start_timeout: self.start_timeout,
            reconnect_limit: Gateway::RECONNECT_LIMIT,
        }
    }

    /// A kernel there, noted.
    ///
    /// # Errors
    /// It cannot be started: why, and what to do.
    pub async fn start(&self, launch: GatewayLaunch) -> Result<(Kernel, Origin)> {
        self.swept.get_or_init(|| self.sweep()).await;
        let kernel = Kernel::start_on(launch).await.map_err(|error| not_started(&error))?;
        if let Some(id) = kernel.remote_id()
            && let Err(e) = self.note(id)
        {
            tracing::warn!("the kernel {id} on the gateway could not be noted: {e}");
        }
        let reason = format!("on {}", self.gateway.url());
        Ok((kernel, Origin { start: "gateway", reason }))
    }

    /// Ends the kernels that are noted, none of which is needed any more.
    pub async fn sweep(&self) {
        let Ok(notes) = std::fs::read_dir(&self.notes) else { return };
        for note in notes.filter_map(|note| note.ok()) {
            let name = note.file_name();
            let Some(id) = name.to_str() else { continue };
            match self.gateway.end_kernel(id).await {
                Ok(ended) => {
                    if ended {
                        tracing::info!("the kernel {id}, left behind on the gateway, was ended");
                    }
                    std::fs::remove_file(note.path()).ok();
                }
                // Who cannot be reached for one cannot be for the others.
                Err(e) => return tracing::warn!("kernels may be left: {}", sentence_of(&e)),
            }
        }
    }

    fn note(&self, id: &str) -> std::io::Result<()> {
        // The id becomes a file's name, and comes from elsewhere.
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        crate::platform::private_folder(&self.notes)?;
        std::fs::write(self.notes.join(id), "")
    }

    fn is_here(&self) -> bool {
        let host = self.gateway.url().split_once("://").map_or("", |(_, rest)| rest);
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|here| {
            host.strip_prefix(here)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        })
    }
}

/// Why there is no kernel, and what to do.
fn not_started(error: &GatewayError) -> Error {
    let is_of_the_token =
        matches!(error, GatewayError::Refused { .. } | GatewayError::NoToken { .. });
    let hint = is_of_the_token.then_some(TOKEN_REMEDY);
    Error::missing(sentence_of(error)).hint_if(hint).passing(error.may_pass())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_starts_again_is_asked_again_and_one_that_refuses_the_token_is_not() {
        #[track_caller]
        fn check(error: GatewayError, may_pass: bool) {
            assert_eq!(not_started(&error).may_pass(), may_pass, "{error}");
        }
        let url = || "http://gateway".to_owned();
        let answer = |status| GatewayError::Status {
            url: url(),
            wish: "start a kernel",
            status,
            said: String::new(),
        };
        check(GatewayError::Slow { url: url(), limit: Duration::from_secs(10) }, true);
        check(answer(503), true);
        check(answer(404), false);
        check(GatewayError::NotAGateway { url: url(), wish: "list its kernels" }, false);
        let refused = GatewayError::Refused { url: url(), status: 401 };
        assert_eq!(not_started(&refused).hints(), [TOKEN_REMEDY]);
        check(refused, false);
    }
}
