//! The way to one backend: its addresses as they are now, which of them is tried, and how many connections it has.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{net::TcpStream, time::timeout_at};
use wire::imap::{Capabilities, sasl::Mechanism};

use super::{
    Caller, Means, Store, Unreachable, Upstream,
    address::{Address, AddressHealth, Count, One, Shared, Ticket},
    connect::{self, Fault, Greeted, Manner},
    health::Stage,
    trust::{self, Files},
};
use crate::{
    config::{Backend, BackendName, ConfigError, Security, StoreAddress},
    event::{Event, Record},
};

/// How many addresses one client tries: its patience is not longer, and a backend of many should not be knocked at by all.
const TRIES: usize = 3;

/// The way to one backend.
#[derive(Debug)]
pub(super) struct Road {
    pub(super) store: Arc<Store>,
    tls: Option<Arc<ClientConfig>>,
    /// Each configured address, and the name that the certificate there must have.
    targets: Vec<(StoreAddress, Option<ServerName<'static>>)>,
    /// As the names were last looked up.
    addresses: Mutex<Vec<Address>>,
    /// Where the next one begins.
    turn: AtomicUsize,
    connections: Arc<Count>,
    /// The `AUTH=` capabilities of known mechanisms that the store last offered.
    seen: Mutex<Option<Capabilities>>,
}

impl Road {
    /// The way to `backend`. Of `before`, the same backend's way until now, the addresses' health is kept.
    pub(super) fn new(
        name: &BackendName,
        backend: &Backend,
        files: Files,
        before: Option<&Self>,
    ) -> Result<Self, ConfigError> {
        let tls = match backend.security.get_ref() {
            Security::Tls | Security::Starttls => Some(trust::for_store(name, backend, &files)?),
            Security::Loopback => None,
        };
        let targets = backend.addresses.iter().map(|address| {
            let proven = match tls {
                Some(_) => Some(certificate_name(name, backend, address)?),
                None => None,
            };
            Ok((address.clone(), proven))
        });
        Ok(Self {
            targets: targets.collect::<Result<_, _>>()?,
            tls,
            addresses: Mutex::new(before.map(Self::addresses).unwrap_or_default()),
            turn: AtomicUsize::new(0),
            connections: before.map_or_else(Arc::default, |road| Arc::clone(&road.connections)),
            seen: Mutex::new(before.and_then(Self::seen)),
            store: Arc::new(Store {
                name: name.clone(),
                config: backend.clone(),
                master_password: files.master_password,
            }),
        })
    }

    /// Goes to the first address that will do, all the way to the store's capabilities.
    pub(super) async fn dial(
        &self,
        caller: Caller<'_>,
        means: &Means,
    ) -> Result<Upstream, Unreachable> {
        let manner = Manner {
            backend: &self.store.config,
            tls: self.tls.as_ref(),
            header: means.header,
        };
        let mut tour = self.tour(caller, means).await?;
        while let Some((address, ticket)) = tour.next() {
            let began = means.clock.now();
            match manner.reach(&address, caller).await {
                Ok(greeted) => {
                    let took = means.clock.now().since(began);
                    means.metrics.backend_connected(took);
                    return Ok(self.open(greeted, tour.reached(ticket, Stage::Greeting)));
                }
                Err(fault) => tour.failed(&address, ticket, fault),
            }
        }
        Err(tour.end())
    }

    fn open(&self, greeted: Greeted, ticket: Ticket) -> Upstream {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(mechanisms(&greeted.capabilities));
        drop(seen);
        Upstream {
            socket: greeted.socket,
            surplus: greeted.surplus,
            capabilities: greeted.capabilities,
            backend: Arc::clone(&self.store),
            ticket,
        }
    }

    /// Goes to the first address that can be connected to.
    pub(super) async fn connect(
        &self,
        caller: Caller<'_>,
        means: &Means,
    ) -> Result<(TcpStream, Ticket), Unreachable> {
        let time = self.store.config.connect_seconds.duration();
        let mut tour = self.tour(caller, means).await?;
        while let Some((address, ticket)) = tour.next() {
            match connect::connect(&address, connect::after(time)).await {
                Ok(socket) => {
                    let mut ticket = tour.reached(ticket, Stage::Connect);
                    // Nobody sees what comes after: it can say no more.
                    ticket.end_of_trial();
                    return Ok((socket, ticket));
                }
                Err(stage) => tour.failed(&address, ticket, stage.into()),
            }
        }
        Err(tour.end())
    }

    async fn tour<'a>(
        &'a self,
        caller: Caller<'_>,
        means: &'a Means,
    ) -> Result<Tour<'a>, Unreachable> {
        let place = self.place().ok_or(Unreachable::Limit)?;
        let addresses = self.resolve(means).await;
        if addresses.is_empty() {
            return Err(self.unavailable(Stage::Resolve, means));
        }
        Ok(Tour {
            road: self,
            means,
            client: caller.address(),
            addresses: addresses.into_iter(),
            place,
            tried: 0,
            why: None,
        })
    }

    fn place(&self) -> Option<One> {
        match self.store.config.connections {
            Some(most) => self.connections.one_of(most.get().into()),
            None => Some(self.connections.one_more()),
        }
    }

    /// All addresses, in the order in which they are tried: those with failures last, then those with fewer connections
    /// first, and among equals each in turn.
    async fn resolve(&self, means: &Means) -> Vec<Address> {
        let mut found: Vec<(SocketAddr, Option<ServerName<'static>>)> = Vec::new();
        let until = connect::after(self.store.config.connect_seconds.duration());
        for (target, name) in &self.targets {
            let asking = means.names.resolve(target.host(), target.port());
            if let Ok(Ok(sockets)) = timeout_at(until, asking).await {
                found.extend(sockets.into_iter().map(|socket| (socket, name.clone())));
            }
        }
        if self.store.config.security.get_ref() == &Security::Loopback {
            // Cleartext never leaves the machine, whatever a resolver says (RFC 8314 §3).
            found.retain(|(socket, _)| socket.ip().is_loopback());
        }
        let mut seen = HashSet::new();
        found.retain(|(socket, _)| seen.insert(*socket));
        let mut addresses = self.known(found);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let begin = turn.checked_rem(addresses.len()).unwrap_or(0);
        addresses.rotate_left(begin);
        let (breaker, now) = (self.store.config.breaker, means.clock.now());
        addresses.sort_by_cached_key(|address| address.shared.burden(&breaker, now));
        addresses
    }

    /// The addresses with the health of those that are known already. What is not found any more is forgotten.
    fn known(&self, found: Vec<(SocketAddr, Option<ServerName<'static>>)>) -> Vec<Address> {
        let mut addresses = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if found.is_empty() {
            return Vec::new();
        }
        let shared = |socket| {
            let mut known = addresses.iter();
            known
                .find(|address| address.socket == socket)
                .map(|address| Arc::clone(&address.shared))
        };
        let now: Vec<_> = found
            .into_iter()
            .map(|(socket, name)| Address {
                socket,
                name,
                shared: shared(socket)
                    .unwrap_or_else(|| Arc::new(Shared::new(&self.store.name, socket))),
            })
            .collect();
        addresses.clone_from(&now);
        now
    }

    fn tell(&self, address: &Address, fault: Fault, means: &Means) {
        if let Some(refused) = fault.refused {
            Record::of(Event::StoreRefused)
                .backend(&self.store.name)
                .address(address.socket)
                .reason(refused.reason())
                .log(&means.metrics);
        }
        Record::of(Event::StoreUnreachable)
            .backend(&self.store.name)
            .address(address.socket)
            .reason(fault.stage.word())
            .log(&means.metrics);
    }

    fn unavailable(&self, stage: Stage, means: &Means) -> Unreachable {
        Record::of(Event::StoreUnreachable)
            .backend(&self.store.name)
            .reason(stage.word())
            .log(&means.metrics);
        Unreachable::Unavailable(stage)
    }

    /// The `AUTH=` capabilities of known mechanisms that the store last offered.
    pub(super) fn seen(&self) -> Option<Capabilities> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    pub(super) fn health(&self) -> impl Iterator<Item = AddressHealth> {
        self.addresses()
            .into_iter()
            .map(|address| address.shared.tell())
    }

    fn addresses(&self) -> Vec<Address> {
        let addresses = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        addresses.clone()
    }
}

/// One client's way along the addresses.
struct Tour<'a> {
    road: &'a Road,
    means: &'a Means,
    client: IpAddr,
    addresses: std::vec::IntoIter<Address>,
    place: One,
    tried: usize,
    /// Where the last try failed, or what the first address that is left alone is left alone for.
    why: Option<Stage>,
}

impl Tour<'_> {
    /// The next address that is not left alone.
    fn next(&mut self) -> Option<(Address, Ticket)> {
        if self.tried == TRIES {
            return None;
        }
        let breaker = self.road.store.config.breaker;
        for address in self.addresses.by_ref() {
            match address.shared.admit(self.client, breaker, self.means) {
                Ok(ticket) => {
                    self.tried += 1;
                    return Some((address, ticket));
                }
                Err(closed) => self.why = self.why.or(closed),
            }
        }
        None
    }

    fn failed(&mut self, address: &Address, mut ticket: Ticket, fault: Fault) {
        ticket.failed_at(fault.stage);
        self.road.tell(address, fault, self.means);
        self.why = Some(fault.stage);
    }

    fn reached(self, mut ticket: Ticket, stage: Stage) -> Ticket {
        ticket.passed(stage);
        ticket.with_place(self.place)
    }

    fn end(self) -> Unreachable {
        let why = self.why.unwrap_or(Stage::Connect);
        if self.tried > 0 {
            return Unreachable::Unavailable(why);
        }
        // Nothing was tried, so nothing was told yet.
        self.road.unavailable(why, self.means)
    }
}

/// The name that a store's certificate must have: the configured one, else the host's.
fn certificate_name(
    name: &BackendName,
    backend: &Backend,
    address: &StoreAddress,
) -> Result<ServerName<'static>, ConfigError> {
    let wanted = backend.name.as_deref().unwrap_or(address.host());
    ServerName::try_from(wanted.to_owned()).map_err(|_| {
        ConfigError::new(
            format!("backend.{name}.name: {wanted:?} is not a host name"),
            "write the name that stands in the store's certificate",
        )
    })
}

/// The `AUTH=` capabilities of mechanisms that are known, each once (RFC 9051 §7.2.2): every connection looks through them, so a
/// store must not be able to make it many.
fn mechanisms(capabilities: &Capabilities) -> Capabilities {
    let mut known = Capabilities::default();
    for name in capabilities.iter() {
        match mechanism(name) {
            Some(Mechanism::Other(_)) | None => {}
            Some(mechanism) => known.add(&mechanism.capability()),
        }
    }
    known
}

fn mechanism(capability: &str) -> Option<Mechanism> {
    let (auth, name) = capability.split_at_checked(5)?;
    auth.eq_ignore_ascii_case("AUTH=")
        .then(|| Mechanism::new(name))
}
