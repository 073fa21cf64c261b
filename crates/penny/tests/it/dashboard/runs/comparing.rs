//! Two runs side by side.

use super::{Shown, says, told, workspace};
use crate::looking::edit;

#[test]
fn two_runs_are_compared_in_words_and_marks() {
    let workspace = workspace("")
        .notebook(
            "a",
            &["# markdown\n## Paramètres", "n = 1", "# markdown\n## Total", "print('n', n)"],
        )
        .notebook("b", &["print('autre')"]);
    workspace.run(&["run", "a"]).status(0);
    let cells = [
        "# markdown\n## Paramètres",
        "n = 2",
        "# markdown\n## Total",
        "print('n', n)",
        "m = '<b>'",
    ];
    edit(&workspace, "a", &cells);
    workspace.run(&["run", "a"]).status(0);
    workspace.run(&["run", "a"]).status(0);
    workspace.run(&["run", "b"]).status(0);
    let shown = Shown::new(workspace);

    let page = shown.french("/compare/1/2").is(200).body;
    says(
        &told(&page),
        &[
            "Avant a n° 1 réussie",
            "Après a n° 2 réussie",
            "0 table modifiée 2 cellules modifiées 1 résultat différent",
            "Aucune des deux n’a publié de table.",
            "cellule 1 (Paramètres) modifiée retirée : − n = 1 ajoutée : + n = 2",
            "cellule 3 (Total) ajoutée ajoutée : + m = '&lt;b&gt;'",
            "cellule 2 (Total) modifiée retirée : − n 1 ajoutée : + n 2",
        ],
    );
    assert!(page.contains("<del>") && page.contains("<ins>"), "{page}");
    // However they are named, the earlier comes first.
    assert_eq!(told(&shown.french("/compare/2/1").is(200).body), told(&page));
    let same = shown.visitor.get("/compare/2/3").is(200).body;
    says(&told(&same), &["The same cells.", "The same (durations do not count)."]);
    let other = shown.french("/compare/3/4").is(200).body;
    says(&told(&other), &["Ce sont deux notebooks différents"]);

    // A run's page leads there: to the run before, or to one that is chosen.
    let run = shown.french("/runs/3").is(200).body;
    assert!(run.contains("href=\"/compare/2/3\""), "{run}");
    says(&told(&run), &["Comparer avec la précédente", "n° 2 · aujourd’hui", "n° 1 · aujourd’hui"]);
    shown.visitor.get("/compare?run=3&run=1").is(303);
    shown.visitor.get("/compare/1/1").is(400);
    shown.visitor.get("/compare/1/9").is(404);
    shown.visitor.get("/compare/x/1").is(404);

    // What cannot be read is said; the rest stands.
    let folder = shown.workspace.root().join("data/outputs");
    for file in std::fs::read_dir(folder).expect("read") {
        std::fs::remove_file(file.expect("an entry").path()).expect("removed");
    }
    let gone = shown.french("/compare/1/2").is(200).body;
    says(
        &told(&gone),
        &["Les cellules ne peuvent pas être comparées : n° 1 : son notebook n’est plus là"],
    );
    assert!(!told(&gone).contains("0 cellule modifiée"), "{gone}");
}
