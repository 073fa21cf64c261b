//! By HTTP: JSON to any address, signed when there is a key; also the way of Slack and Teams.

use std::net::IpAddr;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde_json::Value;
use sha2::Sha256;

use super::delivery::Refusal;
use super::message::Message;
use crate::config::Variables;
use crate::error::sentence_of;

const CONNECT_MAX: Duration = Duration::from_secs(10);
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// So much of an answer is shown.
const SHOWN_MAX: usize = 200;
/// So much of it is read.
const READ_MAX: usize = 4096;

/// The address that a variable of `.env` holds; `public` ones must be private on their way.
///
/// # Errors
/// There is none, or it is no address.
pub fn url(variables: &Variables, name: &str, public: bool) -> Result<Url, Refusal> {
    let text = variables.get(name).ok_or_else(|| {
        Refusal::setting(format!("{name} in .env should hold the address of the webhook"))
    })?;
    let url = Url::parse(text.trim())
        .map_err(|_| Refusal::setting(format!("{name} in .env is no web address")))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if !public || is_this_computer(&url) => Ok(url),
        "http" => Err(Refusal::setting(format!("{name} in .env should begin with https://"))),
        _ => Err(Refusal::setting(format!("{name} in .env is no web address"))),
    }
}

/// Sends the message as JSON for programs, with its signature.
///
/// # Errors
/// Why it was not taken.
pub async fn send(url: &Url, key: Option<&str>, message: &Message) -> Result<String, Refusal> {
    let mut facts = message.facts.clone();
    facts["text"] = Value::String(message.text());
    let body = facts.to_string();
    let at = Timestamp::now().as_second().to_string();
    let mut headers = vec![
        ("x-penny-event", message.kind.clone()),
        ("x-penny-delivery", message.id.clone()),
        ("x-penny-timestamp", at.clone()),
    ];
    if let Some(key) = key {
        headers.push(("x-penny-signature", signature(key, &at, &body)));
    }
    post_text(url, body, &headers).await
}

/// `sha256=` and the HMAC, in hex, of the timestamp, a point and the body: who knows the key knows that
/// the message is Penny's and is not an old one again.
fn signature(key: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().fold("sha256=".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// Posts JSON; what the server answered.
///
/// # Errors
/// Why it was not taken.
pub async fn post(
    url: &Url,
    body: &Value,
    headers: &[(&'static str, String)],
) -> Result<String, Refusal> {
    post_text(url, body.to_string(), headers).await
}

async fn post_text(
    url: &Url,
    body: String,
    headers: &[(&'static str, String)],
) -> Result<String, Refusal> {
    // The path of a webhook's address is a secret: only the host is told.
    let host = url.host_str().unwrap_or_default().to_owned();
    let told =
        |e: reqwest::Error| Refusal::new(format!("{host}: {}", sentence_of(&e.without_url())));
    let mut request = client(url)
        .map_err(told)?
        .post(url.clone())
        .header("content-type", "application/json; charset=utf-8")
        .body(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let response = request.send().await.map_err(told)?;
    let (status, pause) = (response.status(), retry_after(response.headers()));
    let text = beginning(response).await;
    let answer = format!("{} {text}", status.as_str()).trim_end().to_owned();
    if status.is_success() {
        return Ok(answer);
    }
    let sentence = match status {
        StatusCode::TOO_MANY_REQUESTS => format!("{host} takes no more messages now: {answer}"),
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => {
            format!("{host} does not know this webhook (any more): {answer}")
        }
        _ => format!("{host} did not take the message: {answer}"),
    };
    Err(Refusal { sentence, pause })
}

fn client(url: &Url) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("penny/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_MAX)
        .timeout(ANSWER_MAX);
    if is_this_computer(url) {
        builder = builder.no_proxy();
    }
    if url.scheme() == "http" {
        // No need for the system's certificates, which a bare machine may lack.
        let nobody = rustls::ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder = builder.tls_backend_preconfigured(nobody);
    }
    builder.build()
}

/// The first words of an answer, on one line.
async fn beginning(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < READ_MAX
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(SHOWN_MAX).collect()
}

/// `Retry-After` in seconds; its other form, a date, is rare and our own pauses do as well.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn is_this_computer(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_any_other_program() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
        let expected = "sha256=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
        assert_eq!(signature("key", "1700000000", "{}"), expected);
    }

    #[test]
    fn an_address_is_told_wrong_without_being_shown() {
        #[track_caller]
        fn refused(variables: &str, public: bool, why: &str) {
            let refusal = url(&Variables::of_text(variables), "U", public).expect_err("refused");
            assert!(refusal.sentence.contains(why), "{}", refusal.sentence);
            assert!(!refusal.sentence.contains("T0K3N"), "{}", refusal.sentence);
        }
        refused("A=1", true, "U in .env should hold");
        refused("U=T0K3N", true, "no web address");
        refused("U=ftp://example.com/T0K3N", false, "no web address");
        refused("U=http://example.com/T0K3N", true, "https://");
        let variables = Variables::of_text("U=http://example.com/T0K3N");
        assert!(url(&variables, "U", false).is_ok());
    }
}
