//! What cells show: as Jupyter shows it, and never more than that.

use super::{Shown, says, told, workspace};

#[test]
fn a_notebook_is_shown_as_jupyter_shows_it() {
    let table = "import pandas as pd\npd.DataFrame({'compte': ['606400'], 'debit': [12.5]})";
    let picture = "import matplotlib.pyplot as plt\nplt.figure(figsize=(9, 6))\n\
                   import numpy as np; plt.imshow(np.random.rand(300, 300)); plt.show()";
    let workspace = workspace("").notebook(
        "vitrine",
        &[
            "# markdown\n# Vitrine\n\nUne formule $E = mc^2$ et **du gras**.",
            "# markdown\n## Table",
            table,
            "# markdown\n## Image",
            picture,
            "# markdown\n## Couleurs",
            "print('\\x1b[31mrouge\\x1b[0m')  # une remarque",
        ],
    );
    workspace.run(&["run", "vitrine"]).status(0);
    let shown = Shown::new(workspace);
    let page = shown.french("/runs/1").is(200).body;
    assert!(page.contains("<math") && page.contains("<strong>du gras</strong>"), "{page}");
    assert!(page.contains("class=\"dataframe\"") && page.contains("<td>12.5</td>"), "{page}");
    assert!(page.contains("<span class=\"f1\">rouge</span>"), "{page}");
    assert!(page.contains("<span class=\"c\"># une remarque</span>"), "{page}");
    // Four headings are a list of contents.
    says(&told(&page), &["Sommaire Vitrine Table Image Couleurs"]);
    // A large picture has an address of its own, and its place is kept.
    let (_, image) = page.split_once("<img src=\"/runs/1/outputs/4/0\"").expect("a picture");
    let image = image.split_once('>').expect("an end").0;
    assert!(
        image.contains("loading=\"lazy\"")
            && image.contains("width=\"")
            && image.contains("alt=\""),
        "{image}"
    );
    let png = shown.visitor.get("/runs/1/outputs/4/0").is(200);
    assert_eq!(png.header("content-type"), Some("image/png"));
    assert!(png.body.contains("PNG"));
    let text = shown.visitor.get("/runs/1/outputs/6/0").is(200);
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(text.body, "rouge\n");
    let table = shown.visitor.get("/runs/1/outputs/2/0").is(200);
    assert_eq!(table.body.trim(), "compte\tdebit\n0\t606400\t12.5");
    shown.visitor.get("/runs/1/outputs/2/9").is(404);
    shown.visitor.get("/runs/1/outputs/x/0").is(404);
}

/// What a notebook may print to act in its reader's name.
const HOSTILE: &str = r#"
from IPython.display import HTML, SVG, Markdown, display
display(HTML('<p>avant</p><script>parent.canary = 1</script><img src=x onerror="canary=1"><iframe srcdoc="x"></iframe>'
             '<a href="javascript:canary()">lien</a><form action="http://ailleurs.example"><input name=a></form>'
             '<meta http-equiv=refresh content="0;url=http://ailleurs.example"><style>body{display:none}</style>'
             '<img src="http://ailleurs.example/pixel.png"><base href="http://ailleurs.example/">'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="canary=1"><script>canary=1</script></svg>'))
display(Markdown('[lien](javascript:canary) <img src=x onerror=canary> ![x](http://ailleurs.example/a.png)'))
display({'application/vnd.plotly.v1+json': {'data': [], 'layout': {}}, 'text/plain': 'Figure'}, raw=True)
display({'text/html': '<b>t</b><script src="http://ailleurs.example/x.js"></script>', 'text/plain': 't'}, raw=True)
print('</pre><script>canary=1</script>')
raise ValueError('</p><script>canary=1</script>')
"#;

#[test]
fn what_a_hostile_notebook_prints_runs_nowhere_but_in_its_frame() {
    let workspace =
        workspace("").notebook("hostile", &["# markdown\n# <img src=x onerror=canary>", HOSTILE]);
    workspace.run(&["run", "hostile"]).status(1);
    let shown = Shown::new(workspace);
    let answer = shown.french("/runs/1").is(200);
    let page = &answer.body;
    let (_, notebook) = page.split_once("<section class=\"notebook\"").expect("the notebook");
    // Its source is text, where any of it may be read; its outputs are elements, in which none may be.
    let outputs: String = notebook
        .split("<div class=\"output\"")
        .skip(1)
        .map(|output| output.split("</section>").next().unwrap_or_default())
        // A traceback shows the source.
        .filter(|output| !output.contains("nb-error"))
        .collect();
    for forbidden in [
        "<script",
        "onerror=\"",
        "onerror=c",
        "<iframe",
        "javascript:",
        "<form",
        "<input",
        "<meta",
        "<style",
        "<base",
        "src=\"http",
        "onload=",
        "style=\"",
    ] {
        assert!(!outputs.contains(forbidden), "`{forbidden}` is in\n{outputs}");
    }
    assert_eq!(page.matches("<script").count(), 1, "our own alone");
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("script-src 'self';") && policy.contains("frame-src 'self'"),
        "{policy}"
    );

    // What needs scripts is offered in a frame, of which the policy forbids everything but them.
    assert!(
        outputs.contains("data-frame=") && outputs.contains("href=\"/runs/1/frame/3/0\""),
        "{outputs}"
    );
    let frame =
        shown.visitor.get("/runs/1/frame/3/0").is(200).says("<script>parent.canary = 1</script>");
    let policy = frame.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("sandbox allow-scripts; default-src 'none'"), "{policy}");
    assert!(!policy.contains("allow-same-origin"), "{policy}");
    // Opened by itself it comes in a page of ours, which it cannot leave.
    let alone = [("Sec-Fetch-Dest", "document")];
    let alone = shown.visitor.send("GET", "/runs/1/frame/3/0", &alone, "").is(200);
    assert!(
        alone.body.contains("<iframe sandbox=\"allow-scripts\" src=\"/runs/1/frame/3/0\""),
        "{alone:?}"
    );
    assert!(!alone.body.contains("canary"), "{alone:?}");
    // No library, or a script from elsewhere: nothing to show.
    shown.visitor.get("/runs/1/frame/3/3").is(404);
    shown.visitor.get("/runs/1/frame/3/4").is(404);
    // Whole outputs are text or pictures that can do nothing.
    for output in 0..6 {
        let whole = shown.visitor.get(&format!("/runs/1/outputs/3/{output}")).is(200);
        let kind = whole.header("content-type").expect("a kind");
        assert!(["text/plain; charset=utf-8", "image/svg+xml"].contains(&kind), "{kind}");
        assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
        let policy = whole.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("; sandbox;"), "{policy}");
    }
}
