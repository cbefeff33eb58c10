//! Recordings to convert, and what is heard in them.
//!
//! Each seed is one second of one channel in which the pitch rises from 400 to 2,000 Hz, titled `canary` where its
//! format has titles; `hour.flac` is an hour of silence.

use std::f64::consts::PI;
use std::num::{NonZeroU32, NonZeroUsize};

use transcoder::audio::{Audio, Parameters, Source, Target, convert};
use transcoder::{Budget, Refusal};

pub(crate) const HOUR: &[u8] = include_bytes!("seeds/hour.flac");

/// The seeds, and how many seconds each is too long at most: ADTS and no other has no word for an encoder's priming.
pub(crate) const SEEDS: [(&str, Source, &[u8], f64); 6] = [
    (
        "flac",
        Source::Flac,
        include_bytes!("seeds/sweep.flac"),
        0.0,
    ),
    ("mp3", Source::Mp3, include_bytes!("seeds/sweep.mp3"), 0.0),
    ("aac", Source::Aac, include_bytes!("seeds/sweep.aac"), 0.06),
    ("m4a", Source::Mp4, include_bytes!("seeds/sweep.m4a"), 0.0),
    (
        "vorbis",
        Source::Ogg,
        include_bytes!("seeds/sweep-vorbis.ogg"),
        0.0,
    ),
    (
        "opus",
        Source::Ogg,
        include_bytes!("seeds/sweep-opus.ogg"),
        0.0,
    ),
];

pub(crate) fn budget() -> Budget {
    Budget {
        input_octets: 1_000_000,
        pixels: 0,
        samples: 1_000_000,
        output_octets: 1_000_000,
        memory: 16 * 1024 * 1024,
    }
}

pub(crate) fn to(target: Target) -> Parameters {
    Parameters {
        target,
        seconds: None,
        bit_rate: None,
        octets: None,
    }
}

pub(crate) fn within(octets: usize) -> Parameters {
    Parameters {
        octets: NonZeroUsize::new(octets),
        ..to(Target::Opus)
    }
}

pub(crate) fn seconds(seconds: u32, parameters: Parameters) -> Parameters {
    Parameters {
        seconds: NonZeroU32::new(seconds),
        ..parameters
    }
}

pub(crate) fn converted(input: &[u8], parameters: &Parameters) -> Result<Audio, Refusal> {
    convert(input, None, parameters, &mut budget())
}

/// A WAV file of 16-bit samples in one channel, its sweep as in the seeds, repeated each second.
pub(crate) fn sweep(rate: u32, seconds: u32) -> Vec<u8> {
    let samples = (0..rate * seconds).map(|at| {
        let t = f64::from(at % rate) / f64::from(rate);
        (16_000.0 * (2.0 * PI * (400.0 * t + 800.0 * t * t)).sin()) as i16
    });
    wav(
        rate,
        1,
        16,
        &samples.flat_map(i16::to_le_bytes).collect::<Vec<_>>(),
    )
}

pub(crate) fn wav(rate: u32, channels: u16, bits: u16, body: &[u8]) -> Vec<u8> {
    let frame = channels.wrapping_mul(bits / 8);
    let len = u32::try_from(body.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((len + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(rate.wrapping_mul(u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(len.to_le_bytes());
    file.extend(body);
    file
}

/// The samples of any recording, at 16 kHz.
pub(crate) fn heard(input: &[u8]) -> Vec<i16> {
    let parameters = to(Target::Wav);
    let audio = converted(input, &parameters).unwrap();
    let body = &audio.octets.expose()[58..];
    body.chunks_exact(2)
        .map(|octets| i16::from_le_bytes([octets[0], octets[1]]))
        .collect()
}

/// The pitch around a moment, by how often the sound crosses zero upwards in a tenth of a second.
pub(crate) fn pitch(samples: &[i16], second: f64) -> f64 {
    let middle = (second * 16_000.0) as usize;
    let window = &samples[middle - 800..middle + 800];
    let crossings = window.windows(2).filter(|two| two[0] < 0 && two[1] >= 0);
    crossings.count() as f64 * 10.0
}
