//! What changes while a page is open: told as server-sent events.
//!
//! `change` says that the page should be fetched again; `progress` tells how far the runs under way are, by their
//! numbers alone. Each tells the present state, so that nothing is lost by a reader who was away.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shown;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{About, failed};
use crate::daemon::state::{Running, State};
use crate::error::{Error, Result};

/// So many readers at a time: the other connections are for pages.
const READERS_MAX: usize = 128;
/// Changes are told no more often than this.
const PAUSE: Duration = Duration::from_millis(250);
/// A connection that tells nothing says so after this long, or else a proxy ends it.
const ALIVE: Duration = Duration::from_secs(20);
/// A reader whose connection ended comes back after this long.
const AGAIN: Duration = Duration::from_secs(2);

/// What is told to readers beside the state of the service, and to how many.
pub struct Live {
    seats: Arc<Semaphore>,
    /// Changes whenever something has, of which the state says nothing.
    news: watch::Sender<u64>,
    /// Whether the server ends.
    end: watch::Receiver<bool>,
}

impl Live {
    /// Until the server ends.
    pub fn new(end: watch::Receiver<bool>) -> Live {
        Live { seats: Arc::new(Semaphore::new(READERS_MAX)), news: watch::Sender::new(0), end }
    }

    /// Pages look otherwise now, though the service goes on as before.
    pub fn tell(&self) {
        self.news.send_modify(|news| *news += 1);
    }
}

/// `GET /events`: tells what changes until the reader goes, or the service ends.
pub async fn events(Shown(about): Shown<Arc<About>>) -> Response {
    follow(&about).unwrap_or_else(|error| failed(&error))
}

/// The same.
///
/// # Errors
/// There are too many readers.
pub fn follow(about: &About) -> Result<Response> {
    let Ok(seat) = Arc::clone(&about.readers.seats).try_acquire_owned() else {
        return Err(Error::missing("too many pages follow what happens: close some of them"));
    };
    let teller = Teller {
        live: about.live.clone(),
        news: about.readers.news.subscribe(),
        end: about.readers.end.clone(),
        told: None,
        kept: None,
        _seat: seat,
    };
    let events = futures_util::stream::unfold(teller, |mut teller| async move {
        let event = teller.next().await?;
        Some((Ok::<_, Infallible>(event), teller))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}

/// Someone who tells one reader.
struct Teller {
    live: watch::Receiver<State>,
    news: watch::Receiver<u64>,
    end: watch::Receiver<bool>,
    told: Option<State>,
    /// What happened together with what was told last.
    kept: Option<Event>,
    _seat: OwnedSemaphorePermit,
}

impl Teller {
    /// What is to be told next; none when the server ends.
    async fn next(&mut self) -> Option<Event> {
        if let Some(kept) = self.kept.take() {
            return Some(kept);
        }
        loop {
            let is_first = self.told.is_none();
            let is_news = !is_first && self.wait().await?;
            let now = self.live.borrow_and_update().clone();
            let before = self.told.replace(now.clone());
            if is_first {
                // The page may be older than this connection.
                return Some(change().retry(AGAIN));
            }
            let before = before.unwrap_or_else(|| now.clone());
            let advanced = (before.running != now.running)
                .then(|| Event::default().event("progress").data(progress(&now.running)));
            if is_news || is_change(&before, &now) {
                self.kept = advanced;
                return Some(change());
            }
            if advanced.is_some() {
                return advanced;
            }
        }
    }

    /// Waits until there is something to look at: whether it is more than the state.
    async fn wait(&mut self) -> Option<bool> {
        let Teller { live, news, end, .. } = self;
        let mut is_news = false;
        tokio::select! {
            biased;
            _ = end.wait_for(|end| *end) => return None,
            changed = live.changed() => changed.ok()?,
            changed = news.changed() => {
                changed.ok()?;
                is_news = true;
            }
        }
        // What else happens meanwhile is told with it.
        tokio::select! {
            biased;
            _ = end.wait_for(|end| *end) => return None,
            () = tokio::time::sleep(PAUSE) => {}
        }
        is_news |= news.has_changed().unwrap_or(false);
        news.mark_unchanged();
        Some(is_news)
    }
}

fn change() -> Event {
    Event::default().event("change").data("{}")
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
