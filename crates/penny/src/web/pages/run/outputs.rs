//! What a cell showed: on the run's page as much as fits there, and whole under an address of its own.

use std::sync::Arc;

use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};
use penny_html::{Kind, Limits, Truncated, Unit};
use serde_json::Value;

use super::shown::Shown;
use super::whole::{self, Whole};
use super::{Wanted, cell, found, frame, looked_at, owned};
use crate::error::{Error, Result};
use crate::looking::{self, Cell, OutputFile, Outputs};
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
    let framing = match rendered.kind {
        Kind::Active => Some(frame::framing(shown, cell, at, &output, reading)?),
        _ => None,
    };
    if framing.is_some() && rendered.html.is_empty() {
        // Nothing of it stands here, and nothing is left out.
        rendered.truncated = None;
    } else if is_large {
        // What is counted in rows or letters is the beginning alone.
        let shown = rendered.truncated.map_or(BEGINNING_BYTES, |_| LIMITS.text_bytes);
        rendered.truncated = Some(Truncated { shown, of: place.bytes, unit: Unit::Bytes });
    }
    let picture = whole::linked_picture(&output, rendered.kind == Kind::Active);
    let address_of_frame = shown.address(&format!("/frame/{}/{at}", cell.place));
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
            @if let Some(framing) = framing { (frame::offer(shown, framing, place.bytes, &address_of_frame)) }
        }
        @if let Some(cut) = rendered.truncated.filter(|_| picture.is_none()) {
            (cell::left_out(shown, cut))
            p.more { a href=(address) { (visit.say("Afficher tout", "Show all of it")) }
                " (" (visit.size(place.bytes as u64)) ")" }
        }
    })
}

/// Which output an address means.
pub type Address = Path<(String, String, String)>;

/// `GET /runs/{id}/outputs/{cell}/{output}`: all of an output, as text or as a picture.
pub async fn output(
    visit: Visit,
    Path(address): Address,
    Query(wanted): Query<Wanted>,
) -> Response {
    let lost = Error::usage(visit.say("ce résultat n’est pas là", "that output is not there"));
    let visit = Arc::new(visit);
    match whole_output(&visit, address, wanted.attempt()).await {
        Ok(Some(output)) => output,
        Ok(None) => owned(visit).lost(lost).await,
        Err(error) => failed(&error),
    }
}

/// All of an output; nothing when it is not there.
///
/// # Errors
/// The history or the notebook cannot be read.
pub async fn whole_output(
    visit: &Arc<Visit>,
    address: (String, String, String),
    attempt: Option<u32>,
) -> Result<Option<Response>> {
    let seat = visit.about.notebooks.seat().await;
    let visit = Arc::clone(visit);
    let read = blocking(move || {
        let _seat = seat;
        let read = read(&visit, &address, attempt)?;
        Ok(read.and_then(|(output, ended)| Some((whole::whole(&output)?, ended))))
    });
    let Some((Whole { kind, bytes }, ended)) = read.await? else { return Ok(None) };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if ended {
        let kept = HeaderValue::from_static("private, max-age=600");
        headers.insert(header::CACHE_CONTROL, kept);
    }
    Ok(Some(response))
}

/// An output, and whether its run has ended.
fn read(
    visit: &Visit,
    address: &(String, String, String),
    attempt: Option<u32>,
) -> Result<Option<(Value, bool)>> {
    let Some(found) = find(visit, address, attempt)? else { return Ok(None) };
    let Some(mut reading) = found.file.reading()? else { return Ok(None) };
    Ok(reading.output(found.cell, found.output)?.map(|output| (output, found.ended)))
}

/// Where an output is.
pub struct Found {
    /// Its notebook.
    pub file: Arc<OutputFile>,
    /// Its cell, from 0.
    pub cell: usize,
    /// Its place among the cell's outputs, from 0.
    pub output: usize,
    ended: bool,
}

/// Finds what an address means, whether there is such an output or not.
///
/// # Errors
/// The history or the notebook cannot be read.
pub fn find(
    visit: &Visit,
    (id, cell, output): &(String, String, String),
    attempt: Option<u32>,
) -> Result<Option<Found>> {
    let Some(run) = found(visit, id)? else { return Ok(None) };
    let (Ok(cell), Ok(output)) = (cell.parse(), output.parse()) else { return Ok(None) };
    let ended = run.ended.is_some();
    let Ok((_, Some(file))) = looked_at(visit, run, attempt) else { return Ok(None) };
    Ok(Some(Found { file, cell, output, ended }))
}
