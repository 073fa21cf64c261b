//! How many notebooks run at a time.

use crate::config::ExecutionSettings;
use crate::platform;

/// What a notebook with its libraries and some data takes, roughly.
const MEMORY_BYTES_PER_RUN: u64 = 700_000_000;
/// More at a time ask too much of the servers behind them, unless the user says so.
const USUAL_MAX: usize = 8;

/// What penny.toml says, else as many as there are cores and memory for.
pub fn limit(settings: &ExecutionSettings) -> usize {
    settings.parallel.unwrap_or_else(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        usual(cores, platform::available_memory_bytes())
    })
}

/// The number for so many cores and so much free memory, where that is known.
fn usual(cores: usize, memory_bytes: Option<u64>) -> usize {
    let by_memory = memory_bytes
        .map_or(usize::MAX, |b| usize::try_from(b / MEMORY_BYTES_PER_RUN).unwrap_or(usize::MAX));
    cores.min(by_memory).clamp(1, USUAL_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_and_memory_both_set_a_bound() {
        assert_eq!(usual(2, Some(16_000_000_000)), 2);
        assert_eq!(usual(16, Some(2_000_000_000)), 2);
        assert_eq!(usual(4, None), 4);
        assert_eq!(usual(64, None), 8);
        assert_eq!(usual(1, Some(1)), 1);
    }
}
