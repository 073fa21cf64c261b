//! A Python process that has imported what notebooks need, and forks their kernels.

mod suits;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::death::Death;
use crate::platform::{self, Mold};
use crate::process::{NotStarted, Process, Start};
use crate::start::{END_PATIENCE, last_words};

pub(crate) use suits::unsuited;

/// How long a template that was asked to end may take: it only has to notice.
const END_GRACE: Duration = Duration::from_secs(2);
/// Half of a mark says which template, the other half which of its kernels.
const MARK_HALF: usize = 16;

/// How a template is to be started.
#[derive(Clone)]
pub struct TemplateLaunch {
    /// The Python interpreter, of whose kernels this is to be the template: the first word of their
    /// kernelspec.
    pub python: PathBuf,
    /// The Python file that is the template (`python/penny/_template.py`).
    pub script: PathBuf,
    /// Its whole environment. Variables that Python and libraries read at their start are those of
    /// all its kernels, see [`TemplateError::Unsuited`].
    pub env: Vec<(OsString, OsString)>,
    /// The modules to import, such as `pandas` and `matplotlib.pyplot`. Those that cannot be imported
    /// beforehand without a notebook noticing are left out.
    pub preload: Vec<String>,
    /// Its working folder, made if it does not exist; nothing is written there.
    pub runtime_dir: PathBuf,
    /// How long it may take until it is ready.
    pub start_timeout: Duration,
}

/// A module that a template does not import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name, as it was asked for.
    pub module: String,
    /// Why, in words that follow the name.
    pub why: String,
    /// Whether a process that has imported it must not be forked. A kernel that imports it after it was
    /// forked works as any other; but it gains little, and Penny may rather spawn it.
    pub is_unsafe: bool,
}

/// A template that runs. Dropping the last reference to it (each kernel that was forked holds one) ends
/// it.
pub struct Template {
    mold: Mold,
    process: Process,
    python: PathBuf,
    env: Vec<(OsString, OsString)>,
    preloaded: Vec<String>,
    left_out: Vec<LeftOut>,
    /// The first half of the mark of all its kernels.
    mark: String,
    forked: AtomicU64,
}

/// Why there is no template, or none for this kernel. The kernel can be spawned all the same.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// This system cannot fork kernels.
    #[error("kernels cannot be forked on this system")]
    Unsupported,
    /// The Python cannot be run.
    #[error("the template cannot start: the program `{program}` cannot be run")]
    Spawn {
        /// The interpreter.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The folder it is to run in cannot be made.
    #[error("the folder for running kernels, `{}`, cannot be used", .path.display())]
    RuntimeFolder {
        /// That folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It ended before it was ready.
    #[error("the template did not start: {death}{}", last_words(&.death.stderr_tail))]
    Died {
        /// How it ended, with what it wrote.
        death: Death,
    },
    /// It was not ready in time.
    #[error("the template was not ready within {} s{}", .limit.as_secs(), last_words(.stderr_tail))]
    Timeout {
        /// How long was waited.
        limit: Duration,
        /// What it wrote last.
        stderr_tail: String,
    },
    /// It has ended since, or does not answer any more.
    #[error("the template has ended")]
    Gone,
    /// A kernel forked from it would differ from the one that is asked for.
    #[error("the kernel cannot be forked: {why}")]
    Unsuited {
        /// In what.
        why: String,
    },
    /// The system refused what is needed to fork.
    #[error("the kernel cannot be forked")]
    System {
        /// What the system said.
        source: io::Error,
    },
}

impl Template {
    /// Whether kernels can be forked on this system: on Linux.
    pub fn is_supported() -> bool {
        platform::FORKING
    }

    /// Starts a template and waits until its imports are done, which takes as long as they do.
    ///
    /// Must be called within a tokio runtime with time. If the future is dropped, it ends.
    pub async fn start(launch: TemplateLaunch) -> Result<Template, TemplateError> {
        if !Template::is_supported() {
            return Err(TemplateError::Unsupported);
        }
        platform::create_private_folder(&launch.runtime_dir).map_err(|source| {
            TemplateError::RuntimeFolder { path: launch.runtime_dir.clone(), source }
        })?;
        let system = |source| TemplateError::System { source };
        let (mold, input) = Mold::new().map_err(system)?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        let mark = id[..MARK_HALF].to_owned();
        let asked = json!({"preload": launch.preload, "left_out": []}).to_string();
        let mut command = Command::new(&launch.python);
        command.arg(&launch.script).arg(asked).current_dir(&launch.runtime_dir);
        command.env_clear().envs(launch.env.iter().map(|(name, value)| (name, value)));
        let start =
            Start::Template { command, input, mark: format!("{mark}{}", "0".repeat(MARK_HALF)) };
        let mut process = Process::start(start).await.map_err(|error| TemplateError::Spawn {
            program: launch.python.display().to_string(),
            source: match error {
                NotStarted::System(source) => source,
                NotStarted::Fork(_) => unreachable!("a template is not forked"),
            },
        })?;
        let (mold, ready) = ready(mold, &mut process, launch.start_timeout).await?;
        let (preloaded, left_out) = told(&ready);
        tracing::debug!(pid = process.pid(), ?preloaded, ?left_out, "template ready");
        Ok(Template {
            mold,
            process,
            python: launch.python,
            env: launch.env,
            preloaded,
            left_out,
            mark,
            forked: AtomicU64::new(0),
        })
    }

    /// The modules that its kernels have from the beginning, of those that were asked for.
    pub fn preloaded(&self) -> &[String] {
        &self.preloaded
    }

    /// The modules that its kernels import by themselves, of those that were asked for.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        !self.process.has_ended()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it, and waits until it has ended. Its kernels, if any were left, end with it.
    pub async fn end(self) {
        let Template { mold, mut process, .. } = self;
        drop(mold);
        if timeout(END_GRACE, process.exited()).await.is_err() {
            process.group().kill();
            timeout(END_GRACE, process.exited()).await.ok();
        }
    }

    pub(crate) fn mold(&self) -> &Mold {
        &self.mold
    }

    /// A mark for the next kernel.
    pub(crate) fn next_mark(&self) -> String {
        let number = self.forked.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{}{number:016x}", self.mark)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("pid", &self.pid()).finish_non_exhaustive()
    }
}

/// Shows the names of the environment variables only: their values may be secrets.
impl fmt::Debug for TemplateLaunch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("TemplateLaunch")
            .field("python", &self.python)
            .field("script", &self.script)
            .field("env", &names)
            .field("preload", &self.preload)
            .field("runtime_dir", &self.runtime_dir)
            .field("start_timeout", &self.start_timeout)
            .finish()
    }
}

/// Waits for the template's word that it is ready.
async fn ready(
    mold: Mold,
    process: &mut Process,
    limit: Duration,
) -> Result<(Mold, Value), TemplateError> {
    let deadline = Instant::now() + limit;
    // The thread ends with the template, or with its patience.
    let reading = tokio::task::spawn_blocking(move || {
        let line = mold.first_line(limit);
        (mold, line)
    });
    let (mold, line) = reading.await.expect("reading a line does not panic");
    if let Ok(line) = &line
        && let Ok(ready) = serde_json::from_str(line)
    {
        return Ok((mold, ready));
    }
    // A template that ends closes its socket a moment before its end is known.
    match timeout(END_PATIENCE, process.exited()).await {
        Ok(exit) => Err(TemplateError::Died { death: exit.death() }),
        Err(_) if Instant::now() >= deadline => {
            Err(TemplateError::Timeout { limit, stderr_tail: process.tail() })
        }
        Err(_) => Err(TemplateError::Gone),
    }
}

/// What it imported, and what not.
fn told(ready: &Value) -> (Vec<String>, Vec<LeftOut>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| ready[name].as_array().cloned().unwrap_or_default();
    let left_out = |entry: &Value| LeftOut {
        module: text(&entry["module"]),
        why: text(&entry["why"]),
        is_unsafe: entry["unsafe"].as_bool().unwrap_or_default(),
    };
    let preloaded = list("preloaded").iter().map(text).collect();
    (preloaded, list("left_out").iter().map(left_out).collect())
}
