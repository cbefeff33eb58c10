//! JPEG XL: every form is what libjxl's own program makes of it, and what lies is refused by its size.

use image::{DynamicImage, GenericImageView, RgbaImage};
use transcoder::{Budget, MediaType, Refusal, Resource, Target, convert};

use crate::specimens::{
    budget, by_files, converted, file, jxl, ppm, refused, scene, seed, seen, to, within,
};

const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ";

/// What `djxl` makes of a file.
fn peer(file: &[u8]) -> DynamicImage {
    let png = by_files("djxl", ("read.jxl", file), "seen.png", &[]);
    image::load_from_memory(&png).unwrap()
}

fn box_of(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u32 + 8).to_be_bytes();
    [&len[..], name, content].concat()
}

#[test]
fn every_form_is_what_another_program_reads() {
    let picture = ppm(&scene(300, 200));
    let forms: [&[&str]; 6] = [
        &["-d", "0", "-e", "3"],
        &["-q", "80", "-e", "4"],
        &["-q", "80", "-e", "5", "-p"],
        &["-m", "1", "-q", "80", "-e", "4"],
        &["-d", "0", "-m", "1", "-R", "1", "-e", "3"],
        &["-q", "90", "--container=1", "--epf=3"],
    ];
    for form in forms {
        let file = jxl(&picture, form);
        let expected = peer(&file).to_rgb8();
        let found = seen(&converted(&file, to(Target::Png))).to_rgb8();
        let furthest = found.iter().zip(expected.iter());
        let furthest = furthest.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(furthest <= 2, "{form:?}: {furthest}");
    }
}

#[test]
fn alpha_grey_and_sixteen_bits_come_as_they_are() {
    for (name, by) in [
        ("alpha.jxl", 0),
        ("deep.jxl", 0),
        ("grey.jxl", 1),
        ("jpeg.jxl", 1),
    ] {
        let expected = peer(&seed(name));
        let found = seen(&converted(&seed(name), to(Target::Png)));
        let pairs = found.to_rgba8().into_raw().into_iter();
        let furthest = pairs.zip(expected.to_rgba8().into_raw());
        let furthest = furthest.map(|(a, b)| a.abs_diff(b)).max().unwrap();
        assert!(furthest <= by, "{name}: {furthest}");
        assert_eq!(found.color().has_alpha(), expected.color().has_alpha());
    }
    let grey = seen(&converted(&seed("grey.jxl"), to(Target::Png)));
    assert!(!grey.color().has_color());
}

/// `frames` frames of 8 × 8, from dark to light, a tenth of a second each.
fn moving(frames: u8) -> Vec<u8> {
    let mut gif = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
        for at in 0..frames {
            let grey = 10 + at * 20;
            let frame = RgbaImage::from_pixel(8, 8, image::Rgba([grey, grey, grey, 255]));
            let delay = image::Delay::from_numer_denom_ms(100, 1);
            let frame = image::Frame::from_parts(frame, 0, 0, delay);
            encoder.encode_frame(frame).unwrap();
        }
    }
    jxl(&gif, &["-d", "0"])
}

#[test]
fn the_first_frame_of_a_moving_jpeg_xl_is_taken() {
    let found = converted(&moving(4), to(Target::Png));
    assert_eq!(seen(&found).get_pixel(4, 4).0[0], 10);
}

#[test]
fn every_frame_that_is_seen_is_paid_for() {
    let file = moving(10);
    let with = |pixels| {
        let budget = Budget { pixels, ..budget() };
        convert(&file, None, &to(Target::Png), budget).err()
    };
    let exceeded = Refusal::Exceeded(Resource::Pixels);
    assert_eq!(with(10 * 64 - 1), Some(exceeded));
    assert_eq!(with(10 * 64), None);
}

/// ISO/IEC 18181-1: a size header of two sides of 30 bits each, and nothing behind it.
#[test]
fn a_header_that_asks_for_gigabytes_is_refused_by_its_pixels() {
    let side = (1_u128 << 30) - 1;
    // Not small; a height of 30 bits; no ratio; a width of 30 bits.
    let bits = 0b11 << 1 | side << 3 | 0b11 << 36 | side << 38;
    let large = [&[0xff, 0x0a], &bits.to_le_bytes()[..]].concat();
    let boxed = [CONTAINER, &box_of(b"jxlc", &large)].concat();
    for file in [large, boxed] {
        let refusal = refused(&file, to(Target::Png));
        assert_eq!(refusal, Refusal::Exceeded(Resource::Pixels));
    }
}

#[test]
fn more_boxes_than_anybody_writes_are_refused_unopened() {
    let empty = box_of(b"jxlp", &[0; 4]).repeat(5000);
    let file = [CONTAINER, &empty].concat();
    let refusal = refused(&file, to(Target::Png));
    assert_eq!(refusal, Refusal::Exceeded(Resource::Elements));
}

#[test]
fn boxes_that_lie_about_their_length_are_damage() {
    let inner = seed("lossy.jxl");
    let good = [CONTAINER, &box_of(b"jxlc", &inner)].concat();
    converted(&good, to(Target::Png));
    for len in [1_u32, 2, 7, inner.len() as u32 + 9, u32::MAX] {
        let mut file = good.clone();
        file[CONTAINER.len()..CONTAINER.len() + 4].copy_from_slice(&len.to_be_bytes());
        assert_eq!(refused(&file, to(Target::Png)), Refusal::Damaged, "{len}");
    }
    // The last one may end with the file.
    let mut file = good;
    file[CONTAINER.len()..CONTAINER.len() + 4].fill(0);
    converted(&file, to(Target::Png));
}

#[test]
fn memory_is_paid_for_before_it_is_taken() {
    let file = file(&scene(2000, 2000), MediaType::Jxl);
    let with = |mebibytes: usize| {
        let budget = Budget {
            memory: mebibytes * 1024 * 1024,
            ..budget()
        };
        convert(&file, None, &within(Target::Jpeg, 320, 320), budget).err()
    };
    let exceeded = Some(Refusal::Exceeded(Resource::Memory));
    assert_eq!(with(64), exceeded);
    assert_eq!(with(300), None);
    // 2000 × 2000 × 3 samples of four octets, and one each that comes out.
    let large = jxl(&ppm(&scene(5000, 4400)), &["-q", "80", "-e", "3"]);
    let budget = Budget {
        memory: 288 * 1024 * 1024,
        ..budget()
    };
    let refused = convert(&large, None, &within(Target::Jpeg, 9, 9), budget);
    assert_eq!(refused.err(), exceeded);
    converted(&large, within(Target::Jpeg, 320, 320));
}
