//! IMAP4rev1 and IMAP4rev2 (RFC 3501, RFC 9051) with BINARY (RFC 3516), CONVERT (RFC 5259) and the KEYREVEAL command.
//!
//! | module | holds |
//! | --- | --- |
//! | [`cursor`] | the one tokenizer, over one whole command or response, literals inline |
//! | [`value`] | any syntax as a tree, for what has no type of its own |
//! | [`encode`] | the one writer: atoms, strings quoted or as literals, whichever is safe |
//! | [`command`] | commands, both ways; [`command::Name`] reads just the first line |
//! | [`response`] | responses, both ways; [`response::Kind`] reads just the first line |
//! | [`convert`] | CONVERT, CONVERSIONS, CONVERTED and the ERROR phrase |
//! | [`fetch`] | FETCH items and the FETCH response |
//! | `streamed` | FETCH and CONVERTED responses whose literals their server sends by itself |
//! | [`part_reader`] | one part's octets out of the frames of a FETCH response |
//! | [`search`] | SEARCH keys, SEARCH and ESEARCH responses |
//! | [`structure`], [`envelope`] | BODYSTRUCTURE and ENVELOPE |
//! | [`section`] | part paths, sections, partial ranges |
//! | [`capability`], [`sequence`], [`mailbox`], [`flag`], [`date`], [`tag`], [`media`], [`sasl`] | the small types |

pub mod capability;
pub mod command;
pub mod convert;
pub mod cursor;
pub mod date;
pub mod encode;
pub mod envelope;
pub mod fetch;
pub mod flag;
pub mod mailbox;
pub mod media;
pub mod part_reader;
pub mod response;
pub mod sasl;
pub mod search;
pub mod section;
pub mod sequence;
mod streamed;
pub mod structure;
pub mod tag;
pub mod value;

pub use capability::Capabilities;
pub use command::{Addressing, Command, CommandBody, CommandError, Name};
pub use convert::{
    Conversion, Convert, ConvertItem, Converted, ConvertedAttribute, ErrorCode, ErrorPhrase,
};
pub use cursor::{Fault, ParseError};
pub use encode::{Encoded, Literals};
pub use envelope::{Address, Envelope};
pub use fetch::{FetchAttribute, FetchItem, FetchResponse};
pub use flag::Flag;
pub use mailbox::Mailbox;
pub use media::MediaType;
pub use part_reader::{PartEvent, PartReader};
pub use response::{Code, Response, Status, StatusKind};
pub use section::{PartPath, Partial, Section, SectionText};
pub use sequence::{SeqNum, SequenceSet, Uid, UidValidity};
pub use structure::BodyStructure;
pub use tag::Tag;
pub use value::Value;
