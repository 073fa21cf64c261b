//! Any messages of a kernel, one a line as `type cell content`: what is saved is a notebook without the
//! secret, and saving in between changes nothing.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use penny_notebook::{Execution, Limits, Masker, Notebook, Parameters, RunInfo};
use serde_json::{Value, json};

const SECRET: &str = "s3cret-t0ken";
static MASKER: LazyLock<Masker> = LazyLock::new(|| Masker::new([("SECRET", SECRET)]));

fn execution() -> Execution {
    let cell = |id: &str| {
        json!({
            "cell_type": "code", "execution_count": null, "id": id, "metadata": {}, "outputs": [], "source": "x",
        })
    };
    let notebook = json!({
        "cells": [cell("a"), cell("b")], "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    });
    let notebook = Notebook::parse(notebook.to_string().as_bytes()).expect("a notebook");
    let info = RunInfo {
        input_path: String::new(),
        output_path: String::new(),
        version: String::new(),
        environment_variables: Parameters::new(),
    };
    let limits = Limits { output_bytes_per_cell: 2_000 };
    Execution::new(notebook, &Parameters::new(), "python", info, limits, "").expect("no parameters")
}

/// Applies all messages; saves after each when asked to.
fn run(text: &str, masker: &Masker, saves: bool) -> Vec<u8> {
    let mut execution = execution();
    for line in text.lines() {
        let mut parts = line.splitn(3, ' ');
        let kind = parts.next().unwrap_or_default();
        let cell = parts.next().and_then(|cell| cell.parse().ok()).unwrap_or(0);
        let content = parts.next().unwrap_or_default();
        // A line that is no JSON is what a stream says.
        let content: Value = serde_json::from_str(content)
            .unwrap_or_else(|_| json!({ "name": "stdout", "text": content }));
        match kind {
            "start" => execution.start_cell(cell, ""),
            "end" => drop(execution.finish_cell(cell, &content, "")),
            kind => execution.apply_with(cell, kind, &content, &[b"buffer"], ""),
        }
        if saves {
            execution.save_copy(masker);
        }
    }
    execution.finish(None, "");
    execution.save_copy(masker)
}

fuzz_target!(|text: &str| {
    let saved = run(text, &MASKER, true);
    Notebook::parse(&saved).expect("what is saved is a notebook");
    let text_saved = String::from_utf8(saved.clone()).expect("UTF-8");
    // Display data of an image type are bytes, in which nothing is searched for.
    let searches_all = !text.contains("image/") && !text.contains("audio/") && !text.contains("video/");
    if searches_all && !text.contains("font/") && !text.contains("application/") {
        assert!(!text_saved.contains(SECRET), "{text_saved}");
    }
});
