//! What a `kernel.json` says: how a kernel is launched.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// How a kernel is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterruptMode {
    /// By the operating system: SIGINT, or an event on Windows.
    Signal,
    /// By an `interrupt_request` on the control channel.
    Message,
}

/// How a kernel is launched: the content of one `kernel.json`.
#[derive(Clone, PartialEq)]
pub struct Kernelspec {
    /// The name notebooks know it by: the name of its folder.
    pub name: String,
    /// The folder of `kernel.json`, which `{resource_dir}` in `argv` stands for.
    pub directory: PathBuf,
    /// The command line; `{connection_file}` and `{resource_dir}` are replaced at launch.
    pub argv: Vec<String>,
    /// The name people read.
    pub display_name: String,
    /// The programming language, in lower case by custom.
    pub language: String,
    /// How it is interrupted.
    pub interrupt_mode: InterruptMode,
    /// Environment variables laid over the launch's, with `${NAME}` replaced from there.
    pub env: BTreeMap<String, String>,
    /// Whatever else its author noted.
    pub metadata: Value,
}

/// Why a kernelspec could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KernelspecError {
    /// The file cannot be read.
    #[error("the kernelspec `{}` cannot be read", .path.display())]
    Read {
        /// The `kernel.json`.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not JSON.
    #[error("the kernelspec `{}` is not valid JSON; install this kernel again", .path.display())]
    Json {
        /// The `kernel.json`.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A field is missing or is not what it should be.
    #[error("the kernelspec `{}` is not usable: {why}; install this kernel again", .path.display())]
    Field {
        /// The `kernel.json`.
        path: PathBuf,
        /// Which field, and what it should be.
        why: String,
    },
    /// No folder of the search path has a kernelspec of that name.
    #[error("{}", not_found(.name, .known, .nearest.as_deref()))]
    NotFound {
        /// The name that was asked for.
        name: String,
        /// The names there are, in the order they are found.
        known: Vec<String>,
        /// The known name that looks most like it, if one does.
        nearest: Option<String>,
    },
}

impl Kernelspec {
    /// Reads `kernel.json` in `directory`; the kernel is named after that folder.
    pub fn read(directory: &Path) -> Result<Kernelspec, KernelspecError> {
        let path = directory.join("kernel.json");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(KernelspecError::Read { path, source }),
        };
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let value: Value = match serde_json::from_slice(text) {
            Ok(value) => value,
            Err(source) => return Err(KernelspecError::Json { path, source }),
        };
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        from_value(name, directory, &value).map_err(|why| KernelspecError::Field { path, why })
    }

    /// The kernelspec of a Python that has ipykernel, without any file: `python -m ipykernel_launcher`.
    ///
    /// A path that is not Unicode is approximated, since a command line in JSON cannot hold it.
    pub fn python(interpreter: &Path) -> Kernelspec {
        let program = interpreter.to_string_lossy().into_owned();
        let rest = ["-m", "ipykernel_launcher", "-f", "{connection_file}"].map(str::to_owned);
        Kernelspec {
            name: "python3".to_owned(),
            directory: interpreter.parent().unwrap_or(Path::new("")).to_owned(),
            argv: std::iter::once(program).chain(rest).collect(),
            display_name: "Python 3 (ipykernel)".to_owned(),
            language: "python".to_owned(),
            interrupt_mode: InterruptMode::Signal,
            env: BTreeMap::new(),
            metadata: Value::Object(Map::new()),
        }
    }
}

/// Shows the names of the environment variables only: their values may be secrets.
impl fmt::Debug for Kernelspec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernelspec")
            .field("name", &self.name)
            .field("directory", &self.directory)
            .field("argv", &self.argv)
            .field("language", &self.language)
            .field("interrupt_mode", &self.interrupt_mode)
            .field("env", &self.env.keys())
            .finish_non_exhaustive()
    }
}

fn from_value(name: String, directory: &Path, value: &Value) -> Result<Kernelspec, String> {
    let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    let argv = value
        .get("argv")
        .and_then(Value::as_array)
        .and_then(|argv| argv.iter().map(|word| word.as_str().map(str::to_owned)).collect())
        .filter(|argv: &Vec<String>| !argv.is_empty())
        .ok_or("`argv` must be a list of words")?;
    let interrupt_mode = match text("interrupt_mode").as_deref() {
        None | Some("signal") => InterruptMode::Signal,
        Some("message") => InterruptMode::Message,
        Some(other) => {
            return Err(format!("`interrupt_mode` is `{other}`, not `signal` or `message`"));
        }
    };
    Ok(Kernelspec {
        display_name: text("display_name").unwrap_or_else(|| name.clone()),
        language: text("language").unwrap_or_default(),
        env: variables(value.get("env"))?,
        metadata: value.get("metadata").cloned().unwrap_or_else(|| Value::Object(Map::new())),
        directory: directory.to_owned(),
        name,
        argv,
        interrupt_mode,
    })
}

fn variables(value: Option<&Value>) -> Result<BTreeMap<String, String>, String> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(BTreeMap::new()) };
    let fields = value.as_object().ok_or("`env` must be an object")?;
    let text = |(name, value): (&String, &Value)| match value.as_str() {
        Some(value) => Ok((name.clone(), value.to_owned())),
        None => Err(format!("`env.{name}` must be a text")),
    };
    fields.iter().map(text).collect()
}

fn not_found(name: &str, known: &[String], nearest: Option<&str>) -> String {
    if known.is_empty() {
        return format!("there is no kernel named `{name}`: no kernel at all is installed");
    }
    let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match nearest {
        Some(nearest) => format!(
            "there is no kernel named `{name}`; did you mean `{nearest}`? (installed: {list})"
        ),
        None => format!("there is no kernel named `{name}`; installed: {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Kernelspec, String> {
        from_value("ir".to_owned(), Path::new("/kernels/ir"), value)
    }

    #[test]
    fn argv_alone_makes_a_kernelspec() {
        let spec = read(&json!({"argv": ["R", "-f", "{connection_file}"]})).unwrap();
        assert_eq!(spec.argv, ["R", "-f", "{connection_file}"]);
        assert_eq!(spec.display_name, "ir");
        assert_eq!(spec.interrupt_mode, InterruptMode::Signal);
        assert_eq!(spec.env, BTreeMap::new());
    }

    #[test]
    fn unusable_fields_are_named() {
        #[track_caller]
        fn check(value: Value, why: &str) {
            assert_eq!(read(&value).unwrap_err(), why);
        }
        check(json!({}), "`argv` must be a list of words");
        check(json!({"argv": []}), "`argv` must be a list of words");
        check(json!({"argv": ["R", 1]}), "`argv` must be a list of words");
        check(json!([]), "`argv` must be a list of words");
        check(
            json!({"argv": ["R"], "interrupt_mode": "shout"}),
            "`interrupt_mode` is `shout`, not `signal` or `message`",
        );
        check(json!({"argv": ["R"], "env": {"A": 1}}), "`env.A` must be a text");
        check(json!({"argv": ["R"], "env": []}), "`env` must be an object");
    }

    #[test]
    fn environment_values_stay_out_of_debug() {
        let spec = read(&json!({"argv": ["R"], "env": {"TOKEN": "s3cret"}})).unwrap();
        let shown = format!("{spec:?}");
        assert!(shown.contains("TOKEN") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn a_missing_kernel_names_the_nearest_and_the_rest() {
        #[track_caller]
        fn check(known: &[&str], nearest: Option<&str>, sentence: &str) {
            let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(not_found("pyton3", &known, nearest), sentence);
        }
        check(&[], None, "there is no kernel named `pyton3`: no kernel at all is installed");
        check(&["ir"], None, "there is no kernel named `pyton3`; installed: `ir`");
        check(
            &["python3", "ir"],
            Some("python3"),
            "there is no kernel named `pyton3`; did you mean `python3`? (installed: `python3`, `ir`)",
        );
    }
}
