//! An IMAP client over TLS that blocks, for one command at a time.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName},
};

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client(BufReader<StreamOwned<ClientConnection, TcpStream>>);

impl Client {
    /// Connects, asking for `name`, and takes the greeting.
    pub(crate) fn connect(
        address: SocketAddr,
        name: &str,
        trusted: &[CertificateDer<'static>],
    ) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in trusted {
            roots.add(certificate.clone()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let socket = TcpStream::connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut client = Self(BufReader::new(StreamOwned::new(connection, socket)));
        let greeting = client.line()?;
        match greeting.starts_with("* OK") {
            true => Ok(client),
            false => Err(io::Error::other(greeting)),
        }
    }

    /// The certificate that was shown.
    pub(crate) fn shown(&self) -> CertificateDer<'static> {
        let certificates = self.0.get_ref().conn.peer_certificates();
        certificates.unwrap()[0].clone()
    }

    pub(crate) fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _octets => Ok(line),
        }
    }

    /// Sends a command, and takes all up to its tagged answer, which must be OK.
    pub(crate) fn command(&mut self, command: &str) -> io::Result<()> {
        self.begin(&format!("t {command}"))?;
        loop {
            let line = self.line()?;
            if line.starts_with("t OK") {
                return Ok(());
            }
            if !line.starts_with("* ") || line.starts_with("* BYE") && command != "LOGOUT" {
                return Err(io::Error::other(line));
            }
        }
    }

    /// Sends a line.
    pub(crate) fn begin(&mut self, line: &str) -> io::Result<()> {
        write!(self.0.get_mut(), "{line}\r\n")?;
        self.0.get_mut().flush()
    }

    pub(crate) fn log_in(&mut self) -> io::Result<()> {
        self.command("LOGIN ann secret")
    }
}
