//! Real sockets on the loopback: a client, the pass-through, a store.

mod flow;
mod opening;
mod tls;

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use super::*;
use crate::{
    backend::{Means, Parts, names::Resolver},
    clock::Clock,
    config::Config,
    peer::Word,
};
use crate::{
    metrics::ListenerKind,
    registry::{Entry, Registry},
    traces::Tracer,
};

/// What a listener is configured with, besides its one backend `store`.
struct Setup<'a> {
    listener: &'a str,
    backend: &'a str,
}

/// Everything goes to the one store, at once.
const ALL: Setup<'_> = Setup {
    listener: "default = 'store'\nno_name = 'store'",
    backend: "",
};

/// A client's socket, the store's, and the connection between them.
struct Passed {
    client: TcpStream,
    stores: TcpListener,
    passing: JoinHandle<Carried>,
    metrics: Arc<Metrics>,
    entry: Entry,
}

async fn pass(setup: Setup<'_>) -> Passed {
    let stores = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = stores.local_addr().unwrap().port();
    pass_to(setup, &[("store", port)], stores).await
}

async fn pass_to(setup: Setup<'_>, ports: &[(&str, u16)], stores: TcpListener) -> Passed {
    let routes = if setup.listener.contains("[routes]") {
        ""
    } else {
        "\n[routes]"
    };
    let listener = format!("address = '127.0.0.1:0'\n{}{routes}", setup.listener);
    let backends = ports.iter().map(|(name, port)| {
        format!(
            "[backend.{name}]\naddresses = ['127.0.0.1:{port}']\nsecurity = 'tls'\n{}\n",
            setup.backend
        )
    });
    let imap = "[[imap]]\naddress = '127.0.0.1:0'\ncertificate = 'c'\nkey = 'k'\n";
    let backends: String = backends.collect();
    let config = Config::read(&format!(
        "{imap}[routing]\ndefault = '{}'\n{backends}",
        ports[0].0
    ));
    let metrics = Arc::new(Metrics::new());
    let names = Resolver::Fixed(BTreeMap::new());
    let means = Means::new(names, Clock::start(), Arc::clone(&metrics));
    let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let local = front.local_addr().unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(local), front.accept());
    let (socket, connected) = accepted.unwrap();
    let peer = Peer::direct(connected, local, Word::Stranger);
    let entry = Registry::new().enter(1, "passthrough", &peer, <_>::default());
    let around = Surroundings {
        number: 1,
        listener: Arc::new(toml::from_str(&listener).unwrap()),
        backends: Backends::new(&config.unwrap(), Parts::default(), means, None).unwrap(),
        metrics: Arc::clone(&metrics),
        listing: entry.listing(),
        trace: Tracer::off().session(1, ListenerKind::Passthrough),
    };
    Passed {
        client: client.unwrap(),
        stores,
        passing: tokio::spawn(run(socket, peer, around)),
        metrics,
        entry,
    }
}

impl Passed {
    async fn store(&self) -> TcpStream {
        soon(self.stores.accept()).await.unwrap().0
    }

    /// Whether the client's connection was closed, and with which last octets.
    async fn closed(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        // A reset is an end, too: octets that nobody read may bring one.
        drop(soon(self.client.read_to_end(&mut octets)).await);
        octets
    }
}

/// Nothing in these tests takes long, unless it never ends.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("an end")
}

/// The shortest hello for a name; none, if it is empty.
fn hello(name: &str) -> Vec<u8> {
    let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
    let vector = |octets: &[u8]| [&length(octets), octets].concat();
    let mut extensions = vec![];
    if !name.is_empty() {
        let list = [vec![0], vector(name.as_bytes())].concat();
        extensions = [vec![0, 0], vector(&vector(&list))].concat();
    }
    let mut body = vec![3, 3];
    body.extend([9; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    body.extend(vector(&extensions));
    let message = [&[1, 0], length(&body).as_slice(), &body].concat();
    [&[22, 3, 1], vector(&message).as_slice()].concat()
}

async fn exactly(socket: &mut TcpStream, wanted: &[u8]) {
    let mut octets = vec![0; wanted.len()];
    soon(socket.read_exact(&mut octets)).await.unwrap();
    assert_eq!(
        octets.escape_ascii().to_string(),
        wanted.escape_ascii().to_string()
    );
}

/// The connection with the hello through.
async fn flowing(setup: Setup<'_>) -> (Passed, TcpStream) {
    let mut passed = pass(setup).await;
    let hello = hello("a.org");
    passed.client.write_all(&hello).await.unwrap();
    let mut store = passed.store().await;
    exactly(&mut store, &hello).await;
    (passed, store)
}
