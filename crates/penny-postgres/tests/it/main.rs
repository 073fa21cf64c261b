//! Tests against a real PostgreSQL.

mod connection;
mod embedded;
mod publish;
mod read;
mod server;
