//! Plaintext in, plaintext out, within a budget: pictures made small, documents made readable. Knows media types and nothing of mail.
//!
//! | module | holds |
//! | --- | --- |
//! | [`conversion`] | [`convert`]: which pairs exist, their parameters, and the one way through |
//! | [`budget`] | [`Budget`]: octets, pixels and memory, spent before anything is allocated |
//! | [`media`] | [`MediaType`] in, [`Target`] out |
//! | [`refusal`] | [`Refusal`]: why there is no picture, and whose fault that is |
//! | [`sniff`](mod@sniff), [`content`] | what a file is by its first octets: of pictures, of all that is read |
//! | [`text`] | text and documents: charsets, plain text, small HTML, header fields; the first page of a PDF |
//! | [`audio`] | recordings made small: [`audio::convert`] |
//! | `image` | survey, decode, resize, colour, orientation, encode, the search for a byte budget |
//!
//! This crate does no I/O, asks no clock and no random number: the same input gives the same octets.
//! It is meant to run in a process of its own (the vault): where a decoder of another crate panics or never ends,
//! that process dies alone, of its own panic or of its CPU limit.
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

pub mod audio;
pub mod budget;
pub mod content;
pub mod conversion;
mod image;
pub mod media;
pub mod refusal;
pub mod sniff;
pub mod text;

pub use budget::{Budget, Resource};
pub use content::{Content, recognise};
pub use conversion::{Conversion, Converted, Drawn, convert, draw, pairs, parameters};
pub use media::{MediaType, Target, UnreadType};
pub use refusal::Refusal;
pub use sniff::sniff;

pub use charset::Charset;
