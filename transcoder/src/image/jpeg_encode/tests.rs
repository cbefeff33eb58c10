mod progressive;

use proptest::prelude::*;

use super::*;
use crate::image::specimens::{self, slopes as picture};

fn budget() -> Budget {
    specimens::memory(1 << 26)
}

fn transformed(picture: &Picture) -> Transformed {
    sampled(picture, Sampling::Halved)
}

fn sampled(picture: &Picture, sampling: Sampling) -> Transformed {
    Transformed::sampled(picture, sampling, &mut budget()).unwrap()
}

fn samplings() -> impl Strategy<Value = Sampling> {
    prop::sample::select(vec![Sampling::Halved, Sampling::Whole])
}

fn file(transformed: &Transformed, coarseness: Coarseness) -> Vec<u8> {
    let mut file = Vec::new();
    let counted = transformed.shortest(coarseness);
    transformed.write(&counted, &mut file).unwrap();
    file
}

/// Octets that were stuffed into the scans, but for those into headers, which have no 0xff.
fn stuffed(file: &[u8]) -> usize {
    let scan = file
        .windows(2)
        .position(|pair| pair == [0xff, 0xda])
        .unwrap();
    file[scan..]
        .windows(2)
        .filter(|pair| *pair == [0xff, 0])
        .count()
}

/// What a grey file means by the definition: dequantised and transformed back, in floats of 64 bits.
fn meant(transformed: &Transformed, coarseness: Coarseness) -> Vec<f64> {
    let component = &transformed.components[0];
    let steps = Steps::new(component.kind, coarseness);
    let mut order: Vec<(usize, usize)> = (0..64).map(|at| (at % 8, at / 8)).collect();
    order.sort_by_key(|(x, y)| (x + y, if (x + y) % 2 == 0 { *x } else { *y }));
    let part = |at: usize| if at == 0 { 0.5_f64.sqrt() } else { 1.0 };
    let wave = |at: u32, of: usize| {
        (f64::from(2 * (at % 8) + 1) * of as f64 * std::f64::consts::PI / 16.0).cos()
    };
    let (width, height) = (transformed.size.width(), transformed.size.height());
    let pixel = |x: u32, y: u32| {
        let at = (y / 8) as usize * component.across + (x / 8) as usize;
        let block = steps.quantised(&component.blocks[at]).0;
        let waves = order
            .iter()
            .zip(block)
            .zip(steps.octets())
            .map(|(((u, v), value), step)| {
                f64::from(value)
                    * f64::from(*step)
                    * part(*u)
                    * part(*v)
                    * wave(x, *u)
                    * wave(y, *v)
            });
        (waves.sum::<f64>() / 4.0 + 128.0).clamp(0.0, 255.0)
    };
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    rows.map(|(x, y)| pixel(x, y)).collect()
}

fn coarseness() -> impl Strategy<Value = Coarseness> {
    (8_u16..4000).prop_map(Coarseness)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Another decoder sees what was meant, at any size and coarseness.
    #[test]
    fn a_grey_file_decodes_to_what_was_meant(
        (width, height) in (1_u32..40, 1_u32..40),
        coarseness in coarseness(),
        grain in any::<u8>(),
        seed in any::<u64>(),
    ) {
        let picture = picture(width, height, Channels::Grey, grain, seed);
        let transformed = transformed(&picture);
        let seen = ::image::load_from_memory(&file(&transformed, coarseness)).unwrap();
        prop_assert_eq!((seen.width(), seen.height()), (width, height));
        let seen = seen.to_luma8();
        for (seen, meant) in seen.iter().zip(meant(&transformed, coarseness)) {
            prop_assert!((f64::from(*seen) - meant).abs() <= 1.6, "{} {}", seen, meant);
        }
    }

    /// What is counted is what is written, but for the octets that are stuffed in.
    #[test]
    fn octets_are_counted_to_the_last(
        (width, height) in (1_u32..70, 1_u32..70),
        coarseness in coarseness(),
        colour in prop::sample::select(vec![Channels::Grey, Channels::Rgb]),
        sampling in samplings(),
        grain in any::<u8>(),
        seed in any::<u64>(),
    ) {
        let transformed = sampled(&picture(width, height, colour, grain, seed), sampling);
        let file = file(&transformed, coarseness);
        let counted = usize::try_from(transformed.shortest(coarseness).octets).unwrap();
        prop_assert_eq!(file.len(), counted + stuffed(&file));
        let seen = ::image::load_from_memory(&file).unwrap();
        prop_assert_eq!((seen.width(), seen.height()), (width, height));
    }

    /// Whatever colour a picture has, it has it still.
    #[test]
    fn a_flat_colour_stays(
        pixel in any::<[u8; 3]>(),
        (width, height) in (1_u32..40, 1_u32..40),
        sampling in samplings(),
    ) {
        let size = Size::declared(width, height).unwrap();
        let samples = Zeroizing::new(pixel.repeat((width * height) as usize));
        let picture = Picture::new(size, Channels::Rgb, samples).unwrap();
        let file = file(&sampled(&picture, sampling), Coarseness(60));
        let seen = ::image::load_from_memory(&file).unwrap().to_rgb8();
        for seen in seen.pixels() {
            for (seen, pixel) in seen.0.iter().zip(pixel) {
                prop_assert!(seen.abs_diff(pixel) <= 5, "{:?} {:?}", seen, pixel);
            }
        }
    }
}

/// Fine stripes of red and blue are stripes still where all colour is kept.
#[test]
fn colour_is_as_sharp_as_light_where_all_of_it_is_kept() {
    let size = Size::declared(64, 48).unwrap();
    let stripes = [[230, 20, 30], [20, 30, 230]].concat().repeat(32 * 48);
    let picture = Picture::new(size, Channels::Rgb, Zeroizing::new(stripes.clone())).unwrap();
    let transformed = Transformed::new(&picture, &mut budget()).unwrap();
    let file = file(&transformed, Coarseness(60));
    let seen = ::image::load_from_memory(&file).unwrap().to_rgb8();
    for (seen, meant) in seen.iter().zip(stripes) {
        assert!(seen.abs_diff(meant) <= 12, "{seen} {meant}");
    }
}

#[test]
fn what_is_coarser_is_shorter() {
    let transformed = transformed(&picture(200, 150, Channels::Rgb, 60, 1));
    let octets =
        [100, 240, 500, 1333, 3000].map(|eighths| transformed.shortest(Coarseness(eighths)).octets);
    assert!(
        octets.is_sorted_by(|finer, coarser| finer > coarser),
        "{octets:?}"
    );
}

#[test]
fn the_same_picture_gives_the_same_octets() {
    let picture = picture(50, 40, Channels::Rgb, 60, 1);
    let write = || file(&transformed(&picture), Coarseness(300));
    assert_eq!(write(), write());
}

#[test]
fn a_picture_with_alpha_is_none_for_jpeg() {
    let picture = picture(8, 8, Channels::Rgba, 1, 1);
    let refused = Transformed::new(&picture, &mut budget()).err();
    assert_eq!(refused, Some(Refusal::Unsupported));
}
