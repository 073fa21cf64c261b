//! The state that all requests share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;

use super::books::Books;
use super::clock::{Clock, SystemClock};
use super::exports::Exports;
use super::faults::Faults;
use super::limit::{RateLimit, Standing, Window};
use super::token::Token;
use crate::company::{Company, Settings};

/// A simulated Pennylane: a company, the tokens that open it, and what the server remembers of its clients.
pub struct Sandbox {
    books: RwLock<Arc<Books>>,
    tokens: Vec<Token>,
    clock: Box<dyn Clock>,
    rate_limit: RateLimit,
    /// One window per token, in the order of `tokens`.
    windows: Mutex<Vec<Window>>,
    pub(super) exports: Mutex<Exports>,
    mischief: Mutex<Mischief>,
}

/// The faults, and how far they got.
#[derive(Default)]
struct Mischief {
    faults: Faults,
    requests: u64,
    breaks: u32,
    /// How many pages of a walk each (token, list) has asked for.
    pages: HashMap<(usize, String), u32>,
}

impl Sandbox {
    /// Serves `company` to whoever holds one of `tokens`.
    #[must_use]
    pub fn new(company: Company, tokens: Vec<Token>) -> Sandbox {
        Sandbox {
            books: RwLock::new(Arc::new(Books::new(company))),
            windows: Mutex::new(vec![Window::default(); tokens.len()]),
            tokens,
            clock: Box::new(SystemClock),
            rate_limit: RateLimit::default(),
            exports: Mutex::default(),
            mischief: Mutex::default(),
        }
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Sandbox {
        Sandbox { clock: Box::new(clock), ..self }
    }

    /// The same with another rate limit.
    #[must_use]
    pub fn with_rate_limit(self, rate_limit: RateLimit) -> Sandbox {
        Sandbox { rate_limit, ..self }
    }

    /// The same with these faults.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Sandbox {
        self.set_faults(faults);
        self
    }

    /// Changes the faults while the server runs; their counts start again.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.mischief) = Mischief { faults, ..Mischief::default() };
    }

    /// Changes the company while the server runs. A walk that is under way goes on in the new one:
    /// its cursor is a position, not a snapshot.
    pub fn replace(&self, company: Company) {
        let books = Arc::new(Books::new(company));
        let before = std::mem::replace(
            &mut *self.books.write().unwrap_or_else(PoisonError::into_inner),
            books,
        );
        // Freeing a large company takes a while; no reader waits for it.
        drop(before);
    }

    /// What the present company was generated from; `replace(Company::generate(&settings.advance(1)))` is its next day.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.books().company.settings.clone()
    }

    /// The books as they are now; they stay as they are for as long as they are held.
    pub(super) fn books(&self) -> Arc<Books> {
        Arc::clone(&self.books.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The present instant.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Which token a secret belongs to.
    pub(super) fn recognise(&self, secret: &str) -> Option<(usize, &Token)> {
        self.tokens.iter().enumerate().find(|(_, token)| token.secret == secret)
    }

    /// Counts a request of a token.
    pub(super) fn count(&self, token: usize) -> Standing {
        let now = self.now();
        lock(&self.windows)[token].count(self.rate_limit, now)
    }

    /// The faults of the next answer.
    pub(super) fn faults(&self) -> Faults {
        lock(&self.mischief).faults.clone()
    }

    /// The status to fail with, if this request is one of those that fail.
    pub(super) fn outage(&self) -> Option<u16> {
        let mut mischief = lock(&self.mischief);
        mischief.requests += 1;
        let outage = mischief.faults.outage.filter(|outage| outage.every > 0)?;
        mischief.requests.is_multiple_of(outage.every).then_some(outage.status)
    }

    /// Counts a page of a walk, and tells whether it is to break.
    pub(super) fn breaks(&self, token: usize, list: &str, is_first: bool) -> bool {
        let mut guard = lock(&self.mischief);
        let mischief = &mut *guard;
        let Some(broken) =
            mischief.faults.broken_page.as_ref().filter(|broken| broken.list == list)
        else {
            return false;
        };
        let seen = mischief.pages.entry((token, list.to_owned())).or_default();
        *seen = if is_first { 1 } else { *seen + 1 };
        if *seen != broken.page || mischief.breaks >= broken.times {
            return false;
        }
        // The client asks for the same page again, so it counts once.
        *seen -= 1;
        mischief.breaks += 1;
        true
    }
}

/// Every lock here guards plain values that are whole at all times, so one that was poisoned still serves.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
