//! How many bits and samples a pixel has, and in which order they stand (TIFF 6.0 §8, §19).

use super::tags;
use crate::image::directory::{Directory, Order};
use crate::refusal::Refusal;

/// More samples a pixel, all in one place, than any picture for people has; measurements of satellites have more.
const MOST_SAMPLES: u32 = 8;

/// The most bits of a sample: more are numbers, not levels.
const MOST_BITS: u64 = 16;

/// "PlanarConfiguration": a pixel's samples stand together, or each in a plane of its own.
const CHUNKY: u32 = 1;
const PLANAR: u32 = 2;

/// TIFF 6.0 §19, "SampleFormat": numbers without a sign, and what nobody says more of.
const UNSIGNED: u64 = 1;
const UNDEFINED: u64 = 4;

/// What the samples are, whatever they mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Bits of a sample; 1 to 16.
    pub(super) bits: u32,
    /// Samples of a pixel; at least one.
    pub(super) samples: usize,
    /// Where they stand.
    pub(super) planes: Planes,
    /// Which octet of a sample comes first.
    pub(super) order: Order,
}

/// Where the samples of a pixel stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Planes {
    /// All together.
    One,
    /// Each in a plane of its own.
    Each,
}

impl Form {
    /// # Errors
    /// [`Refusal::Unsupported`] for samples that are not read, [`Refusal::Damaged`] for such as cannot be.
    pub(super) fn of(page: &Directory<'_>) -> Result<Self, Refusal> {
        let samples = page.number(tags::SAMPLES_PER_PIXEL)?.unwrap_or(1);
        let planes = page.number(tags::PLANAR_CONFIGURATION)?.unwrap_or(CHUNKY);
        let planes = match planes {
            CHUNKY => Planes::One,
            PLANAR if samples == 1 => Planes::One,
            PLANAR => Planes::Each,
            _other => return Err(Refusal::Damaged),
        };
        if samples == 0 {
            return Err(Refusal::Damaged);
        }
        let formats = page.numbers(tags::SAMPLE_FORMAT)?;
        let mut formats = formats.into_iter().flat_map(|formats| formats.iter());
        let read = formats.all(|format| matches!(format, UNSIGNED | UNDEFINED));
        if !read || planes == Planes::One && samples > MOST_SAMPLES {
            return Err(Refusal::Unsupported);
        }
        let samples = usize::try_from(samples).map_err(|_| Refusal::Damaged)?;
        Ok(Self {
            bits: bits(page, samples)?,
            samples,
            planes,
            order: page.file().order(),
        })
    }

    /// Samples of a pixel that stand in one place.
    pub(super) fn together(&self) -> usize {
        match self.planes {
            Planes::One => self.samples,
            Planes::Each => 1,
        }
    }
}

/// Bits of each of `samples`, which here are as many of all; some programs say more than there are.
fn bits(page: &Directory<'_>, samples: usize) -> Result<u32, Refusal> {
    let Some(bits) = page.numbers(tags::BITS_PER_SAMPLE)? else {
        return Ok(1);
    };
    let first = bits.get(0).ok_or(Refusal::Damaged)?;
    if first == 0 {
        return Err(Refusal::Damaged);
    }
    if first > MOST_BITS || bits.iter().take(samples).any(|bits| bits != first) {
        return Err(Refusal::Unsupported);
    }
    u32::try_from(first).map_err(|_| Refusal::Damaged)
}
