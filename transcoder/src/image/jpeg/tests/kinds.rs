//! What files say of themselves, and colours that libjpeg's programs do not write.

use image::metadata::Orientation;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::scene::{exif, file, with};
use super::*;

fn header(file: &[u8]) -> Header {
    Header::read(file, &mut budget()).unwrap()
}

#[test]
fn the_orientation_is_what_exif_says() {
    let plain = file(20, 14, |_| ());
    assert_eq!(header(&plain).orientation(), Orientation::NoTransforms);
    let turned = [b"Exif\0\0".to_vec(), exif(Orientation::Rotate90)].concat();
    assert_eq!(
        header(&with(&plain, 0xe1, &turned)).orientation(),
        Orientation::Rotate90
    );
    assert_eq!(
        header(&with(&plain, 0xe1, b"Exif\0\0MM")).orientation(),
        Orientation::NoTransforms
    );
}

#[test]
fn a_profile_in_chunks_is_put_together_and_one_with_a_gap_is_none() {
    let plain = file(20, 14, |_| ());
    let chunk = |number: u8, of: u8, octets: &[u8]| {
        [b"ICC_PROFILE\0".as_slice(), &[number, of], octets].concat()
    };
    let (one, two, three) = (
        chunk(1, 3, b"one "),
        chunk(2, 3, b"two "),
        chunk(3, 3, b"three"),
    );
    let dressed = with(&with(&with(&plain, 0xe2, &two), 0xe2, &three), 0xe2, &one);
    let mut whole = header(&dressed);
    assert_eq!(whole.take_profile().unwrap().as_slice(), b"one two three");
    assert!(whole.take_profile().is_none());
    assert!(
        header(&with(&with(&plain, 0xe2, &two), 0xe2, &one))
            .take_profile()
            .is_none()
    );
    let twice = with(&dressed, 0xe2, &one);
    assert!(header(&twice).take_profile().is_none());
    let mut poor = Budget {
        memory: 12,
        ..budget()
    };
    assert!(matches!(
        Header::read(&dressed, &mut poor),
        Err(Refusal::Exceeded(_))
    ));
}

#[test]
fn the_size_is_known_before_anything_is_decoded() {
    let read = header(&file(21, 14, |_| ()));
    assert_eq!((read.size().width(), read.size().height()), (21, 14));
}

/// A pixel at the right or the lower edge that is made of fewer than the others is one in part.
#[test]
fn the_extent_is_that_of_the_file_and_not_of_whole_pixels() {
    for progressive in [false, true] {
        let file = file(37, 21, |encoder| encoder.set_progressive(progressive));
        for (scale, parts) in SCALES.into_iter().zip([1.0, 2.0, 4.0, 8.0]) {
            let mut budget = budget();
            let header = Header::read(&file, &mut budget).unwrap();
            let decoder = Decoder::new(&file, &header, scale, &mut budget).unwrap();
            assert_eq!(decoder.extent(), (37.0 / parts, 21.0 / parts));
        }
    }
}

/// Inks come out as they went in, to what is lost in coding.
#[test]
fn inks_are_inverted_cmyk_whether_coded_as_such_or_as_ycck() {
    let (width, height) = (16, 16);
    let inks: Vec<u8> = [10, 200, 90, 40].repeat(width * height);
    for kind in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        for progressive in [false, true] {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 100);
            encoder.set_progressive(progressive);
            encoder.set_sampling_factor(SamplingFactor::F_1_1);
            encoder
                .encode(&inks, width as u16, height as u16, kind)
                .unwrap();
            for scale in SCALES {
                let seen = decoded(&file, scale).unwrap();
                assert_eq!(seen.channels, Channels::InvertedCmyk);
                for pixel in seen.samples.chunks(4) {
                    for (sample, ink) in pixel.iter().zip(&inks) {
                        assert!(
                            sample.abs_diff(255 - *ink) <= 2,
                            "{kind:?} {scale:?} {pixel:?}"
                        );
                    }
                }
            }
        }
    }
}

/// Adobe's segment without JFIF's says what three components are; so do their identifiers.
#[test]
fn red_green_and_blue_are_told_from_grey_and_differences() {
    let plain = file(8, 8, |encoder| {
        encoder.set_sampling_factor(SamplingFactor::F_1_1)
    });
    let jfif = &plain[2..4 + usize::from(plain[5])];
    let bare = [&plain[..2], &plain[2 + jfif.len()..]].concat();
    assert_eq!(&jfif[4..9], b"JFIF\0");
    let adobe = |transform: u8| [b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat();
    let as_said = decoded(&plain, Scale::Whole).unwrap();
    assert_eq!(decoded(&bare, Scale::Whole).unwrap(), as_said);
    assert_eq!(
        decoded(&with(&bare, 0xee, &adobe(1)), Scale::Whole).unwrap(),
        as_said
    );
    assert_eq!(
        decoded(&with(&plain, 0xee, &adobe(0)), Scale::Whole).unwrap(),
        as_said
    );
    let as_is = decoded(&with(&bare, 0xee, &adobe(0)), Scale::Whole).unwrap();
    assert_ne!(as_is, as_said);
    let mut named = bare.clone();
    for (start, step, first) in [(0xc0, 3, 10), (0xda, 2, 5)] {
        let at = named
            .windows(2)
            .position(|octets| octets == [0xff, start])
            .unwrap();
        for (nth, name) in b"RGB".iter().enumerate() {
            named[at + first + nth * step] = *name;
        }
    }
    assert_eq!(decoded(&named, Scale::Whole).unwrap(), as_is);
}

/// Coarser components lie where JFIF puts them at reduced scales, too: slopes stay where they were.
#[test]
fn reduced_colours_are_the_averages_of_the_whole_where_they_change_slowly() {
    let slopes = |at: usize| [at % 256, at / 256, 255 - at % 256].map(|level| level as u8);
    let slopes: Vec<u8> = (0..256 * 192).flat_map(slopes).collect();
    let factors = [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
    ];
    for factor in factors {
        for progressive in [false, true] {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 98);
            encoder.set_sampling_factor(factor);
            encoder.set_progressive(progressive);
            encoder.encode(&slopes, 256, 192, ColorType::Rgb).unwrap();
            let whole = decoded(&file, Scale::Whole).unwrap();
            for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
                let error =
                    mean_error(&decoded(&file, scale).unwrap(), &whole, 8 / scale.samples());
                assert!(error < 1.0, "{factor:?} {scale:?}: {error}");
            }
        }
    }
}

fn mean_error(reduced: &Seen, whole: &Seen, by: usize) -> f64 {
    let mut sum = 0.0;
    for (at, sample) in reduced.samples.iter().enumerate() {
        let (pixel, channel) = (at / 3, at % 3);
        let (x, y) = (pixel % reduced.width * by, pixel / reduced.width * by);
        let all = (0..by * by).map(|nth| {
            let (x, y) = (x + nth % by, y + nth / by);
            f64::from(whole.samples[(y * whole.width + x) * 3 + channel])
        });
        sum += (f64::from(*sample) - all.sum::<f64>() / (by * by) as f64).abs();
    }
    sum / reduced.samples.len() as f64
}
