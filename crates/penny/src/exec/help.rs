//! `--help-notebook`: the parameters that a notebook declares.

use penny_notebook::{Declared, Notebook};

use super::Done;
use crate::error::Kind;

/// Where the explanations begin, as in papermill.
const COLUMN: usize = 34;
/// A definition longer than this has its explanation on the next line.
const DEFINITION_MAX: usize = 30;

/// The text, and the exit status: 1 when no cell declares parameters, as in papermill.
pub fn of(input: &str, notebook: &Notebook) -> Done {
    let mut text = format!(
        "Usage: penny exec [OPTIONS] {input} [OUTPUT]\n\nParameters inferred for notebook '{input}':"
    );
    if notebook.parameters_cell().is_none() {
        text.push_str("\n\n  No cell tagged 'parameters'");
        return Done::Shown(text, Kind::Notebook.status());
    }
    let declared = notebook.declared_parameters();
    for parameter in &declared {
        text.push('\n');
        text.push_str(&line(parameter));
    }
    if declared.is_empty() {
        text.push_str(
            "\n\n  Can't infer anything about this notebook's parameters. It may not have any parameter defined.",
        );
    }
    Done::Shown(text, 0)
}

fn line(parameter: &Declared) -> String {
    let kind = match parameter.inferred_type.as_str() {
        "None" => "Unknown type",
        known => known,
    };
    let definition = format!("  {}: {kind} (default {})", parameter.name, parameter.default);
    match parameter.help.as_str() {
        "" => definition,
        help if definition.chars().count() > DEFINITION_MAX => {
            format!("{definition}\n{:COLUMN$}{help}", "")
        }
        help => format!("{definition:<COLUMN$}{help}"),
    }
}
