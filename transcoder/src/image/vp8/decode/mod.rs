//! Key frames decoded at a whole, a half, a quarter or an eighth of their size, row by row.
//!
//! At full size the pixels are to the bit those of libwebp. A smaller picture is made of averages of luma and chroma as
//! they stand, and only then of red, green and blue; below a half, the loop filter is left out, which moves samples
//! about by less than what is averaged (libwebp leaves it out as well when it scales).

mod bands;
mod bools;
mod colour;
mod decoder;
mod header;
mod macroblock;
mod modes;
#[cfg(test)]
pub(super) mod tests;
mod tokens;

pub(in crate::image) use self::decoder::Decoder;
