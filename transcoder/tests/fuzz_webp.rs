//! Whole small files of lossy WebP changed in some places. (What a decoder does at each scale by itself is fuzzed beside it, too.)

mod changed;

use transcoder::MediaType;

/// Of 45 × 150 pixels: an eighth of them, a quarter, a half and the whole are enough for these widths. (The other seed is
/// of 12 × 9.)
const WIDTHS: [u32; 4] = [3, 7, 14, 40];

const SEEDS: [&[u8]; 3] = [
    include_bytes!("../src/image/vp8/decode/tests/seeds/two-partitions.webp"),
    include_bytes!("../src/image/vp8/decode/tests/seeds/eight-partitions.webp"),
    include_bytes!("pictures/seeds/lossy.webp"),
];

#[test]
fn changed_files_are_made_small_or_refused() {
    changed::are_made_small_or_refused(MediaType::WebP, &SEEDS.map(<[u8]>::to_vec), WIDTHS);
}
