//! Inks, and luminance with differences.

use super::page::{FORMS, Form, Page, Values};
use super::shown;
use crate::specimens::seed;

fn noise(len: usize) -> Vec<u8> {
    (0..len as u32)
        .map(|at| ((at * 2_654_435) >> 7) as u8)
        .collect()
}

#[test]
fn inks_take_light_from_white_paper() {
    let samples = noise(8 * 6 * 4);
    for form in FORMS {
        let page = Page::new((8, 6), &[8; 4], 5).strips(6, vec![samples.clone()]);
        let found = shown(&page.file(form)).to_rgb8();
        for (found, inks) in found.pixels().zip(samples.chunks(4)) {
            for (found, ink) in found.0.iter().zip(inks) {
                let light = (255.0 - f64::from(*ink)) * (255.0 - f64::from(inks[3])) / 255.0;
                assert!((f64::from(*found) - light).abs() <= 1.0);
            }
        }
    }
}

/// By Pillow, which made them of colours without black ink.
#[test]
fn inks_of_another_program_are_its_colours() {
    let wanted = image::load_from_memory(&seed("lzw.tiff"))
        .unwrap()
        .to_rgb8();
    assert_eq!(shown(&seed("cmyk.tiff")).to_rgb8(), wanted);
}

/// By Pillow, with sixteen colours.
#[test]
fn a_palette_of_another_program_has_few_colours_near_the_picture() {
    let wanted = image::load_from_memory(&seed("lzw.tiff"))
        .unwrap()
        .to_rgb8();
    let found = shown(&seed("palette.tiff")).to_rgb8();
    let colours: std::collections::BTreeSet<_> = found.pixels().map(|pixel| pixel.0).collect();
    assert!(colours.len() > 8 && colours.len() <= 16);
    let off: u32 = found
        .iter()
        .zip(wanted.iter())
        .map(|(found, wanted)| u32::from(found.abs_diff(*wanted)))
        .sum();
    assert!(off < 25 * 12 * 9 * 3, "{off}");
}

const SIZE: (usize, usize) = (13, 11);

/// Red, green and blue by T.871 §7.
fn colour(y: u8, cb: u8, cr: u8) -> [f64; 3] {
    let (y, cb, cr) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
    [
        y + 1.402 * cr,
        y - 0.344_136 * cb - 0.714_136 * cr,
        y + 1.772 * cb,
    ]
}

/// Rows of units, of pieces that are `wide` and `high`, as TIFF 6.0 §21 has them; outside of the picture is noise.
fn units(wide: usize, high: usize, (across, down): (usize, usize)) -> (Vec<u8>, usize) {
    let count = wide.div_ceil(across) * high.div_ceil(down);
    (noise(count * (across * down + 2)), across * down + 2)
}

#[test]
fn differences_are_shared_by_as_many_pixels_as_the_page_says() {
    for (across, down) in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (4, 4)] {
        for (wide, high, is_tile) in [
            (13, 11, false),
            (13, 4, false),
            (16, 16, true),
            (8, 4, true),
        ] {
            let (octets, unit) = units(wide, high, (across, down));
            let columns = SIZE.0.div_ceil(wide);
            let pieces = SIZE.1.div_ceil(high);
            let page = Page::new((13, 11), &[8; 3], 6);
            let page = if is_tile {
                let pieces = vec![octets.clone(); columns * pieces];
                page.tiles((wide as u32, high as u32), pieces)
            } else {
                page.strips(high as u32, vec![octets.clone(); pieces])
            };
            let page = match (across, down) {
                (2, 2) => page, // which is meant where nothing is said
                _ => page.with(530, Values::Short(vec![across as u16, down as u16])),
            };
            let found = shown(&page.file(Form::Little)).to_rgb8();
            for (x, y, found) in found.enumerate_pixels() {
                let (x, y) = (x as usize % wide, y as usize % high);
                let row = y / down * wide.div_ceil(across);
                let unit = &octets[(row + x / across) * unit..][..unit];
                let luma = unit[y % down * across + x % across];
                let wanted = colour(luma, unit[across * down], unit[across * down + 1]);
                for (found, wanted) in found.0.iter().zip(wanted) {
                    let off = (f64::from(*found) - wanted.clamp(0.0, 255.0)).abs();
                    assert!(off <= 0.6, "{across} {down} {wide} {high}");
                }
            }
        }
    }
}

/// 16 is black and 235 white, as in video, and other parts of luminance.
#[test]
fn black_white_and_luminance_are_as_the_page_says() {
    let ratios = |all: &[u32]| Values::Ratios(all.iter().map(|one| (*one, 1)).collect());
    let samples = vec![16, 128, 128, 235, 128, 128, 126, 128, 240, 126, 240, 128];
    let page = Page::new((4, 1), &[8; 3], 6)
        .strips(1, vec![samples])
        .with(530, Values::Short(vec![1, 1]))
        .with(532, ratios(&[16, 235, 128, 240, 128, 240]));
    let luma = [(2126, 10_000), (7152, 10_000), (722, 10_000)];
    let page = page.with(529, Values::Ratios(luma.to_vec()));
    let found = shown(&page.file(Form::Big)).to_rgb8();
    let [black, white, red, blue] = [0, 1, 2, 3].map(|x| found.get_pixel(x, 0).0);
    assert_eq!((black, white), ([0; 3], [255; 3]));
    let grey = 110.0 * 255.0 / 219.0;
    // T.871's formulas with BT.709's parts.
    let wanted = [255.0, grey - 127.0 * 2.0 * 0.7874 * 0.2126 / 0.7152, grey];
    for (found, wanted) in red.iter().zip(wanted) {
        assert!((f64::from(*found) - wanted).abs() <= 1.0, "{red:?}");
    }
    assert!(blue[2] == 255 && blue[0].abs_diff(128) <= 1 && blue[1] < 128);
}
