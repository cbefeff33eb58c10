//! Opus in Ogg (RFC 7845), one channel, in packets of 60 ms.
//!
//! With a number of octets to keep within, the length is measured first; then each packet is given its share of what is
//! left, so that one encoding meets the number from below. What would be too long even at the lowest rate is cut.

use std::num::NonZeroU32;

use opus_pure::{
    Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead, OpusTags, RateControl,
};
use secret::Plaintext;
use zeroize::Zeroizing;

use super::super::Extent;
use super::{Limit, Made, Sink, duration, measure, play};
use crate::audio::Parameters;
use crate::audio::decode::{Mono, Sound, octets_of};
use crate::audio::resample::Resampler;
use crate::audio::source::Source;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// Bits per second: what Opus can do at least and still be understood, what we write by default, and where more is
/// not heard in a voice any more.
const LOWEST: u32 = 6_000;
const USUAL: u32 = 16_000;
const HIGHEST: u32 = 32_000;

/// Samples per second: wideband, 8 kHz. A wider band makes speech worse at these rates (decision 0054).
const RATE: u32 = 16_000;
const RATE_HERTZ: i32 = 16_000;

/// Samples of a packet, and ticks of a sample.
const FRAME: usize = 960;
const TICKS_A_SAMPLE: u64 = 3;

/// What granule positions count in (RFC 7845 §4).
const TICKS: u32 = 48_000;

/// Ticks of a packet: 60 ms. Longer ones save nothing more.
const PACKET: u32 = 2_880;

/// The octets of a page's header without its laces (RFC 3533 §6), and after how many octets a page ends.
const PAGE: u64 = 27;
const PAGE_BODY: u64 = 4_096;

pub(in crate::audio) fn write(
    input: &[u8],
    source: Source,
    parameters: &Parameters,
    budget: &mut Budget,
) -> Result<Made, Refusal> {
    let limit = Limit::new(parameters, budget);
    let asked = parameters.bit_rate.map(|bits| bits.get().min(HIGHEST));
    if asked.is_some_and(|bits| bits < LOWEST) {
        return Err(Refusal::CannotFit);
    }
    if parameters.octets.is_none() {
        let file = File::new(asked.unwrap_or(USUAL), &limit, None)?;
        let sound = Sound::open(input, source, parameters.seconds, RATE, budget)?;
        let resampler = Resampler::new(sound.rate(), RATE, budget)?;
        return file.fill(sound, resampler, budget);
    }
    let measured = measure(input, source, parameters.seconds, TICKS, budget)?;
    let most = asked.unwrap_or(HIGHEST);
    let mut pace = Pace::new(measured.at(TICKS), most, &limit);
    let mut seconds = parameters.seconds;
    if pace.bits().is_none() {
        let fitting = fitting(measured.at(TICKS), &limit).ok_or(limit.refusal)?;
        pace = Pace::new(ticks(fitting), most, &limit);
        seconds = Some(fitting);
    }
    let bits = pace.bits().ok_or(limit.refusal)?;
    let file = File::new(bits, &limit, Some(pace))?;
    let mut again = measured.again();
    let sound = Sound::open(input, source, seconds, RATE, &mut again)?;
    let resampler = Resampler::new(sound.rate(), RATE, budget)?;
    file.fill(sound, resampler, &mut again)
}

fn ticks(seconds: NonZeroU32) -> u64 {
    u64::from(seconds.get()).saturating_mul(u64::from(TICKS))
}

/// How many whole seconds, of a sound so long, keep within the limit at the lowest rate; `None`: not even one.
fn fitting(whole: u64, limit: &Limit) -> Option<NonZeroU32> {
    let bits = octets_of(limit.octets).saturating_mul(8);
    let most = bits.checked_div(u64::from(LOWEST)).unwrap_or(0);
    let most = most.min(whole.checked_div(u64::from(TICKS)).unwrap_or(0));
    (1..=u32::try_from(most).unwrap_or(u32::MAX))
        .rev()
        .filter_map(NonZeroU32::new)
        .find(|seconds| Pace::new(ticks(*seconds), LOWEST, limit).bits().is_some())
}

/// Shares what is left of a number of octets among the packets that are left.
struct Pace {
    /// What a packet may have if all have the same.
    even: u64,
    octets: u64,
    packets: u64,
    /// What packets before left over.
    credit: u64,
    most: u32,
}

/// `OpusHead` and `OpusTags`, each in its page, with room for the vendor's name.
const HEADERS: u64 = 128;

impl Pace {
    fn new(ticks: u64, most: u32, limit: &Limit) -> Self {
        // One more than the sound takes: the encoder is some milliseconds behind.
        let packets = ticks.div_ceil(u64::from(PACKET)).saturating_add(1);
        let mut pace = Self {
            even: 0,
            octets: octets_of(limit.octets).saturating_sub(HEADERS),
            packets,
            credit: 0,
            most,
        };
        pace.even = pace.share();
        // The first packets may borrow from later ones, but not so much that it is heard there.
        pace.credit = pace.even.saturating_mul(packets.div_ceil(16).min(8));
        pace
    }

    /// Octets that a packet may have on average, less its lace and its share of pages.
    fn share(&self) -> u64 {
        let by_octets = self.octets / PAGE_BODY;
        let pages = by_octets
            .saturating_add(self.packets / 255)
            .saturating_add(2);
        let body = self.octets.saturating_sub(pages.saturating_mul(PAGE));
        body.checked_div(self.packets)
            .unwrap_or(0)
            .saturating_sub(2)
    }

    /// Bits per second for the next packet; `None`: the lowest rate is too much.
    fn bits(&mut self) -> Option<u32> {
        let packets_a_second = u64::from(TICKS / 240); // in twelfths: 200 / 12 = 16.67
        let bits = self
            .share()
            .saturating_mul(8)
            .saturating_mul(packets_a_second)
            / 12;
        let bits = u32::try_from(bits).unwrap_or(u32::MAX).min(self.most);
        (bits >= LOWEST).then_some(bits)
    }

    /// What the next packet may have at most: its share, and something of what others left.
    fn longest(&self) -> usize {
        let longest = self.share().saturating_add(self.credit / 4);
        usize::try_from(longest).unwrap_or(usize::MAX)
    }

    fn spend(&mut self, octets: usize) {
        let laces = octets_of(octets / 255).saturating_add(1);
        let share_of_page = PAGE.saturating_mul(octets_of(octets)).div_ceil(PAGE_BODY);
        let spent = octets_of(octets)
            .saturating_add(laces)
            .saturating_add(share_of_page);
        self.octets = self.octets.saturating_sub(spent);
        self.packets = self.packets.saturating_sub(1).max(1);
        let credit = self.credit.saturating_add(self.even);
        self.credit = credit.saturating_sub(octets_of(octets));
    }
}

/// A file that is being written.
struct File {
    encoder: OpusEncoder,
    ogg: OggOpusWriter<Sink>,
    pre_skip: u64,
    /// What is less than a packet.
    held: Mono,
    packet: Zeroizing<Vec<u8>>,
    /// The last packet, which waits: whether it is cut short is known when the next one is there, or none.
    waiting: Zeroizing<Vec<u8>>,
    /// Samples taken.
    total: u64,
    pace: Option<Pace>,
    refusal: Refusal,
}

impl File {
    fn new(bits: u32, limit: &Limit, pace: Option<Pace>) -> Result<Self, Refusal> {
        let mut encoder =
            OpusEncoder::new(RATE_HERTZ, 1, Application::Voip).map_err(|_| limit.refusal)?;
        encoder.rate_control = RateControl::ConstrainedVbr;
        encoder.bitrate_bps = i32::try_from(bits).map_err(|_| Refusal::Unsupported)?;
        let head = OpusHead::for_encoder(&encoder, RATE);
        let pre_skip = u64::from(head.pre_skip);
        let tags = OpusTags {
            vendor: "keyhole".to_owned(),
            comments: Vec::new(),
        };
        let sink = Sink {
            held: Plaintext::with_limit(limit.octets),
        };
        let ogg = OggOpusWriter::with_tags(sink, head, tags).map_err(|_| limit.refusal)?;
        Ok(Self {
            encoder,
            ogg,
            pre_skip,
            held: Mono::default(),
            packet: Zeroizing::new(vec![0; MAX_PACKET_BYTES]),
            waiting: Zeroizing::default(),
            total: 0,
            pace,
            refusal: limit.refusal,
        })
    }

    fn fill(
        mut self,
        sound: Sound<'_>,
        resampler: Resampler,
        budget: &mut Budget,
    ) -> Result<Made, Refusal> {
        let extent = play(sound, resampler, budget, |block| self.take(block))?;
        self.finish(extent)
    }

    fn take(&mut self, block: &[f32]) -> Result<(), Refusal> {
        self.total = self.total.saturating_add(octets_of(block.len()));
        self.held.extend_from_slice(block);
        self.encode_held()
    }

    fn encode_held(&mut self) -> Result<(), Refusal> {
        let mut held = std::mem::take(&mut self.held);
        let mut frames = held.chunks_exact(FRAME);
        for frame in frames.by_ref() {
            self.encode(frame)?;
        }
        let rest = frames.remainder().len();
        let done = held.len().saturating_sub(rest);
        held.drain(..done);
        self.held = held;
        Ok(())
    }

    fn encode(&mut self, frame: &[f32]) -> Result<(), Refusal> {
        self.write_waiting(None)?;
        let mut longest = MAX_PACKET_BYTES;
        if let Some(pace) = &mut self.pace {
            longest = pace.longest().min(MAX_PACKET_BYTES);
            let bits = pace.bits().unwrap_or(LOWEST);
            self.encoder.bitrate_bps = i32::try_from(bits).unwrap_or(i32::MAX);
        }
        let room = self.packet.get_mut(..longest).ok_or(self.refusal)?;
        let len = self
            .encoder
            .encode(frame, FRAME, room)
            .map_err(|_| self.refusal)?;
        let packet = self.packet.get(..len).ok_or(self.refusal)?;
        self.waiting.extend_from_slice(packet);
        if let Some(pace) = &mut self.pace {
            pace.spend(len);
        }
        Ok(())
    }

    /// Writes the packet that waits, of the ticks that it says or of fewer.
    fn write_waiting(&mut self, ticks: Option<u32>) -> Result<(), Refusal> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let written = match ticks {
            Some(ticks) => self.ogg.write_packet_with_duration(&self.waiting, ticks),
            None => self.ogg.write_packet(&self.waiting),
        };
        self.waiting.clear();
        written.map_err(|_| self.refusal)
    }

    /// Gets the last milliseconds out of the encoder, and says in the last granule position where the sound ended
    /// (RFC 7845 §4.4).
    fn finish(mut self, extent: Extent) -> Result<Made, Refusal> {
        if self.total == 0 {
            return Err(Refusal::Damaged);
        }
        let sound = self.total.saturating_mul(TICKS_A_SAMPLE);
        let end = self.pre_skip.saturating_add(sound);
        let packets = end.div_ceil(u64::from(PACKET));
        let whole = packets.saturating_mul(octets_of(FRAME));
        let silence = usize::try_from(whole.saturating_sub(self.total)).unwrap_or(0);
        let len = self.held.len().saturating_add(silence);
        self.held.resize(len, 0.0);
        self.encode_held()?;
        let granule = u64::try_from(self.ogg.granule()).unwrap_or(0);
        let last = u32::try_from(end.saturating_sub(granule)).unwrap_or(PACKET);
        self.write_waiting(Some(last.min(PACKET)))?;
        let refusal = self.refusal;
        let sink = self.ogg.finish().map_err(|_| refusal)?;
        Ok(Made {
            octets: sink.held,
            duration: duration(self.total, RATE),
            extent,
        })
    }
}
