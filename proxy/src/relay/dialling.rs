//! The way to the user's store: what the client's address has to wait for, whether the user may have one connection more,
//! then the backend.

use std::{future::Future, net::IpAddr, sync::Arc};

use super::Relay;
use crate::{
    backend::{self, Backends, Socket, Store, Ticket, Upstream},
    clock::{Clock, Moment},
    event::{Event, Record},
    leg::Leg,
    metrics::Metrics,
    peer::Peer,
    penalty::Penalties,
    places::{Place, Places},
    session::{Greeted, MasterLogin, Outcome, StoreTraits, Unreachable},
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
    _place: Place<String>,
}

/// On the way.
pub(super) type Dialling = dyn Future<Output = Reached> + Send;

/// What came of it: the connection, what the session is told of it, and what the store has said behind its greeting.
pub(super) type Reached = Result<(Box<Dialled>, Greeted, Vec<u8>), Unreachable>;

impl Dial {
    async fn reach(self, user: String, peer: Peer) -> Reached {
        let client = peer.client.ip();
        self.wait(&peer).await;
        let place = self.users.take(user.clone()).ok_or(Unreachable::Limit)?;
        let upstream = self.backends.dial(&user, &peer).await;
        if let Err(backend::Unreachable::NoRoute) = &upstream {
            // Neither the answer nor the wait tells a user without a store from a wrong password.
            self.penalties.failed(client, self.clock.now());
        }
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
            _place: place,
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
        self.dialling = Some(Box::pin(dial.reach(user, peer.clone())));
    }

    pub(super) fn dialled(&mut self, reached: Reached, now: Moment) {
        match reached {
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

    /// What a login came to counts for the client's address and for the store's.
    pub(super) fn heed_login(&mut self, outcome: Outcome) {
        let Some(store) = &mut self.store else { return };
        let penalties = &self.neighbours.dial.penalties;
        match outcome {
            Outcome::Accepted => {
                penalties.succeeded(store.client);
                store.ticket.accepted();
            }
            Outcome::Refused => {
                penalties.failed(store.client, self.neighbours.clock.now());
                store.ticket.refused();
            }
            Outcome::Failed => store.ticket.failed(),
        }
    }
}
