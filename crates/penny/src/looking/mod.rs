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
mod lines;
mod log_lines;
mod log_of_run;
mod moments;
mod netting;
mod output_file;
mod output_value;
mod packages;
mod past_run;
mod runs;
mod skim;

pub use alignment::{CellChange, Changed, align};
pub use amounts::Amount;
pub use cells::{Cell, CellKind, Cells, Shown};
pub use choice::{chosen, names};
pub use comparison::{Comparison, Notebooks, compare};
pub use data::{AmountChange, ClassChange, DateChange, TableChange, TableSide, table_change};
pub use lines::{Line, Mark, line_difference};
pub use log_lines::{LogFile, LogLines, log_line_json};
pub use log_of_run::{LogEntry, log_of_run};
pub use moments::{full, since, when};
pub use netting::{Rows, Why, net};
pub use output_file::{OutputFile, Outputs, Place};
pub use packages::PackageChange;
pub use past_run::{Fault, PastRun};
pub use runs::{find_cut_off, run_json, runs_json, short_error};
