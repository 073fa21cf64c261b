//! What a verification finds, in words.

use jiff::Timestamp;
use serde_json::{Value, json};

/// What was done to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// It says something else than it did when it was sealed.
    Altered,
    /// It is gone.
    Removed,
    /// It was never sealed.
    Added,
}

impl Tampering {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Tampering::Altered => "altered",
            Tampering::Removed => "removed",
            Tampering::Added => "added",
        }
    }
}

/// One thing of the history that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was done.
    pub what: Tampering,
    /// The number of the record in the chain, when it has one.
    pub record: Option<i64>,
    /// What kind of record it is: `run`, `publish`, …
    pub kind: String,
    /// The number of the run, publish, … itself.
    pub of: Option<i64>,
    /// The notebook that it is about; for a publish the table.
    pub about: String,
    /// When that run, publish, … was.
    pub at: Option<Timestamp>,
    /// The fields, or the file, that were altered.
    pub places: Vec<String>,
    /// A sentence.
    pub sentence: String,
}

impl Finding {
    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "what": self.what.word(),
            "record": self.record,
            "kind": self.kind,
            "id": self.of,
            "about": self.about,
            "at": self.at.map(|at| at.to_string()),
            "places": self.places,
            "message": self.sentence,
        })
    }
}

/// The end of the chain: who writes it down can tell later that nothing before it was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last record.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// What a verification came to.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// How many records the chain has.
    pub records: u64,
    /// How many output notebooks were read and compared.
    pub outputs: u64,
    /// How many are gone by the retention of penny.toml, as sealed records say.
    pub pruned: u64,
    /// How many runs are from before the chain began: their output notebooks cannot be compared.
    pub before_chain: u64,
    /// How many files of the outputs' folder belong to no run, and say nothing of one.
    pub strangers: u64,
    /// The end of the chain; nothing when it has no record.
    pub head: Option<Head>,
    /// What was altered, removed or added.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// Whether nothing was altered.
    pub fn is_intact(&self) -> bool {
        self.findings.is_empty()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let head = self.head.as_ref().map(|h| json!({ "record": h.number, "hash": h.hash }));
        json!({
            "intact": self.is_intact(),
            "records": self.records,
            "outputs": self.outputs,
            "pruned": self.pruned,
            "before_chain": self.before_chain,
            "strangers": self.strangers,
            "head": head,
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
        })
    }
}
