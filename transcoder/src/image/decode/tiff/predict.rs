//! Differences to the pixel at the left (TIFF 6.0 §14), which LZW and Deflate shorten better than the samples.

use std::cell::Cell;

use super::codec::Compression;
use super::form::Form;
use super::tags;
use crate::image::directory::{Directory, Order};
use crate::refusal::Refusal;

/// "Predictor": none, and the difference to the pixel at the left.
const NONE: u32 = 1;
const LEFT: u32 = 2;

/// What a row's octets are before they are samples.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Predictor {
    None,
    Left,
}

impl Predictor {
    /// # Errors
    /// [`Refusal::Unsupported`] for one that is not read.
    pub(super) fn of(
        page: &Directory<'_>,
        compression: Compression,
        form: &Form,
    ) -> Result<Self, Refusal> {
        match compression {
            Compression::Lzw | Compression::Deflate => (),
            // The field belongs to those two.
            Compression::None | Compression::PackBits | Compression::Fax(_) | Compression::Jpeg => {
                return Ok(Self::None);
            }
        }
        match page.number(tags::PREDICTOR)?.unwrap_or(NONE) {
            NONE => Ok(Self::None),
            LEFT if matches!(form.bits, 8 | 16) => Ok(Self::Left),
            _other => Err(Refusal::Unsupported),
        }
    }

    /// Makes the octets of rows of `row_len` samples: those of sixteen bits with the high octet first.
    pub(super) fn undo(self, octets: &mut [u8], row_len: usize, form: &Form) {
        if form.bits == 16 && form.order == Order::Little {
            let samples = octets.as_chunks_mut::<2>().0;
            samples.iter_mut().for_each(|sample| sample.reverse());
        }
        if self == Self::None {
            return;
        }
        let together = form.together();
        for row in octets.chunks_exact_mut(row_len) {
            if form.bits == 16 {
                let sum = |left, sample| {
                    let sum = u16::from_be_bytes(left).wrapping_add(u16::from_be_bytes(sample));
                    sum.to_be_bytes()
                };
                add_up(row.as_chunks_mut::<2>().0, together, sum);
            } else {
                add_up(row, together, u8::wrapping_add);
            }
        }
    }
}

/// Makes each of `samples` its `sum` with the one of the pixel at the left, of which `together` are a pixel's.
fn add_up<T: Copy + Default>(samples: &mut [T], together: usize, sum: impl Fn(T, T) -> T) {
    match together {
        1 => add_up_of::<T, 1>(samples, sum),
        3 => add_up_of::<T, 3>(samples, sum),
        4 => add_up_of::<T, 4>(samples, sum),
        _other => {
            let samples = Cell::from_mut(samples).as_slice_of_cells();
            for (left, sample) in samples.iter().zip(samples.iter().skip(together)) {
                sample.set(sum(left.get(), sample.get()));
            }
        }
    }
}

#[inline(always)]
fn add_up_of<T: Copy + Default, const N: usize>(samples: &mut [T], sum: impl Fn(T, T) -> T) {
    let mut left = [T::default(); N];
    for pixel in samples.as_chunks_mut::<N>().0 {
        for (sample, left) in pixel.iter_mut().zip(&mut left) {
            *left = sum(*left, *sample);
            *sample = *left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_the_sums_of_their_differences() {
        for together in 1..=6 {
            let samples: Vec<u8> = (0..together * 7).map(|at| (at * at * 37) as u8).collect();
            let mut differences = samples.clone();
            for at in (together..samples.len()).rev() {
                differences[at] = samples[at].wrapping_sub(samples[at - together]);
            }
            add_up(&mut differences, together, u8::wrapping_add);
            assert_eq!(differences, samples, "{together}");
        }
    }
}
