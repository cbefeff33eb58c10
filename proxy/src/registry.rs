//! The live sessions, for the administrator: who is on, since when, and how to send one away.
//!
//! An idle phone pays for its entry, so an entry is counted in octets: names of listeners and backends are kept once and
//! numbered, and the wish that a session end wakes its one task without a channel. No lock is held across an `.await`.

use std::{
    future::poll_fn,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use crate::{clock::Moment, config::BackendName, metrics::Way, peer::Peer};

/// Sessions are spread over so many locks.
const SHARDS: usize = 16;

/// No backend yet.
const NOWHERE: u16 = u16::MAX;

/// The live sessions. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registry(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    shards: [Mutex<Shard>; SHARDS],
    /// Listeners' and backends' names, each once: as many as the configuration has, over all reloads.
    names: Mutex<Vec<Arc<str>>>,
    last: AtomicU64,
}

/// Places of sessions, and which of them are free.
#[derive(Debug, Default)]
struct Shard {
    places: Vec<Option<Arc<Live>>>,
    free: Vec<u32>,
}

/// What is known of one session.
#[derive(Debug)]
struct Live {
    number: u64,
    since: Moment,
    client: SocketAddr,
    to_store: AtomicU64,
    to_client: AtomicU64,
    listener: u16,
    backend: AtomicU16,
    state: AtomicU8,
    inner: Mutex<Changing>,
}

#[derive(Debug, Default)]
struct Changing {
    user: Option<Box<str>>,
    wish: Wish,
}

/// What the administrator wants of a session.
#[derive(Debug, Default)]
enum Wish {
    /// Nothing, and nobody waits for it.
    #[default]
    None,
    /// Nothing yet; this task is woken when that changes.
    Awaited(Waker),
    /// That it ends.
    End,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// TLS is being set up.
    Handshake,
    /// The client has not logged in.
    Login,
    /// The client is logged in.
    Open,
    /// The client waits in IDLE.
    Idle,
    /// TLS is passed on unopened.
    Passthrough,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Handshake,
        Self::Login,
        Self::Open,
        Self::Idle,
        Self::Passthrough,
    ];

    /// The word for it, on the admin listener.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Login => "login",
            Self::Open => "open",
            Self::Idle => "idle",
            Self::Passthrough => "passthrough",
        }
    }
}

/// Which sessions are meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whose<'a> {
    /// Everybody's.
    Everybody,
    /// Those of this login name.
    User(&'a str),
    /// The one with this number.
    Number(u64),
}

/// One session, as it was when it was asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Its number, as in the log.
    pub number: u64,
    /// Where it came in.
    pub listener: Arc<str>,
    /// The client's address.
    pub client: SocketAddr,
    /// The login name, once the store has accepted it.
    pub user: Option<String>,
    /// The backend, once it is chosen.
    pub backend: Option<Arc<str>>,
    /// What it does.
    pub state: State,
    /// When it began.
    pub since: Moment,
    /// Octets that went to the store.
    pub to_store: u64,
    /// Octets that went to the client.
    pub to_client: u64,
}

impl Registry {
    /// A registry of nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A number for the next session, unique over all listeners.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.0.last.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Enters a session that came in at `listener`; it is gone from the list when the entry is dropped.
    #[must_use]
    pub fn enter(&self, number: u64, listener: &str, peer: &Peer, now: Moment) -> Entry {
        let live = Arc::new(Live {
            number,
            since: now,
            client: peer.client,
            to_store: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
            listener: self.0.number_of(listener),
            backend: AtomicU16::new(NOWHERE),
            state: AtomicU8::new(0),
            inner: Mutex::default(),
        });
        let place = self.0.shard(number).put(Arc::clone(&live));
        Entry {
            live,
            registry: Arc::clone(&self.0),
            place,
        }
    }

    /// At most `limit` of `whose` sessions, those with numbers above `after`, in their numbers' order.
    #[must_use]
    pub fn list(&self, whose: Whose<'_>, after: u64, limit: usize) -> Vec<Listed> {
        let mut meant = self.meant(whose);
        meant.retain(|live| live.number > after);
        meant.sort_unstable_by_key(|live| live.number);
        meant.truncate(limit);
        meant.iter().map(|live| self.0.listed(live)).collect()
    }

    /// Tells `whose` sessions to end, and gives the numbers of those that had not been told before.
    pub fn kick(&self, whose: Whose<'_>) -> Vec<u64> {
        let mut meant = self.meant(whose);
        meant.retain(|live| live.kick());
        meant.iter().map(|live| live.number).collect()
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let shards = self.0.shards.iter();
        shards
            .map(|shard| {
                let shard = lock(shard);
                shard.places.len().saturating_sub(shard.free.len())
            })
            .sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn meant(&self, whose: Whose<'_>) -> Vec<Arc<Live>> {
        let mut meant = Vec::new();
        for shard in &self.0.shards {
            let shard = lock(shard);
            let live = shard.places.iter().flatten();
            meant.extend(live.filter(|live| live.is(whose)).map(Arc::clone));
        }
        meant
    }
}

impl Inner {
    fn shard(&self, number: u64) -> MutexGuard<'_, Shard> {
        let index = usize::try_from(number % SHARDS as u64).unwrap_or(0);
        lock(&self.shards[index])
    }

    /// The number that stands for `name`; [`NOWHERE`] in the odd case that there are too many.
    fn number_of(&self, name: &str) -> u16 {
        let mut names = lock(&self.names);
        let known = names.iter().position(|known| **known == *name);
        let index = known.unwrap_or(names.len());
        match u16::try_from(index) {
            Ok(number) if number != NOWHERE => {
                if known.is_none() {
                    names.push(name.into());
                }
                number
            }
            Ok(_) | Err(_) => NOWHERE,
        }
    }

    fn name(&self, number: u16) -> Option<Arc<str>> {
        lock(&self.names).get(usize::from(number)).cloned()
    }

    fn listed(&self, live: &Live) -> Listed {
        let state = usize::from(live.state.load(Ordering::Relaxed));
        Listed {
            number: live.number,
            listener: self.name(live.listener).unwrap_or_default(),
            client: live.client,
            user: lock(&live.inner).user.as_deref().map(str::to_owned),
            backend: self.name(live.backend.load(Ordering::Relaxed)),
            state: State::ALL.get(state).copied().unwrap_or(State::Handshake),
            since: live.since,
            to_store: live.to_store.load(Ordering::Relaxed),
            to_client: live.to_client.load(Ordering::Relaxed),
        }
    }
}

impl Shard {
    fn put(&mut self, live: Arc<Live>) -> u32 {
        if let Some(place) = self.free.pop() {
            if let Some(free) = self.places.get_mut(place as usize) {
                *free = Some(live);
            }
            return place;
        }
        let place = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(Some(live));
        place
    }

    fn remove(&mut self, place: u32) {
        if let Some(taken) = self.places.get_mut(place as usize) {
            *taken = None;
            self.free.push(place);
        }
        if self.free.len() == self.places.len() {
            *self = Self::default(); // after a rush, its memory is given back
        }
    }
}

impl Live {
    fn add_octets(&self, way: Way, octets: u64) {
        let counter = match way {
            Way::ToStore => &self.to_store,
            Way::ToClient => &self.to_client,
            Way::ToVault => return,
        };
        counter.fetch_add(octets, Ordering::Relaxed);
    }

    fn is(&self, whose: Whose<'_>) -> bool {
        match whose {
            Whose::Everybody => true,
            Whose::Number(number) => self.number == number,
            Whose::User(user) => lock(&self.inner).user.as_deref() == Some(user),
        }
    }

    /// Whether it had not been told before.
    fn kick(&self) -> bool {
        let before = std::mem::replace(&mut lock(&self.inner).wish, Wish::End);
        match before {
            Wish::None => true,
            Wish::Awaited(waker) => {
                waker.wake();
                true
            }
            Wish::End => false,
        }
    }

    fn poll_kicked(&self, context: &Context<'_>) -> Poll<()> {
        let wish = &mut lock(&self.inner).wish;
        match wish {
            Wish::End => return Poll::Ready(()),
            Wish::Awaited(waker) if waker.will_wake(context.waker()) => {}
            Wish::Awaited(_) | Wish::None => *wish = Wish::Awaited(context.waker().clone()),
        }
        Poll::Pending
    }
}

/// A session's line in the list, for whoever learns more of it than who holds its [`Entry`].
#[derive(Clone, Debug)]
pub struct Listing {
    live: Arc<Live>,
    registry: Arc<Inner>,
}

impl Listing {
    /// The session's mail is at this backend.
    pub fn backend(&self, name: &BackendName) {
        let number = self.registry.number_of(name.as_str());
        self.live.backend.store(number, Ordering::Relaxed);
    }

    /// Octets went out. Those to a vault are nobody's.
    pub fn add_octets(&self, way: Way, octets: u64) {
        self.live.add_octets(way, octets);
    }
}

/// A session's place in the registry; dropping it takes the session off the list.
#[derive(Debug)]
pub struct Entry {
    live: Arc<Live>,
    registry: Arc<Inner>,
    place: u32,
}

impl Entry {
    /// The store accepted this login name.
    pub fn user(&self, user: &str) {
        lock(&self.live.inner).user = Some(user.into());
    }

    /// The session's mail is at this backend.
    pub fn backend(&self, name: &BackendName) {
        self.listing().backend(name);
    }

    /// The line, for somebody else.
    #[must_use]
    pub fn listing(&self) -> Listing {
        Listing {
            live: Arc::clone(&self.live),
            registry: Arc::clone(&self.registry),
        }
    }

    /// What the session does from now on.
    pub fn state(&self, state: State) {
        self.live.state.store(state as u8, Ordering::Relaxed);
    }

    /// Octets went out. Those to a vault are nobody's.
    pub fn add_octets(&self, way: Way, octets: u64) {
        self.live.add_octets(way, octets);
    }

    /// How many went this way.
    #[must_use]
    pub(crate) fn octets(&self, way: Way) -> u64 {
        match way {
            Way::ToStore => self.live.to_store.load(Ordering::Relaxed),
            Way::ToClient => self.live.to_client.load(Ordering::Relaxed),
            Way::ToVault => 0,
        }
    }

    /// Whether the session has been told to end.
    #[must_use]
    pub fn is_kicked(&self) -> bool {
        matches!(lock(&self.live.inner).wish, Wish::End)
    }

    /// Ready when the session is told to end. Only the task that asked last is woken.
    pub(crate) fn poll_kicked(&self, context: &mut Context<'_>) -> Poll<()> {
        self.live.poll_kicked(context)
    }

    /// Waits until the session is told to end. Only one task may wait at a time; dropping the future loses nothing.
    pub async fn kicked(&self) {
        poll_fn(|context| self.live.poll_kicked(context)).await;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.shard(self.live.number).remove(self.place);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
