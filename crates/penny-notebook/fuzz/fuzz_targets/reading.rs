//! Any bytes: they are refused with a sentence, or are a notebook that keeps its meaning.

#![no_main]

use libfuzzer_sys::fuzz_target;
use penny_notebook::{Execution, Limits, Masker, Notebook, Parameters, RunInfo};

fuzz_target!(|bytes: &[u8]| {
    let notebook = match Notebook::parse(bytes) {
        Ok(notebook) => notebook,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let again = Notebook::parse(&notebook.to_bytes()).expect("what was written can be read");
    assert_eq!(again, notebook);
    for cell in 0..=notebook.cell_count() {
        let _ = (notebook.source(cell), notebook.tags(cell), notebook.heading_before(cell));
    }
    let _ = (notebook.imports(), notebook.declared_parameters(), notebook.language());
    let info = RunInfo {
        input_path: String::new(),
        output_path: String::new(),
        version: String::new(),
        environment_variables: Parameters::new(),
    };
    let parameters: Parameters = [("a".to_owned(), 1.into())].into_iter().collect();
    let prepared = again.prepared(&parameters, "python", info.clone()).expect("Python takes a number");
    Notebook::parse(&prepared.to_bytes()).expect("a prepared notebook is one");
    let limits = Limits { output_bytes_per_cell: 10_000 };
    let mut execution = Execution::new(notebook, &parameters, "python", info, limits, "")
        .expect("Python takes a number");
    let masker = Masker::new([("SECRET", "s3cret-t0ken")]);
    for cell in execution.cells_to_run() {
        execution.start_cell(cell, "");
        execution.save_copy(&masker);
        execution.finish_cell(cell, &serde_json::json!({ "status": "ok" }), "");
    }
    execution.finish(None, "");
    Notebook::parse(&execution.save_copy(&masker)).expect("an executed notebook is one");
});
