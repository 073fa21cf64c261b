//! Notebooks and executions for the tests.

use penny_notebook::{Execution, Limits, Notebook, Parameters, RunInfo};
use serde_json::{Value, json};

pub const START: &str = "2026-10-15T10:00:00.000000Z";
pub const LATER: &str = "2026-10-15T10:00:01.500000Z";
pub const END: &str = "2026-10-15T10:00:04.250000Z";

/// A notebook of format 4.5 with those cells.
pub fn notebook(cells: Value) -> Notebook {
    let root = json!({
        "cells": cells,
        "metadata": { "kernelspec": { "display_name": "Python", "language": "python", "name": "python3" } },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    Notebook::parse(root.to_string().as_bytes()).expect("a notebook")
}

/// A code cell.
pub fn code(id: &str, source: &str, tags: &[&str]) -> Value {
    json!({
        "cell_type": "code", "execution_count": null, "id": id, "metadata": { "tags": tags }, "outputs": [],
        "source": source,
    })
}

/// A markdown cell.
pub fn markdown(id: &str, source: &str) -> Value {
    json!({ "cell_type": "markdown", "id": id, "metadata": {}, "source": source })
}

/// An execution with parameters and limits.
pub fn execution(notebook: Notebook, parameters: Value, limits: Limits) -> Execution {
    let parameters: Parameters = parameters.as_object().expect("parameters are an object").clone();
    let info = RunInfo {
        input_path: "data/customers.ipynb".to_owned(),
        output_path: "data/outputs/customers_20261015_100000.ipynb".to_owned(),
        version: "0.1.0".to_owned(),
        environment_variables: serde_json::Map::new(),
    };
    Execution::new(notebook, &parameters, "python", info, limits, START)
        .expect("Python takes any parameters")
}

/// An execution of two code cells whose first is running.
pub fn running(limits: Limits) -> Execution {
    let cells = json!([code("first", "first()", &[]), code("second", "second()", &[])]);
    let mut execution = execution(notebook(cells), json!({}), limits);
    execution.start_cell(0, START);
    execution
}

/// The notebook as the JSON that is saved.
pub fn saved(execution: &Execution) -> Value {
    serde_json::from_slice(&execution.notebook().to_bytes()).expect("what is saved is JSON")
}

/// A cell's outputs as they are saved.
pub fn outputs(execution: &Execution, cell: usize) -> Value {
    saved(execution)["cells"][cell]["outputs"].clone()
}

/// A stream message's content.
pub fn stream(name: &str, text: &str) -> Value {
    json!({ "name": name, "text": text })
}
