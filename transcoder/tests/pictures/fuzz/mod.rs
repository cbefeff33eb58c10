//! Fuzz targets, one for each type: a whole small file, changed in some places. In plain `cargo test` each runs a bounded
//! number of times; with an engine of bolero's as long as one likes.
//!
//! Whatever comes in, nothing panics, what comes out is a file of the size it says, and where it is done again, it is the same.

mod scales;

use image::{DynamicImage, ImageFormat};
use transcoder::{Budget, Converted, MediaType, Refusal, Target, convert, sniff};

use crate::animation::{film, frames, of_frames, small_webp};
use crate::specimens::{chunk, exif, file, in_octets, jpeg, scene, seed, seen, within, written};

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 6_000;

fn budget() -> Budget {
    Budget {
        input_octets: 100_000,
        pixels: 1_000_000,
        samples: 0,
        output_octets: 100_000,
        memory: 64 * 1024 * 1024,
    }
}

/// The decoder of JPEG XL may unpack a long profile, and that much must be left before it is asked.
fn roomy() -> Budget {
    Budget {
        memory: 384 * 1024 * 1024,
        ..budget()
    }
}

/// What a fuzzer changes: one of the seeds, octets put in some places, and an end cut off.
type Changes = (u8, Vec<(u16, u8)>, u16);

/// More changes at once only break what the first few would have found.
const MOST_CHANGES: usize = 4;

/// One file in so many is cut.
const CUT_ONE_IN: u16 = 8;

/// What is done twice, one in so many.
const TWICE_ONE_IN: usize = 8;

/// One of `seeds` after all of `changes`.
fn changed(seeds: &[Vec<u8>], (which, places, cut): &Changes) -> Vec<u8> {
    let mut file = seeds[usize::from(*which) % seeds.len()].clone();
    let len = file.len();
    for (at, octet) in places.iter().take(MOST_CHANGES) {
        file[usize::from(*at) % len] = *octet;
    }
    if cut.is_multiple_of(CUT_ONE_IN) {
        file.truncate(len - usize::from(cut / CUT_ONE_IN) % len);
    }
    file
}

/// Made this small, or refused.
fn holds(file: &[u8], width: u32, height: u32) {
    let conversion = within(Target::Jpeg, width, height);
    let made = || {
        let budget = match sniff(file) {
            Some(MediaType::Jxl) => roomy(),
            _ => budget(),
        };
        convert(file, None, &conversion, budget)
    };
    let once = made();
    if let Ok(once) = &once {
        assert!(once.width <= width && once.height <= height);
        seen(once);
    }
    if file.len().is_multiple_of(TWICE_ONE_IN) {
        same(once, made());
    }
}

/// What came of one file the first time and the second.
fn same(once: Result<Converted, Refusal>, again: Result<Converted, Refusal>) {
    match (once, again) {
        (Ok(once), Ok(again)) => assert_eq!(once.octets.expose(), again.octets.expose()),
        (Err(once), Err(again)) => assert_eq!(once, again),
        _ => panic!("once refused and once not"),
    }
}

fn fuzz(seeds: &[Vec<u8>]) {
    fuzz_mended(seeds, |file| file);
}

fn fuzz_mended(seeds: &[Vec<u8>], mend: fn(Vec<u8>) -> Vec<u8>) {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Changes>()
        .for_each(|changes| holds(&mend(changed(seeds, changes)), 9, 9));
}

/// A PNG whose chunks have the right CRC again, so that changes reach what is behind it.
fn mended(file: Vec<u8>) -> Vec<u8> {
    let Some((signature, mut rest)) = file.split_at_checked(8) else {
        return file;
    };
    let mut mended = signature.to_vec();
    while let Some((len, after)) = rest.split_first_chunk() {
        let len = u32::from_be_bytes(*len) as usize;
        let (Some(name), Some(data)) = (after.first_chunk(), after.get(4..4 + len)) else {
            break;
        };
        mended.extend(chunk(name, data));
        rest = after.get(len + 8..).unwrap_or_default();
    }
    mended.extend(rest);
    mended
}

#[test]
fn jpeg_holds() {
    let picture = scene(20, 14);
    let plain = jpeg(&picture, |_| ());
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let dressed = jpeg(&picture, |encoder| {
        encoder.set_restart_interval(2);
        encoder.add_exif_metadata(&exif(6)).unwrap();
        encoder.add_icc_profile(&profile).unwrap();
    });
    fuzz(&[plain, dressed, seed("progressive.jpeg"), seed("cmyk.jpeg")]);
}

#[test]
fn png_holds() {
    let colours = DynamicImage::from(scene(12, 9));
    let deep = written(&DynamicImage::from(colours.to_rgba16()), ImageFormat::Png);
    fuzz_mended(&[deep, seed("palette.png"), seed("interlaced.png")], mended);
}

#[test]
fn webp_holds() {
    let lossless = file(&scene(12, 9), MediaType::WebP);
    let names = ["lossy.webp", "lossy-alpha.webp", "animated.webp"];
    fuzz(&[&[lossless], names.map(seed).as_slice()].concat());
}

#[test]
fn gif_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::Gif), seed("interlaced.gif")]);
}

/// What moves, made to move for shorter: no more frames than asked for, and no more octets.
#[test]
fn animations_hold() {
    let seeds = [film(3, 24, 18), small_webp(), seed("animated.webp")];
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Changes, u16)>()
        .for_each(|(changes, octets)| {
            let most = usize::from(*octets % 2_000) + 1;
            let file = changed(&seeds, changes);
            let conversion = in_octets(of_frames(within(Target::Gif, 9, 9), 3), most);
            let made = || convert(&file, None, &conversion, budget());
            let once = made();
            if let Ok(once) = &once {
                assert!(once.width <= 9 && once.height <= 9);
                assert!(frames(once).len() <= 3 && once.octets.len() <= most);
            }
            if file.len().is_multiple_of(TWICE_ONE_IN) {
                same(once, made());
            }
        });
}

#[test]
fn bmp_holds() {
    fuzz(&[file(&scene(12, 9), MediaType::Bmp), seed("palette.bmp")]);
}

#[test]
fn jpeg_xl_holds() {
    let names = [
        "alpha.jxl",
        "animated.jxl",
        "deep.jxl",
        "grey.jxl",
        "jpeg.jxl",
        "lossy.jxl",
    ];
    fuzz(&names.map(seed));
}

#[test]
fn tiff_holds() {
    let names = [
        "group4.tiff",
        "lzw.tiff",
        "deep-lzw.tiff",
        "difference-lzw.tiff",
        "tiled.tiff",
        "deflate.tiff",
        "packbits.tiff",
        "cmyk.tiff",
        "grey-alpha.tiff",
        "group3.tiff",
        "group3-lines.tiff",
        "huffman.tiff",
        "jpeg.tiff",
        "jpeg-tiled.tiff",
        "palette.tiff",
        "planar.tiff",
        "planar-tiled.tiff",
        "premultiplied.tiff",
    ];
    fuzz(&names.map(seed));
}

/// Octets that are nothing, behind each signature.
#[test]
fn noise_holds() {
    let signatures: [&[u8]; 9] = [
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\xff\0\0\0WEBP",
        b"GIF89a",
        b"BM",
        b"II*\0\x08\0\0\0",
        b"\xff\x0a",
        b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\0jxlc",
    ];
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(u8, Vec<u8>)>()
        .for_each(|(which, noise)| {
            let signature = signatures[usize::from(*which) % signatures.len()];
            holds(&[signature, noise].concat(), 9, 9);
        });
}
