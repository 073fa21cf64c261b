//! The page of a run, on what really ran.

mod comparing;
mod large;
mod outputs;

use serde_json::json;

use super::visitor::{Answer, Visitor, start, workspace};
use crate::service::{Service, begun, go, history_says, waits};
use crate::support::{Workspace, end, plain, wait_for};

const FRENCH: [(&str, &str); 1] = [("Accept-Language", "fr-FR,fr;q=0.9")];

/// A dashboard over runs that have been.
struct Shown {
    workspace: Workspace,
    visitor: Visitor,
    _service: Service,
}

impl Shown {
    /// Starts it over the runs of a workspace.
    fn new(workspace: Workspace) -> Shown {
        let (service, link) = start(&workspace);
        let visitor = Visitor::of_link(&link).comes_in(&link);
        Shown { workspace, visitor, _service: service }
    }

    #[track_caller]
    fn french(&self, path: &str) -> Answer {
        self.visitor.send("GET", path, &FRENCH, "")
    }
}

/// A text without tags, its spaces one each.
fn words(page: &str) -> String {
    let mut out = String::new();
    let mut is_tag = false;
    for c in page.chars() {
        match c {
            '<' => is_tag = true,
            '>' => (is_tag, out) = (false, out + " "),
            _ if !is_tag => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a page shows beside its frame, in words.
fn told(page: &str) -> String {
    words(
        page.split_once("<main")
            .and_then(|(_, rest)| rest.split_once("</main>"))
            .expect("a page")
            .0,
    )
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn a_run_that_failed_says_what_went_wrong_where_and_what_can_be_done() {
    let failing = "# les retards\nx = {}\nx['dateline']\nprint('jamais')";
    let workspace = workspace("").notebook(
        "marge",
        &["# markdown\n## Extraction", "y = 1", "# markdown\n## Export", failing, "1 + 1"],
    );
    workspace.run(&["run", "marge"]).status(1);
    let shown = Shown::new(workspace);
    let page = shown.french("/runs/1").is(200).body;
    says(
        &told(&page),
        &[
            "marge n° 1 échouée",
            "A échoué dans la cellule 2 (Export)",
            "KeyError: 'dateline'",
            "2 │ x = {} → 3 │ x['dateline'] 4 │ print('jamais')",
            "Voir la cellule 2 (Export)",
            "Relancer…",
            "Télécharger (.ipynb)",
            "Cette cellule a échoué",
            "Non exécutée",
            "Journal",
            "erreur failed after",
        ],
    );
    // The cell that failed is marked, and the link leads to it.
    let (_, failed) = page.split_once("data-in-view").expect("a cell that failed");
    assert_eq!(page.matches("data-in-view").count(), 1);
    assert!(failed.contains("class=\"at-fault\""), "{failed}");
    assert!(page.contains("href=\"#c5\"") && page.contains("id=\"c5\""), "{page}");
    assert!(page.contains("href=\"/runs/1/retry\" data-dialog"), "{page}");
    assert!(page.contains("href=\"/notebooks/marge\""), "{page}");
    // A run that has ended does not change: the page does not follow it.
    assert!(page.contains("data-still") && !page.contains("data-follow"), "{page}");

    let english = shown.visitor.get("/runs/1").is(200).body;
    says(
        &told(&english),
        &[
            "marge no. 1 failed",
            "Failed in cell 2 (Export)",
            "See cell 2 (Export)",
            "Not run",
            "Retry…",
        ],
    );
}

#[test]
fn a_run_that_is_not_there_is_said_not_to_be_there() {
    let shown = Shown::new(workspace(""));
    for path in
        ["/runs/7", "/runs/x", "/runs/7/download", "/runs/7/outputs/0/0", "/runs/7/frame/0/0"]
    {
        shown.visitor.get(path).is(404);
    }
    shown.french("/runs/7").says("il n’y a pas d’exécution 7");
    shown.french("/runs/..%2f..%2fetc").is(404);
    shown.visitor.get("/runs/99999999999999999999").is(404);
    // No stranger learns anything of a run.
    let stranger = shown.visitor.with(None);
    for path in
        ["/runs/1", "/runs/1/download", "/runs/1/outputs/0/0", "/runs/1/frame/0/0", "/compare/1/2"]
    {
        stranger.get(path).is(303);
    }
}

#[test]
fn a_run_under_way_shows_its_cells_as_they_come() {
    let workspace =
        workspace("").notebook("lent", &["print('debut')", &waits("lent"), "print('fin')"]);
    let shown = Shown::new(workspace);
    let asked = shown.workspace.command(&["run", "lent"]).spawn().expect("penny starts");
    begun(&shown.workspace, "lent");
    wait_for("the page knows the cell", || {
        plain(&shown.french("/runs/1").body).contains("cellule 2 sur 3")
    });
    let page = shown.french("/runs/1").is(200).body;
    says(
        &told(&page),
        &["lent n° 1 en cours", "cellule 2 sur 3", "Annuler…", "En cours", "Pas encore exécutée"],
    );
    assert!(page.contains("<progress data-run=\"1\" max=\"3\" value=\"2\""), "{page}");
    assert!(page.contains("data-follow=\"1\"") && !page.contains("data-still"), "{page}");
    assert!(page.contains("data-live=\"c0\"") && page.contains("data-live=\"log\""), "{page}");
    assert!(page.contains("href=\"/runs/1/cancel\" data-dialog"), "{page}");
    go(&shown.workspace, "lent");
    history_says(&shown.workspace, "SELECT outcome FROM runs", &json!([["succeeded"]]));
    let page = shown.french("/runs/1").is(200).body;
    says(&told(&page), &["lent n° 1 réussie", "debut", "begun", "fin", "Lancer à nouveau…"]);
    assert!(page.contains("data-still") && !page.contains("Pas encore"), "{page}");
    end(asked).status(0);
}

#[test]
fn each_attempt_of_a_run_has_its_page() {
    let once = "import pathlib\nfirst = not pathlib.Path('tried').exists()\n\
                pathlib.Path('tried').touch()\nprint('premier' if first else 'second')\n\
                if first: raise ConnectionResetError(104, 'Connection reset by peer')";
    let workspace = workspace("").config("[retry]\nfirst_pause = \"1s\"").notebook("once", &[once]);
    let shown = Shown::new(workspace);
    shown.workspace.run(&["run", "once"]).status(0);
    let page = shown.french("/runs/1").is(200).body;
    says(&told(&page), &["Tentative 1 échouée", "(réseau)", "Tentative 2 réussie", "second"]);
    let first = shown.french("/runs/1?attempt=1").is(200).body;
    says(&told(&first), &["ConnectionResetError", "premier"]);
    assert!(first.contains("/runs/1/download?attempt=1"), "{first}");
    shown.visitor.get("/runs/1?attempt=9").is(404);
}

#[test]
fn what_is_known_of_a_run_stays_when_its_file_is_gone() {
    let workspace = workspace("").notebook("a", &["print('bonjour')"]);
    workspace.run(&["run", "a"]).status(0);
    let shown = Shown::new(workspace);
    let download = shown.visitor.get("/runs/1/download").is(200);
    assert!(download.body.contains("bonjour"));
    let name = download.header("content-disposition").expect("a name");
    assert!(name.starts_with("attachment; filename=\"a_2") && name.contains(".ipynb\""), "{name}");
    let folder = shown.workspace.root().join("data/outputs");
    for file in std::fs::read_dir(folder).expect("read") {
        std::fs::remove_file(file.expect("an entry").path()).expect("removed");
    }
    let page = shown.french("/runs/1").is(200).body;
    says(
        &told(&page),
        &["réussie", "Le notebook exécuté n’est plus là", "Durée des cellules", "c0"],
    );
    assert!(!page.contains("/runs/1/download"), "{page}");
    shown.visitor.get("/runs/1/download").is(404);
    shown.visitor.get("/runs/1/outputs/0/0").is(404);
}
