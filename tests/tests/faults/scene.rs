//! A store with a middle-man before it, the real server, somebody who is hit, and a bystander who must not notice.

use std::thread;

use handset::{Answer, Error, Prepared};
use serde_json::Value;
use tests::harness::dovecot::{ANN, BOB};
use tests::harness::embedded::Embedded;
use tests::harness::footprint::Footprint;
use tests::harness::imap::{self, Client};
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::mail;
use tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use tests::harness::photograph;
use tests::harness::scratch::Scratch;
use tests::harness::visit::Visit;
use tests::harness::wait;
use wire::imap::response::{Code, StatusKind};
use wire::imap::{CommandBody, Response};

use crate::saboteur::{Act, Fault, Saboteur};

/// The message whose section 2 is an encrypted photograph.
pub(crate) const PHOTO: u32 = 1;
/// A message much longer than all the buffers on the way.
pub(crate) const LONG: u32 = 2;
/// Octets of its text.
const LONG_OCTETS: usize = 24 * 1024 * 1024;
/// Vaults kept ready: with one, it is known which is handed out next.
const POOL: usize = 1;

/// All that a fault happens in.
pub(crate) struct Scene {
    pub(crate) keyhole: Keyhole,
    pub(crate) saboteur: Saboteur,
    pub(crate) bystander: Bystander,
    pub(crate) recipient: Recipient,
    /// What the server takes with the bystander alone.
    rest: Footprint,
    _store: Embedded,
    _folder: Scratch,
}

/// Deadlines short enough to be waited for.
pub(crate) fn short() -> Settings {
    Settings {
        store: "connect_seconds = 2\ngreeting_seconds = 2\nanswer_seconds = 2\n".to_owned(),
        vault: format!("pool = {POOL}\njob_seconds = 3\nlifetime_seconds = 20\n"),
        ..Settings::default()
    }
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(&short())
    }

    pub(crate) fn with(settings: &Settings) -> Self {
        let folder = Scratch::new();
        let recipient = Recipient::make(folder.path(), "ann", KeyKind::P256);
        let store = Embedded::start();
        store.deliver(ANN, &photo(&recipient));
        store.deliver(ANN, &long());
        store.deliver(BOB, &photo(&recipient));
        let saboteur = Saboteur::before(store.address);
        let keyhole = Keyhole::start_with(&Behind::loopback(saboteur.address), settings);
        let bystander = Bystander::new(&keyhole);
        Self {
            rest: Footprint::at_rest(&keyhole, POOL),
            keyhole,
            saboteur,
            bystander,
            recipient,
            _store: store,
            _folder: folder,
        }
    }

    /// A handset of Ann's.
    pub(crate) fn visit(&self) -> Visit {
        Visit::new(&self.keyhole, ANN, &self.recipient)
    }

    /// A plain client of Ann's, with her mailbox open. Its tags so far: t1 and t2.
    pub(crate) fn client(&self) -> Client {
        let mut client = self.stranger();
        client.login(ANN);
        assert!(client.command("SELECT INBOX").is_ok());
        client
    }

    /// A plain client that nobody has logged in on.
    pub(crate) fn stranger(&self) -> Client {
        Client::tls(self.keyhole.address, &self.keyhole.certificate.authority)
    }

    /// The vault that is handed out next.
    pub(crate) fn next_vault(&self) -> u32 {
        self.rest.is_restored_in_processes(&self.keyhole);
        self.keyhole.descendants()[1]
    }

    /// The warden.
    pub(crate) fn warden(&self) -> u32 {
        self.keyhole.descendants()[0]
    }

    /// Sends the reveal under a fault. When that has happened and the bystander was seen to be well, `then` is done, and
    /// what is held may go on.
    pub(crate) fn reveal_under(
        &mut self,
        visit: &mut Visit,
        prepared: &Prepared,
        fault: Fault,
        then: impl FnOnce(&mut Keyhole) + Send,
    ) -> Result<Answer, Error> {
        let Self {
            keyhole,
            saboteur,
            bystander,
            ..
        } = self;
        saboteur.arm(fault);
        thread::scope(|scope| {
            scope.spawn(|| {
                saboteur.happened();
                bystander.is_unharmed();
                then(keyhole);
                saboteur.release();
            });
            visit.reveal(prepared)
        })
    }

    /// The bystander goes on as ever, and of what was hit nothing is left.
    pub(crate) fn is_as_before(&mut self) {
        self.saboteur.release();
        self.bystander.is_unharmed();
        self.rest.is_restored(&self.keyhole);
    }

    /// Afterwards another connection gets its picture.
    pub(crate) fn still_works(&mut self) {
        let mut visit = self.visit();
        is_converted(&mut visit);
        drop(visit);
        self.is_as_before();
    }
}

/// A thumbnail comes back on this connection.
pub(crate) fn is_converted(visit: &mut Visit) {
    let fetched = visit.fetch(PHOTO, "2").expect("a thumbnail");
    let (width, height) = (160, 120);
    let picture = handset::Measure::Picture { width, height };
    assert_eq!(fetched.measure, picture);
}

/// Behind so many octets of the part.
pub(crate) fn within_part(prepared: &Prepared, octets: usize, act: Act) -> Fault {
    Fault::after(&announcement(prepared.part_octets), octets, act)
}

/// How the store announces the part.
pub(crate) fn announcement(octets: u64) -> String {
    format!("BODY[2] {{{octets}}}\r\n")
}

/// The next record of `event` after the first `before`.
pub(crate) fn next_event(keyhole: &Keyhole, event: &str, before: usize) -> Value {
    wait::until(&format!("one more {event}"), || {
        keyhole.events(event).into_iter().nth(before)
    })
}

/// How a conversion without a result was answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    /// `NO [UNAVAILABLE]`: the store failed, or there is no warden.
    Unavailable,
    /// `NO [TEMPFAIL]`: the vault failed.
    TempFail,
    /// `NO [CANNOT]`: the one answer of a refused reveal.
    Refused,
}

/// Reads how a conversion was answered: every answer has the phrase that goes with its status.
pub(crate) fn told(answer: &Answer) -> Told {
    assert_eq!(answer.status.kind, StatusKind::No, "{answer:?}");
    let (told, phrase) = match answer.status.code {
        Some(Code::Unavailable) => (Told::Unavailable, None),
        Some(Code::TempFail) => (Told::TempFail, Some("TEMPFAIL")),
        Some(Code::Cannot) => (Told::Refused, Some("BADPARAMETERS")),
        _ => panic!("{answer:?}"),
    };
    let converted = answer.untagged.iter().find_map(|response| match response {
        Response::Converted(converted) => Some(converted.clone().encode()),
        _ => None,
    });
    match (phrase, converted) {
        (None, None) => {}
        (Some(phrase), Some(octets)) => {
            let text = String::from_utf8_lossy(&octets).into_owned();
            assert!(text.contains("(ERROR ") && text.contains(phrase), "{text}");
        }
        (_, converted) => panic!("{:?} with {converted:?}", answer.status),
    }
    told
}

/// The connection is alive.
pub(crate) fn goes_on(visit: &mut Visit) {
    let answer = visit.command(CommandBody::Noop).expect("an answer");
    assert_eq!(answer.status.kind, StatusKind::Ok);
}

/// The connection is over, in good order.
pub(crate) fn is_over(visit: &mut Visit) {
    let ended = visit.command(CommandBody::Noop);
    assert!(
        matches!(ended, Err(Error::Closed(_) | Error::Network(_))),
        "{ended:?}"
    );
}

/// Somebody else, logged in all the time.
pub(crate) struct Bystander {
    client: Client,
    seen: imap::Answer,
}

const LOOK: &str = "UID FETCH 1 (FLAGS RFC822.SIZE BODY.PEEK[HEADER] BODY.PEEK[2]<0.70000>)";

impl Bystander {
    fn new(keyhole: &Keyhole) -> Self {
        let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
        client.login(BOB);
        assert!(client.command("EXAMINE INBOX").is_ok());
        let seen = client.command(LOOK);
        assert!(seen.is_ok() && seen.octets().len() > 70_000, "{seen:?}");
        Self { client, seen }
    }

    /// Everything is as it was.
    pub(crate) fn is_unharmed(&mut self) {
        assert!(self.client.command("NOOP").is_ok());
        let seen = self.client.command(LOOK);
        assert_eq!(seen.tagged, self.seen.tagged);
        assert_eq!(seen.octets(), self.seen.octets());
    }

    /// The connection, to be used up.
    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// The same.
    pub(crate) fn into_client(self) -> Client {
        self.client
    }
}

fn photo(recipient: &Recipient) -> Vec<u8> {
    let entity = mail::entity("image/jpeg", "p.jpg", &photograph::small().octets);
    let cipher = Cipher::Aes256Gcm;
    let cms = openssl::encrypt(
        &entity,
        recipient,
        cipher,
        Transport::EcdhSha256,
        Layout::Stream,
    );
    mail::message_with_parts("a photo", &[mail::smime_part(&cms, cipher)])
}

fn long() -> Vec<u8> {
    let line = format!("{}\r\n", "=".repeat(76));
    let text = line.repeat(LONG_OCTETS / line.len());
    let entity = format!("Content-Type: text/plain\r\n\r\n{text}");
    mail::message("long", entity.as_bytes())
}
