//! The binary, tried as a user would: real kernels, a real PostgreSQL, real files, real processes killed.

mod data_share;
mod demo;
mod executed;
mod interruptions;
mod notebooks;
mod places;
mod processes;
mod publishing;
mod server;
mod python;
mod support;
mod usage;
