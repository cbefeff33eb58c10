//! The PROXY protocol (HAProxy's specification, versions 1 and 2): who the client is, by the word of a proxy in front,
//! and the same word to a store behind.
//!
//! | module | holds |
//! | --- | --- |
//! | [`header`] | [`read`]: a header at the start of octets, by prefix |
//! | [`v1`], [`v2`] | the two versions' forms |
//! | [`written`], [`written_for_nobody`] | a header for a store |
//! | [`admit`] | a socket whose header is read, if its source may send one |
//!
//! A header is believed only from a trusted source, and not one octet behind it is taken from the socket.

mod admit;
mod crc32c;
mod header;
mod v1;
mod v2;
mod written;

pub use admit::{Refused, admit, word};
pub use header::{Ends, Fault, Header, MOST_OCTETS, Reading, read};
pub use written::{written, written_for_nobody};

#[cfg(test)]
mod tests;
