//! What is not read is said to be of such a kind, and what is against the specification to be damaged.

use transcoder::{Refusal, Target};

use super::page::{Form, Page, Values};
use crate::specimens::{refused, to};

fn grey(bits: u16) -> Page {
    Page::new((8, 8), &[bits], 1).strips(8, vec![vec![0; 8 * 8 * 8]])
}

fn colours(bits: u16, photometric: u16) -> Page {
    Page::new((8, 8), &[bits; 3], photometric).strips(8, vec![vec![0; 8 * 8 * 3 * 8]])
}

fn check(pages: Vec<(&str, Page)>, refusal: Refusal) {
    for (name, page) in pages {
        let file = page.file(Form::Little);
        assert_eq!(refused(&file, to(Target::Png)), refusal, "{name}");
    }
}

#[test]
fn kinds_that_are_not_read_are_not_called_damaged() {
    let mut pages = Vec::new();
    // None, old JPEG, T.85, T.43, 16-bit words, ThunderScan, JPEG 2000, LERC, Zstandard, WebP.
    for compression in [0, 6, 9, 10, 32_771, 32_809, 34_712, 34_887, 50_000, 50_001] {
        pages.push(("compression", grey(8).short(259, compression)));
    }
    // Masks, CIE Lab in its forms, a sensor, logarithms, linear.
    for photometric in [4, 8, 9, 10, 32_803, 32_844, 32_845, 34_892] {
        pages.push(("photometric", colours(8, photometric)));
    }
    for bits in [17, 24, 32, 64] {
        pages.push(("bits", grey(bits)));
    }
    let unlike = colours(8, 2).with(258, Values::Short(vec![5, 6, 5]));
    let inks = Page::new((8, 8), &[8; 4], 5).strips(8, vec![vec![0; 256]]);
    let many = Page::new((8, 8), &[8; 9], 1).strips(8, vec![vec![0; 576]]);
    let planes = Page::new((8, 8), &[8; 3], 6).strips(8, vec![vec![0; 64]; 3]);
    pages.extend([
        ("signed", grey(8).short(339, 2)),
        ("signed deep", grey(16).short(339, 2)),
        ("float", grey(32).short(339, 3)),
        ("half float", grey(16).short(339, 3)),
        ("complex", grey(64).short(339, 6)),
        ("unlike bits", unlike),
        ("other inks", inks.short(332, 2)),
        ("many samples", many),
        ("float predictor", grey(8).short(259, 8).short(317, 3)),
        ("predictor of bits", grey(4).short(259, 5).short(317, 2)),
        ("T.4 uncompressed", grey(1).short(259, 3).short(292, 2)),
        ("T.6 uncompressed", grey(1).short(259, 4).short(293, 2)),
        ("fax of octets", grey(8).short(259, 4)),
        ("deep palette", grey(16).short(262, 3)),
        ("deep JPEG", grey(16).short(259, 7)),
        ("subsampled planes", planes.short(284, 2)),
        ("subsampled deep", colours(16, 6)),
        (
            "subsampled differences",
            colours(8, 6).short(259, 8).short(317, 2),
        ),
    ]);
    check(pages, Refusal::Unsupported);
}

#[test]
fn pages_that_cannot_be_are_damaged() {
    let tile = |page: Page, tag| page.with(tag, Values::Long(vec![16]));
    check(
        vec![
            ("no samples", grey(8).short(277, 0)),
            ("no bits", grey(8).short(258, 0)),
            ("too few samples", grey(8).short(262, 2)),
            ("no such planes", grey(8).short(284, 3)),
            (
                "no rows in a strip",
                grey(8).with(278, Values::Long(vec![0])),
            ),
            ("tiles without height", tile(grey(8), 322)),
            ("tiles without width", tile(grey(8), 323)),
            ("too few strips", grey(8).with(278, Values::Long(vec![4]))),
            ("no strips", grey(8).with(273, Values::Octets(Vec::new()))),
            (
                "a strip outside",
                grey(8).with(273, Values::Long(vec![99_999])),
            ),
            (
                "a strip too long",
                grey(8).with(279, Values::Long(vec![9999])),
            ),
            (
                "a strip too short",
                grey(8).with(279, Values::Long(vec![63])),
            ),
            ("no colour map", grey(8).short(262, 3)),
            (
                "a short colour map",
                grey(8).short(262, 3).with(320, Values::Short(vec![0; 767])),
            ),
            (
                "no subsampling",
                colours(8, 6).with(530, Values::Short(vec![3, 1])),
            ),
            (
                "no luminance",
                colours(8, 6).with(529, Values::Ratios(vec![(1, 0); 3])),
            ),
            (
                "bits of another type",
                grey(8).with(258, Values::Ratios(vec![(8, 1)])),
            ),
            ("no fax", grey(1).short(259, 4)),
            ("no JPEG", grey(8).short(259, 7)),
            ("no zlib", grey(8).short(259, 8)),
        ],
        Refusal::Damaged,
    );
}

/// The same octets for every strip, which each JPEG would be looked through for.
#[test]
fn strips_that_are_the_same_octets_are_read_up_to_a_bound() {
    let page = |strips: usize, len: u32| {
        let page = Page::new((8, strips as u32), &[8], 1).strips(1, vec![vec![7; 100_000]]);
        page.with(273, Values::Long(vec![8; strips]))
            .with(279, Values::Long(vec![len; strips]))
    };
    let file = page(200, 100_000).file(Form::Little);
    assert_eq!(refused(&file, to(Target::Png)), Refusal::Unsupported);
    assert_eq!(super::shown(&page(200, 8).file(Form::Little)).height(), 200);
}

/// Tiles hold what is not in the picture, too, and it is paid for.
#[test]
fn a_tile_much_larger_than_the_picture_is_paid_for() {
    let page = |side: u32| {
        let tile = vec![0; (side * side) as usize];
        let page = Page::new((8, 8), &[8], 1);
        page.tiles((side, side), vec![tile]).file(Form::Little)
    };
    assert_eq!(super::shown(&page(512)).width(), 8);
    let page = Page::new((8, 8), &[8], 1).tiles((65_535, 65_535), vec![vec![0; 64]]);
    let refusal = refused(&page.file(Form::Little), to(Target::Png));
    assert_eq!(refusal, Refusal::Exceeded(transcoder::Resource::Pixels));
}
