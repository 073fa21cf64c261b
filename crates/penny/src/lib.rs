//! The scheduler that finance teams trust to run their Jupyter notebooks.
//!
//! The library behind the `penny` binary: the only composer of the leaf crates.

pub mod cli;
pub mod config;
pub mod console;
pub mod database;
pub mod environment;
pub mod error;
pub mod exec;
pub mod files;
pub mod log;
pub mod platform;
pub mod powerbi;
pub mod run;
pub mod sources;
pub mod stop;
pub mod store;
pub mod surroundings;
pub mod workspace;
