//! One question to the API, asked until it is answered: pace, attempts, pauses.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

use crate::answer::{self, Failure, Retry};
use crate::client::Client;
use crate::error::Error;
use crate::pause;

/// Programs that were refused together come back apart by up to this.
const JITTER_MAX: Duration = Duration::from_millis(400);

/// One question to the API.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// The address after the base URL, with its leading slash.
    pub(crate) path: &'a str,
    pub(crate) pairs: Vec<(&'a str, String)>,
    pub(crate) body: Option<Value>,
    /// The scope it needs, in case a refusal does not say.
    pub(crate) scope: &'a str,
}

impl<'a> Call<'a> {
    /// A question that changes nothing.
    pub(crate) fn get(path: &'a str, scope: &'a str) -> Call<'a> {
        Call { method: Method::GET, path, pairs: Vec::new(), body: None, scope }
    }

    /// A creation; only for what may as well be created twice.
    pub(crate) fn post(path: &'a str, scope: &'a str, body: Value) -> Call<'a> {
        Call { method: Method::POST, path, pairs: Vec::new(), body: Some(body), scope }
    }
}

impl Client {
    /// Asks until there is an answer, a reason to stop, or no attempt or time left.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Value, Error> {
        let deadline = Instant::now() + self.config.total_timeout;
        let mut attempt = 1;
        loop {
            self.wait_for_turn(call, deadline, attempt).await?;
            let failure = match self.attempt(call, attempt, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let pause = self.pause_after(&failure, attempt);
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < deadline) else {
                return Err(failure.error);
            };
            tracing::debug!(path = call.path, attempt, ?pause, error = %failure.error, "another attempt");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        attempt: u32,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        let url = self.url(call);
        let left = deadline.saturating_duration_since(Instant::now());
        let mut request = self
            .http
            .request(call.method.clone(), url.clone())
            .header(reqwest::header::AUTHORIZATION, self.authorization.clone())
            .timeout(self.config.request_timeout.min(left));
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response =
            request.send().await.map_err(|error| answer::unreachable(&url, error, attempt))?;
        if let Some(budget) = answer::budget(response.headers()) {
            self.pace().learn(Instant::now(), budget, pause::up_to(JITTER_MAX));
        }
        answer::read(call, response, attempt).await
    }

    /// The pause before the next attempt; none if there is none.
    pub(crate) fn pause_after(&self, failure: &Failure, attempt: u32) -> Option<Duration> {
        let pause = match failure.retry {
            Retry::Never => return None,
            Retry::Later => pause::growing(self.config.pause_first, attempt),
            Retry::After(asked) => {
                let pause = asked + pause::up_to(JITTER_MAX);
                // Other requests of this client would only be refused too, even if this was the last attempt.
                self.pace().hold(Instant::now() + pause);
                pause
            }
        };
        (attempt < self.config.attempts_max).then_some(pause)
    }

    /// Waits for the moment that the pace allows.
    async fn wait_for_turn(
        &self,
        call: &Call<'_>,
        deadline: Instant,
        attempts: u32,
    ) -> Result<(), Error> {
        let start = self.pace().reserve(Instant::now());
        if start >= deadline {
            let path = call.path.to_owned();
            return Err(Error::RateLimited { path, attempts, retry_after: None });
        }
        tokio::time::sleep_until(start).await;
        Ok(())
    }
}
