//! Values for parameters cells on the command line, as papermill takes them.

use clap::Args;

use super::exec::pairs;
use crate::exec::Given;

const PARAMETERS: &str = "Parameters, in the place of those of penny.toml (of a name given twice: -r over -p over -y over -f)";

/// Values for the notebooks' parameters cells.
#[derive(Args, Default)]
pub struct ParameterOptions {
    /// A value: True, False, None, a number, or else a text
    #[arg(short = 'p', long = "parameters", num_args = 2, value_names = ["NAME", "VALUE"], help_heading = PARAMETERS)]
    #[arg(allow_hyphen_values = true)]
    pub parameters: Vec<String>,
    /// A text, whatever it looks like
    #[arg(short = 'r', long = "parameters_raw", alias = "parameters-raw", num_args = 2, help_heading = PARAMETERS)]
    #[arg(value_names = ["NAME", "TEXT"], allow_hyphen_values = true)]
    pub parameters_raw: Vec<String>,
    /// A YAML or JSON file of values (- for standard input)
    #[arg(short = 'f', long = "parameters_file", alias = "parameters-file", value_name = "FILE")]
    #[arg(allow_hyphen_values = true, help_heading = PARAMETERS)]
    pub parameters_file: Vec<String>,
    /// Values in YAML
    #[arg(short = 'y', long = "parameters_yaml", alias = "parameters-yaml", value_name = "YAML")]
    #[arg(allow_hyphen_values = true, help_heading = PARAMETERS)]
    pub parameters_yaml: Vec<String>,
}

impl ParameterOptions {
    /// As they were given.
    pub fn given(&self) -> Given {
        Given {
            files: self.parameters_file.clone(),
            yaml: self.parameters_yaml.clone(),
            values: pairs(self.parameters.clone()),
            raw: pairs(self.parameters_raw.clone()),
            ..Given::default()
        }
    }
}
