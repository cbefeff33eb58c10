//! Pictures and files made for the tests.

use crate::image::peer::answer;

/// Of two partitions, and of eight; of other parts and strengths of the filter than `cwebp` can be asked for. Made with
/// libwebp 1.2.4 (`low_memory`, `partitions` 1 and 3, quality 40, filter 70, sharpness 3) of a scene of 45 × 150.
pub(super) const PARTITIONS: [&[u8]; 2] = [
    include_bytes!("seeds/two-partitions.webp"),
    include_bytes!("seeds/eight-partitions.webp"),
];

/// Slopes, edges, patterns and noise in all colours, as Netpbm has it.
pub(in crate::image::vp8) fn scene(width: usize, height: usize) -> Vec<u8> {
    let mut noise = 1_u32;
    let mut file = format!("P6\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = if y * 2 > height {
                (noise >> 28) as u8
            } else {
                0
            };
            let edge = if (x / 5 + y / 7) % 3 == 0 { 90 } else { 0 };
            let red = (x * 255 / width) as u8 / 2 + edge + grain;
            let green = (y * 255 / height) as u8 / 2 + grain;
            let blue = if x > y { 200 } else { 30 } + grain;
            file.extend([red, green, blue]);
        }
    }
    file
}

/// The scene as a file.
pub(in crate::image::vp8) fn file(width: usize, height: usize, arguments: &[&str]) -> Vec<u8> {
    let arguments = [&["-quiet"], arguments, &["-o", "-", "--", "-"]].concat();
    answer("cwebp", &arguments, &scene(width, height))
}
