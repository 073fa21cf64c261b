//! Real kernels: a real ipykernel in real processes.

mod bench;
mod death;
mod ending;
mod flood;
mod forked;
mod late;
mod notebook_cells;
mod orphans;
mod starting;
mod variants;
