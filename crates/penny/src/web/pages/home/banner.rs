//! The verdict as it is seen: the worst first and large, the rest below it.

use maud::{Markup, html};

use super::verdict::{Finding, Help, To};
use crate::web::words;

/// More findings than this are not shown: those before them are worse.
const FINDINGS_MAX: usize = 8;

/// What there is to say.
pub fn findings(findings: &[Finding]) -> Markup {
    let Some((first, rest)) = findings.split_first() else { return html! {} };
    html! {
        section.verdict.card.banner.(first.level.class()) data-say=(first.title) {
            h1 { span.sign.(first.level.class()) aria-hidden="true" {} (first.title) }
            (details(first, true))
        }
        @if !rest.is_empty() {
            ul.findings {
                @for finding in rest.iter().take(FINDINGS_MAX) {
                    li.card.banner.(finding.level.class()) {
                        h2 { span.sign.(finding.level.class()) aria-hidden="true" {} (finding.title) }
                        (details(finding, false))
                    }
                }
            }
        }
    }
}

fn details(finding: &Finding, is_first: bool) -> Markup {
    html! {
        div.finding {
            @if !finding.text.is_empty() { p.lead[is_first] { (finding.text) } }
            @if let Some(said) = &finding.said { pre.said tabindex="0" { (words::said(said)) } }
            @if !finding.runs.is_empty() {
                ul.runs { @for (href, told) in &finding.runs { li { a href=(href) { (words::said(told)) } } } }
            }
            @if !finding.helps.is_empty() {
                p.actions {
                    @for (index, one) in finding.helps.iter().enumerate() {
                        (help(one, index == 0 && is_first))
                    }
                }
            }
        }
    }
}

fn help(help: &Help, is_first: bool) -> Markup {
    let label = &help.label;
    match &help.to {
        To::Page(href) => html! { a.button.primary[is_first] href=(href) { (label) } },
        To::Dialog(href) => {
            html! { a.button.primary[is_first] href=(href) data-dialog { (label) } }
        }
        // Copying takes a script: without one the value itself is there.
        To::Copy(value) => html! {
            button type="button" hidden data-copy=(value) data-done="✓" { (label) }
            code.small { (value) }
        },
    }
}
