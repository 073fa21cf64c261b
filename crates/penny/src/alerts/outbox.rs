//! The messages that wait: each alert's in their order, all alerts at once, tried again after growing pauses.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};

use super::delivery::{self, PAUSE_MAX, Refusal, Taken};
use super::message::Message;
use super::{Settings, Shared, Stage};
use crate::store::{KeptMessage, Sending};

/// However far away the next attempt is, the history is asked again after this.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Sends what waits, until the service ends.
pub(super) async fn send_all(shared: Arc<Shared>) {
    // What was tried and could not be written down: a full disk must not send a message twice.
    let mut unnoted: HashMap<i64, Tried> = HashMap::new();
    let mut known = shared.settings();
    loop {
        let ending = shared.is_at(Stage::Sending);
        let waiting = shared.store.messages_waiting().unwrap_or_else(|error| {
            tracing::warn!("alerts: {}", error.sentence());
            Vec::new()
        });
        let now = shared.clock.wall();
        let settings = shared.settings();
        // Whoever has just corrected the address or the password is not to wait for hours.
        let is_corrected = settings.send_otherwise(&known);
        known = Arc::clone(&settings);
        let due: Vec<KeptMessage> = first_of_each(waiting.iter())
            .filter(|message| is_corrected || is_due(message, now))
            .cloned()
            .collect();
        if !due.is_empty() {
            let fresh = due.iter().filter(|message| !unnoted.contains_key(&message.id));
            let sending = fresh.map(|message| send(&shared, &settings, message));
            let tried: Vec<Tried> = sending.collect::<FuturesUnordered<_>>().collect().await;
            unnoted.extend(tried.into_iter().map(|tried| (tried.id, tried)));
            unnoted.retain(|_, tried| !note(&shared, tried));
            if unnoted.is_empty() {
                continue;
            }
        }
        if ending {
            return;
        }
        let pause = if unnoted.is_empty() { sleep(&waiting, now) } else { SLEEP_MAX };
        tokio::select! {
            () = shared.send.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = shared.reached(Stage::Sending) => {}
        }
    }
}

/// The oldest message of each alert: those behind it wait for it.
fn first_of_each<'a>(
    messages: impl Iterator<Item = &'a KeptMessage>,
) -> impl Iterator<Item = &'a KeptMessage> {
    let mut seen = HashSet::new();
    messages.filter(move |message| seen.insert(message.alert.as_str()))
}

/// One that is further away than any pause was written before the clock was set back.
fn is_due(message: &KeptMessage, now: Timestamp) -> bool {
    let Some(next) = message.next else { return true };
    let away = next.duration_since(now);
    away <= SignedDuration::ZERO || away.unsigned_abs() > PAUSE_MAX
}

/// How long nothing is due.
fn sleep(waiting: &[KeptMessage], now: Timestamp) -> Duration {
    let next = first_of_each(waiting.iter()).filter_map(|message| message.next).min();
    let away = next.map(|next| next.duration_since(now).unsigned_abs());
    // A moment more, so that it is due by then.
    away.map_or(SLEEP_MAX, |away| (away + Duration::from_millis(20)).min(SLEEP_MAX))
}

/// What became of an attempt.
struct Tried {
    id: i64,
    sending: Sending,
    answer: String,
}

async fn send(shared: &Shared, settings: &Settings, kept: &KeptMessage) -> Tried {
    let (sending, answer) = attempt(shared, settings, kept).await;
    let subject = |kept: &KeptMessage| {
        let message: Option<Message> = serde_json::from_str(&kept.message).ok();
        message.map(|m| m.subject).unwrap_or_default()
    };
    match sending {
        Sending::Sent => tracing::info!("alert `{}`: told {}", kept.alert, subject(kept)),
        Sending::Again(at) => tracing::warn!(
            "alert `{}`: not sent, tried again at {}: {answer}",
            kept.alert,
            at.to_zoned(settings.letterhead.zone.clone()).strftime("%H:%M:%S")
        ),
        Sending::GivenUp => {
            tracing::error!("alert `{}`: given up, {}: {answer}", kept.alert, subject(kept));
        }
    }
    Tried { id: kept.id, sending, answer }
}

/// Writes down what became of an attempt: whether that went well.
fn note(shared: &Shared, tried: &Tried) -> bool {
    let noted = shared.store.note_sending(tried.id, tried.sending, &tried.answer);
    if let Err(error) = &noted {
        tracing::warn!("alerts: {}", error.sentence());
    }
    noted.is_ok()
}

/// One attempt, and what becomes of the message then.
async fn attempt(shared: &Shared, settings: &Settings, kept: &KeptMessage) -> (Sending, String) {
    let Some(alert) = settings.alerts.iter().find(|alert| alert.name == kept.alert) else {
        return (Sending::GivenUp, "penny.toml has no alert of that name any more".to_owned());
    };
    let Ok(message) = serde_json::from_str::<Message>(&kept.message) else {
        return (Sending::GivenUp, "another version of Penny wrote this message".to_owned());
    };
    match delivery::send(alert, &message, settings, shared.pace.sending_max).await {
        Ok(Taken { answer, left_out: None }) => (Sending::Sent, answer),
        Ok(Taken { answer, left_out: Some(left_out) }) => {
            tracing::warn!("alert `{}`: {left_out}", alert.name);
            (Sending::Sent, format!("{answer}; {left_out}"))
        }
        Err(Refusal { sentence, pause }) => {
            let pause = delivery::pause_after(kept.attempts + 1, pause);
            let pause = pause.map(|pause| pause.min(shared.pace.pause_max));
            let again = pause.and_then(|pause| shared.clock.wall().checked_add(pause).ok());
            (again.map_or(Sending::GivenUp, Sending::Again), sentence)
        }
    }
}
