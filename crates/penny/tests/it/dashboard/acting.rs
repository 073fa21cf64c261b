//! What is done from the pages: each by the form of its page, and nothing without one.

use std::fs;

use serde_json::{Value, json};

use super::visitor::{Answer, Visitor, start, workspace};
use crate::executed::{code, printed};
use crate::service::{begun, go, history, history_says, waits};
use crate::support::{Workspace, notebook, wait_for};

/// A name that an address and a page have to write in another way, and its address.
const NAME: &str = "Été & co %";
const ADDRESS: &str = "/notebooks/%C3%89t%C3%A9%20%26%20co%20%25";

/// A notebook whose first cell has the tag `parameters`.
fn with_parameters(cells: &[&str]) -> Vec<u8> {
    let mut notebook: Value = serde_json::from_slice(&notebook(cells)).expect("JSON");
    notebook["cells"][0]["metadata"]["tags"] = json!(["parameters"]);
    serde_json::to_vec(&notebook).expect("JSON")
}

/// The page in French.
#[track_caller]
fn french(visitor: &Visitor, path: &str) -> Answer {
    visitor.send("GET", path, &[("Accept-Language", "fr-FR,fr;q=0.9")], "")
}

/// The value of a hidden field.
#[track_caller]
fn hidden(answer: &Answer, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let (_, rest) =
        answer.body.split_once(&field).unwrap_or_else(|| panic!("no {name} in {answer:?}"));
    rest.split('"').next().expect("an end").to_owned()
}

fn settings(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.root().join("penny.toml")).expect("read")
}

const CELLS: &[&str] = &[
    "exercice = 2024  # l'exercice comptable\nsociete = 'A'\ndetail = False\ntaux = 1.5\nfin = max(1, 2)",
    "print(exercice, societe, detail, taux)",
];

#[test]
fn a_notebook_is_run_with_the_values_of_its_form() {
    let workspace = workspace("").file(NAME, &with_parameters(CELLS)).notebook("b", &["1"]);
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let page = visitor.get(&format!("{ADDRESS}/run")).is(200).says("Run Été &amp; co %");
    let page = page.says("l'exercice comptable").says("It has never succeeded yet");
    let page = page.says("value=\"2024\"").says("<option value=\"False\" selected>no</option>");
    page.says("computed by the notebook: change it there");
    french(&visitor, &format!("{ADDRESS}/run"))
        .is(200)
        .says("Lancer maintenant")
        .says("oui ou non");

    let values = [
        ("notebook", NAME),
        ("p.exercice", "2 025"),
        ("was.exercice", "2024"),
        ("p.societe", "A"),
        ("was.societe", "A"),
        ("p.detail", "True"),
        ("was.detail", "False"),
        ("p.taux", "beaucoup"),
        ("was.taux", "1.5"),
    ];
    let wrong = visitor.post("/run", &values).is(422).says("a number is expected here");
    wrong.says("value=\"2 025\"").says("aria-describedby=\"p-taux-error p-taux-about\"");
    assert_eq!(history(&workspace, "SELECT count(*) FROM runs"), json!([[0]]));
    let mut right = values;
    // In English it could be 25 as well.
    right[7].1 = "2,5";
    visitor.post("/run", &right).is(422).says("a number is expected here");
    right[7].1 = "2.5";
    visitor.post("/run", &right).leads_to("/runs/1");
    history_says(
        &workspace,
        "SELECT r.outcome, s.asked_by, s.parameters FROM runs r JOIN syncs s ON s.id = r.sync",
        &json!([["succeeded", "the dashboard", r#"{"exercice":2025,"detail":true,"taux":2.5}"#]]),
    );
    let ran = workspace.outputs(NAME).pop().expect("an output");
    assert_eq!(printed(code(&ran).last().expect("a cell")), "2025 A True 2.5\n");
    visitor.get(&format!("{ADDRESS}/run")).is(200).says("Last time: ");

    // Several, all, none, and what there is not.
    visitor.get("/run").is(200).says("Run the chosen notebooks").says("value=\"b\"");
    visitor.post("/run", &[]).is(422).says("Choose at least one notebook.");
    visitor
        .post("/run", &[("notebook", "nichts")])
        .is(404)
        .says("lists no notebook called “nichts”");
    visitor.get("/notebooks/nichts/run").is(404);
    visitor.post("/run", &[("notebook", "b"), ("notebook", NAME)]).leads_to("/");
    visitor.post("/run", &[("all", "1")]).leads_to("/");
    history_says(
        &workspace,
        "SELECT sync, count(*) FROM runs WHERE outcome = 'succeeded' GROUP BY sync",
        &json!([[1, 1], [2, 2], [3, 3]]),
    );
    // Nothing happens without the proof of a page.
    visitor.send_form("/run", "all=1", &[]).is(403);
    assert_eq!(history(&workspace, "SELECT count(*) FROM syncs"), json!([[3]]));
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_text_of_several_lines_stays_as_it_is_unless_it_is_changed() {
    let cells = &["requete = 'SELECT 1'", "print(repr(requete))"];
    let workspace = workspace("")
        .file("soldes", &with_parameters(cells))
        .config("parameters = { requete = \"SELECT *\\nFROM soldes\" }");
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let page = visitor.get("/notebooks/soldes/run").is(200);
    page.says("<textarea id=\"p-requete\"").says("\nSELECT *\nFROM soldes</textarea>");
    // Browsers send a line's end as in mail.
    let was = ("was.requete", "SELECT *\r\nFROM soldes");
    let run = |typed, id| {
        let values = [("notebook", "soldes"), ("p.requete", typed), was];
        visitor.post("/run", &values).leads_to(&format!("/runs/{id}"));
        history_says(
            &workspace,
            "SELECT count(*) FROM runs WHERE outcome = 'succeeded'",
            &json!([[id]]),
        );
    };
    run("SELECT *\r\nFROM soldes", 1);
    run("SELECT *\r\nFROM balance", 2);
    assert_eq!(
        history(&workspace, "SELECT parameters FROM syncs ORDER BY id"),
        json!([[null], [r#"{"requete":"SELECT *\nFROM balance"}"#]])
    );
    let ran = workspace.outputs("soldes").pop().expect("an output");
    assert_eq!(printed(code(&ran).last().expect("a cell")), "'SELECT *\\nFROM balance'\n");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn a_run_is_cancelled_and_done_again_with_what_comes_after_it() {
    let workspace = workspace("")
        .config("[execution]\nparallel = 2")
        .notebook("long", &["print('avant')", &waits("long")])
        .notebook("suite", &["1"])
        .config("after = [\"long\"]");
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    visitor.post("/run", &[("notebook", "long"), ("notebook", "suite")]).leads_to("/");
    begun(&workspace, "long");
    wait_for("the page tells that it runs", || {
        visitor.get("/notebooks/long/run").body.contains("It runs at this moment")
    });
    let page = visitor.get("/runs/1/cancel").is(200).says("Cancel the run of long?");
    page.says("Cancel the whole sync").says("since they come after it: suite.");
    visitor.get("/runs/1/retry").is(409).says("run 1 is still under way");
    visitor.get("/runs/77/cancel").is(404).says("there is no run 77");
    visitor.post("/runs/1/cancel", &[]).leads_to("/runs/1");
    history_says(
        &workspace,
        "SELECT notebook, outcome FROM runs ORDER BY id",
        &json!([["long", "cancelled"], ["suite", "skipped"]]),
    );
    let error = history(&workspace, "SELECT error FROM runs WHERE id = 1");
    assert!(
        error[0][0]
            .as_str()
            .is_some_and(|error| error.contains("was cancelled in cell 2 by the dashboard\n")),
        "{error}"
    );
    visitor.get("/runs/1/cancel").is(200).says("It has ended already");
    visitor.get("/runs/1").is(200);

    let page = french(&visitor, "/runs/1/retry").is(200).says("Relancer long ?");
    page.says("recommence depuis sa première cellule").says("<strong>suite</strong>");
    go(&workspace, "long");
    visitor.post("/runs/1/retry", &[]).leads_to("/runs/3");
    history_says(
        &workspace,
        "SELECT r.notebook, r.outcome, s.retry_of FROM runs r JOIN syncs s ON s.id = r.sync WHERE sync = 2 ORDER BY r.id",
        &json!([["long", "succeeded", 1], ["suite", "succeeded", 1]]),
    );
    visitor.get("/runs/3/retry").is(409).says("succeeded");
    french(&visitor, "/runs/3/retry").is(409).says(" a réussi").says("`penny run ");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn pausing_tells_what_it_means_and_who_did_it() {
    let workspace = workspace("");
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    visitor.get("/pause?notebook=ventes").is(200).says("Pause ventes").says("is not caught up");
    visitor.get("/pause?notebook=nichts").is(404);
    visitor.post("/pause", &[("notebook", "ventes")]).leads_to("/notebooks/ventes");
    let paused = "SELECT notebook, \"by\" FROM pauses ORDER BY notebook";
    assert_eq!(history(&workspace, paused), json!([["ventes", "the dashboard"]]));
    french(&visitor, "/resume?notebook=ventes").is(200).says("par le tableau de bord");
    visitor.post("/pause", &[]).leads_to("/");
    service.says("paused: nothing runs on its schedule");
    visitor.get("/resume?notebook=ventes").is(200).says("Everything is paused");
    visitor.post("/resume", &[("notebook", "")]).leads_to("/");
    assert_eq!(history(&workspace, paused), json!([]));
    service.says("resumed");
    assert_eq!(service.end("-TERM"), 0);
}

#[test]
fn the_schedule_is_changed_after_it_was_shown_and_nothing_else_of_penny_toml() {
    let workspace = workspace("").config("# à garder\nworking_days = false # tous");
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let (path, before) = ("/notebooks/ventes/schedule", settings(&workspace));
    let page = visitor.get(path).is(200).says("The schedule of ventes");
    let file = hidden(&page, "file");
    let fields = |times: &'static str| {
        [("rhythm", "daily"), ("times", times), ("days", "all"), ("on_change", "inherit")]
    };
    let with = |fields: [(&'static str, &'static str); 4], more: &[(&'static str, &str)]| {
        let all: Vec<(&str, &str)> = fields.iter().chain(more).copied().collect();
        visitor.post(path, &all)
    };
    let wrong = with(fields("25:00"), &[("file", &file)]).is(422);
    wrong.says("`25:00` is not a time of day").says("aria-describedby=\"times-error times-about\"");
    let checked = with(fields("08:00, 13:30"), &[("file", &file)]).is(200);
    let checked = checked
        .says("every day at 08:00 and 13:30")
        .says("; next run ")
        .says("<ins>+ daily_at = [&quot;08:00&quot;, &quot;13:30&quot;]</ins>");
    let shown = hidden(&checked, "checked");
    assert_eq!(settings(&workspace), before);
    // What was not shown is not saved.
    let save = [("file", &*file), ("save", "1"), ("checked", &*shown)];
    with(fields("09:00"), &save).is(200).says("every day at 09:00");
    assert_eq!(settings(&workspace), before);
    with(fields("08:00, 13:30"), &save).leads_to("/notebooks/ventes");
    let after = before.replace("# tous\n", "# tous\ndaily_at = [\"08:00\", \"13:30\"]\n");
    assert_eq!(settings(&workspace), after);
    service.says("penny.toml and .env were read again");
    // The file is another one now.
    with(fields("08:00"), &save).is(409).says("penny.toml was changed meanwhile");
    assert_eq!(settings(&workspace), after);
    french(&visitor, path)
        .is(200)
        .says("id=\"rhythm-daily\" name=\"rhythm\" value=\"daily\" checked")
        .says("value=\"08:00, 13:30\"");
    visitor.get("/schedule").is(200).says("The schedule of all notebooks");
    assert_eq!(service.end("-TERM"), 0);
}
