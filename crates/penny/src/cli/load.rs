//! `penny load`.

use super::arguments::LoadOptions;
use super::{Context, print};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::sources::{self, LoadRequest};
use crate::store::Store;

pub async fn load(context: &Context, options: LoadOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let store = Store::open(&workspace.history())?;
    let run = match workspace.variables.get("PENNY_RUN") {
        None => None,
        Some(token) => match store.run_of_token(token)? {
            Some(run) => Some(run),
            None => return Err(Error::usage("PENNY_RUN is set by Penny alone: unset it")),
        },
    };
    let quiet = crate::console::Console::new(false);
    let opened = Database::open(&workspace, &context.surroundings, &quiet);
    let database = context.stop.or(opened).await?;
    let request = LoadRequest {
        table: options.table,
        schema: options.schema,
        key: options.key,
        drop_missing: options.drop_missing,
    };
    let loaded = sources::load(&database, &store, run, &request, std::io::stdin());
    let result = context.stop.or(loaded).await;
    if let Ok(loaded) = result {
        let report = &loaded.report;
        let rows = crate::console::rows(report.rows);
        quiet.say(&format!("published: {}, {rows} rows", report.table));
        // The notebook goes on with the report; what is left to do, this process does beside it.
        print(&serde_json::to_string(&loaded.report).unwrap_or_default());
        loaded.settle().await;
        database.close().await;
        return Ok(0);
    }
    database.close().await;
    result.map(|_| 0)
}
