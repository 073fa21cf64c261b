//! Parameters of the command line, put together in papermill's order.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use penny_notebook::{Parameters, parameter_value};
use serde_json::Value;

use super::read::Reader;
use super::yaml;
use crate::error::{Error, Result};

/// The parameters as the user gave them, kind by kind and in their order.
#[derive(Debug, Default)]
pub struct Given {
    /// YAML in base64.
    pub base64: Vec<String>,
    /// Files of YAML or JSON.
    pub files: Vec<String>,
    /// YAML.
    pub yaml: Vec<String>,
    /// Names and texts that mean a value.
    pub values: Vec<(String, String)>,
    /// Names and texts.
    pub raw: Vec<(String, String)>,
    /// Whether the notebook is given the path of the input.
    pub input_path: bool,
    /// Whether it is given the path of the output.
    pub output_path: bool,
}

const MAPPING_HINT: &str = "write `name: value`, one a line, or {\"name\": value}";

impl Given {
    /// All parameters; of one name the last decides, at the place of the first.
    ///
    /// # Errors
    /// A file that cannot be read; what is no YAML, no base64 or no mapping.
    pub async fn merged(
        &self,
        reader: &mut Reader<'_>,
        input: &str,
        output: &str,
    ) -> Result<Parameters> {
        let mut all = Parameters::new();
        if self.input_path {
            all.insert("PAPERMILL_INPUT_PATH".to_owned(), input.into());
        }
        if self.output_path {
            all.insert("PAPERMILL_OUTPUT_PATH".to_owned(), output.into());
        }
        for text in &self.base64 {
            all.extend(mapping("the YAML given with -b", parsed("-b", &decoded(text)?)?)?);
        }
        for file in &self.files {
            let bytes = reader.read(file, "-f").await?;
            all.extend(of_file(file, &bytes)?);
        }
        for text in &self.yaml {
            all.extend(mapping("the YAML given with -y", parsed("-y", text)?)?);
        }
        for (name, text) in &self.values {
            all.insert(name.clone(), parameter_value(text));
        }
        for (name, text) in &self.raw {
            all.insert(name.clone(), Value::String(text.clone()));
        }
        Ok(all)
    }
}

fn decoded(text: &str) -> Result<String> {
    let compact: String = text.split_whitespace().collect();
    let bytes = STANDARD.decode(&compact).or_else(|_| STANDARD_NO_PAD.decode(&compact));
    let bytes =
        bytes.map_err(|e| Error::usage("what was given with -b is not base64").because(e))?;
    String::from_utf8(bytes)
        .map_err(|_| Error::usage("what was given with -b is base64, but not of UTF-8 text"))
}

fn parsed(option: &str, text: &str) -> Result<Value> {
    yaml::parse(text)
        .map_err(|e| Error::usage(format!("what was given with {option} is not YAML")).because(e))
}

/// JSON is YAML but for a few numbers and tabs: a file that is JSON is read as that.
fn of_file(file: &str, bytes: &[u8]) -> Result<Parameters> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Error::usage(format!("{file}:{line}: the file is not UTF-8"))
            .hint("save it as UTF-8 in your editor")
    })?;
    let json = text.trim_start_matches('\u{feff}');
    let is_json = file.to_lowercase().ends_with(".json");
    let value = match serde_json::from_str(json) {
        Ok(value) if is_json => value,
        _ => yaml::parse(text).map_err(|e| {
            Error::usage(format!("{file}:{}:{}: this is not YAML: {}", e.line, e.column, e.why))
        })?,
    };
    mapping(file, value)
}

/// The names and values; what is empty to Python gives none.
fn mapping(what: &str, value: Value) -> Result<Parameters> {
    match value {
        Value::Object(parameters) => Ok(parameters),
        Value::Null => Ok(Parameters::new()),
        other => Err(Error::usage(format!(
            "{what} is {} and not parameters with their names",
            kind(&other)
        ))
        .hint(MAPPING_HINT)),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "a list",
        Value::String(_) => "a text",
        Value::Bool(_) => "a yes or no",
        _ => "a number",
    }
}
