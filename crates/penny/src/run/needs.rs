//! What notebooks need while they run: PostgreSQL, and the simulated Pennylane where that is the source.

use std::time::Duration;

use penny_postgres::connection::{self, Target};
use penny_sandbox::company;

use super::{KernelVariables, Rigour};
use crate::console::Console;
use crate::database::{Database, Place, Settings};
use crate::error::{Error, Kind, Result};
use crate::sources::sandbox::{self, Parts, Simulated};
use crate::stop::Stop;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// A server that does not let anyone in within this is looked at anew.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// The servers, open for as long as this is held.
pub struct Needs {
    database: Option<Database>,
    simulated: Simulated,
    opened: Opened,
    /// What could not be opened, in words.
    trouble: Option<String>,
}

/// What the servers were opened for: when `.env` or the simulated company changed, they are not the right ones
/// any more.
#[derive(PartialEq)]
struct Opened {
    database: String,
    login: [String; 3],
    company: Option<company::Settings>,
    tokens: Vec<Option<String>>,
}

/// What opening needs.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The system around.
    pub surroundings: &'a Surroundings,
    /// Where progress is shown.
    pub console: &'a Console,
    /// The wish to end.
    pub stop: &'a Stop,
}

impl Needs {
    /// Opens them. A server of the user's that is away fails those notebooks that publish, the others run; of
    /// Penny's own, that holds for a service only: it tries again at its next sync.
    ///
    /// # Errors
    /// What cannot be opened, and why.
    pub async fn open(around: Around<'_>, rigour: Rigour) -> Result<Needs> {
        let Around { workspace, surroundings, console, stop } = around;
        let mut trouble = None;
        let mut bearable = |error: Error, may_lack: bool| match error.kind() {
            Kind::Missing if may_lack => {
                console.warn(&error.sentence());
                trouble = Some(error.sentence());
                Ok(())
            }
            _ => Err(error),
        };
        let opened = Opened::by(workspace)?;
        let lenient = rigour == Rigour::Lenient;
        let database = match stop.or(Database::open(workspace, surroundings, console)).await {
            Ok(database) => {
                database.idle();
                Some(database)
            }
            Err(e) => {
                bearable(e, lenient || !Settings::of(workspace)?.is_own())?;
                None
            }
        };
        let today = jiff::Zoned::now().date();
        let parts = Parts { api: true, share: true };
        let simulated = Simulated::open(workspace, surroundings, console, parts, today);
        let simulated = match stop.or(simulated).await {
            Ok(simulated) => simulated,
            Err(e) => {
                bearable(e, lenient)?;
                Simulated { api: None, own: None }
            }
        };
        Ok(Needs { database, simulated, opened, trouble })
    }

    /// Whether they are still what the workspace needs, and PostgreSQL answers.
    pub async fn are_well(&self, workspace: &Workspace) -> bool {
        let same = Opened::by(workspace).is_ok_and(|now| now == self.opened);
        let Some(database) = self.database.as_ref().filter(|_| same && self.trouble.is_none())
        else {
            return false;
        };
        answers(&database.target).await
    }

    /// What could not be opened.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Tells the kernels where everything is.
    ///
    /// # Errors
    /// `.env` cannot be understood.
    pub fn tell(&self, workspace: &Workspace, variables: &mut KernelVariables) -> Result<()> {
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

    /// Lets them go.
    pub async fn close(self) {
        self.simulated.close().await;
        if let Some(database) = self.database {
            database.close().await;
        }
    }
}

impl Opened {
    fn by(workspace: &Workspace) -> Result<Opened> {
        let settings = Settings::of(workspace)?;
        let company = match workspace.config.sandbox {
            true => Some(sandbox::settings(workspace, jiff::Zoned::now().date())?),
            false => None,
        };
        let database = match &settings.place {
            Place::Embedded { port } => format!("own {port} {}", settings.database),
            Place::Server(target) => target.to_string(),
        };
        let get = |name: &str| workspace.variables.get(name).map(str::to_owned);
        let names =
            ["PENNYLANE_API_TOKEN", "PENNYLANE_API_URL", "REDSHIFT_USER", "REDSHIFT_PASSWORD"];
        Ok(Opened {
            database,
            login: [settings.user, settings.password, settings.schema],
            company,
            tokens: names.into_iter().map(get).collect(),
        })
    }
}

async fn answers(target: &Target) -> bool {
    let connected = tokio::time::timeout(ANSWER_MAX, connection::connect(target)).await;
    matches!(connected, Ok(Ok(_)))
}
