//! What an executed notebook says of its own run.

use penny_notebook::{Limits, Notebook, TimedCell};
use serde_json::{Map, Value, json};

use crate::notebooks::{END, LATER, START, code, execution, notebook, running, saved};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

#[test]
fn what_is_told_is_in_every_copy_and_what_comes_later_is_added() {
    let mut execution = running(Limits::default());
    execution.tell(object(json!({ "run": 7, "outcome": null })));
    assert_eq!(saved(&execution)["metadata"]["penny"], json!({ "run": 7, "outcome": null }));
    assert!(!execution.has_ended());
    execution.finish_cell(0, &json!({ "status": "ok" }), LATER);
    execution.finish(None, END);
    assert!(execution.has_ended());
    execution.tell(object(json!({ "outcome": "succeeded" })));
    let executed = Notebook::parse(&execution.notebook().to_bytes()).expect("a notebook");
    let record = executed.record().expect("it tells of its run");
    assert_eq!(Value::Object(record.clone()).to_string(), r#"{"run":7,"outcome":"succeeded"}"#);
    assert_eq!(executed.papermill().expect("papermill's")["end_time"], json!(END));
}

#[test]
fn what_an_earlier_run_told_is_forgotten() {
    let mut first = running(Limits::default());
    first.tell(object(json!({ "run": 7, "published": ["a"] })));
    first.finish(None, END);
    let mut again = execution(first.into_notebook(), json!({}), Limits::default());
    assert_eq!(again.notebook().record(), None);
    again.tell(object(json!({ "run": 8 })));
    assert_eq!(saved(&again)["metadata"]["penny"], json!({ "run": 8 }));
}

#[test]
fn the_cells_that_began_are_told_with_their_times() {
    let mut execution = running(Limits::default());
    let timed = |cell: usize, id: &str, seconds, status: &str| TimedCell {
        cell,
        id: id.to_owned(),
        started: START.to_owned(),
        seconds,
        status: status.to_owned(),
    };
    assert_eq!(execution.notebook().timed_cells(), [timed(0, "first", None, "running")]);
    execution.finish_cell(0, &json!({ "status": "ok" }), LATER);
    assert_eq!(execution.notebook().timed_cells(), [timed(0, "first", Some(1.5), "completed")]);
    assert_eq!(execution.notebook().raised(), None);
    execution.start_cell(1, START);
    let failure = execution.break_off(1, "DeadKernelError", "it is gone", END);
    execution.finish(Some(&failure), END);
    // The marks of the failure are cells, too: the places are those of the file.
    let expected =
        [timed(1, "first", Some(1.5), "completed"), timed(3, "second", Some(4.25), "failed")];
    assert_eq!(execution.notebook().timed_cells(), expected);
    let raised = execution.notebook().raised().expect("an error");
    assert_eq!(raised, ("DeadKernelError".to_owned(), "it is gone".to_owned()));
    assert_eq!(execution.notebook().cells_with_code(), 2);
}

#[test]
fn a_notebook_that_was_never_executed_tells_nothing() {
    let notebook = notebook(json!([code("a", "1", &[]), code("b", " ", &[])]));
    assert_eq!((notebook.record(), notebook.papermill()), (None, None));
    assert_eq!((notebook.timed_cells(), notebook.raised()), (Vec::new(), None));
    assert_eq!(notebook.cells_with_code(), 1);
}
