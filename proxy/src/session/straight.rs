//! Octets of literals that pass without being looked at: nobody but the framer wants them, and it only counts.

use super::{Neighbour, Session, Stage};
use crate::clock::Moment;

impl Session {
    pub(super) fn straight_octets(&self, from: Neighbour) -> u64 {
        let Stage::Open(_) = self.stage else {
            return 0;
        };
        // Whatever waits for either side has its turn first.
        match from {
            Neighbour::Client if self.out.to_store.is_empty() => self.client.straight(),
            Neighbour::Store if self.out.has_nothing_for_client() => self.store.straight(),
            Neighbour::Client | Neighbour::Store => 0,
        }
    }

    pub(super) fn take_passed(&mut self, from: Neighbour, octets: u64, now: Moment) {
        let octets = octets.min(self.straight_octets(from));
        match from {
            Neighbour::Client => self.client.passed(octets, now),
            Neighbour::Store => {
                self.store.passed(octets);
                self.out.client_took(0, now);
            }
        }
        self.store.resume(now);
    }
}
