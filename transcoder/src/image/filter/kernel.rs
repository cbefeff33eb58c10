//! Lanczos' window of three lobes, as weights: which values of a line make each value of a shorter one.

use std::f64::consts::PI;

use zeroize::Zeroizing;

use crate::budget::Budget;
use crate::image::size::length;
use crate::refusal::Refusal;

/// Lobes of the window on each side.
const LOBES: f64 = 3.0;

/// Weights are kept by so many, as they are multiplied.
const LANES: usize = 8;

/// The weights for every value of the result.
pub(super) struct Kernel {
    starts: Zeroizing<Vec<u32>>,
    weights: Zeroizing<Vec<f32>>,
    /// Weights for each value, those at the end being zero where the window is shorter.
    taps: usize,
}

/// What one value of the result is made of.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    /// The first value of the line.
    pub(super) start: usize,
    /// The weight of each from there on; together one.
    pub(super) weights: &'a [f32],
}

impl Kernel {
    /// For a line of `from` values, averaged `averaged` by `averaged`, on its way to `to`. A last value or average that is
    /// one in part is as wide as it is.
    pub(super) fn new(
        from: f64,
        averaged: u32,
        to: u32,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let line = from / f64::from(averaged);
        let scale = line / f64::from(to);
        let values = ceiling(line);
        let widest = ceiling(2.0 * LOBES * scale.max(1.0)).saturating_add(1);
        let taps = length(widest.min(values)).next_multiple_of(LANES);
        let mut kernel = Self {
            starts: budget.room(length(to))?,
            weights: budget.room(length(to).saturating_mul(taps))?,
            taps,
        };
        for at in 0..to {
            kernel.add((f64::from(at) + 0.5) * scale, scale.max(1.0), values);
        }
        Ok(kernel)
    }

    /// Adds the weights around `centre`, for lobes of `width`.
    fn add(&mut self, centre: f64, width: f64, values: u32) {
        let reach = LOBES * width;
        let start = ceiling(centre - reach - 0.5).min(values.saturating_sub(1));
        let end = ceiling(centre + reach - 0.5).clamp(start.saturating_add(1), values);
        let begin = self.weights.len();
        let room = begin.saturating_add(self.taps);
        let weights = (start..end).map(|at| lanczos((f64::from(at) + 0.5 - centre) / width));
        self.weights.extend(weights.take(self.taps).map(narrowed));
        let weights = self.weights.get_mut(begin..).unwrap_or_default();
        let sum: f32 = weights.iter().sum();
        for weight in weights {
            *weight /= sum;
        }
        self.weights.resize(room, 0.0);
        self.starts.push(start);
    }

    /// How many values each window has room for.
    pub(super) fn taps(&self) -> usize {
        self.taps
    }

    /// What the value `at` of the result is made of.
    pub(super) fn window(&self, at: u32) -> Window<'_> {
        let begin = length(at).saturating_mul(self.taps);
        let end = begin.saturating_add(self.taps);
        let start = self.starts.get(length(at)).copied().unwrap_or(0);
        Window {
            start: length(start),
            weights: self.weights.get(begin..end).unwrap_or_default(),
        }
    }

    /// Fills `short` with what `line` makes, which must have [`Self::taps`] values more than the line has.
    pub(super) fn narrow(&self, line: &[f32], short: &mut [f32]) {
        let windows = self.weights.chunks_exact(self.taps);
        for ((value, start), weights) in short.iter_mut().zip(self.starts.iter()).zip(windows) {
            let values = line.get(length(*start)..).unwrap_or_default();
            let mut sums = [0.0; LANES];
            let pairs = values.as_chunks::<LANES>().0.iter();
            for (values, weights) in pairs.zip(weights.as_chunks::<LANES>().0) {
                for ((sum, value), weight) in sums.iter_mut().zip(values).zip(weights) {
                    *sum += value * weight;
                }
            }
            let (low, high) = sums.split_at(LANES / 2);
            *value = low.iter().zip(high).map(|(low, high)| low + high).sum();
        }
    }
}

/// sinc(`at`) × sinc(`at` / 3), by one sine: sin 3a = 3 sin a − 4 sin³ a.
fn lanczos(at: f64) -> f64 {
    let third = PI * at / LOBES;
    if at.abs() >= LOBES {
        0.0
    } else if third.abs() < 1e-6 {
        1.0
    } else {
        let sine = third.sin();
        sine * sine * (3.0 - 4.0 * sine * sine) / (third * third * LOBES)
    }
}

#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates, so below zero is zero"
)]
fn ceiling(value: f64) -> u32 {
    value.ceil() as u32
}

#[expect(
    clippy::as_conversions,
    reason = "the only way to a narrower float; it rounds"
)]
fn narrowed(weight: f64) -> f32 {
    weight as f32
}

/// The nearest level of 16 bits. What a filter leaves beyond them is cut.
#[inline]
#[expect(
    clippy::as_conversions,
    reason = "the only way from a float; it saturates"
)]
pub(super) fn rounded(level: f32) -> u16 {
    (level + 0.5) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::specimens;

    fn budget() -> Budget {
        specimens::memory(1 << 20)
    }

    /// Windows go no further than the line, move on, and weigh one.
    #[test]
    fn windows_stay_on_the_line_and_weigh_one() {
        let lines = [
            (1.0, 1, 1),
            (5.0, 1, 5),
            (7.0, 1, 2),
            (100.0, 4, 12),
            (101.0, 7, 3),
            (60.2, 1, 31),
        ];
        for (from, averaged, to) in lines {
            let kernel = Kernel::new(from, averaged, to, &mut budget()).unwrap();
            let values = (from / f64::from(averaged)).ceil() as usize;
            let mut last = 0;
            for at in 0..to {
                let window = kernel.window(at);
                let used = window.weights.iter().rposition(|weight| *weight != 0.0);
                assert!(window.start >= last && window.start + used.unwrap() < values);
                let sum: f32 = window.weights.iter().sum();
                assert!((sum - 1.0).abs() < 1e-5, "{from} {averaged} {to}: {sum}");
                last = window.start;
            }
        }
    }

    #[test]
    fn a_line_that_keeps_its_length_is_kept() {
        let kernel = Kernel::new(6.0, 1, 6, &mut budget()).unwrap();
        let mut line = vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
        let expected = line.clone();
        line.resize(6 + kernel.taps(), 0.0);
        let mut short = [0.0; 6];
        kernel.narrow(&line, &mut short);
        for (short, expected) in short.iter().zip(expected) {
            assert!((short - expected).abs() < 1e-5);
        }
    }
}
