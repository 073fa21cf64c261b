//! The pages, a file each.

mod calendar;
mod changes;
mod compare;
mod history;
mod home;
mod notebook;
mod powerbi;
mod table;
mod table_change;
mod tables;
mod run;
mod log;

pub use calendar::calendar;
pub use changes::changes;
pub use compare::compare;
pub use history::{compare_chosen, history};
pub use home::home;
pub use notebook::notebook;
pub use powerbi::{powerbi, powerbi_file};
pub use table::{csv, table};
pub use tables::tables;
pub use run::{download, frame, output, run};
pub use log::log;
