//! Samples beside the colours: alpha or not, multiplied in or not.

use super::page::{Form, Page, Values};
use super::shown;
use crate::specimens::seed;

/// Half of what there is of red, a third of green, all of blue, in what is half opaque; then black that nobody sees.
const MULTIPLIED: [u8; 8] = [64, 43, 128, 128, 0, 0, 0, 0];
const STRAIGHT: [u8; 8] = [128, 86, 255, 128, 0, 0, 0, 0];

fn rgb_and(extra: Option<u16>, samples: &[u8]) -> Vec<u8> {
    let page = Page::new((2, 1), &[8; 4], 2).strips(1, vec![samples.to_vec()]);
    let page = match extra {
        Some(extra) => page.short(338, extra),
        None => page,
    };
    page.file(Form::Little)
}

#[test]
fn associated_alpha_is_divided_out() {
    let found = shown(&rgb_and(Some(1), &MULTIPLIED)).to_rgba8();
    assert_eq!(found.into_raw(), STRAIGHT);
}

#[test]
fn unassociated_alpha_is_left_as_it_is() {
    for extra in [Some(2), Some(999), None] {
        let found = shown(&rgb_and(extra, &STRAIGHT)).to_rgba8();
        assert_eq!(found.into_raw(), STRAIGHT, "{extra:?}");
    }
}

/// A fourth sample that is anything, zero here: the picture must not vanish.
#[test]
fn an_unspecified_sample_is_no_alpha() {
    let found = shown(&rgb_and(Some(0), &[10, 20, 30, 0, 200, 100, 50, 0]));
    assert!(!found.color().has_alpha());
    assert_eq!(found.to_rgb8().into_raw(), [10, 20, 30, 200, 100, 50]);
}

#[test]
fn alpha_may_come_after_other_samples() {
    let samples = vec![10, 20, 30, 99, 77, 40, 50, 60, 99, 255];
    let page = Page::new((2, 1), &[8; 5], 2).strips(1, vec![samples]);
    let file = page.with(338, Values::Short(vec![0, 2])).file(Form::Big);
    let found = shown(&file).to_rgba8();
    assert_eq!(found.into_raw(), [10, 20, 30, 77, 40, 50, 60, 255]);
}

#[test]
fn grey_has_alpha_too() {
    let page = |photometric, extra, samples: &[u8]| {
        let page = Page::new((2, 1), &[8; 2], photometric).strips(1, vec![samples.to_vec()]);
        shown(&page.short(338, extra).file(Form::Little)).to_luma_alpha8()
    };
    assert_eq!(page(1, 2, &[10, 20, 30, 255]).into_raw(), [10, 20, 30, 255]);
    assert_eq!(
        page(0, 2, &[10, 20, 30, 255]).into_raw(),
        [245, 20, 225, 255]
    );
    assert_eq!(
        page(1, 1, &[64, 128, 30, 255]).into_raw(),
        [128, 128, 30, 255]
    );
    assert_eq!(page(1, 0, &[10, 20, 30, 0]).into_raw(), [10, 255, 30, 255]);
}

#[test]
fn alpha_of_sixteen_bits_and_in_a_plane_of_its_own_is_alpha() {
    let deep = STRAIGHT.iter().flat_map(|sample| [*sample, *sample]);
    let page = Page::new((2, 1), &[16; 4], 2).strips(1, vec![deep.collect()]);
    let found = shown(&page.short(338, 2).file(Form::Little)).to_rgba8();
    assert_eq!(found.into_raw(), STRAIGHT);
    let planes = (0..4).map(|plane| vec![MULTIPLIED[plane], MULTIPLIED[plane + 4]]);
    let page = Page::new((2, 1), &[8; 4], 2).strips(1, planes.collect());
    let found = shown(&page.short(338, 1).short(284, 2).file(Form::Little)).to_rgba8();
    assert_eq!(found.into_raw(), STRAIGHT);
}

/// By libvips, which multiplied, and by Pillow, which did not; the alpha is a slope.
#[test]
fn alpha_of_other_programs_comes_back() {
    let plain = image::load_from_memory(&seed("lzw.tiff"))
        .unwrap()
        .to_rgb8();
    let alpha = |x: u32, y: u32| (x * 20 + y * 3) as u8;
    let found = shown(&seed("premultiplied.tiff")).to_rgba8();
    for (x, y, found) in found.enumerate_pixels() {
        assert_eq!(found.0[3], alpha(x, y));
        for (found, wanted) in found.0.iter().zip(plain.get_pixel(x, y).0) {
            // What a step of the multiplied colour is worth, which libvips rounds down.
            let step = 255.0 / f64::from(alpha(x, y).max(1)) + 1.0;
            assert!(alpha(x, y) == 0 || f64::from(found.abs_diff(wanted)) <= step);
        }
    }
    let found = shown(&seed("grey-alpha.tiff")).to_luma_alpha8();
    for (x, y, found) in found.enumerate_pixels() {
        let [red, green, blue] = plain.get_pixel(x, y).0.map(u32::from);
        let grey = (299 * red + 587 * green + 114 * blue) / 1000;
        assert!(u32::from(found.0[0]).abs_diff(grey) <= 1, "{x} {y}");
        assert_eq!(found.0[1], alpha(x, y));
    }
}
