//! `penny fetch`.

use std::io::{IsTerminal as _, Read as _, Write as _};

use super::Context;
use super::arguments::FetchOptions;
use crate::database::{Database, OWN_OF_RUN};
use crate::error::{Error, Result};
use crate::sources::sandbox::{Parts, Simulated};
use crate::sources::{self, ApiRequest};
use crate::workspace::Workspace;

pub async fn fetch(context: &Context, options: FetchOptions) -> Result<u8> {
    if std::io::stdout().is_terminal() {
        return Err(Error::usage("the result is an Arrow stream, which is no text for a terminal")
            .hint("write it to a file with > customers.arrow, or use penny.pennylane(…) in a notebook"));
    }
    let workspace = context.workspace()?;
    let redshift = options.resource == "redshift";
    // Within a run of Penny's, the sync has opened what is needed and says where it is.
    let within_run = workspace.variables.get("PENNY_RUN").is_some();
    let parts = Parts { api: !redshift, share: redshift && !within_run };
    let today = jiff::Zoned::now().date();
    let quiet = crate::console::Console::new(false);
    let simulated =
        Simulated::open(&workspace, &context.surroundings, &quiet, parts, today).await?;
    // The data share of a sync is on its server, which may have been killed meanwhile.
    let own_of_run = redshift && within_run && workspace.variables.get(OWN_OF_RUN).is_some();
    let database = match own_of_run && workspace.config.sandbox {
        true => {
            context.stop.or(Database::open(&workspace, &context.surroundings, &quiet)).await.ok()
        }
        false => None,
    };
    let result = context.stop.or(fetched(&workspace, options, &simulated)).await;
    simulated.close().await;
    if let Some(database) = database {
        database.close().await;
    }
    result.map(|()| 0)
}

async fn fetched(
    workspace: &Workspace,
    options: FetchOptions,
    simulated: &Simulated,
) -> Result<()> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout());
    if options.resource == "redshift" {
        let sql = sql(options.sql)?;
        let port = simulated.own.as_ref().map(|own| own.port());
        let target = sources::redshift_target(workspace, port)?;
        sources::fetch_redshift(&target, &sql, &mut out).await?;
    } else {
        let url = simulated.api.as_ref().map(|api| api.url.clone());
        let client = sources::client(workspace, url)?;
        sources::fetch_api(&client, &request(options)?, &mut out).await?;
    }
    out.flush().map_err(|e| Error::missing("the data could not be handed on").because(e))
}

fn request(options: FetchOptions) -> Result<ApiRequest> {
    let parameters = options
        .parameters
        .iter()
        .map(|p| {
            p.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).ok_or_else(|| {
                Error::usage(format!("`--param {p}` has no `=`")).hint("write --param name=value")
            })
        })
        .collect::<Result<_>>()?;
    Ok(ApiRequest {
        resource: options.resource,
        filter: options.filter,
        sort: options.sort,
        limit: options.limit,
        since: options.since,
        parameters,
    })
}

fn sql(option: Option<String>) -> Result<String> {
    let sql = match option.as_deref() {
        Some("-") => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|e| Error::usage("the query on standard input is not UTF-8").because(e))?;
            text
        }
        Some(text) => text.to_owned(),
        None => String::new(),
    };
    if sql.trim().is_empty() {
        return Err(Error::usage("there is no query").hint("write --sql \"SELECT …\""));
    }
    Ok(sql)
}
