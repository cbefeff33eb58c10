//! Makes a picture smaller, in linear light with alpha multiplied in: first whole pixels are averaged as they come, then
//! a Lanczos filter does the rest. The first step reads each pixel once and leaves the filter little to do, and it
//! needs no copy of a large picture in linear light; what it costs in sharpness is below what anybody sees, since
//! the filter still has [`LEFT_FOR_FILTER`] pixels for each that it makes.

use bytemuck::cast_slice;
use fast_image_resize as fir;
use zeroize::Zeroizing;

use super::picture::{Channels, Picture};
use super::size::Size;
use super::tone::{Alpha, Tone};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// How many pixels the averaging leaves to the filter at least, along each side, for one that it makes.
const LEFT_FOR_FILTER: u32 = 3;

/// The most pixels that are averaged along one side, so that a sum of 255 × 255 values of 16 bits stays within 32.
const MOST_AVERAGED: u32 = 255;

/// `picture` in the size `to`, which is not larger than it is.
///
/// # Errors
/// [`Refusal::Exceeded`] when there is not the memory.
pub(super) fn resize(picture: Picture, to: Size, budget: &mut Budget) -> Result<Picture, Refusal> {
    if picture.size() == to {
        return Ok(picture);
    }
    resized(&picture, to, budget)
}

/// As [`resize`], with the picture kept.
pub(super) fn resized(
    picture: &Picture,
    to: Size,
    budget: &mut Budget,
) -> Result<Picture, Refusal> {
    use fir::PixelType::{U16, U16x2, U16x3, U16x4};
    let job = Job {
        picture,
        to,
        tone: Tone::new(),
        across: averaged(picture.size().width(), to.width()),
        down: averaged(picture.size().height(), to.height()),
    };
    match picture.channels() {
        Channels::Grey => job.run::<1>(U16, Alpha::None, budget),
        Channels::GreyAlpha => job.run::<2>(U16x2, Alpha::Last, budget),
        Channels::Rgb => job.run::<3>(U16x3, Alpha::None, budget),
        Channels::Rgba => job.run::<4>(U16x4, Alpha::Last, budget),
        Channels::InvertedCmyk => job.run::<4>(U16x4, Alpha::None, budget),
    }
}

/// How many pixels of a side of `from` are averaged on the way to `to`.
fn averaged(from: u32, to: u32) -> u32 {
    let ratio = from.checked_div(to.saturating_mul(LEFT_FOR_FILTER));
    ratio.unwrap_or(1).clamp(1, MOST_AVERAGED)
}

struct Job<'a> {
    picture: &'a Picture,
    to: Size,
    tone: Tone,
    across: u32,
    down: u32,
}

impl Job<'_> {
    fn run<const N: usize>(
        &self,
        kind: fir::PixelType,
        alpha: Alpha,
        budget: &mut Budget,
    ) -> Result<Picture, Refusal> {
        let between = self.between()?;
        let averages = self.averages::<N>(between, alpha, budget)?;
        let light = self.filtered(between, &averages, kind, budget)?;
        drop(averages);
        let mut samples = budget.room(light.len())?;
        for pixel in light.as_chunks::<N>().0 {
            samples.extend(self.tone.unlit(pixel, alpha));
        }
        Picture::new(self.to, self.picture.channels(), samples)
    }

    /// The size after averaging. What is left over at the right and below is averaged too.
    fn between(&self) -> Result<Size, Refusal> {
        let from = self.picture.size();
        Size::declared(
            from.width().div_ceil(self.across),
            from.height().div_ceil(self.down),
        )
    }

    fn averages<const N: usize>(
        &self,
        between: Size,
        alpha: Alpha,
        budget: &mut Budget,
    ) -> Result<Zeroizing<Vec<u16>>, Refusal> {
        let memory = Refusal::Exceeded(Resource::Memory);
        let mut averages = budget.room(between.samples(N).ok_or(memory)?)?;
        let mut cells = budget.room::<[u32; N]>(size_of_side(between.width()))?;
        let row_len = self.picture.row_len();
        let band_len = row_len.saturating_mul(size_of_side(self.down));
        for band in self.picture.samples().chunks(band_len) {
            cells.clear();
            cells.resize(size_of_side(between.width()), [0; N]);
            for row in band.chunks_exact(row_len) {
                self.add(row.as_chunks::<N>().0, &mut cells, alpha);
            }
            let rows = band.len().checked_div(row_len).unwrap_or(0);
            let rows = u32::try_from(rows).unwrap_or(u32::MAX);
            self.divide(&cells, rows, &mut averages);
        }
        Ok(averages)
    }

    /// Adds a row's light to the cells that its pixels fall into.
    fn add<const N: usize>(&self, row: &[[u8; N]], cells: &mut [[u32; N]], alpha: Alpha) {
        for (cell, pixels) in cells.iter_mut().zip(row.chunks(size_of_side(self.across))) {
            for pixel in pixels {
                for (sum, level) in cell.iter_mut().zip(self.tone.lit(pixel, alpha)) {
                    // Does not wrap: MOST_AVERAGED.
                    *sum = sum.wrapping_add(level.into());
                }
            }
        }
    }

    /// Makes averages of the sums of `rows` rows.
    fn divide<const N: usize>(&self, cells: &[[u32; N]], rows: u32, averages: &mut Vec<u16>) {
        let mut columns_left = self.picture.size().width();
        for cell in cells {
            let columns = columns_left.min(self.across);
            columns_left = columns_left.saturating_sub(columns);
            let count = rows.saturating_mul(columns).max(1);
            averages.extend(cell.map(|sum| {
                let rounded = sum.saturating_add(count / 2).checked_div(count);
                u16::try_from(rounded.unwrap_or(0)).unwrap_or(u16::MAX)
            }));
        }
    }

    fn filtered(
        &self,
        between: Size,
        averages: &[u16],
        kind: fir::PixelType,
        budget: &mut Budget,
    ) -> Result<Zeroizing<Vec<u16>>, Refusal> {
        let channels = self.picture.channels().count();
        let memory = Refusal::Exceeded(Resource::Memory);
        // The filter's own: the picture as narrow as it will be, and as high as it was.
        let narrow = u64::from(self.to.width()).saturating_mul(between.height().into());
        budget.take_memory(narrow.saturating_mul(FILTER_OCTETS))?;
        let len = self.to.samples(channels).ok_or(memory)?;
        let mut light = budget.room(len)?;
        light.resize(len, 0_u16);
        let source = fir::images::ImageRef::new(
            between.width(),
            between.height(),
            cast_slice(averages),
            kind,
        );
        let target = fir::images::Image::from_slice_u8(
            self.to.width(),
            self.to.height(),
            bytemuck::cast_slice_mut(&mut light),
            kind,
        );
        // Both have the length and the place that their sizes take: they were made so above.
        let (Ok(source), Ok(mut target)) = (source, target) else {
            return Err(Refusal::Damaged);
        };
        let done = fir::Resizer::new().resize(&source, &mut target, &self.options());
        done.map_err(|_| Refusal::Damaged)?;
        Ok(light)
    }

    /// The filter reads what was really averaged: a last cell that is half full is half as wide.
    fn options(&self) -> fir::ResizeOptions {
        let from = self.picture.size();
        fir::ResizeOptions::new()
            .use_alpha(false) // it is multiplied in already
            .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3))
            .crop(
                0.0,
                0.0,
                f64::from(from.width()) / f64::from(self.across),
                f64::from(from.height()) / f64::from(self.down),
            )
    }
}

/// Octets that the filter takes for a pixel on its way: four samples of 16 bits.
const FILTER_OCTETS: u64 = 8;

fn size_of_side(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}
