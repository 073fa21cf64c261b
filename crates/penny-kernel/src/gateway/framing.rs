//! How a Jupyter message travels in a websocket's message, in the two ways there are.

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::mend;
use crate::message::{Incoming, MessageError, Outgoing};

/// Where the setup that Penny gives to a kernel on a gateway writes a message's number.
const NUMBER: &str = "penny_number";

/// The way that was agreed on when the websocket was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// `v1.kernel.websocket.jupyter.org`: the parts as they are, one after another.
    V1,
    /// One JSON object; in front of binary data if there are any.
    Json,
}

/// What a websocket's message was.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) channel: String,
    pub(super) message: Incoming,
}

impl Framing {
    /// A request or an answer as it is sent on `channel`.
    pub(super) fn write(self, channel: &str, request: &Outgoing) -> Message {
        match self {
            Framing::V1 => Message::Binary(write_v1(channel, &request.parts).into()),
            Framing::Json => Message::Text(Utf8Bytes::from(write_json(channel, &request.parts))),
        }
    }

    /// Reads a message; none if it is one of the websocket's own.
    pub(super) fn read(self, message: Message) -> Option<Result<Arrived, MessageError>> {
        let read = match (self, message) {
            (_, Message::Text(text)) => read_json(text.as_bytes(), Vec::new()),
            (Framing::V1, Message::Binary(bytes)) => read_v1(&bytes),
            (Framing::Json, Message::Binary(bytes)) => read_binary(&bytes),
            _ => return None,
        };
        Some(read.map(|mut arrived| {
            arrived.message.take_number(NUMBER);
            arrived
        }))
    }
}

fn write_v1(channel: &str, parts: &[String; 4]) -> Vec<u8> {
    let pieces = [channel].into_iter().chain(parts.iter().map(String::as_str));
    let pieces: Vec<&str> = pieces.collect();
    let mut offset = 8 * (1 + pieces.len() + 1);
    let mut head = vec![pieces.len() + 1, offset];
    for piece in &pieces {
        offset += piece.len();
        head.push(offset);
    }
    let mut bytes: Vec<u8> =
        head.into_iter().flat_map(|number| (number as u64).to_le_bytes()).collect();
    bytes.extend(pieces.concat().into_bytes());
    bytes
}

fn write_json(channel: &str, parts: &[String; 4]) -> String {
    let [header, parent, metadata, content] = parts;
    format!(
        r#"{{"header":{header},"parent_header":{parent},"metadata":{metadata},"content":{content},"channel":{},"buffers":[]}}"#,
        json!(channel)
    )
}

fn read_v1(bytes: &Bytes) -> Result<Arrived, MessageError> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(8)?)?;
        usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let count = number(0).ok_or(MessageError::Truncated)?;
    // Each offset takes eight bytes: a count that cannot be is not believed.
    if count > bytes.len() / 8 {
        return Err(MessageError::Truncated);
    }
    let offsets: Option<Vec<usize>> = (1..=count).map(|index| number(8 * index)).collect();
    let mut pieces = sliced(bytes, &offsets.ok_or(MessageError::Truncated)?)?.into_iter();
    let mut next = || pieces.next().ok_or(MessageError::Truncated);
    let channel = String::from_utf8_lossy(&next()?).into_owned();
    let parts = [next()?, next()?, next()?, next()?];
    Ok(Arrived { channel, message: Incoming::read(parts, pieces.collect())? })
}

/// A JSON object with binary data behind it, their offsets in big-endian numbers of four bytes.
fn read_binary(bytes: &Bytes) -> Result<Arrived, MessageError> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let count = number(0).filter(|count| *count <= bytes.len() / 4);
    let offsets: Option<Vec<usize>> =
        (1..=count.ok_or(MessageError::Truncated)?).map(|index| number(4 * index)).collect();
    let mut offsets = offsets.ok_or(MessageError::Truncated)?;
    offsets.push(bytes.len());
    let mut pieces = sliced(bytes, &offsets)?.into_iter();
    let object = pieces.next().ok_or(MessageError::Truncated)?;
    read_json(&object, pieces.collect())
}

fn read_json(text: &[u8], buffers: Vec<Bytes>) -> Result<Arrived, MessageError> {
    let message = mend::parse(text).map_err(MessageError::Content)?;
    let channel = message.get("channel").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Arrived { channel, message: Incoming::from_json(message, buffers)? })
}

/// The pieces between each offset and the next.
fn sliced(bytes: &Bytes, offsets: &[usize]) -> Result<Vec<Bytes>, MessageError> {
    let piece = |pair: &[usize]| {
        let whole = pair[0] <= pair[1] && pair[1] <= bytes.len();
        whole.then(|| bytes.slice(pair[0]..pair[1])).ok_or(MessageError::Truncated)
    };
    offsets.windows(2).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Session;

    #[test]
    fn what_is_written_in_either_way_reads_back() {
        for framing in [Framing::V1, Framing::Json] {
            let request = Session::new().request("execute_request", &json!({"code": "é\n\"x\""}));
            let written = framing.write("shell", &request);
            let arrived = framing.read(written).unwrap().unwrap();
            assert_eq!(arrived.channel, "shell");
            assert_eq!(arrived.message.msg_type, "execute_request");
            assert_eq!(arrived.message.msg_id.as_deref(), Some(request.id.as_str()));
            assert_eq!(arrived.message.content().unwrap(), json!({"code": "é\n\"x\""}));
        }
    }

    #[test]
    fn binary_data_of_the_older_way_come_with_their_message() {
        let object = br#"{"channel":"iopub","header":{"msg_type":"comm_msg"},"content":{}}"#;
        let mut bytes = Vec::new();
        for number in [3, 16, 16 + object.len(), 18 + object.len()] {
            bytes.extend(u32::try_from(number).unwrap().to_be_bytes());
        }
        bytes.extend(object);
        bytes.extend(b"\x00\xff\x01");
        let arrived = Framing::Json.read(Message::Binary(bytes.into())).unwrap().unwrap();
        assert_eq!(arrived.message.buffers, [&b"\x00\xff"[..], &b"\x01"[..]]);
        assert_eq!(arrived.channel, "iopub");
    }

    #[test]
    fn a_number_in_the_metadata_is_the_messages_and_not_the_outputs() {
        let text = r#"{"channel":"iopub","header":{"msg_type":"stream"},"content":{},
                       "metadata":{"penny_number":12,"a":1}}"#;
        let arrived = Framing::V1.read(Message::Text(text.into())).unwrap().unwrap();
        assert_eq!(arrived.message.number, Some(12));
        assert_eq!(arrived.message.metadata(), json!({"a": 1}));
    }

    #[test]
    fn bytes_that_are_no_message_are_an_error_and_no_panic() {
        let request = Session::new().request("x", &json!({}));
        let Message::Binary(whole) = Framing::V1.write("shell", &request) else { panic!() };
        for framing in [Framing::V1, Framing::Json] {
            for length in 0..whole.len() {
                let cut = Message::Binary(whole.slice(..length));
                assert!(framing.read(cut).unwrap().is_err(), "{framing:?} {length}");
            }
            for byte in [0, 1, 0x7f, 0xff] {
                let same = Message::Binary(vec![byte; 64].into());
                assert!(framing.read(same).unwrap().is_err(), "{framing:?} {byte}");
            }
            assert!(framing.read(Message::Text("{".into())).unwrap().is_err());
            assert!(framing.read(Message::Ping(Bytes::new())).is_none());
        }
    }
}
