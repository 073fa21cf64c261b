//! Jupyter's messages on the wire: framing, signature, the four parts of JSON.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use zeromq::ZmqMessage;

use crate::mend;

/// Between the routing prefix and the message itself.
const DELIMITER: &[u8] = b"<IDS|MSG>";
/// The protocol's version that is spoken.
const VERSION: &str = "5.3";

/// Signs what is sent and checks what comes.
pub(crate) struct Wire {
    session: String,
    mac: Hmac<Sha256>,
    sent: u64,
}

/// A message that came, its content still unparsed: of many only the header is ever looked at.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) msg_type: String,
    /// The id of the request it belongs to.
    pub(crate) parent: Option<String>,
    pub(crate) buffers: Vec<Bytes>,
    metadata: Bytes,
    content: Bytes,
}

/// Why a message is passed over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("a message without its parts")]
    Truncated,
    #[error("a message whose signature is wrong")]
    Signature,
    #[error("a message whose header cannot be read")]
    Header(#[source] serde_json::Error),
    #[error("a message whose content cannot be read")]
    Content(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Header {
    msg_type: String,
}

#[derive(Deserialize)]
struct ParentHeader {
    msg_id: Option<String>,
}

impl Wire {
    /// `key` is the one of the connection file.
    pub(crate) fn new(key: &str) -> Wire {
        let mac = Hmac::new_from_slice(key.as_bytes()).expect("a key of any length will do");
        Wire { session: uuid::Uuid::new_v4().simple().to_string(), mac, sent: 0 }
    }

    /// A request with its id.
    pub(crate) fn request(&mut self, msg_type: &str, content: &Value) -> (String, ZmqMessage) {
        self.sent += 1;
        let id = format!("{}_{}", self.session, self.sent);
        let header = json!({
            "msg_id": id,
            "msg_type": msg_type,
            "session": self.session,
            "username": "penny",
            "date": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            "version": VERSION,
        });
        let parts = [&header, &json!({}), &json!({}), content].map(Value::to_string);
        let signature = hex(&self.sign(parts.iter().map(String::as_bytes)).finalize().into_bytes());
        let mut message = ZmqMessage::from(Bytes::from_static(DELIMITER));
        message.push_back(signature.into());
        for part in parts {
            message.push_back(part.into());
        }
        (id, message)
    }

    /// A message as it came from the kernel, whatever its routing prefix.
    pub(crate) fn read(&self, message: ZmqMessage) -> Result<Incoming, WireError> {
        let mut frames = message.into_vec().into_iter();
        frames.by_ref().find(|frame| frame == DELIMITER).ok_or(WireError::Truncated)?;
        let mut next = || frames.next().ok_or(WireError::Truncated);
        let signature = next()?;
        let parts = [next()?, next()?, next()?, next()?];
        let given = unhex(&signature).ok_or(WireError::Signature)?;
        let mac = self.sign(parts.iter().map(|part| &part[..]));
        mac.verify_slice(&given).map_err(|_| WireError::Signature)?;

        let [header, parent, metadata, content] = parts;
        let header: Header = serde_json::from_slice(&header).map_err(WireError::Header)?;
        let parent: ParentHeader = serde_json::from_slice(&parent).map_err(WireError::Header)?;
        let buffers = frames.collect();
        Ok(Incoming {
            msg_type: header.msg_type,
            parent: parent.msg_id,
            buffers,
            metadata,
            content,
        })
    }

    fn sign<'a>(&self, parts: impl Iterator<Item = &'a [u8]>) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        parts.for_each(|part| mac.update(part));
        mac
    }
}

impl Incoming {
    pub(crate) fn content(&self) -> Result<Value, WireError> {
        mend::parse(&self.content).map_err(WireError::Content)
    }

    /// Metadata, or none if they cannot be read: what they accompany is worth more than they.
    pub(crate) fn metadata(&self) -> Value {
        mend::parse(&self.metadata).unwrap_or_else(|_| json!({}))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One message and its signature under the key `key`, as Python's `hmac` computes it.
    fn known() -> Vec<Bytes> {
        let header = r#"{"msg_id":"1","msg_type":"status"}"#;
        [
            "kernel.123.status",
            "<IDS|MSG>",
            "2769ed5060b458365090331659fcdc3b88a71965d77a8899d7970d55cd804e68",
            header,
            r#"{"msg_id":"7"}"#,
            "{}",
            r#"{"execution_state":"idle"}"#,
            "buffer",
        ]
        .map(|frame| Bytes::from_static(frame.as_bytes()))
        .into()
    }

    fn read(frames: Vec<Bytes>) -> Result<Incoming, WireError> {
        Wire::new("key").read(ZmqMessage::try_from(frames).unwrap())
    }

    #[test]
    fn a_message_that_python_signed_is_read() {
        let message = read(known()).unwrap();
        assert_eq!(message.msg_type, "status");
        assert_eq!(message.parent.as_deref(), Some("7"));
        assert_eq!(message.content().unwrap(), json!({"execution_state": "idle"}));
        assert_eq!(message.metadata(), json!({}));
        assert_eq!(message.buffers, ["buffer"]);
    }

    #[test]
    fn a_changed_or_unsigned_message_is_refused() {
        for (frame, text) in [(2, "00"), (2, ""), (2, "x"), (2, "é"), (6, r#"{"a":1}"#), (4, "{}")]
        {
            let mut frames = known();
            frames[frame] = Bytes::from_static(text.as_bytes());
            assert!(matches!(read(frames), Err(WireError::Signature)), "{frame} {text}");
        }
    }

    #[test]
    fn a_message_without_its_parts_is_refused() {
        for length in 1..7 {
            let frames = known()[..length].to_vec();
            assert!(matches!(read(frames), Err(WireError::Truncated)), "{length}");
        }
    }

    #[test]
    fn a_request_reads_back_and_every_one_has_its_own_id() {
        let mut wire = Wire::new("key");
        let (first, message) = wire.request("execute_request", &json!({"code": "é"}));
        let (second, _) = wire.request("execute_request", &json!({}));
        assert_ne!(first, second);
        let incoming = wire.read(message).unwrap();
        assert_eq!(incoming.msg_type, "execute_request");
        assert_eq!(incoming.parent, None);
        assert_eq!(incoming.content().unwrap(), json!({"code": "é"}));
    }
}
