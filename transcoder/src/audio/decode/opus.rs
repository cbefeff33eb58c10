//! Opus in Ogg (RFC 7845): one or two channels, without what the granule positions say is not sound.

use std::io::Cursor;
use std::time::Duration;

use opus_pure::{Error, OggOpusReader, OggPacket, OpusDecoder, Trim};
use zeroize::Zeroizing;

use super::{Block, Mono};
use crate::refusal::Refusal;

/// One stream and its decoder.
pub(super) struct Opus<'a> {
    reader: OggOpusReader<Cursor<&'a [u8]>>,
    decoder: OpusDecoder,
    trim: Trim,
    rate: u32,
    packet: OggPacket,
    decoded: Zeroizing<Vec<f32>>,
}

impl<'a> Opus<'a> {
    pub(super) fn open(input: &'a [u8], rate: u32) -> Result<Self, Refusal> {
        let reader = OggOpusReader::new(Cursor::new(input)).map_err(refused)?;
        let head = reader.head();
        if head.mapping_family != 0 {
            return Err(Refusal::Unsupported);
        }
        let hertz = i32::try_from(rate).map_err(|_| Refusal::Unsupported)?;
        // The decoder mixes two channels into one better and faster than a mean would.
        let mut decoder = OpusDecoder::new(hertz, 1).map_err(refused)?;
        decoder.gain_q8 = i32::from(head.output_gain_q8);
        let trim = Trim::new(head, hertz, 1).map_err(refused)?;
        let longest = usize::try_from(rate.saturating_mul(3) / 25).unwrap_or(0);
        Ok(Self {
            reader,
            decoder,
            trim,
            rate,
            packet: OggPacket::default(),
            decoded: Zeroizing::new(vec![0.0; longest]),
        })
    }

    pub(super) const fn rate(&self) -> u32 {
        self.rate
    }

    /// The last granule position would say it; nobody needs it before the end.
    pub(super) const fn announced(&self) -> Option<Duration> {
        None
    }

    pub(super) fn next(&mut self, block: &mut Mono) -> Result<Block, Refusal> {
        let more = self.reader.read_packet_into(&mut self.packet);
        if !more.map_err(refused)? {
            return Ok(Block::End);
        }
        let frames = self
            .decoder
            .decode(&self.packet.data, self.decoded.len(), &mut self.decoded)
            .map_err(refused)?;
        let decoded = self.decoded.get(..frames).ok_or(Refusal::Damaged)?;
        block.reserve_exact(decoded.len());
        block.extend(self.trim.keep(&self.packet, decoded).iter().map(|sample| {
            if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            }
        }));
        Ok(Block::Frames(frames, 1))
    }
}

fn refused(error: Error) -> Refusal {
    match error {
        Error::InvalidArgument(_) => Refusal::Unsupported,
        Error::BufferTooSmall { .. }
        | Error::InvalidPacket(_)
        | Error::InvalidStream(_)
        | Error::Io(_)
        | Error::Internal(_) => Refusal::Damaged,
        // The enum is open; what it does not name yet is no promise of sound.
        _ => Refusal::Damaged,
    }
}
