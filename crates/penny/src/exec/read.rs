//! Reading a notebook or a file of parameters: from the disk, from standard input, from the web.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::stop::Stop;

/// No notebook is larger; what has no end must not fill the memory.
const BYTES_MAX: u64 = 1 << 30;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Where papermill can also read and write, with what it needs for it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("s3://", "aws s3 cp"),
    ("gs://", "gcloud storage cp"),
    ("abs://", "az storage blob download"),
    ("adl://", "az storage fs file download"),
    ("hdfs://", "hdfs dfs -get"),
];

/// Reads what the command line names.
pub struct Reader<'a> {
    folder: &'a Path,
    stop: &'a Stop,
    /// Which argument has read standard input.
    stdin_by: Option<&'static str>,
}

impl<'a> Reader<'a> {
    /// Relative paths are those of `folder`.
    pub fn new(folder: &'a Path, stop: &'a Stop) -> Reader<'a> {
        Reader { folder, stop, stdin_by: None }
    }

    /// All bytes of a file, of an http(s) URL, or of standard input (`-`); `argument` is what names it.
    ///
    /// # Errors
    /// It is not there, cannot be read or reached, or is read twice.
    pub async fn read(&mut self, name: &str, argument: &'static str) -> Result<Vec<u8>> {
        if name == "-" {
            return self.stdin(argument).await;
        }
        if let Some(error) = elsewhere(name) {
            return Err(error);
        }
        if is_url(name) {
            return self.stop.or(fetch(name)).await;
        }
        let path = self.folder.join(name);
        std::fs::read(&path).map_err(|e| unreadable(name, &path, e))
    }

    async fn stdin(&mut self, argument: &'static str) -> Result<Vec<u8>> {
        if let Some(before) = self.stdin_by {
            return Err(Error::usage(format!(
                "standard input is read once, and {before} and {argument} both ask for it"
            )));
        }
        self.stdin_by = Some(argument);
        let reading = tokio::task::spawn_blocking(|| {
            let mut bytes = Vec::new();
            std::io::stdin().take(BYTES_MAX).read_to_end(&mut bytes).map(|_| bytes)
        });
        let read = async { Ok(reading.await.map_err(std::io::Error::other).flatten()) };
        let bytes = self.stop.or(read).await?;
        bytes.map_err(|e| Error::missing("standard input cannot be read").because(e))
    }
}

/// Whether a path is one on the web.
pub fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// The error for a place that papermill reaches through libraries of Python's.
pub fn elsewhere(path: &str) -> Option<Error> {
    if let Some((scheme, tool)) = ELSEWHERE.iter().find(|(scheme, _)| path.starts_with(scheme)) {
        return Some(
            Error::usage(format!("{path}: Penny reads and writes files, not {scheme}"))
                .hint(format!("copy it with `{tool}`; - stands for standard input and output")),
        );
    }
    let github = ["https://github.com/", "http://github.com/"];
    let page = github.iter().find_map(|site| path.strip_prefix(site))?;
    let raw = page.replacen("/blob/", "/", 1);
    Some(
        Error::usage(format!("{path} is a page of GitHub's, not the file"))
            .hint(format!("the file itself is at https://raw.githubusercontent.com/{raw}")),
    )
}

fn unreadable(name: &str, path: &Path, error: std::io::Error) -> Error {
    if path.is_dir() {
        return Error::usage(format!("{name} is a folder, not a file"));
    }
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::usage(format!("there is no file {name}")).hint_if(similar(name, path))
        }
        _ => Error::missing(format!("{name} cannot be read")).because(error),
    }
}

/// The file in the same folder that was probably meant.
fn similar(name: &str, path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let entries = std::fs::read_dir(path.parent()?).ok()?;
    let names: Vec<String> =
        entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).take(10_000).collect();
    let near = crate::config::nearest(wanted, names.iter().map(String::as_str))?;
    Some(format!("did you mean `{}`?", Path::new(name).with_file_name(near).display()))
}

async fn fetch(url: &str) -> Result<Vec<u8>> {
    let failed = |error: reqwest::Error| {
        // The URL may hold a token; the sentence has named it already as the user typed it.
        Error::missing(format!("{url} cannot be reached")).because(error.without_url())
    };
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build()
        .map_err(failed)?;
    let request = client.get(url).header(reqwest::header::ACCEPT, "application/json");
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status();
    if !status.is_success() {
        return Err(Error::missing(format!("{url} answers {status}")));
    }
    let mut bytes = Vec::new();
    while let Some(more) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&more);
        if bytes.len() as u64 > BYTES_MAX {
            return Err(Error::usage(format!("{url} is larger than any notebook")));
        }
    }
    Ok(bytes)
}
