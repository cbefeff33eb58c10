//! The relay over real sockets: a client, a store and a warden that the test plays. Whoever goes away, everything else is
//! closed and nothing is left.

mod conversion;
mod endings;
mod flow;
mod logins;
mod streams;

use std::{collections::BTreeMap, net::Ipv4Addr, os::unix::net::UnixStream as StdStream};

use keyreveal::SandboxLevel;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use vault::frames::{Frame, FromWarden, Hello};

use super::*;
use crate::{
    backend::{Backends, Means, Parts, names::Resolver},
    config::Config,
    leg::Room,
    penalty::Penalties,
    registry::Registry,
    session::{
        Protection, Settings,
        tests::{GREETING, facts, settings},
    },
    vaults,
};

/// The only binding there is here.
const BINDING: ChannelBinding = ChannelBinding([7; 32]);

/// What an open session's client is told at its login.
const WELCOME: &str = "l OK [CAPABILITY IMAP4rev1 BINARY COMPRESS=DEFLATE KEYREVEAL CONVERT INPROGRESS] Logged in\r\n";

/// One end of a connection, held by the test.
struct End {
    leg: Leg,
    /// Heard and not yet asked for.
    heard: Vec<u8>,
}

impl End {
    fn new(socket: TcpStream) -> Self {
        Self {
            leg: Leg::plain(socket),
            heard: Vec::new(),
        }
    }

    async fn says(&mut self, text: &str) {
        self.sends(text.as_bytes()).await.unwrap();
    }

    async fn sends(&mut self, octets: &[u8]) -> std::io::Result<()> {
        self.leg.push(octets)?;
        self.leg.flush().await
    }

    /// Hears something, or that there is no more: how much.
    async fn hears_more(&mut self) -> std::io::Result<usize> {
        let Self { leg, heard } = self;
        poll_fn(|cx| {
            Room::with(|room| {
                leg.poll_receive(cx, room).map_ok(|run| {
                    heard.extend_from_slice(run);
                    run.len()
                })
            })
        })
        .await
    }

    async fn hears(&mut self, text: &str) {
        let heard = soon(self.exactly(text.len())).await;
        assert_eq!(String::from_utf8_lossy(&heard), text);
    }

    async fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.heard.len() < count {
            let more = self.hears_more().await.unwrap();
            let heard = String::from_utf8_lossy(&self.heard);
            assert_ne!(more, 0, "the end, after {heard:?}");
        }
        self.heard.drain(..count).collect()
    }

    /// Hears a line.
    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            line.extend(soon(self.exactly(1)).await);
        }
        String::from_utf8(line).unwrap()
    }

    /// All that is heard up to the end. A peer that is gone may also look like a broken pipe.
    async fn rest(&mut self) -> String {
        while soon(self.hears_more()).await.is_ok_and(|more| more > 0) {}
        String::from_utf8(std::mem::take(&mut self.heard)).unwrap()
    }

    /// Both ways are compressed from here on.
    fn compress(&mut self) {
        self.leg.compress(&std::mem::take(&mut self.heard));
    }
}

/// Nothing in these tests takes long, unless it never ends.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let within = tokio::time::timeout(Duration::from_secs(20), future);
    within.await.expect("an end")
}

/// How a bench is to be.
struct Setup {
    settings: Settings,
    protection: Protection,
    /// More for the section of the backend.
    backend: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            settings: settings(),
            protection: Protection::Tls,
            backend: "",
        }
    }
}

/// A relay between ends that the test holds.
struct Bench {
    client: End,
    /// Where the store listens.
    stores: TcpListener,
    warden: StdStream,
    stop: watch::Sender<Stop>,
    metrics: Arc<Metrics>,
    registry: Registry,
    penalties: Arc<Penalties>,
    clock: Clock,
    /// What other connections of the same users hold is taken from here.
    unused: Places<String>,
    users: Places<String>,
    relay: JoinHandle<()>,
}

/// Vaults of a warden that the test plays.
async fn warden(metrics: &Arc<Metrics>) -> (Vaults, StdStream) {
    let (ours, warden) = StdStream::pair().unwrap();
    let hello = Hello {
        identity: [1; 32],
        program: [2; 32],
        sandbox: SandboxLevel::Full,
    };
    rustix::io::write(&warden, &FromWarden::Hello(hello).to_octets().unwrap()).unwrap();
    let connecting = vaults::connect(ours.into(), Arc::clone(metrics));
    let (vaults, task, _) = connecting.await.unwrap();
    tokio::spawn(task.run());
    (vaults, warden)
}

fn backends(stores: &TcpListener, more: &str, means: Means) -> Backends {
    let store = stores.local_addr().unwrap();
    let text = format!(
        "[[imap]]\naddress = '127.0.0.1:0'\ncertificate = 'c'\nkey = 'k'\n\
         [backend.one]\naddresses = ['{store}']\nsecurity = 'loopback'\n{more}\n"
    );
    Backends::new(&Config::read(&text).unwrap(), Parts::default(), means, None).unwrap()
}

async fn sockets() -> (TcpStream, TcpStream) {
    let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = front.local_addr().unwrap();
    let (ours, theirs) = tokio::join!(TcpStream::connect(address), front.accept());
    (ours.unwrap(), theirs.unwrap().0)
}

impl Bench {
    async fn with(setup: Setup) -> Self {
        let metrics = Arc::new(Metrics::new());
        let (vaults, warden) = warden(&metrics).await;
        let (stop, stopping) = watch::channel(Stop::No);
        let clock = Clock::start();
        let stores = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let names = Resolver::Fixed(BTreeMap::new());
        let means = Means::new(names, clock, Arc::clone(&metrics));
        let (unused, users) = (Places::new(u64::MAX, 2), Places::new(u64::MAX, 2));
        let (registry, penalties) = (Registry::new(), Arc::new(Penalties::new()));
        let mut facts = facts();
        facts.protection = setup.protection;
        let neighbours = Neighbours {
            number: 1,
            vaults,
            unused: unused.clone(),
            metrics: Arc::clone(&metrics),
            clock,
            stopping,
            dial: Dial {
                number: 1,
                backends: backends(&stores, setup.backend, means),
                penalties: Arc::clone(&penalties),
                users: users.clone(),
                metrics: Arc::clone(&metrics),
                clock,
            },
            entry: registry.enter(1, "imaps", &facts.peer, clock.now()),
        };
        let (client, client_side) = sockets().await;
        let binding = (setup.protection == Protection::Tls).then_some(BINDING);
        let session = Session::new(setup.settings, facts, clock.now());
        let relay = Relay::new(
            Leg::plain(client_side),
            binding,
            session,
            neighbours,
            crate::traces::Tracer::off().session(1, crate::metrics::ListenerKind::Imap),
        );
        Self {
            client: End::new(client),
            stores,
            warden,
            stop,
            metrics,
            registry,
            penalties,
            clock,
            unused,
            users,
            relay: tokio::spawn(streams::run(relay)),
        }
    }

    /// One whose client has been greeted.
    async fn greeted(setup: Setup) -> Self {
        let mut bench = Self::with(setup).await;
        bench.client.hears(GREETING).await;
        bench
    }

    /// The store takes a connection and says this.
    async fn store(&self, greeting: &str) -> End {
        let (socket, _) = soon(self.stores.accept()).await.unwrap();
        let mut store = End::new(socket);
        store.says(greeting).await;
        store
    }

    /// `u` logs in.
    async fn log_in(&mut self, offers: &str) -> End {
        self.client.says("l LOGIN u p\r\n").await;
        let mut store = self.store("* OK [CAPABILITY IMAP4rev1] hi\r\n").await;
        store.hears("keyhole2 LOGIN u \"p\"\r\n").await;
        let accepted = format!("keyhole2 OK [CAPABILITY {offers}] in\r\n");
        store.says(&accepted).await;
        store
    }

    /// One on which `u` has logged in.
    async fn open(setup: Setup) -> (Self, End) {
        let mut bench = Self::greeted(setup).await;
        let store = bench.log_in("IMAP4rev1 BINARY").await;
        bench.client.hears(WELCOME).await;
        (bench, store)
    }

    /// One on which `u` has selected a mailbox.
    async fn selected() -> (Self, End) {
        let (mut bench, mut store) = Self::open(Setup::default()).await;
        let answer = "* OK [UIDVALIDITY 7] v\r\nb OK done\r\n";
        bench.passes(&mut store, "b SELECT inbox\r\n", answer).await;
        (bench, store)
    }

    /// A command and what the store says to it both arrive as they are.
    async fn passes(&mut self, store: &mut End, command: &str, answer: &str) {
        self.client.says(command).await;
        store.hears(command).await;
        store.says(answer).await;
        self.client.hears(answer).await;
    }
}
