//! A message as Slack's incoming webhooks take it: blocks, and a text for what shows none.

use serde_json::{Value, json};

use super::message::{Item, Line, Message};

/// Slack refuses a longer headline,
const HEADLINE_MAX: usize = 150;
/// and a longer section.
const SECTION_MAX: usize = 2900;

/// The body of the request.
pub fn body(message: &Message) -> Value {
    let sign = match message.kind.as_str() {
        "recovery" | "test" => "✅",
        "failure" | "service" => "🔴",
        _ => "🟠",
    };
    let headline = shortened(&format!("{sign} {}", message.subject), HEADLINE_MAX);
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": headline, "emoji": true },
    })];
    let section = |item: &Item| json!({ "type": "section", "text": { "type": "mrkdwn", "text": markdown(item) } });
    blocks.extend(message.items.iter().map(section));
    if !message.notes.is_empty() {
        let notes = shortened(&escaped(&message.notes.join("\n")), SECTION_MAX);
        blocks.push(json!({
            "type": "context",
            "elements": [{ "type": "mrkdwn", "text": notes }],
        }));
    }
    json!({ "text": escaped(&message.subject), "blocks": blocks })
}

fn markdown(item: &Item) -> String {
    let lines: Vec<String> = item.lines.iter().map(line).collect();
    let text = format!("*{}*\n{}", escaped(&item.title), lines.join("\n"));
    let cut = shortened(&text, SECTION_MAX);
    // Code that was cut off must not swallow what follows.
    if cut.matches("```").count() % 2 == 1 { cut + "```" } else { cut }
}

fn line(line: &Line) -> String {
    let text = escaped(&line.text);
    let text = match (line.code, text.contains('\n')) {
        (false, _) => text,
        (true, false) if !text.contains('`') => format!("`{text}`"),
        (true, _) => format!("```{}```", text.replace("```", "'''")),
    };
    match line.name.as_str() {
        "" => text,
        name => format!("{}: {text}", escaped(name)),
    }
}

/// The three letters that mean something to Slack.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, code: bool) -> Message {
        let line = Line { name: "Error".into(), text: text.into(), code };
        Message {
            id: "i".into(),
            answers: Vec::new(),
            kind: "failure".into(),
            subject: "s".repeat(400),
            items: vec![Item { title: "n".into(), lines: vec![line] }],
            notes: vec!["note".into()],
            facts: Value::Null,
        }
    }

    #[test]
    fn nothing_of_a_notebook_means_something_to_slack() {
        let body = body(&message("<!channel> & `x`", true));
        let text = body["blocks"][1]["text"]["text"].as_str().expect("a text");
        assert_eq!(text, "*n*\nError: ```&lt;!channel&gt; &amp; `x````");
    }

    #[test]
    fn a_long_text_is_cut_to_what_slack_takes() {
        let body = body(&message(&"a\n".repeat(5000), true));
        let text = body["blocks"][1]["text"]["text"].as_str().expect("a text");
        assert!(text.chars().count() <= 3000 && text.ends_with("```"), "{}", text.len());
        let headline = body["blocks"][0]["text"]["text"].as_str().expect("a text");
        assert_eq!(headline.chars().count(), HEADLINE_MAX);
    }
}
