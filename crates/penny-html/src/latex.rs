//! Outputs of type `text/latex`.

use serde_json::Map;

use crate::limits::Limits;
use crate::markdown::markdown;
use crate::maths::try_maths;
use crate::rendered::{Kind, Rendered};

/// What an output of type `text/latex` shows, if it is a formula, or text with formulas in it.
/// LaTeX for whole documents (pandas writes tables so) is not.
pub(crate) fn latex(source: &str, limits: &Limits) -> Option<Rendered> {
    let source = source.trim();
    let (formula, block) = unwrapped(source);
    if let Some(mathml) = try_maths(formula, block) {
        let html = format!("<div class=\"nb nb-maths\">{mathml}</div>");
        return Some(Rendered::whole(Kind::Maths, html));
    }
    // "Le taux est $x$, soit $y$."
    if source.contains('$') && !source.contains("\\begin{") {
        let mut rendered = markdown(source, &Map::new(), limits);
        rendered.kind = Kind::Maths;
        return Some(rendered);
    }
    None
}

/// A formula without the signs around it, and whether it stands on a line of its own.
fn unwrapped(source: &str) -> (&str, bool) {
    const AROUND: &[(&str, &str, bool)] =
        &[("$$", "$$", true), ("\\[", "\\]", true), ("\\(", "\\)", false), ("$", "$", false)];
    for (open, close, block) in AROUND {
        let inside = source.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if let Some(inside) = inside.filter(|inside| !inside.contains('$')) {
            // `$\displaystyle …$` is how SymPy says it.
            return (inside, *block || inside.trim_start().starts_with("\\displaystyle"));
        }
    }
    (source, true)
}
