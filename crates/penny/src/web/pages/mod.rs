//! The pages, a file each.

mod calendar;
mod changes;
mod compare;
mod history;
pub mod home;
mod log;
pub mod notebook;
pub mod powerbi;
pub mod run;
pub mod table;
mod table_change;
pub mod tables;

pub use calendar::calendar;
pub use changes::changes;
pub use compare::compare;
pub use history::{compare_chosen, history};
pub use home::home;
pub use log::log;
pub use notebook::notebook;
pub use powerbi::{powerbi, powerbi_file};
pub use run::{download, frame, output, run};
pub use table::{csv, table};
pub use tables::tables;
