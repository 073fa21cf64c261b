//! Jupyter notebooks in and out without losing a byte of meaning.
//!
//! A [`Notebook`] is read from bytes and written back as Jupyter writes it; an [`Execution`] is one
//! execution of a notebook as a pure state machine: parameters and a kernel's messages go in, the
//! executed notebook comes out, with the metadata that papermill and JupyterLab leave behind.
//!
//! Nothing here touches a clock, a file, a network or the environment: times are RFC 3339 strings
//! that the caller gives.

mod area;
mod execution;
mod failure;
mod fold;
mod headings;
mod limits;
mod mask;
mod mime;
mod notebook;
mod papermill;
mod parameters;
mod prepare;
mod python;
mod read;
mod record;
mod stream;
mod text;
mod translate;
mod upgrade;
mod widgets;

pub use execution::{CellEnd, Execution, RunInfo};
pub use failure::Failure;
pub use limits::{Dropped, Limits};
pub use mask::{Masked, Masker};
pub use notebook::Notebook;
pub use parameters::{Parameters, parameter_value};
pub use python::Declared;
pub use read::ReadError;
pub use record::TimedCell;
pub use text::without_ansi;
pub use translate::TranslateError;
