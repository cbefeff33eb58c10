//! From an address to a store that has greeted: connect, PROXY header, TLS or STARTTLS, greeting, capabilities, each under
//! its deadline. Cleartext is spoken to no store that is not this machine's loopback.

use std::{sync::Arc, time::Duration};

use rustls::ClientConfig;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use wire::imap::Capabilities;

use super::{
    Caller, ProxyHeader,
    address::Address,
    greeting::{Opening, Refused, Step},
    health::Stage,
    socket::{Socket, prepare},
};
use crate::config::{Backend, ProxyProtocolOut, Security};

/// How much of a greeting is read at once.
const READ: usize = 4096;

/// Where it failed, and by what word of the store if it said one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    pub(super) stage: Stage,
    pub(super) refused: Option<Refused>,
}

impl From<Stage> for Fault {
    fn from(stage: Stage) -> Self {
        Self {
            stage,
            refused: None,
        }
    }
}

/// A store that has greeted.
pub(super) struct Greeted {
    pub(super) socket: Socket,
    pub(super) surplus: Vec<u8>,
    pub(super) capabilities: Capabilities,
}

/// How a store is spoken to.
pub(super) struct Manner<'a> {
    pub(super) backend: &'a Backend,
    pub(super) tls: Option<&'a Arc<ClientConfig>>,
    pub(super) header: ProxyHeader,
}

/// Connects to `address`.
pub(super) async fn connect(address: &Address, until: Instant) -> Result<TcpStream, Stage> {
    let connecting = TcpStream::connect(address.socket);
    let socket = within(until, Stage::Connect, connecting).await?;
    prepare(&socket);
    Ok(socket)
}

impl Manner<'_> {
    /// Goes all the way to the store's capabilities.
    pub(super) async fn reach(
        &self,
        address: &Address,
        caller: Caller<'_>,
    ) -> Result<Greeted, Fault> {
        let until = after(self.backend.connect_seconds.duration());
        let mut socket = connect(address, until).await?;
        if self.backend.proxy_protocol != ProxyProtocolOut::Off {
            let header = (self.header)(self.backend.proxy_protocol, caller);
            within(until, Stage::Connect, socket.write_all(&header)).await?;
        }
        match self.backend.security.get_ref() {
            Security::Loopback => {
                let (capabilities, surplus) = self.greeted(&mut socket).await?;
                let socket = Socket::Plain(socket);
                Ok(Greeted {
                    socket,
                    surplus,
                    capabilities,
                })
            }
            Security::Tls => {
                let mut socket = self.handshake(socket, address, until).await?;
                let (capabilities, surplus) = self.greeted(&mut socket).await?;
                let socket = Socket::Tls(Box::new(socket));
                Ok(Greeted {
                    socket,
                    surplus,
                    capabilities,
                })
            }
            Security::Starttls => self.starttls(socket, address).await,
        }
    }

    async fn greeted<S>(&self, socket: &mut S) -> Result<(Capabilities, Vec<u8>), Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.converse(socket, Opening::new()).await?.open()
    }

    /// RFC 9051 §6.2.1: the greeting in clear, STARTTLS, and everything anew.
    async fn starttls(&self, mut socket: TcpStream, address: &Address) -> Result<Greeted, Fault> {
        match self.converse(&mut socket, Opening::in_clear()).await? {
            Come::ToTls => {}
            Come::Open(..) => return Err(Stage::Tls.into()),
        }
        let until = after(self.backend.connect_seconds.duration());
        let mut socket = self.handshake(socket, address, until).await?;
        let (opening, ask) = Opening::protected();
        within(until, Stage::Tls, write(&mut socket, ask)).await?;
        let (capabilities, surplus) = self.converse(&mut socket, opening).await?.open()?;
        let socket = Socket::Tls(Box::new(socket));
        Ok(Greeted {
            socket,
            surplus,
            capabilities,
        })
    }

    async fn handshake(
        &self,
        socket: TcpStream,
        address: &Address,
        until: Instant,
    ) -> Result<TlsStream<TcpStream>, Fault> {
        // A store with TLS has both: without them nothing is sent.
        let (Some(config), Some(name)) = (self.tls, &address.name) else {
            return Err(Stage::Tls.into());
        };
        let connector = TlsConnector::from(Arc::clone(config));
        let connecting = connector.connect(name.clone(), socket);
        within(until, Stage::Tls, connecting)
            .await
            .map_err(Fault::from)
    }

    /// Plays `opening` to its end, within the greeting's time.
    async fn converse<S>(&self, socket: &mut S, opening: Opening) -> Result<Come, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let until = after(self.backend.greeting_seconds.duration());
        match timeout_at(until, play(socket, opening)).await {
            Ok(come) => come,
            Err(_) => Err(Stage::Greeting.into()),
        }
    }
}

/// How far an opening has come.
enum Come {
    ToTls,
    Open(Capabilities, Vec<u8>),
}

impl Come {
    fn open(self) -> Result<(Capabilities, Vec<u8>), Fault> {
        match self {
            Self::Open(capabilities, surplus) => Ok((capabilities, surplus)),
            Self::ToTls => Err(Stage::Greeting.into()),
        }
    }
}

async fn play<S>(socket: &mut S, mut opening: Opening) -> Result<Come, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = vec![0; READ];
    loop {
        let count = socket.read(&mut buffer).await;
        let count = count.map_err(|_| Stage::Greeting)?;
        let mut input = match buffer.get(..count) {
            Some(read) if !read.is_empty() => read,
            Some(_) | None => return Err(Stage::Greeting.into()),
        };
        loop {
            match opening.take(&mut input).map_err(fault)? {
                Step::NeedOctets => break,
                Step::Send(octets) => write(socket, octets).await.map_err(|_| Stage::Greeting)?,
                Step::StartTls => return Ok(Come::ToTls),
                Step::Open(capabilities) => return Ok(Come::Open(capabilities, input.to_vec())),
            }
        }
    }
}

fn fault(refused: Refused) -> Fault {
    let stage = match refused {
        Refused::NoStartTls | Refused::Injected => Stage::Tls,
        Refused::Bye
        | Refused::PreAuth
        | Refused::NoGreeting
        | Refused::Unbounded
        | Refused::NoCapability => Stage::Greeting,
    };
    Fault {
        stage,
        refused: Some(refused),
    }
}

async fn write<S: AsyncWrite + Unpin>(socket: &mut S, octets: &[u8]) -> std::io::Result<()> {
    socket.write_all(octets).await?;
    socket.flush().await
}

pub(super) fn after(time: Duration) -> Instant {
    Instant::now() + time
}

/// What `work` gives, in time; otherwise the stage is where it failed.
async fn within<T>(
    until: Instant,
    stage: Stage,
    work: impl Future<Output = std::io::Result<T>>,
) -> Result<T, Stage> {
    match timeout_at(until, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) | Err(_) => Err(stage),
    }
}
