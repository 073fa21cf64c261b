//! The `[execution]` of penny.toml: how many notebooks at a time, how their kernels start, and where.

use super::document::{Item, Table};
use super::table::{Findings, Section};

/// The keys of the section.
pub(super) const KEYS: &[&str] = &["parallel", "start", "executor", "gateway_url"];
/// More kernels than this at once help nobody.
const PARALLEL_MAX: i64 = 64;

/// How notebooks are executed, where a notebook does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionSettings {
    /// How many notebooks run at a time; by cores and memory when penny.toml is silent.
    pub parallel: Option<usize>,
    /// How kernels start; by rule, for each notebook, when penny.toml is silent.
    pub start: Option<Start>,
    /// Where kernels run.
    pub executor: Executor,
    /// The Jupyter server that runs kernels.
    pub gateway_url: Option<String>,
}

/// How a kernel on this computer starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// As a copy of a process that has imported the libraries already.
    Fork,
    /// As a process of its own from the beginning.
    Spawn,
}

/// Where kernels run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Executor {
    /// On this computer.
    #[default]
    Local,
    /// On a Jupyter Kernel Gateway, Jupyter Server or Enterprise Gateway.
    Gateway,
}

impl Start {
    /// The word for it in penny.toml and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Start::Fork => "fork",
            Start::Spawn => "spawn",
        }
    }
}

/// Reads the section.
pub(super) fn read(section: &Section<'_>, findings: &mut Findings) -> ExecutionSettings {
    let parallel = section.whole("parallel", 1..=PARALLEL_MAX, findings);
    let settings = ExecutionSettings {
        parallel: parallel.and_then(|n| usize::try_from(n).ok()),
        start: start(section, findings),
        executor: executor(section, findings).unwrap_or_default(),
        gateway_url: section.text("gateway_url", findings),
    };
    if let Some(url) = &settings.gateway_url
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        let hint = "write the address of the Jupyter server, as in \"https://jupyter.example.com\"";
        let message = format!("`gateway_url`: {url} is no web address");
        findings.add(section.span_of("gateway_url"), message, Some(hint.to_owned()));
    }
    settings
}

/// `start = "fork" | "spawn"`, of the workspace or of a notebook.
pub(super) fn start(section: &Section<'_>, findings: &mut Findings) -> Option<Start> {
    section.choice("start", &[("fork", Start::Fork), ("spawn", Start::Spawn)], findings)
}

/// `executor = "local" | "gateway"`, of the workspace or of a notebook.
pub(super) fn executor(section: &Section<'_>, findings: &mut Findings) -> Option<Executor> {
    let known = [("local", Executor::Local), ("gateway", Executor::Gateway)];
    section.choice("executor", &known, findings)
}

/// Notes every use of a gateway when penny.toml names none.
pub(super) fn check_gateway(
    settings: &ExecutionSettings,
    root: &Table<'_>,
    findings: &mut Findings,
) {
    if settings.gateway_url.is_some() {
        return;
    }
    let whole = root.get("execution").and_then(Item::table);
    let notebooks = root.get("notebook").and_then(Item::tables).unwrap_or_default();
    for table in whole.into_iter().chain(notebooks.into_iter().map(|(table, _)| table)) {
        let Some(item) = table.get("executor").filter(|i| i.text() == Some("gateway")) else {
            continue;
        };
        findings.add(
            item.span.clone(),
            "`executor` is \"gateway\", but penny.toml names no gateway".to_owned(),
            Some("add its address to [execution]: gateway_url = \"https://…\"".to_owned()),
        );
    }
}
