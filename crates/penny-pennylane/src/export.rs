//! Files that Pennylane makes on demand: ask, wait until it is there, download.

use std::time::Duration;

use jiff::civil::Date;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::answer::{self, Failure};
use crate::call::Call;
use crate::client::{Client, is_loopback};
use crate::error::Error;
use crate::pause;

/// A file of an export is no longer than this.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Between two looks at an export that is being made, at most.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// The FEC, the file that the tax administration asks for.
    Fec,
    /// The general ledger, as a spreadsheet.
    GeneralLedger,
    /// The analytical general ledger, as a spreadsheet.
    AnalyticalGeneralLedger(AnalyticalMode),
}

/// How the analytical general ledger shows its categories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AnalyticalMode {
    /// One row for each category of a line.
    #[default]
    InLine,
    /// One column for each category.
    InColumn,
}

impl ExportKind {
    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            ExportKind::Fec => "FEC",
            ExportKind::GeneralLedger => "general ledger",
            ExportKind::AnalyticalGeneralLedger(_) => "analytical general ledger",
        }
    }

    /// The scope that its token needs.
    pub fn scope(self) -> &'static str {
        match self {
            ExportKind::Fec => "exports:fec",
            ExportKind::GeneralLedger => "exports:gl",
            ExportKind::AnalyticalGeneralLedger(_) => "exports:agl",
        }
    }

    fn path(self) -> &'static str {
        match self {
            ExportKind::Fec => "/exports/fecs",
            ExportKind::GeneralLedger => "/exports/general_ledgers",
            ExportKind::AnalyticalGeneralLedger(_) => "/exports/analytical_general_ledgers",
        }
    }

    fn body(self, period_start: Date, period_end: Date) -> Value {
        let mut body = json!({
            "period_start": period_start.to_string(),
            "period_end": period_end.to_string(),
        });
        match self {
            ExportKind::AnalyticalGeneralLedger(AnalyticalMode::InLine) => {
                body["mode"] = json!("in_line");
            }
            ExportKind::AnalyticalGeneralLedger(AnalyticalMode::InColumn) => {
                body["mode"] = json!("in_column");
            }
            ExportKind::Fec | ExportKind::GeneralLedger => {}
        }
        body
    }
}

impl Client {
    /// Makes an export of a period, both days included, and gives its file's bytes.
    ///
    /// Everything together takes no longer than `export_timeout`.
    pub async fn export(
        &self,
        kind: ExportKind,
        period_start: Date,
        period_end: Date,
    ) -> Result<Vec<u8>, Error> {
        let limit = self.config.export_timeout;
        let export = self.make_and_download(kind, period_start, period_end);
        tokio::time::timeout(limit, export)
            .await
            .unwrap_or(Err(Error::ExportTooSlow { export: kind.name(), waited: limit }))
    }

    async fn make_and_download(
        &self,
        kind: ExportKind,
        period_start: Date,
        period_end: Date,
    ) -> Result<Vec<u8>, Error> {
        // A creation that is repeated after a lost answer makes a second export, which nobody reads.
        let body = kind.body(period_start, period_end);
        let created = self.send(&Call::post(kind.path(), kind.scope(), body)).await?;
        let id = created.get("id").and_then(Value::as_i64).ok_or_else(|| Error::Unexpected {
            path: kind.path().to_owned(),
            what: "the new export has no `id`".to_owned(),
        })?;
        let path = format!("{}/{id}", kind.path());
        let mut look = 1;
        loop {
            let pause = pause::growing(self.config.pause_first, look).min(PAUSE_MAX);
            tokio::time::sleep(pause).await;
            let export = self.send(&Call::get(&path, kind.scope())).await?;
            look += 1;
            match export.get("status").and_then(Value::as_str) {
                Some("pending") => {}
                Some("ready") => return self.download(kind, &export).await,
                Some("error") => {
                    let export = kind.name();
                    return Err(Error::ExportFailed { export, period_start, period_end });
                }
                status => {
                    let what = format!("the export's status is {status:?}");
                    return Err(Error::Unexpected { path, what });
                }
            }
        }
    }

    async fn download(&self, kind: ExportKind, export: &Value) -> Result<Vec<u8>, Error> {
        let wrong =
            |reason: &str| Error::ExportFile { export: kind.name(), reason: reason.to_owned() };
        let address = export.get("file_url").and_then(Value::as_str);
        let url = address
            .and_then(|address| Url::parse(address).ok())
            .ok_or_else(|| wrong("Pennylane gave no address for it"))?;
        if url.scheme() != "https" && !is_loopback(&url) {
            return Err(wrong("its address is not protected (https)"));
        }
        let mut attempt = 1;
        loop {
            let failure = match self.download_once(kind, &url, attempt).await {
                Ok(file) => return Ok(file),
                Err(failure) => failure,
            };
            let Some(pause) = self.pause_after(&failure, attempt) else {
                return Err(failure.error);
            };
            tracing::debug!(export = kind.name(), attempt, ?pause, error = %failure.error, "another attempt");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// The file lies with someone else: no token, no part of the pace.
    async fn download_once(
        &self,
        kind: ExportKind,
        url: &Url,
        attempt: u32,
    ) -> Result<Vec<u8>, Failure> {
        let started = Instant::now();
        let response = self
            .downloads
            .get(url.clone())
            .send()
            .await
            .map_err(|error| answer::unreachable(url, error, attempt))?;
        let status = response.status();
        if status.is_server_error() {
            let path = url.path().to_owned();
            let error = Error::Unavailable { path, status: status.as_u16(), attempts: attempt };
            return Err(Failure { error, retry: answer::Retry::Later });
        }
        if !status.is_success() {
            let reason = format!("{} answered {status}", answer::host_of(url));
            return Err(Error::ExportFile { export: kind.name(), reason }.into());
        }
        let file = answer::body(response, url.path(), FILE_BYTES_MAX, attempt).await?;
        tracing::debug!(export = kind.name(), bytes = file.len(), elapsed = ?started.elapsed(), "downloaded");
        Ok(file)
    }
}
