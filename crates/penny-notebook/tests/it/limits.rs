//! What a cell may print has a bound, and what is beyond it is said.

use penny_notebook::{Dropped, Limits};
use serde_json::{Value, json};

use crate::notebooks::{LATER, START, outputs, running, saved, stream};

const OK: fn() -> Value = || json!({ "status": "ok" });

fn text_of(output: &Value) -> String {
    output["text"].as_array().expect("a stream's lines").iter().filter_map(Value::as_str).collect()
}

#[test]
fn a_hundred_megabytes_in_small_pieces_are_folded_and_cut_at_the_limit() {
    let mut execution = running(Limits::default());
    let piece = stream("stdout", &format!("{}\n", "x".repeat(99)).repeat(10));
    // Folding that looked at all the text again for each piece would take hours.
    for _ in 0..100_000 {
        execution.apply(0, "stream", &piece, START);
    }
    execution.finish_cell(0, &OK(), LATER);
    let outputs = outputs(&execution, 0);
    assert_eq!(outputs.as_array().unwrap().len(), 2);
    let kept = text_of(&outputs[0]).len() as u64;
    assert!((19_990_000..=20_000_000).contains(&kept), "{kept}");
    assert_eq!(execution.dropped(0), Some(Dropped { bytes: 100_000_000 - kept, bytes_kept: kept }));
    assert_eq!(outputs[1]["name"], "stderr");
    assert_eq!(
        text_of(&outputs[1]),
        "[Penny kept the first 20.0 MB of this cell's output; 80.0 MB more were not kept]\n"
    );
}

#[test]
fn a_line_of_twenty_megabytes_in_small_pieces_is_folded() {
    let mut execution = running(Limits { output_bytes_per_cell: 20_001_000 });
    let piece = stream("stdout", &"x".repeat(100));
    for _ in 0..200_000 {
        execution.apply(0, "stream", &piece, START);
    }
    assert_eq!(execution.dropped(0), None);
    assert_eq!(
        saved(&execution)["cells"][0]["outputs"][0]["text"][0].as_str().unwrap().len(),
        20_000_000
    );
}

#[test]
fn a_progress_bar_of_two_megabytes_is_kept_whole() {
    let mut execution = running(Limits { output_bytes_per_cell: 1_000 });
    for percent in 0..20_000 {
        execution.apply(0, "stream", &stream("stderr", &format!("\r{percent:>100}")), START);
    }
    execution.finish_cell(0, &OK(), LATER);
    assert_eq!(execution.dropped(0), None);
    assert_eq!(text_of(&outputs(&execution, 0)[0]).trim(), "19999");
}

#[test]
fn an_output_that_does_not_fit_is_left_out_whole_and_smaller_ones_are_kept() {
    let mut execution = running(Limits { output_bytes_per_cell: 2_000 });
    let image = |bytes| json!({ "data": { "image/png": "A".repeat(bytes) }, "metadata": {} });
    execution.apply(0, "display_data", &image(5_000), START);
    execution.apply(0, "display_data", &image(100), START);
    execution.finish_cell(0, &OK(), LATER);
    let outputs = outputs(&execution, 0);
    assert_eq!(outputs[0]["data"]["image/png"].as_str().unwrap().len(), 100);
    let dropped = execution.dropped(0).expect("something was dropped");
    assert!((5_000..5_100).contains(&dropped.bytes), "{dropped:?}");
    assert_eq!(outputs.as_array().unwrap().len(), 2, "the image, and the sentence");
}

#[test]
fn an_error_is_kept_beyond_the_limit_and_the_sentence_comes_last() {
    let mut execution = running(Limits { output_bytes_per_cell: 1_000 });
    execution.apply(0, "stream", &stream("stdout", &"line of text\n".repeat(1_000)), START);
    let error = json!({ "ename": "ValueError", "evalue": "x", "traceback": ["ValueError: x"] });
    execution.apply(0, "error", &error, START);
    execution.apply(0, "stream", &stream("stdout", "after"), START);
    execution.finish_cell(0, &json!({ "status": "error", "ename": "ValueError" }), LATER);
    let outputs = outputs(&execution, 0);
    let kinds: Vec<_> = outputs
        .as_array()
        .unwrap()
        .iter()
        .map(|output| output["output_type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["stream", "error", "stream"]);
    assert!(text_of(&outputs[2]).ends_with("more were not kept]\n"));
}

#[test]
fn a_flood_of_tiny_outputs_has_a_bound() {
    let mut execution = running(Limits { output_bytes_per_cell: 10_000 });
    for _ in 0..10_000 {
        execution.apply(0, "stream", &stream("stdout", "o"), START);
        execution.apply(0, "stream", &stream("stderr", "e"), START);
    }
    assert!(outputs(&execution, 0).as_array().unwrap().len() <= 50);
    assert_eq!(
        execution.dropped(0).unwrap().bytes + execution.dropped(0).unwrap().bytes_kept,
        20_000
    );
}

#[test]
fn a_cell_that_is_broken_off_after_its_reply_says_once_what_was_dropped() {
    let mut execution = running(Limits { output_bytes_per_cell: 1_000 });
    execution.apply(0, "stream", &stream("stdout", &"x".repeat(5_000)), START);
    execution.finish_cell(0, &OK(), LATER);
    execution.break_off(0, "DeadKernelError", "the kernel died", LATER);
    let outputs = outputs(&execution, 0);
    let kinds: Vec<_> =
        outputs.as_array().unwrap().iter().map(|output| output["output_type"].as_str()).collect();
    assert_eq!(kinds, [Some("stream"), Some("stream"), Some("error")]);
    assert_eq!(saved(&execution)["cells"][0]["metadata"]["papermill"]["status"], "failed");
}

#[test]
fn clearing_the_output_makes_room_again() {
    let mut execution = running(Limits { output_bytes_per_cell: 1_000 });
    execution.apply(0, "stream", &stream("stdout", &"x".repeat(5_000)), START);
    execution.apply(0, "clear_output", &json!({ "wait": true }), START);
    execution.apply(0, "stream", &stream("stdout", "new"), START);
    execution.finish_cell(0, &OK(), LATER);
    assert_eq!(execution.dropped(0), None);
    assert_eq!(
        outputs(&execution, 0),
        json!([{ "name": "stdout", "output_type": "stream", "text": ["new"] }])
    );
}

#[test]
fn an_update_that_does_not_fit_leaves_the_display_as_it_was() {
    let mut execution = running(Limits { output_bytes_per_cell: 1_000 });
    let named =
        |text: &str| json!({ "data": { "text/plain": text }, "transient": { "display_id": "d" } });
    execution.apply(0, "display_data", &named("small"), START);
    execution.apply(0, "update_display_data", &named(&"x".repeat(5_000)), START);
    assert_eq!(outputs(&execution, 0)[0]["data"]["text/plain"], json!(["small"]));
    for _ in 0..100 {
        execution.apply(0, "update_display_data", &named(&"y".repeat(500)), START);
    }
    assert_eq!(outputs(&execution, 0)[0]["data"]["text/plain"], json!(["y".repeat(500)]));
}

#[test]
fn what_comes_late_is_within_the_limit_and_counted() {
    let mut execution = running(Limits { output_bytes_per_cell: 1_000 });
    execution.apply(0, "stream", &stream("stdout", &"x".repeat(5_000)), START);
    execution.finish_cell(0, &OK(), LATER);
    execution.apply(0, "stream", &stream("stderr", &"y".repeat(5_000)), LATER);
    execution.apply(0, "stream", &stream("stdout", &"z".repeat(5_000)), LATER);
    execution.finish(None, LATER);
    let outputs = outputs(&execution, 0);
    let outputs = outputs.as_array().unwrap();
    assert_eq!(outputs.len(), 2, "the text and one sentence: {outputs:?}");
    let dropped = execution.dropped(0).unwrap();
    assert_eq!(dropped.bytes + dropped.bytes_kept, 15_000);
    assert_eq!(
        text_of(&outputs[1]),
        format!(
            "[Penny kept the first {} bytes of this cell's output; {:.1} kB more were not kept]\n",
            dropped.bytes_kept,
            dropped.bytes as f64 / 1e3
        )
    );
}

#[test]
fn what_comes_late_stands_before_the_sentence_when_there_is_room_again() {
    let mut execution = running(Limits { output_bytes_per_cell: 3_000 });
    let image = |bytes| json!({ "data": { "image/png": "A".repeat(bytes) }, "metadata": {} });
    execution.apply(0, "display_data", &image(5_000), START);
    execution.finish_cell(0, &OK(), LATER);
    execution.apply(0, "stream", &stream("stderr", "late"), LATER);
    execution.finish(None, LATER);
    let outputs = outputs(&execution, 0);
    assert_eq!(text_of(&outputs[0]), "late");
    assert!(text_of(&outputs[1]).starts_with("[Penny kept the first 4 bytes"), "{outputs}");
}

#[test]
fn the_states_of_all_widgets_have_one_bound_which_is_told() {
    let mut execution = running(Limits { output_bytes_per_cell: 10_000 });
    let open = |id: &str, value: &str| {
        json!({
            "comm_id": id, "target_name": "jupyter.widget",
            "data": { "state": { "_model_name": "TextModel", "value": value } },
        })
    };
    for number in 0..1_000 {
        execution.apply(0, "comm_open", &open(&number.to_string(), &"x".repeat(100)), START);
    }
    execution.apply_with(
        0,
        "comm_msg",
        &json!({
            "comm_id": "0", "data": { "state": {}, "buffer_paths": [["value"]] },
        }),
        &[vec![0; 50_000]],
        START,
    );
    execution.finish(None, LATER);
    let saved = saved(&execution);
    let state = &saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"];
    let count = state.as_object().unwrap().len();
    assert!((20..60).contains(&count), "{count}");
    assert_eq!(state["0"].get("buffers"), None);
    assert!(execution.dropped_widgets().unwrap().bytes > 100_000);
}

#[test]
fn what_a_widget_shows_counts_against_the_bound_of_all_widgets() {
    let mut execution = running(Limits { output_bytes_per_cell: 10_000 });
    for number in 0..5 {
        let id = number.to_string();
        let state = json!({
            "_model_name": "OutputModel", "_model_module": "@jupyter-widgets/output", "outputs": [],
        });
        let open =
            json!({ "comm_id": id, "target_name": "jupyter.widget", "data": { "state": state } });
        execution.apply(0, "comm_open", &open, START);
        let capture =
            |id_of: &str| json!({ "comm_id": id, "data": { "state": { "msg_id": id_of } } });
        execution.apply(0, "comm_msg", &capture("m"), START);
        execution.apply(0, "stream", &stream("stdout", &"x\n".repeat(2_000)), START);
        execution.apply(0, "comm_msg", &capture(""), START);
    }
    execution.finish(None, LATER);
    let widgets = saved(&execution)["metadata"]["widgets"].to_string();
    assert!((1_000..30_000).contains(&widgets.len()), "{}", widgets.len());
    assert!(execution.dropped_widgets().is_some());
    // What finds no widget any more is shown by the cell, which has a limit of its own.
    assert!(text_of(&outputs(&execution, 0)[0]).len() <= 10_000);
}
