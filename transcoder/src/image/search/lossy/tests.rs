use zeroize::Zeroizing;

use super::*;
use crate::image::picture::Channels;
use crate::image::size::Size;
use crate::image::specimens;

fn budget() -> Budget {
    specimens::memory(1 << 28)
}

/// Soft shapes, and as much noise on them.
fn picture(width: u32, height: u32, noise: f64) -> Picture {
    let mut state = 7_u32;
    let mut sample = |at: u32| {
        let (x, y) = (f64::from(at / 3 % width), f64::from(at / 3 / width));
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = f64::from(state >> 24) / 255.0 - 0.5;
        let shape = (x / 17.0).sin() * (y / 11.0).cos() + (x * y / 900.0).sin();
        (128.0 + shape * 50.0 + f64::from(at % 3) * 10.0 + grain * noise) as u8
    };
    let samples = (0..width * height * 3).map(&mut sample).collect();
    let size = Size::declared(width, height).unwrap();
    Picture::new(size, Channels::Rgb, Zeroizing::new(samples)).unwrap()
}

/// What was found, and how often a file was written for it.
fn found(picture: &Picture, limit: usize) -> (Result<Found, Refusal>, u32) {
    let mut tries = Tries::default();
    let found = searched(picture, limit, &mut tries, &mut budget());
    (found, tries.0)
}

/// At most three files are written, and of the octets that there are at least 95 in a hundred are used, unless the finest
/// file of the whole picture has fewer.
#[test]
fn a_budget_is_met_by_three_files_at_most() {
    let mut written = Vec::new();
    for (width, height) in [(64, 48), (320, 240), (500, 333)] {
        for noise in [0.0, 8.0, 60.0, 255.0] {
            let picture = picture(width, height, noise);
            let finest = found(&picture, usize::MAX).0.unwrap().octets.len();
            for share in [150, 101, 99, 90, 70, 50, 30, 20, 12] {
                let limit = finest * share / 100;
                if limit < 1_500 {
                    continue;
                }
                let (found, tries) = found(&picture, limit);
                let octets = found.unwrap().octets.len();
                assert!(octets <= limit && tries <= MOST_WRITTEN);
                let used = octets * 100 / limit.min(finest);
                assert!(used >= 95, "{width} {noise} {share}: {used} of 100");
                written.push(tries);
            }
        }
    }
    let once = written.iter().filter(|tries| **tries == 1).count();
    assert!(once * 10 > written.len() * 9, "{written:?}");
}

/// Where stuffing adds more than was thought, the file is written again; never more than three times.
#[test]
fn a_file_that_is_too_long_is_written_again_and_shorter() {
    let picture = picture(320, 240, 60.0);
    let transformed = Transformed::new(&picture, &mut budget()).unwrap();
    let counted = transformed.shortest(FINEST);
    let limit = usize::try_from(counted.octets).unwrap() - 1;
    let mut tries = Tries::default();
    for _ in 0..MOST_WRITTEN {
        let tried = tries.write(&transformed, &counted, limit);
        assert!(matches!(tried, Ok(Encoded::TooLong(octets)) if octets > limit));
    }
    let tried = tries.write(&transformed, &counted, limit);
    assert!(matches!(tried, Err(Refusal::CannotFit)));
}
