//! What is asked: CONVERT's arguments (RFC 5259 §6), CONVERSIONS and its CONVERSION response (RFC 5259 §5).

use super::super::cursor::{Cursor, Parsed};
use super::super::encode::{Encoded, Encoder, Literals};
use super::super::media::{MediaPattern, MediaType};
use super::super::section::{PartPath, Partial, Section};
use super::super::sequence::SequenceSet;

/// A conversion parameter's name in lower case: a media feature tag (RFC 2506), which compares in any case.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ParameterName(Box<str>);

/// Conversion parameters in their order.
pub type Parameters = Vec<(ParameterName, Vec<u8>)>;

/// The arguments of CONVERT and UID CONVERT.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Convert {
    /// Which messages.
    pub set: SequenceSet,
    /// Into what; `None`: NIL, the server's default.
    pub target: Option<MediaType>,
    /// How.
    pub parameters: Parameters,
    /// What to tell of the result; never none.
    pub items: Vec<ConvertItem>,
}

/// What a CONVERT asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConvertItem {
    /// `UID`
    Uid,
    /// `BINARY[part]<partial>`: the converted part, or a range of it
    Binary {
        /// Which part.
        part: PartPath,
        /// Which octets of the result.
        partial: Option<Partial>,
    },
    /// `BINARY.SIZE[part]`: the converted part's size
    BinarySize(PartPath),
    /// `BODYPARTSTRUCTURE[part]`: the converted part's structure
    BodyPartStructure(PartPath),
    /// `AVAILABLECONVERSIONS[part]`: into what it can be converted
    AvailableConversions(PartPath),
    /// `BODY[HEADER]`, `BODY[n.HEADER]`, `BODY[n.MIME]`: a header in another charset
    Header(Section),
}

/// The arguments of CONVERSIONS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversions {
    /// From what.
    pub from: MediaPattern,
    /// Into what.
    pub to: MediaPattern,
}

/// `* CONVERSION`: one pair that can be converted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversion {
    /// From what.
    pub from: MediaType,
    /// Into what.
    pub to: MediaType,
    /// Which parameters are known; none: no list is written.
    pub parameters: Vec<ParameterName>,
}
