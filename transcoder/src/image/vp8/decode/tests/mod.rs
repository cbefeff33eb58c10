//! The decoder as a whole.

mod damage;
mod fuzz;
pub(in crate::image::vp8) mod peers;
pub(in crate::image::vp8) mod scene;
mod small;

use super::Decoder;
use super::bands::{Bands, Edges};
use super::bools::Bools;
use super::header::Header;
use crate::budget::Budget;
use crate::image::rows::Rows;
use crate::image::scale::Scale;
use crate::image::vp8::tile::Tile;
use crate::image::webp::Lossy;
use crate::refusal::Refusal;

/// All scales.
const SCALES: [Scale; 4] = [Scale::Whole, Scale::Half, Scale::Quarter, Scale::Eighth];

fn budget() -> Budget {
    Budget {
        input_octets: 100_000_000,
        pixels: 100_000_000,
        samples: 0,
        output_octets: 100_000_000,
        memory: 16 * 1024 * 1024,
    }
}

/// The frame in a file.
fn frame(file: &[u8]) -> &[u8] {
    Lossy::of(file).unwrap().unwrap().frame
}

/// A picture as it came out.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::image::vp8) struct Seen {
    pub(in crate::image::vp8) width: usize,
    pub(in crate::image::vp8) height: usize,
    pub(in crate::image::vp8) samples: Vec<u8>,
}

/// All macroblocks, before any filter.
pub(in crate::image::vp8) fn unfiltered(frame: &[u8]) -> Vec<Tile> {
    let header = Header::read(frame).unwrap();
    let down = header.size.height().div_ceil(16) as usize;
    let mut bands = Bands::new(header, Edges::AsTheyAre, &mut budget()).unwrap();
    let rows = (0..down).flat_map(|at| bands.band(at).unwrap().to_vec());
    rows.collect()
}

/// Bools of these probabilities; nothing, if there are not as many.
pub(in crate::image::vp8) fn bools(octets: &[u8], probabilities: &[u8]) -> Option<Vec<bool>> {
    let mut bools = Bools::of(octets);
    let read = probabilities.iter().map(|probability| {
        bools.need();
        bools.read(*probability)
    });
    let read = read.collect();
    bools.check().ok().map(|()| read)
}

pub(in crate::image::vp8) fn decoded(frame: &[u8], scale: Scale) -> Result<Seen, Refusal> {
    rows(Decoder::new(frame, scale, &mut budget())?)
}

fn rows(mut decoder: Decoder<'_>) -> Result<Seen, Refusal> {
    let (width, height) = (
        decoder.size().width() as usize,
        decoder.size().height() as usize,
    );
    let mut samples = vec![0; width * height * 3];
    for row in samples.chunks_exact_mut(width * 3) {
        decoder.next_row(row)?;
    }
    Ok(Seen {
        width,
        height,
        samples,
    })
}
