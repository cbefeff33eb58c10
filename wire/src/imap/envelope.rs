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

impl Address {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(')?;
        let name = nstring(cursor)?;
        let route = spaced(cursor, nstring)?;
        let mailbox = spaced(cursor, nstring)?;
        let host = spaced(cursor, nstring)?;
        cursor.expect(b')')?;
        Ok(Self {
            name,
            route,
            mailbox,
            host,
        })
    }

    fn write(&self, out: &mut Encoder) {
        out.raw(b"(")
            .nstring(self.name.as_deref())
            .space()
            .nstring(self.route.as_deref())
            .space();
        out.nstring(self.mailbox.as_deref())
            .space()
            .nstring(self.host.as_deref())
            .raw(b")");
    }
}

impl Envelope {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(')?;
        let envelope = Self {
            date: nstring(cursor)?,
            subject: spaced(cursor, nstring)?,
            from: spaced(cursor, addresses)?,
            sender: spaced(cursor, addresses)?,
            reply_to: spaced(cursor, addresses)?,
            to: spaced(cursor, addresses)?,
            cc: spaced(cursor, addresses)?,
            bcc: spaced(cursor, addresses)?,
            in_reply_to: spaced(cursor, nstring)?,
            message_id: spaced(cursor, nstring)?,
        };
        cursor.expect(b')')?;
        Ok(envelope)
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        out.raw(b"(")
            .nstring(self.date.as_deref())
            .space()
            .nstring(self.subject.as_deref());
        for addresses in [
            &self.from,
            &self.sender,
            &self.reply_to,
            &self.to,
            &self.cc,
            &self.bcc,
        ] {
            write_addresses(out.space(), addresses);
        }
        out.space()
            .nstring(self.in_reply_to.as_deref())
            .space()
            .nstring(self.message_id.as_deref())
            .raw(b")");
    }
}

/// Reads a string or NIL into octets of its own.
pub(crate) fn nstring(cursor: &mut Cursor<'_>) -> Parsed<NString> {
    cursor
        .nstring()
        .map(|string| string.map(|octets| octets.into_owned()))
}

/// Reads a space and then something.
pub(crate) fn spaced<'a, T>(
    cursor: &mut Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
) -> Parsed<T> {
    cursor.space()?;
    read(cursor)
}

fn addresses(cursor: &mut Cursor<'_>) -> Parsed<Vec<Address>> {
    if cursor.eat_word(b"NIL") {
        Ok(Vec::new())
    } else {
        cursor.packed(Address::read)
    }
}

/// RFC 9051 §9: addresses stand without spaces between them; no address is NIL.
fn write_addresses(out: &mut Encoder, addresses: &[Address]) {
    if addresses.is_empty() {
        out.raw(b"NIL");
        return;
    }
    out.raw(b"(");
    for address in addresses {
        address.write(out);
    }
    out.raw(b")");
}
