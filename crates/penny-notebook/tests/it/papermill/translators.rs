//! Parameters in every language that papermill knows, written by both.

use penny_notebook::{Execution, Limits, Notebook, RunInfo};
use serde_json::{Map, Value, json};

use super::run;
use crate::notebooks::START;

/// The kernels by whose names papermill finds a translator, and the languages.
const KERNELS: &[(&str, &str)] = &[
    ("python3", "python"),
    ("pysparkkernel", "python"),
    ("ir", "R"),
    ("sparkrkernel", "R"),
    ("scala", "scala"),
    ("sparkkernel", "scala"),
    ("julia-1.10", "julia"),
    ("matlab", "matlab"),
    (".net-csharp", "C#"),
    (".net-fsharp", "F#"),
    (".net-powershell", "PowerShell"),
    ("bash", "bash"),
];

/// What papermill writes in another way, and why Penny's is not the same.
struct Difference {
    kernel: &'static str,
    value: fn() -> Value,
    papermill: Option<&'static str>,
    penny: Option<&'static str>,
}

fn penny(kernel: &str, language: &str, parameters: &Value) -> Option<String> {
    let root = json!({
        "cells": [], "nbformat": 4, "nbformat_minor": 5,
        "metadata": { "kernelspec": { "name": kernel, "language": language } },
    });
    let notebook = Notebook::parse(root.to_string().as_bytes()).unwrap();
    let info = RunInfo {
        input_path: String::new(),
        output_path: String::new(),
        version: String::new(),
        environment_variables: Map::new(),
    };
    let parameters = parameters.as_object().unwrap();
    let execution =
        Execution::new(notebook, parameters, language, info, Limits::default(), START).ok()?;
    Some(execution.notebook().source(0))
}

fn papermill(cases: &[(&str, &str, Value)]) -> Vec<Option<String>> {
    let cases: Vec<Value> = cases
        .iter()
        .map(|(kernel, language, parameters)| json!([kernel, language, parameters]))
        .collect();
    let printed = run("translate.py", &[&Value::from(cases).to_string()]);
    let written: Vec<Value> = serde_json::from_str(&printed).unwrap();
    written.iter().map(|written| written.as_str().map(str::to_owned)).collect()
}

#[test]
fn values_are_written_as_papermill_writes_them() {
    let values = [
        json!(true),
        json!(false),
        json!(0),
        json!(-5),
        json!(2_147_483_647),
        json!(1.5),
        json!(1e-7),
        json!(1e22),
        json!("texte"),
        json!("deux mots"),
        json!("2026-01-01"),
        json!(""),
        json!([]),
        json!([1, 2]),
        json!(["a", "b c"]),
        json!([true, 1.5]),
    ];
    let in_most = [
        json!({ "a": 1 }),
        json!({ "a": { "b": [1] } }),
        json!([[1], [2]]),
        json!("l'été \"x\""),
        json!("a\nb\tc"),
    ];
    let mut cases = Vec::new();
    for &(kernel, language) in KERNELS {
        cases.extend(values.iter().map(|value| (kernel, language, json!({ "x": value }))));
        let is_plain = ["python", "R", "scala", "julia"].contains(&language);
        let in_most = in_most.iter().filter(|_| is_plain);
        cases.extend(in_most.map(|value| (kernel, language, json!({ "x": value, "y_z": 1 }))));
        if language != "C#" {
            cases.push((kernel, language, json!({ "x": null })));
        }
    }
    cases.extend(["ir", "sparkrkernel"].map(|kernel| (kernel, "R", json!({ "__a": 1 }))));
    cases.push(("scala", "scala", json!({ "x": 2_147_483_648_i64 })));
    cases.push((".net-csharp", "C#", json!({ "x": -2_147_483_649_i64, "y": { "a": 1 } })));
    cases.push((".net-csharp", "C#", json!({ "x": null })));
    cases.push((".net-fsharp", "F#", json!({ "x": 2_147_483_648_i64, "y": { "a": 1, "b": 2 } })));
    cases.push(("matlab", "matlab", json!({ "y": { "a": 1 } })));
    cases.push(("bash", "bash", json!({ "y": { "a": 1 } })));
    let papermill = papermill(&cases);
    let mut different = Vec::new();
    for ((kernel, language, parameters), papermill) in cases.iter().zip(papermill) {
        let penny =
            penny(kernel, language, parameters).map(|source| same_letters(language, source));
        let papermill = papermill.map(|source| same_letters(language, source));
        if penny != papermill {
            different.push(format!(
                "{kernel} {parameters}\n  papermill {papermill:?}\n  penny     {penny:?}"
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// papermill escapes every letter beyond ASCII, and Penny writes them as they are; Python writes an
/// exponent with two digits. MATLAB and PowerShell
/// have texts in single quotes with Penny, in which nothing is code.
fn same_letters(language: &str, source: String) -> String {
    let source = source.replace("\\xe9", "é").replace("1e-07", "1e-7");
    match language {
        "matlab" | "PowerShell" => source.replace('"', "'"),
        _ => source,
    }
}

/// What is written in another way on purpose: papermill's would be wrong, or would run as code.
#[test]
fn what_differs_from_papermill_differs_for_a_reason() {
    let differences = [
        // A dollar begins an interpolation in Julia, a subexpression in PowerShell.
        Difference {
            kernel: "julia",
            value: || json!("$(run(`ls`))"),
            papermill: Some("\"$(run(`ls`))\""),
            penny: Some("\"\\$(run(`ls`))\""),
        },
        Difference {
            kernel: ".net-powershell",
            value: || json!("$(ls)"),
            papermill: Some("\"$(ls)\""),
            penny: Some("'$(ls)'"),
        },
        // MATLAB has no escapes in texts: papermill's is a backslash and an n.
        Difference {
            kernel: "matlab",
            value: || json!("a\nb"),
            papermill: Some("\"a\\nb\""),
            penny: Some("['a' char(10) 'b']"),
        },
        // Entries of a PowerShell hashtable on one line need a semicolon.
        Difference {
            kernel: ".net-powershell",
            value: || json!({ "a": 1, "b": 2 }),
            papermill: Some("@{\"a\" = 1\n \"b\" = 2}"),
            penny: Some("@{'a' = 1; 'b' = 2}"),
        },
        // papermill writes a list in a Bash list as a word with brackets, which Bash does not understand.
        Difference {
            kernel: "bash",
            value: || json!([[1], [2]]),
            papermill: Some("((1) (2))"),
            penny: None,
        },
        // Numbers that fit into no long of the language: papermill's does not compile.
        Difference {
            kernel: "scala",
            value: || json!(9_223_372_036_854_775_808_u64),
            papermill: Some("9223372036854775808L"),
            penny: Some("BigInt(\"9223372036854775808\")"),
        },
    ];
    let languages = [
        ("julia", "julia"),
        (".net-powershell", "PowerShell"),
        ("matlab", "matlab"),
        ("bash", "bash"),
        ("scala", "scala"),
    ];
    let language = |kernel: &str| languages.iter().find(|(name, _)| *name == kernel).unwrap().1;
    let cases: Vec<_> = differences
        .iter()
        .map(|difference| {
            (difference.kernel, language(difference.kernel), json!({ "x": (difference.value)() }))
        })
        .collect();
    let written = papermill(&cases);
    for ((difference, (kernel, language, parameters)), papermill) in
        differences.iter().zip(&cases).zip(written)
    {
        assert_eq!(value_of(papermill).as_deref(), difference.papermill, "papermill's {kernel}");
        let penny = value_of(penny(kernel, language, parameters));
        assert_eq!(penny.as_deref(), difference.penny, "Penny's {kernel}");
    }
}

/// The value in `# Parameters\nx = value\n`.
fn value_of(source: Option<String>) -> Option<String> {
    let source = source?;
    let (_, assignment) = source.split_once('\n')?;
    let (_, value) = assignment.split_once('=')?;
    Some(value.trim().trim_end_matches(';').to_owned())
}
