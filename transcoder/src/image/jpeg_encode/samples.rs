//! Pixels made light and two differences of colour (T.871 §7), cut into blocks, and these transformed.

use zeroize::Zeroizing;

use super::transform::forward;
use super::{Component, SIDE};
use crate::budget::Budget;
use crate::image::picture::{Channels, Picture};
use crate::image::size::length;
use crate::refusal::Refusal;

/// One row of units, as planes of samples around zero.
struct Band {
    /// Samples in a row of light, as many as whole units take.
    width: usize,
    /// Rows of light.
    height: usize,
    planes: [Zeroizing<Vec<f32>>; 3],
}

/// Fills `components` with the blocks of `picture`, whose units have `unit` blocks of light along each side.
pub(super) fn transform(
    picture: &Picture,
    unit: usize,
    components: &mut [Component],
    budget: &mut Budget,
) -> Result<(), Refusal> {
    let height = unit.saturating_mul(SIDE);
    let width = length(picture.size().width()).next_multiple_of(height);
    let len = width.saturating_mul(height);
    let mut plane = || -> Result<_, Refusal> {
        let mut plane = budget.room(len)?;
        plane.resize(len, 0.0);
        Ok(plane)
    };
    let mut band = Band {
        width,
        height,
        planes: [plane()?, plane()?, plane()?],
    };
    let rows_len = picture.row_len().saturating_mul(height);
    for rows in picture.samples().chunks(rows_len) {
        band.fill(rows, picture);
        if unit == 2 {
            band.halve_colour();
        }
        for (component, plane) in components.iter_mut().zip(&band.planes) {
            let width = component.across.saturating_mul(SIDE);
            let height = component.factor.saturating_mul(SIDE);
            let plane = plane.get(..width.saturating_mul(height));
            for rows in plane
                .unwrap_or_default()
                .chunks_exact(width.saturating_mul(SIDE))
            {
                blocks(rows, width, component);
            }
        }
    }
    Ok(())
}

/// Transforms eight rows of samples.
fn blocks(rows: &[f32], width: usize, component: &mut Component) {
    let mut rows = rows.chunks_exact(width);
    let rows: [&[[f32; SIDE]]; SIDE] =
        std::array::from_fn(|_| rows.next().unwrap_or_default().as_chunks().0);
    for at in 0..component.across {
        let block = rows.map(|row| row.get(at).copied().unwrap_or_default());
        component.blocks.push(forward(&block));
    }
}

impl Band {
    /// Takes rows in. What is missing to whole units repeats the last pixel or the last row, which costs least.
    fn fill(&mut self, rows: &[u8], picture: &Picture) {
        let [light, blue, red] = &mut self.planes;
        let places = light
            .chunks_exact_mut(self.width)
            .zip(blue.chunks_exact_mut(self.width))
            .zip(red.chunks_exact_mut(self.width));
        let mut rows = rows.chunks_exact(picture.row_len()).peekable();
        for ((light, blue), red) in places {
            let Some(row) = rows.peek().copied() else {
                break;
            };
            match picture.channels() {
                Channels::Rgb => colours(row.as_chunks().0, light, blue, red),
                Channels::Grey | Channels::GreyAlpha | Channels::Rgba | Channels::InvertedCmyk => {
                    greys(row, light)
                }
            }
            let width = length(picture.size().width());
            for plane in [light, blue, red] {
                repeat_last(plane, width);
            }
            let taken = rows.next();
            if rows.peek().is_none() {
                rows = taken
                    .unwrap_or_default()
                    .chunks_exact(row.len().max(1))
                    .peekable();
            }
        }
    }

    /// Four differences become their average, in place: a row of colour is half as long then.
    fn halve_colour(&mut self) {
        let [_light, blue, red] = &mut self.planes;
        let half = self.width / 2;
        for plane in [blue, red] {
            for row in 0..self.height / 2 {
                let from = row.saturating_mul(2).saturating_mul(self.width);
                let to = row.saturating_mul(half);
                for at in 0..half {
                    let left = from.saturating_add(at.saturating_mul(2));
                    let below = left.saturating_add(self.width);
                    let pair = |at: usize| plane.get(at..).and_then(<[f32]>::first_chunk::<2>);
                    let pairs = (pair(left), pair(below));
                    if let (Some([a, b]), Some([c, d])) = pairs {
                        let average = (a + b + c + d) * 0.25;
                        if let Some(place) = plane.get_mut(to.saturating_add(at)) {
                            *place = average;
                        }
                    }
                }
            }
        }
    }
}

/// T.871 §7, less the 128 that T.81 §A.3.1 takes off.
fn colours(row: &[[u8; 3]], light: &mut [f32], blue: &mut [f32], red: &mut [f32]) {
    let places = light.iter_mut().zip(blue).zip(red);
    for (((light, blue), red), pixel) in places.zip(row) {
        let [r, g, b] = pixel.map(f32::from);
        *light = 0.299 * r + 0.587 * g + 0.114 * b - 128.0;
        *blue = -0.168_735_9 * r - 0.331_264_1 * g + 0.5 * b;
        *red = 0.5 * r - 0.418_687_6 * g - 0.081_312_4 * b;
    }
}

fn greys(row: &[u8], light: &mut [f32]) {
    for (light, grey) in light.iter_mut().zip(row) {
        *light = f32::from(*grey) - 128.0;
    }
}

/// Fills `plane` from `width` on with the value before.
fn repeat_last(plane: &mut [f32], width: usize) {
    if let Some((row, rest)) = plane.split_at_mut_checked(width)
        && let Some(last) = row.last()
    {
        rest.fill(*last);
    }
}
