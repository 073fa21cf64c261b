//! A run: its notebook as Jupyter would show it, beside another, and as a file.

use serde_json::json;

use super::{Dashboard, ENGLISH};
use crate::looking::edit;
use crate::service::history_says;
use crate::support::Workspace;

/// A notebook with something of each kind.
fn closing(total: u32) -> Vec<String> {
    let texts = [
        "# markdown\n# Clôture\n\nLe taux est $\\frac{TVA}{HT} = 20\\,\\%$.\n\n$$\\sum_{i=1}^{n} x_i$$\n\n| Compte | Nom |\n|---|---|\n| 411 | Clients |",
        "# markdown\n## Paramètres",
        "seuil = 30",
        "# markdown\n## Données",
        &format!(
            "import pandas as pd\ndf = pd.DataFrame({{'compte': ['411', '512'], 'solde': [{total}.5, -3.25]}})\ndf"
        ),
        "# markdown\n## Graphique",
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()",
        "# markdown\n## Export",
        "print('\\x1b[31mrouge\\x1b[0m et noir')",
    ];
    texts.map(str::to_owned).to_vec()
}

fn cells(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

#[test]
fn a_run_is_shown_as_jupyter_would_and_beside_another() {
    let (before, after) = (closing(100), closing(250));
    let failing = "ligne = {'montant': 12}\n# la colonne a changé de nom\nligne['montant_ttc']";
    let workspace = Workspace::without_server()
        .config("[schedule]\nevery = \"2h\"\ntimezone = \"Europe/Paris\"")
        .notebook("cloture", &cells(&before))
        .notebook("ventes", &["# markdown\n## Extraction", "x = 1", failing, "print('jamais')"]);
    workspace.run(&["run"]).status(1);
    edit(&workspace, "cloture", &cells(&after));
    let Some(dashboard) = Dashboard::open(workspace, ENGLISH) else { return };
    let ended = "SELECT count(*) FROM runs WHERE outcome IS NOT NULL";
    history_says(&dashboard.workspace, ended, &json!([[4]]));
    let browser = &dashboard.browser;
    let of = |notebook: &str| {
        let ids = format!("SELECT id FROM runs WHERE notebook = '{notebook}' ORDER BY id");
        let ids = crate::service::history(&dashboard.workspace, &ids);
        [0, 1].map(|i| ids[i][0].as_i64().expect("a run"))
    };
    let ([first, second], [_, failed]) = (of("cloture"), of("ventes"));

    dashboard.go(&format!("/runs/{second}"));
    assert!(browser.title().starts_with("cloture · run "), "{}", browser.title());
    assert!(browser.count("main math mfrac") > 0 && browser.count("main math[display=block]") > 0);
    assert_eq!(browser.texts("main .output table td").join(" "), "411 250.50 512 -3.25");
    let picture = "[...document.querySelectorAll('main .output img')].map(i => i.complete && i.naturalWidth > 100)";
    browser.until("the picture", || browser.value(picture) == json!([true]));
    assert!(browser.text("main").contains("rouge et noir"));
    let colours = "(() => { const red = [...document.querySelectorAll('.output span')].find(e => e.innerText === 'rouge');
        return getComputedStyle(red).color !== getComputedStyle(red.parentElement).color; })()";
    assert_eq!(browser.value(colours), true, "red is red");
    let highlighted = browser.count("main .source span");
    assert!(highlighted > 5, "the code is highlighted: {highlighted}");

    dashboard.go(&format!("/runs/{failed}"));
    let sentence = browser.text("main .banner");
    for said in ["Failed in cell 2 (Extraction)", "KeyError: 'montant_ttc'", "ligne['montant_ttc']"]
    {
        assert!(sentence.contains(said), "`{said}` is not in\n{sentence}");
    }
    let in_view =
        "(() => { const place = document.querySelector('.cell.failed').getBoundingClientRect();
        return place.top < innerHeight && place.bottom > 0; })()";
    browser.until("the failing cell comes into view", || browser.value(in_view) == true);
    assert!(browser.text(".cell.failed").contains("KeyError"));
    assert!(browser.text(".cell.not-run").contains("Not run"));

    dashboard.go(&format!("/compare/{first}/{second}"));
    let page = browser.text("main");
    for said in ["'solde': [100.5", "'solde': [250.5"] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }

    let file = "fetch(arguments[0]).then(async answer => [answer.headers.get('content-disposition'), (await answer.json()).nbformat])";
    let file =
        browser.script(&format!("return {file}"), &json!([format!("/runs/{second}/download")]));
    assert!(
        file[0].as_str().is_some_and(|name| name.contains("cloture_") && name.contains(".ipynb")),
        "{file}"
    );
    assert_eq!(file[1], 4);

    let [run, bad, both] = [
        format!("/runs/{second}"),
        format!("/runs/{failed}"),
        format!("/compare/{first}/{second}"),
    ];
    dashboard.hold_what_every_page_does(&[&run, &bad, &both]);
}
