//! The stores behind: which one a user is at, and a connection there that is proven and has greeted.
//!
//! | module | holds |
//! | --- | --- |
//! | [`routing`], [`map`], `lookup` | which backend a user is at |
//! | `road`, `address`, [`health`] | a backend's addresses, which is tried, which is left alone |
//! | [`names`] | names looked up, by somebody else |
//! | [`trust`] | what a store must prove |
//! | `connect`, [`greeting`] | the stages of a connection |
//! | `socket` | a connection with TLS or without |
//!
//! No file is opened here: what a configuration names by file is given as [`Parts`]. Nobody is ever connected to another
//! backend than the one that the rules name, however the rest fails.

mod address;
mod connect;
pub mod greeting;
pub mod health;
mod lookup;
pub mod map;
pub mod names;
mod road;
pub mod routing;
mod socket;
pub mod trust;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use wire::{Confidential, imap::Capabilities};

pub(crate) use self::socket::prepare;
pub use self::{
    address::{AddressHealth, Ticket},
    socket::Socket,
};
use self::{
    health::Stage,
    lookup::Lookup,
    map::MapTable,
    names::{Names, Resolver},
    road::Road,
    routing::{NoRoute, Routes},
    trust::Files,
};
use crate::{
    clock::Clock,
    config::{Backend, BackendName, Config, ConfigError, ProxyProtocolOut},
    event::{Event, Record},
    metrics::Metrics,
    peer::Peer,
    proxy_protocol,
};

/// For whom a store is connected to.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// For this client.
    Client(&'a Peer),
    /// For nobody but the server itself, which probes.
    Ourselves,
}

impl Caller<'_> {
    /// Whose failures and successes are counted.
    fn address(self) -> IpAddr {
        match self {
            Self::Client(peer) => peer.client.ip(),
            Self::Ourselves => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }
    }
}

/// Writes the PROXY protocol header that tells a store of a caller.
pub type ProxyHeader = fn(ProxyProtocolOut, Caller<'_>) -> Vec<u8>;

/// What the server gives to all its backends.
#[derive(Clone, Debug)]
pub struct Means {
    /// Looks names up.
    pub names: Arc<Names>,
    /// Writes PROXY protocol headers.
    pub header: ProxyHeader,
    /// The server's clock.
    pub clock: Clock,
    /// The server's counters.
    pub metrics: Arc<Metrics>,
}

impl Means {
    /// The server's: names are asked of `resolver`.
    #[must_use]
    pub fn new(resolver: Resolver, clock: Clock, metrics: Arc<Metrics>) -> Self {
        Self {
            names: Arc::new(Names::new(resolver, clock)),
            header,
            clock,
            metrics,
        }
    }

    /// For whoever only wants to know whether backends could be made.
    pub(crate) fn of_nobody() -> Self {
        let resolver = Resolver::Fixed(BTreeMap::new());
        Self::new(resolver, Clock::start(), Arc::default())
    }
}

/// The PROXY protocol header for a caller.
fn header(form: ProxyProtocolOut, caller: Caller<'_>) -> Vec<u8> {
    match caller {
        Caller::Client(peer) => proxy_protocol::written(form, peer),
        Caller::Ourselves => proxy_protocol::written_for_nobody(form),
    }
}

/// What a configuration names by file, read by whoever may.
#[derive(Debug, Default)]
pub struct Parts {
    /// For each backend that names any.
    pub files: BTreeMap<BackendName, Files>,
    /// The users' map; empty if there is none.
    pub map: MapTable,
    /// The authorities of `routing.lookup.ca`; none: the public ones.
    pub lookup_authorities: Vec<CertificateDer<'static>>,
}

/// A backend, as a session knows it.
#[derive(Debug)]
pub struct Store {
    /// Its name.
    pub name: BackendName,
    /// What the configuration says of it.
    pub config: Backend,
    /// The password of its master login.
    pub master_password: Option<Confidential>,
}

/// A store that has greeted and waits for a login.
#[derive(Debug)]
pub struct Upstream {
    /// The connection.
    pub socket: Socket,
    /// Octets that were read behind the greeting; normally none.
    pub surplus: Vec<u8>,
    /// What the store can do, as it said over this very connection, protected.
    pub capabilities: Capabilities,
    /// Which backend it is.
    pub backend: Arc<Store>,
    /// Its place; say by it how the login goes.
    pub ticket: Ticket,
}

/// Why there is no store for somebody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unreachable {
    /// The user is at no backend.
    NoRoute,
    /// The routing server failed.
    Lookup,
    /// No address of the backend will do; the last failed here.
    Unavailable(Stage),
    /// The backend has as many connections as it may.
    Limit,
}

/// All backends of one configuration. A reload makes new ones; whoever has these keeps them.
#[derive(Clone, Debug)]
pub struct Backends(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    routes: Routes,
    roads: BTreeMap<BackendName, Road>,
    means: Means,
}

impl Backends {
    /// The backends of `config`. Of `before`, those until now, the addresses' health is kept.
    ///
    /// # Errors
    /// When something that `config` names cannot be used; `before` is as it was.
    pub fn new(
        config: &Config,
        mut parts: Parts,
        means: Means,
        before: Option<&Self>,
    ) -> Result<Self, ConfigError> {
        let roads = config.backend.iter().map(|(name, backend)| {
            let files = parts.files.remove(name).unwrap_or_default();
            let before = before.and_then(|before| before.0.roads.get(name));
            Ok((name.clone(), Road::new(name, backend, files, before)?))
        });
        let roads: BTreeMap<_, _> = roads.collect::<Result<_, _>>()?;
        let names: BTreeSet<_> = roads.keys().cloned().collect();
        let lookup = config.routing.lookup.as_ref().map(|lookup| {
            let means = (
                Arc::clone(&means.names),
                means.clock,
                Arc::clone(&means.metrics),
            );
            Lookup::new(lookup, &parts.lookup_authorities, names, means)
        });
        let metrics = Arc::clone(&means.metrics);
        Ok(Self(Arc::new(Inner {
            routes: Routes::new(config, parts.map, lookup.transpose()?, metrics),
            roads,
            means,
        })))
    }

    /// Which backend a user is at; the users' map is replaced here.
    #[must_use]
    pub fn routes(&self) -> &Routes {
        &self.0.routes
    }

    /// Connects to the store that `user`, as written in the login, is at. Dropping the future gives the attempt up.
    ///
    /// # Errors
    /// [`Unreachable`], which is logged already.
    pub async fn dial(&self, user: &str, peer: &Peer) -> Result<Upstream, Unreachable> {
        let name = self.find(user).await?;
        self.reach(&name, peer).await
    }

    /// The backend that `user`, as written in the login, is at.
    ///
    /// # Errors
    /// [`Unreachable::NoRoute`] or [`Unreachable::Lookup`], which is logged already.
    pub async fn find(&self, user: &str) -> Result<BackendName, Unreachable> {
        let found = self.0.routes.find(user).await;
        found.map_err(|why| match why {
            NoRoute::Unknown => self.unrouted(Unreachable::NoRoute),
            NoRoute::Lookup => self.unrouted(Unreachable::Lookup),
        })
    }

    /// Connects to backend `name`, up to its greeting.
    ///
    /// # Errors
    /// [`Unreachable`], which is logged already.
    pub async fn reach(&self, name: &BackendName, peer: &Peer) -> Result<Upstream, Unreachable> {
        let dialled = self
            .road(name)?
            .dial(Caller::Client(peer), &self.0.means)
            .await;
        dialled.map_err(|why| self.told(name, why))
    }

    /// Connects to an address of backend `name`, and no more: for what is passed on unopened. The caller writes the PROXY
    /// header, and keeps the ticket as long as the connection.
    ///
    /// # Errors
    /// [`Unreachable`], which is logged already.
    pub async fn connect(
        &self,
        name: &BackendName,
        peer: &Peer,
    ) -> Result<(TcpStream, Ticket), Unreachable> {
        let connected = self
            .road(name)?
            .connect(Caller::Client(peer), &self.0.means)
            .await;
        connected.map_err(|why| self.told(name, why))
    }

    /// Connects to every backend once, up to its greeting, and closes again: so that [`Self::mechanisms`] is known before
    /// the first login, and that an address which was left alone is found to work again without a client's patience. A
    /// failure counts as one in a row, but for no client: with a single client's it opens no breaker.
    pub async fn probe(&self) {
        for road in self.0.roads.values() {
            // What came of it is in the log, the health and the mechanisms.
            drop(road.dial(Caller::Ourselves, &self.0.means).await);
        }
    }

    /// The `AUTH=` capabilities of known mechanisms that every backend offered when last connected to, of those that were. `None`: none was
    /// yet.
    #[must_use]
    pub fn mechanisms(&self) -> Option<Capabilities> {
        let mut seen = self.0.roads.values().filter_map(Road::seen);
        let mut common = seen.next()?;
        for other in seen {
            common.retain(|name| other.contains(name));
        }
        Some(common)
    }

    /// How every address has fared that was connected to, or tried.
    #[must_use]
    pub fn health(&self) -> Vec<AddressHealth> {
        self.0.roads.values().flat_map(Road::health).collect()
    }

    /// What the configuration says of backend `name`.
    #[must_use]
    pub fn store(&self, name: &BackendName) -> Option<&Arc<Store>> {
        self.0.roads.get(name).map(|road| &road.store)
    }

    fn road(&self, name: &BackendName) -> Result<&Road, Unreachable> {
        let road = self.0.roads.get(name);
        road.ok_or_else(|| self.unrouted(Unreachable::NoRoute))
    }

    fn unrouted(&self, why: Unreachable) -> Unreachable {
        let reason = match why {
            Unreachable::Lookup => "routing lookup",
            Unreachable::NoRoute | Unreachable::Unavailable(_) | Unreachable::Limit => "no route",
        };
        let record = Record::of(Event::StoreUnreachable).reason(reason);
        record.log(&self.0.means.metrics);
        why
    }

    /// Logs what the way there has not logged.
    fn told(&self, name: &BackendName, why: Unreachable) -> Unreachable {
        if why == Unreachable::Limit {
            Record::of(Event::StoreUnreachable)
                .backend(name)
                .reason("too many connections")
                .log(&self.0.means.metrics);
        }
        why
    }
}
