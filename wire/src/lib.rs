//! IMAP as octets and as types: framing, parsing, encoding. No socket, no clock, no randomness.
//!
//! | module | holds |
//! | --- | --- |
//! | [`frame`] | [`Framer`]: lines and literals out of a stream, bounded, the same however reads are cut |
//! | [`collect`] | [`Collector`]: one whole command or response, within a budget |
//! | [`confidential`] | [`Confidential`]: what a client logs in with: unprintable, wiped |
//! | [`imap`] | commands, responses and everything they are made of |
//!
//! The relay path uses frames alone: they carry the very octets that came, so that nothing is written anew that was
//! not understood. What must be understood is collected first and parsed then, literals inline.

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

pub mod collect;
pub mod confidential;
pub mod frame;
pub mod imap;

pub use collect::{Collected, Collector};
pub use confidential::Confidential;
pub use frame::{
    Binary, Ends, Frame, FrameError, Framer, Limits, Line, Literal, Position, Side, Sync,
};
