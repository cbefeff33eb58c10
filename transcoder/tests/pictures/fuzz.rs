//! Fuzz targets, one for each type: whole small files, changed in some places. In plain `cargo test` each runs a bounded
//! number of times; with an engine of bolero's as long as one likes.
//!
//! Whatever comes in, nothing panics, what comes out is a file of the size it says, and a second run does the same.

use transcoder::{Budget, MediaType, Target, convert};

use crate::specimens::{exif, file, jpeg, scene, seen, within};

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 4_000;

fn budget() -> Budget {
    Budget {
        input_octets: 100_000,
        pixels: 1_000_000,
        output_octets: 100_000,
        memory: 64 * 1024 * 1024,
    }
}

/// What a fuzzer changes: octets put in some place, and an end cut off.
type Changes = (Vec<(u16, u8)>, u16);

fn check(seeds: &[Vec<u8>], changes: &Changes) {
    for seed in seeds {
        let mut file = seed.clone();
        let len = file.len();
        for (at, octet) in &changes.0 {
            file[usize::from(*at) % len] = *octet;
        }
        if changes.1 < 4096 {
            file.truncate(len.saturating_sub(usize::from(changes.1) % len));
        }
        holds(&file);
    }
}

fn holds(file: &[u8]) {
    let conversion = within(Target::Jpeg, 9, 9);
    let once = convert(file, None, &conversion, budget());
    let again = convert(file, None, &conversion, budget());
    match (once, again) {
        (Ok(once), Ok(again)) => {
            assert!(once.width <= 9 && once.height <= 9);
            seen(&once);
            assert_eq!(once.octets.expose(), again.octets.expose());
        }
        (Err(once), Err(again)) => assert_eq!(once, again),
        _ => panic!("once refused and once not"),
    }
}

fn fuzz(seeds: &[Vec<u8>]) {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Changes>()
        .for_each(|changes| check(seeds, changes));
}

#[test]
fn jpeg_holds() {
    let picture = scene(20, 14);
    let plain = jpeg(&picture, |_| ());
    let dressed = jpeg(&picture, |encoder| {
        encoder.set_progressive(true);
        encoder.add_exif_metadata(&exif(6)).unwrap();
    });
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let coloured = jpeg(&picture, |encoder| {
        encoder.set_restart_interval(2);
        encoder.add_icc_profile(&profile).unwrap();
    });
    fuzz(&[plain, dressed, coloured]);
}

#[test]
fn png_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::Png)]);
}

#[test]
fn webp_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::WebP)]);
}

#[test]
fn gif_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::Gif)]);
}

#[test]
fn bmp_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::Bmp)]);
}

#[test]
fn tiff_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::Tiff)]);
}

/// Octets that are nothing, behind each signature.
#[test]
fn noise_holds() {
    let signatures: [&[u8]; 7] = [
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\xff\0\0\0WEBP",
        b"GIF89a",
        b"BM",
        b"II*\0\x08\0\0\0",
    ];
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Vec<u8>>()
        .for_each(|noise: &Vec<u8>| {
            for signature in signatures {
                holds(&[signature, noise].concat());
            }
        });
}
