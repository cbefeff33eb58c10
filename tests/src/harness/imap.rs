//! A plain IMAP client: sends what it is told and gives back the very octets that come.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ConfigBuilder, RootCertStore, StreamOwned};
use wire::imap::response::Kind;
use wire::{Collected, Collector, Framer, Limits, Side};

use super::certificate::ServerCertificate;
use super::deflated::Deflated;
use super::dovecot::User;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Larger than any answer may be.
const LARGEST: usize = 512 * 1024 * 1024;
const READ: usize = 64 * 1024;

trait Stream: Read + Write + Debug + Send {}
impl<T: Read + Write + Debug + Send> Stream for T {}

/// A connection.
#[derive(Debug)]
pub struct Client {
    stream: Box<dyn Stream>,
    framer: Framer,
    collector: Collector,
    unread: Vec<u8>,
    tags: u32,
}

/// What a command was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Untagged responses and continuations, each with its literals and CRLF.
    pub untagged: Vec<Vec<u8>>,
    /// The tagged response without its tag.
    pub tagged: String,
}

impl Answer {
    /// Whether the tagged response is OK.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.tagged.starts_with("OK")
    }

    /// All untagged responses in one piece.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        self.untagged.concat()
    }

    /// The same as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.octets()).into_owned()
    }
}

impl Client {
    /// Connects in clear and reads the greeting.
    ///
    /// # Panics
    /// When nobody greets.
    #[must_use]
    pub fn clear(address: SocketAddr) -> Self {
        Self::over(Box::new(connect(address))).greeted()
    }

    /// Connects over TLS, trusting `authority`, and reads the greeting.
    ///
    /// # Panics
    /// When nobody greets.
    #[must_use]
    pub fn tls(address: SocketAddr, authority: &Path) -> Self {
        Self::ungreeted(address, authority).greeted()
    }

    /// Connects, sends `header` in clear, and goes on as [`Client::tls`] does.
    ///
    /// # Panics
    /// When nobody greets.
    #[must_use]
    pub fn tls_behind(address: SocketAddr, authority: &Path, header: &[u8]) -> Self {
        let mut stream = connect(address);
        stream.write_all(header).expect("octets are sent");
        let name = ServerName::from(address.ip());
        let connection = ClientConnection::new(trusting(authority), name).expect("a TLS client");
        Self::over(Box::new(StreamOwned::new(connection, stream))).greeted()
    }

    /// Connects over TLS, trusting `authority`, and reads nothing: the first response may be any.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn ungreeted(address: SocketAddr, authority: &Path) -> Self {
        let name = ServerName::from(address.ip());
        let connection = ClientConnection::new(trusting(authority), name).expect("a TLS client");
        Self::over(Box::new(StreamOwned::new(connection, connect(address))))
    }

    /// The same with a certificate to show, in `certificate` and `key`.
    ///
    /// # Panics
    /// When nobody greets.
    #[must_use]
    pub fn tls_as(address: SocketAddr, authority: &Path, shown: &ServerCertificate) -> Self {
        let config = showing(authority, shown);
        let connection = ClientConnection::new(config, ServerName::from(address.ip()));
        let connection = connection.expect("a TLS client");
        Self::over(Box::new(StreamOwned::new(connection, connect(address)))).greeted()
    }

    /// Connects in clear, begins TLS with STARTTLS, `injected` being sent in clear with the command, and gives the greeting too.
    ///
    /// # Panics
    /// When STARTTLS is refused.
    #[must_use]
    pub fn starttls(address: SocketAddr, authority: &Path, injected: &[u8]) -> (Self, String) {
        let mut stream = connect(address);
        let greeting = clear_line(&mut stream);
        let octets = [b"s STARTTLS\r\n", injected].concat();
        stream.write_all(&octets).expect("octets are sent");
        let answer = clear_line(&mut stream);
        assert!(answer.starts_with("s OK"), "{answer}");
        let name = ServerName::from(address.ip());
        let connection = ClientConnection::new(trusting(authority), name).expect("a TLS client");
        let client = Self::over(Box::new(StreamOwned::new(connection, stream)));
        (client, greeting)
    }

    /// Begins compression (RFC 4978).
    ///
    /// # Panics
    /// When that is refused.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        let answer = self.command("COMPRESS DEFLATE");
        assert!(answer.is_ok(), "{answer:?}");
        let early = std::mem::take(&mut self.unread);
        self.stream = Box::new(Deflated::over(self.stream, early));
        self
    }

    fn over(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            framer: Framer::new(
                Side::Store,
                Limits {
                    line: 1024 * 1024,
                    literal: u64::MAX >> 1,
                },
            ),
            collector: Collector::new(LARGEST),
            unread: Vec::new(),
            tags: 0,
        }
    }

    fn greeted(mut self) -> Self {
        let greeting = self.response();
        assert!(
            greeting.starts_with(b"* OK"),
            "{}",
            String::from_utf8_lossy(&greeting)
        );
        self
    }

    /// Logs in.
    ///
    /// # Panics
    /// When that is refused.
    pub fn login(&mut self, user: User) {
        let answer = self.command(&format!("LOGIN \"{}\" \"{}\"", user.name, user.password));
        assert!(answer.is_ok(), "{answer:?}");
    }

    /// Sends a command and reads to its tagged answer.
    ///
    /// # Panics
    /// When the connection ends before.
    pub fn command(&mut self, text: &str) -> Answer {
        let tag = self.send(text);
        self.answer(&tag)
    }

    /// Sends a command under a tag of its own, and gives the tag.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn send(&mut self, text: &str) -> String {
        self.tags += 1;
        let tag = format!("t{}", self.tags);
        self.write(format!("{tag} {text}\r\n").as_bytes());
        tag
    }

    /// Sends octets as they are.
    ///
    /// # Panics
    /// When they cannot be sent.
    pub fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).expect("octets are sent");
        self.stream.flush().expect("octets are sent");
    }

    /// Reads to the answer under `tag`.
    ///
    /// # Panics
    /// When the connection ends before.
    pub fn answer(&mut self, tag: &str) -> Answer {
        let mut untagged = Vec::new();
        loop {
            let response = self.response();
            let line = response.strip_suffix(b"\r\n").unwrap_or(&response);
            match Kind::of_line(line) {
                Kind::Tagged(answered, _) => {
                    assert_eq!(answered.as_str(), tag, "an answer to another command");
                    let text = String::from_utf8_lossy(&line[tag.len()..])
                        .trim_start()
                        .to_owned();
                    return Answer {
                        untagged,
                        tagged: text,
                    };
                }
                Kind::Continuation
                | Kind::Status(_)
                | Kind::Capability
                | Kind::Exists(_)
                | Kind::Recent(_)
                | Kind::Expunge(_)
                | Kind::Fetch(_)
                | Kind::Vanished
                | Kind::Conversion
                | Kind::Untagged
                | Kind::Malformed => untagged.push(response),
            }
        }
    }

    /// Reads all that comes until the connection ends.
    pub fn rest(mut self) -> String {
        let mut octets = std::mem::take(&mut self.unread);
        // An end without TLS's farewell is an end.
        self.stream.read_to_end(&mut octets).ok();
        String::from_utf8_lossy(&octets).into_owned()
    }

    /// Reads some octets, whatever they are, and says how many.
    ///
    /// # Panics
    /// When the connection ends.
    pub fn read_some(&mut self) -> usize {
        let taken = self.stream.read(&mut vec![0; READ]).expect("octets come");
        assert_ne!(taken, 0, "the connection ended");
        taken
    }

    /// Reads one response, whatever it is.
    ///
    /// # Panics
    /// When the connection ends before.
    pub fn response(&mut self) -> Vec<u8> {
        self.try_response().expect("a response")
    }

    /// Reads one response; `None` when the connection ends before.
    ///
    /// # Panics
    /// When what comes is no IMAP.
    pub fn try_response(&mut self) -> Option<Vec<u8>> {
        loop {
            let unread = std::mem::take(&mut self.unread);
            let mut input = unread.as_slice();
            let mut whole = None;
            while let Some(frame) = self.framer.next(&mut input).expect("IMAP") {
                match self.collector.take(&frame) {
                    Collected::More => {}
                    Collected::Whole(raw) => {
                        whole = Some(raw);
                        break;
                    }
                    Collected::Overlong(_) => panic!("a response of more than {LARGEST} octets"),
                }
            }
            self.unread = input.to_vec();
            if whole.is_some() {
                return whole;
            }
            let mut run = vec![0; READ];
            match self.stream.read(&mut run) {
                Ok(0) | Err(_) => return None,
                Ok(taken) => self.unread.extend_from_slice(&run[..taken]),
            }
        }
    }
}

/// TLS for a client that trusts the certificates in `authority`.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn trusting(authority: &Path) -> Arc<ClientConfig> {
    Arc::new(verifying(authority).with_no_client_auth())
}

/// The same for a client that shows a certificate of its own.
fn showing(authority: &Path, shown: &ServerCertificate) -> Arc<ClientConfig> {
    let chain = CertificateDer::pem_file_iter(&shown.certificate).expect("a certificate");
    let chain = chain.map(|one| one.expect("a certificate")).collect();
    let key = PrivateKeyDer::from_pem_file(&shown.key).expect("its key");
    let config = verifying(authority).with_client_auth_cert(chain, key);
    Arc::new(config.expect("a TLS client"))
}

fn verifying(authority: &Path) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority).expect("the authority") {
        roots
            .add(certificate.expect("a certificate"))
            .expect("an authority");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's versions")
        .with_root_certificates(roots)
}

/// Reads one line and not an octet more: TLS may follow.
fn clear_line(stream: &mut TcpStream) -> String {
    let mut line = Vec::new();
    let mut octet = [0];
    while octet != *b"\n" {
        stream.read_exact(&mut octet).expect("a line");
        line.push(octet[0]);
    }
    String::from_utf8_lossy(&line).into_owned()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    stream
}
