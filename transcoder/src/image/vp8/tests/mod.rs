//! The decoder as a whole.

mod damage;
mod fuzz;
mod peers;
mod scene;
mod small;

use super::Decoder;
use crate::budget::Budget;
use crate::image::rows::Rows;
use crate::image::scale::Scale;
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
struct Seen {
    width: usize,
    height: usize,
    samples: Vec<u8>,
}

fn decoded(frame: &[u8], scale: Scale) -> Result<Seen, Refusal> {
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
