//! Who a client is, as far as the network tells.

use std::net::SocketAddr;

/// Where a connection comes from and which way it came in.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The other end of the socket: the client, or a proxy in front.
    pub connected: SocketAddr,
    /// Our end of the socket.
    pub local: SocketAddr,
    /// The client: by the word of a trusted proxy in front (PROXY protocol, ID), else [`Self::connected`]. Limits,
    /// penalties and the log go by this.
    pub client: SocketAddr,
    /// Where the client connected to: by the same word, else [`Self::local`].
    pub server: SocketAddr,
    /// Whether whoever speaks may say who the client is: [`Self::connected`], or [`Self::client`] behind a PROXY header that
    /// names it.
    pub word: Word,
    /// The name that the client asked for in TLS (SNI), in lower case.
    pub name: Option<String>,
}

/// Whose word is taken on who a client is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Word {
    /// It is a proxy of ours in front.
    Trusted,
    /// It is anybody.
    Stranger,
}

impl Peer {
    /// A connection of which only the socket is known.
    #[must_use]
    pub fn direct(connected: SocketAddr, local: SocketAddr, word: Word) -> Self {
        Self {
            connected,
            local,
            client: connected,
            server: local,
            word,
            name: None,
        }
    }
}
