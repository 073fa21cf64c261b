//! The company and the HTTP server, tested from outside.

mod api;
mod company;
