//! One section's octets out of a store's frames, for a FETCH of our own among the client's traffic.
//!
//! The command is `UID FETCH n (UID BODY.PEEK[section])`. The reader follows every frame of the store's side and says of
//! each whether it belongs to that answer or is the client's.

use super::fetch::FetchResponse;
use super::section::Section;
use super::sequence::Uid;
use crate::frame::Frame;

/// What a frame is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PartEvent<'f> {
    /// Not ours: pass it on.
    Relay,
    /// Ours, and nothing to do for it.
    Taken,
    /// Ours: the section begins and is so many octets long.
    Begin {
        /// The length of all runs that follow.
        octets: u64,
    },
    /// Ours: the next octets of the section.
    Octets(&'f [u8]),
    /// Ours: the section came in the line itself, as a quoted string: all of it is here.
    Whole(Vec<u8>),
    /// Ours: the section is NIL, there is no such part.
    Missing,
    /// Ours: the response has ended.
    Done(PartDone),
}

/// What else the response said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PartDone {
    /// Whether the response named the UID that was asked for.
    pub uid: UidTold,
    /// A response without the section, to be told the client: only if there is anything in it but the UID.
    pub others: Option<FetchResponse>,
}

/// Whether a response is about the right message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UidTold {
    /// It is.
    Right,
    /// It named no UID or another one: what came must not be used.
    Wrong,
}

/// Follows a store's frames for one section of one message.
#[derive(Debug)]
pub struct PartReader {
    uid: Uid,
    section: Section,
}

impl PartReader {
    /// A reader for the answer to [`PartReader::command`].
    #[must_use]
    pub fn new(uid: Uid, section: Section) -> Self {
        Self { uid, section }
    }

    /// Takes the next frame of the store's side.
    pub fn take<'f>(&mut self, frame: &'f Frame<'_>) -> PartEvent<'f> {
        todo!()
    }
}
