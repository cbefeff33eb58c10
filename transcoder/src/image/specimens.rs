//! What the tests of several modules work on.

use zeroize::Zeroizing;

use super::picture::{Channels, Picture};
use super::size::Size;
use crate::budget::Budget;

/// Memory and nothing else: what a module below the conversion is paid from.
pub(super) fn memory(octets: usize) -> Budget {
    Budget {
        input_octets: 0,
        pixels: 0,
        samples: 0,
        output_octets: 0,
        memory: octets,
    }
}

/// Slopes with noise on them.
pub(super) fn slopes(
    width: u32,
    height: u32,
    channels: Channels,
    grain: u8,
    mut seed: u64,
) -> Picture {
    let size = Size::declared(width, height).unwrap();
    let count = channels.count() as u32;
    let samples = (0..width * height * count).map(|at| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let noise = ((seed >> 56) as u8).checked_rem(grain).unwrap_or(0);
        let pixel = at / count;
        let slope = (pixel % width) * 2 + (pixel / width) * 3 + (at % count) * 40;
        (slope.min(230) as u8).saturating_add(noise)
    });
    Picture::new(size, channels, Zeroizing::new(samples.collect())).unwrap()
}
