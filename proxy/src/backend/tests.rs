//! Backends against small stores on this machine's loopback.

mod breaker;
mod greet;
mod proven;
mod routed;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{names::Resolver, *};
use crate::peer::Word;

const LISTENER: &str = r#"
[[imap]]
address = "127.0.0.1:0"
certificate = "c"
key = "k"
"#;

pub(super) const GREETING: &[u8] = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2] hi\r\n";

/// A store: what it does with each connection, and how many it has had.
pub(super) struct Scripted {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Scripted {
    pub(super) async fn new<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(socket));
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// One that says `greeting` and then waits for the other to go.
    pub(super) async fn saying(greeting: &'static [u8]) -> Self {
        Self::new(move |mut socket| async move {
            drop(socket.write_all(greeting).await);
            wait_for_end(&mut socket).await;
        })
        .await
    }

    /// One that closes at once.
    pub(super) async fn broken() -> Self {
        Self::new(|socket| async move { drop(socket) }).await
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(super) async fn wait_for_end(socket: &mut (impl AsyncRead + Unpin)) {
    let mut buffer = [0; 256];
    while socket.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// Reads up to a line's end.
pub(super) async fn line(socket: &mut (impl AsyncRead + Unpin)) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        line.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(line).unwrap()
}

pub(super) async fn say(socket: &mut (impl AsyncWrite + Unpin), words: &[u8]) {
    socket.write_all(words).await.unwrap();
    socket.flush().await.unwrap();
}

/// A port where nobody listens.
pub(super) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

pub(super) fn means() -> Means {
    let clock = Clock::start();
    Means {
        names: Arc::new(Names::new(Resolver::Fixed(BTreeMap::new()), clock)),
        header: |_, caller| match caller {
            Caller::Client(peer) => format!("PROXY {}\r\n", peer.client).into_bytes(),
            Caller::Ourselves => b"PROXY UNKNOWN\r\n".to_vec(),
        },
        clock,
        metrics: Arc::new(Metrics::new()),
    }
}

pub(super) fn config(text: &str) -> Config {
    Config::read(&format!("{LISTENER}{text}")).unwrap()
}

/// A section of the configuration: a backend at these addresses.
pub(super) fn section(name: &str, addresses: &[SocketAddr], more: &str) -> String {
    let addresses: Vec<_> = addresses.iter().map(|a| format!("\"{a}\"")).collect();
    let addresses = addresses.join(", ");
    let security = if more.contains("security") {
        ""
    } else {
        "security = \"loopback\""
    };
    format!(
        "[backend.{name}]\naddresses = [{addresses}]\nconnect_seconds = 2\ngreeting_seconds = 1\n{security}\n{more}\n"
    )
}

pub(super) fn backends(text: &str) -> Backends {
    Backends::new(&config(text), Parts::default(), means(), None).unwrap()
}

pub(super) fn one(addresses: &[SocketAddr], more: &str) -> Backends {
    backends(&section("one", addresses, more))
}

/// The client with this number.
pub(super) fn client(number: u8) -> Peer {
    let there = SocketAddr::from(([192, 0, 2, number], 1));
    Peer::direct(
        there,
        SocketAddr::from(([127, 0, 0, 1], 993)),
        Word::Stranger,
    )
}

pub(super) fn counted(backends: &Backends, event: Event) -> u64 {
    backends.0.means.metrics.counted(event)
}
