//! The ClientHello at the start of a TLS connection, read without I/O: which name does the client ask for?
//!
//! Nothing is changed and nothing negotiated. What another reader of the same octets could take for a different name
//! is not told as a name: such a connection is closed. With an encrypted hello it is the outer name that is read.

mod message;

use message::Message;

/// A ClientHello, while it comes.
#[derive(Debug)]
pub struct Hello {
    octets: Vec<u8>,
    /// Up to where `octets` have been looked at.
    seen: usize,
    /// What is missing of the record that is being looked at.
    record: usize,
    message: Message,
    limit: usize,
}

/// Which name a client asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// This one, in lower case.
    Name(String),
    /// None.
    NoName,
    /// It does not show.
    CannotTell(Reason),
}

/// Why the name does not show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// These are no TLS records: another protocol, or SSL 2.
    NotTls,
    /// A record of TLS, but not one that a connection begins with.
    NotHello,
    /// A record's or a message's length is not allowed.
    Length,
    /// More octets than are read.
    TooLarge,
    /// The message is not of its form.
    Form,
    /// More than one name, or a name that is none.
    Name,
}

impl Reason {
    /// In words of our own, for the log.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NotTls => "not TLS",
            Self::NotHello => "TLS, but no ClientHello",
            Self::Length => "a length in the ClientHello's records is wrong",
            Self::TooLarge => "the ClientHello is too large",
            Self::Form => "the ClientHello is malformed",
            Self::Name => "the name asked for is ambiguous or none",
        }
    }
}

/// RFC 8446 §5.1: ContentType handshake.
const HANDSHAKE: u8 = 22;
/// Type, version, length.
const RECORD_START: usize = 5;
/// RFC 8446 §5.1: the most octets in a record.
const MOST_IN_RECORD: usize = 1 << 14;

impl Hello {
    /// A hello of at most `limit` octets, the frames of its records included.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            octets: Vec::new(),
            seen: 0,
            record: 0,
            message: Message::new(limit),
            limit,
        }
    }

    /// Takes what came. `None`: more is needed. After a verdict there is no more to say.
    ///
    /// Keeps all that it is given, what lies behind the hello too: a caller reads in pieces that it can afford.
    pub fn take(&mut self, octets: &[u8]) -> Option<Verdict> {
        self.octets.extend_from_slice(octets);
        match self.look() {
            Ok(Some(name)) => Some(name.map_or(Verdict::NoName, Verdict::Name)),
            Ok(None) => None,
            Err(reason) => Some(Verdict::CannotTell(reason)),
        }
    }

    /// The octets as they came, to be passed on.
    #[must_use]
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }

    /// The outer `None`: more is needed.
    fn look(&mut self) -> Result<Option<Option<String>>, Reason> {
        loop {
            let end = self.octets.len().min(self.limit);
            let there = self.octets.get(self.seen..end).unwrap_or_default();
            if self.record == 0 {
                match record_start(there)? {
                    Some(length) => {
                        self.record = length;
                        self.seen = self.seen.saturating_add(RECORD_START);
                    }
                    None => return self.more(),
                }
            } else {
                let piece = there.get(..self.record).unwrap_or(there);
                if piece.is_empty() {
                    return self.more();
                }
                self.record = self.record.saturating_sub(piece.len());
                self.seen = self.seen.saturating_add(piece.len());
                if let Some(name) = self.message.take(piece)? {
                    return Ok(Some(name));
                }
            }
        }
    }

    fn more<T>(&self) -> Result<Option<T>, Reason> {
        if self.octets.len() < self.limit {
            Ok(None)
        } else {
            Err(Reason::TooLarge)
        }
    }
}

/// The length of the record that starts here; `None`, if it cannot be told yet. Octet by octet, so that it does not
/// matter how they come.
fn record_start(there: &[u8]) -> Result<Option<usize>, Reason> {
    match there.first() {
        Some(&HANDSHAKE) | None => {}
        // RFC 8446 §5.1: alert 21, application data 23; change_cipher_spec 20.
        Some(20 | 21 | 23) if there.get(1) == Some(&3) => return Err(Reason::NotHello),
        Some(20 | 21 | 23) if there.len() == 1 => return Ok(None),
        Some(_) => return Err(Reason::NotTls),
    }
    // RFC 8446 §5.1: the minor number says nothing.
    if there.get(1).is_some_and(|major| *major != 3) {
        return Err(Reason::NotTls);
    }
    let Some(&[high, low]) = there.get(3..RECORD_START) else {
        return Ok(None);
    };
    match usize::from(u16::from_be_bytes([high, low])) {
        // RFC 8446 §5.1: no empty fragments of a handshake.
        length @ 1..=MOST_IN_RECORD => Ok(Some(length)),
        _ => Err(Reason::Length),
    }
}

#[cfg(test)]
mod tests;
