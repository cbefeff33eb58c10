//! A connection that nobody is logged in on yet: TCP, TLS, greeting, login.

use keyreveal::ChannelBinding;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use wire::Confidential;
use wire::imap::capability::{AUTH_PLAIN, LITERAL_MINUS, LITERAL_PLUS, LOGINDISABLED, SASL_IR};
use wire::imap::response::{Code, Status, StatusKind};
use wire::imap::sasl::{ClientLine, Mechanism, Plain};
use wire::imap::{Capabilities, CommandBody, Literals, Response};

use crate::air::{Counted, Meter};
use crate::error::{ProtocolFault, Said, Step};
use crate::exchange::{Answer, Bounds, Deadlines, Exchange, Stream};
use crate::tls::{Trust, channel_binding};
use crate::{Client, Error};

/// Where the proxy is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    /// Host name or address to connect to.
    pub host: String,
    /// Port, with TLS from the first octet (RFC 8314 §3.2): 993.
    pub port: u16,
    /// The name that its certificate must have: usually the host.
    pub name: String,
}

impl Server {
    /// A server whose certificate has its host's name.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        Self {
            host: host.to_owned(),
            port,
            name: host.to_owned(),
        }
    }
}

/// A connection before login.
pub struct Connection {
    exchange: Exchange,
    binding: ChannelBinding,
    capabilities: Option<Capabilities>,
}

impl Connection {
    /// Connects, checks the server's certificate and reads its greeting.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Tls`], [`Error::ServerName`], [`Error::Deadline`], or what is wrong with the greeting.
    pub async fn open(server: &Server, trust: &Trust, deadlines: Deadlines) -> Result<Self, Error> {
        let name = ServerName::try_from(server.name.clone()).map_err(|_| Error::ServerName)?;
        let connector = TlsConnector::from(trust.client()?);
        let meter = Meter::default();
        let counted = meter.clone();
        let connected = timeout(deadlines.connect, async {
            let tcp = TcpStream::connect((server.host.as_str(), server.port)).await?;
            tcp.set_nodelay(true)?;
            connector.connect(name, Counted::new(tcp, counted)).await
        });
        let tls = connected
            .await
            .map_err(|_| Error::Deadline(Step::Connect))?
            .map_err(of_handshake)?;
        let binding = channel_binding(tls.get_ref().1)?;
        Self::greeted(Exchange::new(Box::new(tls), meter, deadlines), binding).await
    }

    /// Over a stream of the caller's own, which is bound to TLS by `binding`: for tests, and for clients that bring their own TLS.
    ///
    /// # Errors
    /// What is wrong with the greeting.
    pub async fn over(
        stream: impl Stream + 'static,
        binding: ChannelBinding,
        deadlines: Deadlines,
    ) -> Result<Self, Error> {
        Self::greeted(Exchange::counting(stream, deadlines), binding).await
    }

    async fn greeted(mut exchange: Exchange, binding: ChannelBinding) -> Result<Self, Error> {
        let greeting = exchange.greeting().await?;
        match greeting.kind {
            StatusKind::Ok => {
                let capabilities = told_capabilities(&greeting).cloned();
                Ok(Self {
                    exchange,
                    binding,
                    capabilities,
                })
            }
            StatusKind::Bye => Err(Error::Closed(Said::new(&greeting.text))),
            StatusKind::PreAuth => Err(Error::Protocol(ProtocolFault::Preauth)),
            StatusKind::No | StatusKind::Bad => Err(Error::Protocol(ProtocolFault::Syntax)),
        }
    }

    /// Counts what goes over the air; stays valid after login.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.exchange.meter()
    }

    /// Logs in: with AUTHENTICATE PLAIN (RFC 4616) where the server has it, else with LOGIN.
    ///
    /// # Errors
    /// [`Error::Login`] when the server refuses, [`Error::Credentials`] when name or password cannot be sent.
    pub async fn login(mut self, user: &str, password: &[u8]) -> Result<Client, Error> {
        if user.is_empty() || user.contains('\0') || password.contains(&0) {
            return Err(Error::Credentials);
        }
        let offered = self.offered().await?;
        self.send_literals(&offered);
        let (body, line) = login_command(&offered, user, password)?;
        let answer = self
            .exchange
            .run_answering(body, line, Bounds::SMALL)
            .await?;
        let capabilities = self.after_login(answer).await?;
        self.send_literals(&capabilities);
        Ok(Client::new(
            self.exchange,
            self.binding,
            capabilities,
            user.to_owned(),
        ))
    }

    async fn offered(&mut self) -> Result<Capabilities, Error> {
        match self.capabilities.take() {
            Some(offered) => Ok(offered),
            None => self.ask_capabilities().await,
        }
    }

    /// RFC 9051 §6.2.3: capabilities may change with the login, and are told at its end or asked for anew.
    async fn after_login(&mut self, answer: Answer) -> Result<Capabilities, Error> {
        match answer.status.kind {
            StatusKind::Ok => {}
            StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth => {
                return Err(Error::Login(answer.said()));
            }
        }
        let untagged = answer.untagged.iter().rev().find_map(as_capabilities);
        match told_capabilities(&answer.status).or(untagged) {
            Some(told) => Ok(told.clone()),
            None => self.ask_capabilities().await,
        }
    }

    async fn ask_capabilities(&mut self) -> Result<Capabilities, Error> {
        let answer = self
            .exchange
            .run(CommandBody::Capability, Bounds::SMALL)
            .await?;
        let untagged = answer.done()?;
        let told = untagged.iter().find_map(as_capabilities);
        told.cloned()
            .ok_or(Error::Protocol(ProtocolFault::Incomplete))
    }

    fn send_literals(&mut self, offered: &Capabilities) {
        let literals = if offered.contains(LITERAL_PLUS) {
            Literals::Plus
        } else if offered.contains(LITERAL_MINUS) {
            Literals::Minus
        } else {
            Literals::Synchronising
        };
        self.exchange.send_literals(literals);
    }
}

fn told_capabilities(status: &Status) -> Option<&Capabilities> {
    let Some(Code::Capability(capabilities)) = &status.code else {
        return None;
    };
    Some(capabilities)
}

fn as_capabilities(response: &Response) -> Option<&Capabilities> {
    let Response::Capability(capabilities) = response else {
        return None;
    };
    Some(capabilities)
}

/// The command, and the line that answers the server's `+` where the command could not carry it (RFC 4959).
fn login_command(
    offered: &Capabilities,
    user: &str,
    password: &[u8],
) -> Result<(CommandBody, Option<Confidential>), Error> {
    let password = Confidential::new(password.to_vec());
    if !offered.contains(AUTH_PLAIN) {
        if offered.contains(LOGINDISABLED) {
            return Err(Error::Login(Said::new(
                b"neither PLAIN nor LOGIN is offered",
            )));
        }
        return Ok((
            CommandBody::Login {
                user: user.into(),
                password,
            },
            None,
        ));
    }
    let plain = Plain {
        authorize: String::new(),
        user: user.to_owned(),
        password,
    }
    .encode();
    let mechanism = Mechanism::Plain;
    if offered.contains(SASL_IR) {
        return Ok((
            CommandBody::Authenticate {
                mechanism,
                initial: Some(plain),
            },
            None,
        ));
    }
    let line = ClientLine::encode(plain.expose());
    Ok((
        CommandBody::Authenticate {
            mechanism,
            initial: None,
        },
        Some(line),
    ))
}

/// Tells trouble with TLS from trouble with the network: both come as an I/O error.
fn of_handshake(error: std::io::Error) -> Error {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(tls) => Error::Tls(tls.clone()),
        None => Error::Network(error),
    }
}
