//! Figures of Plotly, as its renderers put them into a notebook: nothing of them runs by itself, and all of them draw
//! in a frame when their reader wants it, without a network.

use std::fs;

use penny_testing::browser::Browser;
use serde_json::json;

use super::{Dashboard, FRENCH};
use crate::service::history_says;
use crate::support::Workspace;

/// As data alone: what Jupyter draws by itself.
const AS_DATA: &str = "import plotly.io as pio, plotly.graph_objects as go
fig = go.Figure(go.Bar(x=['Ventes', 'Achats'], y=[1200, 800]), {'title': {'text': 'Marge </script>'}})
fig.show('plotly_mimetype')";
/// As data and as HTML, the library in an output of its own before it.
const AS_BOTH: &str = "pio.renderers.default = 'plotly_mimetype+notebook'\nfig.show()";
/// As HTML that has its library from that earlier output.
const AS_HTML: &str = "fig.show('notebook')";
/// As HTML that would have it from another host.
const CONNECTED: &str = "fig.show('notebook_connected')";
/// As releases before the sixth did, which asked Jupyter's page for a loader.
const OLD: &str = r#"import pathlib, plotly
from IPython.display import HTML, display
library = (pathlib.Path(plotly.__file__).parent / 'package_data/plotly.min.js').read_text()
display(HTML('<script type="text/javascript">window.PlotlyConfig = {}; '
    'if (typeof require !== "undefined") { require.undef("plotly"); '
    'define("plotly", function(require, exports, module) {' + library + '}); '
    'require(["plotly"], function(Plotly) { window._Plotly = Plotly; }); }</script>'))
display(HTML('<div><div id="old" class="plotly-graph-div"></div><script type="text/javascript">'
    'require(["plotly"], function(Plotly) { Plotly.newPlot("old", [{"y": [1, 2]}], {}); })</script></div>'))"#;

/// The Python of these notebooks.
fn python() -> std::path::PathBuf {
    penny_testing::python_and("plotly", &["plotly==6.*", "nbformat==5.*"])
}

/// Lets the figure of a cell run, and waits until it has drawn itself.
#[track_caller]
fn draws(browser: &Browser, cell: &str) {
    browser.click(&format!("#{cell} a[data-frame]"));
    let frame = format!("#{cell} iframe");
    browser.wait_for(&frame);
    assert_eq!(browser.attribute(&frame, "sandbox").as_deref(), Some("allow-scripts"));
    browser.within(&frame, |browser| {
        browser.wait_for(".main-svg");
        browser.until("it is drawn", || browser.count(".main-svg .trace, .main-svg .point") > 0);
        let high = "document.querySelector('.main-svg').getBoundingClientRect().height > 200";
        assert_eq!(browser.value(high), true, "it is there to be seen");
        let reached = "(() => { const tried = [];
            for (const attempt of [() => document.cookie, () => parent.document.title, () => localStorage.length])
                try { attempt(); tried.push(String(attempt)); } catch { }
            return [origin, tried]; })()";
        assert_eq!(browser.value(reached), json!(["null", []]), "it reaches nothing");
    });
}

#[test]
fn every_figure_of_plotly_draws_in_its_frame_and_not_before() {
    let ours = penny_testing::python();
    let workspace = Workspace::without_server()
        .config("[schedule]\nevery = \"2h\"\nat_start = false")
        .notebook("marge", &[AS_DATA, AS_BOTH, AS_HTML, CONNECTED, "fig"])
        .notebook("ancien", &[OLD]);
    let file = workspace.root().join("penny.toml");
    let config = fs::read_to_string(&file).expect("read");
    let [ours, theirs] = [ours, python()].map(|python| json!(python.display().to_string()));
    let with_plotly = config.replace(&ours.to_string(), &theirs.to_string());
    assert_ne!(with_plotly, config);
    fs::write(&file, &with_plotly).expect("written");
    workspace.run(&["run"]).status(0);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    let runs = "SELECT id, outcome FROM runs ORDER BY notebook DESC";
    history_says(&dashboard.workspace, runs, &json!([[1, "succeeded"], [2, "succeeded"]]));
    let browser = &dashboard.browser;

    dashboard.go("/runs/1");
    assert_eq!(browser.count("main iframe, main .main-svg"), 0, "nothing runs by itself");
    assert_eq!(browser.count("main a[data-frame]"), 5, "each figure is offered once");
    let page = browser.text("main");
    assert!(page.contains("exécute le script de ce résultat, isolé de cette page"), "{page}");
    assert!(page.contains("Un script pour les résultats qui suivent"), "{page}");
    assert!(!page.contains("octets de plus"), "of a library, nothing is left out:\n{page}");
    let weight = browser.value("performance.getEntriesByType('navigation')[0].decodedBodySize");
    assert!(weight.as_u64().expect("a size") < 150_000, "{weight}");
    for cell in ["c0", "c1", "c2", "c3", "c4"] {
        draws(browser, cell);
    }
    dashboard.go("/runs/2");
    draws(browser, "c0");
    dashboard.hold_what_every_page_does(&["/runs/1"]);

    // Without the library in the workspace's Python, those draw that have it from the notebook.
    let now = fs::read_to_string(&file).expect("read");
    fs::write(&file, now.replace(&theirs.to_string(), &ours.to_string())).expect("written");
    browser.until("penny.toml is read again", || {
        dashboard.go("/runs/1");
        browser.text("#c0").contains("ajoutez une ligne plotly à requirements.txt")
    });
    assert_eq!(browser.count("#c0 a[data-frame]"), 0);
    for cell in ["c1", "c2"] {
        draws(browser, cell);
    }
    dashboard.go("/runs/2");
    draws(browser, "c0");
}
