//! Access tokens, and the rights they carry.

use std::fmt;

/// A company token of the simulated Pennylane.
#[derive(Clone)]
pub struct Token {
    /// What the client sends after `Bearer `.
    pub secret: String,
    /// The scopes it was created with, such as `customers:readonly` or `exports:fec`.
    pub scopes: Vec<String>,
    /// What the person who created it called it; the only part that is ever logged.
    pub label: String,
}

impl Token {
    /// A token that may read everything and start every export.
    pub fn reading_everything(secret: impl Into<String>, label: impl Into<String>) -> Token {
        Token {
            secret: secret.into(),
            scopes: super::contract::every_reading_scope().into_iter().map(str::to_owned).collect(),
            label: label.into(),
        }
    }

    /// Whether this token opens an operation that accepts any of `scopes` (none listed: open to all).
    pub(super) fn opens(&self, scopes: &[&str]) -> bool {
        scopes.is_empty() || scopes.iter().any(|scope| self.scopes.iter().any(|own| own == scope))
    }
}

/// The secret stays out of logs.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("label", &self.label)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
