//! Counters: how often each event happened, what became of connections and logins, and how many octets were relayed.
//!
//! Labels have closed sets of values ([`labels`]) or are backends' names: never an address, a mailbox, a user, a key.

mod exposition;
mod families;
mod histogram;
mod labels;
mod process;
mod text;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::event::{Event, Record};

use histogram::Histogram;

pub use exposition::Scrape;
pub use families::{ALL as FAMILIES, Family, Kind};
pub use labels::{
    AddressState, HandshakeOutcome, ListenerKind, LoginOutcome, Mechanism, Stage, VaultOutcome,
};
pub use process::Process;
pub use text::CONTENT_TYPE;

/// Some counters with the values of one label, which is their index.
#[derive(Debug)]
struct Counters<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Counters<N> {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; N])
    }
}

impl<const N: usize> Counters<N> {
    fn add(&self, index: usize, more: u64) {
        if let Some(counter) = self.0.get(index) {
            counter.fetch_add(more, Ordering::Relaxed);
        }
    }

    fn read(&self, index: usize) -> u64 {
        let counter = self.0.get(index);
        counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    fn sum(&self) -> u64 {
        (0..N).map(|index| self.read(index)).sum()
    }
}

/// The server's counters.
#[derive(Debug, Default)]
pub struct Metrics {
    events: Counters<{ Event::ALL.len() }>,
    octets: Counters<3>,
    accepted: Counters<{ ListenerKind::ALL.len() }>,
    open: Counters<{ ListenerKind::ALL.len() }>,
    refused: Counters<{ ListenerKind::ALL.len() }>,
    handshakes: Counters<{ HandshakeOutcome::ALL.len() }>,
    logins: [Counters<{ LoginOutcome::ALL.len() }>; Mechanism::ALL.len()],
    login_time: Histogram,
    connect_time: Histogram,
    /// Sent, dropped.
    spans: Counters<2>,
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

impl Metrics {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `event` once.
    pub fn count(&self, event: Event) {
        self.events.add(event as usize, 1);
    }

    /// How often `event` happened.
    #[must_use]
    pub fn counted(&self, event: Event) -> u64 {
        self.events.read(event as usize)
    }

    /// Adds octets that went out.
    pub fn add_octets(&self, way: Way, octets: u64) {
        self.octets.add(way as usize, octets);
    }

    fn octets_sent(&self, way: Way) -> u64 {
        self.octets.read(way as usize)
    }

    /// One more IMAP connection is open: [`Self::opened_at`] says it of any listener.
    pub fn opened(&self) {
        self.opened_at(ListenerKind::Imap);
    }

    /// One IMAP connection less is open.
    pub fn closed(&self) {
        self.closed_at(ListenerKind::Imap);
    }

    /// One more connection was accepted at such a listener, and is open.
    pub fn opened_at(&self, kind: ListenerKind) {
        self.accepted.add(kind as usize, 1);
        self.open.add(kind as usize, 1);
    }

    /// One connection less is open at such a listener.
    pub fn closed_at(&self, kind: ListenerKind) {
        if let Some(open) = self.open.0.get(kind as usize) {
            open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A connection was refused by a limit of such a listener.
    pub fn refused_at(&self, kind: ListenerKind) {
        self.refused.add(kind as usize, 1);
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.sum()
    }

    /// A TLS handshake with a client is over.
    pub fn handshake(&self, outcome: HandshakeOutcome) {
        self.handshakes.add(outcome as usize, 1);
    }

    /// A login has its answer, `took` after its command.
    pub fn login(&self, mechanism: Mechanism, outcome: LoginOutcome, took: Duration) {
        self.logins_of(mechanism).add(outcome as usize, 1);
        self.login_time.observe(took);
    }

    fn logins_of(&self, mechanism: Mechanism) -> &Counters<{ LoginOutcome::ALL.len() }> {
        &self.logins[mechanism as usize]
    }

    /// A backend has greeted, `took` after the first packet to it.
    pub fn backend_connected(&self, took: Duration) {
        self.connect_time.observe(took);
    }

    /// The collector took so many spans.
    pub fn spans_sent(&self, count: u64) {
        self.spans.add(0, count);
    }

    /// So many spans came to nothing: the queue was full, or the collector did not take them.
    pub fn spans_dropped(&self, count: u64) {
        self.spans.add(1, count);
    }

    /// How many did.
    #[must_use]
    pub fn dropped_spans(&self) -> u64 {
        self.spans.read(1)
    }

    /// Every counter's name and value, as they are told in the log.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let events = Event::ALL.iter();
        let events = events.map(|event| (event.name(), self.counted(*event)));
        events.chain([
            ("octets_to_store", self.octets_sent(Way::ToStore)),
            ("octets_to_client", self.octets_sent(Way::ToClient)),
            ("octets_to_vault", self.octets_sent(Way::ToVault)),
            ("connections_open", self.open()),
        ])
    }

    /// Writes every counter that is not zero to the log.
    pub fn tell(&self) {
        for (name, value) in self.all().filter(|(_, value)| *value > 0) {
            Record::of(Event::Counter).reason(name).count(value).write();
        }
    }
}

#[cfg(test)]
mod tests;
