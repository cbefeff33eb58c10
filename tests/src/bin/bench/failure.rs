//! Why something could not be measured. A row that fails says so; it is never left out.

use std::fmt;
use std::io;
use std::net::SocketAddr;

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// A program does not start; is it installed?
    NotStarted(String, String),
    /// A program ended before it should; the end of its log.
    Ended(String, String),
    /// Nobody listens there.
    NotListening(String, SocketAddr),
    /// The kernel says no.
    System(String),
    /// TLS cannot be set up.
    Tls(String),
    /// The other end said something that is not the answer.
    Answer(String),
    /// The other end closed the connection.
    Closed,
    /// It took too long.
    TooLong,
    /// The load generator says why it stopped.
    Load(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(name, why) => write!(f, "{name} does not start: {why}"),
            Self::Ended(name, log) => write!(f, "{name} has ended: {log}"),
            Self::NotListening(name, address) => write!(f, "{name} does not listen at {address}"),
            Self::System(why) => write!(f, "system: {why}"),
            Self::Tls(why) => write!(f, "TLS: {why}"),
            Self::Answer(what) => write!(f, "an answer that was not expected: {what}"),
            Self::Closed => f.write_str("the connection was closed"),
            Self::TooLong => f.write_str("it took too long"),
            Self::Load(why) => write!(f, "load: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error.to_string())
    }
}
