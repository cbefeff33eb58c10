//! JPEG (ITU-T T.81) decoded at a whole, a half, a quarter or an eighth of its size, row by row.

mod bits;
mod coders;
mod coefficients;
mod colour;
mod decoder;
mod frame;
mod header;
mod huffman;
mod idct;
mod marker;
mod plane;
mod progressive;
mod scan;
mod sequential;
mod skip;
mod tables;
#[cfg(test)]
mod tests;
mod upsample;

use super::scale;

pub(super) use self::decoder::Decoder;
pub(super) use self::header::Header;
