//! The binary, tried as a user would: real kernels, a real PostgreSQL, real files, real processes killed.

mod alerts;
mod as_service;
mod browser;
mod dashboard;
mod data_share;
mod demo;
mod engine;
mod exec;
mod executed;
mod force;
mod gateway;
mod history;
mod interruptions;
mod looking;
mod notebooks;
mod past;
mod places;
mod powerbi_login;
mod processes;
mod publishing;
mod python;
mod server;
mod service;
mod sources;
mod support;
mod usage;
