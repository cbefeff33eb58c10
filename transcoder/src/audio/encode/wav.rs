//! WAV (RFC 2361) in one channel: PCM of 16 bits, or G.711 µ-law where that is too much.

use secret::Plaintext;
use zeroize::Zeroizing;

use super::{Limit, Made, duration, measure, play};
use crate::audio::Parameters;
use crate::audio::decode::Sound;
use crate::audio::resample::Resampler;
use crate::audio::source::Source;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// How samples are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// Two octets, little-endian.
    Pcm16,
    /// One octet of ITU-T G.711.
    MuLaw,
}

impl Form {
    const fn octets(self) -> u16 {
        match self {
            Self::Pcm16 => 2,
            Self::MuLaw => 1,
        }
    }

    /// `wFormatTag`.
    const fn tag(self) -> u16 {
        match self {
            Self::Pcm16 => 1,
            Self::MuLaw => 7,
        }
    }
}

/// Forms and rates, best first: 256, 128 and 64 kbit/s.
const LADDER: [(Form, u32); 3] = [
    (Form::Pcm16, 16_000),
    (Form::Pcm16, 8_000),
    (Form::MuLaw, 8_000),
];

/// RIFF, `fmt ` in its long form, `fact`, and the head of `data`.
const HEADER: usize = 58;

pub(in crate::audio) fn write(
    input: &[u8],
    source: Source,
    parameters: &Parameters,
    budget: &mut Budget,
) -> Result<Made, Refusal> {
    let [(_, best), ..] = LADDER;
    let measured = measure(input, source, parameters.seconds, best, budget)?;
    let limit = Limit::new(parameters, budget);
    let fits = |&&(form, rate): &&(Form, u32)| {
        let bits = u32::from(form.octets())
            .saturating_mul(8)
            .saturating_mul(rate);
        let asked = parameters.bit_rate.is_none_or(|most| bits <= most.get());
        asked && len(form, measured.at(rate)).is_some_and(|len| len <= limit.octets)
    };
    let (form, rate) = *LADDER
        .iter()
        .find(fits)
        .ok_or(refusal(parameters, &limit))?;
    let samples = measured.at(rate);
    let mut again = measured.again();
    let sound = Sound::open(input, source, parameters.seconds, rate, &mut again)?;
    let resampler = Resampler::new(sound.rate(), rate, budget)?;
    let mut file = File::new(form, rate, samples, &limit)?;
    let extent = play(sound, resampler, &mut again, |block| file.samples(block))?;
    Ok(Made {
        octets: file.finish()?,
        duration: duration(samples, rate),
        extent,
    })
}

fn refusal(parameters: &Parameters, limit: &Limit) -> Refusal {
    match parameters.bit_rate {
        Some(_) => Refusal::CannotFit,
        None => limit.refusal,
    }
}

/// Octets of a whole file; a RIFF's length has 32 bits.
fn len(form: Form, samples: u64) -> Option<usize> {
    let body = samples.checked_mul(u64::from(form.octets()))?;
    let len = usize::try_from(body)
        .ok()?
        .checked_add(HEADER)?
        .checked_add(1)?;
    u32::try_from(len).is_ok().then_some(len)
}

/// A file whose length is known from the start.
struct File {
    held: Plaintext,
    form: Form,
    left: u64,
    refusal: Refusal,
    run: Zeroizing<Vec<u8>>,
}

impl File {
    fn new(form: Form, rate: u32, samples: u64, limit: &Limit) -> Result<Self, Refusal> {
        let body = samples.saturating_mul(u64::from(form.octets()));
        let body = u32::try_from(body).map_err(|_| limit.refusal)?;
        let mut file = Self {
            held: Plaintext::with_limit(limit.octets),
            form,
            left: samples,
            refusal: limit.refusal,
            run: Zeroizing::default(),
        };
        let samples = u32::try_from(samples).map_err(|_| limit.refusal)?;
        file.header(rate, samples, body)?;
        Ok(file)
    }

    fn header(&mut self, rate: u32, samples: u32, body: u32) -> Result<(), Refusal> {
        let width = self.form.octets();
        let padded = body.saturating_add(body % 2);
        let head = u32::try_from(HEADER).unwrap_or(0).saturating_sub(8);
        self.text(b"RIFF")?;
        self.number(padded.saturating_add(head))?;
        self.text(b"WAVEfmt ")?;
        self.number(18)?;
        self.short(self.form.tag())?;
        self.short(1)?;
        self.number(rate)?;
        self.number(rate.saturating_mul(u32::from(width)))?;
        self.short(width)?;
        self.short(width.saturating_mul(8))?;
        self.short(0)?;
        self.text(b"fact")?;
        self.number(4)?;
        self.number(samples)?;
        self.text(b"data")?;
        self.number(body)
    }

    fn text(&mut self, octets: &[u8]) -> Result<(), Refusal> {
        self.held.extend(octets).map_err(|_| self.refusal)
    }

    fn number(&mut self, number: u32) -> Result<(), Refusal> {
        self.text(&number.to_le_bytes())
    }

    fn short(&mut self, number: u16) -> Result<(), Refusal> {
        self.text(&number.to_le_bytes())
    }

    /// Writes what is still wanted of `block`.
    fn samples(&mut self, block: &[f32]) -> Result<(), Refusal> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
        let block = block.get(..wanted).unwrap_or(block);
        self.left = self
            .left
            .saturating_sub(crate::audio::decode::octets_of(block.len()));
        self.run.clear();
        for sample in block.iter().map(|sample| sixteen_bits(*sample)) {
            match self.form {
                Form::Pcm16 => self.run.extend_from_slice(&sample.to_le_bytes()),
                Form::MuLaw => self.run.push(mu_law(sample)),
            }
        }
        self.held.extend(&self.run).map_err(|_| self.refusal)
    }

    /// Fills up what rounding left short, so that the header is right.
    fn finish(mut self) -> Result<Plaintext, Refusal> {
        while self.left > 0 {
            self.samples(&[0.0; 16])?;
        }
        if self.held.expose().len() % 2 == 1 {
            self.text(&[0])?;
        }
        Ok(self.held)
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a conversion from floating point saturates"
)]
fn sixteen_bits(sample: f32) -> i16 {
    (sample * f32::from(i16::MAX)).round() as i16
}

/// ITU-T G.711 §3.2, with the usual bias of 132 in 16 bits.
fn mu_law(sample: i16) -> u8 {
    const BIAS: u16 = 132;
    const CLIP: u16 = 32_635;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let size = sample.unsigned_abs().min(CLIP).saturating_add(BIAS);
    let exponent = 8_u32.saturating_sub(size.leading_zeros());
    let shift = exponent.saturating_add(3);
    let mantissa = (size >> shift) & 0x0f;
    let coded = u16::try_from(exponent << 4).unwrap_or(0) | mantissa;
    !(sign | coded.to_le_bytes()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mu_law_has_the_values_of_the_standard() {
        let cases = [
            (0, 0xff),
            (-1, 0x7f),
            (i16::MAX, 0x80),
            (i16::MIN, 0x00),
            (1_000, 0xce),
        ];
        for (sample, octet) in cases {
            assert_eq!(mu_law(sample), octet, "{sample}");
        }
    }
}
