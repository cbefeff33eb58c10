//! What comes before TLS on a STARTTLS port: to the client we are the server until it says STARTTLS, to the store we
//! are the client until it says go on. Without I/O.
//!
//! Nothing of the one conversation gets into the other, and nothing said in clear is left when TLS begins.

mod imap;
mod lines;
mod smtp;

use std::net::IpAddr;

use crate::config::PassthroughKind;

/// Which protocol comes before TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// IMAP (RFC 9051 §6.2.1).
    Imap,
    /// SMTP (RFC 3207).
    Smtp,
}

impl Protocol {
    /// That of a listener; `None`: TLS comes at once.
    #[must_use]
    pub fn of(kind: PassthroughKind) -> Option<Self> {
        match kind {
            PassthroughKind::Tls => None,
            PassthroughKind::ImapStarttls => Some(Self::Imap),
            PassthroughKind::SmtpStarttls => Some(Self::Smtp),
        }
    }
}

/// The conversation with a client up to its STARTTLS.
#[derive(Debug)]
pub struct Greeter(Greeting);

#[derive(Debug)]
enum Greeting {
    Imap(imap::Greeter),
    Smtp(smtp::Greeter),
}

/// Where the conversation with a client stands. What [`Greeter::said`] gives is written first, whichever it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Heard {
    /// It goes on.
    More,
    /// The client said STARTTLS, and so many octets behind it that are thrown away. TLS begins behind the answer.
    Starttls {
        /// Octets thrown away.
        thrown: usize,
    },
    /// It is over: the client said goodbye, or what cannot be followed.
    Over,
}

impl Greeter {
    /// Greets a client that connected to `server`.
    #[must_use]
    pub fn new(protocol: Protocol, server: IpAddr) -> Self {
        Self(match protocol {
            Protocol::Imap => Greeting::Imap(imap::Greeter::new()),
            Protocol::Smtp => Greeting::Smtp(smtp::Greeter::new(server)),
        })
    }

    /// Takes what the client said. Not to be called once it is not [`Heard::More`].
    pub fn hear(&mut self, octets: &[u8]) -> Heard {
        match &mut self.0 {
            Greeting::Imap(greeter) => greeter.hear(octets),
            Greeting::Smtp(greeter) => greeter.hear(octets),
        }
    }

    /// What is to be written to the client, handed over.
    pub fn said(&mut self) -> Vec<u8> {
        match &mut self.0 {
            Greeting::Imap(greeter) => std::mem::take(&mut greeter.out),
            Greeting::Smtp(greeter) => std::mem::take(&mut greeter.out),
        }
    }
}

/// The conversation with a store up to its answer to STARTTLS.
#[derive(Debug)]
pub struct Asker(Asking);

#[derive(Debug)]
enum Asking {
    Imap(imap::Asker),
    Smtp(smtp::Asker),
}

/// Where the conversation with a store stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answered {
    /// It goes on; what [`Asker::said`] gives is written.
    More,
    /// TLS begins.
    GoOn,
    /// It does not.
    Not(Unready),
}

/// Why a store does not begin TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unready {
    /// It turned the connection away.
    Greeting,
    /// It has no STARTTLS, or said no to it.
    Starttls,
    /// It did not keep to its protocol.
    Form,
    /// Octets came behind its answer, in clear: somebody else may have put them there.
    Injection,
}

impl Unready {
    /// In words of our own, for the log.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Greeting => "the store turned the connection away",
            Self::Starttls => "the store does not take STARTTLS",
            Self::Form => "the store did not keep to its protocol before TLS",
            Self::Injection => "octets in clear behind the store's answer to STARTTLS",
        }
    }
}

impl Asker {
    /// Asks a store, from the socket address `local`.
    #[must_use]
    pub fn new(protocol: Protocol, local: IpAddr) -> Self {
        Self(match protocol {
            Protocol::Imap => Asking::Imap(imap::Asker::new()),
            Protocol::Smtp => Asking::Smtp(smtp::Asker::new(local)),
        })
    }

    /// Takes what the store said. Not to be called once it is not [`Answered::More`].
    pub fn hear(&mut self, octets: &[u8]) -> Answered {
        match &mut self.0 {
            Asking::Imap(asker) => asker.hear(octets),
            Asking::Smtp(asker) => asker.hear(octets),
        }
    }

    /// What is to be written to the store, handed over.
    pub fn said(&mut self) -> Vec<u8> {
        match &mut self.0 {
            Asking::Imap(asker) => std::mem::take(&mut asker.out),
            Asking::Smtp(asker) => std::mem::take(&mut asker.out),
        }
    }
}

#[cfg(test)]
mod tests;
