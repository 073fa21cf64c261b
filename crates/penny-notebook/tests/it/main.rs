//! Notebooks read, executed and written, without a kernel.

mod ending;
mod executing;
mod folding;
mod limits;
mod masking;
mod notebooks;
mod papermill;
mod reading;
mod record;
mod saving;
