//! TLS passed on unopened: the ClientHello is read for the name it asks for, sent on unchanged, and from then on
//! octets are octets.
//!
//! | module | holds |
//! | --- | --- |
//! | [`hello`] | which name a ClientHello asks for |
//! | [`route`] | which backend the name stands for |
//! | [`starttls`] | what comes before TLS on a STARTTLS port, to the client and to the store |
//! | `opening` | all of that on sockets, up to the hello's being with the store |
//! | [`pump`] | two sockets, each given what the other sends |
//!
//! Nothing here holds a key, ends TLS, or sees an octet of mail in clear. A connection that only waits holds no buffer.

pub mod hello;
mod opening;
pub mod pump;
pub mod route;
pub mod starttls;

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::net::TcpStream;

use crate::{
    backend::{Backends, Ticket},
    config::Passthrough,
    event::{Event, Record},
    metrics::{Metrics, Way},
    peer::Peer,
    registry::Listing,
    traces::{Attribute, Outcome, SessionTrace},
};
use opening::Opened;
use pump::{Carried, End, Pump};

/// What a connection needs of the server around it.
#[derive(Debug)]
pub struct Surroundings {
    /// The connection's number, for the log.
    pub number: u64,
    /// Its listener's configuration.
    pub listener: Arc<Passthrough>,
    /// The stores.
    pub backends: Backends,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The connection's line in the list of sessions.
    pub listing: Listing,
    /// Its trace.
    pub trace: SessionTrace,
}

/// A connection that is passed on. Its result is how many octets went each way.
///
/// As a task it is small: what only the beginning needs is in a box that is gone when octets flow.
#[must_use = "a future does nothing unless it is polled"]
pub struct Passing {
    number: u64,
    stage: Stage,
}

#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the one that lasts, and a box more would cost it more"
)]
enum Stage {
    Opening(Pin<Box<dyn Future<Output = Option<Opened>> + Send>>),
    Flowing(Pump, Box<Held>),
}

/// What lasts as long as the connection.
struct Held {
    /// The place at the store.
    _ticket: Ticket,
    trace: SessionTrace,
}

impl Held {
    fn tell(&mut self, carried: Carried, end: End) {
        for (way, octets) in [
            (Way::ToStore, carried.to_store),
            (Way::ToClient, carried.to_client),
        ] {
            self.trace.tell(Attribute::Octets(way, octets));
        }
        self.trace.outcome(match end {
            End::Done => Outcome::Done,
            End::Idle => Outcome::Refused,
            End::Failed => Outcome::Failed,
        });
    }
}

/// Passes a client's connection on, until both ends are done with it.
///
/// `socket` stands before the first octet of the client, behind a PROXY header (see [`crate::proxy_protocol::admit`]);
/// `peer` is who that said. `passthrough_routed` or `passthrough_refused` is logged; opening and closing are the
/// caller's to tell. Dropping the future closes both sockets.
pub fn run(socket: TcpStream, peer: Peer, around: Surroundings) -> Passing {
    Passing {
        number: around.number,
        stage: Stage::Opening(Box::pin(opening::open(socket, peer, around))),
    }
}

impl Future for Passing {
    type Output = Carried;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Carried> {
        loop {
            let number = self.number;
            match &mut self.stage {
                Stage::Opening(opening) => match ready!(opening.as_mut().poll(cx)) {
                    Some(opened) => {
                        let (pump, held) = opened.into_pump();
                        self.stage = Stage::Flowing(pump, held);
                    }
                    None => return Poll::Ready(Carried::default()),
                },
                Stage::Flowing(pump, held) => {
                    let (carried, end) = ready!(pump.poll_pump(cx));
                    held.tell(carried, end);
                    match end {
                        End::Done | End::Failed => {}
                        End::Idle => Record::of(Event::ClientTimedOut)
                            .session(number)
                            .reason("nothing flowed for too long")
                            .log(pump.metrics()),
                    }
                    return Poll::Ready(carried);
                }
            }
        }
    }
}

impl std::fmt::Debug for Passing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passing")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
