//! What failed logins cost: who has just failed waits before the next attempt is passed on, longer each time.
//!
//! Dovecot's curve, so that a move from there changes nothing for anybody: 2, 4, 8, then 15 seconds. Counted on the
//! client's real address, IPv6 by /64. No I/O and no clock in here; the caller does the waiting.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{clock::Moment, oldest::Oldest, places::network};

/// The waits after the first, second, third failure and all later ones, in seconds.
const CURVE: [u64; 4] = [2, 4, 8, 15];

/// After so long without a failure all is forgotten: the curve's sum, as with Dovecot.
const FORGOTTEN: Duration = Duration::from_secs(2 + 4 + 8 + 15);

/// The most networks remembered; about 6 MiB.
const NETWORKS: usize = 65_536;

/// Who failed lately, and how often.
#[derive(Debug)]
pub struct Penalties {
    failed: Mutex<Oldest<IpAddr, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: usize,
    last: Moment,
}

impl Default for Penalties {
    fn default() -> Self {
        Self::new()
    }
}

impl Penalties {
    /// Nobody has failed.
    #[must_use]
    pub fn new() -> Self {
        Self::remembering(NETWORKS)
    }

    fn remembering(networks: usize) -> Self {
        Self {
            failed: Mutex::new(Oldest::new(networks)),
        }
    }

    /// How long an attempt from `client` is to wait before it is passed on.
    #[must_use]
    pub fn delay(&self, client: IpAddr, now: Moment) -> Duration {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = failed
            .find(&network(client))
            .map_or(0, |failures| failures.at(now));
        let step = failures.min(CURVE.len()).checked_sub(1);
        Duration::from_secs(step.and_then(|step| CURVE.get(step)).map_or(0, |s| *s))
    }

    /// An attempt from `client` was refused for its credentials.
    pub fn failed(&self, client: IpAddr, now: Moment) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let network = network(client);
        let before = failed.find(&network).map_or(0, |failures| failures.at(now));
        let failures = Failures {
            count: before.saturating_add(1),
            last: now,
        };
        failed.put(network, failures);
    }

    /// An attempt from `client` was accepted: all is forgotten.
    pub fn succeeded(&self, client: IpAddr) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take(&network(client));
    }
}

impl Failures {
    /// How many still count.
    fn at(&self, now: Moment) -> usize {
        if now.since(self.last) < FORGOTTEN {
            self.count
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::at(Duration::from_secs(seconds))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_failure_costs_more_up_to_fifteen_seconds() {
        let penalties = Penalties::new();
        let client = address("192.0.2.1");
        let waits: Vec<_> = (0..7)
            .map(|_| {
                let wait = penalties.delay(client, at(1)).as_secs();
                penalties.failed(client, at(1));
                wait
            })
            .collect();
        assert_eq!(waits, [0, 2, 4, 8, 15, 15, 15]);
    }

    #[test]
    fn a_success_or_time_ends_it() {
        let penalties = Penalties::new();
        let client = address("192.0.2.1");
        penalties.failed(client, at(0));
        penalties.failed(client, at(10));
        assert_eq!(penalties.delay(client, at(38)).as_secs(), 4);
        assert_eq!(penalties.delay(client, at(39)).as_secs(), 0);
        penalties.failed(client, at(50));
        assert_eq!(
            penalties.delay(client, at(50)).as_secs(),
            2,
            "from the start again"
        );
        penalties.succeeded(client);
        assert_eq!(penalties.delay(client, at(50)).as_secs(), 0);
    }

    #[test]
    fn a_network_of_ipv6_pays_together_and_an_address_of_ipv4_alone() {
        let penalties = Penalties::new();
        penalties.failed(address("2001:db8::1"), at(0));
        penalties.failed(address("192.0.2.1"), at(0));
        let waits = |text| penalties.delay(address(text), at(0)).as_secs();
        assert_eq!(waits("2001:db8::2"), 2);
        assert_eq!(waits("2001:db8:0:1::1"), 0);
        assert_eq!(waits("192.0.2.2"), 0);
        assert_eq!(
            waits("::ffff:192.0.2.1"),
            2,
            "the same address, written in IPv6"
        );
    }

    #[test]
    fn the_table_is_bounded() {
        let penalties = Penalties::remembering(2);
        for client in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            penalties.failed(address(client), at(0));
        }
        assert_eq!(penalties.delay(address("192.0.2.1"), at(0)).as_secs(), 0);
        assert_eq!(penalties.delay(address("192.0.2.3"), at(0)).as_secs(), 2);
    }
}
