//! A server that lets nobody in yet: after a sudden end it reads its log first, which may take minutes. It is waited
//! for, and said to be.

use std::convert::Infallible;
use std::time::Duration;

use penny_postgres::embedded;
use tokio::time::Instant;

use super::own::{self, Rooms};
use crate::console::{Console, Step};

/// Longer than a guard takes to start its server or to say why not.
pub const START_MAX: Duration = embedded::RECOVERY_TIME_MAX.saturating_mul(2);
/// A guard of which the server gives no sign has begun to start it, or is about to end.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// What takes longer than this is told.
pub const LONG: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// Between two looks at a server that recovers.
const LOOK: Duration = Duration::from_millis(500);

/// The port of the server that runs. One that is being started, or that its guard brings back, is waited for: a second
/// guard could not have it. Nothing when there is none, and none will come.
pub async fn running(rooms: &Rooms, console: &Console) -> Option<u16> {
    let begun = Instant::now();
    let mut last_sign = begun;
    let mut step: Option<Step> = None;
    loop {
        let mut is_coming = own::is_guarded(rooms);
        if let Some(running) = embedded::running(&rooms.data()) {
            if embedded::answers(running.port).await {
                return Some(running.port);
            }
            // One that says so is waited for, also when it has outlived its guard; one that says nothing is not.
            if embedded::is_starting(running.port).await {
                (is_coming, last_sign) = (true, Instant::now());
            }
        }
        let is_late = last_sign.elapsed() > SILENCE_MAX || begun.elapsed() > START_MAX;
        if !is_coming || is_late {
            return None;
        }
        if step.is_none() && begun.elapsed() > LONG {
            let waiting = console.step("PostgreSQL");
            waiting.phase("it is being started already: waiting for it");
            step = Some(waiting);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Says, once, that the server which is being started recovers. It never comes back.
pub async fn told(rooms: &Rooms, step: &Step) -> Infallible {
    tokio::time::sleep(LONG).await;
    loop {
        if let Some(running) = embedded::running(&rooms.data())
            && embedded::is_starting(running.port).await
        {
            step.phase("it recovers from a sudden end, which may take minutes: waiting for it");
            return std::future::pending().await;
        }
        tokio::time::sleep(LOOK).await;
    }
}
