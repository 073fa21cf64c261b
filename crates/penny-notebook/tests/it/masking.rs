//! Every text of an output can be replaced before it is saved.

use penny_notebook::Limits;
use serde_json::json;

use crate::notebooks::{LATER, START, outputs, running, saved, stream};

fn mask(text: &str) -> Option<String> {
    text.contains("s3cret").then(|| text.replace("s3cret", "***"))
}

#[test]
fn a_secret_is_masked_wherever_it_is() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "token=s3"), START);
    execution.apply(0, "stream", &stream("stdout", "cret\nnext\n"), START);
    execution.apply(
        0,
        "display_data",
        &json!({
            "data": {
                "text/plain": "s3cret", "text/html": "<b>\ns3cret</b>", "image/svg+xml": "<svg>s3cret</svg>",
                "application/json": { "s3cret": ["s3cret", 1] }, "application/vnd.x+json": "s3cret",
                "application/x-unknown": "s3cret", "image/png": "s3cret",
            },
            "metadata": { "text/html": { "title": "s3cret" } },
        }),
        START,
    );
    let error =
        json!({ "ename": "s3cretError", "evalue": "s3cret", "traceback": ["a s3cret", "b"] });
    execution.apply(0, "error", &error, START);
    execution.map_text(0, &mut mask);
    assert_eq!(
        outputs(&execution, 0),
        json!([
            { "name": "stdout", "output_type": "stream", "text": ["token=***\n", "next\n"] },
            {
                "data": {
                    "text/plain": ["***"], "text/html": ["<b>\n", "***</b>"], "image/svg+xml": ["<svg>***</svg>"],
                    "application/json": { "***": ["***", 1] }, "application/vnd.x+json": "***",
                    "application/x-unknown": "***", "image/png": "s3cret",
                },
                "metadata": { "text/html": { "title": "***" } },
                "output_type": "display_data",
            },
            { "ename": "***Error", "evalue": "***", "output_type": "error", "traceback": ["a ***", "b"] },
        ])
    );
}

#[test]
fn a_secret_over_several_lines_is_seen_whole() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "-----BEGIN\nabc\nEND-----\n"), START);
    execution.map_text(0, &mut |text| Some(text.replace("BEGIN\nabc\nEND", "***")));
    assert_eq!(outputs(&execution, 0)[0]["text"], json!(["-----***-----\n"]));
}

#[test]
fn masking_in_the_middle_of_a_cell_does_not_disturb_what_follows() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "s3cret at the end\r12345678901234"), START);
    execution.map_text(0, &mut |_| Some("é".to_owned()));
    execution.apply(0, "stream", &stream("stdout", " more\n"), START);
    execution.finish_cell(0, &json!({ "status": "ok" }), LATER);
    assert_eq!(outputs(&execution, 0)[0]["text"], json!(["é more\n"]));
}

#[test]
fn what_is_not_changed_stays_as_it_is() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "plain\ntext"), START);
    let before = saved(&execution);
    execution.map_text(0, &mut mask);
    execution.map_text(99, &mut mask);
    assert_eq!(saved(&execution), before);
}
