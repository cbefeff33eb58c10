//! The handset's library, step by step: a test stands between the steps, and sees what was answered.

use std::fs;
use std::num::NonZeroU16;
use std::time::Duration;

use handset::{
    Answer, Bounds, Certificate, Client, Connection, Consent, Deadlines, Error, FetchRequest,
    Fetched, Holder, Holdings, Pin, Prepared, PrivateKey, Server, Trust,
};
use tokio::runtime::Runtime;
use wire::imap::{Addressing, CommandBody};

use super::dovecot::User;
use super::keyhole::Keyhole;
use super::openssl::Recipient;
use super::phone::{self, rng, unix_time};

/// Longer than any deadline of the proxy's that a test sets.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(30),
    silence: Duration::from_secs(30),
    answer: Duration::from_secs(60),
};
/// As much as any result has.
const LARGEST: usize = 16 * 1024 * 1024;

/// How often a condition is asked for while a command runs.
const GLANCE: Duration = Duration::from_millis(5);

/// One connection of a handset's.
pub struct Visit {
    runtime: Runtime,
    client: Client,
    keys: [Holder; 1],
}

impl Visit {
    /// Connects to the proxy and logs in.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn new(keyhole: &Keyhole, user: User, recipient: &Recipient) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let authority = fs::read(&keyhole.certificate.authority).expect("the authority");
        let trust = Trust::from_pem(&authority).expect("an authority");
        let server = Server::new(&keyhole.address.ip().to_string(), keyhole.address.port());
        let client = runtime
            .block_on(async {
                let connection = Connection::open(&server, &trust, DEADLINES).await?;
                connection.login(user.name, user.password.as_bytes()).await
            })
            .unwrap_or_else(|error| panic!("a handset cannot log in: {error}"));
        let keys = [holder(recipient)];
        Self {
            runtime,
            client,
            keys,
        }
    }

    /// Does all up to the reveal, for a thumbnail of `section`; a vault waits behind it.
    ///
    /// # Panics
    /// When that fails.
    pub fn prepare(&mut self, uid: u32, section: &str) -> Prepared {
        let holdings = Holdings {
            keys: &self.keys,
            pin: Pin::FirstUse,
        };
        let mut rng = rng();
        let request = request(uid, section);
        let preparing = self
            .client
            .prepare(&request, holdings, &unix_time, &mut rng);
        self.runtime
            .block_on(preparing)
            .unwrap_or_else(|error| panic!("no reveal can be prepared: {error}"))
    }

    /// Sends the reveal and gives what is answered.
    ///
    /// # Errors
    /// What goes wrong with the connection.
    pub fn reveal(&mut self, prepared: &Prepared) -> Result<Answer, Error> {
        let command = CommandBody::Convert(Addressing::Uid, prepared.command.clone());
        self.command(command)
    }

    /// Sends the reveal, and goes away without a word as soon as `now`.
    ///
    /// # Panics
    /// When the answer comes before.
    pub fn abandon(mut self, prepared: &Prepared, now: impl Fn() -> bool) {
        let command = CommandBody::Convert(Addressing::Uid, prepared.command.clone());
        let running = self.client.command(command, Bounds::of(LARGEST));
        self.runtime.block_on(async {
            tokio::select! {
                answer = running => panic!("answered: {answer:?}"),
                () = until(now) => {}
            }
        });
    }

    /// Runs any command.
    ///
    /// # Errors
    /// What goes wrong with the connection.
    pub fn command(&mut self, command: CommandBody) -> Result<Answer, Error> {
        let running = self.client.command(command, Bounds::of(LARGEST));
        self.runtime.block_on(running)
    }

    /// A thumbnail of `section`, from the first look to the checked result.
    ///
    /// # Errors
    /// Any.
    pub fn fetch(&mut self, uid: u32, section: &str) -> Result<Fetched, Error> {
        let prepared = self.prepare(uid, section);
        let mut rng = rng();
        let sealed = self.runtime.block_on(self.client.send(&prepared))?;
        prepared.open(&sealed, &self.keys, &mut rng)
    }
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(GLANCE).await;
    }
}

/// A thumbnail of `section`.
fn request(uid: u32, section: &str) -> FetchRequest {
    let size = NonZeroU16::new(160);
    FetchRequest {
        width: size,
        height: size,
        // What one key opens is another test's question.
        consent: Consent::WholeMessage,
        ..phone::request(uid, section)
    }
}

fn holder(recipient: &Recipient) -> Holder {
    let key = fs::read_to_string(&recipient.key).expect("the key");
    let certificate = fs::read_to_string(&recipient.certificate).expect("the certificate");
    let key = PrivateKey::from_pem(&key, None).expect("a key");
    let certificate = Certificate::from_pem(&certificate).expect("a certificate");
    Holder::new(key, certificate).expect("a key of the certificate's")
}
