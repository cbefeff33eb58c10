//! Recordings made small: voice notes and other sound in, low-rate Opus (or plain WAV) out.
//!
//! | module | holds |
//! | --- | --- |
//! | `source` | [`Source`]: what is read, under the names of the registry, and what a file is by its first octets |
//! | `target` | [`Target`]: what is written |
//! | `survey` | what is looked at before a decoder sees a file: ends, sizes, how many streams |
//! | `decode` | the decoders, as blocks of one channel |
//! | `resample` | another rate, by a windowed sinc |
//! | `encode` | Opus in Ogg within a number of octets, and WAV |
//!
//! Nothing but samples passes from a decoder to an encoder, so no title, place or cover comes along. Sound is worked on
//! block by block: memory does not grow with the recording, only with what comes out.

mod decode;
mod encode;
mod resample;
mod source;
mod survey;
mod target;

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use secret::Plaintext;

pub use source::{Source, sniff};
pub use target::Target;

use crate::budget::Budget;
use crate::refusal::Refusal;
use decode::Sound;

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parameters {
    /// The type that comes out.
    pub target: Target,
    /// How much is kept, in seconds from the start; `None`: all.
    pub seconds: Option<NonZeroU32>,
    /// Bits per second on average, no more than about so many; `None`: what the target has by default, or what `octets`
    /// leaves. Sounds that no voice makes take up to a third more at the lowest rates; `octets` is kept by every sound.
    pub bit_rate: Option<NonZeroU32>,
    /// The most octets that the file may have; `None`: what the budget allows. Opus is cut to them, WAV is not.
    pub octets: Option<NonZeroUsize>,
}

/// A converted recording.
pub struct Audio {
    /// The type that the file was.
    pub source: Source,
    /// The type that it is now.
    pub target: Target,
    /// How long it is now.
    pub duration: Duration,
    /// Whether all of it is there.
    pub extent: Extent,
    /// The file.
    pub octets: Plaintext,
}

/// How much of a recording came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Its beginning: as many seconds as were asked for, or as the octets hold at the target's lowest bit rate.
    Cut,
}

/// What a file says of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Description {
    /// Its type.
    pub source: Source,
    /// Samples per second, as decoded.
    pub rate: u32,
    /// Channels, as decoded.
    pub channels: usize,
    /// How long it is, where its header says so. Not checked against what is there.
    pub announced: Option<Duration>,
}

/// Makes of `input` the recording that `parameters` ask for: one channel, in the target's rate.
///
/// `declared` is what the entity's Content-Type says; a file of another type is refused. The same input gives the
/// same octets.
///
/// # Errors
/// A [`Refusal`] that says whose fault it is. [`Refusal::CannotFit`]: the target's lowest bit rate is over `bit_rate`, or at it not
/// even a second (of WAV: not all) would keep within `octets`.
pub fn convert(
    input: &[u8],
    declared: Option<Source>,
    parameters: &Parameters,
    budget: &mut Budget,
) -> Result<Audio, Refusal> {
    let source = recognised(input, declared, budget)?;
    let made = match parameters.target {
        Target::Opus => encode::opus::write(input, source, parameters, budget)?,
        Target::Wav => encode::wav::write(input, source, parameters, budget)?,
    };
    budget.take_output(made.octets.expose().len())?;
    Ok(Audio {
        source,
        target: parameters.target,
        duration: made.duration,
        extent: made.extent,
        octets: made.octets,
    })
}

/// What `input` is, without converting it: its first block is decoded, no more.
///
/// # Errors
/// As for [`convert`].
pub fn describe(
    input: &[u8],
    declared: Option<Source>,
    budget: &mut Budget,
) -> Result<Description, Refusal> {
    let source = recognised(input, declared, budget)?;
    let sound = Sound::open(input, source, None, DESCRIBED_RATE, budget)?;
    Ok(Description {
        source,
        rate: sound.rate(),
        channels: sound.channels(),
        announced: sound.announced(),
    })
}

/// Opus has no rate of its own; this is the one that its granule positions count in (RFC 7845 §4).
const DESCRIBED_RATE: u32 = 48_000;

fn recognised(
    input: &[u8],
    declared: Option<Source>,
    budget: &mut Budget,
) -> Result<Source, Refusal> {
    budget.take_input(input.len())?;
    let source = sniff(input).ok_or(Refusal::NotAudio)?;
    if declared.is_some_and(|declared| declared != source) {
        return Err(Refusal::DeclaredOtherwise);
    }
    survey::whole(input, source)?;
    Ok(source)
}

/// Every pair of a type that is read and a type that is written.
pub fn pairs() -> impl Iterator<Item = (Source, Target)> {
    Source::ALL
        .into_iter()
        .flat_map(|from| Target::ALL.into_iter().map(move |to| (from, to)))
}
