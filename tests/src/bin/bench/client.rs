//! The client of all measurements: IMAP over TLS 1.3, one suite and X25519 only, so that every server does the same work.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::body;
use crate::failure::Failure;

/// The name that the client asks for.
pub(crate) const NAME: &str = "localhost";

/// The most plaintext that is read at once.
const READ: usize = 64 * 1024;

/// Where to connect, and how.
#[derive(Clone)]
pub(crate) struct Target {
    address: SocketAddr,
    connector: TlsConnector,
    /// Octets read from the socket at once: many for those who download, few for those who wait.
    socket_octets: usize,
}

impl Target {
    /// Trusts `authority`, a PEM file.
    pub(crate) fn new(
        address: SocketAddr,
        authority: &Path,
        socket_octets: usize,
    ) -> Result<Self, Failure> {
        Ok(Self {
            address,
            connector: TlsConnector::from(Arc::new(configuration(authority)?)),
            socket_octets,
        })
    }
}

fn configuration(authority: &Path) -> Result<ClientConfig, Failure> {
    let provider = CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_AES_256_GCM_SHA384],
        ..aws_lc_rs::default_provider()
    };
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(authority);
    let certificate = certificate.map_err(|error| Failure::Tls(error.to_string()))?;
    roots
        .add(certificate)
        .map_err(|error| Failure::Tls(error.to_string()))?;
    let mut configuration = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| Failure::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Every handshake is a whole one.
    configuration.resumption = Resumption::disabled();
    Ok(configuration)
}

/// A connection.
pub(crate) struct Client {
    stream: TlsStream<BufReader<TcpStream>>,
    /// Plaintext; what lies between `read` and `filled` is not yet used.
    held: Vec<u8>,
    read: usize,
    filled: usize,
    tags: u32,
}

impl Client {
    /// Connects and reads the greeting.
    pub(crate) async fn connect(target: &Target) -> Result<Self, Failure> {
        let socket = TcpStream::connect(target.address).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from(NAME).map_err(|error| Failure::Tls(error.to_string()))?;
        let socket = BufReader::with_capacity(target.socket_octets, socket);
        let stream = target.connector.connect(name, socket).await;
        let mut client = Self {
            stream: stream.map_err(|error| Failure::Tls(error.to_string()))?,
            held: Vec::new(),
            read: 0,
            filled: 0,
            tags: 0,
        };
        let greeting = client.line().await?;
        match greeting.starts_with("* OK") {
            true => Ok(client),
            false => Err(Failure::Answer(greeting)),
        }
    }

    /// Connects and logs in as user `number`.
    pub(crate) async fn login(target: &Target, number: u32) -> Result<Self, Failure> {
        let mut client = Self::connect(target).await?;
        client
            .ask(&format!("LOGIN user{number}@example.org secret"))
            .await?;
        Ok(client)
    }

    /// Sends one command and reads past everything until its OK.
    pub(crate) async fn ask(&mut self, command: &str) -> Result<(), Failure> {
        let tag = self.tag();
        self.send(format!("{tag} {command}\r\n").as_bytes()).await?;
        let answer = self.tagged(&tag).await?;
        match answer.starts_with("OK") {
            true => Ok(()),
            false => Err(Failure::Answer(format!("{command}: {answer}"))),
        }
    }

    /// Logs out and closes. It does not wait for the other end to close too: clients do not.
    pub(crate) async fn logout(mut self) -> Result<(), Failure> {
        self.ask("LOGOUT").await?;
        // The session is over: whether the other end still takes the farewell of TLS is all the same.
        self.stream.shutdown().await.ok();
        Ok(())
    }

    /// A tag that was not used yet.
    pub(crate) fn tag(&mut self) -> String {
        self.tags += 1;
        format!("a{}", self.tags)
    }

    /// Sends octets in one piece.
    pub(crate) async fn send(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(octets).await?;
        Ok(self.stream.flush().await?)
    }

    /// Reads up to the tagged response with `tag`, and gives it without the tag.
    pub(crate) async fn tagged(&mut self, tag: &str) -> Result<String, Failure> {
        loop {
            let line = self.line().await?;
            match line
                .strip_prefix(tag)
                .and_then(|line| line.strip_prefix(' '))
            {
                Some(rest) => return Ok(rest.to_owned()),
                None if line.starts_with("* ") => {}
                None => return Err(Failure::Answer(line)),
            }
        }
    }

    /// Fetches message `number` whole, checks each octet, and tells how many there were.
    pub(crate) async fn fetch(&mut self, number: u32, checked: Checked) -> Result<u64, Failure> {
        let tag = self.tag();
        let command = format!("{tag} FETCH {number} BODY.PEEK[]\r\n");
        self.send(command.as_bytes()).await?;
        let octets = self.literal_line(number).await?;
        match checked {
            Checked::Octets => self.body(number, 0, octets).await?,
            Checked::Length => self.skip(octets).await?,
        }
        let end = self.line().await?;
        if !end.ends_with(')') {
            return Err(Failure::Answer(end));
        }
        let answer = self.tagged(&tag).await?;
        match answer.starts_with("OK") {
            true => Ok(octets),
            false => Err(Failure::Answer(answer)),
        }
    }

    /// Reads the line that announces the literal of message `number`, and gives the literal's length.
    pub(crate) async fn literal_line(&mut self, number: u32) -> Result<u64, Failure> {
        let line = self.line().await?;
        let begins = line.starts_with(&format!("* {number} FETCH ("));
        let announced = line
            .strip_suffix('}')
            .and_then(|line| line.rsplit_once('{'));
        let octets = announced.and_then(|(_, octets)| octets.parse().ok());
        match octets.filter(|_| begins) {
            Some(octets) => Ok(octets),
            None => Err(Failure::Answer(line)),
        }
    }

    /// Reads octets of message `number` from `offset` on and checks each.
    pub(crate) async fn body(
        &mut self,
        number: u32,
        mut offset: u64,
        octets: u64,
    ) -> Result<(), Failure> {
        let end = offset + octets;
        while offset < end {
            let held = self.some().await?;
            let wanted = body::run(number, offset, (end - offset).min(held.len() as u64));
            let length = wanted.len();
            if held.get(..length) != Some(wanted) {
                return Err(Failure::Answer(format!(
                    "other octets in message {number} after {offset}"
                )));
            }
            self.read += length;
            offset += length as u64;
        }
        Ok(())
    }

    async fn skip(&mut self, mut octets: u64) -> Result<(), Failure> {
        while octets > 0 {
            let held = self.some().await?.len();
            let skipped = held.min(usize::try_from(octets).unwrap_or(held));
            self.read += skipped;
            octets -= skipped as u64;
        }
        Ok(())
    }

    /// Reads one line, and gives it without its CRLF.
    pub(crate) async fn line(&mut self) -> Result<String, Failure> {
        let mut line = Vec::new();
        loop {
            let held = self.some().await?;
            let end = held.iter().position(|octet| *octet == b'\n');
            let length = end.map_or(held.len(), |end| end + 1);
            line.extend_from_slice(&held[..length]);
            self.read += length;
            if end.is_some() {
                let line = line.strip_suffix(b"\r\n").unwrap_or(&line);
                return Ok(String::from_utf8_lossy(line).into_owned());
            }
        }
    }

    /// Octets that were read and not yet used: at least one.
    pub(crate) async fn some(&mut self) -> Result<&[u8], Failure> {
        if self.read == self.filled {
            self.held.resize(READ, 0);
            self.read = 0;
            self.filled = 0;
            self.filled = self.stream.read(&mut self.held).await?;
            if self.filled == 0 {
                return Err(Failure::Closed);
            }
        }
        Ok(&self.held[self.read..self.filled])
    }

    /// Gives back the memory for octets that are read, before a long wait.
    pub(crate) fn rest(&mut self) {
        if self.read == self.filled {
            self.held = Vec::new();
            self.read = 0;
            self.filled = 0;
        }
    }
}

/// How closely a body is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Checked {
    /// Each octet: the in-memory store's messages are known.
    Octets,
    /// The length only: another store's.
    Length,
}
