//! Things that go wrong on purpose, so that a client's patience can be tested.

use std::time::Duration;

/// What the server does wrong, on top of its usual behaviour. All off by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Cut the connection in the middle of one page of one list.
    pub broken_page: Option<BrokenPage>,
    /// Answer every n-th request with an error of the server's.
    pub outage: Option<Outage>,
    /// Time that every answer takes longer.
    pub latency: Duration,
    /// A key that the contract does not know, added to every record of every list.
    pub unknown_key: Option<(String, serde_json::Value)>,
}

/// A page of which only the first half arrives before the connection breaks.
#[derive(Debug, Clone)]
pub struct BrokenPage {
    /// Path of the list below `/api/external/v2/`, such as `customers` or `changelogs/products`.
    pub list: String,
    /// Which page of a walk breaks; the request without a cursor is page 1.
    pub page: u32,
    /// How many times it breaks before it arrives whole.
    pub times: u32,
}

/// A server that is regularly not up to it.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// Every how many requests; 1 fails all of them, 0 none.
    pub every: u64,
    /// The status it answers with: 500 or 503.
    pub status: u16,
}
