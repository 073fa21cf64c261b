//! Values for parameters cells on the command line, as papermill takes them.

use clap::Args;

use crate::exec::Given;

/// Values for the notebooks' parameters cells.
#[derive(Args, Default)]
pub struct ParameterOptions {
    /// A value: True, False, None, a number, or else a text
    #[arg(short = 'p', long = "parameters", num_args = 2, value_names = ["NAME", "VALUE"])]
    #[arg(allow_hyphen_values = true)]
    pub parameters: Vec<String>,
    /// A text, whatever it looks like
    #[arg(short = 'r', long = "parameters_raw", alias = "parameters-raw", num_args = 2)]
    #[arg(value_names = ["NAME", "TEXT"], allow_hyphen_values = true)]
    pub parameters_raw: Vec<String>,
    /// A YAML or JSON file of values (- for standard input)
    #[arg(short = 'f', long = "parameters_file", alias = "parameters-file", value_name = "FILE")]
    #[arg(allow_hyphen_values = true)]
    pub parameters_file: Vec<String>,
    /// Values in YAML
    #[arg(short = 'y', long = "parameters_yaml", alias = "parameters-yaml", value_name = "YAML")]
    #[arg(allow_hyphen_values = true)]
    pub parameters_yaml: Vec<String>,
}

impl ParameterOptions {
    /// As they were given.
    pub fn given(self) -> Given {
        Given {
            files: self.parameters_file,
            yaml: self.parameters_yaml,
            values: pairs(self.parameters),
            raw: pairs(self.parameters_raw),
            ..Given::default()
        }
    }
}

/// clap gives the two values of each `-p` one after the other.
fn pairs(values: Vec<String>) -> Vec<(String, String)> {
    let mut values = values.into_iter();
    std::iter::from_fn(|| Some((values.next()?, values.next()?))).collect()
}
