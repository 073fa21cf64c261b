//! Kernels outside a workspace: found as Jupyter finds them.

use std::path::{Path, PathBuf};

use penny_kernel::{Kernelspec, KernelspecError, SearchPath};

use crate::environment;
use crate::error::{Error, Result, sentence_of};
use crate::platform;
use crate::surroundings::Surroundings;

/// The kernel that is Python's own; there need be no kernelspec of it.
const NATIVE: &[&str] = &["python3", "python"];
const INSTALL: &str = "install Jupyter's kernel into the Python that the notebook needs: \
                       python3 -m pip install ipykernel";

/// The Python that a user means by `python`: of the environment that is active, or first on PATH.
#[derive(Debug)]
pub struct ActivePython {
    interpreter: PathBuf,
    /// Python's `sys.prefix`, whose share/jupyter has kernelspecs.
    prefix: PathBuf,
}

impl ActivePython {
    /// Finds it; nothing on a computer without Python.
    pub async fn find(surroundings: &Surroundings) -> Option<ActivePython> {
        let folder = |name: &str| surroundings.text(name).map(PathBuf::from);
        let of_environment = |prefix: PathBuf, python: &str| {
            let interpreter = prefix.join(python);
            interpreter.is_file().then_some(ActivePython { interpreter, prefix })
        };
        let venv =
            folder("VIRTUAL_ENV").and_then(|p| of_environment(p, platform::ENVIRONMENT_PYTHON));
        let conda =
            || folder("CONDA_PREFIX").and_then(|p| of_environment(p, platform::CONDA_PYTHON));
        if let Some(active) = venv.or_else(conda) {
            return Some(active);
        }
        for name in platform::PYTHON_NAMES {
            let Some(program) = surroundings.program(name) else { continue };
            // A store's placeholder and an empty shim are programs, but answer nothing.
            if let Some(found) = of_program(&program).await {
                return Some(found);
            }
        }
        None
    }
}

/// What a program called `python` is: by the folder of its environment, or by its own answer.
async fn of_program(program: &Path) -> Option<ActivePython> {
    let prefix = program.parent().and_then(Path::parent);
    if let Some(prefix) = prefix.filter(|p| p.join("pyvenv.cfg").is_file()) {
        return Some(ActivePython { interpreter: program.to_owned(), prefix: prefix.to_owned() });
    }
    let answer = environment::ask(program, "import sys; print(sys.executable); print(sys.prefix)");
    let answer = answer.await?;
    let mut lines = answer.lines().map(|line| PathBuf::from(line.trim()));
    Some(ActivePython { interpreter: lines.next()?, prefix: lines.next()? })
}

/// The kernelspec of that name: a folder's, or the active Python's own.
///
/// # Errors
/// There is none: what there is, and what to do.
pub async fn find(name: &str, surroundings: &Surroundings) -> Result<Kernelspec> {
    let active = ActivePython::find(surroundings).await;
    let prefixes: Vec<PathBuf> = active.iter().map(|a| a.prefix.clone()).collect();
    let variable = |name: &str| surroundings.os(name).map(Into::into);
    let search = SearchPath::jupyter(&variable, &prefixes);
    match (search.find(name), active) {
        (Ok(spec), active) => Ok(with_interpreter(spec, active.as_ref())),
        (Err(KernelspecError::NotFound { .. }), Some(active)) if NATIVE.contains(&name) => {
            Ok(Kernelspec::python(&active.interpreter))
        }
        (Err(KernelspecError::NotFound { .. }), None) if NATIVE.contains(&name) => {
            Err(Error::missing("there is no Python on this computer (none was found on PATH)")
                .hint(platform::PYTHON_REMEDY)
                .hint(INSTALL))
        }
        (Err(error), _) => Err(Error::missing(sentence_of(&error)).hint(remedy(name))),
    }
}

fn remedy(name: &str) -> String {
    match name {
        "penny" => "`penny` is a workspace's Python: run this in the workspace (or with --workspace), \
                    or with your own Python: -k python3"
            .to_owned(),
        _ => "install that kernel, or choose another with -k: `-k python3` is the Python that is active"
            .to_owned(),
    }
}

/// `python` in a kernelspec means the Python that the kernelspec is installed in; the first `python`
/// of PATH may be another.
fn with_interpreter(mut spec: Kernelspec, active: Option<&ActivePython>) -> Kernelspec {
    if NATIVE.contains(&spec.argv[0].as_str()) {
        // <prefix>/share/jupyter/kernels/<name>
        let own = spec.directory.ancestors().nth(4).map(|prefix| {
            [platform::ENVIRONMENT_PYTHON, platform::CONDA_PYTHON].map(|python| prefix.join(python))
        });
        let own = own.into_iter().flatten().find(|python| python.is_file());
        if let Some(python) = own.or_else(|| active.map(|a| a.interpreter.clone())) {
            spec.argv[0] = python.to_string_lossy().into_owned();
        }
    }
    spec
}
