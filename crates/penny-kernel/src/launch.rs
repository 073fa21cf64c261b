//! From a kernelspec to a command.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::kernelspec::Kernelspec;

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
            .finish()
    }
}

impl Launch {
    /// Whether the kernel is ipykernel itself, which is known to understand sockets and the prelude.
    pub(crate) fn runs_ipykernel(&self) -> bool {
        launcher(&self.spec.argv).is_some()
    }

    /// The command that starts the kernel with the connection file given.
    pub(crate) fn command(&self, connection_file: &Path) -> Command {
        let argv = self.argv(connection_file);
        let mut command = Command::new(&argv[0]);
        command.args(&argv[1..]).current_dir(&self.cwd).env_clear();
        let environment =
            self.env.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()));
        // Set by a Python that is not the kernel's, it sends the kernel's to the wrong libraries.
        command.envs(environment.filter(|(name, _)| *name != "PYTHONEXECUTABLE"));
        for (name, template) in &self.spec.env {
            command.env(name, substituted(template, &self.env));
        }
        command
    }

    fn argv(&self, connection_file: &Path) -> Vec<OsString> {
        let resources = self.spec.directory.to_string_lossy();
        let word = |word: &String| match word.as_str() {
            "{connection_file}" => connection_file.as_os_str().to_owned(),
            word => word
                .replace("{connection_file}", &connection_file.to_string_lossy())
                .replace("{resource_dir}", &resources)
                .into(),
        };
        let mut argv: Vec<OsString> = self.spec.argv.iter().map(word).collect();
        if let (Some(prelude), Some(at)) = (&self.prelude, launcher(&self.spec.argv)) {
            argv.splice(at..at + 2, [prelude.as_os_str().to_owned()]);
        }
        argv
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
