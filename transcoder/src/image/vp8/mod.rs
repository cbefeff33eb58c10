//! VP8 key frames (RFC 6386), which lossy WebP files are: read and written. What stands here, both need.

mod column;
mod decode;
mod defaults;
mod edges;
mod encode;
mod loop_filter;
mod modes;
mod predict;
mod quantiser;
mod strength;
mod subblock_modes;
mod subblocks;
mod tile;
mod tokens;
mod transform;
mod updates;

pub(super) use self::decode::Decoder;
pub(super) use self::encode::{Coarseness, Encoder};

/// Samples of luma along a macroblock.
const SIDE: u32 = 16;

/// How many kinds of macroblocks a frame can tell apart.
const SEGMENTS: usize = 4;

/// RFC 6386 §9.1: what stands before the size in a key frame.
const START: [u8; 3] = [0x9d, 0x01, 0x2a];
