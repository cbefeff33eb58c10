//! The beginning of a connection that is passed on, on its sockets: what comes before TLS, the hello, the route, the
//! store, the hello again.

use std::{io, net::IpAddr, time::Duration};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    Held, Surroundings,
    hello::{Hello, Reason},
    pump::Pump,
    route::{Unrouted, route},
    starttls::{Answered, Asker, Greeter, Heard, Protocol, Unready},
};
use crate::{
    backend::{Ticket, prepare},
    config::{Backend, BackendName},
    event::{Event, Record},
    peer::Peer,
    proxy_protocol,
    traces::{Attribute, Outcome, SpanName},
};

/// Octets read at once before the store is known: hellos are short.
const CHUNK: usize = 2048;

/// A client and its store, the hello being with the store.
pub(super) struct Opened {
    client: TcpStream,
    store: TcpStream,
    ticket: Ticket,
    around: Surroundings,
}

impl Opened {
    /// The two sockets, and what lasts as long as they do.
    pub(super) fn into_pump(self) -> (Pump, Box<Held>) {
        let idle = self.around.listener.idle_seconds.duration();
        let pump = Pump::new(
            self.client,
            self.store,
            idle,
            self.around.metrics,
            self.around.listing,
        );
        let held = Held {
            _ticket: self.ticket,
            trace: self.around.trace,
        };
        (pump, Box::new(held))
    }
}

/// Why a connection is not passed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refused {
    /// The hello, or what comes before it, took too long.
    Late,
    /// The client went away, or said what ends the conversation before TLS.
    Ended,
    /// The name does not show.
    Unreadable(Reason),
    /// The name leads nowhere.
    Unrouted(Unrouted),
    /// The store cannot be reached.
    Unreachable,
    /// The store does not begin TLS.
    Unready(Unready),
    /// The store went away, or took too long, before it had the hello.
    StoreFailed,
}

impl Refused {
    fn reason(self) -> &'static str {
        match self {
            Self::Late => "the ClientHello took too long",
            Self::Ended => "the client ended before its ClientHello",
            Self::Unreadable(reason) => reason.text(),
            Self::Unrouted(Unrouted::Name) => "no route has the name asked for",
            Self::Unrouted(Unrouted::NoName) => "no name asked for",
            Self::Unreachable => "the store cannot be reached",
            Self::Unready(unready) => unready.text(),
            Self::StoreFailed => "the store ended or took too long before TLS",
        }
    }

    /// What a TLS client is told before the connection ends; nothing, where it may be no TLS client.
    fn alert(self) -> Option<Alert> {
        match self {
            Self::Late | Self::Ended | Self::Unreadable(_) => None,
            Self::Unrouted(_) => Some(Alert::UnrecognizedName),
            Self::Unreachable | Self::Unready(_) | Self::StoreFailed => Some(Alert::InternalError),
        }
    }
}

/// A fatal alert (RFC 8446 §6.2; for the name, RFC 6066 §3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Alert {
    InternalError,
    UnrecognizedName,
}

impl Alert {
    /// Record type alert, TLS 1.2 as every record says, two octets: fatal, which.
    fn record(self) -> [u8; 7] {
        let which = match self {
            Self::InternalError => 80,
            Self::UnrecognizedName => 112,
        };
        [21, 3, 3, 0, 2, 2, which]
    }
}

/// A refusal, and the backend that was meant, if it came to that.
struct Turned<'a> {
    why: Refused,
    backend: Option<&'a BackendName>,
}

/// Opens the connection; `None`: it was refused, which is logged, and closed.
pub(super) async fn open(
    mut client: TcpStream,
    peer: Peer,
    mut around: Surroundings,
) -> Option<Opened> {
    prepare(&client);
    let told = |event| {
        Record::of(event)
            .session(around.number)
            .address(peer.client)
    };
    let (refused, routed) = (
        told(Event::PassthroughRefused),
        told(Event::PassthroughRouted),
    );
    match attempt(&mut client, peer, &around).await {
        Ok((store, ticket, backend)) => {
            routed.backend(backend).log(&around.metrics);
            Some(Opened {
                client,
                store,
                ticket,
                around,
            })
        }
        Err(Turned { why, backend }) => {
            let refused = refused.reason(why.reason());
            match backend {
                Some(backend) => refused.backend(backend).log(&around.metrics),
                None => refused.log(&around.metrics),
            }
            turn_away(&client, why);
            around
                .trace
                .tell(Attribute::Event(Event::PassthroughRefused));
            around.trace.outcome(Outcome::Refused);
            None
        }
    }
}

/// The store, the hello being with it.
async fn attempt<'a>(
    client: &mut TcpStream,
    mut peer: Peer,
    around: &'a Surroundings,
) -> Result<(TcpStream, Ticket, &'a BackendName), Turned<'a>> {
    let listener = &around.listener;
    let turned = |backend| move |why| Turned { why, backend };
    let handshake = around.trace.span(SpanName::Handshake);
    let heard = hello(client, &peer, around);
    let heard = tokio::time::timeout(listener.hello_seconds.duration(), heard).await;
    let (name, hello) = heard.unwrap_or(Err(Refused::Late)).map_err(turned(None))?;
    let backend = route(listener, name.as_deref());
    let backend = backend.map_err(Refused::Unrouted).map_err(turned(None))?;
    handshake.end(Outcome::Done);
    around.listing.backend(backend);
    peer.name = name;
    let met = meet(backend, &peer, around, &hello).await;
    let (store, ticket) = met.map_err(turned(Some(backend)))?;
    Ok((store, ticket, backend))
}

/// The client's last word, if it fits where it must go: nobody waits for it.
fn turn_away(client: &TcpStream, why: Refused) {
    if let Some(alert) = why.alert() {
        drop(client.try_write(&alert.record()));
    }
}

/// What comes before TLS, and the hello: the name it asks for, and its octets.
async fn hello(
    client: &mut TcpStream,
    peer: &Peer,
    around: &Surroundings,
) -> Result<(Option<String>, Vec<u8>), Refused> {
    if let Some(protocol) = Protocol::of(around.listener.kind) {
        greet(client, protocol, peer.server.ip(), around).await?;
    }
    let limit = *around.listener.hello_octets.get_ref();
    let mut hello = Hello::new(usize::try_from(limit).unwrap_or(usize::MAX));
    loop {
        let octets = some(client).await.ok_or(Refused::Ended)?;
        if let Some(verdict) = hello.take(&octets) {
            let name = verdict.name().map_err(Refused::Unreadable)?;
            return Ok((name, hello.into_octets()));
        }
    }
}

/// The conversation in clear, up to the answer to STARTTLS.
async fn greet(
    client: &mut TcpStream,
    protocol: Protocol,
    server: IpAddr,
    around: &Surroundings,
) -> Result<(), Refused> {
    let mut greeter = Greeter::new(protocol, server);
    let mut heard = Heard::More;
    loop {
        if let Heard::Starttls { thrown } = heard {
            // What has come by now came in clear, in one packet with the command or in the next.
            let thrown = thrown.saturating_add(throw_away(client));
            if thrown > 0 {
                Record::of(Event::StarttlsInjection)
                    .session(around.number)
                    .octets(u64::try_from(thrown).unwrap_or(u64::MAX))
                    .log(&around.metrics);
            }
        }
        let said = greeter.said();
        client.write_all(&said).await.map_err(|_| Refused::Ended)?;
        match heard {
            Heard::More => {}
            Heard::Starttls { .. } => return Ok(()),
            Heard::Over => return Err(Refused::Ended),
        }
        heard = greeter.hear(&some(client).await.ok_or(Refused::Ended)?);
    }
}

/// Takes what is there and does nothing with it; as much as a client may send in clear at most.
fn throw_away(client: &TcpStream) -> usize {
    const MOST: usize = 64 * 1024;
    let mut thrown = 0_usize;
    let mut chunk = [0; CHUNK];
    while thrown < MOST {
        match client.try_read(&mut chunk) {
            Ok(octets @ 1..) => thrown = thrown.saturating_add(octets),
            Ok(0) | Err(_) => break,
        }
    }
    thrown
}

/// Connects to the store and gives it the hello, behind a PROXY header and its own STARTTLS where they are wanted.
async fn meet(
    name: &BackendName,
    peer: &Peer,
    around: &Surroundings,
    hello: &[u8],
) -> Result<(TcpStream, Ticket), Refused> {
    let backends = &around.backends;
    let settings = &backends.store(name).ok_or(Refused::Unreachable)?.config;
    let mut dialling = around.trace.span(SpanName::Dial);
    dialling.tell(Attribute::Backend(name.clone()));
    let connected = backends.connect(name, peer).await;
    dialling.end(match connected {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Failed,
    });
    let (mut store, ticket) = connected.map_err(|_| Refused::Unreachable)?;
    prepare(&store);
    let protocol = Protocol::of(around.listener.kind);
    let giving = give(&mut store, settings, protocol, peer, hello);
    let deadline: Duration = settings.greeting_seconds.duration();
    let given = tokio::time::timeout(deadline, giving).await;
    given.unwrap_or(Err(Refused::StoreFailed))?;
    Ok((store, ticket))
}

async fn give(
    store: &mut TcpStream,
    settings: &Backend,
    protocol: Option<Protocol>,
    peer: &Peer,
    hello: &[u8],
) -> Result<(), Refused> {
    let failed = |_: io::Error| Refused::StoreFailed;
    let mut first = proxy_protocol::written(settings.proxy_protocol, peer);
    let Some(protocol) = protocol else {
        // One write, so that header and hello are one packet.
        first.extend_from_slice(hello);
        return store.write_all(&first).await.map_err(failed);
    };
    store.write_all(&first).await.map_err(failed)?;
    let local = store.local_addr().map_err(failed)?;
    let mut asker = Asker::new(protocol, local.ip());
    loop {
        let octets = some(store).await.ok_or(Refused::StoreFailed)?;
        match asker.hear(&octets) {
            Answered::More => {}
            Answered::GoOn => break,
            Answered::Not(unready) => return Err(Refused::Unready(unready)),
        }
        store.write_all(&asker.said()).await.map_err(failed)?;
    }
    store.write_all(hello).await.map_err(failed)
}

/// What has come, once something has; `None`: nothing ever will.
async fn some(socket: &TcpStream) -> Option<Vec<u8>> {
    loop {
        socket.readable().await.ok()?;
        let mut chunk = [0; CHUNK];
        match socket.try_read(&mut chunk) {
            Ok(0) => return None,
            Ok(octets) => return chunk.get(..octets).map(<[u8]>::to_vec),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
}
