//! What fax machines write, by libtiff and Pillow.

use super::page::{Form, Page};
use super::shown;
use crate::specimens::seed;

/// Rows with runs of one and more, up to all of them, which take codes of every length.
fn is_black(x: u32, y: u32) -> bool {
    match y {
        0 | 7 => false,
        6 => true,
        8 => x < 2600,
        _ => (x / (1 + y * y * 3) + y).is_multiple_of(3),
    }
}

#[test]
fn every_coding_gives_every_run() {
    let files: [(&str, &[u8]); 4] = [
        ("huffman", include_bytes!("../seeds/wide-huffman.tiff")),
        ("group 3", include_bytes!("../seeds/wide-group3.tiff")),
        (
            "group 3 by lines",
            include_bytes!("../seeds/wide-group3-lines.tiff"),
        ),
        ("group 4", include_bytes!("../seeds/wide-group4.tiff")),
    ];
    for (name, file) in files {
        let found = shown(file).to_luma8();
        assert_eq!(found.dimensions(), (2700, 24));
        for (x, y, light) in found.enumerate_pixels() {
            assert_eq!(light.0[0] == 0, is_black(x, y), "{name} {x} {y}");
        }
    }
}

/// In strips of four rows, with bits from the low end, without marks.
#[test]
fn small_pages_are_the_same_in_every_coding() {
    let wanted = image::load_from_memory(&seed("group4.tiff"))
        .unwrap()
        .to_luma8();
    for name in [
        "group4.tiff",
        "group3.tiff",
        "group3-lines.tiff",
        "huffman.tiff",
    ] {
        assert_eq!(shown(&seed(name)).to_luma8(), wanted, "{name}");
    }
}

/// T.6: sixteen white pixels are a vertical code, and black ones a horizontal one; the page says which of them are light.
#[test]
fn what_is_white_is_said_by_the_page() {
    // V0; then H, no white, 16 black.
    let octets = vec![0b1001_0011, 0b0101_0000, 0b0101_1100];
    for (photometric, lights) in [(0, [255, 0]), (1, [0, 255]), (u16::MAX, [255, 0])] {
        let page = Page::new((16, 2), &[1], photometric).short(259, 4);
        let page = page.strips(2, vec![octets.clone()]);
        let page = if photometric == u16::MAX {
            page.without(262)
        } else {
            page
        };
        let found = shown(&page.file(Form::Big)).to_luma8();
        let [first, second] = lights;
        assert_eq!(
            found.into_raw(),
            [[first; 16], [second; 16]].concat(),
            "{photometric}"
        );
    }
}
