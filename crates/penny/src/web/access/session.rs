//! A session: who has logged in, until when, and the proof that a form is a page of ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rand::RngExt as _;

use super::key::{BYTES, Key, Purpose};
use super::token::{ID_BYTES, Id};

/// A session ends when nobody has come for so long.
pub const IDLE_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// And in any case so long after its login.
const LIFE_MAX: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Its cookie is renewed no more often than this.
const RENEWED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How somebody logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With a link of `penny start` or `penny dashboard`.
    Link,
    /// With the password.
    Password,
    /// Not at all: each request carries the token of the API.
    Api,
}

/// Somebody who may see everything and act, as a request proves it.
#[derive(Clone)]
pub struct Session {
    id: Id,
    way: Way,
    begun: Timestamp,
    until: Timestamp,
    csrf: String,
}

/// The bytes of a cookie before its seal: the way, the begin, the end, the id.
const SAID_BYTES: usize = 1 + 8 + 8 + ID_BYTES;

impl Session {
    /// A new one.
    pub(super) fn begin(key: &Key, way: Way, now: Timestamp) -> Session {
        Session::with(key, rand::rng().random(), way, now, after(now, IDLE_MAX))
    }

    /// That of a cookie, unless another key sealed it or it is over. `password` is the one that holds now: with
    /// another one, the sessions that it began are over.
    pub(super) fn read(key: &Key, cookie: &str, password: &str, now: Timestamp) -> Option<Session> {
        let bytes: [u8; SAID_BYTES + BYTES] =
            URL_SAFE_NO_PAD.decode(cookie).ok()?.try_into().ok()?;
        let (said, seal) = bytes.split_at(SAID_BYTES);
        let way = Way::of_byte(said[0])?;
        if !key.holds(Purpose::Session, &[said, way.sealed_with(password)], seal) {
            return None;
        }
        let time = |at: usize| {
            let seconds = i64::from_be_bytes(said[at..at + 8].try_into().ok()?);
            Timestamp::from_second(seconds).ok()
        };
        let (begun, until) = (time(1)?, time(9)?);
        let id = said[17..].try_into().ok()?;
        let session = Session::with(key, id, way, begun, until);
        (now < until && now < after(begun, LIFE_MAX)).then_some(session)
    }

    fn with(key: &Key, id: Id, way: Way, begun: Timestamp, until: Timestamp) -> Session {
        let csrf = URL_SAFE_NO_PAD.encode(key.seal(Purpose::Form, &[&id]));
        Session { id, way, begun, until, csrf }
    }

    /// What its cookie says.
    pub(super) fn cookie(&self, key: &Key, password: &str) -> String {
        let mut said = vec![self.way as u8];
        said.extend(self.begun.as_second().to_be_bytes());
        said.extend(self.until.as_second().to_be_bytes());
        said.extend(self.id);
        let seal = key.seal(Purpose::Session, &[&said, self.way.sealed_with(password)]);
        said.extend(seal);
        URL_SAFE_NO_PAD.encode(said)
    }

    /// The same with a later end, when it is time for that.
    pub(super) fn renewed(&self, now: Timestamp) -> Option<Session> {
        let until = after(now, IDLE_MAX).min(after(self.begun, LIFE_MAX));
        let gained = until.duration_since(self.until);
        let due = self.way != Way::Api && gained >= RENEWED_AFTER;
        due.then(|| Session { until, ..self.clone() })
    }

    /// What identifies it.
    pub(super) fn id(&self) -> &Id {
        &self.id
    }

    /// What a form has to send back, in its field `csrf` or the header `X-CSRF-Token`: no other page knows it.
    pub fn csrf(&self) -> String {
        self.csrf.clone()
    }

    /// How its owner logged in.
    pub fn way(&self) -> Way {
        self.way
    }

    /// Until when it holds, if nobody comes back.
    pub fn until(&self) -> Timestamp {
        self.until
    }
}

impl Way {
    fn of_byte(byte: u8) -> Option<Way> {
        [Way::Link, Way::Password].into_iter().find(|way| *way as u8 == byte)
    }

    /// What a change of ends its sessions.
    fn sealed_with(self, password: &str) -> &[u8] {
        match self {
            Way::Password => password.as_bytes(),
            Way::Link | Way::Api => b"",
        }
    }
}

fn after(at: Timestamp, length: SignedDuration) -> Timestamp {
    at.saturating_add(length).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn key() -> Key {
        let folder = tempfile::tempdir().expect("a folder");
        Key::ensure(&folder.path().join("key")).expect("a key")
    }

    fn days(count: i64) -> Timestamp {
        after(START, SignedDuration::from_hours(24 * count))
    }

    #[test]
    fn a_session_lasts_while_its_owner_comes_back_and_a_year_at_most() {
        let key = key();
        let mut session = Session::begin(&key, Way::Link, START);
        let read = |cookie: &str, at| Session::read(&key, cookie, "", at);
        assert!(read(&session.cookie(&key, ""), days(29)).is_some());
        assert!(read(&session.cookie(&key, ""), days(30)).is_none());
        assert!(session.renewed(after(START, SignedDuration::from_hours(23))).is_none());
        for day in 1..365 {
            session = session.renewed(days(day)).unwrap_or(session);
            assert!(read(&session.cookie(&key, ""), days(day)).is_some(), "day {day}");
        }
        assert!(session.renewed(days(365)).is_none());
        assert!(read(&session.cookie(&key, ""), days(365)).is_none());
    }

    #[test]
    fn a_changed_cookie_is_none() {
        let key = key();
        let session = Session::begin(&key, Way::Link, START);
        let cookie = session.cookie(&key, "");
        for place in 0..cookie.len() {
            let mut changed = cookie.clone().into_bytes();
            changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("letters");
            assert!(Session::read(&key, &changed, "", START).is_none(), "{changed}");
        }
        assert!(Session::read(&key, "", "", START).is_none());
        assert!(Session::read(&self::key(), &cookie, "", START).is_none());
    }

    #[test]
    fn another_password_ends_the_sessions_that_the_one_before_began() {
        let key = key();
        let by_password = Session::begin(&key, Way::Password, START).cookie(&key, "lapin");
        let by_link = Session::begin(&key, Way::Link, START).cookie(&key, "lapin");
        assert!(Session::read(&key, &by_password, "lapin", START).is_some());
        assert!(Session::read(&key, &by_password, "lapine", START).is_none());
        assert!(Session::read(&key, &by_link, "lapine", START).is_some());
    }

    #[test]
    fn each_session_has_a_proof_of_its_own() {
        let key = key();
        let one = Session::begin(&key, Way::Link, START);
        let other = Session::begin(&key, Way::Link, START);
        assert_ne!(one.csrf(), other.csrf());
        let renewed = one.renewed(days(2)).expect("it is time");
        assert_eq!(renewed.csrf(), one.csrf());
    }
}
