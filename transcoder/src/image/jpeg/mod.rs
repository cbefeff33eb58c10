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
mod lanes;
mod marker;
mod plane;
mod progressive;
mod scale;
mod scan;
mod sequential;
mod skip;
mod tables;
#[cfg(test)]
mod tests;
mod upsample;

pub(super) use self::decoder::Decoder;
pub(super) use self::header::Header;
pub(super) use self::scale::Scale;
