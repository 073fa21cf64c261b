//! Whether a kernel forked from a template is the kernel that is asked for.

use std::ffi::{OsStr, OsString};

use super::Template;
use crate::launch::Launch;

/// What is read once: by Python at its start, by libraries at their import. A kernel that wants another
/// value than the template has cannot be forked from it.
const READ_ONCE: [&str; 13] = [
    "HOME",
    "LANG",
    "LANGUAGE",
    "MATPLOTLIBRC",
    "MPLBACKEND",
    "MPLCONFIGDIR",
    "NO_COLOR",
    "SOURCE_DATE_EPOCH",
    "SSLKEYLOGFILE",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

/// The same, by the beginning of their names.
const READ_ONCE_PREFIXES: [&str; 18] = [
    "ARROW_",
    "BLIS_",
    "DUCKDB_",
    "GOMP_",
    "GOTO_",
    "KMP_",
    "LC_",
    "LD_",
    "MALLOC_",
    "MIMALLOC_",
    "MKL_",
    "NPY_",
    "NUMBA_",
    "NUMEXPR_",
    "OMP_",
    "OPENBLAS_",
    "POLARS_",
    "PYTHON",
];

/// In what a kernel forked from `template` would differ from the one that is asked for, if it would.
pub(crate) fn unsuited(template: &Template, launch: &Launch) -> Option<String> {
    unlike(launch, &template.python, &template.env)
}

fn unlike(
    launch: &Launch,
    python: &std::path::Path,
    env: &[(OsString, OsString)],
) -> Option<String> {
    let argv = &launch.spec.argv;
    if argv.first().map(OsStr::new) != Some(python.as_os_str()) {
        return Some(format!("its Python is not `{}`", python.display()));
    }
    if launch.launcher_at() != Some(1) {
        return Some("its kernelspec starts something else than ipykernel, or with options".into());
    }
    if launch.prelude.is_none() {
        return Some("it is to start as everywhere else".into());
    }
    let wanted = launch.environment();
    let names = wanted.iter().chain(env).map(|(name, _)| name.as_os_str());
    let mut differing =
        names.filter(|name| is_read_once(name) && value(&wanted, name) != value(env, name));
    let name = differing.next()?.to_string_lossy();
    Some(format!("its environment has another `{name}`, which is read once at the start"))
}

fn is_read_once(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    READ_ONCE.contains(&&*name) || READ_ONCE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The last value counts, as in a process's environment; none and an empty one are alike to all.
fn value<'a>(env: &'a [(OsString, OsString)], name: &OsStr) -> Option<&'a OsStr> {
    let found = env.iter().rev().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_os_str()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernelspec::Kernelspec;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    fn launch(change: impl FnOnce(&mut Launch)) -> Launch {
        let mut launch = Launch {
            spec: Kernelspec::python(Path::new("/venv/bin/python")),
            cwd: PathBuf::from("/"),
            env: vec![("PYTHONPATH".into(), "/lib".into()), ("TOKEN".into(), "1".into())],
            runtime_dir: PathBuf::from("/run"),
            start_timeout: Duration::from_secs(60),
            prelude: Some(PathBuf::from("/p/_kernel.py")),
            template: None,
            memory_limit_bytes: None,
        };
        change(&mut launch);
        launch
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Launch), why: Option<&str>) {
        let env = [("PYTHONPATH".into(), "/lib".into()), ("TOKEN".into(), "2".into())];
        let found = unlike(&launch(change), Path::new("/venv/bin/python"), &env);
        assert_eq!(found.as_deref(), why);
    }

    #[test]
    fn a_kernel_like_the_template_is_forked() {
        check(|_| {}, None);
        check(|launch| launch.env.push(("PENNY_RUN".into(), "7".into())), None);
        check(|launch| launch.env.push(("OMP_NUM_THREADS".into(), "".into())), None);
        check(|launch| launch.spec.argv.push("--debug".into()), None);
    }

    #[test]
    fn a_kernel_unlike_the_template_is_told_why_not() {
        check(
            |launch| launch.spec.argv[0] = "python3".into(),
            Some("its Python is not `/venv/bin/python`"),
        );
        check(
            |launch| launch.spec.argv.insert(1, "-O".into()),
            Some("its kernelspec starts something else than ipykernel, or with options"),
        );
        check(
            |launch| launch.spec.argv[2] = "bash_kernel".into(),
            Some("its kernelspec starts something else than ipykernel, or with options"),
        );
        check(|launch| launch.prelude = None, Some("it is to start as everywhere else"));
        check(
            |launch| {
                launch.spec.env.insert("OMP_NUM_THREADS".into(), "4".into());
            },
            Some("its environment has another `OMP_NUM_THREADS`, which is read once at the start"),
        );
        check(
            |launch| launch.env.retain(|(name, _)| name != "PYTHONPATH"),
            Some("its environment has another `PYTHONPATH`, which is read once at the start"),
        );
    }
}
