//! Rows of eight-bit samples made rows of linear light in planes, whole blocks of pixels averaged on the way.

use zeroize::Zeroizing;

use crate::budget::Budget;
use crate::image::size::{Size, length};
use crate::image::tone::{Alpha, Tone};
use crate::refusal::Refusal;

/// The sums of the row that is being made, of `N` samples a pixel.
pub(super) struct Averages<const N: usize> {
    cells: Zeroizing<Vec<[u32; N]>>,
    /// Pixels in a cell, along each side.
    across: u32,
    down: u32,
    /// What is left over at the right and below is averaged too: pixels in the last cell of a row.
    last_across: u32,
    rows_left: u32,
    added: u32,
}

impl<const N: usize> Averages<N> {
    pub(super) fn new(
        from: Size,
        across: u32,
        down: u32,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let width = from.width().div_ceil(across.max(1));
        let whole = width.saturating_sub(1).saturating_mul(across);
        let mut cells = budget.room(length(width))?;
        cells.resize(length(width), [0; N]);
        Ok(Self {
            cells,
            across,
            down,
            last_across: from.width().saturating_sub(whole),
            rows_left: from.height(),
            added: 0,
        })
    }

    /// How many cells a row has.
    pub(super) fn width(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is nothing to average, so that a row can go to its planes at once.
    pub(super) fn are_pixels(&self, alpha: Alpha) -> bool {
        self.across == 1 && self.down == 1 && alpha == Alpha::None
    }

    /// Adds a row's light to the cells that its pixels fall into.
    pub(super) fn add(&mut self, row: &[[u8; N]], tone: &Tone, alpha: Alpha) {
        self.added = self.added.saturating_add(1);
        self.rows_left = self.rows_left.saturating_sub(1);
        match self.across {
            1 => self.sum::<1>(row, tone, alpha),
            2 => self.sum::<2>(row, tone, alpha),
            3 => self.sum::<3>(row, tone, alpha),
            4 => self.sum::<4>(row, tone, alpha),
            5 => self.sum::<5>(row, tone, alpha),
            6 => self.sum::<6>(row, tone, alpha),
            7 => self.sum::<7>(row, tone, alpha),
            8 => self.sum::<8>(row, tone, alpha),
            wide => {
                for (cell, pixels) in self.cells.iter_mut().zip(row.chunks(length(wide))) {
                    add_to(cell, pixels, tone, alpha);
                }
            }
        }
    }

    /// The same for the usual widths of a cell, which the compiler then knows.
    fn sum<const ACROSS: usize>(&mut self, row: &[[u8; N]], tone: &Tone, alpha: Alpha) {
        let (whole, rest) = row.as_chunks::<ACROSS>();
        for (cell, pixels) in self.cells.iter_mut().zip(whole) {
            add_to(cell, pixels, tone, alpha);
        }
        if let Some(last) = self.cells.last_mut() {
            add_to(last, rest, tone, alpha);
        }
    }

    /// How many rows the cells hold the sums of, once all of their rows have come.
    pub(super) fn finished(&self) -> Option<u32> {
        let finished = self.added == self.down || self.rows_left == 0;
        finished.then_some(self.added)
    }

    /// Makes averages of the sums of `rows` rows, and begins the next row.
    pub(super) fn divide<'a>(&mut self, rows: u32, planes: impl Iterator<Item = &'a mut [f32]>) {
        let share = 1.0 / single(rows.saturating_mul(self.across));
        let last_share = 1.0 / single(rows.saturating_mul(self.last_across));
        for (channel, plane) in planes.enumerate() {
            for (value, cell) in plane.iter_mut().zip(self.cells.iter()) {
                *value = cell.get(channel).map_or(0.0, |sum| single(*sum)) * share;
            }
            let last = self.cells.last().and_then(|cell| cell.get(channel));
            let place = plane.get_mut(self.cells.len().saturating_sub(1));
            if let (Some(value), Some(sum)) = (place, last) {
                *value = single(*sum) * last_share;
            }
        }
        self.cells.fill([0; N]);
        self.added = 0;
    }
}

/// A row's light as it is, where [`Averages::are_pixels`].
pub(super) fn lit<'a, const N: usize>(
    row: &[[u8; N]],
    tone: &Tone,
    planes: impl Iterator<Item = &'a mut [f32]>,
) {
    for (channel, plane) in planes.enumerate() {
        for (value, pixel) in plane.iter_mut().zip(row) {
            *value = pixel.get(channel).map_or(0.0, |code| tone.level_of(*code));
        }
    }
}

#[inline(always)]
fn add_to<const N: usize>(cell: &mut [u32; N], pixels: &[[u8; N]], tone: &Tone, alpha: Alpha) {
    for pixel in pixels {
        for (sum, level) in cell.iter_mut().zip(tone.lit(pixel, alpha)) {
            // Does not wrap: a cell has at most `MOST_AVERAGED` pixels along each side.
            *sum = sum.wrapping_add(level.into());
        }
    }
}

/// As a float, rounded to its 24 bits.
#[inline(always)]
#[expect(
    clippy::as_conversions,
    reason = "the only way to a float of this width; it rounds"
)]
fn single(value: u32) -> f32 {
    value as f32
}
