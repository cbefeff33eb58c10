//! One reveal by the handset's library, step by step: what is secret in it is known before it is sent.

use std::fs;
use std::num::NonZeroU16;
use std::time::SystemTime;

use getrandom::SysRng;
use handset::{
    Client, Connection, Deadlines, Error, FetchRequest, Fetched, Gathered, Holdings, Mailbox,
    PartPath, Pin, Prepared, Server, Trust, Uid,
};
use keyreveal::names::PARAM_REVEAL;
use keyreveal::{SealedReveal, SignedStatement};
use rand_core::UnwrapErr;
use tests::harness::dovecot::ANN;
use tests::harness::keyhole::{Keyhole, children};
use tests::residue::Wanted;
use tests::secrets::{Exchange, OneTime, Sent};
use tokio::runtime::Runtime;

use crate::mail;

/// Pixels of the thumbnail's longer side.
const THUMBNAIL: u16 = 320;

/// A handset that is logged in.
pub(crate) struct Handset {
    runtime: Runtime,
    client: Client,
}

/// A reveal that was not sent yet.
pub(crate) struct Ready {
    /// The command.
    pub(crate) prepared: Prepared,
    /// The payload of the statement that it is sealed to.
    pub(crate) payload: Vec<u8>,
    /// The one-time public key.
    pub(crate) public: Vec<u8>,
}

impl Handset {
    /// Connects and logs in.
    pub(crate) fn new(keyhole: &Keyhole) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let authority = fs::read(&keyhole.certificate.authority).expect("the authority");
        let trust = Trust::from_pem(&authority).expect("an authority");
        let server = Server::new("127.0.0.1", keyhole.address.port());
        let client = runtime.block_on(async {
            let connection = Connection::open(&server, &trust, Deadlines::PATIENT).await?;
            connection.login(ANN.name, ANN.password.as_bytes()).await
        });
        Self {
            runtime,
            client: client.expect("logged in"),
        }
    }

    /// Asks for a statement and seals the message's key to it.
    pub(crate) fn prepare(&mut self, mailbox: &mail::Mailbox, uid: u32) -> Ready {
        let mut rng = UnwrapErr(SysRng);
        let holdings = Holdings {
            keys: std::slice::from_ref(&mailbox.holder),
            pin: Pin::FirstUse,
        };
        let request = request(uid);
        let gathered = self.client.gather(&request, holdings, &mut rng);
        let gathered = self.runtime.block_on(gathered).expect("a statement");
        let (payload, public) = self.stated(&gathered);
        let draft = self
            .client
            .draft(&request, gathered, holdings, now(), &mut rng)
            .expect("a draft");
        Ready {
            prepared: draft.seal(&mut rng).expect("a sealed reveal"),
            payload,
            public,
        }
    }

    fn stated(&self, gathered: &Gathered) -> (Vec<u8>, Vec<u8>) {
        let octets = gathered.statement.octets();
        let identity = gathered.statement.claimed_identity().expect("an identity");
        let binding = self.client.channel_binding();
        let verified =
            SignedStatement::verify(octets, &identity, binding, now()).expect("a statement");
        let statement = verified.statement();
        (statement.payload(), statement.public_key.clone())
    }

    /// Sends the reveal; gives the sealed result.
    pub(crate) fn send(&mut self, ready: &Ready) -> Result<handset::SealedResult, Error> {
        self.runtime.block_on(self.client.send(&ready.prepared))
    }

    /// Says goodbye.
    pub(crate) fn logout(self) {
        self.runtime.block_on(self.client.logout());
    }
}

impl Ready {
    /// The sealed reveal as it stands in the command, in base64.
    pub(crate) fn sealed(&self) -> &[u8] {
        let parameters = &self.prepared.command.parameters;
        let reveal = parameters
            .iter()
            .find(|(name, _)| name.as_str() == PARAM_REVEAL);
        &reveal.expect("the reveal's parameter").1
    }

    /// The vault that waits for it, a child of `warden`: the one whose numbers give the stated key.
    pub(crate) fn vault(&self, warden: u32) -> (u32, OneTime) {
        let vaults = children(warden).into_iter();
        let mut keys = vaults.map(|process| (process, OneTime::of_vault(process)));
        keys.find(|(_, key)| key.public.as_slice() == self.public)
            .expect("a vault with the stated key")
    }

    /// The exchange with the vault whose one-time key this is. It is the right one: the reveal opens.
    pub(crate) fn exchange(&self, key: &OneTime) -> Exchange {
        let sealed = SealedReveal::from_base64(self.sealed()).expect("a sealed reveal");
        let sent = Sent::read(&sealed.encode());
        let exchange = key.exchange(&sent, &self.payload);
        assert!(exchange.open_reveal(&sent).is_some(), "not the vault's key");
        exchange
    }

    /// Opens the result, and gives what is secret in it.
    pub(crate) fn open(&self, result: &handset::SealedResult, exchange: &Exchange) -> Vec<Wanted> {
        let fetched: Fetched = self
            .prepared
            .open(result, &[], &mut UnwrapErr(SysRng))
            .expect("a result");
        let picture = fetched.content.expose();
        let (opened, mut wanted) = exchange.open_result(result.octets()).expect("a result");
        let inside = opened.windows(picture.len()).any(|part| part == picture);
        assert!(inside, "not the key of the result");
        wanted.extend(mail::samples("thumbnail", picture));
        wanted
    }
}

fn request(uid: u32) -> FetchRequest {
    let inbox = Mailbox::new(b"INBOX");
    let uid = Uid::new(uid).expect("a UID");
    let section = PartPath::new("2").expect("a section");
    FetchRequest {
        width: NonZeroU16::new(THUMBNAIL),
        height: NonZeroU16::new(THUMBNAIL),
        ..FetchRequest::new(inbox, uid, section)
    }
}

#[expect(clippy::disallowed_methods, reason = "a statement expires")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}
