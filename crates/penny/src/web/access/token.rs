//! The token of a login link: it says until when it holds, works once, and only this workspace's key makes one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rand::RngExt as _;

use super::key::{BYTES, Key, Purpose};

/// The link that `penny start` shows: whoever starts it in the evening clicks on it in the morning.
pub const OF_START: SignedDuration = SignedDuration::from_hours(24);
/// The link that `penny dashboard` prints, which is wanted now.
pub const ASKED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// How many bytes tell apart what was made at random.
pub const ID_BYTES: usize = 16;
/// Identifies a token or a session.
pub type Id = [u8; ID_BYTES];

/// A token that was made by this workspace's key.
pub struct Token {
    /// What is remembered of it once it was used.
    pub id: Id,
    /// Until when it holds.
    pub until: Timestamp,
}

/// A new token that holds so long.
pub fn make(key: &Key, now: Timestamp, life: SignedDuration) -> (String, Timestamp) {
    let until = now.saturating_add(life).unwrap_or(Timestamp::MAX).as_second();
    let seconds = until.to_be_bytes();
    let until = Timestamp::from_second(until).unwrap_or(now);
    let id: Id = rand::rng().random();
    let seal = key.seal(Purpose::Login, &[&seconds, &id]);
    (URL_SAFE_NO_PAD.encode([&seconds[..], &id, &seal].concat()), until)
}

/// The token of a text; nothing when this key did not make it. Whether it still holds is for the caller to look at.
pub fn read(key: &Key, text: &str) -> Option<Token> {
    let bytes: [u8; 8 + ID_BYTES + BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (seconds, rest) = bytes.split_at(8);
    let (id, seal) = rest.split_at(ID_BYTES);
    if !key.holds(Purpose::Login, &[seconds, id], seal) {
        return None;
    }
    let seconds = i64::from_be_bytes(seconds.try_into().ok()?);
    Some(Token { id: id.try_into().ok()?, until: Timestamp::from_second(seconds).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_keys_own_and_any_changed_letter_breaks_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = Key::ensure(&folder.path().join("one")).expect("a key");
        let other = Key::ensure(&folder.path().join("two")).expect("a key");
        let (text, until) = make(&key, Timestamp::UNIX_EPOCH, OF_START);
        assert_eq!(until.as_second(), 24 * 3600);
        assert_eq!(read(&key, &text).expect("it is right").until, until);
        assert!(read(&other, &text).is_none());
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("letters");
            assert!(read(&key, &changed).is_none(), "{changed}");
        }
        for wrong in ["", "x", &text[1..], &format!("{text}A"), &format!("{text}="), "é%00"] {
            assert!(read(&key, wrong).is_none(), "{wrong}");
        }
    }
}
