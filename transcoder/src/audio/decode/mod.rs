//! Sound out of a file: blocks of one channel, paid for as they come.

mod foreign;
mod opus;

use std::num::NonZeroU32;
use std::time::Duration;

use zeroize::Zeroizing;

use super::Extent;
use super::source::Source;
use super::survey::{self, Codec};
use crate::budget::Budget;
use crate::refusal::Refusal;
use foreign::Foreign;
use opus::Opus;

/// Samples of one channel, -1 to 1, wiped on drop.
pub(super) type Mono = Zeroizing<Vec<f32>>;

/// Rates that are read, in samples per second: from the oldest telephones to what converters of studios do.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// The most channels that are read: 7.1.
pub(super) const MOST_CHANNELS: usize = 8;

/// What one packet costs at least, in samples: a file of a million packets with nothing in them takes time as well.
const LEAST_PACKET: usize = 64;

/// What a decoder gave.
enum Block {
    /// So many frames (samples over all channels count as one) of so many channels are in the buffer.
    Frames(usize, usize),
    /// There is nothing more.
    End,
}

enum Decoder<'a> {
    Foreign(Box<Foreign<'a>>),
    Opus(Box<Opus<'a>>),
}

/// What says how many frames are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Bound {
    /// The recording itself.
    Own,
    /// Whoever asked for so many seconds.
    Asked,
}

/// An open recording, its first block decoded.
pub(super) struct Sound<'a> {
    decoder: Decoder<'a>,
    rate: u32,
    channels: usize,
    announced: Option<Duration>,
    /// Frames that are to be dropped before the first that is heard.
    early: u64,
    /// Frames that are still wanted.
    wanted: u64,
    /// Why no more are.
    bound: Bound,
    /// How much of what was decoded is wanted.
    extent: Extent,
    /// The first block, until somebody asks for it.
    first: Option<Mono>,
}

impl<'a> Sound<'a> {
    /// Opens `input` and decodes its first block. Opus has no rate of its own and comes at `opus_rate`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when no sound is in it.
    pub(super) fn open(
        input: &'a [u8],
        source: Source,
        seconds: Option<NonZeroU32>,
        opus_rate: u32,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let mut decoder = Decoder::open(input, source, opus_rate)?;
        let mut first = Mono::default();
        let Block::Frames(_, channels) = decoder.next(&mut first, budget)? else {
            return Err(Refusal::Damaged);
        };
        let rate = decoder.rate();
        let mut sound = Self {
            announced: decoder.announced(),
            decoder,
            rate,
            channels,
            early: 0,
            wanted: u64::MAX,
            bound: Bound::Own,
            extent: Extent::Whole,
            first: Some(first),
        };
        if source == Source::Mp4 {
            sound.apply_edit(input);
        }
        if let Some(seconds) = seconds {
            let most = u64::from(seconds.get()).saturating_mul(u64::from(rate));
            if most < sound.wanted {
                (sound.wanted, sound.bound) = (most, Bound::Asked);
            }
        }
        Ok(sound)
    }

    fn apply_edit(&mut self, input: &[u8]) {
        let Some(edit) = survey::edit(input) else {
            return;
        };
        self.early = frames(edit.start, self.rate);
        self.wanted = edit.length.map_or(u64::MAX, |len| frames(len, self.rate));
    }

    /// Samples per second.
    pub(super) const fn rate(&self) -> u32 {
        self.rate
    }

    /// Channels of the first block.
    pub(super) const fn channels(&self) -> usize {
        self.channels
    }

    /// How long the header says that it is.
    pub(super) const fn announced(&self) -> Option<Duration> {
        self.announced
    }

    /// The next block, in one channel; `None` at the end, or when enough was given.
    ///
    /// # Errors
    /// As [`Sound::open`], or when the budget of samples is spent.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Result<Option<Mono>, Refusal> {
        while self.wanted > 0 {
            let mut block = match self.first.take() {
                Some(first) => first,
                None => {
                    let mut block = Mono::default();
                    if matches!(self.decoder.next(&mut block, budget)?, Block::End) {
                        return Ok(None);
                    }
                    block
                }
            };
            self.cut(&mut block);
            if !block.is_empty() {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Whether what was given, to the end, is all that there is. What could not be decoded behind it is more, too.
    pub(super) fn extent(&mut self, budget: &mut Budget) -> Extent {
        let ended_early = self.bound == Bound::Asked && self.wanted == 0;
        if ended_early && self.extent == Extent::Whole {
            let next = self.decoder.next(&mut Mono::default(), budget);
            self.extent = match next {
                Ok(Block::End) => Extent::Whole,
                Ok(Block::Frames(..)) | Err(_) => Extent::Cut,
            };
        }
        self.extent
    }

    /// Drops what comes before the beginning, and what comes after the end.
    fn cut(&mut self, block: &mut Mono) {
        let early = usize::try_from(self.early)
            .unwrap_or(usize::MAX)
            .min(block.len());
        block.drain(..early);
        self.early = self.early.saturating_sub(octets_of(early));
        if self.bound == Bound::Asked && octets_of(block.len()) > self.wanted {
            self.extent = Extent::Cut;
        }
        block.truncate(usize::try_from(self.wanted).unwrap_or(usize::MAX));
        self.wanted = self.wanted.saturating_sub(octets_of(block.len()));
    }
}

/// A length of memory as a count.
pub(super) fn octets_of(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion from floating point saturates"
)]
fn frames(seconds: f64, rate: u32) -> u64 {
    (seconds * f64::from(rate)).round() as u64
}

impl<'a> Decoder<'a> {
    fn open(input: &'a [u8], source: Source, opus_rate: u32) -> Result<Self, Refusal> {
        if source == Source::Ogg && matches!(survey::codec(input)?, Codec::Opus) {
            return Ok(Self::Opus(Box::new(Opus::open(input, opus_rate)?)));
        }
        Ok(Self::Foreign(Box::new(Foreign::open(input, source)?)))
    }

    fn rate(&self) -> u32 {
        match self {
            Self::Foreign(foreign) => foreign.rate(),
            Self::Opus(opus) => opus.rate(),
        }
    }

    fn announced(&self) -> Option<Duration> {
        match self {
            Self::Foreign(foreign) => foreign.announced(),
            Self::Opus(opus) => opus.announced(),
        }
    }

    fn next(&mut self, block: &mut Mono, budget: &mut Budget) -> Result<Block, Refusal> {
        loop {
            block.clear();
            let decoded = match self {
                Self::Foreign(foreign) => foreign.next(block)?,
                Self::Opus(opus) => opus.next(block)?,
            };
            let Block::Frames(frames, channels) = decoded else {
                return Ok(Block::End);
            };
            let samples = frames.saturating_mul(channels).max(LEAST_PACKET);
            budget.take_samples(octets_of(samples))?;
            if !block.is_empty() {
                return Ok(decoded);
            }
        }
    }
}
