//! The dashboard in a real browser: what a reader sees, does, and cannot be made to do by a notebook.

mod acting;
mod dashboard;
mod elsewhere;
mod home;
mod hostile;
mod looking_back;
mod runs;

use dashboard::{Dashboard, ENGLISH, FRENCH};
