//! What a message is made of: headers, addresses, parts and their transfer encodings. Tolerant and bounded; it never fails, since
//! every file in a Maildir is a message.

pub(crate) mod address;
pub(crate) mod describe;
pub(crate) mod header;
pub(crate) mod structure;
pub(crate) mod transfer;
