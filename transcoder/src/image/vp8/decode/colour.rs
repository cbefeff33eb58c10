//! From luma and chroma to red, green and blue (ITU-R BT.601, as RFC 6386 §9.2 has it), in the fixed point of libwebp, so
//! that pixels can be compared with its own to the bit.

/// One pixel.
#[inline(always)]
pub(super) fn pixel(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = part(luma, 19_077); // 1.164
    [
        luma.wrapping_add(part(red, 26_149)).wrapping_sub(14_234), // 1.596
        luma.wrapping_sub(part(blue, 6_419)) // 0.391
            .wrapping_sub(part(red, 13_320)) // 0.813
            .wrapping_add(8_708),
        luma.wrapping_add(part(blue, 33_050)).wrapping_sub(17_685), // 2.018
    ]
    .map(level)
}

/// A sample times a factor with fourteen fractional bits, of which six are kept.
#[inline(always)]
fn part(sample: u8, factor: i32) -> i32 {
    i32::from(sample).wrapping_mul(factor) >> 8
}

#[inline(always)]
fn level(sum: i32) -> u8 {
    u8::try_from((sum >> 6).clamp(0, 255)).unwrap_or(u8::MAX)
}

/// A row of `pixels` from as many samples of each.
pub(super) fn row(luma: &[u8], blue: &[u8], red: &[u8], pixels: &mut [u8]) {
    let (pixels, _none) = pixels.as_chunks_mut::<3>();
    let samples = luma.iter().zip(blue).zip(red);
    for (place, ((luma, blue), red)) in pixels.iter_mut().zip(samples) {
        *place = pixel(*luma, *blue, *red);
    }
}

/// A row of chroma twice as fine as `near`, which is the row beside it, and `far`, the one behind that: nine parts of the
/// nearest sample, three of each that is next to it, one of the farthest. At the ends a sample is its own neighbour.
pub(super) fn finer(near: &[u8], far: &[u8], row: &mut [u8]) {
    let mut sums = near
        .iter()
        .zip(far)
        .map(|(near, far)| u16::from(*near).wrapping_mul(3).wrapping_add((*far).into()));
    let Some(first) = sums.next() else {
        return;
    };
    let (mut before, mut here) = (first, first);
    let next = sums.map(Some).chain([None]);
    for (pair, after) in row.as_chunks_mut::<2>().0.iter_mut().zip(next) {
        let after = after.unwrap_or(here);
        *pair = [sixteenth(here, before), sixteenth(here, after)];
        (before, here) = (here, after);
    }
}

#[inline(always)]
fn sixteenth(here: u16, beside: u16) -> u8 {
    let sum = here.wrapping_mul(3).wrapping_add(beside).wrapping_add(8);
    let [mean, _] = (sum >> 4).to_le_bytes();
    mean
}
