//! Real kernels: a real ipykernel in real processes.

mod bench;
mod death;
mod ending;
mod flood;
mod forked;
mod gateway;
mod hostile;
mod late;
mod notebook_cells;
mod orphans;
mod relay;
mod starting;
#[cfg(target_os = "linux")]
mod template;
mod variants;
