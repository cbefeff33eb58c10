//! VP8 key frames (RFC 6386), which lossy WebP files are, decoded at a whole, a half, a quarter or an eighth of their
//! size, row by row.
//!
//! At full size the pixels are to the bit those of libwebp. A smaller picture is made of averages of luma and chroma as
//! they stand, and only then of red, green and blue; below a half, the loop filter is left out, which moves samples
//! about by less than what is averaged (libwebp leaves it out as well when it scales).

mod bands;
mod bools;
mod colour;
mod decoder;
mod defaults;
mod edges;
mod header;
mod loop_filter;
mod macroblock;
mod modes;
mod predict;
mod quantiser;
mod strength;
mod subblock_modes;
mod subblocks;
#[cfg(test)]
mod tests;
mod tile;
mod tokens;
mod transform;
mod updates;

pub(super) use self::decoder::Decoder;
