//! One question to the routing server: `GET path?user=…` over HTTP/1.1 (RFC 9112), one connection each.
//!
//! Whatever the server answers, no more than [`ANSWER`] octets are taken, and no redirection is followed.

use std::sync::Arc;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{ACCEPT, CONNECTION, HOST},
    http::uri::Scheme,
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, ServerName},
};
use serde::Deserialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use super::super::{names::Names, trust};
use crate::config::{BackendName, ConfigError};

/// The most octets of an answer's head, and of its body.
const ANSWER: usize = 64 * 1024;

/// What the server says of a user.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Answer {
    At(BackendName),
    Unknown,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    Resolve,
    Connect,
    Tls,
    Http,
    Status,
    Json,
    Backend,
    Slow,
}

impl Fault {
    /// The same for the log.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Resolve => "its name is not known",
            Self::Connect => "it cannot be connected to",
            Self::Tls => "its TLS handshake or certificate failed",
            Self::Http => "it does not speak HTTP",
            Self::Status => "it answered with another status than 200 or 404",
            Self::Json => "its answer is not {\"backend\": \"NAME\"}",
            Self::Backend => "it named a backend that is not configured",
            Self::Slow => "it took too long",
        }
    }
}

/// The answer of a server that knows the user; whatever else is in it is not for us.
#[derive(Deserialize)]
struct Told {
    backend: BackendName,
}

/// The server to ask.
#[derive(Debug)]
pub(super) struct Server {
    /// Without the brackets of an IPv6 address.
    host: String,
    port: u16,
    /// As it stands in `Host`.
    authority: String,
    /// Path, and the query if there is one.
    path: String,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    names: Arc<Names>,
}

impl Server {
    /// The server of `url`, which for https is proven by `authorities`, or by the public ones if there are none.
    ///
    /// # Errors
    /// When `url` is not an http or https URL with a host.
    pub(super) fn new(
        url: &str,
        authorities: &[CertificateDer<'static>],
        names: Arc<Names>,
    ) -> Result<Self, ConfigError> {
        let wrong = || {
            ConfigError::new(
                format!("routing.lookup.url: {url:?} cannot be asked"),
                "write http://127.0.0.1:port/path or https://host/path",
            )
        };
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(wrong());
        };
        let host = authority.host();
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = inner.unwrap_or(host).to_owned();
        let (tls, port) = if *scheme == Scheme::HTTPS {
            let name = ServerName::try_from(host.clone()).map_err(|_| wrong())?;
            (Some((trust::for_lookup(authorities)?, name)), 443)
        } else if *scheme == Scheme::HTTP {
            (None, 80)
        } else {
            return Err(wrong());
        };
        // RFC 3986 §3.2.1: a name and password do not belong in a URL, and Host has none (RFC 9110 §7.2).
        if authority.as_str().contains('@') || host.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            host,
            port: authority.port_u16().unwrap_or(port),
            authority: authority.to_string(),
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            tls,
            names,
        })
    }

    /// Asks about `user`. The caller limits the time.
    pub(super) async fn ask(&self, user: &str) -> Result<Answer, Fault> {
        let socket = self.connect().await?;
        let Some((config, name)) = &self.tls else {
            return self.exchange(socket, user).await;
        };
        let connector = TlsConnector::from(Arc::clone(config));
        let socket = connector.connect(name.clone(), socket).await;
        self.exchange(socket.map_err(|_| Fault::Tls)?, user).await
    }

    async fn connect(&self) -> Result<TcpStream, Fault> {
        let addresses = self.names.resolve(&self.host, self.port).await;
        for address in addresses.map_err(|_| Fault::Resolve)? {
            if let Ok(socket) = TcpStream::connect(address).await {
                return Ok(socket);
            }
        }
        Err(Fault::Connect)
    }

    async fn exchange<S>(&self, socket: S, user: &str) -> Result<Answer, Fault>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let http = http1::Builder::new()
            .max_buf_size(ANSWER)
            .handshake(TokioIo::new(socket))
            .await;
        let (mut sender, connection) = http.map_err(|_| Fault::Http)?;
        let request = self.request(user)?;
        let answering = async move {
            let response = sender.send_request(request).await;
            let (head, body) = response.map_err(|_| Fault::Http)?.into_parts();
            match head.status {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => return Ok(Answer::Unknown),
                _ => return Err(Fault::Status),
            }
            let body = Limited::new(body, ANSWER).collect().await;
            let body = body.map_err(|_| Fault::Json)?.to_bytes();
            let told: Told = serde_json::from_slice(&body).map_err(|_| Fault::Json)?;
            Ok(Answer::At(told.backend))
        };
        tokio::pin!(answering);
        tokio::select! {
            answer = &mut answering => answer,
            // The connection is over; what has come of the answer is still to be read.
            _ = connection => answering.await,
        }
    }

    fn request(&self, user: &str) -> Result<Request<Empty<Bytes>>, Fault> {
        let before = if self.path.contains('?') { '&' } else { '?' };
        Request::get(format!("{}{before}user={}", self.path, percent(user)))
            .header(HOST, &self.authority)
            .header(ACCEPT, "application/json")
            .header(CONNECTION, "close")
            .body(Empty::new())
            .map_err(|_| Fault::Http)
    }
}

/// RFC 3986 §2.1: every octet but the unreserved ones as `%` and two digits.
fn percent(user: &str) -> String {
    let mut encoded = String::new();
    for octet in user.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(octet));
            }
            _ => encoded.push_str(&format!("%{octet:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{backend::names::Resolver, clock::Clock};

    fn server(url: &str) -> Result<Server, ConfigError> {
        let names = Names::new(Resolver::Fixed(BTreeMap::new()), Clock::start());
        Server::new(url, &[], Arc::new(names))
    }

    #[test]
    fn a_user_cannot_leave_its_place_in_the_url() {
        assert_eq!(percent("a+b@c.d"), "a%2Bb%40c.d");
        assert_eq!(percent("x&user=y#\r\n é"), "x%26user%3Dy%23%0D%0A%20%C3%A9");
        let path = |url| {
            let request = server(url).unwrap().request("a b").unwrap();
            request.uri().to_string()
        };
        assert_eq!(path("http://127.0.0.1:9/route"), "/route?user=a%20b");
        assert_eq!(path("http://127.0.0.1:9/r?key=1"), "/r?key=1&user=a%20b");
        assert_eq!(path("http://127.0.0.1:9"), "/?user=a%20b");
    }

    #[test]
    fn only_http_and_https_are_asked() {
        for url in ["", "/path", "ftp://a/", "http://", "http://u:p@a/", "a b"] {
            assert!(server(url).is_err(), "{url}");
        }
        let server = server("https://[::1]:444/").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("::1", 444));
        assert!(server.tls.is_some());
    }
}
