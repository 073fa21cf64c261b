//! The pages, a file each.

mod home;

pub use home::home;
