//! The scheduler that finance teams trust to run their Jupyter notebooks.
//!
//! The library behind the `penny` binary: the only composer of the leaf crates.

pub mod alerts;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod daemon;
pub mod database;
pub mod environment;
pub mod error;
pub mod exec;
pub mod files;
pub mod folding;
pub mod language;
pub mod log;
pub mod looking;
pub mod platform;
pub mod powerbi;
pub mod retention;
pub mod run;
pub mod service;
pub mod sources;
pub mod stop;
pub mod store;
pub mod surroundings;
pub mod web;
pub mod workspace;
