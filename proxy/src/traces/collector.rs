//! The collector: where it is, and one POST to it. Looked up and loaded at the start; afterwards no file is opened and no name
//! looked up.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::Path,
    sync::Arc,
};

use http_body_util::Full;
use hyper::{
    Method, Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{CONNECTION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::{
    config::{ConfigError, StoreAddress, Traces},
    tls,
};

const REMEDY: &str =
    "write one like http://127.0.0.1:4318/v1/traces, or https://collector.example.org/v1/traces";

/// Where spans go.
#[derive(Clone)]
pub struct Collector {
    addresses: Vec<SocketAddr>,
    /// What the request names: `host:port` and the path.
    host: String,
    path: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// Why spans were not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum NotSent {
    Connect,
    Tls,
    Http,
    Refused,
}

impl NotSent {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Connect => "the collector cannot be connected to",
            Self::Tls => "the collector's TLS failed",
            Self::Http => "the collector broke off, or spoke no HTTP",
            Self::Refused => "the collector refused",
        }
    }
}

/// An endpoint's parts.
#[derive(Debug)]
struct Endpoint {
    scheme: Scheme,
    address: StoreAddress,
    host: String,
    path: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
}

impl Endpoint {
    fn read(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (scheme, usual) = match uri.scheme_str()? {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            _ => return None,
        };
        let authority = uri.authority().filter(|all| !all.as_str().contains('@'))?;
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str() == authority.host() => usual,
            None => return None, // a port that is none, such as 99999
        };
        let address = format!("{}:{port}", authority.host());
        Some(Self {
            scheme,
            address: StoreAddress::try_from(address).ok()?,
            host: authority.to_string(),
            path: uri.path_and_query()?.to_string(),
        })
    }
}

impl Collector {
    /// Looks the endpoint's host up and loads the authorities of its certificate.
    ///
    /// # Errors
    /// Where the endpoint is no such URL, speaks without TLS to another machine, or cannot be looked up.
    pub fn find(traces: &Traces) -> Result<Self, ConfigError> {
        let url = traces.endpoint.get_ref();
        let wrong = |what: &str| ConfigError::new(format!("traces.endpoint {url}: {what}"), REMEDY);
        let endpoint = Endpoint::read(url).ok_or_else(|| wrong("is no http or https URL"))?;
        let (host, port) = (endpoint.address.host(), endpoint.address.port());
        let found = (host, port)
            .to_socket_addrs()
            .map_err(|e| wrong(&format!("cannot be looked up: {e}")))?;
        let addresses: Vec<_> = found.collect();
        let tls = match endpoint.scheme {
            Scheme::Http => {
                let here = addresses.iter().all(|address| address.ip().is_loopback());
                if !endpoint.address.is_loopback() || !here {
                    return Err(wrong("is another machine, and has no TLS"));
                }
                None
            }
            Scheme::Https => {
                let name = ServerName::try_from(host.to_owned())
                    .map_err(|_| wrong("has no name that a certificate can have"))?;
                Some((trusting(traces.ca.as_deref())?, name))
            }
        };
        Ok(Self {
            addresses,
            host: endpoint.host,
            path: endpoint.path,
            tls,
        })
    }

    /// Sends one request's content. Never retried: the next is on its way already.
    pub(super) async fn post(&self, content: Vec<u8>) -> Result<(), NotSent> {
        let stream = self.connect().await.ok_or(NotSent::Connect)?;
        let status = match &self.tls {
            None => self.send(stream, content).await?,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await;
                self.send(stream.map_err(|_| NotSent::Tls)?, content)
                    .await?
            }
        };
        if status.is_success() {
            Ok(())
        } else {
            Err(NotSent::Refused)
        }
    }

    async fn connect(&self) -> Option<TcpStream> {
        for address in &self.addresses {
            if let Ok(stream) = TcpStream::connect(address).await {
                return Some(stream);
            }
        }
        None
    }

    /// One request on a connection of its own. What the answer says beyond its status is not read.
    async fn send<S>(&self, stream: S, content: Vec<u8>) -> Result<StatusCode, NotSent>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .header(CONNECTION, "close")
            .body(Full::new(Bytes::from(content)))
            .map_err(|_| NotSent::Http)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| NotSent::Http)?;
        let answer = sender.send_request(request);
        tokio::pin!(answer, connection);
        let answer = tokio::select! {
            biased;
            answer = &mut answer => answer,
            // The connection's end says nothing: the answer, or its lack, does.
            _ = &mut connection => answer.await,
        };
        Ok(answer.map_err(|_| NotSent::Http)?.status())
    }
}

/// Trusts the authorities in the file, or the public ones.
fn trusting(ca: Option<&Path>) -> Result<TlsConnector, ConfigError> {
    let roots = match ca {
        None => tls::public_authorities(),
        Some(path) => authorities(path)?,
    };
    let config = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| ConfigError::new(format!("TLS: {e}"), "use a build with its own Cargo.lock"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn authorities(path: &Path) -> Result<RootCertStore, ConfigError> {
    let wrong = |what: &dyn std::fmt::Display| {
        ConfigError::new(
            format!("traces.ca {}: {what}", path.display()),
            "name a PEM file with the certificate of the authority",
        )
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| wrong(&e))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|e| wrong(&e))?;
        roots.add(certificate).map_err(|e| wrong(&e))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"no certificate in it"));
    }
    Ok(roots)
}
