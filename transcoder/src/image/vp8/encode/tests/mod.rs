//! The encoder as a whole.

mod drift;
mod fuzz;
mod length;
mod peers;

use zeroize::Zeroizing;

use super::*;
use crate::budget::Budget;
use crate::image::picture::{Channels, Picture};
use crate::image::size::Size;
use crate::image::specimens::{self, slopes as picture};
use crate::image::vp8::tile::Tile;

fn budget() -> Budget {
    specimens::memory(1 << 28)
}

fn encoder(picture: &Picture) -> Encoder {
    Encoder::new(picture, &mut budget()).unwrap()
}

fn frame(encoder: &mut Encoder, coarseness: Coarseness) -> Vec<u8> {
    let made = encoder.encode(coarseness, usize::MAX);
    let mut frame = Vec::new();
    made.write(&mut frame).unwrap();
    assert_eq!(made.len, frame.len());
    frame
}

/// The frame as a file.
fn file(frame: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    let padded = frame.len().next_multiple_of(2);
    file.extend((padded as u32 + 12).to_le_bytes());
    file.extend(b"WEBPVP8 ");
    file.extend((frame.len() as u32).to_le_bytes());
    file.extend(frame);
    file.resize(padded + 20, 0);
    file
}

/// What a decoder makes of the frame is, before its filter, what the encoder reckoned with.
fn same(picture: &Picture, coarseness: Coarseness) -> Vec<u8> {
    let mut encoder = encoder(picture);
    let mut meant = Vec::new();
    encoder.choose(coarseness, |tile| meant.push(*tile));
    let frame = frame(&mut self::encoder(picture), coarseness);
    let found = crate::image::vp8::decode::tests::unfiltered(&frame);
    assert_eq!(found.len(), meant.len());
    for (at, (found, meant)) in found.iter().zip(&meant).enumerate() {
        let Tile { luma, chroma } = meant;
        assert_eq!(
            (&found.luma, &found.chroma),
            (luma, chroma),
            "macroblock {at}"
        );
    }
    frame
}
