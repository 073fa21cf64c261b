//! How a cell ends: well, by an exit, or with an exception, whatever the kernel answers.

use penny_notebook::{CellEnd, Limits};
use serde_json::{Value, json};

use crate::executing::{OK, customers, error, statuses};
use crate::notebooks::{END, LATER, START, code, execution, notebook, outputs, saved, stream};

#[test]
fn an_exit_with_nothing_or_zero_ends_the_notebook_well() {
    #[track_caller]
    fn check(evalue: &str, expected_exit: bool) {
        let mut execution = execution(customers(), json!({}), Limits::default());
        execution.start_cell(1, START);
        let end = execution.finish_cell(1, &error("SystemExit", evalue), LATER);
        assert_eq!(matches!(end, CellEnd::ExitRequested), expected_exit, "{evalue}: {end:?}");
        if expected_exit {
            execution.finish(None, END);
            assert_eq!(statuses(&execution)[..3], ["completed", "completed", "pending"]);
            assert_eq!(saved(&execution)["metadata"]["papermill"]["exception"], Value::Null);
        }
    }
    check("", true);
    check("0", true);
    check("1", false);
    check("no customers", false);
}

#[test]
fn ipythons_exit_ends_the_notebook_well_unless_the_kernel_is_kept() {
    #[track_caller]
    fn check(payload: Value, expected: CellEnd) {
        let mut execution = execution(customers(), json!({}), Limits::default());
        execution.start_cell(1, START);
        let reply = json!({"status": "ok", "execution_count": 1, "payload": payload});
        assert_eq!(execution.finish_cell(1, &reply, LATER), expected);
    }
    check(json!([{"source": "ask_exit", "keepkernel": false}]), CellEnd::ExitRequested);
    check(json!([{"source": "ask_exit", "keepkernel": true}]), CellEnd::Succeeded);
    check(json!([{"source": "ask_exit", "keepkernel": 0}]), CellEnd::ExitRequested);
    check(json!([{"source": "ask_exit", "keepkernel": null}]), CellEnd::ExitRequested);
    check(json!([{"source": "ask_exit"}]), CellEnd::ExitRequested);
    check(json!([{"source": "page", "data": {}, "start": 0}]), CellEnd::Succeeded);
    check(json!([]), CellEnd::Succeeded);
}

#[test]
fn ipythons_exit_with_a_status_or_a_sentence_is_a_failure_as_with_sys_exit() {
    #[track_caller]
    fn check(value: Value, evalue: &str) {
        let mut execution = execution(customers(), json!({}), Limits::default());
        execution.start_cell(1, START);
        let payload = json!([{"source": "ask_exit", "keepkernel": value}]);
        let reply = json!({"status": "ok", "execution_count": 1, "payload": payload});
        let end = execution.finish_cell(1, &reply, LATER);
        let CellEnd::Failed(failure) = end else { panic!("{end:?}") };
        assert_eq!((failure.ename.as_str(), failure.evalue.as_str()), ("SystemExit", evalue));
        let told = format!("SystemExit: {evalue}");
        let shown = json!([{ "ename": "SystemExit", "evalue": evalue, "output_type": "error", "traceback": [told] }]);
        assert_eq!(outputs(&execution, 1), shown);
        execution.finish(Some(&failure), END);
        assert_eq!(statuses(&execution)[3], "failed");
    }
    check(json!(1), "1");
    check(json!(-1), "-1");
    check(json!("écart de 12,50 €"), "écart de 12,50 €");
    check(json!({ "a": [1] }), "{\"a\":[1]}");
}

#[test]
fn the_tag_raises_exception_lets_the_notebook_go_on() {
    let cells =
        json!([code("a", "1/0", &["raises-exception"]), code("b", "2", &["raises-exception"])]);
    let mut execution = execution(notebook(cells), json!({}), Limits::default());
    execution.start_cell(0, START);
    assert_eq!(
        execution.finish_cell(0, &error("ZeroDivisionError", "division by zero"), LATER),
        CellEnd::Succeeded
    );
    assert_eq!(outputs(&execution, 0)[0]["ename"], "ZeroDivisionError");
    assert_eq!(statuses(&execution), ["completed", "pending"]);
    // With `exit()` the kernel ends all the same; with `exit(1)` it is kept.
    for (value, expected) in
        [(json!(false), CellEnd::ExitRequested), (json!(1), CellEnd::Succeeded)]
    {
        let mut execution = execution.clone();
        execution.start_cell(1, START);
        let payload = json!([{"source": "ask_exit", "keepkernel": value}]);
        execution.apply(1, "error", &error("KeyError", "'a'"), START);
        let reply = json!({"status": "ok", "execution_count": 2, "payload": payload});
        assert_eq!(execution.finish_cell(1, &reply, LATER), expected);
    }
}

/// `%run`, `%%capture`, `run_cell` and `showtraceback` show an exception, and the kernel answers `ok`.
#[test]
fn an_exception_that_is_shown_fails_the_cell_although_the_kernel_answers_well() {
    #[track_caller]
    fn check(tags: &[&str], messages: &[(&str, Value)], expected: Option<&str>, shown: usize) {
        let cells = json!([code("a", "%run import.py", tags), code("b", "2", &[])]);
        let mut execution = execution(notebook(cells), json!({}), Limits::default());
        execution.start_cell(0, START);
        for (msg_type, content) in messages {
            execution.apply(0, msg_type, content, START);
        }
        let end = execution.finish_cell(0, &OK(), LATER);
        let raised = match &end {
            CellEnd::Failed(failure) => Some(failure.ename.as_str()),
            _ => None,
        };
        assert_eq!(raised, expected, "{end:?}");
        let errors = outputs(&execution, 0);
        let errors = errors.as_array().unwrap().iter().filter(|o| o["output_type"] == "error");
        assert_eq!(errors.count(), shown);
        let status = if expected.is_some() { "failed" } else { "completed" };
        assert_eq!(statuses(&execution), [status, "pending"]);
    }
    let key_error = || ("error", error("KeyError", "'dateline'"));
    let clear = |wait: bool| ("clear_output", json!({ "wait": wait }));
    check(&[], &[], None, 0);
    check(&[], &[key_error()], Some("KeyError"), 1);
    check(&[], &[("error", error("SystemExit", "3"))], Some("SystemExit"), 1);
    // What was raised first is told, and all is shown.
    check(&[], &[key_error(), ("error", error("ValueError", ""))], Some("KeyError"), 2);
    // A cell that clears what it has shown has failed all the same, and its reader sees why.
    check(&[], &[key_error(), clear(false)], Some("KeyError"), 1);
    check(&[], &[key_error(), clear(true)], Some("KeyError"), 1);
    let printed = || ("stream", stream("stdout", "2/2"));
    check(&[], &[key_error(), clear(true), printed()], Some("KeyError"), 1);
    // What is allowed stays so, and what ends a program well is no failure.
    check(&["raises-exception"], &[key_error()], None, 1);
    check(&[], &[("error", error("SystemExit", "0"))], None, 1);
}

#[test]
fn an_exception_that_a_widget_shows_or_that_comes_late_is_not_the_cells() {
    let mut execution = execution(customers(), json!({}), Limits::default());
    let widget = json!({
        "comm_id": "w", "target_name": "jupyter.widget",
        "data": { "state": { "_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel" } },
    });
    let capture = |id: &str| json!({ "comm_id": "w", "data": { "state": { "msg_id": id } } });
    execution.start_cell(1, START);
    execution.apply(1, "comm_open", &widget, START);
    execution.apply(1, "comm_msg", &capture("m"), START);
    execution.apply(1, "error", &error("KeyError", "'a'"), START);
    execution.apply(1, "comm_msg", &capture(""), START);
    assert_eq!(execution.finish_cell(1, &OK(), LATER), CellEnd::Succeeded);
    execution.start_cell(3, LATER);
    execution.apply(1, "error", &error("KeyError", "'b'"), LATER);
    assert_eq!(execution.finish_cell(3, &OK(), LATER), CellEnd::Succeeded);
}

#[test]
fn an_error_that_only_the_reply_or_only_the_output_tells_is_whole() {
    let mut only_reply = execution(customers(), json!({}), Limits::default());
    let CellEnd::Failed(failure) = only_reply.finish_cell(1, &error("KeyError", "'a'"), LATER)
    else {
        panic!("the cell failed");
    };
    assert_eq!(outputs(&only_reply, 1)[0]["traceback"], json!(failure.traceback));

    let mut only_output = execution(customers(), json!({}), Limits::default());
    only_output.apply(1, "error", &error("KeyError", "'a'"), LATER);
    let CellEnd::Failed(failure) = only_output.finish_cell(1, &json!({ "status": "error" }), LATER)
    else {
        panic!("the cell failed");
    };
    assert_eq!((failure.ename.as_str(), failure.traceback.len()), ("KeyError", 1));

    let mut neither = execution(customers(), json!({}), Limits::default());
    let CellEnd::Failed(failure) = neither.finish_cell(1, &json!({ "status": "aborted" }), LATER)
    else {
        panic!("the cell failed");
    };
    assert_eq!(failure.evalue, "the kernel did not run this cell to its end");
}
