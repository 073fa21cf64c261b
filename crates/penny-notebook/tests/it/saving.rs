//! What is saved holds no secret, not even a part of one that is still arriving.

use penny_notebook::{Execution, Limits, Masked, Masker};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::notebooks::{LATER, START, code, execution, notebook, running, stream};

const OK: fn() -> Value = || json!({ "status": "ok" });

fn masker() -> Masker {
    Masker::new([("API_TOKEN", "s3cret-t0ken")])
}

fn copy(execution: &mut Execution) -> Value {
    serde_json::from_slice(&execution.save_copy(&masker())).expect("what is saved is JSON")
}

fn outputs(execution: &mut Execution, cell: usize) -> Value {
    copy(execution)["cells"][cell]["outputs"].clone()
}

/// The text of all of a cell's streams of that name.
fn text(outputs: &Value, name: &str) -> String {
    let streams = outputs.as_array().unwrap().iter().filter(|output| output["name"] == name);
    let lines = streams.flat_map(|output| output["text"].as_array().unwrap());
    lines.filter_map(Value::as_str).collect()
}

fn end(execution: &mut Execution) {
    execution.finish_cell(0, &OK(), LATER);
    execution.finish(None, LATER);
}

#[test]
fn a_secret_of_digits_is_masked_as_a_number_too() {
    let masker = Masker::new([("BANQUE_MDP", "48392017")]);
    let mut execution = running(Limits::default());
    let data = json!({ "a": [48392017, 148392017, 0.48392017, 12], "b": -48392018 });
    let content = json!({ "data": { "application/json": data }, "metadata": {} });
    execution.apply(0, "display_data", &content, START);
    end(&mut execution);
    let saved: Value = serde_json::from_slice(&execution.save_copy(&masker)).unwrap();
    let shown = &saved["cells"][0]["outputs"][0]["data"]["application/json"];
    assert_eq!(shown, &json!({ "a": ["•••", 148392017, 0.48392017, 12], "b": -48392018 }));
}

#[test]
fn a_secret_is_masked_in_every_kind_of_output() {
    let mut execution = running(Limits::default());
    execution.apply(
        0,
        "display_data",
        &json!({
            "data": {
                "text/plain": "s3cret-t0ken", "text/html": "<b>\ns3cret-t0ken</b>",
                "image/svg+xml": "<svg>s3cret-t0ken</svg>",
                "application/json": { "s3cret-t0ken": ["s3cret-t0ken", 1] },
                "application/x-unknown": "s3cret-t0ken", "image/png": "s3cret-t0ken",
            },
            "metadata": { "text/html": { "title": "s3cret-t0ken" } },
        }),
        START,
    );
    let error = json!({
        "ename": "s3cret-t0kenError", "evalue": "s3cret-t0ken", "traceback": ["a s3cret-t0ken", "b"],
    });
    execution.apply(0, "error", &error, START);
    assert_eq!(
        outputs(&mut execution, 0),
        json!([
            {
                "data": {
                    "text/plain": ["•••"], "text/html": ["<b>\n", "•••</b>"],
                    "image/svg+xml": ["<svg>•••</svg>"],
                    "application/json": { "•••": ["•••", 1] },
                    "application/x-unknown": "•••", "image/png": "s3cret-t0ken",
                },
                "metadata": { "text/html": { "title": "•••" } },
                "output_type": "display_data",
            },
            { "ename": "•••Error", "evalue": "•••", "output_type": "error", "traceback": ["a •••", "b"] },
        ])
    );
}

#[test]
fn the_beginning_of_a_secret_is_held_back_until_it_is_known() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "key s3cret"), START);
    assert_eq!(text(&outputs(&mut execution, 0), "stdout"), "key ");
    execution.apply(0, "stream", &stream("stdout", "-t0ken\nnext s3"), START);
    assert_eq!(text(&outputs(&mut execution, 0), "stdout"), "key •••\nnext ");
    execution.apply(0, "stream", &stream("stdout", "00 €"), START);
    assert_eq!(text(&outputs(&mut execution, 0), "stdout"), "key •••\nnext s300 €");
    execution.apply(0, "stream", &stream("stdout", " s3cr"), START);
    end(&mut execution);
    assert_eq!(text(&outputs(&mut execution, 0), "stdout"), "key •••\nnext s300 € s3cr");
}

#[test]
fn a_token_that_is_still_arriving_is_held_back() {
    #[track_caller]
    fn check(first: &str, second: &str, at_first: &str, at_last: &str) {
        let mut execution = running(Limits::default());
        execution.apply(0, "stream", &stream("stdout", first), START);
        assert_eq!(text(&outputs(&mut execution, 0), "stdout"), at_first);
        execution.apply(0, "stream", &stream("stdout", second), START);
        end(&mut execution);
        assert_eq!(text(&outputs(&mut execution, 0), "stdout"), at_last);
    }
    check(
        "Authorization: Bearer abc",
        "DEF0123456789 ok",
        "Authorization: Bearer ",
        "Authorization: Bearer ••• ok",
    );
    check("token=abcDEF01", "23456789 ok", "token=•••", "token=••• ok");
    check("token=ab", "cDEF0123456789 ok", "token=", "token=••• ok");
    check("pg://marie:lap", "in@db ok", "pg://", "pg://marie:•••@db ok");
    check("x eyJhbGciOi", "JIUzI1NiJ9.eyJzdWIiOiIx", "x ", "x •••");
    check("password='la", "pin'", "password='", "password='•••'");
    check("https://exemple.fr", "/a", "https://", "https://exemple.fr/a");
}

#[test]
fn a_secret_split_over_both_streams_is_found() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "a s3cret"), START);
    execution.apply(0, "stream", &stream("stderr", "warning s3"), START);
    execution.apply(0, "stream", &stream("stdout", "-t0"), START);
    let outputs_now = outputs(&mut execution, 0);
    assert_eq!(
        (text(&outputs_now, "stdout"), text(&outputs_now, "stderr")),
        ("a ".into(), "warning ".into())
    );
    execution.apply(0, "stream", &stream("stderr", "cret-t0ken\n"), START);
    execution.apply(0, "stream", &stream("stdout", "ken b"), START);
    end(&mut execution);
    let outputs_now = outputs(&mut execution, 0);
    assert_eq!(text(&outputs_now, "stdout"), "a ••• b");
    assert_eq!(text(&outputs_now, "stderr"), "warning •••\n");
}

#[test]
fn saving_in_between_does_not_disturb_a_progress_bar() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stderr", "s3cret-t0ken  0%\r"), START);
    assert_eq!(text(&outputs(&mut execution, 0), "stderr"), "•••  0%");
    execution.apply(0, "stream", &stream("stderr", "s3cret-t0ken 50%\r"), START);
    execution.apply(0, "stream", &stream("stderr", "done         100%"), START);
    end(&mut execution);
    assert_eq!(text(&outputs(&mut execution, 0), "stderr"), "done         100%");
}

#[test]
fn an_updated_display_and_late_output_are_masked_too() {
    let mut execution = running(Limits::default());
    let shown =
        |text: &str| json!({ "data": { "text/plain": text }, "transient": { "display_id": "d" } });
    execution.apply(0, "display_data", &shown("nothing"), START);
    execution.apply(0, "stream", &stream("stdout", "first\n"), START);
    execution.finish_cell(0, &OK(), LATER);
    outputs(&mut execution, 0);
    execution.start_cell(1, LATER);
    execution.apply(1, "update_display_data", &shown("now s3cret-t0ken"), LATER);
    execution.apply(0, "stream", &stream("stdout", "late s3cret-t0ken\n"), LATER);
    let outputs_now = outputs(&mut execution, 0);
    assert_eq!(outputs_now[0]["data"]["text/plain"], json!(["now •••"]));
    assert_eq!(text(&outputs_now, "stdout"), "first\nlate •••\n");
}

#[test]
fn known_secrets_in_sources_and_parameters_are_masked_in_the_copy_only() {
    let cells = json!([code("a", "token = 's3cret-t0ken'\npassword = 'lapin'", &[])]);
    let mut execution =
        execution(notebook(cells), json!({ "jeton": "s3cret-t0ken" }), Limits::default());
    let saved = copy(&mut execution);
    assert_eq!(saved["cells"][0]["source"], json!(["# Parameters\n", "jeton = \"•••\"\n"]));
    assert_eq!(saved["cells"][1]["source"], json!(["token = '•••'\n", "password = 'lapin'"]));
    assert_eq!(saved["metadata"]["papermill"]["parameters"], json!({ "jeton": "•••" }));
    assert_eq!(execution.notebook().source(0), "# Parameters\njeton = \"s3cret-t0ken\"\n");
    assert_eq!(execution.notebook().source(1), "token = 's3cret-t0ken'\npassword = 'lapin'");
}

#[test]
fn what_was_masked_is_counted_by_cell_and_name() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "s3cret-t0ken s3cret-t0ken\ns3cret-"), START);
    copy(&mut execution);
    copy(&mut execution);
    execution.apply(0, "stream", &stream("stdout", "t0ken"), START);
    execution.apply(1, "stream", &stream("stdout", "Bearer abcDEF0123456789"), START);
    end(&mut execution);
    let saved = copy(&mut execution);
    let masked =
        |cell, name: &str, places| Masked { cell: Some(cell), name: name.to_owned(), places };
    assert_eq!(execution.masked(), [masked(0, "API_TOKEN", 3), masked(1, "a bearer token", 1)]);
    assert_eq!(
        saved["metadata"]["penny"],
        json!({ "masked": [
            { "cell": "first", "name": "API_TOKEN", "places": 3 },
            { "cell": "second", "name": "a bearer token", "places": 1 },
        ] })
    );
}

#[test]
fn without_secrets_the_copy_is_the_notebook() {
    let mut execution = running(Limits::default());
    execution.apply(0, "stream", &stream("stdout", "rien de secret\nfin"), START);
    end(&mut execution);
    assert_eq!(execution.save_copy(&masker()), execution.notebook().to_bytes());
    assert_eq!(execution.masked(), []);
}

proptest! {
    #[test]
    fn no_copy_ever_shows_half_a_secret(
        pieces in proptest::collection::vec(
            (any::<bool>(), prop_oneof!["s3cret-", "t0ken", "s3", "cret-t0", "ken", "\n", " ", "[a-z]{1,3}"], any::<bool>()),
            1..25,
        ),
    ) {
        let mut execution = running(Limits::default());
        let mut written = [String::new(), String::new()];
        for (to_stderr, piece, saves) in &pieces {
            let name = if *to_stderr { "stderr" } else { "stdout" };
            execution.apply(0, "stream", &stream(name, piece), START);
            written[usize::from(*to_stderr)].push_str(piece);
            if *saves {
                let shown = outputs(&mut execution, 0);
                for (name, written) in ["stdout", "stderr"].iter().zip(&written) {
                    let masked = written.replace("s3cret-t0ken", "•••");
                    let text = text(&shown, name);
                    prop_assert!(masked.starts_with(&text), "{:?} of {:?}", text, masked);
                }
            }
        }
        end(&mut execution);
        let shown = outputs(&mut execution, 0);
        for (name, written) in ["stdout", "stderr"].iter().zip(&written) {
            prop_assert_eq!(text(&shown, name), written.replace("s3cret-t0ken", "•••"));
        }
    }
}
