//! `/metrics`: figures for Prometheus, in its text format.

mod page;
mod recorder;

use std::sync::PoisonError;

use super::About;
use crate::alerts;
use crate::config::AlertKind;
use crate::daemon::state::State;
use crate::error::Result;
use crate::platform;

use page::{Kind, Page};
pub use recorder::Recorder;

/// The text format's name.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All figures of this moment.
///
/// # Errors
/// The history cannot be read.
pub fn page(about: &About, postgres_answers: bool) -> Result<String> {
    let state = about.live.borrow().clone();
    let mut page = Page::default();
    process(&mut page, &state);
    service(&mut page, &state, postgres_answers);
    {
        let mut recorder = about.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        recorder.catch_up(&about.store)?;
        recorder.write(&mut page);
    }
    tables(&mut page, about)?;
    alerts_of(&mut page, about)?;
    Ok(page.text())
}

fn process(page: &mut Page, state: &State) {
    page.family("penny_build_info", Kind::Gauge, "The version that runs; always 1.")
        .sample(&[("version", &state.version)], 1.0);
    page.family("process_start_time_seconds", Kind::Gauge, "When the service started, Unix time.")
        .sample(&[], seconds(state.since));
    if let Some(bytes) = platform::own_memory_bytes() {
        let help = "How much memory the service's own process has, without its kernels.";
        page.family("process_resident_memory_bytes", Kind::Gauge, help).sample(&[], bytes as f64);
    }
}

fn service(page: &mut Page, state: &State, postgres_answers: bool) {
    let mut gauge = |name: &str, help: &str, value: f64| {
        page.family(name, Kind::Gauge, help).sample(&[], value);
    };
    let beat = seconds(state.beat);
    gauge("penny_last_tick_timestamp_seconds", "When it last looked at what is due.", beat);
    gauge("penny_notebooks", "How many notebooks penny.toml lists.", state.notebooks as f64);
    gauge("penny_runs_running", "How many runs are under way.", state.running.len() as f64);
    gauge("penny_runs_waiting", "How many runs wait for a place.", state.waiting as f64);
    gauge("penny_paused", "Whether everything is paused.", flag(state.paused));
    gauge("penny_postgres_up", "Whether PostgreSQL answers.", flag(postgres_answers));
    let refused = flag(state.config_error.is_some());
    gauge("penny_config_refused", "Whether penny.toml was changed to something wrong.", refused);
    if let Some(sync) = &state.last_sync {
        let at = seconds(sync.at);
        gauge("penny_last_sync_timestamp_seconds", "When the last sync ended.", at);
    }
    if let Some(next) = &state.next {
        gauge("penny_next_due_timestamp_seconds", "When a notebook is due next.", seconds(next.at));
    }
}

fn tables(page: &mut Page, about: &About) -> Result<()> {
    let tables = about.store.table_states()?;
    let now = about.clock.wall();
    let help = "How long ago a table was published last.";
    let mut age = page.family("penny_table_age_seconds", Kind::Gauge, help);
    for state in &tables {
        let passed = now.duration_since(state.published).as_secs_f64().max(0.0);
        age.sample(&[("table", &state.table)], passed);
    }
    let help = "How many rows a table has since its last publish.";
    let mut rows = page.family("penny_table_rows", Kind::Gauge, help);
    for state in &tables {
        rows.sample(&[("table", &state.table)], state.rows as f64);
    }
    let stale = super::health::stale(&about.workspace(), tables, now);
    page.family("penny_tables_stale", Kind::Gauge, "How many tables are older than they may be.")
        .sample(&[], stale.len() as f64);
    Ok(())
}

fn alerts_of(page: &mut Page, about: &About) -> Result<()> {
    let (events, _) = about.store.alert_state()?;
    let mut open = page.family("penny_alerts_open", Kind::Gauge, "How many things are wrong now.");
    for kind in alerts::KINDS {
        let count = events.iter().filter(|e| AlertKind::of_word(&e.kind) == Some(kind)).count();
        open.sample(&[("kind", kind.word())], count as f64);
    }
    let waiting = about.store.messages_waiting()?.len();
    let help = "How many messages of alerts wait to be sent.";
    page.family("penny_alert_messages_waiting", Kind::Gauge, help).sample(&[], waiting as f64);
    Ok(())
}

fn seconds(at: jiff::Timestamp) -> f64 {
    at.as_microsecond() as f64 / 1e6
}

fn flag(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}
