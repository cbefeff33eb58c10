//! FETCH: its items (RFC 9051 §6.4.5, RFC 3516 §4.2) and its response (RFC 9051 §7.5.2).

use super::cursor::{Cursor, Parsed};
use super::date::DateTime;
use super::encode::{Encoded, Encoder};
use super::envelope::Envelope;
use super::flag::Flag;
use super::section::{PartPath, Partial, Section};
use super::sequence::{SeqNum, Uid};
use super::structure::BodyStructure;

/// Whether reading a part marks the message as read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Seen {
    /// `BODY[..]` sets `\Seen`.
    Set,
    /// `BODY.PEEK[..]` does not.
    Peek,
}

/// What a FETCH asks for. The macros ALL, FAST and FULL are read as what they stand for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FetchItem {
    /// `ENVELOPE`
    Envelope,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`
    InternalDate,
    /// `RFC822`: `BODY[]` by another name (RFC 3501)
    Rfc822,
    /// `RFC822.HEADER`: `BODY.PEEK[HEADER]` by another name (RFC 3501)
    Rfc822Header,
    /// `RFC822.TEXT`: `BODY[TEXT]` by another name (RFC 3501)
    Rfc822Text,
    /// `RFC822.SIZE`
    Rfc822Size,
    /// `BODY`: the structure without extensions
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `UID`
    Uid,
    /// `MODSEQ` (RFC 7162)
    ModSeq,
    /// `BODY[section]<partial>`
    Section {
        /// Which section.
        section: Section,
        /// Which octets of it.
        partial: Option<Partial>,
        /// Whether this marks the message as read.
        seen: Seen,
    },
    /// `BINARY[part]<partial>` (RFC 3516)
    Binary {
        /// Which part.
        part: PartPath,
        /// Which octets of it, once decoded.
        partial: Option<Partial>,
        /// Whether this marks the message as read.
        seen: Seen,
    },
    /// `BINARY.SIZE[part]` (RFC 3516)
    BinarySize(PartPath),
}

/// What a FETCH response tells of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FetchAttribute {
    /// `ENVELOPE`
    Envelope(Envelope),
    /// `FLAGS`
    Flags(Vec<Flag>),
    /// `INTERNALDATE`
    InternalDate(DateTime),
    /// `RFC822`
    Rfc822(Option<Vec<u8>>),
    /// `RFC822.HEADER`
    Rfc822Header(Option<Vec<u8>>),
    /// `RFC822.TEXT`
    Rfc822Text(Option<Vec<u8>>),
    /// `RFC822.SIZE`
    Rfc822Size(u64),
    /// `BODY`
    Body(BodyStructure),
    /// `BODYSTRUCTURE`
    BodyStructure(BodyStructure),
    /// `UID`
    Uid(Uid),
    /// `MODSEQ`
    ModSeq(u64),
    /// `BODY[section]<origin>`
    Section {
        /// Which section.
        section: Section,
        /// Where the octets begin, if a partial range was asked for.
        origin: Option<u64>,
        /// The octets.
        octets: Option<Vec<u8>>,
    },
    /// `BINARY[part]<origin>`
    Binary {
        /// Which part.
        part: PartPath,
        /// Where the octets begin, if a partial range was asked for.
        origin: Option<u64>,
        /// The octets.
        octets: Option<Vec<u8>>,
    },
    /// `BINARY.SIZE[part]`
    BinarySize {
        /// Which part.
        part: PartPath,
        /// Its size, decoded.
        octets: u64,
    },
    /// An attribute that is not known here; its value is skipped.
    Unknown(String),
}

/// `* n FETCH (..)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FetchResponse {
    /// The message's sequence number.
    pub message: SeqNum,
    /// What is told of it, in order.
    pub attributes: Vec<FetchAttribute>,
}

impl FetchResponse {
    /// The message's UID, if it is told.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        todo!()
    }

    /// The response as it stands on the wire, CRLF included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }
}
