//! What server and loader say to each other: length-prefixed frames, bounded, the same however reads are cut.
//!
//! A frame is `u32` (big endian: how many octets follow) · `u8` kind · body. Each `Load` and `Resolve` gets one answer, in the order of
//! asking; `Map` and the first `Hello` come unasked. A `Loaded` travels with one descriptor (`SCM_RIGHTS`, on the frame's first octet) for
//! each address in it; no other frame has any. Files with keys are in these frames: their buffers are wiped.

use std::{net::SocketAddr, path::PathBuf};

use zeroize::Zeroizing;

use super::fields::{Fields, Writer};
use crate::sources::{Found, Sources};

/// The most octets that may follow a frame's length: the users' map and much else.
pub const MAX_FRAME: usize = 64 << 20;

/// The most sockets that one frame brings: what the kernel passes at once (`SCM_MAX_FD`).
pub const MOST_SOCKETS: usize = 253;

/// The most octets of a host's name.
const HOST: usize = 255;

/// Octets of the length before a frame.
const LENGTH_OCTETS: usize = 4;

/// A frame cannot be read, or cannot be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameError {
    /// Its length is over [`MAX_FRAME`], or a number in it over its own bound.
    TooLong,
    /// A kind that this direction does not have.
    UnknownKind,
    /// The body is not what its kind asks for.
    Malformed,
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a frame longer than any may be",
            Self::UnknownKind => "a frame of no known kind",
            Self::Malformed => "a frame whose body does not fit its kind",
        })
    }
}

impl std::error::Error for FrameError {}

/// What the server asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToLoader {
    /// Read the configuration and all that it names; bind each listener but those at these addresses.
    Load {
        /// One for each listener that keeps its socket.
        kept: Vec<SocketAddr>,
    },
    /// Look a name up.
    Resolve {
        /// The name.
        host: String,
        /// The port, which is not looked up.
        port: u16,
    },
    /// What was loaded last is used from now on: its map is to be watched. Not answered.
    Settled,
}

/// What the loader says.
#[derive(Debug, PartialEq)]
pub enum FromLoader {
    /// First of all, and once: it is up and confined.
    Hello,
    /// A configuration; the sockets for these addresses come with this frame.
    Loaded {
        /// What the machine told.
        sources: Sources,
        /// As the file gives them.
        opened: Vec<SocketAddr>,
    },
    /// Addresses of a name.
    Resolved(Vec<SocketAddr>),
    /// No: in words for the log.
    Refused(String),
    /// The users' map that is in use is another file by now, or none.
    Map {
        /// As the configuration gives it.
        path: PathBuf,
        /// What is there.
        found: Found,
    },
}

const LOAD: u8 = 1;
const RESOLVE: u8 = 2;
const SETTLED: u8 = 3;

const HELLO: u8 = 1;
const LOADED: u8 = 2;
const RESOLVED: u8 = 3;
const REFUSED: u8 = 4;
const MAP: u8 = 5;

/// Octets that are wiped when they are dropped.
pub type Wiped = Zeroizing<Vec<u8>>;

impl ToLoader {
    /// The whole frame, its length included.
    ///
    /// # Errors
    /// [`FrameError::TooLong`].
    pub fn encode(&self) -> Result<Wiped, FrameError> {
        match self {
            Self::Load { kept } => Writer::measured(LOAD, |frame| frame.addresses(kept)),
            Self::Resolve { host, port } => Writer::measured(RESOLVE, |frame| {
                frame.text(host);
                frame.u16(*port);
            }),
            Self::Settled => Writer::measured(SETTLED, |_| ()),
        }
    }

    /// The frame of these octets, its length not included.
    ///
    /// # Errors
    /// [`FrameError`], where there is none.
    pub fn decode(frame: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(frame);
        let decoded = match fields.octet()? {
            LOAD => Self::Load {
                kept: fields.addresses()?,
            },
            RESOLVE => Self::Resolve {
                host: fields.text()?,
                port: fields.u16()?,
            },
            SETTLED => Self::Settled,
            0 | 4.. => return Err(FrameError::UnknownKind),
        };
        if matches!(&decoded, Self::Resolve { host, .. } if host.len() > HOST) {
            return Err(FrameError::TooLong);
        }
        fields.end(decoded)
    }
}

impl FromLoader {
    /// The whole frame, its length included. It is written into a buffer that never grows, so that no copy of a key is left.
    ///
    /// # Errors
    /// [`FrameError::TooLong`].
    pub fn encode(&self) -> Result<Wiped, FrameError> {
        match self {
            Self::Hello => Writer::measured(HELLO, |_| ()),
            Self::Loaded { sources, opened } => Writer::measured(LOADED, |frame| {
                frame.addresses(opened);
                frame.sources(sources);
            }),
            Self::Resolved(addresses) => {
                Writer::measured(RESOLVED, |frame| frame.addresses(addresses))
            }
            Self::Refused(why) => Writer::measured(REFUSED, |frame| frame.text(why)),
            Self::Map { path, found } => Writer::measured(MAP, |frame| {
                frame.path(path);
                frame.found(found);
            }),
        }
    }

    /// The frame of these octets, its length not included.
    ///
    /// # Errors
    /// [`FrameError`], where there is none.
    pub fn decode(frame: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(frame);
        let decoded = match fields.octet()? {
            HELLO => Self::Hello,
            LOADED => {
                let opened = fields.addresses()?;
                if opened.len() > MOST_SOCKETS {
                    return Err(FrameError::TooLong);
                }
                Self::Loaded {
                    opened,
                    sources: fields.sources()?,
                }
            }
            RESOLVED => Self::Resolved(fields.addresses()?),
            REFUSED => Self::Refused(fields.text()?),
            MAP => Self::Map {
                path: fields.path()?,
                found: fields.found()?,
            },
            0 | 6.. => return Err(FrameError::UnknownKind),
        };
        fields.end(decoded)
    }
}

/// Finds frames in octets that arrive in any pieces. Holds one unfinished frame at most, in a buffer as long as was announced.
#[derive(Debug, Default)]
pub struct FrameReader {
    length: Vec<u8>,
    held: Option<(usize, Wiped)>,
}

impl FrameReader {
    /// The next whole frame, without its length; what it took of `input` is gone from there. None: more octets are needed.
    ///
    /// # Errors
    /// [`FrameError::TooLong`], before room is taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Wiped>, FrameError> {
        if self.held.is_none() {
            let missing = LENGTH_OCTETS.saturating_sub(self.length.len());
            self.length.extend_from_slice(taken(input, missing));
            let Ok(length) = <[u8; LENGTH_OCTETS]>::try_from(self.length.as_slice()) else {
                return Ok(None);
            };
            let length = usize::try_from(u32::from_be_bytes(length));
            let length = length.ok().filter(|length| *length <= MAX_FRAME);
            let length = length.ok_or(FrameError::TooLong)?;
            self.length.clear();
            self.held = Some((length, Zeroizing::new(Vec::with_capacity(length))));
        }
        let Some((length, held)) = &mut self.held else {
            return Ok(None);
        };
        let missing = length.saturating_sub(held.len());
        held.extend_from_slice(taken(input, missing));
        if held.len() < *length {
            return Ok(None);
        }
        Ok(self.held.take().map(|(_, frame)| frame))
    }
}

/// The first octets of `input`, `most` of them if it has so many; they are gone from there.
fn taken<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (first, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    first
}
