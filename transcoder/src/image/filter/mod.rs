//! Makes a picture smaller in one pass over its rows, in linear light with alpha multiplied in: whole pixels are averaged
//! as they come, then a Lanczos filter does the rest, first down the columns and then along the rows.
//!
//! No more of the picture is held than the rows that one row of the result is made of: memory goes by the width of what
//! comes in and by what goes out, never by the height of what comes in. The averaging reads each pixel once and leaves
//! the filter little to do; what it costs in sharpness is below what anybody sees, since the filter still has
//! [`LEFT_FOR_FILTER`] pixels for each that it makes.

mod averages;
mod kernel;
mod ring;

use zeroize::Zeroizing;

use self::averages::Averages;
use self::kernel::Kernel;
use self::ring::Ring;
use super::picture::{Channels, Picture};
use super::rows::Rows;
use super::size::{Size, length};
use super::tone::{Alpha, Curve, Tone};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// How many pixels the averaging leaves to the filter at least, along each side, for one that it makes.
const LEFT_FOR_FILTER: u32 = 2;

/// The most pixels that are averaged along one side, so that a sum of 255 × 255 values of 16 bits stays within 32.
const MOST_AVERAGED: u32 = 255;

/// All of `rows`, which are in sRGB, in the size `to`, which is not larger than they are.
///
/// # Errors
/// [`Refusal::Exceeded`] when there is not the memory, and whatever the rows refuse with.
pub(super) fn filtered(
    rows: &mut impl Rows,
    to: Size,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    filtered_along(&Curve::srgb(), rows, to, budget)
}

/// As [`filtered`] does, of `rows` whose codes stand for light as `curve` says.
///
/// # Errors
/// As [`filtered`].
pub(super) fn filtered_along(
    curve: &Curve,
    rows: &mut impl Rows,
    to: Size,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    if rows.size() == to {
        return gathered(rows, budget);
    }
    let tone = Tone::new(curve);
    match rows.channels() {
        Channels::Grey => Filter::<1>::new(tone, rows, to, Alpha::None, budget)?.run(rows),
        Channels::GreyAlpha => Filter::<2>::new(tone, rows, to, Alpha::Last, budget)?.run(rows),
        Channels::Rgb => Filter::<3>::new(tone, rows, to, Alpha::None, budget)?.run(rows),
        Channels::Rgba => Filter::<4>::new(tone, rows, to, Alpha::Last, budget)?.run(rows),
        Channels::InvertedCmyk => Filter::<4>::new(tone, rows, to, Alpha::None, budget)?.run(rows),
    }
}

/// All of `rows` as they are.
fn gathered(rows: &mut impl Rows, budget: &mut Budget) -> Result<Picture, Refusal> {
    let (size, channels) = (rows.size(), rows.channels());
    let memory = Refusal::Exceeded(Resource::Memory);
    let len = size.samples(channels.count()).ok_or(memory)?;
    let mut samples = budget.room(len)?;
    samples.resize(len, 0);
    let row_len = length(size.width()).saturating_mul(channels.count());
    for row in samples.chunks_exact_mut(row_len) {
        rows.next_row(row)?;
    }
    Picture::new(size, channels, samples)
}

/// How many pixels of a side of `from` are averaged on the way to `to`.
fn averaged(from: u32, to: u32) -> u32 {
    let ratio = from.checked_div(to.saturating_mul(LEFT_FOR_FILTER));
    ratio.unwrap_or(1).clamp(1, MOST_AVERAGED)
}

/// One picture on its way, of `N` samples a pixel.
struct Filter<const N: usize> {
    from: Size,
    to: Size,
    channels: Channels,
    alpha: Alpha,
    tone: Tone,
    averages: Averages<N>,
    down: Kernel,
    across: Kernel,
    ring: Ring,
    /// One row that is as low as the result and as wide as the averages, in planes.
    low: Zeroizing<Vec<f32>>,
    /// One row of the result in linear light, in planes.
    light: Zeroizing<Vec<f32>>,
    /// One row as it comes.
    row: Zeroizing<Vec<u8>>,
    samples: Zeroizing<Vec<u8>>,
}

impl<const N: usize> Filter<N> {
    fn new(
        tone: Tone,
        rows: &impl Rows,
        to: Size,
        alpha: Alpha,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let from = rows.size();
        let (across, down) = (
            averaged(from.width(), to.width()),
            averaged(from.height(), to.height()),
        );
        let (wide, high) = rows.extent();
        let across_kernel = Kernel::new(wide, across, to.width(), budget)?;
        let down_kernel = Kernel::new(high, down, to.height(), budget)?;
        let averages = Averages::new(from, across, down, budget)?;
        // The filter along the rows reads whole windows, so each plane ends with room for one.
        let plane_len = averages.width().saturating_add(across_kernel.taps());
        let ring = Ring::new::<N>(plane_len, down_kernel.taps(), budget)?;
        let memory = Refusal::Exceeded(Resource::Memory);
        let samples = budget.room(to.samples(N).ok_or(memory)?)?;
        Ok(Self {
            from,
            to,
            channels: rows.channels(),
            alpha,
            tone,
            averages,
            low: zeros(ring.row_len(), budget)?,
            light: zeros(length(to.width()).saturating_mul(N), budget)?,
            row: zeros(length(from.width()).saturating_mul(N), budget)?,
            down: down_kernel,
            across: across_kernel,
            ring,
            samples,
        })
    }

    fn run(mut self, rows: &mut impl Rows) -> Result<Picture, Refusal> {
        let mut made = 0;
        for _ in 0..self.from.height() {
            rows.next_row(&mut self.row)?;
            self.take_in();
            while made < self.to.height() && self.ring.holds(self.down.window(made)) {
                self.make(made);
                made = made.saturating_add(1);
            }
        }
        Picture::new(self.to, self.channels, self.samples)
    }

    /// Takes the row that has come to the others; where that makes a row of averages whole, it goes to the ring.
    fn take_in(&mut self) {
        let row = self.row.as_chunks().0;
        if self.averages.are_pixels(self.alpha) {
            return averages::lit::<N>(row, &self.tone, self.ring.next());
        }
        self.averages.add(row, &self.tone, self.alpha);
        if let Some(finished) = self.averages.finished() {
            self.averages.divide(finished, self.ring.next());
        }
    }

    /// Makes one row of the result of the rows that the ring holds.
    fn make(&mut self, row: u32) {
        self.ring.weighted(self.down.window(row), &mut self.low);
        let plane_len = self.ring.plane_len();
        let narrow = length(self.to.width());
        let planes = self.low.chunks_exact(plane_len);
        for (plane, light) in planes.zip(self.light.chunks_exact_mut(narrow)) {
            self.across.narrow(plane, light);
        }
        let mut planes = self.light.chunks_exact(narrow);
        let planes: [&[f32]; N] = std::array::from_fn(|_| planes.next().unwrap_or_default());
        for at in 0..narrow {
            let lit = planes.map(|plane| plane.get(at).copied().unwrap_or(0.0));
            let lit = lit.map(kernel::rounded);
            self.samples.extend(self.tone.unlit(&lit, self.alpha));
        }
    }
}

/// `len` zeros, paid for.
fn zeros<T>(len: usize, budget: &mut Budget) -> Result<Zeroizing<Vec<T>>, Refusal>
where
    Vec<T>: zeroize::Zeroize,
    T: Clone + Default,
{
    let mut room = budget.room(len)?;
    room.resize(len, T::default());
    Ok(room)
}

#[cfg(test)]
mod tests;
