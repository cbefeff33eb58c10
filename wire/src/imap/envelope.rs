//! ENVELOPE (RFC 9051 §7.5.2).

use super::cursor::{Cursor, Parsed};
use super::encode::Encoder;

/// A string that may be NIL, undecoded.
pub type NString = Option<Vec<u8>>;

/// One address, or the beginning or end of a group (`host` being NIL).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Address {
    /// The display name.
    pub name: NString,
    /// The source route, obsolete.
    pub route: NString,
    /// The local part, or a group's name.
    pub mailbox: NString,
    /// The domain.
    pub host: NString,
}

/// A message's parsed header. Empty address lists are NIL on the wire.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Envelope {
    /// `Date`, as written.
    pub date: NString,
    /// `Subject`, with encoded-words as they are.
    pub subject: NString,
    /// `From`.
    pub from: Vec<Address>,
    /// `Sender`.
    pub sender: Vec<Address>,
    /// `Reply-To`.
    pub reply_to: Vec<Address>,
    /// `To`.
    pub to: Vec<Address>,
    /// `Cc`.
    pub cc: Vec<Address>,
    /// `Bcc`.
    pub bcc: Vec<Address>,
    /// `In-Reply-To`.
    pub in_reply_to: NString,
    /// `Message-ID`.
    pub message_id: NString,
}
