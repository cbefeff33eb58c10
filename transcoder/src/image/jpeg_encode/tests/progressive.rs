//! Progressive files: the same picture as the sequential file of the same coarseness, whatever their scans.

use super::super::bands::Band;
use super::super::layout::{colour, light};
use super::*;
use crate::image::jpeg::{Decoder, Header};
use crate::image::peer::answer;
use crate::image::rows::Rows;
use crate::image::scale::Scale;

/// The layouts of all combinations of ways.
fn layouts(components: usize) -> Vec<Layout> {
    let colours = |component| colour(component).into_iter().cycle();
    let others = light(0).into_iter().zip(colours(1).zip(colours(2).skip(1)));
    let layout = |(light, (blue, red)): (Vec<Band>, (Vec<Band>, Vec<Band>))| {
        let all = [light, blue, red].into_iter().take(components).flatten();
        Layout(
            std::iter::once(Pass::Firsts)
                .chain(all.map(Pass::Band))
                .collect(),
        )
    };
    others.map(layout).collect()
}

fn written(transformed: &Transformed, coarseness: Coarseness, layout: &Layout) -> Vec<u8> {
    let counted = transformed.counted(coarseness, layout);
    let mut file = Vec::new();
    transformed.write(&counted, &mut file).unwrap();
    let octets = usize::try_from(counted.octets).unwrap();
    assert_eq!(file.len(), octets + stuffed(&file), "counted to the last");
    file
}

fn sequential() -> Layout {
    Layout(vec![Pass::Whole])
}

fn by_ours(file: &[u8]) -> Vec<u8> {
    let mut budget = Budget {
        input_octets: file.len(),
        pixels: 1 << 26,
        ..budget()
    };
    let header = Header::read(file, &mut budget).unwrap();
    let mut decoder = Decoder::new(file, &header, Scale::Whole, &mut budget).unwrap();
    let row = decoder.size().width() as usize * decoder.channels().count();
    let mut samples = vec![0; row * decoder.size().height() as usize];
    for row in samples.chunks_exact_mut(row) {
        decoder.next_row(row).unwrap();
    }
    samples
}

fn by_zune(file: &[u8]) -> Vec<u8> {
    ::image::load_from_memory(file).unwrap().into_bytes()
}

fn by_libjpeg(file: &[u8]) -> Vec<u8> {
    answer("djpeg", &["-dct", "int"], file)
}

fn is_the_same(transformed: &Transformed, coarseness: Coarseness, by: fn(&[u8]) -> Vec<u8>) {
    let expected = by(&written(transformed, coarseness, &sequential()));
    for layout in layouts(transformed.components.len()) {
        let seen = by(&written(transformed, coarseness, &layout));
        assert!(seen == expected, "{:?}", layout.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Two decoders that have nothing in common with the encoder agree.
    #[test]
    fn a_progressive_file_shows_what_the_sequential_one_shows(
        (width, height) in (1_u32..90, 1_u32..90),
        coarseness in coarseness(),
        colour in prop::sample::select(vec![Channels::Grey, Channels::Rgb]),
        sampling in samplings(),
        grain in any::<u8>(),
        seed in any::<u64>(),
    ) {
        let transformed = sampled(&picture(width, height, colour, grain, seed), sampling);
        is_the_same(&transformed, coarseness, by_ours);
        is_the_same(&transformed, coarseness, by_zune);
    }
}

#[test]
fn libjpeg_reads_progressive_files() {
    for (channels, grain, coarseness) in [
        (Channels::Rgb, 200, 8),
        (Channels::Rgb, 60, 240),
        (Channels::Rgb, 9, 1040),
        (Channels::Grey, 60, 100),
    ] {
        let picture = picture(333, 222, channels, grain, 7);
        for sampling in [Sampling::Halved, Sampling::Whole] {
            let transformed = sampled(&picture, sampling);
            is_the_same(&transformed, Coarseness(coarseness), by_libjpeg);
        }
    }
}

/// A run of empty blocks is at most 32,767 long (T.81 table G.1).
#[test]
fn runs_of_empty_blocks_end_where_they_must() {
    let transformed = transformed(&picture(2000, 1100, Channels::Grey, 0, 1));
    let mut flat = transformed;
    for block in flat.components[0].blocks.iter_mut() {
        block[1..].fill(0);
    }
    assert!(flat.components[0].blocks.len() > 34_000);
    is_the_same(&flat, Coarseness(240), by_libjpeg);
    // One more block with something at the very end.
    *flat.components[0]
        .blocks
        .last_mut()
        .unwrap()
        .last_mut()
        .unwrap() = 16_000;
    is_the_same(&flat, Coarseness(240), by_libjpeg);
}

/// Where each block is known already and gets corrections alone, more blocks than wait at once come one after the other.
#[test]
fn corrections_wait_for_the_end_of_a_run_but_not_for_ever() {
    let mut transformed = transformed(&picture(800, 80, Channels::Grey, 0, 1));
    for (at, block) in (0..).zip(transformed.components[0].blocks.iter_mut()) {
        for (place, value) in (at..).zip(block[1..].iter_mut()) {
            *value = [4000, -5000, 6000, -7000, 0][(place % 5) as usize];
        }
    }
    is_the_same(&transformed, Coarseness(240), by_libjpeg);
    is_the_same(&transformed, Coarseness(800), by_libjpeg);
}

/// Shapes as soft as those of photographs, with a little grain.
fn soft(side: u32) -> Picture {
    let mut picture = picture(side, side, Channels::Rgb, 9, 1);
    for (at, sample) in (0..).zip(picture.samples_mut()) {
        let (x, y) = (f64::from(at / 3 % side), f64::from(at / 3 / side));
        let shape = (x / 17.0).sin() * (y / 11.0).cos() + (x * y / 900.0).sin();
        *sample = (128.0 + shape * 50.0) as u8 + *sample % 9;
    }
    picture
}

/// What is large is shorter so, what is tiny is not. (Stuffing is chance, and left out.)
#[test]
fn the_shorter_of_both_is_written() {
    let is_progressive = |file: &[u8]| {
        let frame = |marker: u8| file.windows(3).any(|octets| octets == [0xff, marker, 0]);
        assert_ne!(frame(0xc0), frame(0xc2));
        frame(0xc2)
    };
    for (side, progressive) in [(16, false), (400, true)] {
        let transformed = transformed(&soft(side));
        let coarseness = Coarseness(240);
        assert_eq!(is_progressive(&file(&transformed, coarseness)), progressive);
        let octets = transformed.shortest(coarseness).octets;
        let alone = transformed.counted(coarseness, &sequential()).octets;
        assert_eq!(octets < alone, progressive, "{octets} {alone}");
    }
}
