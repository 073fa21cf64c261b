//! Arrow in, tables out; the embedded server; reading from Redshift.

pub mod connection;
pub mod embedded;
pub mod publish;
pub mod read;
