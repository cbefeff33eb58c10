//! The same pixels as libwebp's programs give (Debian package webp, which `tests/setup` installs).

use super::scene::{PARTITIONS, file};
use super::*;
use crate::image::peer::answer;

const SIZES: [(usize, usize); 10] = [
    (1, 1),
    (2, 1),
    (1, 3),
    (15, 17),
    (16, 16),
    (17, 33),
    (33, 16),
    (40, 33),
    (100, 75),
    (131, 97),
];

/// With each way of coding.
const CODINGS: [&[&str]; 12] = [
    &["-q", "0"],
    &["-q", "20", "-f", "100"],
    &["-q", "50", "-f", "0"],
    &["-q", "75"],
    &["-q", "100"],
    &["-q", "40", "-segments", "1"],
    &["-q", "60", "-segments", "2", "-sns", "100"],
    &["-q", "30", "-segments", "4", "-sns", "100", "-f", "35"],
    &["-q", "30", "-nostrong", "-f", "80"],
    &["-q", "85", "-sharpness", "7", "-f", "60"],
    &["-q", "10", "-sharpness", "3", "-f", "90"],
    &["-q", "70", "-m", "0", "-sns", "0"],
];

pub(in crate::image::vp8) fn dwebp(file: &[u8]) -> Seen {
    let ppm = answer("dwebp", &["-quiet", "-ppm", "-o", "-", "--", "-"], file);
    let mut fields = ppm.splitn(4, |octet| octet.is_ascii_whitespace());
    let mut field = || fields.next().unwrap();
    assert_eq!(field(), b"P6");
    let mut number = || std::str::from_utf8(field()).unwrap().parse().unwrap();
    let (width, height) = (number(), number());
    let samples = field().strip_prefix(b"255\n").unwrap().to_vec();
    Seen {
        width,
        height,
        samples,
    }
}

fn same(file: &[u8], what: &str) {
    let (ours, theirs) = (decoded(frame(file), Scale::Whole).unwrap(), dwebp(file));
    assert_eq!(
        (ours.width, ours.height),
        (theirs.width, theirs.height),
        "{what}"
    );
    if let Some(at) = (0..ours.samples.len()).find(|at| ours.samples[*at] != theirs.samples[*at]) {
        let row = ours.width * 3;
        panic!(
            "{what}: sample {} of row {}: {} for {}",
            at % row,
            at / row,
            ours.samples[at],
            theirs.samples[at]
        );
    }
}

#[test]
fn pixels_are_to_the_bit_what_dwebp_gives() {
    for (width, height) in SIZES {
        for coding in CODINGS {
            let what = format!("{width}x{height} {coding:?}");
            same(&file(width, height, coding), &what);
        }
    }
}

#[test]
fn partitions_take_turns() {
    for file in PARTITIONS {
        same(file, "partitions");
    }
}
