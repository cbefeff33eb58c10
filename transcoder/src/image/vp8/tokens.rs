//! What coefficients' tokens go by (RFC 6386 §13).

/// Of each kind of block, for each band of positions, after a zero, a one or more.
pub(super) type Probabilities = [[[[u8; 11]; 3]; 8]; 4];

/// The probabilities of one kind of block, for each position; there is one more than a block has, that none need ask.
pub(super) type Positions = [[[u8; 11]; 3]; 17];

/// Four blocks side by side: four rows of sixteen coefficients, four for each block.
pub(super) type Quad = [i16; 64];

/// RFC 6386 §13.3: to which band a position belongs.
pub(super) const BANDS: [usize; 17] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];

/// RFC 6386 §13: the zigzag, as places in a block.
pub(super) const ZIGZAG: [usize; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];

/// RFC 6386 §13: the zigzag, as places in the first block of a [`Quad`].
pub(super) const PLACES: [usize; 16] = [0, 1, 16, 32, 17, 2, 3, 18, 33, 48, 49, 34, 19, 35, 50, 51];

/// RFC 6386 §13.2: the probabilities of the bits of long values, which begin at 11, 19, 35 and 67.
pub(super) const LONG: [&[u8]; 4] = [
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];
pub(super) const LONG_FROM: [i16; 4] = [11, 19, 35, 67];

/// Spreads a kind's probabilities from bands to positions.
pub(super) fn positions(bands: &[[[u8; 11]; 3]; 8]) -> Positions {
    BANDS.map(|band| bands.get(band).copied().unwrap_or_default())
}
