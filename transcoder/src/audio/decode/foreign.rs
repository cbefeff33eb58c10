//! Everything but Opus, by symphonia.

use std::io::Cursor;
use std::time::Duration;

use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known,
};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::{
    AacDecoder, AdpcmDecoder, FlacDecoder, MpaDecoder, PcmDecoder, VorbisDecoder,
};
use symphonia::default::formats::{
    AdtsReader, FlacReader, IsoMp4Reader, MpaReader, OggReader, WavReader,
};
use zeroize::Zeroizing;

use super::{Block, MOST_CHANNELS, Mono, RATES, octets_of};
use crate::audio::source::Source;
use crate::audio::survey::mpeg;
use crate::refusal::Refusal;

/// One track, and what decodes it.
pub(super) struct Foreign<'a> {
    reader: Box<dyn FormatReader + 'a>,
    decoder: Box<dyn AudioDecoder>,
    source: Source,
    track: u32,
    announced: Option<Duration>,
    /// Frames that a FLAC file says it has.
    promised: Option<u64>,
    given: u64,
    rate: Option<u32>,
    interleaved: Zeroizing<Vec<f32>>,
}

impl<'a> Foreign<'a> {
    pub(super) fn open(input: &'a [u8], source: Source) -> Result<Self, Refusal> {
        let reader = reader(input, source).map_err(refused)?;
        let track = reader
            .first_track_known_codec(TrackType::Audio)
            .ok_or(Refusal::Unsupported)?;
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|parameters| parameters.audio())
            .ok_or(Refusal::Unsupported)?;
        let announced = announced(track, parameters);
        let promised = track.num_frames.filter(|_| source == Source::Flac);
        let track = track.id;
        let decoder = decoder(parameters)?;
        Ok(Self {
            reader,
            decoder,
            source,
            track,
            announced,
            promised,
            given: 0,
            rate: None,
            interleaved: Zeroizing::default(),
        })
    }

    pub(super) fn rate(&self) -> u32 {
        self.rate.unwrap_or(*RATES.start())
    }

    pub(super) const fn announced(&self) -> Option<Duration> {
        self.announced
    }

    pub(super) fn next(&mut self, block: &mut Mono) -> Result<Block, Refusal> {
        let packet = match self.reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return self.finish(),
            // The survey saw that samples lie inside the file, unless their length is not known: then they end with it.
            Err(Error::IoError(_)) if self.source == Source::Wav => return self.finish(),
            Err(error) => return Err(refused(error)),
        };
        if packet.track_id != self.track {
            return Ok(Block::Frames(0, 1));
        }
        let decoded = match self.decoder.decode(&packet) {
            Ok(decoded) => decoded,
            // The first frames of an MP3 that was cut out of a longer one lean on what is not there.
            Err(Error::DecodeError(_)) if self.source == Source::Mp3 && self.given == 0 => {
                return Ok(Block::Frames(0, 1));
            }
            Err(error) => return Err(refused(error)),
        };
        let spec = decoded.spec();
        let channels = spec.channels().count();
        if *self.rate.get_or_insert(spec.rate()) != spec.rate()
            || !RATES.contains(&spec.rate())
            || !(1..=MOST_CHANNELS).contains(&channels)
        {
            return Err(Refusal::Unsupported);
        }
        let frames = decoded.frames();
        decoded.copy_to_vec_interleaved(&mut self.interleaved);
        mix(&self.interleaved, channels, block);
        self.given = self.given.saturating_add(octets_of(frames));
        Ok(Block::Frames(frames, channels))
    }

    fn finish(&self) -> Result<Block, Refusal> {
        let short = self.promised.is_some_and(|promised| self.given < promised);
        (!short).then_some(Block::End).ok_or(Refusal::Damaged)
    }
}

fn reader(input: &[u8], source: Source) -> Result<Box<dyn FormatReader + '_>, Error> {
    let input = match source {
        Source::Mp3 | Source::Aac => mpeg::without_tag(input),
        Source::Wav | Source::Flac | Source::Mp4 | Source::Ogg => input,
    };
    let stream = MediaSourceStream::new(Box::new(Cursor::new(input)), Default::default());
    let options = FormatOptions::default();
    Ok(match source {
        Source::Wav => Box::new(WavReader::try_new(stream, options)?),
        Source::Flac => Box::new(FlacReader::try_new(stream, options)?),
        Source::Mp3 => Box::new(MpaReader::try_new(stream, options)?),
        Source::Aac => Box::new(AdtsReader::try_new(stream, options)?),
        Source::Mp4 => Box::new(IsoMp4Reader::try_new(stream, options)?),
        Source::Ogg => Box::new(OggReader::try_new(stream, options)?),
    })
}

/// The decoder for a track: chosen here and not by a registry, so that no more is within reach than is said.
fn decoder(parameters: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Refusal> {
    let channels = parameters
        .channels
        .as_ref()
        .map(|channels| channels.count());
    let rate = parameters.sample_rate;
    if channels.is_some_and(|channels| !(1..=MOST_CHANNELS).contains(&channels))
        || rate.is_some_and(|rate| !RATES.contains(&rate))
    {
        return Err(Refusal::Unsupported);
    }
    let options = AudioDecoderOptions::default().verify(true);
    let decoder: Result<Box<dyn AudioDecoder>, Error> = match parameters.codec {
        well_known::CODEC_ID_FLAC => boxed(FlacDecoder::try_new(parameters, &options)),
        well_known::CODEC_ID_MP3 => boxed(MpaDecoder::try_new(parameters, &options)),
        well_known::CODEC_ID_AAC => boxed(AacDecoder::try_new(parameters, &options)),
        well_known::CODEC_ID_VORBIS => boxed(VorbisDecoder::try_new(parameters, &options)),
        well_known::CODEC_ID_ADPCM_MS | well_known::CODEC_ID_ADPCM_IMA_WAV => {
            boxed(AdpcmDecoder::try_new(parameters, &options))
        }
        _ => boxed(PcmDecoder::try_new(parameters, &options)),
    };
    decoder.map_err(refused)
}

fn boxed<D: AudioDecoder + 'static>(
    decoder: Result<D, Error>,
) -> Result<Box<dyn AudioDecoder>, Error> {
    decoder.map(|decoder| -> Box<dyn AudioDecoder> { Box::new(decoder) })
}

fn announced(track: &Track, parameters: &AudioCodecParameters) -> Option<Duration> {
    let rate = parameters.sample_rate.filter(|rate| RATES.contains(rate))?;
    let frames = u32::try_from(track.num_frames?).ok()?;
    Some(Duration::from_secs_f64(f64::from(frames) / f64::from(rate)))
}

/// The mean of all channels. What is not a number, or beyond full scale, comes from files that lie.
fn mix(interleaved: &[f32], channels: usize, block: &mut Mono) {
    let share = u16::try_from(channels).map_or(1.0, |channels| 1.0 / f32::from(channels));
    block.reserve_exact(interleaved.len().checked_div(channels).unwrap_or(0));
    block.extend(interleaved.chunks_exact(channels.max(1)).map(|frame| {
        let mean = frame.iter().sum::<f32>() * share;
        if mean.is_finite() {
            mean.clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }));
}

fn refused(error: Error) -> Refusal {
    match error {
        Error::Unsupported(_) | Error::ResetRequired => Refusal::Unsupported,
        Error::IoError(_) | Error::DecodeError(_) | Error::SeekError(_) | Error::LimitError(_) => {
            Refusal::Damaged
        }
        // The enum is open; what it does not name yet is no promise of sound.
        _ => Refusal::Damaged,
    }
}
