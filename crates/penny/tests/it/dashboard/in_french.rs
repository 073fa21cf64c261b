//! What PostgreSQL, the module and the settings refuse, as a French page tells it.

use std::fs;

use super::visitor::Visitor;
use crate::server::Open;
use crate::service::{Service, history};
use crate::support::{Workspace, free_port, wait_for};

const FRENCH: [(&str, &str); 1] = [("Accept-Language", "fr-FR,fr;q=0.9")];

/// Notebooks of which each publishes what cannot be published, and what its page says of it.
const REFUSED: &[(&str, &str, &[&str])] = &[
    (
        "colonnes",
        "penny.publish(pd.DataFrame([[1, 2]], columns=['montant', 'montant']), 'ventes')",
        &[
            "Deux colonnes s’appellent `montant` : la 1 et la 2.",
            "Renommez l’une d’elles, par exemple par df.rename ou df.columns = […].",
        ],
    ),
    (
        "doublon",
        "penny.publish(pd.DataFrame({'id': [5, 5]}), 'doublon', key='id')",
        &[
            "deux lignes ont la même valeur dans une clé de pennylane.doublon : la clé (id)=(5) existe déjà",
            "Retirez les doublons par df.drop_duplicates(subset=[…]), ou publiez sans clé",
        ],
    ),
    (
        "nom",
        "penny.publish(pd.DataFrame({'id': [5]}), 'ventes.2026.mars')",
        &[
            "`ventes.2026.mars` ne peut pas être le nom d’une table : il contient plus d’un point",
            "Écrivez un nom tel que customers, ou schema.customers",
        ],
    ),
    (
        "reserve",
        "penny.publish(pd.DataFrame({'id': [5]}), 't', schema='pg_ventes')",
        &["PostgreSQL n’a pas pu créer le schéma de pg_ventes.t : "],
    ),
    (
        "vue",
        "penny.publish(pd.DataFrame({'id': [5]}), 'une_vue')",
        &["pennylane.une_vue est une vue, et l’on ne peut publier que dans une table"],
    ),
];

/// A workspace in which each of them was refused.
fn refused() -> Open {
    let config = format!(
        "[web]\nlisten = \"127.0.0.1:{}\"\n[schedule]\nat_start = false\nevery = \"24h\"\n",
        free_port()
    );
    let workspace =
        REFUSED.iter().fold(Workspace::new().config(&config), |workspace, (name, code, _)| {
            workspace.notebook(name, &[&format!("import pandas as pd, penny\n{code}")])
        });
    let open = Open::new(workspace);
    open.rows("CREATE TABLE pennylane.base AS SELECT 1 AS id");
    open.rows("CREATE VIEW pennylane.une_vue AS SELECT * FROM pennylane.base");
    open.workspace.run(&["run"]).status(1);
    open
}

/// The words of a page, its spaces one each.
fn words(page: &str) -> String {
    let text: String =
        page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    let text = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a page says first, and loudest.
fn banner(page: &str) -> String {
    let (_, banner) = page.split_once("<main").expect("a page");
    let (banner, _) = banner.split_once("</section>").expect("a banner");
    banner.split_once('>').expect("a tag ends").1.to_owned()
}

/// What of it is said to be English.
fn english(page: &str) -> Vec<String> {
    let parts = page.split("lang=\"en\">").skip(1);
    parts.map(|part| words(part.split('<').next().unwrap_or_default())).collect()
}

#[test]
fn what_is_refused_is_told_in_french_and_only_a_server_s_own_words_are_not() {
    let open = refused();
    let service = Service::start(&open.workspace);
    service.says("the dashboard: http://");
    let visitor = Visitor::logged_in(&open.workspace);
    let page = |path: &str| visitor.send("GET", path, &FRENCH, "").is(200).body;
    for (name, _, sentences) in REFUSED {
        let runs =
            history(&open.workspace, &format!("SELECT id FROM runs WHERE notebook = '{name}'"));
        let page = page(&format!("/runs/{}", runs[0][0]));
        let text = words(&banner(&page));
        for sentence in *sentences {
            assert!(text.contains(sentence), "{name}: `{sentence}` is not in\n{text}");
        }
        let english = english(&banner(&page));
        match *name {
            "reserve" => assert_eq!(english.len(), 1, "{english:?}"),
            _ => assert!(english.is_empty(), "{name}: {english:?}"),
        }
    }
    // A mistake in penny.toml is told where the service tells that it goes on with what it had.
    let file = open.workspace.root().join("penny.toml");
    let settings = fs::read_to_string(&file).expect("settings");
    fs::write(&file, settings.replace("every = \"24h\"", "every = 24")).expect("written");
    let told = "`every`, dans [schedule], devrait être une durée entre guillemets, comme \"30m\" ou \"2h\", et c’est \
                un nombre entier";
    wait_for("the mistake is told", || words(&page("/")).contains(told));
    let english = english(&banner(&page("/")));
    assert!(english.iter().all(|text| text.starts_with("unacceptable schema name")), "{english:?}");
}
