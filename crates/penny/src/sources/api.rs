//! A list of Pennylane's API as an Arrow stream.

use std::collections::BTreeMap;
use std::io::Write;

use jiff::Timestamp;
use penny_pennylane::{Client, Config, Filter, Query, Resource, Secret, Table};

use super::ArrowOut;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// What `penny fetch RESOURCE` is asked for.
#[derive(Default)]
pub struct ApiRequest {
    /// The resource's name.
    pub resource: String,
    /// Pennylane's own filter: a JSON list of `{field, operator, value}`.
    pub filter: Option<String>,
    /// One field, `-` before it for descending.
    pub sort: Option<String>,
    /// At most that many rows.
    pub limit: Option<u64>,
    /// Only what changed since then.
    pub since: Option<String>,
    /// Parameters of the list, such as `period_start`.
    pub parameters: BTreeMap<String, String>,
}

/// The API's client of a workspace; `url` is where the simulated Pennylane answers, if that is the one.
///
/// # Errors
/// No token; a base URL that is not safe.
pub fn client(workspace: &Workspace, url: Option<String>) -> Result<Client> {
    let variables = &workspace.variables;
    let token = variables.get("PENNYLANE_API_TOKEN").ok_or_else(|| {
        Error::missing(
            "there is no token for Pennylane's API: PENNYLANE_API_TOKEN is empty in .env",
        )
        .hint("make one in Pennylane (Paramètres > Connectivité > Développeurs) and write it there")
    })?;
    let mut config = Config::new(Secret::from(token.to_owned()));
    config.user_agent = concat!("penny/", env!("CARGO_PKG_VERSION")).to_owned();
    if let Some(url) = url.or_else(|| variables.get("PENNYLANE_API_URL").map(str::to_owned)) {
        config.base_url = url;
    }
    Client::new(config).map_err(|e| api_error(&e))
}

/// Writes the list to `out` as an Arrow stream.
///
/// # Errors
/// What the API refuses, in words; a resource or filter that it does not have.
pub async fn fetch_api(client: &Client, request: &ApiRequest, out: impl Write) -> Result<()> {
    let resource = Resource::find(&request.resource)
        .map_err(|e| Error::usage(e.to_string()).hint(e.hint()))?;
    let mut table = Table::new(resource);
    if let Some(since) = &request.since {
        let since = timestamp(since)?;
        let changed = client.changed(resource, Some(since)).await.map_err(|e| api_error(&e))?;
        table.push(&changed.records);
    } else {
        let query = query(request)?;
        query.check(resource).map_err(query_error)?;
        let mut pages = client.list(resource, &query);
        while let Some(page) = pages.next().await {
            table.push(&page.map_err(|e| api_error(&e))?);
        }
    }
    let (schema, batches) = table.finish().map_err(|e| api_error(&e))?;
    let mut writer = ArrowOut::begin(out, &schema)?;
    for batch in &batches {
        writer.write(batch)?;
    }
    writer.end()
}

fn query(request: &ApiRequest) -> Result<Query> {
    let filters = match &request.filter {
        None => Vec::new(),
        Some(text) => Filter::parse_list(text).map_err(query_error)?,
    };
    Ok(Query {
        filters,
        sort: request.sort.clone(),
        rows_max: request.limit,
        parameters: request.parameters.clone(),
    })
}

fn timestamp(text: &str) -> Result<Timestamp> {
    let date = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    text.parse::<Timestamp>().ok().or_else(|| date().map(|d| d.timestamp())).ok_or_else(|| {
        Error::usage(format!("`{text}` is no time"))
            .hint("write 2026-11-01 or 2026-11-01T08:00:00Z")
    })
}

fn query_error(error: penny_pennylane::QueryError) -> Error {
    Error::usage(error.to_string())
}

/// A refusal of the API, with its remedy.
pub fn api_error(error: &penny_pennylane::Error) -> Error {
    Error::missing(crate::error::sentence_of(error)).hint_if(error.hint()).passing(error.may_pass())
}
