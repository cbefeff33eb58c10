//! The listeners: one door for each address, opened, changed and closed together while clients come in.
//!
//! A door whose address stays keeps its socket through every reload, so that nobody is refused. One whose address is gone lets in who
//! is waiting before it closes. What is behind a door, IMAP or pass-through, is not this module's matter.

mod door;
mod socket;
mod visitor;

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::unix::AsyncFd,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    config::{Admission, Passthrough},
    event::{Event, Record},
    metrics::ListenerKind,
    places::Places,
    shared::Shared,
    snapshot::{ImapListener, Snapshot},
};
use door::{Door, Order};
pub use socket::{OpenError, missing, open};

/// What a door leads to.
#[derive(Clone, Debug)]
pub(crate) enum Entrance {
    Imap(Arc<ImapListener>),
    Passthrough(Arc<Passthrough>),
}

impl Entrance {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Imap(listener) => listener.imap.address,
            Self::Passthrough(listener) => listener.address,
        }
    }

    fn kind(&self) -> ListenerKind {
        match self {
            Self::Imap(_) => ListenerKind::Imap,
            Self::Passthrough(_) => ListenerKind::Passthrough,
        }
    }

    /// How long a client may take over what comes before anything of its own.
    fn patience(&self) -> Duration {
        match self {
            Self::Imap(listener) => listener.imap.handshake_seconds.duration(),
            Self::Passthrough(listener) => listener.hello_seconds.duration(),
        }
    }

    fn admission(&self) -> &Admission {
        match self {
            Self::Imap(listener) => &listener.imap.admission,
            Self::Passthrough(listener) => &listener.admission,
        }
    }
}

/// Held by every connection, and by whoever may still let one in. When the last is dropped, everybody is gone.
pub(crate) type Presence = mpsc::Sender<Infallible>;

/// All doors.
#[derive(Debug)]
pub(crate) struct Doors {
    doors: Vec<Handle>,
    shared: Arc<Shared>,
    presence: Presence,
}

/// One door, from outside its task.
#[derive(Debug)]
struct Handle {
    /// As the file gives it; where its port is 0, the socket has another.
    address: SocketAddr,
    places: Places<IpAddr>,
    orders: watch::Sender<Order>,
    task: JoinHandle<()>,
}

/// A listening socket that the runtime knows.
pub(crate) type Opened = (SocketAddr, AsyncFd<TcpListener>);

/// Makes sockets known to the runtime.
///
/// # Errors
/// The system's; then none of them is used.
pub(crate) fn known(sockets: Vec<(SocketAddr, TcpListener)>) -> io::Result<Vec<Opened>> {
    let known = sockets.into_iter().map(|(address, socket)| {
        socket.set_nonblocking(true)?;
        #[expect(
            deprecated,
            reason = "it is unsound for what changes its descriptor; a listener that nobody takes out again does not. Its own \
                      `TcpListener` would make each accepted socket known to this runtime, and it goes to another"
        )]
        let known = AsyncFd::new(socket)?;
        Ok((address, known))
    });
    known.collect()
}

impl Doors {
    /// None yet. The receiver ends when the doors and all who came in by them are gone.
    pub(crate) fn new(shared: Arc<Shared>) -> (Self, mpsc::Receiver<Infallible>) {
        let (presence, gone) = mpsc::channel(1);
        let doors = Self {
            doors: Vec::new(),
            shared,
            presence,
        };
        (doors, gone)
    }

    /// As the file gave them, one for each door.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.doors.iter().map(|door| door.address).collect()
    }

    /// Whether every listener of `snapshot` has a door, or one of `opened`.
    pub(crate) fn suffice(&self, snapshot: &Snapshot, opened: &[Opened]) -> bool {
        let mut there = self.addresses();
        there.extend(opened.iter().map(|(address, _)| *address));
        missing(snapshot.config.addresses(), &there).is_empty()
    }

    /// Lets clients of `snapshot` in, and nobody else any more. A listener without a socket is passed over: see
    /// [`Self::suffice`].
    pub(crate) fn change(&mut self, snapshot: &Snapshot, opened: Vec<Opened>) {
        let mut before = std::mem::take(&mut self.doors);
        let mut opened = opened;
        let imap = snapshot.imap.iter().cloned().map(Entrance::Imap);
        let passthrough = snapshot.passthrough.iter().cloned();
        for entrance in imap.chain(passthrough.map(Entrance::Passthrough)) {
            let address = entrance.address();
            if let Some(at) = before.iter().position(|door| door.address == address) {
                let door = before.swap_remove(at);
                door.lead_to(entrance);
                self.doors.push(door);
            } else if let Some(at) = opened.iter().position(|(opened, _)| *opened == address) {
                let (_, socket) = opened.swap_remove(at);
                self.doors.push(self.build(entrance, socket));
            }
        }
        for door in before {
            door.close();
        }
    }

    /// Closes all of them, and waits until those who were waiting are in.
    pub(crate) async fn close(self) {
        for door in self.doors {
            door.close();
            // A door that fell down is closed too.
            drop(door.task.await);
        }
    }

    fn build(&self, entrance: Entrance, socket: AsyncFd<TcpListener>) -> Handle {
        let address = entrance.address();
        let Admission {
            connections,
            connections_per_address,
            ..
        } = entrance.admission();
        let places = Places::new(connections.get(), connections_per_address.get());
        let (orders, followed) = watch::channel(Order::Admit(entrance.clone()));
        let local = socket.get_ref().local_addr().unwrap_or(address);
        Record::of(Event::Listening)
            .address(local)
            .log(&self.shared.metrics);
        let door = Door {
            socket,
            entrance,
            local,
            orders: followed,
            places: places.clone(),
            shared: Arc::clone(&self.shared),
            presence: self.presence.clone(),
        };
        Handle {
            address,
            places,
            orders,
            task: tokio::spawn(door.run()),
        }
    }
}

impl Handle {
    fn lead_to(&self, entrance: Entrance) {
        let admission = entrance.admission();
        self.places.allow(
            admission.connections.get(),
            admission.connections_per_address.get(),
        );
        self.orders.send_replace(Order::Admit(entrance));
    }

    fn close(&self) {
        self.orders.send_replace(Order::Close);
    }
}

#[cfg(test)]
mod tests;
