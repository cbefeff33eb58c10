//! JPEG (ITU-T T.81) decoded at a whole, a half, a quarter or an eighth of its size, row by row.
//!
//! A photograph that will be shown small is decoded small, which costs a fraction: what a scale does not need is not
//! made. Where the time of an eighth goes, which is the usual case, and why it is short:
//!
//! - *Sequential files.* All codes have to be passed, as nothing says where the next block begins. But of 63 of 64
//!   coefficients only the length matters: one table joins the symbols that lie within thirteen bits, and a look-up steps
//!   over two or three of them ([`skip`]). Bits come eight octets at a time, with one test that none is 0xff, and stay
//!   in registers ([`bits`]). The inner loop does nothing else; predictions and samples come after it, a row of MCUs at
//!   a time ([`sequential`]).
//! - *Progressive files.* Only scans that bring first coefficients are decoded ([`progressive`]); the others, nine octets
//!   in ten, are passed by looking for the next marker, 64 octets at once ([`marker`]).
//! - *Transforms* at larger scales are averages, exact ones, and done side by side ([`idct`], [`lanes`]). So is what
//!   makes coarser components finer ([`upsample`]).
//!
//! Rows are made as they are asked for, and nothing of the picture is in memory but the coefficients of one row of MCUs and
//! the samples of three. Where several scans bring a row, each has its own place in the file, and its own codes: all are
//! read side by side, a row of each. All memory is paid for by the budget before it is taken, and wiped.
//!
//! | file | holds |
//! | --- | --- |
//! | `header` | what a file says of itself; that it is whole |
//! | `marker`, `frame`, `tables`, `scan` | segments, in T.81's words |
//! | `bits`, `huffman`, `coders`, `skip` | codes |
//! | `sequential`, `progressive`, `coefficients` | from codes to coefficients |
//! | `idct`, `lanes`, `plane`, `upsample`, `colour` | from coefficients to pixels |
//! | `scale`, `decoder` | what others use |
//!
//! A file that is cut off or against T.81 is refused as damaged, be it in the last row: never is anything made up for what
//! is missing. Arithmetic, lossless and hierarchical coding, twelve bits a sample and a height that comes later (DNL) are
//! not read. No `unsafe`; octets that strangers wrote lead to no panic and no number that matters.

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
mod scan;
mod sequential;
mod skip;
mod tables;
#[cfg(test)]
mod tests;
mod upsample;

use super::scale;

pub(super) use self::colour::Colour;
pub(super) use self::decoder::Decoder;
pub(super) use self::header::Header;
pub(super) use self::tables::Tables;
