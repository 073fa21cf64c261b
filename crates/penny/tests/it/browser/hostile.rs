//! A notebook whose outputs want to run, look like Penny, or talk to somebody: they are shown, and do nothing.

use serde_json::json;

use super::elsewhere::Elsewhere;
use super::{Dashboard, FRENCH};
use crate::service::history_says;
use crate::support::Workspace;

/// Each of them would set `window.hurt`, go elsewhere, or hide the page.
const HTML: &str = r##"
<p>Bonjour de la sortie</p>
<script>window.hurt = "script"</script>
<script src="ELSEWHERE/script.js"></script>
<img src="x" onerror="window.hurt = 'onerror'">
<img src="ELSEWHERE/pixel.png" alt="pixel">
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='parent.hurt=1'/>">
<svg onload="window.hurt = 'svg'"><script>window.hurt = "svg script"</script><a xlink:href="javascript:window.hurt=1"><text>x</text></a></svg>
<math><mtext><table><mglyph><style><img src=x onerror="window.hurt='mxss'"></style></mglyph></table></mtext></math>
<noscript><p title="</noscript><img src=x onerror=window.hurt='noscript'>"></noscript>
<iframe src="ELSEWHERE/frame"></iframe>
<iframe srcdoc="<script>parent.hurt = 'srcdoc'</script>"></iframe>
<a id="lure" href="javascript:window.hurt = 'link'">lien</a>
<a href="  JaVa&#10;ScRiPt:window.hurt = 'link'">lien caché</a>
<a href="data:text/html,<script>alert(1)</script>">données</a>
<a href="https://example.com/" ping="ELSEWHERE/ping">lien ordinaire</a>
<form action="ELSEWHERE/form"><input name="password" autofocus onfocus="window.hurt = 'focus'"><button>Se connecter</button></form>
<meta http-equiv="refresh" content="0;url=ELSEWHERE/refresh">
<base href="ELSEWHERE/">
<link rel="stylesheet" href="ELSEWHERE/style.css">
<style>body { display: none } @import url(ELSEWHERE/import.css);</style>
<div style="position: fixed; inset: 0; background: url(ELSEWHERE/background.png)">par-dessus tout</div>
<object data="ELSEWHERE/object"></object><embed src="ELSEWHERE/embed">
<video src="ELSEWHERE/video" poster="ELSEWHERE/poster" onerror="window.hurt = 'video'"></video>
<details open ontoggle="window.hurt = 'toggle'"><summary>x</summary></details>
<button form="main" formaction="ELSEWHERE/formaction">Relancer</button>
<h1 id="main" class="banner bad">Vos chiffres sont faux</h1>
</div></main></body><title>Autre titre</title>
"##;

/// A picture that would run, if it were more than a picture.
const SVG: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20" onload="parent.hurt='svg'">
<script>parent.hurt = "svg file"; fetch("ELSEWHERE/svg")</script><image href="ELSEWHERE/image.png"/>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="ELSEWHERE/foreign"/></foreignObject><rect width="60" height="20" fill="teal"/></svg>"##;

/// Text with the same wishes.
const MARKDOWN: &str = r##"# markdown
## Un titre <img src=x onerror="window.hurt='heading'">

[lien](javascript:window.hurt='markdown') ![pixel](ELSEWHERE/markdown.png) <script>window.hurt = "markdown script"</script>

<iframe src="ELSEWHERE/markdown-frame"></iframe> $\href{javascript:window.hurt='maths'}{x^2}$

Fin du texte"##;

/// What a script in a frame tries; it writes down how far it came.
const ACTIVE: &str = r##"
<div id="shown">avant</div>
<script>
  const tried = {};
  const attempt = (name, act) => { try { tried[name] = String(act()); } catch (error) { tried[name] = "refused"; } };
  attempt("cookie", () => document.cookie);
  attempt("parent", () => parent.document.title);
  attempt("storage", () => localStorage.length);
  attempt("top", () => { top.location = "ELSEWHERE/top"; return "went"; });
  attempt("popup", () => window.open("ELSEWHERE/popup") === null ? "refused" : "opened");
  new Image().src = "ELSEWHERE/frame.png";
  fetch("ELSEWHERE/fetch").then(() => { tried.fetch = "went"; }, () => { tried.fetch = "refused"; });
  fetch("/", {credentials: "include"}).then(() => { tried.home = "read"; }, () => { tried.home = "refused"; });
  document.getElementById("shown").textContent = "le script a tourné";
  window.tried = tried;
</script>"##;

#[test]
fn nothing_that_a_notebook_shows_runs_or_talks_to_anyone() {
    let elsewhere = Elsewhere::listen();
    let with_address = |text: &str| text.replace("ELSEWHERE", &elsewhere.url());
    let show = |kind: &str, text: &str| {
        format!(
            "from IPython.display import display\ndisplay({{'{kind}': {}}}, raw=True)",
            json!(with_address(text))
        )
    };
    let workspace = Workspace::without_server().notebook(
        "piege",
        &[
            &with_address(MARKDOWN),
            &show("text/html", HTML),
            &show("image/svg+xml", SVG),
            &show("text/markdown", MARKDOWN.trim_start_matches("# markdown\n")),
            &show("application/javascript", "window.hurt = 'javascript'; alert(1)"),
            &show("text/latex", r"$\href{javascript:window.hurt='latex'}{x}$"),
            "print('\\x1b]8;;javascript:window.hurt=1\\x07lien\\x1b]8;;\\x07 <img src=x onerror=window.hurt=1>')",
            "print('é' * 3_000_000)\nfor i in range(100_000): print(i)",
            "raise Exception('<img src=x onerror=\"window.hurt=1\"><script>window.hurt=1</script>')",
        ],
    );
    let workspace =
        workspace.append("penny.toml", "description = \"<script>window.hurt = 'toml'</script>\"");
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    history_says(&dashboard.workspace, "SELECT outcome FROM runs", &json!([["failed"]]));
    let browser = &dashboard.browser;
    let unharmed = |place: &str| {
        assert_eq!(browser.value("window.hurt ?? null"), json!(null), "{place}");
        assert!(browser.title().ends_with(" · Penny"), "{place}: {}", browser.title());
        assert_eq!(elsewhere.asked(), [] as [&str; 0], "{place}");
        dashboard.nothing_was_asked_of_another_host();
    };

    dashboard.go("/");
    unharmed("home");
    dashboard.go("/notebooks/piege");
    unharmed("the notebook's page");
    dashboard.go("/history");
    unharmed("the history");
    dashboard.go("/runs/1");
    unharmed("the run");
    let page = browser.text("main");
    for shown in
        ["Bonjour de la sortie", "Fin du texte", "onerror=\"window.hurt=1\"", "octets de plus"]
    {
        assert!(page.contains(shown), "`{shown}` is not shown");
    }
    for never in [
        "main script",
        "main iframe",
        "main object, main embed, main video, main link, main style, main base, main meta",
        "main [onerror], main [onload], main [onfocus], main [ontoggle], main [style], main [srcdoc], main [ping]",
        "main form[action^='http'], main [formaction]",
        "main img:not([src^='data:image/'], [src^='/runs/'])",
    ] {
        assert_eq!(browser.count(never), 0, "{never}");
    }
    let schemes =
        browser.value("[...new Set([...document.links].map(link => link.protocol))].sort()");
    assert_eq!(schemes, json!(["http:", "https:"]), "no link is a script");
    assert_eq!(browser.count("#main"), 1, "an output takes no name of the page");
    assert_eq!(browser.count(".output .banner"), 0, "an output does not look like Penny");
    let weight = browser.value("performance.getEntriesByType('navigation')[0].decodedBodySize");
    assert!(weight.as_u64().expect("a size") < 2_000_000, "{weight}");
    // Whatever can be clicked on in an output stays without effect here.
    browser.script(
        "document.querySelectorAll('main .output a:not([target]), main .output button').forEach(e => e.click())",
        &json!([]),
    );
    unharmed("after clicks");
    dashboard.hold_what_every_page_does(&["/runs/1"]);
    unharmed("after all");
}

#[test]
fn an_output_that_may_run_runs_in_a_frame_from_which_nothing_can_be_reached() {
    let elsewhere = Elsewhere::listen();
    let active = ACTIVE.replace("ELSEWHERE", &elsewhere.url());
    let cell = format!("from IPython.display import HTML\nHTML({})", json!(active));
    let workspace = Workspace::without_server().notebook("actif", &[&cell]);
    let Some(dashboard) = Dashboard::open(workspace, FRENCH) else { return };
    history_says(&dashboard.workspace, "SELECT outcome FROM runs", &json!([["succeeded"]]));
    let browser = &dashboard.browser;
    dashboard.go("/runs/1");
    assert_eq!(browser.count("main iframe[src]"), 0, "nothing runs by itself");
    browser.press("Afficher");
    browser.wait_for("iframe[src*='/frame/']");
    assert_eq!(browser.attribute("iframe", "sandbox").as_deref(), Some("allow-scripts"));
    browser.within("iframe", |browser| {
        browser.wait_for_text("#shown", "le script a tourné");
        browser.until("the answers", || browser.value("tried.fetch && tried.home").is_string());
        let expected = json!({
            "cookie": "refused", "parent": "refused", "storage": "refused", "top": "refused",
            "popup": "refused", "fetch": "refused", "home": "refused",
        });
        assert_eq!(browser.value("tried"), expected);
    });
    assert_eq!(elsewhere.asked(), [] as [&str; 0]);
    assert_eq!(dashboard.path(), "/runs/1");
}
