//! Jupyter's messages on ZeroMQ: framing and signature.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeromq::ZmqMessage;

use crate::message::{Incoming, MessageError, Outgoing};

/// Between the routing prefix and the message itself.
const DELIMITER: &[u8] = b"<IDS|MSG>";

/// Begins the frame, before the delimiter, with a message's number on iopub: `python/penny/_kernel.py`.
const NUMBER: &[u8] = b"penny:";

/// Signs what is sent and checks what comes.
pub(crate) struct Wire {
    mac: Hmac<Sha256>,
}

impl Wire {
    /// `key` is the one of the connection file.
    pub(crate) fn new(key: &str) -> Wire {
        let mac = Hmac::new_from_slice(key.as_bytes()).expect("a key of any length will do");
        Wire { mac }
    }

    /// A request as it is sent.
    pub(crate) fn write(&self, request: Outgoing) -> ZmqMessage {
        let parts = request.parts;
        let signature = hex(&self.sign(parts.iter().map(String::as_bytes)).finalize().into_bytes());
        let mut message = ZmqMessage::from(Bytes::from_static(DELIMITER));
        message.push_back(signature.into());
        for part in parts {
            message.push_back(part.into());
        }
        message
    }

    /// A message as it came from the kernel, whatever its routing prefix.
    pub(crate) fn read(&self, message: ZmqMessage) -> Result<Incoming, MessageError> {
        let mut frames = message.into_vec().into_iter();
        let mut number = None;
        loop {
            let frame = frames.next().ok_or(MessageError::Truncated)?;
            if frame == DELIMITER {
                break;
            }
            number = numbered(&frame).or(number);
        }
        let mut next = || frames.next().ok_or(MessageError::Truncated);
        let signature = next()?;
        let parts = [next()?, next()?, next()?, next()?];
        let given = unhex(&signature).ok_or(MessageError::Signature)?;
        let mac = self.sign(parts.iter().map(|part| &part[..]));
        mac.verify_slice(&given).map_err(|_| MessageError::Signature)?;
        let mut incoming = Incoming::read(parts, frames.collect())?;
        incoming.number = number;
        Ok(incoming)
    }

    fn sign<'a>(&self, parts: impl Iterator<Item = &'a [u8]>) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        parts.for_each(|part| mac.update(part));
        mac
    }
}

fn numbered(frame: &[u8]) -> Option<u64> {
    std::str::from_utf8(frame.strip_prefix(NUMBER)?).ok()?.parse().ok()
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
    use crate::message::Session;
    use serde_json::json;

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

    fn read(frames: Vec<Bytes>) -> Result<Incoming, MessageError> {
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
            assert!(matches!(read(frames), Err(MessageError::Signature)), "{frame} {text}");
        }
    }

    #[test]
    fn a_message_without_its_parts_is_refused() {
        for length in 1..7 {
            let frames = known()[..length].to_vec();
            assert!(matches!(read(frames), Err(MessageError::Truncated)), "{length}");
        }
    }

    #[test]
    fn a_frame_before_the_message_tells_its_number() {
        #[track_caller]
        fn check(frame: &'static str, number: Option<u64>) {
            let mut frames = known();
            frames.insert(1, Bytes::from_static(frame.as_bytes()));
            assert_eq!(read(frames).unwrap().number, number, "{frame}");
        }
        check("penny:41", Some(41));
        check("penny:", None);
        check("penny:x", None);
        check("status", None);
        assert_eq!(read(known()).unwrap().number, None);
    }

    #[test]
    fn a_request_reads_back_and_every_one_has_its_own_id() {
        let (wire, mut session) = (Wire::new("key"), Session::new());
        let first = session.request("execute_request", &json!({"code": "é"}));
        let second = session.request("execute_request", &json!({}));
        assert_ne!(first.id, second.id);
        let incoming = wire.read(wire.write(first)).unwrap();
        assert_eq!(incoming.msg_type, "execute_request");
        assert_eq!(incoming.parent, None);
        assert_eq!(incoming.content().unwrap(), json!({"code": "é"}));
    }
}
