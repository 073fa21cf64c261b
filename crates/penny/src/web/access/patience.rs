//! How long somebody who typed a wrong password has to wait for the next try: longer each time, up to a minute, and
//! each address for itself, so that nobody can lock the others out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many wrong tries cost nothing: people mistype.
const FREE: u32 = 2;
/// No wait is longer.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Wrong tries are forgotten after so long without one.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);
/// No more addresses than this are remembered; then the one that was quiet longest makes room.
const ADDRESSES_MAX: usize = 4096;

/// The wrong tries of each address. Times are those of a clock that nobody can set.
#[derive(Default)]
pub struct Patience {
    wrong: Mutex<HashMap<IpAddr, Wrong>>,
}

struct Wrong {
    tries: u32,
    last: Duration,
}

impl Patience {
    /// Tries, unless the address has to wait: how long then. A right try forgets the wrong ones.
    ///
    /// # Errors
    /// How long the address has to wait.
    pub fn attempt(
        &self,
        from: IpAddr,
        now: Duration,
        is_right: impl FnOnce() -> bool,
    ) -> Result<bool, Duration> {
        let from = counted(from);
        // Held while it is compared: many tries at once are still one after the other.
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = wrong.get(&from) {
            let free_at = known.last + wait(known.tries);
            if now < free_at {
                return Err(free_at - now);
            }
        }
        if is_right() {
            wrong.remove(&from);
            return Ok(true);
        }
        if wrong.len() >= ADDRESSES_MAX && !wrong.contains_key(&from) {
            make_room(&mut wrong, now);
        }
        let known = wrong.entry(from).or_insert(Wrong { tries: 0, last: now });
        if now.saturating_sub(known.last) > FORGOTTEN_AFTER {
            known.tries = 0;
        }
        *known = Wrong { tries: known.tries.saturating_add(1), last: now };
        Ok(false)
    }
}

/// How long so many wrong tries make one wait.
fn wait(tries: u32) -> Duration {
    match tries.checked_sub(FREE + 1) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(6)).min(WAIT_MAX),
    }
}

/// Whoever has one address of IPv6 mostly has all that begin alike: they count as one.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let kept = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(kept))
        }
        v4 => v4,
    }
}

fn make_room(wrong: &mut HashMap<IpAddr, Wrong>, now: Duration) {
    wrong.retain(|_, known| now.saturating_sub(known.last) <= FORGOTTEN_AFTER);
    if wrong.len() >= ADDRESSES_MAX
        && let Some(quiet) = wrong.iter().min_by_key(|(_, known)| known.last).map(|(a, _)| *a)
    {
        wrong.remove(&quiet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn waits_grow_to_a_minute_and_no_further() {
        let patience = Patience::default();
        let mut now = seconds(0);
        let mut waits = Vec::new();
        while waits.len() < 10 {
            if let Err(wait) = patience.attempt(HERE, now, || false) {
                waits.push(wait.as_secs());
                now += wait;
            }
        }
        // The first two wrong tries cost nothing.
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(patience.attempt(HERE, now, || false), Ok(false));
        assert!(
            patience.attempt(HERE, now + seconds(59), || true).is_err(),
            "a right one waits, too"
        );
        assert_eq!(patience.attempt(HERE, now + seconds(60), || true), Ok(true));
    }

    #[test]
    fn nobody_waits_for_the_wrong_tries_of_another_address() {
        let patience = Patience::default();
        for _ in 0..3 {
            let _ = patience.attempt(HERE, seconds(0), || false);
        }
        assert!(patience.attempt(HERE, seconds(0), || true).is_err());
        let other = "192.0.2.7".parse().expect("an address");
        assert_eq!(patience.attempt(other, seconds(0), || true), Ok(true));
    }

    #[test]
    fn one_network_of_ipv6_counts_as_one_address() {
        let patience = Patience::default();
        for host in 1..=3 {
            let from = format!("2001:db8::{host}").parse().expect("an address");
            let _ = patience.attempt(from, seconds(0), || false);
        }
        let another = "2001:db8::99".parse().expect("an address");
        assert!(patience.attempt(another, seconds(0), || true).is_err());
    }

    #[test]
    fn wrong_tries_are_forgotten_after_a_right_one_and_after_an_hour() {
        let patience = Patience::default();
        let _ = patience.attempt(HERE, seconds(0), || false);
        let _ = patience.attempt(HERE, seconds(0), || false);
        assert_eq!(patience.attempt(HERE, seconds(0), || true), Ok(true));
        for _ in 0..2 {
            assert_eq!(patience.attempt(HERE, seconds(1), || false), Ok(false));
        }
        assert_eq!(patience.attempt(HERE, seconds(4000), || false), Ok(false));
        assert_eq!(patience.attempt(HERE, seconds(4000), || true), Ok(true));
    }

    #[test]
    fn only_so_many_addresses_are_remembered() {
        let patience = Patience::default();
        for number in 0..ADDRESSES_MAX as u32 + 50 {
            let from = IpAddr::V4((0x0a00_0000 + number).into());
            let _ = patience.attempt(from, seconds(u64::from(number) / 100), || false);
        }
        assert_eq!(patience.wrong.lock().expect("it holds").len(), ADDRESSES_MAX);
    }
}
