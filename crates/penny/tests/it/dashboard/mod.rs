//! The dashboard over HTTP, as browsers and programs ask for it.

mod access;
pub mod visitor;
