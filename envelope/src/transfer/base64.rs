//! The base64 transfer encoding: lines by the quick engine of a library, what does not fit it digit by digit.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig, Simd};
use memchr::memchr2;
use zeroize::Zeroizing;

use super::NotEncoded;

/// Digits that are decoded at once, and the octets that they carry.
const DIGITS: usize = 8 * 1024;
const OCTETS: usize = DIGITS / 4 * 3;

/// Digits without padding, since padding ends a body.
const WHOLE_GROUPS: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone);

/// RFC 2045 §6.8, read strictly: where the RFC has a decoder skip characters outside the alphabet, only white space is
/// skipped here, and what the padding leaves over must be zero, so that no two texts that differ in more than white space
/// decode alike.
pub(super) struct Base64 {
    engine: Simd,
    bits: u32,
    count: u8,
    padding: u8,
    /// Octets of the line before: most lines are as long as the one before them.
    line: usize,
    digits: Zeroizing<[u8; DIGITS]>,
    octets: Zeroizing<[u8; OCTETS]>,
}

impl Base64 {
    pub(super) fn new() -> Self {
        Self {
            engine: Simd::standard(WHOLE_GROUPS),
            bits: 0,
            count: 0,
            padding: 0,
            line: 0,
            digits: Zeroizing::new([0; DIGITS]),
            octets: Zeroizing::new([0; OCTETS]),
        }
    }

    /// Decodes `run` and hands what comes out to `sink`.
    pub(super) fn decode<E: From<NotEncoded>>(
        &mut self,
        mut run: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some((octet, after)) = run.split_first() {
            if self.count > 0 || self.padding > 0 {
                self.take(*octet, &mut sink)?;
                run = after;
            } else {
                let (held, rest) = self.gather(run);
                let taken = run.len().saturating_sub(rest.len());
                let taken = run.get(..taken).unwrap_or_default();
                self.decode_gathered(held, taken, &mut sink)?;
                run = rest;
            }
        }
        Ok(())
    }

    /// Copies lines from the start of `run` without their ends, as long as there is room for digits; says how many octets that
    /// were, and what is left of the run.
    fn gather<'a>(&mut self, run: &'a [u8]) -> (usize, &'a [u8]) {
        let mut rest = run;
        let mut held = 0_usize;
        while let Some(room) = self.digits.get_mut(held..).filter(|room| !room.is_empty()) {
            while let Some((b'\r' | b'\n', after)) = rest.split_first() {
                rest = after;
            }
            if rest.is_empty() {
                break;
            }
            let most = rest.get(..room.len()).unwrap_or(rest);
            let len = match most.get(self.line) {
                // Should the line have ended before, its end is no digit, and the octets are taken one by one.
                Some(b'\r' | b'\n') => self.line,
                Some(_) | None => memchr2(b'\r', b'\n', most).unwrap_or(most.len()),
            };
            self.line = len;
            let (line, _) = most.split_at(len);
            if let Some(room) = room.get_mut(..line.len()) {
                room.copy_from_slice(line);
            }
            held = held.saturating_add(line.len());
            rest = rest.get(line.len()..).unwrap_or_default();
        }
        (held, rest)
    }

    /// Decodes the `held` octets that were gathered from `taken`: all at once, if they are nothing but digits.
    fn decode_gathered<E: From<NotEncoded>>(
        &mut self,
        held: usize,
        taken: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let gathered = self.digits.get(..held).unwrap_or_default();
        let (groups, begun) = gathered.as_chunks::<4>();
        let decoded = self
            .engine
            .decode_slice(groups.as_flattened(), self.octets.as_mut_slice());
        let Ok(len) = decoded else {
            return taken.iter().try_for_each(|octet| self.take(*octet, sink));
        };
        // At most three: no group yet.
        let mut few = [0; 3];
        let few = few.get_mut(..begun.len()).unwrap_or_default();
        few.copy_from_slice(begun);
        sink(self.octets.get(..len).unwrap_or_default())?;
        few.iter().try_for_each(|octet| self.take(*octet, sink))
    }

    /// Takes one octet; a group of four digits that it completes goes to `sink`.
    fn take<E: From<NotEncoded>>(
        &mut self,
        octet: u8,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if is_white_space(octet) {
            return Ok(());
        }
        let value = if octet == b'=' {
            self.pad()?
        } else {
            self.digit(octet)?
        };
        self.bits = (self.bits << 6) | u32::from(value);
        self.count = self.count.saturating_add(1);
        if self.count == 4 {
            self.flush(sink)
        } else {
            Ok(())
        }
    }

    /// Padding stands in the last one or two places only.
    fn pad(&mut self) -> Result<u8, NotEncoded> {
        let ended = self.padding > 0 && self.count == 0;
        if self.count < 2 || ended {
            return Err(NotEncoded);
        }
        self.padding = self.padding.saturating_add(1);
        Ok(0)
    }

    fn digit(&self, octet: u8) -> Result<u8, NotEncoded> {
        if self.padding > 0 {
            return Err(NotEncoded);
        }
        let from = |first: u8, value: u8| octet.wrapping_sub(first).wrapping_add(value);
        match octet {
            b'A'..=b'Z' => Ok(from(b'A', 0)),
            b'a'..=b'z' => Ok(from(b'a', 26)),
            b'0'..=b'9' => Ok(from(b'0', 52)),
            b'+' => Ok(62),
            b'/' => Ok(63),
            0..=b'*' | b','..=b'.' | b':'..=b'@' | b'['..=b'`' | b'{'..=255 => Err(NotEncoded),
        }
    }

    fn flush<E: From<NotEncoded>>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let [_, group @ ..] = self.bits.to_be_bytes();
        self.bits = 0;
        self.count = 0;
        match (self.padding, group) {
            (0, group) => sink(&group),
            (1, [first, second, 0]) => sink(&[first, second]),
            (2, [first, 0, 0]) => sink(&[first]),
            (1 | 2, _) | (3.., _) => Err(NotEncoded.into()),
        }
    }

    /// Whether the body may end here.
    pub(super) fn finish(&self) -> Result<(), NotEncoded> {
        if self.count == 0 {
            Ok(())
        } else {
            Err(NotEncoded)
        }
    }
}

/// RFC 2045 §6.8: line ends, and the blanks that gateways add.
fn is_white_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}
