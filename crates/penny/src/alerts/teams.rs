//! A message as a workflow of Microsoft Teams takes it: an Adaptive Card.

use serde_json::{Value, json};

use super::message::{Item, Line, Message};

/// Teams refuses a card of 28 kB; what comes after this much text is left out.
const TEXT_MAX: usize = 12_000;

/// The body of the request.
pub fn body(message: &Message) -> Value {
    let colour = match message.kind.as_str() {
        "recovery" | "test" => "good",
        "failure" | "service" => "attention",
        _ => "warning",
    };
    let mut body = vec![json!({
        "type": "RichTextBlock",
        "inlines": [run(&message.subject, json!({
            "color": colour, "size": "medium", "weight": "bolder",
        }))],
    })];
    let mut length = 0;
    for item in &message.items {
        length += item.lines.iter().map(|l| l.text.len() + l.name.len()).sum::<usize>();
        if length > TEXT_MAX {
            body.push(json!({ "type": "TextBlock", "text": "…" }));
            break;
        }
        body.push(container(item));
    }
    for note in &message.notes {
        let look = json!({ "isSubtle": true, "size": "small" });
        body.push(json!({ "type": "RichTextBlock", "inlines": [run(note, look)] }));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "fallbackText": message.subject,
                "body": body,
            },
        }],
    })
}

fn container(item: &Item) -> Value {
    let mut items = vec![json!({
        "type": "RichTextBlock",
        "inlines": [run(&item.title, json!({ "weight": "bolder" }))],
    })];
    items.extend(item.lines.iter().map(line));
    json!({ "type": "Container", "separator": true, "items": items })
}

/// A line as rich text, in which no letter means anything (in a TextBlock, `*` and `_` do).
fn line(line: &Line) -> Value {
    let look = if line.code { json!({ "fontType": "monospace" }) } else { json!({}) };
    let mut inlines = Vec::new();
    if !line.name.is_empty() {
        inlines.push(run(&format!("{}: ", line.name), json!({ "isSubtle": true })));
    }
    inlines.push(run(&line.text, look));
    json!({ "type": "RichTextBlock", "spacing": "small", "inlines": inlines })
}

fn run(text: &str, look: Value) -> Value {
    let mut run = json!({ "type": "TextRun", "text": text });
    if let (Some(run), Value::Object(look)) = (run.as_object_mut(), look) {
        run.extend(look);
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_stays_below_what_teams_takes() {
        let line = Line { name: "Error".into(), text: "é".repeat(2000), code: true };
        let item = Item { title: "n".into(), lines: vec![line] };
        let message = Message {
            id: "i".into(),
            answers: Vec::new(),
            kind: "failure".into(),
            subject: "subject".into(),
            items: vec![item; 15],
            notes: vec!["note".into()],
            facts: Value::Null,
        };
        let card = body(&message);
        assert!(card.to_string().len() < 28_000, "{}", card.to_string().len());
        let content = &card["attachments"][0]["content"];
        assert_eq!(content["version"], "1.4");
        assert_eq!(content["body"][0]["inlines"][0]["text"], "subject");
        let last = content["body"].as_array().and_then(|b| b.last()).expect("a note");
        assert_eq!(last["inlines"][0]["text"], "note");
    }
}
