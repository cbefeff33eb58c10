//! LZW as TIFF has it (TIFF 6.0 §13): codes of 9 to 12 bits. Written here because a string is never built: every string of the table stands in the output already, so that
//! an entry is its place there, and a code costs one copy.

use std::marker::PhantomData;

use crate::refusal::Refusal;

/// TIFF 6.0 §13: the table is emptied.
const CLEAR: usize = 256;

/// The strip ends.
const END: usize = 257;

/// The first code of a string.
const FIRST: usize = 258;

/// The longest code, in bits.
const LONGEST: u32 = 12;

/// How many codes there are.
const CODES: usize = 1 << LONGEST;

/// Octets that are copied at once; what is too many is written over by the next code.
const COPY: usize = 16;

/// Octets that the output must have behind what is wanted.
pub(super) const SLACK: usize = COPY;

/// Where a string stands in the output, and how long it is.
#[derive(Clone, Copy, Default)]
struct Entry {
    start: usize,
    len: usize,
}

/// The table of one decoder, which many strips use one after the other.
pub(super) struct Lzw {
    entries: Box<[Entry; CODES]>,
}

impl Lzw {
    pub(super) fn new() -> Self {
        Self {
            entries: Box::new([Entry::default(); CODES]),
        }
    }

    /// Fills `output` but for its last [`SLACK`] octets with what `input` says.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when that is less, or names a string that is not there.
    pub(super) fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<(), Refusal> {
        // All begin with CLEAR, whose bits lie so if they come from the low end.
        match input {
            [0, second, ..] if second & 1 == 1 => self.codes::<LowFirst>(input, output),
            _usual => self.codes::<HighFirst>(input, output),
        }
    }

    fn codes<O: Order>(&mut self, input: &[u8], output: &mut [u8]) -> Result<(), Refusal> {
        let wanted = output.len().saturating_sub(SLACK);
        let mut bits = Bits::<O>::new(input);
        let (mut next, mut width, mut at) = (FIRST, 9, 0_usize);
        let mut last = Entry::default();
        while at < wanted {
            let code = bits.take(width).ok_or(Refusal::Damaged)?;
            if code == CLEAR {
                (next, width, last) = (FIRST, 9, Entry::default());
                continue;
            }
            if code == END {
                return Err(Refusal::Damaged);
            }
            // None before the first string; none when the table is full.
            if last.len > 0 && next < CODES {
                let longer = Entry {
                    start: last.start,
                    len: last.len.wrapping_add(1),
                };
                *self.entries.get_mut(next).ok_or(Refusal::Damaged)? = longer;
                next = next.wrapping_add(1);
                if next >= (1_usize << width).wrapping_sub(O::EARLY) && width < LONGEST {
                    width = width.wrapping_add(1);
                }
            }
            let len = if code < CLEAR {
                *output.get_mut(at).ok_or(Refusal::Damaged)? = u8::try_from(code).unwrap_or(0);
                1
            } else if code < next {
                let entry = self.entries.get(code).copied().ok_or(Refusal::Damaged)?;
                repeat(output, entry, at, wanted)?;
                entry.len
            } else {
                return Err(Refusal::Damaged);
            };
            last = Entry { start: at, len };
            at = at.saturating_add(len);
        }
        Ok(())
    }
}

/// Writes the string `entry` at `at`, up to `wanted`.
#[inline]
fn repeat(output: &mut [u8], entry: Entry, at: usize, wanted: usize) -> Result<(), Refusal> {
    if entry.len <= COPY {
        let from = output
            .get(entry.start..)
            .and_then(<[u8]>::first_chunk::<COPY>);
        let octets = *from.ok_or(Refusal::Damaged)?;
        let to = output
            .get_mut(at..)
            .and_then(<[u8]>::first_chunk_mut::<COPY>);
        *to.ok_or(Refusal::Damaged)? = octets;
    } else {
        let len = entry.len.min(wanted.saturating_sub(at));
        let end = entry.start.saturating_add(len);
        output.get(entry.start..end).ok_or(Refusal::Damaged)?;
        output.copy_within(entry.start..end, at);
    }
    // A string that ends with the octet that is written now ends as it begins.
    let end = entry.start.wrapping_add(entry.len);
    if end > at {
        let first = output.get(entry.start).copied().ok_or(Refusal::Damaged)?;
        let last = at.wrapping_add(entry.len).wrapping_sub(1);
        if let Some(place) = output.get_mut(last) {
            *place = first;
        }
    }
    Ok(())
}

/// In which order the bits of a code come.
trait Order {
    /// How many codes earlier than needed they become longer.
    const EARLY: usize;
    /// An octet whose first bit is at the high end.
    fn octet(octet: u8) -> u8;
    /// A code of `width` bits whose first is at the high end.
    fn code(bits: u64, width: u32) -> u64;
}

/// TIFF 6.0 §13: from the high end, and longer by one code earlier than elsewhere.
struct HighFirst;

/// From the low end, as programs wrote before TIFF 5.0 was out, and as GIF has it.
struct LowFirst;

impl Order for HighFirst {
    const EARLY: usize = 1;

    #[inline(always)]
    fn octet(octet: u8) -> u8 {
        octet
    }

    #[inline(always)]
    fn code(bits: u64, width: u32) -> u64 {
        bits.wrapping_shr(64_u32.wrapping_sub(width))
    }
}

impl Order for LowFirst {
    const EARLY: usize = 0;

    #[inline(always)]
    fn octet(octet: u8) -> u8 {
        octet.reverse_bits()
    }

    #[inline(always)]
    fn code(bits: u64, width: u32) -> u64 {
        bits.reverse_bits() & 1_u64.wrapping_shl(width).wrapping_sub(1)
    }
}

/// Bits in the order `O`.
struct Bits<'a, O> {
    rest: &'a [u8],
    /// What was read and not taken, at the high end.
    held: u64,
    len: u32,
    order: PhantomData<O>,
}

impl<'a, O: Order> Bits<'a, O> {
    fn new(input: &'a [u8]) -> Self {
        Self {
            rest: input,
            held: 0,
            len: 0,
            order: PhantomData,
        }
    }

    #[inline]
    fn take(&mut self, width: u32) -> Option<usize> {
        if self.len < width {
            self.fill();
            if self.len < width {
                return None;
            }
        }
        let code = O::code(self.held, width);
        self.held = self.held.wrapping_shl(width);
        self.len = self.len.wrapping_sub(width);
        usize::try_from(code).ok()
    }

    /// Four octets, or as many as there are: `len` is below 12 here.
    fn fill(&mut self) {
        if let Some((octets, rest)) = self.rest.split_first_chunk() {
            let word = u64::from(u32::from_be_bytes(octets.map(O::octet)));
            self.held |= word.wrapping_shl(32_u32.wrapping_sub(self.len));
            self.len = self.len.wrapping_add(32);
            self.rest = rest;
            return;
        }
        while let Some((octet, rest)) = self.rest.split_first() {
            let shift = 56_u32.wrapping_sub(self.len);
            self.held |= u64::from(O::octet(*octet)).wrapping_shl(shift);
            self.len = self.len.wrapping_add(8);
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;
    use tiff::encoder::{Compression, TiffEncoder, colortype::Gray8};

    use super::*;

    /// The octets of the only strip of a TIFF that another encoder makes of `octets`.
    fn encoded(octets: &[u8]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let encoder = TiffEncoder::new(&mut file).unwrap();
        let mut encoder = encoder.with_compression(Compression::Lzw);
        let mut image = encoder.new_image::<Gray8>(octets.len() as u32, 1).unwrap();
        image.rows_per_strip(1).unwrap();
        image.write_data(octets).unwrap();
        let mut decoder = tiff::decoder::Decoder::new(Cursor::new(file.get_ref())).unwrap();
        let tag = |decoder: &mut tiff::decoder::Decoder<_>, tag| {
            decoder.get_tag_u64_vec(tag).unwrap()[0] as usize
        };
        let start = tag(&mut decoder, tiff::tags::Tag::StripOffsets);
        let len = tag(&mut decoder, tiff::tags::Tag::StripByteCounts);
        file.get_ref()[start..start + len].to_vec()
    }

    fn check(octets: &[u8]) {
        let strip = encoded(octets);
        let mut output = vec![0xaa; octets.len() + SLACK];
        let mut lzw = Lzw::new();
        // A table that was used is as good as a new one.
        for _ in 0..2 {
            lzw.decode(&strip, &mut output).unwrap();
            assert_eq!(&output[..octets.len()], octets);
        }
        let mut more = vec![0; octets.len() + 1 + SLACK];
        assert_eq!(lzw.decode(&strip, &mut more), Err(Refusal::Damaged));
    }

    /// GIF's LZW is the same with nine bits for a first code, which its encoder writes for octets.
    #[test]
    fn codes_from_the_low_end_come_back() {
        let octets: Vec<u8> = (0..30_000_u32).map(|at| ((at * at) >> 9) as u8).collect();
        let mut file = Vec::new();
        let mut encoder = gif::Encoder::new(&mut file, 300, 100, &[0; 768]).unwrap();
        let frame = gif::Frame::from_indexed_pixels(300, 100, octets.clone(), None);
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        let descriptor = file
            .windows(5)
            .position(|w| w == [0x2c, 0, 0, 0, 0])
            .unwrap();
        let mut at = descriptor + 10;
        assert_eq!(file[at], 8);
        at += 1;
        let mut strip = Vec::new();
        while file[at] != 0 {
            let len = usize::from(file[at]);
            strip.extend(&file[at + 1..at + 1 + len]);
            at += len + 1;
        }
        let mut output = vec![0; octets.len() + SLACK];
        Lzw::new().decode(&strip, &mut output).unwrap();
        assert_eq!(output[..octets.len()], octets);
    }

    #[test]
    fn runs_and_noise_come_back_through_every_width_of_code() {
        check(&[7; 70_000]);
        check(b"abababababababababababab");
        let mut seed = 1_u32;
        let noise = (0..40_000).map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        });
        check(&noise.collect::<Vec<u8>>());
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(octets in proptest::collection::vec(0_u8..4, 1..6000)) {
            check(&octets);
        }

        #[test]
        fn noise_is_refused_or_decoded(octets in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let mut output = vec![0; 5000 + SLACK];
            let _answer = Lzw::new().decode(&octets, &mut output).is_ok();
        }
    }
}
