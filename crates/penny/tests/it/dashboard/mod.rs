//! The dashboard over HTTP, as browsers and programs ask for it.

mod access;
mod acting;
mod api;
mod home;
mod in_french;
mod looking_back;
mod runs;
mod tables;
pub mod visitor;
