//! `penny run`, and the sync that `penny demo` shares with it.

use super::arguments::RunOptions;
use super::{Context, print};
use crate::console::Summary;
use crate::database::{Database, Place, Settings};
use crate::environment;
use crate::error::{Kind, Result};
use crate::run::{self, Endings, KernelVariables, Kernels, SyncLock, Syncing};
use crate::sources::sandbox::{Parts, Simulated};
use crate::store::Store;
use crate::workspace::Workspace;

pub async fn run(context: &Context, options: &RunOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let summary = sync(context, &workspace, &options.names, "manual").await?;
    if options.json {
        print(&format!("{:#}", summary.json()));
    } else {
        print(&format!("\n{}\n\nExecuted notebooks: {}/", summary.text(), summary.outputs));
    }
    Ok(status(context, &workspace, &summary))
}

/// The exit status that a sync means.
pub fn status(context: &Context, workspace: &Workspace, summary: &Summary) -> u8 {
    let missing = |name: &str| {
        workspace.config.notebooks.iter().any(|e| e.name == name && e.missing.is_some())
    };
    if context.stop.is_asked() {
        Kind::Interrupted.status()
    } else if summary.lines.iter().any(|l| missing(&l.name)) {
        // The others ran; but penny.toml names a file that is not there.
        Kind::Usage.status()
    } else if summary.failures() > 0 {
        Kind::Notebook.status()
    } else {
        0
    }
}

/// One sync with everything that it needs; whatever was started for it has ended when this is back.
pub async fn sync(
    context: &Context,
    workspace: &Workspace,
    names: &[String],
    trigger: &str,
) -> Result<Summary> {
    workspace.config.select(names)?;
    // What is wrong in .env is told before anything is installed or started. The passwords that it
    // lacks are made here: read again, so that they are known for the secrets they are.
    Settings::of(workspace)?;
    let workspace = &Workspace::open(&workspace.root, &context.surroundings)?;
    let entries = workspace.config.select(names)?;
    let _lock = SyncLock::take(workspace)?;
    crate::log::open(&workspace.log(), context.log_format, workspace.secrets.clone())?;
    let store = Store::open(&workspace.history())?;
    let (surroundings, console) = (&context.surroundings, &context.console);
    let environment =
        context.stop.or(environment::ensure(workspace, surroundings, console)).await?;
    let mut variables = KernelVariables::new(workspace, surroundings, &environment);
    let templates = run::warm_up(workspace, surroundings, &environment, &variables, &entries);
    let needs = Needs::open(context, workspace).await?;
    needs.tell(workspace, &mut variables)?;
    let kernels = Kernels::new(workspace, surroundings, &environment, &variables, templates);
    let syncing = Syncing {
        workspace,
        surroundings,
        console,
        stop: &context.stop,
        store: &store,
        environment: &environment,
        kernels: &kernels,
        endings: &Endings::default(),
    };
    let summary = syncing.run(trigger, &entries).await;
    kernels.end().await;
    needs.close().await;
    summary
}

/// What notebooks need while they run.
struct Needs {
    database: Option<Database>,
    simulated: Simulated,
}

impl Needs {
    async fn open(context: &Context, workspace: &Workspace) -> Result<Needs> {
        let (surroundings, console) = (&context.surroundings, &context.console);
        let database = match context.stop.or(Database::open(workspace, surroundings, console)).await
        {
            Ok(database) => Some(database),
            // A server of the user's that is away fails those notebooks that publish; the others run.
            Err(e) if e.kind() == Kind::Missing && !is_own(workspace)? => {
                console.warn(&e.sentence());
                None
            }
            Err(e) => return Err(e),
        };
        let today = jiff::Zoned::now().date();
        let parts = Parts { api: true, share: true };
        let simulated = Simulated::open(workspace, surroundings, console, parts, today);
        let simulated = context.stop.or(simulated).await?;
        Ok(Needs { database, simulated })
    }

    /// Tells the kernels where everything is.
    fn tell(&self, workspace: &Workspace, variables: &mut KernelVariables) -> Result<()> {
        match (&self.database, Settings::of(workspace)?) {
            (Some(database), _) => variables.database(&database.target, &database.schema),
            // Where it would be: a notebook that publishes says why it cannot.
            (None, Settings { place: Place::Server(target), schema, .. }) => {
                variables.database(&target, &schema);
            }
            (None, _) => {}
        }
        if self.database.as_ref().is_some_and(|d| d.own().is_some()) {
            variables.own_server();
        }
        variables.simulated(&self.simulated);
        Ok(())
    }

    async fn close(self) {
        self.simulated.close().await;
        if let Some(database) = self.database {
            database.close().await;
        }
    }
}

fn is_own(workspace: &Workspace) -> Result<bool> {
    Ok(matches!(Settings::of(workspace)?.place, Place::Embedded { .. }))
}
