//! GIFs against their specification that every browser shows.

use image::{DynamicImage, GenericImageView, Rgba};
use transcoder::{Converted, Refusal, Target};

use crate::animation::{frames, of_frames};
use crate::specimens::{converted, refused, seen, to};

const RED: [u8; 4] = [200, 0, 0, 255];
const BLUE: [u8; 4] = [0, 0, 200, 255];
const NOTHING: [u8; 4] = [0; 4];

/// Signature, a screen of this size, and a table of red, blue and two more.
fn screen(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend([0x81, 0, 0]);
    file.extend([200, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0]);
    file
}

/// A frame of one colour, by its number.
fn frame(left: u16, top: u16, width: u16, height: u16, colour: u8) -> Vec<u8> {
    let mut file = vec![0x2c];
    for field in [left, top, width, height] {
        file.extend(field.to_le_bytes());
    }
    file.extend([0, 2]);
    // A clear code before each pixel, so that all codes have three bits; the end.
    let mut codes = Vec::new();
    for _ in 0..u32::from(width) * u32::from(height) {
        codes.extend([4, u16::from(colour)]);
    }
    codes.push(5);
    let bits = codes
        .iter()
        .flat_map(|code| (0..3).map(move |bit| code >> bit & 1));
    let bits: Vec<u16> = bits.collect();
    let octet = |bits: &[u16]| {
        bits.iter()
            .rev()
            .fold(0, |octet, bit| octet << 1 | *bit as u8)
    };
    let octets: Vec<u8> = bits.chunks(8).map(octet).collect();
    for block in octets.chunks(255) {
        file.push(block.len() as u8);
        file.extend(block);
    }
    file.push(0);
    file
}

/// How long the next frame is seen, and what becomes of it.
fn control(disposal: u8) -> Vec<u8> {
    vec![0x21, 0xf9, 4, disposal << 2, 10, 0, 0, 0]
}

const TRAILER: [u8; 1] = [0x3b];

fn still(file: &[u8]) -> DynamicImage {
    seen(&converted(file, to(Target::Png)))
}

fn moving(file: &[u8]) -> Converted {
    converted(file, of_frames(to(Target::Gif), 9))
}

fn at(picture: &DynamicImage, x: u32, y: u32) -> [u8; 4] {
    let Rgba(pixel) = picture.get_pixel(x, y);
    pixel
}

#[test]
fn extensions_that_nobody_knows_are_passed_over() {
    let plain = [screen(2, 2), frame(0, 0, 2, 2, 1), TRAILER.into()].concat();
    let unknown = [0x21, 0xce, 3, 1, 2, 3, 2, 4, 5, 0];
    let empty = [0x21, 0x42, 0];
    let dressed = [
        screen(2, 2),
        unknown.into(),
        empty.into(),
        frame(0, 0, 2, 2, 1),
        unknown.into(),
        TRAILER.into(),
    ]
    .concat();
    let (plain, dressed) = (still(&plain), still(&dressed));
    assert_eq!(plain, dressed);
    assert_eq!(at(&dressed, 1, 1), BLUE);
}

#[test]
fn a_first_frame_larger_than_its_screen_takes_its_place() {
    for (width, height) in [(0, 0), (0, 9), (9, 0), (2, 2), (4, 9)] {
        for (left, top) in [(0, 0), (3, 1), (60_000, 60_000)] {
            let file = [
                screen(width, height),
                frame(left, top, 5, 3, 1),
                TRAILER.into(),
            ]
            .concat();
            let picture = still(&file);
            assert_eq!(picture.dimensions(), (5, 3));
            assert_eq!([(0, 0), (4, 2)].map(|(x, y)| at(&picture, x, y)), [BLUE; 2]);
        }
    }
}

#[test]
fn a_first_frame_beyond_its_screen_is_cut() {
    let beside = [screen(4, 4), frame(3, 2, 4, 4, 1), TRAILER.into()].concat();
    let picture = still(&beside);
    assert_eq!(picture.dimensions(), (4, 4));
    assert_eq!(
        [(0, 0), (3, 1), (3, 2), (3, 3)].map(|(x, y)| at(&picture, x, y)),
        [NOTHING, NOTHING, BLUE, BLUE]
    );
    let outside = [screen(4, 4), frame(4, 0, 4, 4, 1), TRAILER.into()].concat();
    let picture = still(&outside);
    assert!(picture.pixels().all(|(_, _, Rgba(pixel))| pixel == NOTHING));
}

#[test]
fn later_frames_are_cut_at_the_edge_of_the_screen() {
    for disposal in [1, 2, 3] {
        let file = [
            screen(4, 4),
            control(1),
            frame(0, 0, 4, 4, 0),
            control(disposal),
            frame(2, 1, 6, 9, 1),
            control(1),
            frame(900, 900, 3, 3, 1),
            TRAILER.into(),
        ]
        .concat();
        assert_eq!(at(&still(&file), 3, 3), RED);
        let made = moving(&file);
        let frames = frames(&made);
        assert_eq!(frames.len(), 3);
        let corners = |frame: usize| {
            let frame = DynamicImage::from(frames[frame].0.clone());
            assert_eq!(frame.dimensions(), (4, 4));
            [(1, 3), (2, 0), (2, 1), (3, 3)].map(|(x, y)| at(&frame, x, y))
        };
        assert_eq!(corners(0), [RED; 4]);
        assert_eq!(corners(1), [RED, RED, BLUE, BLUE]);
        let behind = [BLUE, [255; 4], RED][usize::from(disposal) - 1];
        assert_eq!(corners(2), [RED, RED, behind, behind], "{disposal}");
    }
}

/// A frame that is cut off is none, and what stands before it is shown.
#[test]
fn an_animation_that_was_cut_ends_with_its_last_whole_frame() {
    let first = [screen(4, 4), control(1), frame(0, 0, 4, 4, 0)].concat();
    let second = [control(1), frame(0, 0, 4, 4, 1)].concat();
    let cut = second.len() - 2;
    for (behind, all) in [
        (&second[..cut], 1),
        (&second[..], 2),
        (&[&second[..], b"\0\0rubbish"].concat(), 2),
    ] {
        let file = [&first[..], behind].concat();
        assert_eq!(at(&still(&file), 3, 3), RED);
        assert_eq!(frames(&moving(&file)).len(), all);
    }
    let cut = first.len() - 2;
    assert_eq!(refused(&first[..cut], to(Target::Png)), Refusal::Damaged);
    assert_eq!(refused(&screen(4, 4), to(Target::Png)), Refusal::Damaged);
}

#[test]
fn a_first_frame_of_nothing_is_refused_and_a_later_one_draws_nothing() {
    let nothing = [screen(4, 4), frame(0, 0, 0, 4, 0), TRAILER.into()].concat();
    assert_eq!(refused(&nothing, to(Target::Png)), Refusal::Damaged);
    for (width, height) in [(0, 4), (4, 0), (0, 0)] {
        let file = [
            screen(4, 4),
            frame(0, 0, 4, 4, 1),
            frame(0, 0, width, height, 0),
            frame(0, 0, 4, 1, 0),
            TRAILER.into(),
        ]
        .concat();
        assert_eq!(at(&still(&file), 3, 3), BLUE);
        let made = moving(&file);
        let last = frames(&made).pop().unwrap().0;
        let last = DynamicImage::from(last);
        assert_eq!([at(&last, 3, 0), at(&last, 3, 3)], [RED, BLUE]);
    }
}
