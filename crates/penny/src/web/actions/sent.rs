//! What a form has sent.

/// Names and values, in the order of the form; a name may be there several times.
#[derive(Clone, Default)]
pub struct Sent(pub Vec<(String, String)>);

impl Sent {
    /// The value of a field; nothing for one that was not sent.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a field, without spaces around it; empty for one that was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default().trim()
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}
