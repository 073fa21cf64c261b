//! The dashboard in a real browser: what a reader sees, does, and cannot be made to do by a notebook.

mod acting;
mod dashboard;
mod elsewhere;
mod everywhere;
mod heavy;
mod home;
mod hostile;
mod keys;
mod login;
mod looking_back;
mod many;
mod plotly;
mod runs;

use dashboard::{Dashboard, ENGLISH, FRENCH};
