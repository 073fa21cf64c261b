//! A gateway's REST API, as far as it is needed, and the opening of its websockets.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONNECTION, HeaderValue, UPGRADE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Upgraded, redirect};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::error::beginning;
use super::framing::Framing;
use super::{Gateway, GatewayError};

/// How long a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long any answer may take, but that to the start of a kernel.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// The largest message that is taken: an output of 100 MB, written in JSON, may be several times that.
const MESSAGE_BYTES_MAX: usize = 1 << 30;
/// The framing that is asked for; without it servers use the older one.
const PROTOCOL: &str = "v1.kernel.websocket.jupyter.org";
const WEBSOCKET_PROTOCOL: &str = "sec-websocket-protocol";

const START: &str = "start a kernel";

/// A connection to a kernel's channels.
pub(super) type Socket = WebSocketStream<Upgraded>;

/// A kernelspec as a gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteKernelspec {
    /// The name by which it is started.
    pub name: String,
    /// The language, in small letters mostly; empty if the gateway does not tell.
    pub language: String,
    /// The name to show.
    pub display_name: String,
}

/// A client of one gateway.
#[derive(Clone)]
pub(super) struct Api {
    gateway: Gateway,
    http: Client,
    authorization: Option<HeaderValue>,
}

impl Api {
    pub(super) fn new(gateway: &Gateway) -> Result<Api, GatewayError> {
        let http = client(gateway).map_err(|source| GatewayError::Certificate {
            url: gateway.url().to_owned(),
            source,
        })?;
        let authorization = gateway.token.as_ref().map(|token| {
            let mut value = HeaderValue::try_from(format!("token {}", token.0))
                .expect("printable ASCII makes a header value");
            value.set_sensitive(true);
            value
        });
        Ok(Api { gateway: gateway.clone(), http, authorization })
    }

    pub(super) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    pub(super) fn url(&self) -> String {
        self.gateway.url().to_owned()
    }

    pub(super) async fn kernelspecs(&self) -> Result<Vec<RemoteKernelspec>, GatewayError> {
        let wish = "list its kernels";
        let request = self.request(Method::GET, &["api", "kernelspecs"]);
        let answer = self.json(request, wish, ANSWER_LIMIT).await?;
        let specs = answer.get("kernelspecs").and_then(Value::as_object);
        let specs = specs.ok_or_else(|| self.no_gateway(wish))?;
        let text = |spec: &Value, name: &str| {
            let value = spec.get("spec").and_then(|spec| spec.get(name)).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let mut specs: Vec<_> = specs
            .iter()
            .map(|(name, spec)| RemoteKernelspec {
                name: name.clone(),
                language: text(spec, "language"),
                display_name: text(spec, "display_name"),
            })
            .collect();
        specs.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(specs)
    }

    /// Starts a kernel, which may take `limit`; returns its id.
    pub(super) async fn start(
        &self,
        kernel: &str,
        env: &[(String, String)],
        limit: Duration,
    ) -> Result<String, GatewayError> {
        let wish = START;
        let env: serde_json::Map<String, Value> =
            env.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let request = self.request(Method::POST, &["api", "kernels"]);
        let body = json!({"name": kernel, "env": env}).to_string();
        let request = request.header("content-type", "application/json").body(body);
        let answer = self.json(request, wish, limit).await?;
        let id = answer.get("id").and_then(Value::as_str);
        Ok(id.ok_or_else(|| self.no_gateway(wish))?.to_owned())
    }

    /// Interrupts what a kernel runs.
    pub(super) async fn interrupt(&self, id: &str) -> Result<(), GatewayError> {
        let request = self.request(Method::POST, &["api", "kernels", id, "interrupt"]);
        let request = request.header("content-type", "application/json").body("{}");
        self.answer(request, "interrupt the kernel", ANSWER_LIMIT).await.map(drop)
    }

    /// Ends a kernel; false if there was none any more.
    pub(super) async fn delete(&self, id: &str) -> Result<bool, GatewayError> {
        let request = self.request(Method::DELETE, &["api", "kernels", id]);
        match self.answer(request, "end the kernel", ANSWER_LIMIT).await {
            Ok(_) => Ok(true),
            Err(GatewayError::Status { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the gateway says that it has no such kernel.
    pub(super) async fn is_gone(&self, id: &str) -> bool {
        let request = self.request(Method::GET, &["api", "kernels", id]);
        let answer = self.answer(request, "show the kernel", ANSWER_LIMIT).await;
        matches!(answer, Err(GatewayError::Status { status: 404, .. }))
    }

    /// Opens the channels of a kernel that is still there. `session` is Penny's own, under which some
    /// gateways keep what comes while nobody is connected.
    pub(super) async fn open(
        &self,
        id: &str,
        session: &str,
    ) -> Result<(Socket, Framing), GatewayError> {
        let gone = |error| match error {
            GatewayError::Status { status: 404, .. } => GatewayError::Gone { url: self.url() },
            error => error,
        };
        let request = self.request(Method::GET, &["api", "kernels", id]);
        self.json(request, "show the kernel", ANSWER_LIMIT).await.map_err(gone)?;
        let request = self
            .request(Method::GET, &["api", "kernels", id, "channels"])
            .query(&[("session_id", session)])
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", nonce())
            .header(WEBSOCKET_PROTOCOL, PROTOCOL);
        let slow = |_| self.slow(ANSWER_LIMIT);
        let opening = async {
            let answer = request.send().await.map_err(|error| self.trouble(error, ANSWER_LIMIT))?;
            self.upgraded(answer).await
        };
        timeout(ANSWER_LIMIT, opening).await.map_err(slow)?.map_err(gone)
    }

    async fn upgraded(&self, answer: Response) -> Result<(Socket, Framing), GatewayError> {
        let status = answer.status();
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let answer = self.checked(answer, "open the kernel's channels").await;
            let status = status.as_u16();
            return Err(answer
                .err()
                .unwrap_or(GatewayError::NoWebsocket { url: self.url(), status }));
        }
        let chosen = answer.headers().get(WEBSOCKET_PROTOCOL).map(HeaderValue::as_bytes);
        let framing = match chosen == Some(PROTOCOL.as_bytes()) {
            true => Framing::V1,
            false => Framing::Json,
        };
        let stream = answer.upgrade().await.map_err(|error| self.trouble(error, ANSWER_LIMIT))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        Ok((WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await, framing))
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let request = self.http.request(method, self.gateway.at(path));
        match &self.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    async fn json(
        &self,
        request: RequestBuilder,
        wish: &'static str,
        limit: Duration,
    ) -> Result<Value, GatewayError> {
        let answer = self.answer(request, wish, limit).await?;
        serde_json::from_slice(&answer).map_err(|_| self.no_gateway(wish))
    }

    /// The body of a good answer.
    async fn answer(
        &self,
        request: RequestBuilder,
        wish: &'static str,
        limit: Duration,
    ) -> Result<bytes::Bytes, GatewayError> {
        let trouble = |error| self.trouble(error, limit);
        let answer = request.timeout(limit).send().await.map_err(trouble)?;
        let answer = self.checked(answer, wish).await?;
        answer.bytes().await.map_err(trouble)
    }

    async fn checked(
        &self,
        answer: Response,
        wish: &'static str,
    ) -> Result<Response, GatewayError> {
        let (url, status) = (self.url(), answer.status().as_u16());
        match status {
            200..300 => Ok(answer),
            // The token was good enough to look: it is something else that is not allowed.
            403 if wish == START => Err(self.said(answer, wish).await),
            401 | 403 if self.authorization.is_none() => Err(GatewayError::NoToken { url, status }),
            401 | 403 => Err(GatewayError::Refused { url, status }),
            _ => Err(self.said(answer, wish).await),
        }
    }

    async fn said(&self, answer: Response, wish: &'static str) -> GatewayError {
        let status = answer.status().as_u16();
        let body = answer.text().await.unwrap_or_default();
        GatewayError::Status { url: self.url(), wish, status, said: told(&body) }
    }

    fn trouble(&self, source: reqwest::Error, limit: Duration) -> GatewayError {
        let url = self.url();
        match source.is_timeout() {
            true if source.is_connect() => GatewayError::Slow { url, limit: CONNECT_LIMIT },
            true => GatewayError::Slow { url, limit },
            false => GatewayError::Unreachable { url, source: source.without_url() },
        }
    }

    fn slow(&self, limit: Duration) -> GatewayError {
        GatewayError::Slow { url: self.url(), limit }
    }

    fn no_gateway(&self, wish: &'static str) -> GatewayError {
        GatewayError::NotAGateway { url: self.url(), wish }
    }
}

fn client(gateway: &Gateway) -> Result<Client, reqwest::Error> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent("penny")
        .http1_only()
        .connect_timeout(CONNECT_LIMIT)
        // The token is meant for this address and no other.
        .redirect(redirect::Policy::none());
    if matches!(gateway.url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        builder = builder.no_proxy();
    }
    if gateway.url.scheme() == "http" {
        // No need for the system's certificates, which a bare machine may lack.
        let trusts_nobody = rustls::ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder = builder.tls_backend_preconfigured(trusts_nobody);
    } else if let Some(pem) = &gateway.certificate {
        builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
    }
    builder.build()
}

/// Sixteen bytes that are new for every websocket, which shows a stale answer of a cache.
fn nonce() -> String {
    base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        uuid::Uuid::new_v4().as_bytes(),
    )
}

/// What a gateway says of its own error: its message if it is told as JSON, else what there is.
fn told(body: &str) -> String {
    let json = serde_json::from_str::<Value>(body).ok();
    let field = |name: &str| {
        let text = json.as_ref()?.get(name)?.as_str()?;
        Some(text.to_owned()).filter(|text| !text.is_empty())
    };
    let text = field("message").or_else(|| field("reason"));
    beginning(text.as_deref().unwrap_or(body))
}
