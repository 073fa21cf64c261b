//! The output notebook of a run, to keep or to open in Jupyter.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::io::AsyncReadExt as _;

use super::{Wanted, found, owned};
use crate::error::{Error, Result};
use crate::looking::{Cells, PastRun};
use crate::web::notebooks::is_within;
use crate::web::visit::Visit;
use crate::web::{blocking, failed};

/// The file is sent in pieces of so many bytes: it is never in memory as a whole.
const PIECE: usize = 256 * 1024;

/// `GET /runs/{id}/download`
pub async fn download(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let lost = visit.say(
        "le notebook de cette exécution n’est pas là",
        "the notebook of that run is not there",
    );
    let lost = Error::usage(lost);
    let visit = Arc::new(visit);
    match output_notebook(&visit, id, wanted.attempt()).await {
        Ok(Some(file)) => file,
        Ok(None) => owned(visit).lost(lost).await,
        Err(error) => failed(&error),
    }
}

/// The file as a browser keeps it; nothing when there is no such run, or no file of it.
///
/// # Errors
/// The history cannot be read.
pub async fn output_notebook(
    visit: &Arc<Visit>,
    id: String,
    attempt: Option<u32>,
) -> Result<Option<Response>> {
    let visit = Arc::clone(visit);
    let read = blocking(move || {
        let run = found(&visit, &id)?;
        let past = run.and_then(|run| {
            let none = |_: &FilePath| Ok(Cells::default());
            PastRun::with(visit.store(), &visit.workspace, run, attempt, none).ok()
        });
        let path = past.and_then(|past| past.output);
        Ok(path.filter(|path| is_within(&visit.workspace.root, path)))
    });
    let Some(path) = read.await? else { return Ok(None) };
    let Ok(file) = tokio::fs::File::open(&path).await else { return Ok(None) };
    let length = file.metadata().await.map(|about| about.len()).ok();
    // A piece after the other; a file that cannot be read on ends the answer early, which the browser notices.
    let pieces = stream::unfold(Some(file), |file| async {
        let mut file = file?;
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(count) => {
                piece.truncate(count);
                Some((Ok(Bytes::from(piece)), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ipynb+json"));
    headers.extend(length.map(|length| (header::CONTENT_LENGTH, HeaderValue::from(length))));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    headers.insert(header::CONTENT_DISPOSITION, disposition(&name));
    Ok(Some(response))
}

/// The name under which a browser keeps a file (RFC 6266): in ASCII for those that know no better.
pub fn disposition(name: &str) -> HeaderValue {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_.()".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let exact = crate::web::links::segment(name);
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}");
    HeaderValue::try_from(value).expect("it is made of letters of ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_under_a_name_that_cannot_break_the_header() {
        #[track_caller]
        fn check(name: &str, expected: &str) {
            assert_eq!(disposition(name), expected);
        }
        check(
            "a_20261123.ipynb",
            "attachment; filename=\"a_20261123.ipynb\"; filename*=UTF-8''a_20261123.ipynb",
        );
        check(
            "é\"\r\n;/.ipynb",
            "attachment; filename=\"______.ipynb\"; filename*=UTF-8''%C3%A9%22%0D%0A%3B%2F.ipynb",
        );
    }
}
