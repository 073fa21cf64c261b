//! The client against a server over real HTTP that misbehaves on purpose.

mod changelog;
mod export;
mod pages;
mod queries;
mod refusals;
mod retries;
mod server;
mod table;
