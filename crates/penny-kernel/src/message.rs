//! Jupyter's messages, however they travel: their ids, their parts, what they belong to.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::mend;

/// The protocol's version that is spoken.
const VERSION: &str = "5.3";
/// Stands in the id of a request that executes a cell, and in no other.
const CELL: &str = "_cell_";

/// One cell that was sent to a kernel: what comes of it names it, also when it comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u64);

/// Penny's side of a conversation with one kernel: makes requests, and knows them again.
///
/// A cell's number is part of its request's id, so that no list of earlier cells is needed to tell
/// which of them a late message belongs to.
#[derive(Debug)]
pub(crate) struct Session {
    id: String,
    sent: u64,
}

/// A request in its parts, not yet framed: header, parent header, metadata, content.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) id: String,
    pub(crate) parts: [String; 4],
}

/// A message that came, its content still unparsed: of many only the header is ever looked at.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) msg_type: String,
    /// Its own id, and the session of whoever sent it.
    pub(crate) msg_id: Option<String>,
    pub(crate) session: Option<String>,
    /// The id of the request it belongs to.
    pub(crate) parent: Option<String>,
    /// Its place among all that was sent on iopub, if the kernel was prepared to tell it.
    pub(crate) number: Option<u64>,
    pub(crate) buffers: Vec<Bytes>,
    metadata: Part,
    content: Part,
}

/// A part of a message, as it came.
#[derive(Debug)]
pub(crate) enum Part {
    /// Text that may be JSON.
    Text(Bytes),
    /// JSON that was parsed together with the rest of its message.
    Json(Value),
}

/// Why a message is passed over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MessageError {
    #[error("a message without its parts")]
    Truncated,
    #[error("a message whose signature is wrong")]
    Signature,
    #[error("a message whose header cannot be read")]
    Header(#[source] serde_json::Error),
    #[error("a message whose content cannot be read")]
    Content(#[source] serde_json::Error),
}

#[derive(Debug, Default, Deserialize)]
struct Header {
    #[serde(default)]
    msg_type: Option<String>,
    #[serde(default)]
    msg_id: Option<String>,
    #[serde(default)]
    session: Option<String>,
}

impl Session {
    pub(crate) fn new() -> Session {
        Session { id: uuid::Uuid::new_v4().simple().to_string(), sent: 0 }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// How the ids of all requests begin that execute cells.
    pub(crate) fn cells(&self) -> String {
        format!("{}{CELL}", self.id)
    }

    /// A request of Penny's own.
    pub(crate) fn request(&mut self, msg_type: &str, content: &Value) -> Outgoing {
        self.sent += 1;
        let id = format!("{}_{}", self.id, self.sent);
        self.outgoing(id, msg_type, &json!({}), content)
    }

    /// A request that executes a cell.
    pub(crate) fn cell(&mut self, content: &Value) -> (RequestId, Outgoing) {
        self.sent += 1;
        let id = format!("{}{}", self.cells(), self.sent);
        (RequestId(self.sent), self.outgoing(id, "execute_request", &json!({}), content))
    }

    /// The answer to a request of the kernel's.
    pub(crate) fn answer(
        &mut self,
        msg_type: &str,
        request: &Incoming,
        content: &Value,
    ) -> Outgoing {
        self.sent += 1;
        let id = format!("{}_{}", self.id, self.sent);
        let parent = json!({"msg_id": request.msg_id, "session": request.session});
        self.outgoing(id, msg_type, &parent, content)
    }

    /// The cell a message belongs to, if it is one of this session's.
    pub(crate) fn cell_of(&self, message: &Incoming) -> Option<RequestId> {
        let number = message.parent.as_deref()?.strip_prefix(&self.id)?.strip_prefix(CELL)?;
        number.parse().ok().map(RequestId)
    }

    /// Whether a message belongs to a request of this session's, a cell or another.
    pub(crate) fn owns(&self, message: &Incoming) -> bool {
        message.parent.as_deref().is_some_and(|parent| parent.starts_with(&self.id))
    }

    fn outgoing(&self, id: String, msg_type: &str, parent: &Value, content: &Value) -> Outgoing {
        let header = json!({
            "msg_id": id,
            "msg_type": msg_type,
            "session": self.id,
            "username": "penny",
            "date": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            "version": VERSION,
        });
        Outgoing { id, parts: [&header, parent, &json!({}), content].map(Value::to_string) }
    }
}

impl Incoming {
    /// Reads the two headers; the rest stays as it is.
    pub(crate) fn read(
        [header, parent, metadata, content]: [Bytes; 4],
        buffers: Vec<Bytes>,
    ) -> Result<Incoming, MessageError> {
        let header: Header = serde_json::from_slice(&header).map_err(MessageError::Header)?;
        let parent: Header = serde_json::from_slice(&parent).map_err(MessageError::Header)?;
        let msg_type = header.msg_type.ok_or(MessageError::Truncated)?;
        Ok(Incoming {
            msg_type,
            msg_id: header.msg_id,
            session: header.session,
            parent: parent.msg_id,
            number: None,
            buffers,
            metadata: Part::Text(metadata),
            content: Part::Text(content),
        })
    }

    /// The same from a message that travelled as one JSON object.
    pub(crate) fn from_json(
        mut message: Value,
        buffers: Vec<Bytes>,
    ) -> Result<Incoming, MessageError> {
        let mut take = |name: &str| message.get_mut(name).map(Value::take);
        let text = |part: &Option<Value>, name: &str| {
            part.as_ref()?.get(name)?.as_str().map(str::to_owned)
        };
        let (header, parent) = (take("header"), take("parent_header"));
        let metadata = take("metadata").unwrap_or_else(|| json!({}));
        let content = take("content").ok_or(MessageError::Truncated)?;
        Ok(Incoming {
            msg_type: text(&header, "msg_type").ok_or(MessageError::Truncated)?,
            msg_id: text(&header, "msg_id"),
            session: text(&header, "session"),
            parent: text(&parent, "msg_id"),
            number: None,
            buffers,
            metadata: Part::Json(metadata),
            content: Part::Json(content),
        })
    }

    pub(crate) fn content(&self) -> Result<Value, MessageError> {
        self.content.value().map_err(MessageError::Content)
    }

    /// Whether its content is less than so many bytes; not known of one that is parsed already.
    pub(crate) fn is_shorter_than(&self, bytes: usize) -> bool {
        match &self.content {
            Part::Text(text) => text.len() < bytes,
            Part::Json(_) => true,
        }
    }

    /// Metadata, or none if they cannot be read: what they accompany is worth more than they.
    pub(crate) fn metadata(&self) -> Value {
        self.metadata.value().unwrap_or_else(|_| json!({}))
    }

    /// Takes the entry `key` out of the metadata, as the message's number if it is one.
    pub(crate) fn take_number(&mut self, key: &str) {
        let mut metadata = self.metadata();
        let taken = metadata.as_object_mut().and_then(|object| object.shift_remove(key));
        if let Some(number) = taken {
            self.number = number.as_u64();
            self.metadata = Part::Json(metadata);
        }
    }

    /// The `execution_state` of a status message.
    pub(crate) fn state(&self) -> Option<String> {
        if self.msg_type != "status" {
            return None;
        }
        let content = self.content().ok()?;
        content.get("execution_state").and_then(Value::as_str).map(str::to_owned)
    }
}

impl Part {
    fn value(&self) -> Result<Value, serde_json::Error> {
        match self {
            Part::Text(text) => mend::parse(text),
            Part::Json(value) => Ok(value.clone()),
        }
    }
}

#[cfg(test)]
impl Incoming {
    /// A message for tests of what is done with messages.
    pub(crate) fn of_test(msg_type: &str, parent: Option<&str>, content: &Value) -> Incoming {
        let header = json!({"msg_type": msg_type, "session": "kernel", "msg_id": "kernel_1_1"});
        let parent = json!({"msg_id": parent});
        let parts = [&header, &parent, &json!({}), content].map(|part| part.to_string().into());
        Incoming::read(parts, Vec::new()).expect("a message as it should be")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_to_belong_to_its_cell_and_to_no_other() {
        let mut session = Session::new();
        let question = session.request("kernel_info_request", &json!({}));
        let (first, cell) = session.cell(&json!({"code": "1"}));
        let (second, _) = session.cell(&json!({"code": "2"}));
        assert_ne!(first, second);
        let about = |parent: Option<&str>| Incoming::of_test("stream", parent, &json!({}));
        assert_eq!(session.cell_of(&about(Some(&cell.id))), Some(first));
        assert!(session.owns(&about(Some(&cell.id))) && session.owns(&about(Some(&question.id))));
        for parent in [None, Some(""), Some(question.id.as_str()), Some("other_cell_1")] {
            assert_eq!(session.cell_of(&about(parent)), None, "{parent:?}");
        }
        assert_eq!(Session::new().cell_of(&about(Some(&cell.id))), None);
    }

    #[test]
    fn the_number_of_a_message_leaves_its_metadata() {
        let parts = [r#"{"msg_type":"stream"}"#, "{}", r#"{"a":1,"penny":7}"#, "{}"];
        let mut message = Incoming::read(parts.map(Bytes::from), Vec::new()).unwrap();
        message.take_number("penny");
        assert_eq!(message.number, Some(7));
        assert_eq!(message.metadata(), json!({"a": 1}));
        message.take_number("penny");
        assert_eq!(message.number, Some(7));
    }

    #[test]
    fn a_message_of_one_json_object_is_the_same_message() {
        let message = json!({
            "header": {"msg_type": "status", "msg_id": "a_1_2", "session": "a"},
            "parent_header": {"msg_id": "p"}, "metadata": {}, "channel": "iopub",
            "content": {"execution_state": "idle"}, "buffers": [],
        });
        let message = Incoming::from_json(message, Vec::new()).unwrap();
        assert_eq!((message.msg_type.as_str(), message.parent.as_deref()), ("status", Some("p")));
        assert_eq!(message.state().as_deref(), Some("idle"));
        assert!(Incoming::from_json(json!([1]), Vec::new()).is_err());
        assert!(Incoming::from_json(json!({"header": {"msg_type": 1}}), Vec::new()).is_err());
    }
}
