//! What systemd is told of the running service: that it is ready, that it lives, that it ends.

use std::ffi::OsString;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::daemon::state::State;
use crate::platform;
use crate::surroundings::Surroundings;

/// A service that has not looked at what is due for so long is stuck, and systemd may start it again.
const TICK_MAX: SignedDuration = SignedDuration::from_secs(90);

/// What the service does when nothing runs.
const WAITING: &str = "waiting for what is due";

/// Tells systemd, when it was systemd that started the service; else nobody.
pub struct Notifier {
    socket: Option<OsString>,
    beating: Option<JoinHandle<()>>,
}

impl Notifier {
    /// Says that the service is ready, and from now on that it lives, as long as it ticks.
    pub fn start(
        surroundings: &Surroundings,
        clock: Clock,
        live: watch::Receiver<State>,
    ) -> Notifier {
        let socket = surroundings.os("NOTIFY_SOCKET").filter(|s| !s.is_empty());
        let Some(socket) = socket.map(OsString::from) else {
            return Notifier { socket: None, beating: None };
        };
        tell(&socket, &format!("READY=1\nSTATUS={WAITING}"));
        let micros = surroundings.text("WATCHDOG_USEC").and_then(|text| text.parse::<u64>().ok());
        let beating = micros.filter(|micros| *micros > 0).map(|micros| {
            let pause = Duration::from_micros(micros) / 3;
            tokio::spawn(beat(socket.clone(), pause, clock, live))
        });
        Notifier { socket: Some(socket), beating }
    }

    /// Says that the service ends.
    pub fn stopping(&self) {
        if let Some(socket) = &self.socket {
            tell(socket, "STOPPING=1\nSTATUS=ending");
        }
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        if let Some(beating) = &self.beating {
            beating.abort();
        }
    }
}

async fn beat(socket: OsString, pause: Duration, clock: Clock, mut live: watch::Receiver<State>) {
    let mut every = tokio::time::interval(pause);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told = 0;
    loop {
        let is_beat = tokio::select! {
            _ = every.tick() => true,
            Ok(()) = live.changed() => false,
        };
        let (beat, running) = {
            let state = live.borrow_and_update();
            (state.beat, state.running.len())
        };
        if is_beat && clock.wall().duration_since(beat) < TICK_MAX {
            tell(&socket, "WATCHDOG=1");
        }
        if running != told {
            tell(&socket, &format!("STATUS={}", status(running)));
            told = running;
        }
    }
}

fn status(running: usize) -> String {
    match running {
        0 => WAITING.to_owned(),
        count => format!("runs {}", crate::console::count(count, "notebook")),
    }
}

/// Nobody may listen any more: then nobody need be told.
fn tell(socket: &std::ffi::OsStr, message: &str) {
    let _ = platform::notify_service(socket, message);
}
