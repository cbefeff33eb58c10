//! Grey of any depth, and palettes.

use super::page::{FORMS, Page, Values, deepened, packed};
use super::shown;

const SIZE: (u32, u32) = (13, 5);

/// Values of so many bits, every one of them if there are few.
fn values(bits: u16) -> Vec<u16> {
    let most = ((1_u32 << bits) - 1) as u16;
    (0..13 * 5_u32)
        .map(|at| (at * 40_503) as u16 & most)
        .collect()
}

/// Strips of two rows, of which the last has one.
fn strips(octets: &[u8], row: usize) -> Vec<Vec<u8>> {
    octets.chunks(2 * row).map(<[u8]>::to_vec).collect()
}

#[test]
fn grey_of_any_depth_is_what_it_says() {
    for bits in 1..=15_u16 {
        let samples = values(bits);
        let octets = packed(&samples, bits, 13);
        let row = octets.len() / 5;
        let most = f64::from((1_u32 << bits) - 1);
        for (photometric, form) in [0, 1].into_iter().flat_map(|p| FORMS.map(|form| (p, form))) {
            let page = Page::new(SIZE, &[bits], photometric).strips(2, strips(&octets, row));
            let found = shown(&page.file(form)).to_luma8();
            for (found, sample) in found.iter().zip(&samples) {
                let light = f64::from(*sample) * 255.0 / most;
                let light = if photometric == 0 {
                    255.0 - light
                } else {
                    light
                };
                assert!(
                    (f64::from(*found) - light).abs() <= 0.5,
                    "{bits} {photometric}"
                );
            }
        }
    }
}

/// Where nothing is said, a sample has one bit, and a row as many strips as it likes.
#[test]
fn a_page_that_says_little_is_black_on_white_or_white_on_black() {
    let octets = packed(&values(1), 1, 13);
    let page = |photometric| {
        let page = Page::new(SIZE, &[1], photometric).strips(u32::MAX, vec![octets.clone()]);
        page.without(258).without(277)
    };
    let plain = shown(&page(1).file(super::page::Form::Big)).to_luma8();
    let inverted = shown(&page(0).file(super::page::Form::Big)).to_luma8();
    let silent = shown(&page(0).without(262).file(super::page::Form::Big)).to_luma8();
    assert_eq!(plain, silent);
    assert!(plain.iter().zip(inverted.iter()).all(|(a, b)| *a == !*b));
    assert!(
        plain
            .iter()
            .zip(values(1))
            .all(|(a, bit)| *a == bit as u8 * 255)
    );
}

/// Bits from the low end, whatever the compression.
#[test]
fn octets_whose_bits_come_from_the_low_end_are_turned() {
    let octets = packed(&values(2), 2, 13);
    let page = Page::new(SIZE, &[2], 1).strips(5, vec![octets.clone()]);
    let turned = octets.iter().map(|octet| octet.reverse_bits()).collect();
    let turned = page.clone().strips(5, vec![turned]).short(266, 2);
    for form in FORMS {
        assert_eq!(shown(&page.file(form)), shown(&turned.file(form)));
    }
}

/// A map whose levels are octets in one file and of sixteen bits in the other.
#[test]
fn a_palette_of_any_depth_has_the_colours_of_its_map() {
    for bits in 1..=8_u16 {
        let colours = 1_usize << bits;
        let level = |at: usize| (at * 151 + at / 7) as u8;
        let samples = values(bits);
        let octets = packed(&samples, bits, 13);
        let row = octets.len() / 5;
        for (form, deep) in FORMS.into_iter().flat_map(|form| [(form, 1), (form, 257)]) {
            let map = (0..colours * 3).map(|at| u16::from(level(at)) * deep);
            let page = Page::new(SIZE, &[bits], 3)
                .strips(2, strips(&octets, row))
                .with(320, Values::Short(map.collect()));
            let found = shown(&page.file(form)).to_rgb8();
            for (found, sample) in found.pixels().zip(&samples) {
                let at = usize::from(*sample);
                let wanted = [at, at + colours, at + 2 * colours].map(level);
                assert_eq!(found.0, wanted, "{bits} {deep}");
            }
        }
    }
}

/// Sixteen bits were read before; here in both orders, and as differences.
#[test]
fn sixteen_bits_are_read_in_the_order_of_the_file() {
    let samples: Vec<u8> = (0..13 * 5).map(|at| (at * 97) as u8).collect();
    for form in FORMS {
        let deep = samples.iter().enumerate();
        let deep = deep.flat_map(|(at, sample)| form.deep(deepened(*sample, at)));
        let octets: Vec<u8> = deep.collect();
        let page = Page::new(SIZE, &[16], 1).strips(2, strips(&octets, 26));
        assert_eq!(
            shown(&page.file(form)).to_luma8().into_raw(),
            samples,
            "{form:?}"
        );
    }
}
