//! Strips, tiles and planes of any size, each compressed in any way.

use std::io::Write;

use super::page::{FORMS, Form, Page, deepened};
use super::shown;
use crate::specimens::{scene, seed};

const WIDTH: usize = 37;
const HEIGHT: usize = 29;

/// How a picture is cut.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Strips(usize),
    Tiles(usize, usize),
}

const CUTS: [Cut; 6] = [
    Cut::Strips(1),
    Cut::Strips(8),
    Cut::Strips(29),
    Cut::Tiles(16, 16),
    Cut::Tiles(48, 32),
    Cut::Tiles(5, 3), // not as TIFF 6.0 §15 would have it
];

#[derive(Clone, Copy, Debug)]
enum Packing {
    None,
    PackBits,
    Deflate,
    Differences,
}

const PACKINGS: [Packing; 4] = [
    Packing::None,
    Packing::PackBits,
    Packing::Deflate,
    Packing::Differences,
];

/// The pieces of pixels of `pixel` octets, tiles filled up with what must not be seen.
fn pieces(samples: &[u8], pixel: usize, cut: Cut) -> Vec<Vec<u8>> {
    let at = |x: usize, y: usize| {
        let from = (y * WIDTH + x) * pixel;
        let inside = x < WIDTH && y < HEIGHT;
        if inside {
            samples[from..from + pixel].to_vec()
        } else {
            vec![0xee; pixel]
        }
    };
    let (wide, high, end) = match cut {
        Cut::Strips(high) => (WIDTH, high, HEIGHT),
        Cut::Tiles(wide, high) => (wide, high, usize::MAX),
    };
    let mut pieces = Vec::new();
    for top in (0..HEIGHT).step_by(high) {
        for left in (0..WIDTH).step_by(wide) {
            let rows = top..(top + high).min(end);
            let pixels = rows.flat_map(|y| (left..left + wide).map(move |x| (x, y)));
            pieces.push(pixels.flat_map(|(x, y)| at(x, y)).collect());
        }
    }
    pieces
}

/// Every run as one; a run of one is one octet as it is.
fn packed_bits(octets: &[u8]) -> Vec<u8> {
    let runs = octets.chunk_by(|a, b| a == b);
    let runs = runs.flat_map(|run| run.chunks(128));
    runs.flat_map(|run| [(257 - run.len()) as u8, run[0]])
        .collect()
}

fn deflated(octets: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// Each sample less the one of the pixel at the left.
fn differences(octets: &[u8], wide: usize, samples: usize, each: usize, form: Form) -> Vec<u8> {
    let value = |octets: &[u8]| match (octets, form) {
        ([one], _) => u16::from(*one),
        (_, Form::Big) => u16::from_be_bytes(octets.try_into().unwrap()),
        (_, Form::Little | Form::BigTiff) => u16::from_le_bytes(octets.try_into().unwrap()),
    };
    let mut all = Vec::new();
    for row in octets.chunks(wide * samples * each) {
        let row: Vec<u16> = row.chunks(each).map(value).collect();
        for (at, sample) in row.iter().enumerate() {
            let left = if at < samples { 0 } else { row[at - samples] };
            let less = sample.wrapping_sub(left);
            if each == 2 {
                all.extend(form.deep(less));
            } else {
                all.push(less as u8);
            }
        }
    }
    all
}

/// The picture, in `each` octets a sample.
fn samples(each: usize, form: Form) -> Vec<u8> {
    let scene = scene(WIDTH as u32, HEIGHT as u32).into_raw();
    if each == 2 {
        let all = scene.iter().enumerate();
        all.flat_map(|(at, sample)| form.deep(deepened(*sample, at)))
            .collect()
    } else {
        scene
    }
}

fn page(cut: Cut, packing: Packing, planes: u16, each: usize, form: Form) -> Page {
    let all = samples(each, form);
    let (made, together) = if planes == 2 {
        let plane = |plane: usize| {
            let pixels = all.chunks(3 * each);
            let samples = pixels.flat_map(move |pixel| &pixel[plane * each..][..each]);
            pieces(&samples.copied().collect::<Vec<u8>>(), each, cut)
        };
        ((0..3).flat_map(plane).collect(), 1)
    } else {
        (pieces(&all, 3 * each, cut), 3)
    };
    let wide = match cut {
        Cut::Strips(_) => WIDTH,
        Cut::Tiles(wide, _) => wide,
    };
    let coded = made.iter().map(|piece: &Vec<u8>| match packing {
        Packing::None => piece.clone(),
        Packing::PackBits => packed_bits(piece),
        Packing::Deflate => deflated(piece),
        Packing::Differences => deflated(&differences(piece, wide, together, each, form)),
    });
    let coded = coded.collect();
    let size = (WIDTH as u32, HEIGHT as u32);
    let page = Page::new(size, &[each as u16 * 8; 3], 2).short(284, planes);
    let page = match packing {
        Packing::None => page,
        Packing::PackBits => page.short(259, 32_773),
        Packing::Deflate => page.short(259, 8),
        Packing::Differences => page.short(259, 32_946).short(317, 2),
    };
    match cut {
        Cut::Strips(rows) => page.strips(rows as u32, coded),
        Cut::Tiles(wide, high) => page.tiles((wide as u32, high as u32), coded),
    }
}

#[test]
fn a_picture_is_the_same_however_it_is_cut_and_packed() {
    let wanted = scene(WIDTH as u32, HEIGHT as u32);
    for (cut, packing) in CUTS
        .into_iter()
        .flat_map(|cut| PACKINGS.map(|packing| (cut, packing)))
    {
        for (planes, each) in [(1, 1), (2, 1), (1, 2), (2, 2)] {
            for form in FORMS {
                let file = page(cut, packing, planes, each, form).file(form);
                let found = shown(&file).to_rgb8();
                assert!(
                    found == wanted,
                    "{cut:?} {packing:?} {planes} {each} {form:?}"
                );
            }
        }
    }
}

/// Five samples of which three matter, of ten bits each: pixels that begin within an octet.
#[test]
fn pixels_that_lie_across_octets_are_found() {
    let all: Vec<u16> = (0..6 * 4 * 5).map(|at: u16| (at * 31) & 1023).collect();
    let octets = super::page::packed(&all, 10, 6 * 5);
    let page = Page::new((6, 4), &[10; 5], 2)
        .with(338, super::page::Values::Short(vec![0, 0]))
        .strips(4, vec![octets]);
    let found = shown(&page.file(Form::Big)).to_rgb8();
    for (found, wanted) in found.pixels().zip(all.chunks(5)) {
        for (found, wanted) in found.0.iter().zip(wanted) {
            let exact = f64::from(*wanted) * 255.0 / 1023.0;
            assert!((f64::from(*found) - exact).abs() <= 0.5);
        }
    }
}

/// Old files of one strip do not say how long it is.
#[test]
fn a_strip_of_no_length_goes_up_to_the_end() {
    let form = Form::Little;
    let page = page(Cut::Strips(29), Packing::None, 1, 1, form);
    let file = page
        .with(279, super::page::Values::Octets(Vec::new()))
        .file(form);
    assert_eq!(shown(&file).to_rgb8(), scene(WIDTH as u32, HEIGHT as u32));
}

/// By libtiff, from another seed.
#[test]
fn planes_of_another_program_are_the_picture() {
    let wanted = image::load_from_memory(&seed("lzw.tiff"))
        .unwrap()
        .to_rgb8();
    for name in ["planar.tiff", "planar-tiled.tiff"] {
        assert_eq!(shown(&seed(name)).to_rgb8(), wanted, "{name}");
    }
}
