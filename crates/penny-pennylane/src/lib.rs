//! The client of the Pennylane API v2: pages, filters, changelogs, exports, rate limit, retries.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use penny_pennylane::{Client, Config, Query, Resource, Secret, Table};
//!
//! let client = Client::new(Config::new(Secret::from("…")))?;
//! let customers = Resource::find("customers")?;
//! let mut pages = client.list(customers, &Query::default());
//! let mut table = Table::new(customers);
//! while let Some(records) = pages.next().await {
//!     table.push(&records?);
//! }
//! let (schema, batches) = table.finish()?;
//! # Ok(())
//! # }
//! ```

mod answer;
mod call;
mod changelog;
mod client;
mod config;
mod error;
mod export;
mod me;
mod pace;
mod pages;
mod pause;
mod query;
mod refusal;
mod resource;
mod table;
mod trouble;

pub use changelog::{Change, Changed, ChangelogPages, Operation};
pub use client::Client;
pub use config::{BASE_URL, Config, Secret};
pub use error::Error;
pub use export::{AnalyticalMode, ExportKind};
pub use me::{Company, Me, User};
pub use pages::Pages;
pub use query::{Filter, Operator, Query, QueryError};
pub use resource::{
    Column, FilterField, Kind, Parameter, ParameterKind, Resource, UnknownResource,
};
pub use table::{ROWS_PER_BATCH, Table};
pub use trouble::Trouble;
