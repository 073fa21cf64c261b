//! The environment of a kernel: the user's, `.env`, and where Penny's own servers are.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use penny_postgres::connection::Target;

use crate::config::OF_THE_DASHBOARD;
use crate::database::OWN_OF_RUN;
use crate::environment::Environment;
use crate::sources::sandbox::Simulated;
use crate::surroundings::Surroundings;
use crate::workspace::Workspace;

/// Variables that every kernel of a sync gets.
pub struct KernelVariables {
    variables: BTreeMap<OsString, OsString>,
    /// Those among them that are not merely the environment Penny runs in.
    own: BTreeSet<OsString>,
}

impl KernelVariables {
    /// Those of a workspace.
    pub fn new(
        workspace: &Workspace,
        surroundings: &Surroundings,
        environment: &Environment,
    ) -> Self {
        let mut all =
            KernelVariables { variables: surroundings.variables().clone(), own: BTreeSet::new() };
        for (name, value) in workspace.variables.of_file() {
            all.set(name, value);
        }
        // They are the service's: whoever can write a notebook is not to act in the name of the others.
        for name in OF_THE_DASHBOARD {
            all.variables.remove(OsStr::new(name));
            all.own.remove(OsStr::new(name));
        }
        all.set("PENNY_BIN", surroundings.penny.as_os_str());
        all.set("PENNY_WORKSPACE", workspace.root.as_os_str());
        let mut path = vec![environment.module.clone()];
        if let Some(present) = surroundings.os("PYTHONPATH").filter(|p| !p.is_empty()) {
            path.extend(std::env::split_paths(present));
        }
        if let Ok(path) = std::env::join_paths(path) {
            all.set("PYTHONPATH", path);
        }
        if surroundings.os("IPYTHONDIR").is_none() && !has_room_for_ipython(surroundings) {
            // For this computer alone: a gateway's kernels have a home of their own.
            all.variables.insert("IPYTHONDIR".into(), workspace.own().join("ipython").into());
        }
        all
    }

    /// Where the tables go, for notebooks that connect by themselves.
    pub fn database(&mut self, target: &Target, schema: &str) {
        self.set("POSTGRES_HOST", &target.host);
        self.set("POSTGRES_PORT", target.port.to_string());
        self.set("POSTGRES_DB", &target.database);
        self.set("POSTGRES_USER", &target.user);
        self.set("POSTGRES_PASSWORD", target.password.expose());
        self.set("POSTGRES_SCHEMA", schema);
        self.set("POSTGRES_SSLMODE", target.sslmode.as_str());
        if let Some(certificates) = &target.sslrootcert {
            self.set("POSTGRES_SSLROOTCERT", certificates);
        }
    }

    /// That the tables are on Penny's own server.
    pub fn own_server(&mut self) {
        self.set(OWN_OF_RUN, "1");
    }

    /// Where the simulated Pennylane is, when that is the one.
    pub fn simulated(&mut self, simulated: &Simulated) {
        if let Some(api) = &simulated.api {
            self.set("PENNYLANE_API_URL", &api.url);
        }
        if let Some(own) = &simulated.own {
            self.set("REDSHIFT_HOST", "127.0.0.1");
            self.set("REDSHIFT_PORT", own.port().to_string());
            self.set("REDSHIFT_SSLMODE", "disable");
        }
    }

    /// The environment of a process that kernels are forked from.
    pub fn of_template(&self) -> Vec<(OsString, OsString)> {
        self.variables.clone().into_iter().collect()
    }

    /// The whole environment of one run's kernel.
    pub fn of_run(&self, token: &str) -> Vec<(OsString, OsString)> {
        let mut all = self.variables.clone();
        all.insert("PENNY_RUN".into(), token.into());
        all.into_iter().collect()
    }

    /// What one run's kernel gets where the rest of its environment is that of another computer.
    pub fn of_gateway(&self, token: &str) -> Vec<(String, String)> {
        let run = ("PENNY_RUN".to_owned(), token.to_owned());
        let own = self.variables.iter().filter(|(name, _)| self.own.contains(*name));
        let text = |value: &OsString| value.to_str().map(str::to_owned);
        own.filter_map(|(name, value)| Some((text(name)?, text(value)?))).chain([run]).collect()
    }

    /// The environment of a kernel that no run of a sync is behind.
    pub fn by_hand(&self) -> Vec<(OsString, OsString)> {
        self.variables.clone().into_iter().collect()
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.own.insert(name.into());
        self.variables.insert(name.into(), value.into());
    }
}

/// Whether IPython can keep its profile in the user's home. A service of the system often has none: then each
/// kernel would leave a new folder among the temporary files, for good.
fn has_room_for_ipython(surroundings: &Surroundings) -> bool {
    let home = ["HOME", "USERPROFILE"].iter().find_map(|name| surroundings.os(name));
    let Some(home) = home.filter(|home| !home.is_empty()).map(PathBuf::from) else {
        // IPython asks the system where the home is.
        return true;
    };
    let profile = home.join(".ipython");
    let folder = if profile.is_dir() { profile } else { home };
    tempfile::tempfile_in(folder).is_ok()
}
