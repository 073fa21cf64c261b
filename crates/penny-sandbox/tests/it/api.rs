//! The server over real HTTP.

mod changelogs;
mod contract;
mod exports;
mod faults;
mod filters;
mod pages;
mod rate_limit;
mod records;
mod refusals;
mod schema;
mod server;
