//! The way to the user's store: what the client's address has to wait for, whether the user may have one connection more,
//! then the backend.

use std::{future::Future, net::IpAddr, sync::Arc};

use super::Relay;
use crate::{
    backend::{self, Backends, Socket, Store, Ticket, Upstream},
    clock::{Clock, Moment},
    config::BackendName,
    event::{Event, Record},
    leg::Leg,
    metrics::{LoginOutcome, Metrics},
    peer::Peer,
    penalty::Penalties,
    places::{Place, Places},
    registry::State,
    serve::Stop,
    session::{Answered, Greeted, MasterLogin, Outcome, StoreTraits, Unreachable},
    traces::{self, Attribute, SpanName, Within},
};

/// Reaches stores.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    pub(crate) number: u64,
    pub(crate) backends: Backends,
    pub(crate) penalties: Arc<Penalties>,
    /// The connections that each user has.
    pub(crate) users: Places<String>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
}

/// A store that was reached.
#[derive(Debug)]
pub(crate) struct Dialled {
    pub(super) leg: Leg,
    /// The client for whom it was: the one to wait, should the login be refused.
    client: IpAddr,
    ticket: Ticket,
    /// Who is to be logged in, until that is so.
    user: String,
    verdict: Verdict,
    /// The user's place, once it is proven who that is: a stranger takes no place from anybody.
    place: Option<Place<String>>,
}

/// Whether it is known what came of the login.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Awaited,
    Told,
}

/// On the way.
pub(super) type Dialling = dyn Future<Output = Reached> + Send;

/// The connection, what the session is told of it, and what the store has said behind its greeting.
type Arrived = (Box<Dialled>, Greeted, Vec<u8>);

/// What came of it, and which backend it was, if it came to that.
pub(super) struct Reached {
    store: Result<Arrived, Unreachable>,
    backend: Option<BackendName>,
}

impl Dial {
    async fn reach(self, user: String, peer: Peer, login: Within) -> Reached {
        self.wait(&peer).await;
        let mut backend = None;
        let store = self.connect(user, &peer, &login, &mut backend).await;
        Reached { store, backend }
    }

    async fn connect(
        &self,
        user: String,
        peer: &Peer,
        login: &Within,
        backend: &mut Option<BackendName>,
    ) -> Result<Arrived, Unreachable> {
        let client = peer.client.ip();
        if !self.users.has_room(&user) {
            return Err(Unreachable::Limit);
        }
        let routing = login.span(SpanName::Route);
        let found = self.backends.find(&user).await;
        routing.end(came_of(&found));
        if let Err(backend::Unreachable::NoRoute) = &found {
            // Neither the answer nor the wait tells a user without a store from a wrong password.
            self.penalties.failed(client, self.clock.now());
        }
        let name = &*backend.insert(found.map_err(told)?);
        let mut dialling = login.span(SpanName::Dial);
        dialling.tell(Attribute::Backend(name.clone()));
        let upstream = self.backends.reach(name, peer).await;
        if let Err(backend::Unreachable::Unavailable(stage)) = &upstream {
            dialling.tell(Attribute::Stage(*stage));
        }
        dialling.end(came_of(&upstream));
        let Upstream {
            socket,
            surplus,
            capabilities,
            backend,
            ticket,
        } = upstream.map_err(told)?;
        let leg = match socket {
            Socket::Plain(socket) => Leg::plain(socket),
            Socket::Tls(stream) => {
                let (socket, connection) = stream.into_inner();
                Leg::secure(socket, connection.into())
            }
        };
        let dialled = Dialled {
            leg,
            client,
            ticket,
            user,
            verdict: Verdict::Awaited,
            place: None,
        };
        let greeted = Greeted {
            capabilities,
            traits: traits(&backend),
        };
        Ok((Box::new(dialled), greeted, surplus))
    }

    /// Who has just failed waits, whoever it is this time.
    async fn wait(&self, peer: &Peer) {
        let delay = self.penalties.delay(peer.client.ip(), self.clock.now());
        if delay.is_zero() {
            return;
        }
        Record::of(Event::LoginDelayed)
            .session(self.number)
            .address(peer.client)
            .milliseconds(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
            .log(&self.metrics);
        tokio::time::sleep(delay).await;
    }
}

/// What a span says of it.
fn came_of<T>(found: &Result<T, backend::Unreachable>) -> traces::Outcome {
    match found {
        Ok(_) => traces::Outcome::Done,
        Err(backend::Unreachable::NoRoute | backend::Unreachable::Limit) => {
            traces::Outcome::Refused
        }
        Err(backend::Unreachable::Lookup | backend::Unreachable::Unavailable(_)) => {
            traces::Outcome::Failed
        }
    }
}

/// What the client is told of it.
fn told(why: backend::Unreachable) -> Unreachable {
    match why {
        backend::Unreachable::NoRoute => Unreachable::NoRoute,
        backend::Unreachable::Lookup
        | backend::Unreachable::Unavailable(_)
        | backend::Unreachable::Limit => Unreachable::Unavailable,
    }
}

/// What the session must know of a backend.
fn traits(store: &Store) -> StoreTraits {
    let config = &store.config;
    let master = config.master.as_ref().zip(store.master_password.as_ref());
    StoreTraits {
        master: master.map(|(master, password)| MasterLogin {
            user: master.user.clone(),
            password: password.clone(),
            form: master.form,
        }),
        identify: config.identify,
        urlauth: config.urlauth,
        compress: config.compress,
        answer: config.answer_seconds.duration(),
        renew_idle: config.renew_idle_seconds.duration(),
    }
}

impl Relay {
    pub(super) fn dial(&mut self, user: String) {
        let Some(peer) = self.session.peer() else {
            return; // who is logged in needs no store
        };
        let dial = self.neighbours.dial.clone();
        let login = self.spans.login_begun();
        self.dialling = Some(Box::pin(dial.reach(user, peer.clone(), login)));
    }

    pub(super) fn dialled(&mut self, reached: Reached, now: Moment) {
        if let Some(backend) = reached.backend {
            self.neighbours.entry.backend(&backend);
            self.spans.login_at(backend);
        }
        match reached.store {
            Ok((dialled, greeted, surplus)) => {
                self.store = Some(dialled);
                self.session.dialled(Ok(greeted), now);
                if !surplus.is_empty() {
                    self.session.store_octets(&surplus, now);
                }
            }
            Err(unreachable) => self.session.dialled(Err(unreachable), now),
        }
    }

    /// A login is counted, and whoever is logged in is listed.
    pub(super) fn note_login(&mut self, answered: Answered) {
        if let Some(user) = self.session.user() {
            self.neighbours.entry.user(user);
            self.neighbours.entry.state(State::Open);
        }
        let outcome = match answered.outcome {
            Outcome::Accepted => LoginOutcome::Accepted,
            Outcome::Refused | Outcome::Undecided => LoginOutcome::Refused,
            Outcome::Failed => LoginOutcome::Failed,
        };
        let metrics = &self.neighbours.metrics;
        metrics.login(answered.mechanism, outcome, answered.took);
        self.spans.login_answered(answered);
    }

    /// What a login came to counts for the client's address and for the store's.
    pub(super) fn heed_login(&mut self, outcome: Outcome) {
        let store = self.store.as_mut();
        // What is wrong in itself is refused before a store is reached.
        let client = match &store {
            Some(store) => Some(store.client),
            None => self.session.peer().map(|peer| peer.client.ip()),
        };
        if let Some(client) = client {
            let penalties = &self.neighbours.dial.penalties;
            match outcome {
                Outcome::Accepted => penalties.succeeded(client),
                Outcome::Refused => penalties.failed(client, self.neighbours.clock.now()),
                Outcome::Failed | Outcome::Undecided => {}
            }
        }
        if let Some(store) = store {
            store.verdict = Verdict::Told;
            match outcome {
                Outcome::Accepted => store.ticket.accepted(),
                Outcome::Refused => store.ticket.refused(),
                Outcome::Failed => store.ticket.failed(),
                Outcome::Undecided => {}
            }
        }
        if outcome == Outcome::Accepted {
            self.take_place();
        }
    }

    /// Who is proven takes its place. Several at once may have found the last one free.
    fn take_place(&mut self) {
        let Some(store) = &mut self.store else { return };
        let user = std::mem::take(&mut store.user);
        store.place = self.neighbours.dial.users.take(user);
        if store.place.is_none() {
            Record::of(Event::LoginRefused)
                .session(self.neighbours.number)
                .reason("too many connections of the user")
                .log(&self.neighbours.metrics);
            self.session.kick(self.neighbours.clock.now());
        }
    }

    /// Who goes away before the store's word on a login, once the store was asked, is counted as refused: silence would
    /// otherwise tell a wrong password for nothing.
    pub(super) fn settle_login(&self) {
        let stopping = *self.neighbours.stopping.borrow() == Stop::Yes;
        if let Some(store) = &self.store
            && store.verdict == Verdict::Awaited
            && !stopping
        {
            let penalties = &self.neighbours.dial.penalties;
            penalties.failed(store.client, self.neighbours.clock.now());
        }
    }
}
