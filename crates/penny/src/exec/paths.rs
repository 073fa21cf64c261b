//! INPUT, OUTPUT and the working folder, as papermill understands them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::template::Template;
use super::{Request, is_stdout, read};
use crate::error::{Error, Result};
use crate::files;
use crate::surroundings::Surroundings;
use crate::workspace::plain;

/// INPUT and OUTPUT as they were meant, before `{}` is filled in.
pub struct Named {
    pub input: String,
    pub output: String,
}

/// Where everything is.
pub struct Paths {
    /// A path, a URL, or `-`.
    pub input: String,
    /// The output notebook.
    pub output: Destination,
    /// The folder that the notebook runs in, as the user named it.
    pub cwd: Option<String>,
    /// The same, absolute.
    pub folder: PathBuf,
}

/// Where the output notebook goes.
#[derive(Clone, Debug)]
pub enum Destination {
    /// Standard output, once, at the end.
    Stdout,
    /// A file: as the user named it, and absolute.
    File(String, PathBuf),
    /// A pipe or a device, once, at the end: as the user named it, and absolute.
    Pipe(String, PathBuf),
    /// Nowhere: nothing is executed.
    Nowhere,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::File(name, _) | Destination::Pipe(name, _) => f.write_str(name),
            Destination::Stdout | Destination::Nowhere => f.write_str("-"),
        }
    }
}

/// What two, one or no paths mean.
///
/// # Errors
/// It is not clear what to execute, or where the result should go.
pub fn named(request: &Request, surroundings: &Surroundings) -> Result<Named> {
    let piped = surroundings.input_is_pipe;
    let (input, output) = match (&request.input, &request.output) {
        (Some(input), Some(output)) => (input.clone(), output.clone()),
        (Some(input), None) if request.help => (input.clone(), "-".to_owned()),
        (None, _) if request.help => ("-".to_owned(), "-".to_owned()),
        // A notebook comes through the pipe: the one path is where it goes.
        (Some(only), None) if piped && only != "-" => ("-".to_owned(), only.clone()),
        (Some(input), None) if piped || !surroundings.output_is_terminal => {
            (input.clone(), "-".to_owned())
        }
        (Some(input), None) => {
            let name = Path::new(input).file_stem().unwrap_or_default().to_string_lossy();
            return Err(Error::usage("OUTPUT is missing: where should the executed notebook go?")
                .hint(format!(
                    "penny exec {input} {name}_executed.ipynb, or - for standard output"
                )));
        }
        (None, _) if piped => ("-".to_owned(), "-".to_owned()),
        (None, _) => {
            return Err(Error::usage("INPUT is missing: which notebook should be executed?").hint(
                "penny exec INPUT.ipynb OUTPUT.ipynb; - reads the notebook from standard input",
            ));
        }
    };
    Ok(Named { input, output })
}

/// What to say when no notebook came through a pipe: many programs give those they start a pipe.
pub fn pipe_hint(request: &Request, input: &str) -> Option<&'static str> {
    let is_output = request.input.as_deref().is_some_and(|named| named != "-");
    (input == "-" && is_output).then_some(
        "standard input is a pipe, so the one path is where the notebook goes: to execute that path, name OUTPUT too",
    )
}

impl Paths {
    /// The paths with `{}` filled in.
    ///
    /// # Errors
    /// A parameter that a path needs was not given; a place that Penny cannot write to; two results
    /// that would both go to standard output.
    pub fn fill(named: &Named, request: &Request, template: &Template<'_>) -> Result<Paths> {
        let input = template.fill(&named.input)?;
        let output = template.fill(&named.output)?;
        let cwd = request.cwd.as_deref().map(|cwd| template.fill(cwd)).transpose()?;
        let output = match output.as_str() {
            _ if request.help => Destination::Nowhere,
            "-" => Destination::Stdout,
            _ => Destination::File(output.clone(), PathBuf::from(&output)),
        };
        let to_stdout = [
            ("OUTPUT", is_stdout(&output)),
            ("--stdout-file", request.stdout_file.as_deref() == Some(Path::new("-"))),
            ("--stderr-file", request.stderr_file.as_deref() == Some(Path::new("-"))),
            ("--json", request.json),
        ];
        let names: Vec<&str> =
            to_stdout.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        let streams = !is_stdout(&output) && !request.json;
        if names.len() > 1 && !streams {
            return Err(Error::usage(format!(
                "{} would all go to standard output",
                names.join(" and ")
            ))
            .hint("name a file for all but one of them"));
        }
        Ok(Paths { input, output, cwd, folder: PathBuf::new() })
    }

    /// Makes the paths absolute, and tells what can be told before anything runs.
    ///
    /// # Errors
    /// The output is a folder or on the web; there is no such working folder.
    pub fn check(&mut self, surroundings: &Surroundings) -> Result<()> {
        let here = &surroundings.folder;
        self.folder = match &self.cwd {
            None => here.clone(),
            Some(cwd) => plain(&here.join(cwd)),
        };
        if !self.folder.is_dir() {
            let cwd = self.cwd.as_deref().unwrap_or_default();
            return Err(Error::usage(format!("there is no folder {cwd} to run the notebook in")));
        }
        let Destination::File(name, path) = &mut self.output else { return Ok(()) };
        if let Some(error) = read::elsewhere(name) {
            return Err(error);
        }
        if read::is_url(name) {
            return Err(Error::usage(format!("{name}: Penny writes to files, not to the web"))
                .hint("write to - and send that on: penny exec INPUT - | curl -T - URL"));
        }
        *path = here.join(&*name);
        if path.is_dir() || name.ends_with(['/', '\\']) && !name.is_empty() {
            return Err(Error::usage(format!("OUTPUT {name} is a folder"))
                .hint(format!("name the file in it: {}", folder_hint(name, &self.input))));
        }
        if files::is_pipe_or_device(path) {
            self.output = Destination::Pipe(std::mem::take(name), std::mem::take(path));
        } else {
            // Once, before the first save: `/dev/stdout` no longer leads to a file that was replaced.
            *path = files::behind_links(path);
        }
        Ok(())
    }
}

fn folder_hint(folder: &str, input: &str) -> String {
    let file = Path::new(input).file_name().map(|f| f.to_string_lossy().into_owned());
    let file = file.filter(|f| f != "-").unwrap_or_else(|| "executed.ipynb".to_owned());
    format!("{}/{file}", folder.trim_end_matches(['/', '\\']))
}
