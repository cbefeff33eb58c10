//! The decoder as a whole.

mod damage;
mod fuzz;
mod kinds;
mod peers;
mod scene;
mod skipping;
mod speed;
mod transform;

use super::{Decoder, Header, Scale};
use crate::budget::Budget;
use crate::image::picture::Channels;
use crate::image::rows::Rows;
use crate::refusal::Refusal;

/// All scales.
const SCALES: [Scale; 4] = [Scale::Whole, Scale::Half, Scale::Quarter, Scale::Eighth];

fn budget() -> Budget {
    Budget {
        input_octets: 100_000_000,
        pixels: 100_000_000,
        samples: 0,
        output_octets: 100_000_000,
        memory: 768 * 1024 * 1024,
    }
}

/// A picture as it came out.
#[derive(Debug, Eq, PartialEq)]
struct Seen {
    width: usize,
    height: usize,
    channels: Channels,
    samples: Vec<u8>,
}

fn decoded(file: &[u8], scale: Scale) -> Result<Seen, Refusal> {
    let mut budget = budget();
    let header = Header::read(file, &mut budget)?;
    rows(Decoder::new(file, &header, scale, &mut budget)?)
}

fn rows(mut decoder: Decoder<'_>) -> Result<Seen, Refusal> {
    let (width, height) = (
        decoder.size().width() as usize,
        decoder.size().height() as usize,
    );
    let channels = decoder.channels();
    let mut samples = vec![0; width * height * channels.count()];
    for row in samples.chunks_exact_mut(width * channels.count()) {
        decoder.next_row(row)?;
    }
    Ok(Seen {
        width,
        height,
        channels,
        samples,
    })
}
