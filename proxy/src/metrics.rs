//! Counters: how often each event happened, and how many octets were relayed. No label, no name of anybody.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::{Event, Record};

/// The server's counters.
#[derive(Debug)]
pub struct Metrics {
    events: Vec<AtomicU64>,
    to_store: AtomicU64,
    to_client: AtomicU64,
    to_vault: AtomicU64,
    open: AtomicU64,
}

/// Which way octets went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// To the store.
    ToStore,
    /// To the client.
    ToClient,
    /// To a vault.
    ToVault,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Self {
        Self {
            events: Event::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            to_store: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
            to_vault: AtomicU64::new(0),
            open: AtomicU64::new(0),
        }
    }

    /// Counts `event` once.
    pub fn count(&self, event: Event) {
        if let Some(counter) = self.events.get(event as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often `event` happened.
    #[must_use]
    pub fn counted(&self, event: Event) -> u64 {
        self.events
            .get(event as usize)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Adds octets that went out.
    pub fn add_octets(&self, way: Way, octets: u64) {
        self.octets(way).fetch_add(octets, Ordering::Relaxed);
    }

    fn octets(&self, way: Way) -> &AtomicU64 {
        match way {
            Way::ToStore => &self.to_store,
            Way::ToClient => &self.to_client,
            Way::ToVault => &self.to_vault,
        }
    }

    /// One more connection is open.
    pub fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// One connection less is open.
    pub fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Every counter's name and value.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let octets = [
            ("octets_to_store", &self.to_store),
            ("octets_to_client", &self.to_client),
            ("octets_to_vault", &self.to_vault),
            ("connections_open", &self.open),
        ];
        Event::ALL
            .iter()
            .map(|event| (event.name(), self.counted(*event)))
            .chain(
                octets
                    .into_iter()
                    .map(|(name, counter)| (name, counter.load(Ordering::Relaxed))),
            )
    }

    /// Writes every counter that is not zero to the log.
    pub fn tell(&self) {
        for (name, value) in self.all().filter(|(_, value)| *value > 0) {
            Record::of(Event::Counter).reason(name).count(value).write();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_own_counter() {
        let metrics = Metrics::new();
        metrics.count(Event::Ready);
        metrics.count(Event::VaultFailed);
        metrics.count(Event::VaultFailed);
        assert_eq!(metrics.counted(Event::Ready), 1);
        assert_eq!(metrics.counted(Event::VaultFailed), 2);
        assert_eq!(metrics.counted(Event::Stopped), 0);
    }
}
