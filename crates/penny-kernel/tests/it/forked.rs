//! Kernels that are forked from a template, beside kernels that are spawned.

use std::time::Instant;

use crate::bench::{BOTH_WAYS, Bench, run, shared_template};

#[tokio::test]
#[ignore = "measures"]
async fn times() {
    shared_template().await;
    let bench = Bench::new();
    for way in BOTH_WAYS {
        for _ in 0..8 {
            let begun = Instant::now();
            let mut kernel = bench.kernel_by(*way).await;
            let ready = begun.elapsed();
            run(&mut kernel, "1+1").await;
            let ran = begun.elapsed();
            let ended = kernel.shutdown(std::time::Duration::from_secs(5)).await;
            println!("{way:?} ready {ready:?} ran {ran:?} ended {:?} {ended:?}", begun.elapsed());
        }
    }
}
