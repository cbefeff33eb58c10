//! Text in whatever charset mail comes in: to UTF-8, and from it. Knows charsets and encoded-words, nothing else of mail.
//!
//! | module | holds |
//! | --- | --- |
//! | [`label`] | [`Charset`]: the charset of a label |
//! | [`decode`](mod@decode) | octets to text; what does not decode is U+FFFD |
//! | [`encode`](mod@encode) | text to octets; what has none is replaced, referred to or refused |
//! | [`encoded_word`] | the encoded-words of header fields (RFC 2047), read and written |
//! | [`meter`] | how many octets text will take, told piece by piece before it is encoded |
//! | `utf7` | a charset that is only read |
//!
//! No I/O, no clock. Nothing is guessed from the text itself: a label decides, or the caller does.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::wildcard_enum_match_arm,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod decode;
pub mod encode;
pub mod encoded_word;
pub mod label;
pub mod meter;
mod utf7;

pub use decode::{decode, octets_decoded};
pub use encode::{NotEncoded, Unknown, encode};
pub use label::{Charset, is_forbidden};
pub use meter::Meter;

#[cfg(test)]
mod tests;
