//! The relay over sockets in memory: whoever goes away, everything else is closed and nothing is left.

use std::os::unix::net::UnixStream as StdStream;

use keyreveal::{SandboxLevel, SealedReveal};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::JoinHandle,
};
use vault::frames::{Frame, FrameReader, FromVault, FromWarden, Hello, ToVault};
use wire::frame;

use super::*;
use crate::{session::Settings, vaults};

/// A relay between ends that the test holds.
struct Bench {
    client: DuplexStream,
    store: DuplexStream,
    warden: StdStream,
    stop: watch::Sender<Stop>,
    metrics: Arc<Metrics>,
    /// What other connections of the same users hold is taken from here.
    unused: Places<String>,
    relay: JoinHandle<()>,
}

fn settings() -> Settings {
    let second = Duration::from_secs(1);
    Settings {
        client: frame::Limits {
            line: 65536,
            literal: 1 << 40,
        },
        statements: 8,
        lifetime: 120 * second,
        kept_results: 2,
        kept_octets: 1 << 20,
        part_octets: 1 << 20,
        job: 20 * second,
        answer: 30 * second,
        login: 60 * second,
        idle: 1860 * second,
        unread: 120 * second,
    }
}

impl Bench {
    async fn new() -> Self {
        let (ours, warden) = StdStream::pair().unwrap();
        let hello = Hello {
            identity: [1; 32],
            program: [2; 32],
            sandbox: SandboxLevel::Full,
        };
        rustix::io::write(&warden, &FromWarden::Hello(hello).to_octets().unwrap()).unwrap();
        let metrics = Arc::new(Metrics::new());
        let (vaults, task, _) = vaults::connect(ours.into(), Arc::clone(&metrics))
            .await
            .unwrap();
        tokio::spawn(task.run());
        let (stop, stopping) = watch::channel(Stop::No);
        let clock = Clock::start();
        let unused = Places::new(u64::MAX, 2);
        let neighbours = Neighbours {
            number: 1,
            vaults,
            unused: unused.clone(),
            channel_binding: ChannelBinding([7; 32]),
            metrics: Arc::clone(&metrics),
            clock,
            stopping,
        };
        let (client, client_side) = duplex(4096);
        let (store, store_side) = duplex(4096);
        let session = Session::new(settings(), clock.now());
        let relay = tokio::spawn(run(client_side, store_side, session, neighbours));
        Self {
            client,
            store,
            warden,
            stop,
            metrics,
            unused,
            relay,
        }
    }

    async fn says(stream: &mut DuplexStream, text: &str) {
        stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn hears(stream: &mut DuplexStream, text: &str) {
        let mut heard = vec![0; text.len()];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(String::from_utf8(heard).unwrap(), text);
    }

    /// One on which `u` has logged in and selected a mailbox.
    async fn selected() -> Self {
        let mut bench = Self::new().await;
        let turns = [
            ("", "* OK hello\r\n"),
            ("a LOGIN u p\r\n", "a OK in\r\n"),
            (
                "b SELECT inbox\r\n",
                "* OK [UIDVALIDITY 7] v\r\nb OK done\r\n",
            ),
        ];
        for (command, answer) in turns {
            Self::says(&mut bench.client, command).await;
            Self::hears(&mut bench.store, command).await;
            Self::says(&mut bench.store, answer).await;
            Self::hears(&mut bench.client, answer).await;
        }
        bench
    }

    /// Asks for a key and hands out a vault by hand: the vault's end of its socket.
    async fn with_vault(&mut self) -> UnixStream {
        Self::says(&mut self.client, "k KEYREVEAL\r\n").await;
        let mut socket = self.warden.try_clone().unwrap();
        let asked = move || std::io::Read::read(&mut socket, &mut [0; 256]).unwrap();
        assert_ne!(tokio::task::spawn_blocking(asked).await.unwrap(), 0);
        let (theirs, vault) = StdStream::pair().unwrap();
        vaults::tests::pass(&self.warden, 1, &theirs);
        drop(theirs);
        Self::hears(
            &mut self.client,
            "* KEYREVEAL \"AQ==\"\r\nk OK Each key opens one reveal\r\n",
        )
        .await;
        vault.set_nonblocking(true).unwrap();
        UnixStream::from_std(vault).unwrap()
    }

    /// Begins a conversion and stops in the middle of the part.
    async fn half_way(&mut self, vault: &mut UnixStream) {
        Self::says(&mut self.client, &convert()).await;
        Self::hears(
            &mut self.store,
            "keyhole1 UID FETCH 4 (UID BODYSTRUCTURE)\r\n",
        )
        .await;
        let structure = "* 2 FETCH (UID 4 BODYSTRUCTURE (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 10))\r\n";
        Self::says(&mut self.store, structure).await;
        Self::says(&mut self.store, "keyhole1 OK done\r\n").await;
        Self::hears(
            &mut self.store,
            "keyhole2 UID FETCH 4 (UID BODY.PEEK[1])\r\n",
        )
        .await;
        Self::says(&mut self.store, "* 2 FETCH (UID 4 BODY[1] {10}\r\n01234").await;
        let mut reader = FrameReader::new();
        let mut octets = Vec::new();
        loop {
            vault.read_buf(&mut octets).await.unwrap();
            let mut input = octets.as_slice();
            while let Some(frame) = reader.next::<ToVault>(&mut input).unwrap() {
                if frame == ToVault::Octets(b"01234".to_vec()) {
                    return;
                }
            }
            octets.clear();
        }
    }

    /// Nothing is left: the relay's task has ended, and with it everything that it held.
    async fn ends(self) -> Self {
        let Self {
            client,
            store,
            warden,
            stop,
            metrics,
            unused,
            relay,
        } = self;
        tokio::time::timeout(Duration::from_secs(20), relay)
            .await
            .unwrap()
            .unwrap();
        Self {
            client,
            store,
            warden,
            stop,
            metrics,
            unused,
            relay: tokio::spawn(async {}),
        }
    }
}

fn convert() -> String {
    let mut octets = vec![0x84, 1, 0x50];
    octets.extend([1; 16]);
    octets.extend([0x58, 32]);
    octets.extend([1; 32]);
    octets.extend([0x59, 2, 16]);
    octets.extend([2; 528]);
    let reveal = SealedReveal::decode(&octets).unwrap().to_base64();
    format!(
        "c UID CONVERT 4 (\"application/vnd.keyhole.sealed\" (\"u.urn:x-keyhole:type\" image/png \"u.urn:x-keyhole:reveal\" {reveal})) BINARY[1]\r\n"
    )
}

async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut heard = Vec::new();
    // A peer that is gone may also look like a broken pipe.
    drop(stream.read_to_end(&mut heard).await);
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn a_client_that_vanishes_takes_vault_and_store_with_it() {
    let mut bench = Bench::selected().await;
    let mut vault = bench.with_vault().await;
    bench.half_way(&mut vault).await;
    drop(std::mem::replace(&mut bench.client, duplex(1).0));
    let mut bench = bench.ends().await;
    assert_eq!(rest(&mut vault).await, "");
    assert_eq!(rest(&mut bench.store).await, "");
}

#[tokio::test]
async fn a_client_that_vanishes_takes_its_unused_vaults_with_it() {
    let mut bench = Bench::selected().await;
    let mut vault = bench.with_vault().await;
    drop(std::mem::replace(&mut bench.client, duplex(1).0));
    bench.ends().await;
    assert_eq!(rest(&mut vault).await, "");
}

#[tokio::test]
async fn a_store_that_closes_inside_the_part_is_told_of() {
    let mut bench = Bench::selected().await;
    let mut vault = bench.with_vault().await;
    bench.half_way(&mut vault).await;
    drop(std::mem::replace(&mut bench.store, duplex(1).0));
    let mut bench = bench.ends().await;
    let told = rest(&mut bench.client).await;
    assert!(
        told.starts_with("c NO [UNAVAILABLE] The mail store failed\r\n* BYE [UNAVAILABLE]"),
        "{told}"
    );
    assert_eq!(rest(&mut vault).await, "");
    assert_eq!(bench.metrics.counted(crate::event::Event::StoreFailed), 1);
}

#[tokio::test]
async fn a_vault_that_dies_is_one_failed_conversion() {
    let mut bench = Bench::selected().await;
    let mut vault = bench.with_vault().await;
    bench.half_way(&mut vault).await;
    drop(vault);
    Bench::says(&mut bench.store, "56789)\r\nkeyhole2 OK done\r\n").await;
    let mut told = String::new();
    while !told.contains("\r\nc NO [TEMPFAIL]") {
        told.push(char::from(bench.client.read_u8().await.unwrap()));
    }
    assert!(told.contains("TEMPFAIL)"), "{told}");
    Bench::hears(
        &mut bench.client,
        " The conversion failed; try again later with a new reveal\r\n",
    )
    .await;
    Bench::says(&mut bench.client, "n NOOP\r\n").await;
    Bench::hears(&mut bench.store, "n NOOP\r\n").await;
    assert_eq!(bench.metrics.counted(crate::event::Event::VaultFailed), 1);
}

#[tokio::test]
async fn a_conversion_goes_through_every_socket() {
    let mut bench = Bench::selected().await;
    let mut vault = bench.with_vault().await;
    bench.half_way(&mut vault).await;
    Bench::says(&mut bench.store, "56789)\r\nkeyhole2 OK done\r\n").await;
    let sealed = vec![b'z'; 60_000];
    let mut result = Vec::new();
    FromVault::Result { octets: 60_000 }
        .encode(&mut result)
        .unwrap();
    FromVault::Run(sealed.clone()).encode(&mut result).unwrap();
    FromVault::Done.encode(&mut result).unwrap();
    vault.write_all(&result).await.unwrap();
    Bench::hears(
        &mut bench.client,
        "* 2 CONVERTED (TAG \"c\") (UID 4 BINARY[1] {60000}\r\n",
    )
    .await;
    Bench::hears(&mut bench.client, &String::from_utf8(sealed).unwrap()).await;
    Bench::hears(&mut bench.client, ")\r\nc OK Converted\r\n").await;
    let last = ToVault::End.to_octets().unwrap();
    assert!(
        rest(&mut vault).await.as_bytes().ends_with(&last),
        "and then the vault was let go"
    );
}

#[tokio::test]
async fn a_user_holds_so_many_statements_over_all_connections() {
    let mut bench = Bench::selected().await;
    let elsewhere = |user: &str| bench.unused.take(user.to_owned());
    let (first, second) = (elsewhere("u"), elsewhere("u"));
    assert!(elsewhere("v").is_some(), "another user has places");
    assert!(first.is_some() && second.is_some());
    Bench::says(&mut bench.client, "n KEYREVEAL\r\n").await;
    Bench::hears(
        &mut bench.client,
        "n NO [LIMIT] Too many statements are unused\r\n",
    )
    .await;
    drop(first);
    let mut vault = bench.with_vault().await;
    let unused = bench.unused.clone();
    assert!(unused.take("u".to_owned()).is_none(), "its place is taken");
    bench.half_way(&mut vault).await;
    assert!(
        unused.take("u".to_owned()).is_some(),
        "a statement that is used is not unused"
    );
}

#[tokio::test]
async fn a_stopped_server_says_goodbye() {
    let bench = Bench::selected().await;
    bench.stop.send_replace(Stop::Yes);
    let mut bench = bench.ends().await;
    let told = rest(&mut bench.client).await;
    assert!(told.starts_with("* BYE [UNAVAILABLE]"), "{told}");
}

/// Sixty-four megabytes pass through pipes of four kilobytes: nothing can have been collected.
#[tokio::test]
async fn a_large_literal_streams_through() {
    let mut bench = Bench::selected().await;
    const OCTETS: usize = 64 << 20;
    Bench::says(&mut bench.client, "f FETCH 1 BODY[]\r\n").await;
    Bench::hears(&mut bench.store, "f FETCH 1 BODY[]\r\n").await;
    let Bench {
        mut client,
        mut store,
        ..
    } = bench;
    let begin = format!("* 1 FETCH (BODY[] {{{OCTETS}}}\r\n");
    let sending = tokio::spawn({
        let begin = begin.clone();
        async move {
            let run = vec![b'x'; 1 << 16];
            store.write_all(begin.as_bytes()).await.unwrap();
            for _ in 0..OCTETS >> 16 {
                store.write_all(&run).await.unwrap();
            }
            store.write_all(b")\r\nf OK done\r\n").await.unwrap();
            store
        }
    });
    Bench::hears(&mut client, &begin).await;
    let mut run = vec![0; 1 << 16];
    for _ in 0..OCTETS >> 16 {
        client.read_exact(&mut run).await.unwrap();
    }
    Bench::hears(&mut client, ")\r\nf OK done\r\n").await;
    drop(sending.await.unwrap());
}
