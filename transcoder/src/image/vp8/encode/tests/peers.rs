//! Beside libwebp's programs (Debian package webp, which `tests/setup` installs).

use super::*;
use crate::image::scale::Scale;
use crate::image::vp8::decode::tests::peers::dwebp;
use crate::image::vp8::decode::tests::{decoded, scene};
use crate::image::webp::Lossy;

const WIDTH: usize = 320;
const HEIGHT: usize = 240;

fn scene_of(width: usize, height: usize) -> Picture {
    let ppm = scene::scene(width, height);
    let samples = ppm[ppm.len() - width * height * 3..].to_vec();
    let size = Size::declared(width as u32, height as u32).unwrap();
    Picture::new(size, Channels::Rgb, Zeroizing::new(samples)).unwrap()
}

#[test]
fn dwebp_sees_what_we_see() {
    for (width, height) in [(1, 1), (2, 1), (15, 17), (16, 16), (33, 16), (131, 97)] {
        for coarseness in [0, 58, 161, 320, 511] {
            let mut encoder = encoder(&scene_of(width, height));
            let frame = frame(&mut encoder, Coarseness(coarseness));
            let theirs = dwebp(&file(&frame));
            let ours = decoded(&frame, Scale::Whole).unwrap();
            assert_eq!(ours, theirs, "{width}x{height} {coarseness}");
        }
    }
}

/// How far a file is from the picture, in decibels of a peak.
fn nearness(frame: &[u8], picture: &Picture) -> f64 {
    let seen = decoded(frame, Scale::Whole).unwrap().samples;
    let pairs = seen.iter().zip(picture.samples());
    let squares: f64 = pairs
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    10.0 * (255.0 * 255.0 / (squares / seen.len() as f64)).log10()
}

/// With no more octets than libwebp takes by its usual method, as near to the picture.
#[test]
fn pictures_are_as_near_as_libwebp_s() {
    let picture = scene_of(WIDTH, HEIGHT);
    for quality in ["20", "50", "75", "85"] {
        let theirs = scene::file(WIDTH, HEIGHT, &["-m", "4", "-q", quality]);
        let theirs = Lossy::of(&theirs).unwrap().unwrap().frame;
        let mut encoder = encoder(&picture);
        let fits = |at: &u16| encoder.encode(Coarseness(*at), usize::MAX).len <= theirs.len();
        let coarseness = (0..512).step_by(4).find(fits).unwrap();
        let ours = nearness(&frame(&mut encoder, Coarseness(coarseness)), &picture);
        let theirs = nearness(theirs, &picture);
        assert!(ours > theirs - 0.25, "{quality}: {ours} {theirs}");
    }
}
