//! A kernel's messages become outputs.

use penny_notebook::{Limits, Masker};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::notebooks::{LATER, START, outputs, running, saved, stream};
use crate::reading::any_json;

/// Applies messages to a cell and compares its outputs.
#[track_caller]
fn check(messages: &[(&str, Value)], expected: Value) {
    let mut execution = running(Limits::default());
    for (msg_type, content) in messages {
        execution.apply(0, msg_type, content, LATER);
    }
    assert_eq!(outputs(&execution, 0), expected);
}

fn display(text: &str) -> Value {
    json!({ "data": { "text/plain": text }, "metadata": {}, "transient": {} })
}

fn shown(text: &str) -> Value {
    json!({ "data": { "text/plain": [text] }, "metadata": {}, "output_type": "display_data" })
}

fn named(id: &str, text: &str) -> Value {
    json!({ "data": { "text/plain": text }, "metadata": {}, "transient": { "display_id": id } })
}

#[test]
fn neighbours_of_one_stream_become_one_output() {
    check(
        &[
            ("stream", stream("stdout", "a")),
            ("stream", stream("stdout", "b\nc")),
            ("stream", stream("stderr", "warning\n")),
            ("stream", stream("stdout", "d\n")),
        ],
        json!([
            { "name": "stdout", "output_type": "stream", "text": ["ab\n", "c"] },
            { "name": "stderr", "output_type": "stream", "text": ["warning\n"] },
            { "name": "stdout", "output_type": "stream", "text": ["d\n"] },
        ]),
    );
    check(
        &[
            ("stream", stream("stdout", "a\n")),
            ("display_data", display("x")),
            ("stream", stream("stdout", "b")),
        ],
        json!([
            { "name": "stdout", "output_type": "stream", "text": ["a\n"] },
            shown("x"),
            { "name": "stdout", "output_type": "stream", "text": ["b"] },
        ]),
    );
}

#[test]
fn a_progress_bar_is_one_line() {
    check(
        &[
            ("stream", stream("stderr", "\r  0%|          | 0/2")),
            ("stream", stream("stderr", "\r 50%|█████     | 1/2")),
            ("stream", stream("stderr", "\r100%|██████████| 2/2\n")),
        ],
        json!([{ "name": "stderr", "output_type": "stream", "text": ["100%|██████████| 2/2\n"] }]),
    );
}

#[test]
fn a_stream_begun_anew_does_not_write_over_another() {
    check(
        &[
            ("stream", stream("stdout", "12345\r")),
            ("stream", stream("stderr", "e")),
            ("stream", stream("stdout", "x")),
        ],
        json!([
            { "name": "stdout", "output_type": "stream", "text": ["12345"] },
            { "name": "stderr", "output_type": "stream", "text": ["e"] },
            { "name": "stdout", "output_type": "stream", "text": ["x"] },
        ]),
    );
}

#[test]
fn a_result_keeps_its_metadata_and_loses_what_is_transient() {
    check(
        &[(
            "execute_result",
            json!({
                "data": {
                    "text/plain": "a\nb", "text/html": "<p>\n</p>", "image/svg+xml": "<svg>\n</svg>",
                    "image/png": "iVBORw0KGgo=\n", "application/vnd.plotly.v1+json": { "data": [1.0, null] },
                    "application/json": "a\nb",
                },
                "metadata": { "image/png": { "width": 10 } },
                "transient": { "display_id": "d" },
                "execution_count": 3,
            }),
        )],
        json!([{
            "data": {
                "text/plain": ["a\n", "b"], "text/html": ["<p>\n", "</p>"], "image/svg+xml": ["<svg>\n", "</svg>"],
                "image/png": "iVBORw0KGgo=\n", "application/vnd.plotly.v1+json": { "data": [1.0, null] },
                "application/json": "a\nb",
            },
            "execution_count": 3,
            "metadata": { "image/png": { "width": 10 } },
            "output_type": "execute_result",
        }]),
    );
}

#[test]
fn a_message_may_lack_anything() {
    check(
        &[
            (
                "display_data",
                json!({ "data": { "text/plain": null, "text/html": "x" }, "transient": null }),
            ),
            ("display_data", json!({})),
            ("stream", json!({ "name": "stdout", "text": null })),
            ("stream", json!({ "text": "no name" })),
            ("stream", json!({ "name": "stdout", "text": "" })),
            ("error", json!({ "ename": "E" })),
            ("update_display_data", named("nowhere", "x")),
            ("comm_open", json!({ "comm_id": "1" })),
            ("status", json!(null)),
            ("clear_output", json!({ "wait": true })),
        ],
        json!([
            { "data": { "text/html": ["x"] }, "metadata": {}, "output_type": "display_data" },
            { "data": {}, "metadata": {}, "output_type": "display_data" },
            { "name": "stdout", "output_type": "stream", "text": ["no name"] },
            { "ename": "E", "evalue": "", "output_type": "error", "traceback": [] },
        ]),
    );
}

#[test]
fn clear_output_takes_all_away_at_once_or_when_the_next_output_comes() {
    let text = || ("stream", stream("stdout", "old"));
    check(&[text(), ("clear_output", json!({ "wait": false }))], json!([]));
    check(
        &[text(), ("clear_output", json!({ "wait": true }))],
        json!([{ "name": "stdout", "output_type": "stream", "text": ["old"] }]),
    );
    check(
        &[text(), ("clear_output", json!({ "wait": true })), ("stream", stream("stdout", "new"))],
        json!([{ "name": "stdout", "output_type": "stream", "text": ["new"] }]),
    );
    check(
        &[text(), ("clear_output", json!({ "wait": true })), ("display_data", display("x"))],
        json!([shown("x")]),
    );
}

#[test]
fn a_display_is_updated_wherever_it_is_shown() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "before"), START);
    execution.apply(0, "display_data", &named("bar", "1"), START);
    execution.apply(0, "display_data", &named("other", "other"), START);
    execution.finish_cell(0, &json!({ "status": "ok" }), LATER);
    execution.start_cell(1, LATER);
    execution.apply(1, "display_data", &named("bar", "2"), LATER);
    execution.apply(1, "update_display_data", &named("bar", "3"), LATER);
    assert_eq!(outputs(&execution, 0)[1], shown("3"));
    assert_eq!(outputs(&execution, 0)[2], shown("other"));
    assert_eq!(outputs(&execution, 1), json!([shown("3")]));
}

#[test]
fn a_name_that_is_displayed_again_shows_the_new_value_everywhere() {
    check(
        &[("display_data", named("bar", "1")), ("display_data", named("bar", "2"))],
        json!([shown("2"), shown("2")]),
    );
}

#[test]
fn what_comes_late_stands_in_the_cell_that_it_belongs_to() {
    let mut execution = running(Limits::default());
    execution.apply(0, "execute_input", &json!({ "execution_count": 1 }), START);
    execution.apply(0, "stream", &stream("stdout", "first, "), START);
    execution.finish_cell(0, &json!({ "status": "ok" }), START);
    execution.start_cell(1, START);
    execution.apply(0, "stream", &stream("stdout", "late\n"), LATER);
    execution.apply(1, "stream", &stream("stdout", "second"), LATER);
    execution.apply(0, "display_data", &display("late too"), LATER);
    let before = saved(&execution)["cells"][0]["metadata"].clone();
    for (kind, content) in [
        ("status", json!({ "execution_state": "idle" })),
        ("execute_input", json!({ "execution_count": 9 })),
    ] {
        execution.apply(0, kind, &content, LATER);
    }
    let text = |text: &str| json!({ "name": "stdout", "output_type": "stream", "text": [text] });
    assert_eq!(outputs(&execution, 0), json!([text("first, late\n"), shown("late too")]));
    assert_eq!(outputs(&execution, 1), json!([text("second")]));
    assert_eq!(saved(&execution)["cells"][0]["metadata"], before, "its times are those of its run");
    assert_eq!(saved(&execution)["cells"][0]["execution_count"], 1);
}

#[test]
fn a_cleared_display_is_not_updated_any_more() {
    check(
        &[
            ("display_data", named("bar", "1")),
            ("clear_output", json!({})),
            ("display_data", display("in its place")),
            ("update_display_data", named("bar", "2")),
        ],
        json!([shown("in its place")]),
    );
}

#[test]
fn an_error_keeps_its_colours() {
    let error = json!({ "ename": "KeyError", "evalue": "'a'", "traceback": ["\u{1b}[31mKeyError\u{1b}[0m: 'a'"] });
    let mut expected = error.clone();
    expected["output_type"] = json!("error");
    check(&[("error", error)], json!([expected]));
}

#[test]
fn counts_and_times_are_recorded_as_jupyterlab_does() {
    let mut execution = running(Limits::default());
    execution.apply(0, "status", &json!({ "execution_state": "busy" }), "t1");
    execution.apply(0, "execute_input", &json!({ "code": "first()", "execution_count": 7 }), "t2");
    execution.apply(0, "status", &json!({ "execution_state": "idle" }), "t3");
    execution.finish_cell(0, &json!({ "status": "ok", "execution_count": 8 }), "t4");
    let cell = &saved(&execution)["cells"][0];
    assert_eq!(cell["execution_count"], 7);
    assert_eq!(
        cell["metadata"]["execution"],
        json!({
            "iopub.status.busy": "t1", "iopub.execute_input": "t2", "iopub.status.idle": "t3",
            "shell.execute_reply": "t4",
        })
    );
}

#[test]
fn the_reply_gives_the_count_that_no_message_gave() {
    let mut execution = running(Limits::default());
    execution.finish_cell(0, &json!({ "status": "ok", "execution_count": 8 }), LATER);
    assert_eq!(saved(&execution)["cells"][0]["execution_count"], 8);
}

#[test]
fn lines_are_those_of_pythons_writer_once_the_cell_has_ended() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "a\u{c}b\u{2028}c\nd\n"), START);
    execution.finish_cell(0, &json!({ "status": "ok" }), LATER);
    assert_eq!(outputs(&execution, 0)[0]["text"], json!(["a\u{c}", "b\u{2028}", "c\n", "d\n"]));
}

/// The text of a cell's only output after a stream came in pieces.
fn folded(pieces: &[String]) -> Value {
    let mut execution = running(Limits::default());
    for piece in pieces {
        execution.apply(0, "stream", &stream("stdout", piece), START);
    }
    outputs(&execution, 0)
}

proptest! {
    #[test]
    fn where_a_stream_is_cut_does_not_matter(pieces in proptest::collection::vec("[ab\u{e9}\r\n\u{8}\u{1b}\\[m0]{0,6}", 0..12)) {
        let whole = pieces.concat();
        let characters: Vec<String> = whole.chars().map(String::from).collect();
        prop_assert_eq!(folded(&pieces), folded(std::slice::from_ref(&whole)));
        prop_assert_eq!(folded(&characters), folded(&[whole]));
    }

    #[test]
    fn no_message_makes_folding_panic(
        messages in proptest::collection::vec((0_usize..4, any_type(), any_content()), 0..30),
        limit in 0_usize..2_000,
        saves in any::<bool>(),
    ) {
        let masker = Masker::new([("SECRET", "s3cret-t0ken")]);
        let mut execution = running(Limits { output_bytes_per_cell: limit });
        for (cell, msg_type, content) in &messages {
            execution.apply_with(*cell, msg_type, content, &[b"bytes"], START);
            if saves {
                execution.save_copy(&masker);
            }
            if msg_type == "status" {
                execution.finish_cell(*cell, content, START);
            }
        }
        for cell in 0..4 {
            execution.finish_cell(cell, &messages.first().map_or(Value::Null, |(_, _, content)| content.clone()), START);
        }
        execution.finish(None, LATER);
        let saved = execution.save_copy(&masker);
        prop_assert!(penny_notebook::Notebook::parse(&saved).is_ok());
    }
}

fn any_type() -> impl Strategy<Value = String> {
    prop_oneof![
        "stream",
        "display_data",
        "execute_result",
        "update_display_data",
        "error",
        "clear_output",
        "execute_input",
        "status",
        "comm_open",
        "comm_msg",
        "comm_close",
        "[a-z]{1,4}",
    ]
}

fn any_content() -> impl Strategy<Value = Value> {
    let widget = |state: Value| {
        json!({
            "comm_id": "w", "target_name": "jupyter.widget",
            "data": { "state": state, "buffer_paths": [["value"], 1] },
        })
    };
    let output = json!({
        "_model_name": "OutputModel", "_model_module": "@jupyter-widgets/output",
        "outputs": [1, { "output_type": "stream", "text": "a\nb" }],
    });
    prop_oneof![
        Just(json!({ "name": "stdout", "text": "a\rb\u{8}\u{8}c\n" })),
        Just(json!({ "name": "stderr", "text": "s3cret-\u{2028}t0ken s3cr" })),
        Just(json!({ "data": { "text/plain": "x" }, "transient": { "display_id": "d" } })),
        Just(json!({ "data": [1], "metadata": 3, "transient": { "display_id": 4 } })),
        Just(json!({ "wait": true, "execution_count": "x", "execution_state": 1 })),
        Just(json!({ "ename": 1, "evalue": [2], "traceback": { "a": 1 } })),
        Just(widget(output)),
        Just(widget(json!({ "msg_id": "m", "value": null }))),
        Just(widget(json!({ "msg_id": "" }))),
        Just(widget(json!([1]))),
        any_json(),
    ]
}
