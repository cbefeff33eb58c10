//! From the octets of a row to samples of eight bits (TIFF 6.0 §4, §8: samples from the high end of each octet, rows from an octet of
//! their own).

use crate::image::decode::nearest;

/// What is made of a sample.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scale {
    /// A level: the most that its bits can say becomes 255.
    Light,
    /// A number, of eight bits at most: it stays.
    Number,
}

/// Fills `samples` with those in `octets`, of `bits` each; of sixteen bits, the high octet comes first.
pub(super) fn unpack(octets: &[u8], bits: u32, scale: Scale, samples: &mut [u8]) {
    match bits {
        1 => parts::<8>(octets, scale, samples),
        2 => parts::<4>(octets, scale, samples),
        4 => parts::<2>(octets, scale, samples),
        8 => {
            let both = samples.iter_mut().zip(octets);
            both.for_each(|(sample, octet)| *sample = *octet);
        }
        16 => {
            let both = samples.iter_mut().zip(octets.as_chunks().0);
            both.for_each(|(sample, deep)| *sample = nearest(u16::from_be_bytes(*deep)));
        }
        _other => odd(octets, bits, scale, samples),
    }
}

/// Samples of which `N` are in an octet: 2, 4 or 8.
#[inline(always)]
fn parts<const N: usize>(octets: &[u8], scale: Scale, samples: &mut [u8]) {
    let bits = u32::try_from(8_usize.checked_div(N).unwrap_or(8)).unwrap_or(8);
    let most = u8::MAX.wrapping_shr(8_u32.wrapping_sub(bits));
    let step = match scale {
        Scale::Light => u8::MAX.checked_div(most).unwrap_or(1), // which leaves nothing over
        Scale::Number => 1,
    };
    for (octet, samples) in octets.iter().zip(samples.chunks_mut(N)) {
        let mut rest = *octet;
        for sample in samples {
            rest = rest.rotate_left(bits);
            *sample = (rest & most).wrapping_mul(step);
        }
    }
}

/// Samples that lie across octets.
fn odd(octets: &[u8], bits: u32, scale: Scale, samples: &mut [u8]) {
    let most = 1_u32.wrapping_shl(bits).wrapping_sub(1);
    let mut octets = octets.iter();
    let (mut held, mut len) = (0_u32, 0_u32);
    for sample in samples {
        while len < bits {
            let octet = octets.next().copied().unwrap_or(0);
            held = held.wrapping_shl(8) | u32::from(octet);
            len = len.wrapping_add(8);
        }
        len = len.wrapping_sub(bits);
        let value = held.wrapping_shr(len) & most;
        let value = match scale {
            // value × 255 / most, rounded
            Scale::Light => {
                let doubled = value.wrapping_mul(510).wrapping_add(most);
                doubled.checked_div(most.wrapping_mul(2)).unwrap_or(0)
            }
            Scale::Number => value,
        };
        *sample = u8::try_from(value).unwrap_or(u8::MAX);
    }
}

/// Takes from each pixel of `samples`, which has `together`, those at `places`, and puts them into each pixel of `row`, which has
/// `wide`, from `first` on.
pub(super) fn pick(
    samples: &[u8],
    together: usize,
    places: &[usize],
    (row, wide, first): (&mut [u8], usize, usize),
) {
    let pixels = samples.chunks_exact(together.max(1));
    for (pixel, made) in pixels.zip(row.chunks_exact_mut(wide.max(1))) {
        for (made, place) in made.iter_mut().skip(first).zip(places) {
            *made = pixel.get(*place).copied().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of any width, written bit by bit.
    #[test]
    fn samples_of_any_width_come_back() {
        for bits in 1..=16_u32 {
            let most = (1_u32 << bits) - 1;
            let values: Vec<u32> = (0..37_u32).map(|at| (at * 2_654_435) & most).collect();
            let mut written = vec![false; 0];
            for value in &values {
                written.extend((0..bits).rev().map(|bit| value >> bit & 1 == 1));
            }
            let octets: Vec<u8> = written
                .chunks(8)
                .map(|bits| {
                    let places = bits.iter().zip((0..8).rev());
                    places.fold(0, |octet, (bit, place)| octet | u8::from(*bit) << place)
                })
                .collect();
            let mut samples = vec![0; values.len()];
            unpack(&octets, bits, Scale::Light, &mut samples);
            for (sample, value) in samples.iter().zip(&values) {
                let exact = f64::from(*value) * 255.0 / f64::from(most);
                assert!((f64::from(*sample) - exact).abs() <= 0.5, "{bits}: {value}");
            }
            if bits <= 8 {
                unpack(&octets, bits, Scale::Number, &mut samples);
                let same = samples.iter().map(|sample| u32::from(*sample));
                assert!(same.eq(values.iter().copied()), "{bits}");
            }
        }
    }

    #[test]
    fn what_is_wanted_of_a_pixel_is_picked() {
        let mut row = [9; 6];
        pick(&[1, 2, 3, 4, 5, 6], 3, &[0, 2], (&mut row, 3, 1));
        assert_eq!(row, [9, 1, 3, 9, 4, 6]);
    }
}
