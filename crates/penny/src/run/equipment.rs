//! What runs stand on, opened once and kept: the Python, the templates of its kernels, the servers.
//!
//! `penny run` opens it for one sync; `penny start` keeps it from sync to sync, and renews what changed or died.

use std::sync::Arc;

use super::KernelVariables;
use super::kernels::warm_up;
use super::needs::{Around, Needs};
use super::templates::Templates;
use crate::config::Entry;
use crate::console::Console;
use crate::database::OwnServer;
use crate::environment::{self, Environment};
use crate::error::Result;
use crate::stop::Stop;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// What templates import is learned from so many notebooks at most: reading thousands takes time.
const READ_MAX: usize = 64;

/// What is to happen when something cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rigour {
    /// The sync does not begin.
    Strict,
    /// It begins without, is told so, and the next one tries again.
    Lenient,
}

/// What runs stand on.
pub struct Equipment {
    surroundings: Arc<Surroundings>,
    console: Console,
    stop: Stop,
    rigour: Rigour,
    needs: Option<Arc<Needs>>,
    /// Penny's own server, until the first sync has it too.
    hosted: Option<OwnServer>,
    /// Servers that a sync still uses, and no later one will.
    former: Vec<Arc<Needs>>,
    templates: Templates,
}

/// What one sync has of it.
#[derive(Clone)]
pub struct Equipped {
    /// The Python of the notebooks.
    pub environment: Environment,
    /// The environment variables of their kernels.
    pub variables: Arc<KernelVariables>,
    /// Where their kernels are forked from.
    pub templates: Templates,
    /// The servers; they stay for as long as this is held.
    needs: Arc<Needs>,
}

impl Equipped {
    /// What could not be opened, in words.
    pub fn trouble(&self) -> Option<&str> {
        self.needs.trouble()
    }
}

impl Equipment {
    /// Nothing is opened yet.
    pub fn new(
        surroundings: Arc<Surroundings>,
        console: Console,
        stop: Stop,
        rigour: Rigour,
    ) -> Equipment {
        let (former, templates) = (Vec::new(), Templates::default());
        let (needs, hosted) = (None, None);
        Equipment { surroundings, console, stop, rigour, needs, hosted, former, templates }
    }

    /// Starts Penny's own PostgreSQL though no sync needs it, for those who read the tables: whether it runs. One
    /// that the user has stopped is left alone.
    ///
    /// # Errors
    /// It does not start; Penny is ending.
    pub async fn host(&mut self, workspace: &Workspace) -> Result<bool> {
        let stop = &self.stop;
        let hosted =
            OwnServer::bring_back(workspace, &self.surroundings, &self.console, stop).await?;
        let is_up = hosted.is_some();
        self.hosted = hosted.or_else(|| self.hosted.take());
        Ok(is_up)
    }

    /// Whether Penny is asked to end.
    pub fn is_ending(&self) -> bool {
        self.stop.is_asked()
    }

    /// Opens what is not open, renews what does not suit any more.
    ///
    /// # Errors
    /// There is no Python, or (when strict) no PostgreSQL; `.env` cannot be understood.
    pub async fn ready<'e>(
        &mut self,
        workspace: &Workspace,
        entries: impl IntoIterator<Item = &'e Entry>,
    ) -> Result<Equipped> {
        let (surroundings, console) = (Arc::clone(&self.surroundings), self.console.clone());
        let ensured = environment::ensure(workspace, &surroundings, &console);
        let environment = self.stop.or(ensured).await?;
        let mut variables = KernelVariables::new(workspace, &surroundings, &environment);
        let entries: Vec<&Entry> = entries.into_iter().take(READ_MAX).collect();
        self.templates =
            warm_up(workspace, &surroundings, &environment, &variables, &entries, &self.templates);
        let needs = self.needs(workspace).await?;
        needs.tell(workspace, &mut variables)?;
        Ok(Equipped {
            environment,
            variables: Arc::new(variables),
            templates: self.templates.clone(),
            needs,
        })
    }

    async fn needs(&mut self, workspace: &Workspace) -> Result<Arc<Needs>> {
        self.let_go().await;
        if let Some(present) = &self.needs {
            if present.are_well(workspace).await {
                return Ok(Arc::clone(present));
            }
            self.former.extend(self.needs.take());
            self.let_go().await;
        }
        let (surroundings, console, stop) = (&*self.surroundings, &self.console, &self.stop);
        let around = Around { workspace, surroundings, console, stop };
        let needs = Arc::new(Needs::open(around, self.rigour).await?);
        if needs.trouble().is_none() {
            self.hosted = None;
        }
        self.needs = Some(Arc::clone(&needs));
        Ok(needs)
    }

    /// Closes the servers that nobody uses any more.
    async fn let_go(&mut self) {
        for needs in std::mem::take(&mut self.former) {
            match Arc::try_unwrap(needs) {
                Ok(needs) => needs.close().await,
                Err(used) => self.former.push(used),
            }
        }
    }

    /// Ends all of it; the syncs have ended before.
    pub async fn close(mut self) {
        self.former.extend(self.needs.take());
        let templates = std::mem::take(&mut self.templates);
        let hosted = self.hosted.take();
        let servers = async {
            self.let_go().await;
            if let Some(hosted) = hosted {
                hosted.close().await;
            }
        };
        tokio::join!(templates.end(), servers);
    }
}
