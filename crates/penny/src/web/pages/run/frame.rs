//! An output that needs scripts: what is offered for it on the run's page, and its frame, out of which it reaches
//! nothing.

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use penny_html::Framing;
use serde_json::Value;

use super::outputs::{Address, Found, LIMITS, find};
use super::scripts::Scripts;
use super::shown::Shown;
use super::{Wanted, plotly};
use crate::error::{Error, Result};
use crate::looking::{Cell, Outputs};
use crate::web::access::FRAME_POLICY;
use crate::web::links::segment;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;
use crate::web::{blocking, failed};

/// How an output of the run's page can be framed.
///
/// # Errors
/// The notebook cannot be read.
pub fn framing(
    shown: &Shown<'_>,
    cell: &Cell,
    at: usize,
    output: &Value,
    reading: &mut Outputs<'_>,
) -> Result<Framing> {
    let is_brought = shown.scripts(reading)?.bring_plotly_before(cell.place, at);
    let has_plotly = is_brought || plotly::find(&shown.visit.workspace).is_some();
    Ok(penny_html::framing(output, has_plotly))
}

/// What is offered for an output that needs scripts, which takes so many bytes.
pub fn offer(shown: &Shown<'_>, framing: Framing, bytes: usize, address: &str) -> Markup {
    let visit = shown.visit;
    match framing {
        Framing::Whole => html! {
            p.active {
                a.button href=(address) target="_blank" rel="noopener"
                    data-frame=(visit.say("Résultat interactif, isolé de cette page", "Interactive output, isolated from this page")) {
                    (visit.say("Afficher", "Show"))
                }
                span.soft.small { (visit.say(
                    " exécute le script de ce résultat, isolé de cette page",
                    " runs the script of this output, isolated from this page")) }
            }
        },
        Framing::ScriptsAlone => html! {
            p.more {
                (visit.say("Un script pour les résultats qui suivent", "A script for the outputs that follow"))
                " (" (visit.size(bytes as u64)) ")"
            }
        },
        Framing::WithoutPlotly => html! {
            p.more {
                (visit.say(
                    "Cette figure s’affiche ici quand plotly est installé\u{a0}: ajoutez une ligne ",
                    "This figure is shown here once plotly is installed: add a line "))
                code { "plotly" } (visit.say(" à ", " to ")) code { "requirements.txt" } "."
            }
        },
        Framing::None => html! {
            p.more { (visit.say(
                "Ce résultat est interactif et n’est complet que dans Jupyter.",
                "This output is interactive, and complete in Jupyter only.")) }
        },
    }
}

/// `GET /runs/{id}/frame/{cell}/{output}`: an output with its scripts, in a document of nobody's origin. Opened by
/// itself it comes within a page of ours, whose policy keeps it from going elsewhere.
pub async fn frame(
    visit: Visit,
    Path(address): Address,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    if headers.get("sec-fetch-dest").is_some_and(|place| place == "document") {
        return visit.show(move |visit| Ok(around(visit, &address))).await;
    }
    let seat = visit.about.notebooks.seat().await;
    let lost =
        visit.say("ce résultat ne s’affiche pas à part", "that output cannot be shown apart");
    let lost = Error::usage(lost);
    let read = blocking(move || {
        let _seat = seat;
        let found = find(&visit, &address, wanted.attempt())?;
        let document = found.map(|found| document(&visit, &found)).transpose()?.flatten();
        Ok((document, visit))
    });
    match read.await {
        Ok((Some(document), _)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAME_POLICY)),
            ];
            (StatusCode::OK, headers, document).into_response()
        }
        Ok((None, visit)) => visit.lost(lost).await,
        Err(error) => failed(&error),
    }
}

/// The output with its scripts, the libraries that the notebook shows before it, and Plotly's.
fn document(visit: &Visit, found: &Found) -> Result<Option<String>> {
    let Some(mut reading) = found.file.reading()? else { return Ok(None) };
    let Some(output) = reading.output(found.cell, found.output)? else { return Ok(None) };
    let scripts = Scripts::of(&found.file, &mut reading)?;
    let earlier = scripts.read_before(found.cell, found.output, &mut reading)?;
    let library = plotly::find(&visit.workspace);
    let library = library.and_then(|path| std::fs::read_to_string(path).ok());
    Ok(penny_html::frame(&output, &earlier, library.as_deref(), &LIMITS))
}

/// The page around an output that is shown by itself.
fn around(visit: &Visit, (id, cell, _): &(String, String, String)) -> Page {
    let title = visit.say("Résultat interactif", "Interactive output");
    let back = format!("/runs/{}#c{}", segment(id), segment(cell));
    let body = html! {
        p.trail { a href=(back) { "← " (visit.say("Retour à l’exécution", "Back to the run")) } }
        h1 { (title) }
        p.soft { (visit.say(
            "Le script du notebook s’exécute dans ce cadre, isolé de Penny et du réseau.",
            "The notebook’s script runs in this frame, isolated from Penny and from the network.")) }
        div.active { iframe sandbox=(penny_html::FRAME_SANDBOX) src=(visit.path) title=(title) {} }
    };
    Page::new(title, Place::History, body).with_notebooks()
}
