//! A store that is overheard, the real program before it, and a bystander who must not notice.

use tests::harness::dovecot::{ANN, BOB};
use tests::harness::embedded::Embedded;
use tests::harness::footprint::Memory;
use tests::harness::imap::{Answer, Client};
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::mail;
use tests::harness::middleman::Middleman;

/// More than the program may grow by, whatever it is sent: buffers of both ways, many times over.
const GROWTH: u64 = 12 * 1024 * 1024;

pub(crate) struct Scene {
    pub(crate) keyhole: Keyhole,
    middleman: Middleman,
    pub(crate) store: Embedded,
    bystander: Client,
    seen: Answer,
    before: u64,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(|response| response)
    }

    /// The store's responses come as `alter` leaves them.
    pub(crate) fn with(alter: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let store = Embedded::start();
        for user in [ANN, BOB] {
            store.deliver(user, &mail::message("hello", b"\r\nhello\r\n"));
        }
        let middleman = Middleman::before_store(store.address, alter);
        let settings = Settings {
            vault: "pool = 1\n".to_owned(),
            ..Settings::default()
        };
        let keyhole = Keyhole::start_with(&Behind::loopback(middleman.address()), &settings);
        let mut bystander = Client::tls(keyhole.address, &keyhole.certificate.authority);
        bystander.login(BOB);
        assert!(bystander.command("SELECT INBOX").is_ok());
        let seen = bystander.command(LOOK);
        assert!(seen.is_ok(), "{seen:?}");
        let before = resident(&keyhole);
        Self {
            keyhole,
            middleman,
            store,
            bystander,
            seen,
            before,
        }
    }

    /// A client that nobody has logged in on.
    pub(crate) fn stranger(&self) -> Client {
        Client::tls(self.keyhole.address, &self.keyhole.certificate.authority)
    }

    /// A client of Ann's with her INBOX selected.
    pub(crate) fn client(&self) -> Client {
        let mut client = self.stranger();
        client.login(ANN);
        assert!(client.command("SELECT INBOX").is_ok());
        client
    }

    /// Nobody else was moved, and memory has not grown beyond what buffers take.
    pub(crate) fn is_unharmed(&mut self) {
        assert!(self.bystander.command("NOOP").is_ok());
        let seen = self.bystander.command(LOOK);
        assert_eq!(seen.octets(), self.seen.octets());
        let now = resident(&self.keyhole);
        assert!(
            now < self.before + GROWTH,
            "{} octets before, {now} now",
            self.before
        );
    }

    /// Whether the store was ever sent these octets.
    pub(crate) fn store_heard(&self, octets: &str) -> bool {
        let heard = self.middleman.heard();
        let mut places = heard.windows(octets.len());
        places.any(|place| place == octets.as_bytes())
    }
}

const LOOK: &str = "UID FETCH 1 (FLAGS BODY.PEEK[])";

fn resident(keyhole: &Keyhole) -> u64 {
    Memory::of(keyhole.process())
        .expect("the program runs")
        .resident
}
