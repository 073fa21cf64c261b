//! The template processes: one for each Python whose notebooks can be forked. `penny start` keeps them from
//! sync to sync.
//!
//! Which way a kernel starts is decided for each notebook by rule: what penny.toml says; else forked,
//! where the system can, when more than one notebook of the sync shares the imports, and unless the
//! notebook uses a library that does not survive a fork.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use penny_kernel::{Kernelspec, LeftOut, Template, TemplateLaunch};
use penny_notebook::Notebook;
use tokio::sync::OnceCell;

use crate::config::Start;
use crate::error::sentence_of;

/// One notebook alone does not repay the time that a template takes to start.
const SHARED_MIN: usize = 2;
/// A template imports no more modules than this, whatever its notebooks were in the course of time.
const PRELOAD_MAX: usize = 200;

/// The templates; each starts when its first kernel is asked for, or before.
#[derive(Clone, Default)]
pub struct Templates {
    by_python: BTreeMap<PathBuf, Arc<Planned>>,
}

/// A template that is planned, starting, running, or could not start.
pub struct Planned {
    launch: TemplateLaunch,
    /// What was installed in its Python when it was planned.
    packages: Option<Arc<str>>,
    /// How many notebooks of the sync may use it.
    notebooks: usize,
    /// The template, or why there is none.
    started: OnceCell<Result<Arc<Template>, String>>,
}

/// How a kernel is to start, and why that way.
pub enum Way {
    /// Forked from this template.
    Fork(Arc<Template>, String),
    /// As a process of its own.
    Spawn(String),
}

/// What all templates of a workspace have in common.
pub struct Common {
    /// The Python file that is the template.
    pub script: PathBuf,
    /// The environment of the kernels.
    pub env: Vec<(OsString, OsString)>,
    /// The folder for running kernels.
    pub runtime_dir: PathBuf,
    /// How long it may take to start.
    pub start_timeout: Duration,
    /// What is installed in the workspace's Python: a template that imported another version is of no use.
    pub packages: Option<Arc<str>>,
}

impl Templates {
    /// Plans a template for each Python that these notebooks use: how penny.toml wants each to start, the
    /// notebook, its kernelspec. One that is `present`, lives and has imported what they import stays.
    pub fn plan(
        notebooks: &[(Option<Start>, Notebook, Kernelspec)],
        common: &Common,
        present: &Templates,
    ) -> Templates {
        if !Template::is_supported() {
            return Templates::default();
        }
        let mut templates = present.clone();
        templates.by_python.retain(|_, planned| planned.suits(common));
        let mut imports: BTreeMap<PathBuf, (usize, Vec<String>)> = BTreeMap::new();
        for (wish, notebook, spec) in notebooks {
            if *wish == Some(Start::Spawn) || !can_be_forked(spec) {
                continue;
            }
            let python = PathBuf::from(spec.argv.first().map(String::as_str).unwrap_or_default());
            let (count, modules) = imports.entry(python).or_default();
            *count += 1;
            for module in notebook.imports() {
                if !modules.contains(&module) {
                    modules.push(module);
                }
            }
        }
        for (python, (notebooks, mut preload)) in imports {
            if let Some(present) = templates.by_python.get(&python) {
                if present.covers(notebooks, &preload) {
                    continue;
                }
                // What it had for others, the next one has, too.
                let earlier = present.launch.preload.iter().filter(|m| !preload.contains(m));
                preload.extend(earlier.cloned().collect::<Vec<_>>());
                preload.truncate(PRELOAD_MAX);
            }
            let launch = TemplateLaunch {
                python: python.clone(),
                script: common.script.clone(),
                env: common.env.clone(),
                preload,
                runtime_dir: common.runtime_dir.clone(),
                start_timeout: common.start_timeout,
            };
            let packages = common.packages.clone();
            let planned = Planned { launch, packages, notebooks, started: OnceCell::new() };
            templates.by_python.insert(python, Arc::new(planned));
        }
        templates
    }

    /// Starts those that will be used, in the background: their imports take a second.
    pub fn warm_up(&self) {
        for planned in self.by_python.values().filter(|p| p.notebooks >= SHARED_MIN) {
            let planned = Arc::clone(planned);
            tokio::spawn(async move {
                planned.template().await.ok();
            });
        }
    }

    /// The template of a Python, if one is planned.
    pub fn of(&self, spec: &Kernelspec) -> Option<Arc<Planned>> {
        self.by_python.get(Path::new(spec.argv.first()?)).cloned()
    }

    /// Ends those that run. Kernels that were forked from them have to have ended before.
    pub async fn end(self) {
        let ends = self.by_python.into_values().map(|planned| async {
            // One that is still starting ends when its last user lets go of it.
            let Some(planned) = Arc::into_inner(planned) else { return };
            if let Some(Ok(template)) = planned.started.into_inner()
                && let Some(template) = Arc::into_inner(template)
            {
                template.end().await;
            }
        });
        futures_util::future::join_all(ends).await;
    }
}

impl Planned {
    /// Whether it is as one that is planned now would be, and lives if it was started.
    fn suits(&self, common: &Common) -> bool {
        let same = self.launch.script == common.script
            && self.launch.env == common.env
            && self.packages == common.packages;
        let lives = match self.started.get() {
            Some(Ok(template)) => template.is_alive(),
            // What kept it from starting may be gone.
            Some(Err(_)) => false,
            None => true,
        };
        same && lives
    }

    /// Whether it does for so many notebooks that import these modules.
    fn covers(&self, notebooks: usize, imports: &[String]) -> bool {
        let has = |module: &String| self.launch.preload.contains(module);
        let shared = notebooks.min(SHARED_MIN) <= self.notebooks;
        shared && (imports.iter().all(has) || self.launch.preload.len() >= PRELOAD_MAX)
    }

    async fn template(&self) -> Result<Arc<Template>, String> {
        let start = || async {
            let template = Template::start(self.launch.clone()).await;
            let template = template.map_err(|e| sentence_of(&e)).map(Arc::new);
            match &template {
                Ok(t) => tracing::debug!(
                    "kernels are forked from process {}, which has imported {}",
                    t.pid(),
                    t.preloaded().join(", ")
                ),
                Err(why) => tracing::warn!("kernels are spawned, not forked: {why}"),
            }
            template
        };
        self.started.get_or_init(start).await.clone()
    }
}

/// How the kernel of a notebook starts.
pub async fn way(
    start: Option<Start>,
    imports: &[String],
    spec: &Kernelspec,
    planned: Option<&Planned>,
) -> Way {
    let told = start.is_some();
    if start == Some(Start::Spawn) {
        return Way::Spawn("penny.toml says so".to_owned());
    }
    let Some(planned) = planned else { return Way::Spawn(no_template(spec)) };
    if !told && planned.notebooks < SHARED_MIN {
        return Way::Spawn("no other notebook of the sync shares its imports".to_owned());
    }
    let template = match planned.template().await {
        Ok(template) => template,
        Err(why) => return Way::Spawn(why),
    };
    let unsafe_import = template.left_out().iter().find(|left| is_reason(left, imports));
    match unsafe_import {
        Some(left) if !told => {
            Way::Spawn(format!("it imports {}, which {}", left.module, left.why))
        }
        _ if told => Way::Fork(template, "penny.toml says so".to_owned()),
        _ => Way::Fork(template, "its imports are shared with other notebooks".to_owned()),
    }
}

/// Why there is no template for a kernel.
fn no_template(spec: &Kernelspec) -> String {
    match (Template::is_supported(), can_be_forked(spec)) {
        (false, _) => "kernels cannot be forked on this system".to_owned(),
        (true, false) => format!("the kernel `{}` is not an ordinary ipykernel", spec.name),
        (true, true) => "no template was planned for its Python".to_owned(),
    }
}

/// Whether a kernelspec starts ipykernel as it is.
fn can_be_forked(spec: &Kernelspec) -> bool {
    let launcher = spec.argv.get(1).is_some_and(|word| word == "-m")
        && spec.argv.get(2).is_some_and(|word| word.starts_with("ipykernel"));
    launcher && spec.env.is_empty()
}

/// Whether a library that must not be forked is one that the notebook imports.
fn is_reason(left: &LeftOut, imports: &[String]) -> bool {
    let package = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
    left.is_unsafe && imports.iter().any(|import| package(import) == package(&left.module))
}
