//! The codebooks of a Vorbis stream (Vorbis I §3.2.1): the decoder spreads each into memory, up to 16 MiB for some octets of
//! the file, and a file may have 256 of them. They begin at any bit, so the mark that each begins with is looked for at all.

use crate::refusal::Refusal;

/// "BCV" as the bits come, least significant first, and how many bits the mark, dimensions and entries have.
const MARK: u64 = 0x56_4342;
const HEADER_BITS: u32 = 64;

/// What the decoder itself refuses.
const MOST_DIMENSIONS: u64 = 32;
const MOST_ENTRIES: u64 = 128 * 1024;

/// Values over all codebooks: 16 MiB. The encoders that are in use have fewer than 200,000.
const MOST_VALUES: u64 = 4 * 1024 * 1024;

/// Octets in which headers are looked for: the setup of encoders that are in use has 4 KiB, comments may have pictures.
const MOST_OCTETS: usize = 1024 * 1024;

/// What was seen so far.
#[derive(Default)]
pub(super) struct Setup {
    window: u64,
    octets: usize,
    values: u64,
}

impl Setup {
    /// Looks at the next octets of the stream.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] when the codebooks are larger than those of any encoder.
    pub(super) fn read(&mut self, octets: &[u8]) -> Result<(), Refusal> {
        let left = MOST_OCTETS.saturating_sub(self.octets);
        for octet in octets.iter().take(left) {
            for bit in 0..u8::BITS {
                let bit = u64::from(octet >> bit & 1);
                self.window = (self.window >> 1) | (bit << (HEADER_BITS - 1));
                self.look();
            }
        }
        self.octets = self.octets.saturating_add(octets.len());
        let enough = self.values <= MOST_VALUES;
        enough.then_some(()).ok_or(Refusal::Unsupported)
    }

    /// The mark lies lowest in the window when all of a header is in it.
    fn look(&mut self) {
        if self.window & 0xff_ffff != MARK {
            return;
        }
        let dimensions = (self.window >> 24) & 0xffff;
        let entries = (self.window >> 40) & 0xff_ffff;
        if dimensions <= MOST_DIMENSIONS && entries <= MOST_ENTRIES {
            let values = dimensions.saturating_mul(entries);
            self.values = self.values.saturating_add(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of a codebook, behind `shift` bits of something else.
    fn codebook(dimensions: u64, entries: u64, shift: u32) -> Vec<u8> {
        let header = u128::from(MARK | (dimensions << 24) | (entries << 40)) << shift;
        header.to_le_bytes().to_vec()
    }

    #[test]
    fn codebooks_are_counted_at_whatever_bit_they_begin() {
        for shift in 0..8 {
            let mut setup = Setup::default();
            for _ in 0..2 {
                setup.read(&codebook(32, 65_536, shift)).unwrap();
            }
            let more = setup.read(&codebook(32, 65_536, shift));
            assert_eq!(more, Err(Refusal::Unsupported), "at bit {shift}");
        }
    }
}
