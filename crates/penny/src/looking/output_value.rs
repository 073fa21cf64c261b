//! One output of a cell out of the text of its notebook: lines as one text, so that megabytes of them are one
//! piece of memory and not a million.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

/// Reads an output. Texts that nbformat keeps as lines come as one text.
pub(super) fn read(text: &str) -> Option<Value> {
    match serde_json::from_str::<Output>(text) {
        Ok(output) => Some(output.value()),
        // What has a text where none belongs is shown as far as it goes.
        Err(_) => serde_json::from_str(text).ok(),
    }
}

/// Reads an output of that kind of which only the beginning is there: what was begun is ended.
pub(super) fn read_beginning(text: &str, kind: &str) -> Option<Value> {
    let mut open = Vec::new();
    let (mut is_text, mut is_escape) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escape => is_escape = false,
            b'\\' if is_text => is_escape = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' => open.push('}'),
            b'[' => open.push(']'),
            b'}' | b']' => drop(open.pop()),
            _ => {}
        }
    }
    let ends: String = open.iter().rev().collect();
    let mut value = if is_text {
        // An escape that is not whole goes.
        let cuts = (0..=ESCAPE_MAX).filter_map(|cut| text.get(..text.len().checked_sub(cut)?));
        cuts.map(|text| format!("{text}\"{ends}")).find_map(|text| read(&text))
    } else {
        // So does a number, or a name without its value.
        let cuts = (0..=NUMBER_MAX).filter_map(|cut| text.get(..text.len().checked_sub(cut)?));
        let whole = cuts.map(|text| text.trim_end().trim_end_matches(','));
        whole.map(|text| format!("{text}{ends}")).find_map(|text| read(&text))
    }?;
    value.as_object_mut()?.insert("output_type".to_owned(), Value::String(kind.to_owned()));
    Some(value)
}

/// `\ud83d\ude00`: the longest that JSON writes for a letter.
const ESCAPE_MAX: usize = 12;
/// `-1.7976931348623157e+308`: the longest that is written for a number.
const NUMBER_MAX: usize = 24;

/// An output as nbformat has it.
#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    output_type: String,
    name: Option<String>,
    text: Option<Text>,
    data: Option<Data>,
    metadata: Option<Value>,
    execution_count: Option<Value>,
    ename: Option<Text>,
    evalue: Option<Text>,
    traceback: Option<Value>,
}

impl Output {
    fn value(self) -> Value {
        let mut value = json!({"output_type": self.output_type});
        let mut set = |key: &str, part: Option<Value>| {
            if let Some(part) = part {
                value[key] = part;
            }
        };
        set("name", self.name.map(Value::String));
        set("text", self.text.map(Text::value));
        set("data", self.data.map(|data| Value::Object(data.0)));
        set("metadata", self.metadata);
        set("execution_count", self.execution_count);
        set("ename", self.ename.map(Text::value));
        set("evalue", self.evalue.map(Text::value));
        set("traceback", self.traceback);
        value
    }
}

/// A text, kept as one or as lines.
struct Text(String);

impl Text {
    fn value(self) -> Value {
        Value::String(self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        deserializer.deserialize_any(OfText)
    }
}

struct OfText;

impl<'de> Visitor<'de> for OfText {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or its lines")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Text, E> {
        Ok(Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Text, A::Error> {
        let mut text = String::new();
        while let Some(line) = lines.next_element::<String>()? {
            text.push_str(&line);
        }
        Ok(Text(text))
    }
}

/// What an output shows, by kind: text kinds as one text, JSON as it is.
struct Data(Map<String, Value>);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_map(OfData)
    }
}

struct OfData;

impl<'de> Visitor<'de> for OfData {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of kinds and what they show")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut kinds: A) -> Result<Data, A::Error> {
        let mut data = Map::new();
        while let Some(kind) = kinds.next_key::<String>()? {
            let value = if is_json(&kind) {
                kinds.next_value::<Value>()?
            } else {
                kinds.next_value::<Text>()?.value()
            };
            if data.insert(kind, value).is_some() {
                kinds.next_value::<IgnoredAny>().ok();
                return Err(A::Error::custom("a kind is there twice"));
            }
        }
        Ok(Data(data))
    }
}

/// Whether what an output of a kind shows is any JSON, and not a text.
fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_output_is_an_output() {
        let whole =
            r#"{"output_type":"stream","name":"stdout","text":["a\n\\","\ud83d\ude00é","{[\""]}"#;
        let text = whole.find("\"text\":[").expect("there") + 8;
        let full = "a\n\\😀é{[\"";
        for end in (text + 1..=whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            let read = read_beginning(&whole[..end], "stream")
                .unwrap_or_else(|| panic!("{}", &whole[..end]));
            let shown = read["text"].as_str().expect("a text");
            assert!(full.starts_with(shown), "{} is {shown}", &whole[..end]);
        }
        assert_eq!(read_beginning(whole, "stream").expect("read")["text"], full);
        let html = r#"{"data":{"text/html":["<table>","<tr>"],"text/plain":["x"#;
        let read = read_beginning(html, "display_data").expect("read");
        assert_eq!(
            (&read["data"]["text/html"], &read["data"]["text/plain"]),
            (&json!("<table><tr>"), &json!("x"))
        );
        let figure = r#"{"data":{"x/y":{"data":[{"y":[1.5,-2.25e+10,3"#;
        for end in figure.find("1.5").expect("there")..=figure.len() {
            let read = read_beginning(&figure[..end], "display_data").expect("read");
            assert!(read["data"]["x/y"]["data"][0]["y"].is_array(), "{read}");
        }
        // What ends in the name of something is not known.
        assert_eq!(read_beginning(r#"{"data":{"text/h"#, "display_data"), None);
    }

    #[test]
    fn lines_come_as_one_text_and_json_as_it_is() {
        #[track_caller]
        fn check(text: &str, expected: Value) {
            assert_eq!(read(text), Some(expected));
        }
        check(
            r#"{"output_type":"stream","name":"stdout","text":["a\n","b"]}"#,
            json!({"output_type": "stream", "name": "stdout", "text": "a\nb"}),
        );
        check(
            r#"{"data":{"text/html":["<b>","x"],"application/json":["a",1.50],"image/png":"iV"},
                "output_type":"display_data","metadata":{}}"#,
            json!({"output_type": "display_data", "metadata": {},
                   "data": {"text/html": "<b>x", "application/json": ["a", serde_json::from_str::<Value>("1.50").unwrap()],
                            "image/png": "iV"}}),
        );
        check(
            r#"{"output_type":"error","ename":"E","evalue":"x","traceback":["1","2"]}"#,
            json!({"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["1", "2"]}),
        );
        // What is none by the book is kept as it is.
        check(
            r#"{"output_type":"stream","text":[1]}"#,
            json!({"output_type": "stream", "text": [1]}),
        );
        assert_eq!(read("{"), None);
    }
}
