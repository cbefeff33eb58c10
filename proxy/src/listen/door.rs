//! One listening socket: accepts, counts, and hands over. It reads nothing, and waits for nobody who was let in.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustix::{
    io::Errno,
    net::{SocketFlags, acceptfrom_with},
};
use tokio::{io::unix::AsyncFd, sync::watch};

use super::{Entrance, Presence, visitor::Visitor};
use crate::{
    config::{Admission, ProxyProtocolIn},
    event::{Event, Record},
    peer::{Peer, Word},
    places::{Place, Places, network},
    proxy_protocol,
    serve::Stop,
    shared::Shared,
};

/// After a failed accept: long enough for a descriptor to come free, short enough for nobody to notice.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// After many of them.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Connections taken at once, before anybody else has a turn.
const AT_ONCE: usize = 64;

/// Connections taken from a socket that is about to be closed: more than may wait.
const LAST_ONES: usize = 8192;

/// What a door is told.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Let clients in, to this.
    Admit(Entrance),
    /// Let in who is waiting, then close.
    Close,
}

/// One door, in its task.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) socket: AsyncFd<TcpListener>,
    pub(super) local: SocketAddr,
    /// What it leads to at first.
    pub(super) entrance: Entrance,
    pub(super) orders: watch::Receiver<Order>,
    pub(super) places: Places<IpAddr>,
    pub(super) shared: Arc<Shared>,
    pub(super) presence: Presence,
}

/// What came of accepting.
#[derive(Debug)]
enum Accepted {
    One(TcpStream, SocketAddr),
    /// Somebody who is gone already, or an error of the network's that belongs to a connection.
    Gone,
}

impl Door {
    /// Lets clients in until it is told to close.
    pub(super) async fn run(self) {
        let mut orders = self.orders.clone();
        let mut pause = SHORTEST_PAUSE;
        let mut entrance = self.entrance.clone();
        loop {
            match &*orders.borrow_and_update() {
                Order::Admit(to) => entrance = to.clone(),
                Order::Close => break,
            }
            let accepted = tokio::select! {
                changed = orders.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => break,
                },
                accepted = self.accept_some(&entrance) => accepted,
            };
            match accepted {
                Ok(()) => pause = SHORTEST_PAUSE,
                Err(_) => {
                    Record::of(Event::AcceptFailed)
                        .address(self.local)
                        .log(&self.shared.metrics);
                    tokio::time::sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
        self.accept_last(&entrance);
        if *self.shared.stopping.borrow() == Stop::No {
            Record::of(Event::ListenerClosed)
                .address(self.local)
                .log(&self.shared.metrics);
        }
    }

    /// Waits for clients, and lets some in. Dropping the future loses nobody: who is not accepted stays in the queue.
    async fn accept_some(&self, entrance: &Entrance) -> io::Result<()> {
        let mut ready = self.socket.readable().await?;
        for _ in 0..AT_ONCE {
            match ready.try_io(|socket| accept(socket.get_ref())) {
                Ok(accepted) => self.admit(accepted?, entrance),
                Err(_would_block) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Lets in who was in the queue when the door was told to close: the kernel has told them that they are connected.
    fn accept_last(&self, entrance: &Entrance) {
        for _ in 0..LAST_ONES {
            match accept(self.socket.get_ref()) {
                Ok(accepted) => self.admit(accepted, entrance),
                Err(_) => return,
            }
        }
    }

    fn admit(&self, accepted: Accepted, entrance: &Entrance) {
        let Accepted::One(socket, connected) = accepted else {
            return;
        };
        let number = self.shared.number();
        let word = proxy_protocol::word(connected.ip(), &entrance.admission().trusted);
        let Some(place) = self.place(entrance.admission(), connected.ip(), word) else {
            self.shared.metrics.refused_at(entrance.kind());
            Record::of(Event::ConnectionRefused)
                .session(number)
                .address(connected)
                .reason("too many connections")
                .log(&self.shared.metrics);
            return;
        };
        // Where all addresses are listened at, only the connection knows which one it came to.
        let local = socket.local_addr().unwrap_or(self.local);
        let visitor = Visitor {
            socket,
            peer: Peer::direct(connected, local, word),
            place,
            entrance: entrance.clone(),
            number,
            shared: Arc::clone(&self.shared),
            presence: self.presence.clone(),
        };
        visitor.start();
    }

    /// A proxy in front stands for many clients: until it has said for whom, it takes a place of nobody's.
    fn place(&self, admission: &Admission, connected: IpAddr, word: Word) -> Option<Place<IpAddr>> {
        match (word, admission.proxy_protocol) {
            (Word::Trusted, ProxyProtocolIn::Optional | ProxyProtocolIn::Required) => {
                self.places.take_unnamed()
            }
            (Word::Trusted, ProxyProtocolIn::Off) | (Word::Stranger, _) => {
                self.places.take(network(connected))
            }
        }
    }
}

/// # Errors
/// `WouldBlock`, where nobody waits; and what concerns not one connection but the machine, such as too many descriptors.
fn accept(socket: &TcpListener) -> io::Result<Accepted> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    match acceptfrom_with(socket, flags) {
        Ok((accepted, from)) => Ok(match from.and_then(|from| from.try_into().ok()) {
            Some(from) => Accepted::One(accepted.into(), from),
            None => Accepted::Gone,
        }),
        // accept(2): Linux passes errors that wait on the new socket as errors of accept; they are its own.
        Err(
            Errno::INTR
            | Errno::CONNABORTED
            | Errno::PROTO
            | Errno::NOPROTOOPT
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::HOSTDOWN
            | Errno::HOSTUNREACH
            | Errno::NONET
            | Errno::OPNOTSUPP
            | Errno::PERM,
        ) => Ok(Accepted::Gone),
        Err(error) => Err(error.into()),
    }
}
