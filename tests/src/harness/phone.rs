//! The handset's library, a step at a time, over a connection whose octets are kept: for tests that alter what a handset
//! would send, and that look at every octet of the answer.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use handset::{
    Bounds, Certificate, Client, Connection, Deadlines, Error, FetchRequest, Fetched, Gathered,
    Holder, Holdings, Mailbox, PartPath, Prepared, PrivateKey, RevealDraft, Uid,
};
use keyreveal::{ChannelBinding, SignedStatement};
use rand_core::UnwrapErr;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use wire::imap::command::Opening;
use wire::imap::{Addressing, CommandBody, Convert, MediaType};

use super::dovecot::User;
use super::imap::trusting;
use super::keyhole::Place;
use super::openssl::Recipient;
use super::{statement, wait};

/// `docs/protocol.md` §12: a refusal is given at a multiple of this after the part's end, or after its command came.
const BUCKET: Duration = vault::frames::REFUSAL;
/// Larger than any answer may be.
const LARGEST: usize = 8 * 1024 * 1024;

/// The system's generator.
#[must_use]
pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// Seconds of Unix time.
///
/// # Panics
/// When the clock is before 1970.
#[expect(clippy::disallowed_methods, reason = "a handset asks the clock")]
#[must_use]
pub fn unix_time() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock after 1970").as_secs()
}

/// `section` of message `uid` in INBOX, as the handset asks for it.
///
/// # Panics
/// When there can be no such UID or section.
#[must_use]
pub fn request(uid: u32, section: &str) -> FetchRequest {
    let uid = Uid::new(uid).expect("a UID");
    let section = PartPath::new(section).expect("a section");
    FetchRequest::new(Mailbox::new(b"INBOX"), uid, section)
}

/// What went over a connection, inside TLS.
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Tape {
    /// All that the handset sent.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        self.lock().sent.clone()
    }

    /// All that it was sent, from octet `mark` on.
    #[must_use]
    pub fn received_from(&self, mark: usize) -> Vec<u8> {
        self.lock().received[mark..].to_vec()
    }

    fn mark(&self) -> usize {
        self.lock().received.len()
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handset that is logged in.
pub struct Phone {
    runtime: Runtime,
    client: Client,
    user: User,
    key: Holder,
    pin: handset::Pin,
    /// What went over its connection.
    pub tape: Tape,
}

/// What a conversion was answered.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Every octet from the command on, requests for a literal's octets left out.
    pub octets: Vec<u8>,
    tag: String,
    took: Duration,
    asked: Convert,
}

impl Phone {
    /// Connects and logs in. The proxy's identity is believed at first sight.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn connect(place: &Place, user: User, recipient: &Recipient) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let tape = Tape::default();
        let client = runtime.block_on(log_in(place, user, tape.clone()));
        Self {
            runtime,
            client,
            user,
            key: holder(recipient),
            pin: handset::Pin::FirstUse,
            tape,
        }
    }

    /// The same for a proxy that must have `identity`.
    #[must_use]
    pub fn pinned(self, identity: keyreveal::IdentityKey) -> Self {
        Self {
            pin: handset::Pin::Known(identity),
            ..self
        }
    }

    /// Who is logged in.
    #[must_use]
    pub fn user(&self) -> User {
        self.user
    }

    /// The UIDVALIDITY of the mailbox that is open.
    ///
    /// # Panics
    /// When none is.
    #[must_use]
    pub fn uid_validity(&self) -> u32 {
        let selected = self.client.selected().expect("an open mailbox");
        selected.uid_validity.value()
    }

    /// The value that binds statements to this connection.
    #[must_use]
    pub fn binding(&self) -> ChannelBinding {
        *self.client.channel_binding()
    }

    /// Looks at the part and asks for a key statement.
    ///
    /// # Errors
    /// What speaks against revealing its key.
    pub fn gather(&mut self, request: &FetchRequest) -> Result<Gathered, Error> {
        let keys = std::slice::from_ref(&self.key);
        let holdings = Holdings {
            keys,
            pin: self.pin,
        };
        let mut rng = rng();
        let gathering = self.client.gather(request, holdings, &mut rng);
        self.runtime.block_on(gathering)
    }

    /// The same look at the part, with a key statement of its own.
    ///
    /// # Panics
    /// When the proxy gives none.
    #[must_use]
    pub fn with_new_statement(&mut self, gathered: &Gathered) -> Gathered {
        let statement = self.runtime.block_on(self.client.key_statement());
        Gathered {
            statement: statement.expect("a key statement"),
            ..gathered.clone()
        }
    }

    /// Checks the statement and puts together what will be sealed.
    ///
    /// # Errors
    /// What speaks against revealing the key.
    pub fn draft(&self, request: &FetchRequest, gathered: &Gathered) -> Result<RevealDraft, Error> {
        self.draft_at(request, gathered, unix_time())
    }

    /// The same by a clock of the test's own.
    ///
    /// # Errors
    /// What speaks against revealing the key.
    pub fn draft_at(
        &self,
        request: &FetchRequest,
        gathered: &Gathered,
        now: u64,
    ) -> Result<RevealDraft, Error> {
        let holdings = Holdings {
            keys: std::slice::from_ref(&self.key),
            pin: self.pin,
        };
        self.client
            .draft(request, gathered.clone(), holdings, now, &mut rng())
    }

    /// The signed statement that came last, as its octets.
    ///
    /// # Panics
    /// When none came.
    #[must_use]
    pub fn last_statement(&self) -> Vec<u8> {
        let received = self.tape.received_from(0);
        let lines = received.split(|octet| *octet == b'\n').rev();
        let text = lines
            .filter_map(statement::text)
            .next()
            .expect("a statement");
        SignedStatement::from_base64(text).expect("a signed statement")
    }

    /// Everything up to a sealed reveal that is not sent yet.
    ///
    /// # Errors
    /// What speaks against revealing the key.
    pub fn prepare(&mut self, request: &FetchRequest) -> Result<Prepared, Error> {
        let gathered = self.gather(request)?;
        self.draft(request, &gathered)?.seal(&mut rng())
    }

    /// Sends a prepared reveal, opens and checks what comes back.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn fetch(&mut self, prepared: &Prepared) -> Result<Fetched, Error> {
        let sealed = self.runtime.block_on(self.client.send(prepared))?;
        prepared.open(&sealed, std::slice::from_ref(&self.key), &mut rng())
    }

    /// Sends a conversion, whatever it says, and gives back every octet of the answer.
    ///
    /// # Panics
    /// When the connection ends.
    #[must_use]
    pub fn convert(&mut self, command: &Convert) -> Heard {
        let mark = self.tape.mark();
        let begun = wait::now();
        let tag = self.command(CommandBody::Convert(Addressing::Uid, command.clone()));
        let took = begun.elapsed();
        let octets = self.tape.received_from(mark);
        let go_on = octets.starts_with(b"+ ").then(|| line(&octets).len());
        Heard {
            octets: octets[go_on.unwrap_or(0)..].to_vec(),
            tag,
            took,
            asked: command.clone(),
        }
    }

    /// Opens a mailbox behind the library's back.
    ///
    /// # Panics
    /// When there is none such.
    pub fn examine(&mut self, mailbox: &str) {
        let opening = Opening {
            mailbox: Mailbox::new(mailbox.as_bytes()),
            parameters: None,
        };
        self.command(CommandBody::Examine(opening));
    }

    /// Runs a command and gives its tag.
    ///
    /// # Panics
    /// When the connection ends.
    pub fn command(&mut self, body: CommandBody) -> String {
        let running = self.client.command(body, Bounds::of(LARGEST));
        let answer = self.runtime.block_on(running).expect("an answer");
        answer.tag.as_str().to_owned()
    }
}

impl Heard {
    /// Whether this is the one answer that every refused reveal gets, octet for octet, at the end of a time bucket.
    ///
    /// # Panics
    /// When it is not; `case` is named.
    pub fn assert_refused(&self, case: &str) {
        assert_eq!(
            String::from_utf8_lossy(&self.octets),
            self.refusal(),
            "{case}"
        );
        assert!(self.took >= BUCKET, "{case}: after {:?}", self.took);
    }

    /// Whether a result came.
    ///
    /// # Panics
    /// When none did; `case` is named.
    pub fn assert_converted(&self, case: &str) {
        let text = String::from_utf8_lossy(&self.octets);
        let tagged = format!("{} OK ", self.tag);
        assert!(
            text.contains(&tagged) && !text.contains("ERROR"),
            "{case}: {text}"
        );
    }

    /// `docs/protocol.md` §12. In the tests' mailboxes a message has its number as UID.
    fn refusal(&self) -> String {
        let container = self.asked.target.as_ref().map_or("", MediaType::name);
        let uid = self.asked.set.single().expect("one message");
        let phrase = format!(
            "(ERROR \"The reveal was refused\" BADPARAMETERS \"application/pkcs7-mime\" \"{container}\" \
             (u.urn:x-keyhole:reveal \"\"))"
        );
        let section = &self
            .asked
            .items
            .iter()
            .find_map(section_of)
            .expect("a part");
        format!(
            "* {uid} CONVERTED (TAG \"{tag}\") (UID {uid} BINARY.SIZE[{section}] {phrase} BINARY[{section}] {phrase})\r\n\
             {tag} NO [CANNOT] The reveal was refused\r\n",
            tag = self.tag,
        )
    }
}

fn section_of(item: &wire::imap::ConvertItem) -> Option<&PartPath> {
    match item {
        wire::imap::ConvertItem::Binary { part, .. } => Some(part),
        wire::imap::ConvertItem::Uid
        | wire::imap::ConvertItem::BinarySize(_)
        | wire::imap::ConvertItem::BodyPartStructure(_)
        | wire::imap::ConvertItem::AvailableConversions(_)
        | wire::imap::ConvertItem::Header(_) => None,
    }
}

fn line(octets: &[u8]) -> &[u8] {
    octets
        .split_inclusive(|octet| *octet == b'\n')
        .next()
        .unwrap_or_default()
}

fn holder(recipient: &Recipient) -> Holder {
    let text = |path| fs::read_to_string(path).expect("a PEM file");
    let key = PrivateKey::from_pem(&text(&recipient.key), None).expect("a key");
    let certificate = Certificate::from_pem(&text(&recipient.certificate)).expect("a certificate");
    Holder::new(key, certificate).expect("a key with its certificate")
}

async fn log_in(place: &Place, user: User, tape: Tape) -> Client {
    let config: Arc<ClientConfig> = trusting(&place.authority);
    let (stream, binding) = connect(place.address, config).await;
    let recording = Recording { stream, tape };
    let connection = Connection::over(recording, binding, Deadlines::PATIENT)
        .await
        .expect("a greeting");
    let login = connection.login(user.name, user.password.as_bytes()).await;
    login.expect("a login")
}

async fn connect(
    address: SocketAddr,
    config: Arc<ClientConfig>,
) -> (tokio_rustls::client::TlsStream<TcpStream>, ChannelBinding) {
    let tcp = TcpStream::connect(address).await.expect("a connection");
    tcp.set_nodelay(true).expect("no delay");
    let name = ServerName::from(address.ip());
    let tls = TlsConnector::from(config).connect(name, tcp).await;
    let tls = tls.expect("TLS");
    // RFC 9266 §2
    let exported =
        tls.get_ref()
            .1
            .export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b""));
    let binding = ChannelBinding(exported.expect("an exporter"));
    (tls, binding)
}

/// A stream that keeps what goes over it.
struct Recording<S> {
    stream: S,
    tape: Tape,
}

impl<S: AsyncRead + Unpin> AsyncRead for Recording<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = room.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, room))?;
        self.tape
            .lock()
            .received
            .extend_from_slice(&room.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recording<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.stream).poll_write(cx, octets))?;
        self.tape.lock().sent.extend_from_slice(&octets[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
