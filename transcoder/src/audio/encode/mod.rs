//! Sound into a file. Only samples go in, so nothing else can come out.

pub(super) mod opus;
pub(super) mod wav;

use std::io::{Error, ErrorKind, Write};
use std::num::NonZeroU32;
use std::time::Duration;

use secret::Plaintext;

use super::decode::{Sound, octets_of};
use super::resample::{Resampler, rescaled};
use super::source::Source;
use super::{Extent, Parameters};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// A file that was made.
pub(super) struct Made {
    /// The file.
    pub(super) octets: Plaintext,
    /// How long it plays.
    pub(super) duration: Duration,
    /// Whether it is all of the recording.
    pub(super) extent: Extent,
}

/// How long a recording is, by decoding it: what headers say is not to be relied on.
struct Measured {
    frames: u64,
    rate: u32,
    /// Samples that this took. They are paid for; the second time over, they are not paid for again.
    samples: u64,
}

impl Measured {
    /// The same length in samples of another rate.
    fn at(&self, rate: u32) -> u64 {
        rescaled(self.frames, u64::from(rate), u64::from(self.rate))
    }

    /// What a second time over the same sound may cost.
    fn again(&self) -> Budget {
        Budget {
            input_octets: 0,
            pixels: 0,
            samples: self.samples,
            output_octets: 0,
            memory: 0,
        }
    }
}

fn measure(
    input: &[u8],
    source: Source,
    seconds: Option<NonZeroU32>,
    rate: u32,
    budget: &mut Budget,
) -> Result<Measured, Refusal> {
    let before = budget.samples;
    let mut sound = Sound::open(input, source, seconds, rate, budget)?;
    let mut frames = 0_u64;
    while let Some(block) = sound.next(budget)? {
        frames = frames.saturating_add(octets_of(block.len()));
    }
    if frames == 0 {
        return Err(Refusal::Damaged);
    }
    Ok(Measured {
        frames,
        rate: sound.rate(),
        samples: before.saturating_sub(budget.samples),
    })
}

/// Gives all of `sound`, through `resampler`, to `write`; what is decoded, `budget` pays. Says whether that was all of the
/// recording.
fn play(
    mut sound: Sound<'_>,
    mut resampler: Resampler,
    budget: &mut Budget,
    mut write: impl FnMut(&[f32]) -> Result<(), Refusal>,
) -> Result<Extent, Refusal> {
    while let Some(block) = sound.next(budget)? {
        write(&resampler.push(block))?;
    }
    write(&resampler.finish())?;
    Ok(sound.extent(budget))
}

/// Where a file goes: no further than its limit.
struct Sink {
    held: Plaintext,
}

impl Write for Sink {
    fn write(&mut self, run: &[u8]) -> Result<usize, Error> {
        self.held
            .extend(run)
            .map_err(|_| Error::from(ErrorKind::StorageFull))?;
        Ok(run.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// How long a file may be, and what it means when it would be longer.
struct Limit {
    octets: usize,
    refusal: Refusal,
}

impl Limit {
    fn new(parameters: &Parameters, budget: &Budget) -> Self {
        match parameters.octets {
            Some(octets) if octets.get() <= budget.output_octets => Self {
                octets: octets.get(),
                refusal: Refusal::CannotFit,
            },
            Some(_) | None => Self {
                octets: budget.output_octets,
                refusal: Refusal::Exceeded(Resource::Output),
            },
        }
    }
}

/// So many samples, as a time.
fn duration(samples: u64, rate: u32) -> Duration {
    let whole = samples.checked_div(u64::from(rate)).unwrap_or(0);
    let rest = samples.checked_rem(u64::from(rate)).unwrap_or(0);
    let nanos = rest
        .saturating_mul(1_000_000_000)
        .checked_div(u64::from(rate));
    Duration::new(whole, u32::try_from(nanos.unwrap_or(0)).unwrap_or(0))
}
