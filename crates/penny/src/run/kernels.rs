//! Where the kernels of a sync come from: started ahead of need, each for the notebook it will run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use penny_kernel::{Kernel, Kernelspec, Launch, StartError};
use penny_notebook::Notebook;
use tokio::task::JoinHandle;

use super::gateway::{self, OnGateway};
use super::templates::{self, Common, Templates, Way};
use super::{Equipped, KernelVariables, choice};
use crate::config::{Entry, Start};
use crate::environment::Environment;
use crate::error::{Error, Result, sentence_of};
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// How a kernel came to be, for the record of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `fork`, `spawn` or `gateway`.
    pub start: &'static str,
    /// Why that way.
    pub reason: String,
}

/// A kernel that is being started, or ready.
pub struct Begun {
    /// What the notebook's own processes know the run by.
    pub token: String,
    /// The kernelspec that was chosen.
    pub spec: Kernelspec,
    /// Whether it was started before its notebook's turn had come.
    pub is_ahead: bool,
    starting: Starting,
}

/// Dropping it ends the kernel.
struct Starting(JoinHandle<Result<(Kernel, Origin)>>);

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Begun {
    /// The kernel, once it is ready, and how it was started.
    ///
    /// # Errors
    /// It cannot be started: why, and what to do.
    pub async fn ready(mut self) -> Result<(Kernel, Origin)> {
        match (&mut self.starting.0).await {
            Ok(kernel) => kernel,
            Err(e) => Err(Error::missing(format!("the kernel could not be started: {e}"))),
        }
    }
}

/// The kernels of a sync. Dropping it ends those that were not used.
pub struct Kernels {
    workspace: Arc<Workspace>,
    surroundings: Arc<Surroundings>,
    equipped: Equipped,
    /// The gateway, once a notebook has asked for it.
    gateway: OnceLock<OnGateway>,
    /// By the names of the notebooks they were started for.
    ahead: Mutex<HashMap<String, Begun>>,
}

impl Kernels {
    /// Those of a sync; none is started yet.
    pub fn new(
        workspace: Arc<Workspace>,
        surroundings: Arc<Surroundings>,
        equipped: Equipped,
    ) -> Kernels {
        let ahead = Mutex::default();
        Kernels { workspace, surroundings, equipped, gateway: OnceLock::new(), ahead }
    }

    /// Starts the kernel of a notebook whose turn will come soon. What is wrong is told when it has.
    pub fn prepare(&self, entry: &Entry) {
        if self.ahead().contains_key(&entry.name) {
            return;
        }
        let Ok(source) = std::fs::read(&entry.file) else { return };
        let Ok(notebook) = Notebook::parse(&source) else { return };
        if let Ok(spec) = self.spec(entry, &notebook) {
            let begun = self.start(entry, &notebook.imports(), spec, &new_token());
            let begun = Begun { is_ahead: true, ..begun };
            self.ahead().insert(entry.name.clone(), begun);
        }
    }

    /// What the next run of a notebook is known by to the processes that it starts.
    pub fn token(&self, entry: &Entry) -> String {
        self.ahead().get(&entry.name).map_or_else(new_token, |begun| begun.token.clone())
    }

    /// The kernel of a notebook whose turn has come: the one that was started for it, if it is still the
    /// right one.
    ///
    /// # Errors
    /// There is no kernel for it.
    pub fn take(&self, entry: &Entry, notebook: &Notebook, token: &str) -> Result<Begun> {
        let ahead = self.ahead().remove(&entry.name);
        let spec = self.spec(entry, notebook)?;
        match ahead {
            Some(begun) if begun.spec == spec && begun.token == token => Ok(begun),
            _ => Ok(self.start(entry, &notebook.imports(), spec, token)),
        }
    }

    /// Another kernel for a notebook whose own has died before its first cell.
    pub fn again(&self, entry: &Entry, spec: Kernelspec, token: &str) -> Begun {
        let source = std::fs::read(&entry.file).unwrap_or_default();
        let imports = Notebook::parse(&source).map(|n| n.imports()).unwrap_or_default();
        self.start(entry, &imports, spec, token)
    }

    /// What is installed where a kernelspec's kernels run; known of the workspace's own Python alone.
    pub fn packages(&self, spec: &Kernelspec) -> Option<&str> {
        let environment = &self.equipped.environment;
        let is_own =
            spec.argv.first().is_some_and(|program| Path::new(program) == environment.python);
        environment.packages.as_deref().filter(|_| is_own)
    }

    /// Ends the kernel of a notebook whose turn will not come.
    pub fn forget(&self, entry: &Entry) {
        self.ahead().remove(&entry.name);
    }

    /// Ends what is left: kernels that were not used.
    pub async fn end(&self) {
        let unused = std::mem::take(&mut *self.ahead());
        for (_, mut begun) in unused {
            begun.starting.0.abort();
            // A kernel that was ready is dropped here, and its process ends with it.
            drop((&mut begun.starting.0).await);
        }
        if let Some(gateway) = self.gateway.get() {
            gateway.sweep().await;
        }
    }

    fn spec(&self, entry: &Entry, notebook: &Notebook) -> Result<Kernelspec> {
        if gateway::is_meant(&self.workspace, entry) {
            return Ok(gateway::kernelspec(&self.workspace, entry, notebook));
        }
        let environment = &self.equipped.environment;
        choice::kernelspec(entry, notebook, environment, &self.workspace, &self.surroundings)
    }

    fn start(&self, entry: &Entry, imports: &[String], spec: Kernelspec, token: &str) -> Begun {
        if gateway::is_meant(&self.workspace, entry) {
            return self.start_on_gateway(entry, spec, token);
        }
        let launch = Launch {
            spec: spec.clone(),
            cwd: entry.file.parent().map(PathBuf::from).unwrap_or_default(),
            env: self.equipped.variables.of_run(token),
            runtime_dir: runtime_dir(&self.workspace),
            start_timeout: self.workspace.config.limits.kernel_start,
            prelude: Some(script(&self.equipped.environment, "_kernel.py")),
            template: None,
            memory_limit_bytes: entry.memory_bytes.or(self.workspace.config.limits.memory_bytes),
        };
        let (wish, imports) = (wish(&self.workspace, entry), imports.to_vec());
        let planned = self.equipped.templates.of(&spec);
        let of_launch = spec.clone();
        let starting = tokio::spawn(async move {
            let way = templates::way(wish, &imports, &of_launch, planned.as_deref()).await;
            local(launch, way).await
        });
        Begun { token: token.to_owned(), spec, is_ahead: false, starting: Starting(starting) }
    }

    fn start_on_gateway(&self, entry: &Entry, spec: Kernelspec, token: &str) -> Begun {
        let gateway = match self.gateway.get() {
            Some(known) => Ok(known),
            None => OnGateway::new(&self.workspace).map(|new| self.gateway.get_or_init(|| new)),
        };
        let begun =
            gateway.map(|g| (g.clone(), g.launch(&spec, entry, &self.equipped.variables, token)));
        let starting = tokio::spawn(async move {
            let (gateway, launch) = begun?;
            gateway.start(launch).await
        });
        Begun { token: token.to_owned(), spec, is_ahead: false, starting: Starting(starting) }
    }

    fn ahead(&self) -> MutexGuard<'_, HashMap<String, Begun>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plans the templates for these notebooks, and begins to start them: that takes a second, in which the
/// database can be opened. Those that there are already stay if they still suit.
///
/// Must be called within a tokio runtime.
pub fn warm_up(
    workspace: &Workspace,
    surroundings: &Surroundings,
    environment: &Environment,
    variables: &KernelVariables,
    entries: &[&Entry],
    present: &Templates,
) -> Templates {
    let known: Vec<(Option<Start>, Notebook, Kernelspec)> = entries
        .iter()
        .filter(|entry| !gateway::is_meant(workspace, entry))
        .filter_map(|entry| {
            let notebook = Notebook::parse(&std::fs::read(&entry.file).ok()?).ok()?;
            let spec =
                choice::kernelspec(entry, &notebook, environment, workspace, surroundings).ok()?;
            Some((wish(workspace, entry), notebook, spec))
        })
        .collect();
    let common = Common {
        script: script(environment, "_template.py"),
        env: variables.of_template(),
        runtime_dir: runtime_dir(workspace),
        start_timeout: workspace.config.limits.kernel_start,
        packages: environment.packages.clone(),
    };
    let templates = Templates::plan(&known, &common, present);
    templates.warm_up();
    templates
}

/// How penny.toml wants the kernel of a notebook to start.
fn wish(workspace: &Workspace, entry: &Entry) -> Option<Start> {
    entry.start.or(workspace.config.execution.start)
}

/// A Python file of Penny's own that kernels are started with.
fn script(environment: &Environment, name: &str) -> PathBuf {
    environment.module.join("penny").join(name)
}

fn runtime_dir(workspace: &Workspace) -> PathBuf {
    workspace.own().join("kernels")
}

/// A kernel on this computer: forked if it is to be and can be, else spawned.
async fn local(mut launch: Launch, way: Way) -> Result<(Kernel, Origin)> {
    let reason = match way {
        Way::Spawn(reason) => reason,
        Way::Fork(template, reason) => {
            launch.template = Some(template);
            match Kernel::start(launch.clone()).await {
                Ok(kernel) => return Ok((kernel, Origin { start: Start::Fork.word(), reason })),
                Err(StartError::Fork { source, .. }) => sentence_of(&source),
                Err(error) => return Err(not_started(&error)),
            }
        }
    };
    launch.template = None;
    let kernel = Kernel::start(launch).await.map_err(|e| not_started(&e))?;
    Ok((kernel, Origin { start: Start::Spawn.word(), reason }))
}

/// A kernel that died or was slow may be quicker the next time; one that cannot be run will not.
fn not_started(error: &StartError) -> Error {
    use StartError::{Connect, Died, Timeout};
    let may_pass = matches!(error, Died { .. } | Timeout { .. } | Connect { .. });
    Error::missing(sentence_of(error)).passing(may_pass)
}

/// Random, so that no process but those of the run knows it.
fn new_token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
