//! Looking back: what ran, what one run did, and what changed between two.
//!
//! Everything here is computed from the history and the output notebooks; nothing is asked of the servers. The
//! results are values, which the commands show as text or as JSON.

mod alignment;
mod amounts;
mod cells;
mod choice;
mod comparison;
mod data;
mod habits;
mod lines;
mod log_lines;
mod log_of_run;
mod moments;
mod month;
mod netting;
mod output_file;
mod output_value;
mod packages;
mod past_run;
mod rows_moved;
mod run_calendar;
mod runs;
mod skim;
mod trends;

pub use alignment::{CellChange, Changed, align};
pub use amounts::Amount;
pub use cells::{Cell, CellKind, Cells, Shown};
pub use choice::{chosen, names};
pub use comparison::{Comparison, Notebooks, compare};
pub use data::{AmountChange, ClassChange, DateChange, TableChange, TableSide, table_change};
pub use habits::{Habits, Unchanged, edits, is_bad};
pub use lines::{Line, Mark, line_difference};
pub use log_lines::{LogFile, LogLines, log_line_json};
pub use log_of_run::{LogEntry, log_of_run};
pub use moments::{day_of, full, since, until, when};
pub use month::{Month, place_in_week};
pub use netting::{Rows, Why, net};
pub use output_file::{OutputFile, Outputs, Place};
pub use packages::PackageChange;
pub use past_run::{Fault, PastRun};
pub use rows_moved::{RowsMoved, rows_moved};
pub use run_calendar::RunCalendar;
pub use runs::{find_cut_off, last_of_each_table, run_json, runs_json, short_error};
pub use trends::{Bar, Period, Trend};
