//! CMS (RFC 5652): who a part is for, how it is encrypted, and the streaming reader that finds it out.

pub(crate) mod asn1;
pub(crate) mod ber;
pub(crate) mod collect;
mod header;
pub(crate) mod oid;
pub(crate) mod reader;
mod recipient;
pub(crate) mod signed;

pub use crate::algorithm::{ContentEncryption, Derivation, TagLength};
pub use header::{Header, HeaderError, Kind, Unsupported, read_header};
pub use recipient::{
    Agreement, Curve, Hash, KeyDerivation, KeyManagement, KeyWrap, Oaep, Recipient, RecipientId,
};
