//! What changes while a page is open: told as server-sent events.
//!
//! `change` says that the page should be fetched again; `progress` tells how far the runs under way are. Each tells
//! the present state, so that nothing is lost by a reader who was away.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shown;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use serde_json::json;
use tokio::sync::watch;

use super::About;
use crate::daemon::state::{Running, State};

/// Changes are told no more often than this.
const PAUSE: Duration = Duration::from_millis(250);
/// A connection that tells nothing says so after this long, or else a proxy ends it.
const ALIVE: Duration = Duration::from_secs(20);

/// Tells what changes until the reader goes, or the service ends.
pub async fn events(
    Shown(about): Shown<Arc<About>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let teller = Teller { live: about.live.clone(), told: None };
    let events = futures_util::stream::unfold(teller, |mut teller| async move {
        let event = teller.next().await?;
        Some((Ok(event), teller))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))
}

/// Someone who tells one reader.
struct Teller {
    live: watch::Receiver<State>,
    told: Option<State>,
}

impl Teller {
    /// What is to be told next; none when the service ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.told.is_some() {
                self.live.changed().await.ok()?;
                tokio::time::sleep(PAUSE).await;
            }
            let now = self.live.borrow_and_update().clone();
            if now.stopping {
                return None;
            }
            let before = self.told.replace(now.clone());
            let is_change = before.as_ref().is_none_or(|before| is_change(before, &now));
            if is_change {
                return Some(Event::default().event("change").data("{}"));
            }
            if before.is_some_and(|before| before.running != now.running) {
                return Some(Event::default().event("progress").data(progress(&now.running)));
            }
        }
    }
}

/// Whether a page would look otherwise but for the progress of runs.
fn is_change(before: &State, now: &State) -> bool {
    let runs = |state: &State| -> Vec<_> {
        state
            .running
            .iter()
            .map(|run| (run.run, run.attempt, run.again_at, run.cells == 0))
            .collect()
    };
    let rest = |state: &State| State { running: Vec::new(), beat: state.since, ..state.clone() };
    runs(before) != runs(now) || rest(before) != rest(now)
}

fn progress(running: &[Running]) -> String {
    let runs =
        running.iter().map(|run| json!({"run": run.run, "cell": run.cell, "cells": run.cells}));
    json!({ "runs": runs.collect::<Vec<_>>() }).to_string()
}
