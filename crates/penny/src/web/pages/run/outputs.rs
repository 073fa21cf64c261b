//! What a cell showed: on the run's page as much as fits there, and whole under an address of its own.

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};
use penny_html::{Kind, Limits, Truncated, Unit};
use serde_json::Value;

use super::shown::Shown;
use super::whole::{self, Whole};
use super::{Wanted, cell, found, looked_at, plotly};
use crate::error::{Error, Result};
use crate::looking::{self, Cell, Outputs};
use crate::web::access::FRAME_POLICY;
use crate::web::links::segment;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;
use crate::web::{blocking, failed};

/// How much of an output stands on the run's page.
pub const LIMITS: Limits = Limits {
    text_bytes: 20_000,
    html_bytes: 120_000,
    image_bytes: whole::PICTURE_INLINE_MAX,
    frame_bytes: 40_000_000,
};
/// Of a larger output, only so many bytes of the file are read for the page.
const WHOLE_BYTES_MAX: usize = 4_000_000;
const BEGINNING_BYTES: usize = 400_000;
/// What an output of its own address may do: nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

/// An output on the page.
pub fn drawn(
    shown: &Shown<'_>,
    cell: &Cell,
    at: usize,
    place: &looking::Place,
    reading: &mut Outputs<'_>,
    is_brief: bool,
) -> Result<Markup> {
    let visit = shown.visit;
    let address = shown.address(&format!("/outputs/{}/{at}", cell.place));
    let link = || {
        let size = visit.size(place.bytes as u64);
        let words = visit.say("Afficher ce résultat", "Show this output");
        html! { p.output.more { a href=(address) { (words) " (" (size) ")" } } }
    };
    if is_brief {
        return Ok(link());
    }
    let is_large = place.bytes > WHOLE_BYTES_MAX;
    let output = match is_large {
        true => reading.beginning(cell.place, at, BEGINNING_BYTES)?,
        false => reading.output(cell.place, at)?,
    };
    let Some(output) = output else { return Ok(link()) };
    if is_large && whole::is_picture(&output) {
        return Ok(link());
    }
    let mut rendered = penny_html::output(&output, &LIMITS);
    if is_large {
        // What is counted in rows or letters is the beginning alone.
        let shown = rendered.truncated.map_or(BEGINNING_BYTES, |_| LIMITS.text_bytes);
        rendered.truncated = Some(Truncated { shown, of: place.bytes, unit: Unit::Bytes });
    }
    let picture = whole::linked_picture(&output, rendered.kind == Kind::Active);
    let frame = shown.address(&format!("/frame/{}/{at}", cell.place));
    let is_error = rendered.kind == Kind::Error;
    Ok(html! {
        div.output tabindex=[matches!(rendered.kind, Kind::Text | Kind::Error).then_some("0")]
            role=[is_error.then_some("group")]
            aria-label=[is_error.then_some(visit.say("Erreur", "Error"))] {
            @if let Some(size) = picture {
                div.nb.nb-image {
                    img src=(address) loading="lazy" decoding="async"
                        width=[size.width] height=[size.height]
                        alt=(format!("{} {}", visit.say("Image de la cellule", "Picture of cell"), cell.number.unwrap_or(0)));
                }
            } @else {
                (PreEscaped(&rendered.html))
            }
            @if rendered.kind == Kind::Active { (active(shown, &output, &frame)) }
        }
        @if let Some(cut) = rendered.truncated.filter(|_| picture.is_none()) {
            (cell::left_out(shown, cut))
            p.more { a href=(address) { (visit.say("Afficher tout", "Show all of it")) }
                " (" (visit.size(place.bytes as u64)) ")" }
        }
    })
}

/// What is offered for an output that needs scripts.
fn active(shown: &Shown<'_>, output: &Value, frame: &str) -> Markup {
    let visit = shown.visit;
    let has_plotly = plotly::find(&visit.workspace).is_some();
    if !penny_html::can_be_framed(output, has_plotly) {
        return html! {
            p.more { (visit.say(
                "Ce résultat est interactif et n’est complet que dans Jupyter.",
                "This output is interactive, and complete in Jupyter only.")) }
        };
    }
    html! {
        p.active {
            a.button href=(frame) target="_blank" rel="noopener"
                data-frame=(visit.say("Résultat interactif, isolé de cette page", "Interactive output, isolated from this page")) {
                (visit.say("Afficher", "Show"))
            }
            span.soft.small { (visit.say(
                " exécute le script de ce résultat, isolé de cette page",
                " runs the script of this output, isolated from this page")) }
        }
    }
}

/// Which output an address means.
type Address = Path<(String, String, String)>;

/// `GET /runs/{id}/outputs/{cell}/{output}`: all of an output, as text or as a picture.
pub async fn output(
    visit: Visit,
    Path(address): Address,
    Query(wanted): Query<Wanted>,
) -> Response {
    let seat = visit.about.notebooks.seat().await;
    let lost = Error::usage(visit.say("ce résultat n’est pas là", "that output is not there"));
    let read = blocking(move || {
        let _seat = seat;
        let whole =
            read(&visit, &address, &wanted)?.map(|(output, ended)| (whole::whole(&output), ended));
        Ok((whole, visit))
    });
    match read.await {
        Ok((Some((Some(Whole { kind, bytes }), ended)), _)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            if ended {
                let kept = HeaderValue::from_static("private, max-age=600");
                headers.insert(header::CACHE_CONTROL, kept);
            }
            response
        }
        Ok((_, visit)) => visit.lost(lost).await,
        Err(error) => failed(&error),
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
        let document = read(&visit, &address, &wanted)?.and_then(|(output, _)| {
            let library = plotly::find(&visit.workspace);
            let library = library.and_then(|path| std::fs::read_to_string(path).ok());
            penny_html::frame(&output, library.as_deref(), &LIMITS)
        });
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

/// An output, and whether its run has ended.
fn read(
    visit: &Visit,
    (id, cell, output): &(String, String, String),
    wanted: &Wanted,
) -> Result<Option<(Value, bool)>> {
    let Some(run) = found(visit, id)? else { return Ok(None) };
    let (Ok(cell), Ok(output)) = (cell.parse(), output.parse()) else { return Ok(None) };
    let ended = run.ended.is_some();
    let Ok((_, Some(file))) = looked_at(visit, run, wanted.attempt()) else { return Ok(None) };
    let Some(mut reading) = file.reading()? else { return Ok(None) };
    Ok(reading.output(cell, output)?.map(|output| (output, ended)))
}
