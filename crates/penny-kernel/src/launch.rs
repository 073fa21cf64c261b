//! From a kernelspec to a command.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::kernelspec::Kernelspec;
use crate::template::Template;

/// The modules by which Python runs ipykernel.
const LAUNCHERS: [&str; 2] = ["ipykernel_launcher", "ipykernel"];

/// How a kernel is to be started.
#[derive(Clone)]
pub struct Launch {
    /// What to start.
    pub spec: Kernelspec,
    /// The kernel's working folder.
    pub cwd: PathBuf,
    /// The whole environment of the kernel; `spec.env` is laid over it, with `$NAME` and `${NAME}`
    /// replaced by the values here.
    pub env: Vec<(OsString, OsString)>,
    /// Where the kernel's own folder is made, for its connection file and its sockets: readable by
    /// its owner alone, removed at the end. Made if it does not exist.
    pub runtime_dir: PathBuf,
    /// How long the kernel may take until it answers.
    pub start_timeout: Duration,
    /// The Python file that starts ipykernel in Penny's way (`python/penny/_kernel.py`), used where the
    /// kernelspec runs ipykernel; without it ipykernel starts as everywhere else.
    pub prelude: Option<PathBuf>,
    /// The template that forks the kernel, with its prelude; without one a program is started.
    pub template: Option<Arc<Template>>,
    /// How much memory the kernel may use with all that it starts, in bytes. One that uses more is
    /// ended (within a second on Unix), and its [`crate::Death`] says so; one that asks for far more at
    /// once is refused it, which is a MemoryError in Python. On Windows all that is beyond the limit is
    /// refused.
    pub memory_limit_bytes: Option<u64>,
}

/// Shows the names of the environment variables only: their values may be secrets.
impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Launch")
            .field("spec", &self.spec)
            .field("cwd", &self.cwd)
            .field("env", &names)
            .field("runtime_dir", &self.runtime_dir)
            .field("start_timeout", &self.start_timeout)
            .field("prelude", &self.prelude)
            .field("template", &self.template)
            .field("memory_limit_bytes", &self.memory_limit_bytes)
            .finish()
    }
}

impl Launch {
    /// Whether the kernel is ipykernel itself, which is known to understand sockets and the prelude.
    pub(crate) fn runs_ipykernel(&self) -> bool {
        self.launcher_at().is_some()
    }

    /// Where `-m ipykernel_launcher` is in the kernelspec's command line.
    pub(crate) fn launcher_at(&self) -> Option<usize> {
        launcher(&self.spec.argv)
    }

    /// The kernel's whole environment: each name once or more, of which the last counts.
    pub(crate) fn environment(&self) -> Vec<(OsString, OsString)> {
        // Set by a Python that is not the kernel's, it sends the kernel's to the wrong libraries.
        let told = self.env.iter().filter(|(name, _)| name != "PYTHONEXECUTABLE").cloned();
        let of_spec = self.spec.env.iter();
        let of_spec = of_spec.map(|(name, text)| (name.into(), substituted(text, &self.env)));
        told.chain(of_spec).collect()
    }

    /// What ipykernel is told on its command line; nothing where the kernel is something else.
    pub(crate) fn ipykernel_arguments(&self, connection_file: &Path) -> Vec<OsString> {
        let after = self.launcher_at().map_or(self.spec.argv.len(), |at| at + 2);
        let mut argv = self.words(connection_file);
        argv.split_off(after)
    }

    /// The command that starts the kernel with the connection file given.
    pub(crate) fn command(&self, connection_file: &Path) -> Command {
        let argv = self.argv(connection_file);
        let mut command = Command::new(&argv[0]);
        command.args(&argv[1..]).current_dir(&self.cwd).env_clear().envs(self.environment());
        command
    }

    fn argv(&self, connection_file: &Path) -> Vec<OsString> {
        let mut argv = self.words(connection_file);
        if let (Some(prelude), Some(at)) = (&self.prelude, self.launcher_at()) {
            argv.splice(at..at + 2, [prelude.as_os_str().to_owned()]);
        }
        argv
    }

    /// The kernelspec's command line with its placeholders replaced.
    fn words(&self, connection_file: &Path) -> Vec<OsString> {
        let resources = self.spec.directory.to_string_lossy();
        let word = |word: &String| match word.as_str() {
            "{connection_file}" => connection_file.as_os_str().to_owned(),
            word => word
                .replace("{connection_file}", &connection_file.to_string_lossy())
                .replace("{resource_dir}", &resources)
                .into(),
        };
        self.spec.argv.iter().map(word).collect()
    }
}

/// Where `-m ipykernel_launcher` is in a command line.
fn launcher(argv: &[String]) -> Option<usize> {
    argv.windows(2).position(|pair| pair[0] == "-m" && LAUNCHERS.contains(&pair[1].as_str()))
}

/// A kernelspec's template: `$NAME`, `${NAME}` and `$$`, all else as it stands (Python's
/// `string.Template.safe_substitute`, as Jupyter does it).
fn substituted(template: &str, variables: &[(OsString, OsString)]) -> OsString {
    let value = |name: &str| {
        variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    };
    let mut out = OsString::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push(&rest[..at]);
        rest = &rest[at..];
        let (length, replacement) = match reference(&rest[1..]) {
            _ if rest.starts_with("$$") => (2, Some(OsStr::new("$"))),
            Some((length, name)) => (1 + length, value(name)),
            None => (1, None),
        };
        out.push(replacement.unwrap_or(OsStr::new(&rest[..length])));
        rest = &rest[length..];
    }
    out.push(rest);
    out
}

/// The name after a `$`, and the length in bytes it takes with its braces.
fn reference(text: &str) -> Option<(usize, &str)> {
    let (open, braced) = match text.strip_prefix('{') {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let length = open.find(|character| !is_name(character)).unwrap_or(open.len());
    let name = &open[..length];
    let closed = !braced || open[length..].starts_with('}');
    let starts_well = !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit());
    (starts_well && closed).then_some((length + if braced { 2 } else { 0 }, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(argv: &[&str], prelude: Option<&str>) -> Launch {
        let mut spec = Kernelspec::python(Path::new("/venv/bin/python"));
        spec.argv = argv.iter().map(|word| (*word).to_owned()).collect();
        Launch {
            spec,
            cwd: PathBuf::from("/"),
            env: vec![("TOKEN".into(), "s3cret".into())],
            runtime_dir: PathBuf::from("/run"),
            start_timeout: Duration::from_secs(60),
            prelude: prelude.map(PathBuf::from),
            template: None,
            memory_limit_bytes: None,
        }
    }

    #[test]
    fn the_prelude_takes_the_place_of_the_launcher_alone() {
        #[track_caller]
        fn check(argv: &[&str], expected: &[&str]) {
            let argv = launch(argv, Some("/p/_kernel.py")).argv(Path::new("/run/k.json"));
            assert_eq!(argv, expected);
        }
        check(
            &["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            &["python", "/p/_kernel.py", "-f", "/run/k.json"],
        );
        check(
            &[
                "python",
                "-Xfrozen_modules=off",
                "-m",
                "ipykernel",
                "-f",
                "{connection_file}",
                "--x",
            ],
            &["python", "-Xfrozen_modules=off", "/p/_kernel.py", "-f", "/run/k.json", "--x"],
        );
        check(
            &["python", "-m", "bash_kernel", "-f", "{connection_file}"],
            &["python", "-m", "bash_kernel", "-f", "/run/k.json"],
        );
        check(
            &["R", "--args", "--file={connection_file}", "{resource_dir}/x", "-m"],
            &["R", "--args", "--file=/run/k.json", "/venv/bin/x", "-m"],
        );
    }

    #[test]
    fn templates_are_replaced_as_python_does() {
        #[track_caller]
        fn check(template: &str, expected: &str) {
            let variables = [("PATH", "/bin"), ("A_1", "old"), ("A_1", "x")];
            let variables = variables.map(|(name, value)| (name.into(), value.into()));
            assert_eq!(substituted(template, &variables), expected, "{template}");
        }
        check("/opt:${PATH}", "/opt:/bin");
        check("$A_1-$A_1", "x-x");
        check("$$PATH $", "$PATH $");
        check("${PATH $1 ${} $é ${NONE} $NONE!", "${PATH $1 ${} $é ${NONE} $NONE!");
        check("", "");
    }

    #[test]
    fn environment_values_stay_out_of_debug() {
        let shown = format!("{:?}", launch(&["python"], None));
        assert!(shown.contains("TOKEN") && !shown.contains("s3cret"), "{shown}");
    }
}
