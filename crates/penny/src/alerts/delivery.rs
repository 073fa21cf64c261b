//! One message to one alert: which way it goes, how long it may take, when it is tried again.

use std::time::Duration;

use super::message::Message;
use super::{Settings, email, slack, teams, webhook};
use crate::config::{Alert, Channel};

/// How long a message may take on its way, whatever the server does.
pub const SENDING_MAX: Duration = Duration::from_secs(30);
/// The pauses between attempts: about a day in all, then it is given up.
const PAUSES: &[Duration] = &[
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(4 * 3600),
    Duration::from_secs(8 * 3600),
    Duration::from_secs(8 * 3600),
];
/// A server may ask for a longer pause than ours, but for no longer than this.
const ASKED_PAUSE_MAX: Duration = Duration::from_secs(3600);

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, in a sentence without secrets.
    pub sentence: String,
    /// How long the server wants to be left alone.
    pub pause: Option<Duration>,
}

impl Refusal {
    /// What the server or the way to it said.
    pub fn new(sentence: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), pause: None }
    }

    /// Something is missing or wrong in `.env` or penny.toml.
    pub fn setting(sentence: impl Into<String>) -> Refusal {
        Refusal::new(sentence)
    }
}

/// That a server took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it answered.
    pub answer: String,
    /// To whom of several it was not sent, and why.
    pub left_out: Option<String>,
}

/// Sends a message, within a limit of time; what the server answered, without secrets.
///
/// # Errors
/// Why it was not sent.
pub(super) async fn send(
    alert: &Alert,
    message: &Message,
    settings: &Settings,
    limit: Duration,
) -> Result<Taken, Refusal> {
    let sent = tokio::time::timeout(limit, by_channel(alert, message, settings)).await;
    let sent = sent.unwrap_or_else(|_| {
        let server = server(alert, settings);
        let seconds = limit.as_secs();
        Err(Refusal::new(format!("{server} did not take the message within {seconds} seconds")))
    });
    let mask = |text: String| settings.secrets().mask(&text);
    match sent {
        Ok(Taken { answer, left_out }) => {
            Ok(Taken { answer: mask(answer), left_out: left_out.map(mask) })
        }
        Err(refusal) => Err(Refusal { sentence: mask(refusal.sentence), ..refusal }),
    }
}

/// The server that a message goes to, as it may be told.
fn server(alert: &Alert, settings: &Settings) -> String {
    let place = match &alert.channel {
        Channel::Email { .. } => {
            email::Server::of(&settings.variables, settings.root()).map(|server| server.place())
        }
        Channel::Slack { url_from }
        | Channel::Teams { url_from }
        | Channel::Webhook { url_from, .. } => webhook::url(&settings.variables, url_from, false)
            .map(|url| url.host_str().unwrap_or_default().to_owned()),
    };
    place.unwrap_or_else(|_| "the server".to_owned())
}

/// Whether `.env` has what this alert needs; nothing is sent.
///
/// # Errors
/// What is missing or wrong, in a sentence.
pub(super) fn check(alert: &Alert, settings: &Settings) -> Result<(), Refusal> {
    let variables = &settings.variables;
    match &alert.channel {
        Channel::Email { .. } => email::Server::of(variables, settings.root()).map(drop),
        Channel::Slack { url_from } | Channel::Teams { url_from } => {
            webhook::url(variables, url_from, true).map(drop)
        }
        Channel::Webhook { url_from, .. } => webhook::url(variables, url_from, false).map(drop),
    }
}

async fn by_channel(
    alert: &Alert,
    message: &Message,
    settings: &Settings,
) -> Result<Taken, Refusal> {
    let variables = &settings.variables;
    let answer = match &alert.channel {
        Channel::Email { addresses } => {
            let server = email::Server::of(variables, settings.root())?;
            return server.send(message, addresses).await;
        }
        Channel::Slack { url_from } => {
            webhook::post(&webhook::url(variables, url_from, true)?, &slack::body(message), &[])
                .await
        }
        Channel::Teams { url_from } => {
            webhook::post(&webhook::url(variables, url_from, true)?, &teams::body(message), &[])
                .await
        }
        Channel::Webhook { url_from, secret_from } => {
            let url = webhook::url(variables, url_from, false)?;
            webhook::send(&url, variables.get(secret_from), message).await
        }
    };
    Ok(Taken { answer: answer?, left_out: None })
}

/// How long to wait after so many attempts, the last of which was refused; nothing when it is enough.
pub fn pause_after(attempts: u32, asked: Option<Duration>) -> Option<Duration> {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let usual = *PAUSES.get(index)?;
    Some(asked.map_or(usual, |asked| asked.min(ASKED_PAUSE_MAX).max(usual)))
}

/// The longest pause there is: a moment further away means that the clock was set back.
pub const PAUSE_MAX: Duration = Duration::from_secs(8 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let minutes: Vec<u64> =
            (1..=9).map(|n| pause_after(n, None).expect("a pause").as_secs()).collect();
        assert!(minutes.windows(2).all(|pair| pair[0] <= pair[1]), "{minutes:?}");
        assert_eq!(pause_after(10, None), None);
        assert_eq!(pause_after(u32::MAX, None), None);
    }

    #[test]
    fn a_server_may_ask_for_longer_but_not_for_ever() {
        let asked = |seconds| pause_after(1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(5), Some(Duration::from_secs(30)));
        assert_eq!(asked(90), Some(Duration::from_secs(90)));
        assert_eq!(asked(1_000_000), Some(ASKED_PAUSE_MAX));
    }
}
