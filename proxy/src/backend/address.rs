//! One address of a store: its health, its connections, and the ticket that a connection holds.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rustls::pki_types::ServerName;

use super::{
    Means,
    health::{Admission, Change, Health, Stage, Standing, State},
};
use crate::{
    clock::Moment,
    config::{BackendName, Breaker},
    event::{Event, Record},
};

/// An address, and the name that its certificate must have.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) socket: SocketAddr,
    pub(super) name: Option<ServerName<'static>>,
    pub(super) shared: Arc<Shared>,
}

/// What all connections to an address share. It outlives a reload.
#[derive(Debug)]
pub(super) struct Shared {
    backend: BackendName,
    socket: SocketAddr,
    health: Mutex<Health>,
    connections: Arc<Count>,
    /// Failures ever, by stage.
    failed: [AtomicU64; Stage::ALL.len()],
}

/// How an address has fared, for the admin listener.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressHealth {
    /// The backend's name.
    pub backend: BackendName,
    /// The address.
    pub address: SocketAddr,
    /// What it is good for.
    pub state: State,
    /// Failures in a row.
    pub failures: u32,
    /// Connections open.
    pub connections: u64,
    /// Where the last failure was, if there was one.
    pub last_failure: Option<Stage>,
    /// Failures ever, in the order of [`Stage::ALL`].
    pub failed: [u64; Stage::ALL.len()],
}

impl Shared {
    pub(super) fn new(backend: &BackendName, socket: SocketAddr) -> Self {
        Self {
            backend: backend.clone(),
            socket,
            health: Mutex::default(),
            connections: Arc::default(),
            failed: Default::default(),
        }
    }

    /// A ticket for one connection, unless the address is left alone; then the stage that closed it.
    pub(super) fn admit(
        self: &Arc<Self>,
        client: IpAddr,
        breaker: Breaker,
        means: &Means,
    ) -> Result<Ticket, Option<Stage>> {
        let mut health = self.health();
        let Some(admission) = health.admit(means.clock.now()) else {
            return Err(health.last());
        };
        Ok(Ticket {
            address: Arc::clone(self),
            admission,
            client,
            breaker,
            means: means.clone(),
            _at_address: self.connections.one_more(),
            _at_backend: None,
        })
    }

    /// What connections are given by: those that failed lately last, those with fewer connections first.
    pub(super) fn burden(&self, breaker: &Breaker, now: Moment) -> (Standing, u64) {
        let standing = self.health().standing(breaker, now);
        (standing, self.connections.now())
    }

    pub(super) fn tell(&self) -> AddressHealth {
        let health = self.health();
        AddressHealth {
            backend: self.backend.clone(),
            address: self.socket,
            state: health.state(),
            failures: health.failures(),
            connections: self.connections.now(),
            last_failure: health.last(),
            failed: self
                .failed
                .each_ref()
                .map(|count| count.load(Ordering::Relaxed)),
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place at its address and backend; it counts until it is dropped. Who has logged in by it says how
/// that went.
#[derive(Debug)]
pub struct Ticket {
    address: Arc<Shared>,
    admission: Admission,
    client: IpAddr,
    breaker: Breaker,
    means: Means,
    _at_address: One,
    _at_backend: Option<One>,
}

impl Ticket {
    /// The address that it is a place at.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address.socket
    }

    /// The store accepted a login.
    pub fn accepted(&mut self) {
        self.passed(Stage::Login);
    }

    /// The store refused a login for what the client sent. It has judged: that is its work.
    pub fn refused(&mut self) {
        self.passed(Stage::Login);
    }

    /// The store owed the answer to a login: it closed, was silent, broke the protocol, or said that it cannot.
    pub fn failed(&mut self) {
        self.failed_at(Stage::Login);
    }

    pub(super) fn passed(&mut self, stage: Stage) {
        let change = self.address.health().succeeded(self.admission, stage);
        self.tell(change, stage);
    }

    pub(super) fn failed_at(&mut self, stage: Stage) {
        let now = self.means.clock.now();
        let outcome = (self.admission, stage);
        if let Some(count) = self.address.failed.get(stage as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let mut health = self.address.health();
        let change = health.failed(outcome, self.client, &self.breaker, now);
        drop(health);
        self.admission = Admission::Ordinary; // a try that has failed is over
        self.tell(change, stage);
    }

    /// No more outcomes will be told: if this was the try, another may try.
    pub(super) fn end_of_trial(&mut self) {
        let now = self.means.clock.now();
        self.address.health().gave_up(self.admission, now);
        self.admission = Admission::Ordinary;
    }

    pub(super) fn with_place(mut self, place: One) -> Self {
        self._at_backend = Some(place);
        self
    }

    fn tell(&mut self, change: Change, stage: Stage) {
        let event = match change {
            Change::Nothing => return,
            Change::WentDown => Event::BackendDown,
            Change::CameUp => Event::BackendUp,
        };
        self.admission = Admission::Ordinary;
        Record::of(event)
            .backend(&self.address.backend)
            .address(self.address.socket)
            .reason(stage.word())
            .log(&self.means.metrics);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end_of_trial();
    }
}

/// How many of something there are.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

/// One of them; dropping it takes it off.
#[derive(Debug)]
pub(super) struct One(Arc<Count>);

impl Count {
    pub(super) fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn one_more(self: &Arc<Self>) -> One {
        self.0.fetch_add(1, Ordering::Relaxed);
        One(Arc::clone(self))
    }

    /// One more, unless there are `most`.
    pub(super) fn one_of(self: &Arc<Self>, most: u64) -> Option<One> {
        let more = |now: u64| (now < most).then(|| now.saturating_add(1));
        let added = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        added.is_ok().then(|| One(Arc::clone(self)))
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
