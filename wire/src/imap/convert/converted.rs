//! `* n CONVERTED`: what came of a conversion (RFC 5259 §8.1).

use super::super::cursor::{Cursor, Parsed};
use super::super::encode::Encoder;
use super::super::media::MediaType;
use super::super::section::{PartPath, Section};
use super::super::sequence::{SeqNum, Uid};
use super::super::structure::BodyStructure;
use super::super::tag::Tag;
use super::phrase::ErrorPhrase;

/// A result, or why there is none.
pub type Outcome<T> = Result<T, ErrorPhrase>;

/// What came of one message's conversion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Converted {
    /// The message's sequence number.
    pub message: SeqNum,
    /// The tag of the command that this answers.
    pub tag: Tag,
    /// What is told, the UID first (RFC 5259 §8.1).
    pub attributes: Vec<ConvertedAttribute>,
}

/// One thing that a CONVERTED tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConvertedAttribute {
    /// `UID`
    Uid(Uid),
    /// `BINARY[part]<origin>`
    Binary {
        /// Which part.
        part: PartPath,
        /// Where the octets begin, if a partial range was asked for.
        origin: Option<u64>,
        /// The octets.
        outcome: Outcome<Option<Vec<u8>>>,
    },
    /// `BINARY.SIZE[part]`
    BinarySize {
        /// Which part.
        part: PartPath,
        /// The converted part's size.
        outcome: Outcome<u64>,
    },
    /// `BODYPARTSTRUCTURE[part]`
    BodyPartStructure {
        /// Which part.
        part: PartPath,
        /// The converted part's structure.
        outcome: Outcome<BodyStructure>,
    },
    /// `AVAILABLECONVERSIONS[part]`
    AvailableConversions {
        /// Which part.
        part: PartPath,
        /// Into what it can be converted.
        outcome: Outcome<Vec<MediaType>>,
    },
    /// `BODY[HEADER]` and its like: shown in RFC 5259 §6, missing in its grammar
    Header {
        /// Which header.
        section: Section,
        /// The header.
        outcome: Outcome<Option<Vec<u8>>>,
    },
}

impl Converted {
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
