//! The same octets as libjpeg-turbo's programs give (Debian package libjpeg-turbo-progs, which `tests/setup` installs).

use super::scene::scene;
use super::*;
use crate::image::jpeg::colour::Colour;
use crate::image::peer::answer;

/// A picture in Netpbm's binary format, grey or coloured.
fn netpbm(file: &[u8]) -> Seen {
    let mut fields = file.splitn(4, |octet| octet.is_ascii_whitespace());
    let mut field = || fields.next().unwrap().to_vec();
    let number = |field: Vec<u8>| String::from_utf8(field).unwrap().parse().unwrap();
    let channels = match field().as_slice() {
        b"P5" => Channels::Grey,
        b"P6" => Channels::Rgb,
        other => panic!("{other:?}"),
    };
    let (width, height) = (number(field()), number(field()));
    let rest = field();
    let samples = rest.strip_prefix(b"255\n").unwrap().to_vec();
    Seen {
        width,
        height,
        channels,
        samples,
    }
}

fn djpeg(file: &[u8], scale: Scale, more: &[&str]) -> Seen {
    let scale = format!("{}/8", scale.samples());
    let arguments = [&["-dct", "int", "-scale", &scale], more].concat();
    netpbm(&answer("djpeg", &arguments, file))
}

/// The scene as Netpbm has it.
fn ppm(width: usize, height: usize) -> Vec<u8> {
    [
        format!("P6\n{width} {height}\n255\n").as_bytes(),
        &scene(width, height),
    ]
    .concat()
}

/// A scan script of ours.
fn script(name: &str) -> String {
    format!(
        "{}/src/image/jpeg/tests/scripts/{name}.txt",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn cjpeg(picture: &[u8], arguments: &[&str]) -> Vec<u8> {
    answer("cjpeg", arguments, picture)
}

const SIZES: [(usize, usize); 8] = [
    (1, 1),
    (7, 9),
    (17, 33),
    (8, 8),
    (16, 16),
    (65, 3),
    (100, 75),
    (131, 97),
];

const SAMPLINGS: [&str; 11] = [
    "1x1",
    "2x1",
    "1x2",
    "2x2",
    "4x1",
    "1x4",
    "4x2",
    "2x4",
    "1x1,2x1,1x1",
    "2x2,1x2,2x1",
    "2x2,2x1,1x2",
];

/// With each way of coding.
const CODINGS: [&[&str]; 6] = [
    &["-quality", "90"],
    &["-quality", "100", "-optimize"],
    &["-quality", "35", "-restart", "1"],
    &["-quality", "80", "-restart", "3B"],
    &["-quality", "85", "-progressive"],
    &["-quality", "97", "-progressive", "-restart", "2B"],
];

fn same(ours: &Seen, theirs: &Seen, what: &str) {
    assert_eq!(
        (ours.width, ours.height),
        (theirs.width, theirs.height),
        "{what}"
    );
    assert_eq!(ours.channels, theirs.channels, "{what}");
    if let Some(at) = (0..ours.samples.len()).find(|at| ours.samples[*at] != theirs.samples[*at]) {
        let row = ours.width * ours.channels.count();
        panic!(
            "{what}: sample {} of row {}: {} for {}",
            at % row,
            at / row,
            ours.samples[at],
            theirs.samples[at]
        );
    }
}

/// The grey of a picture is what its first component is.
#[test]
fn grey_is_to_the_bit_what_djpeg_gives_at_every_scale() {
    for (width, height) in SIZES {
        let picture = ppm(width, height);
        for coding in CODINGS {
            let file = cjpeg(&picture, &[coding, &["-grayscale"]].concat());
            for scale in SCALES {
                let what = format!("{width}x{height} {coding:?} {scale:?}");
                same(
                    &decoded(&file, scale).unwrap(),
                    &djpeg(&file, scale, &[]),
                    &what,
                );
            }
        }
    }
}

#[test]
fn colours_as_fine_as_grey_are_to_the_bit_what_djpeg_gives_at_every_scale() {
    for (width, height) in SIZES {
        let picture = ppm(width, height);
        for coding in CODINGS {
            for meaning in ["-rgb", "-sample"] {
                let meaning: &[&str] = if meaning == "-rgb" {
                    &["-rgb"]
                } else {
                    &["-sample", "1x1"]
                };
                let file = cjpeg(&picture, &[coding, meaning].concat());
                for scale in SCALES {
                    let what = format!("{width}x{height} {coding:?} {meaning:?} {scale:?}");
                    same(
                        &decoded(&file, scale).unwrap(),
                        &djpeg(&file, scale, &[]),
                        &what,
                    );
                }
            }
        }
    }
}

#[test]
fn coarser_colours_are_to_the_bit_what_djpeg_gives_at_full_size() {
    for (width, height) in SIZES {
        let picture = ppm(width, height);
        for sampling in SAMPLINGS {
            for coding in CODINGS {
                let file = cjpeg(&picture, &[coding, &["-sample", sampling]].concat());
                let what = format!("{width}x{height} {coding:?} {sampling}");
                let scale = Scale::Whole;
                same(
                    &decoded(&file, scale).unwrap(),
                    &djpeg(&file, scale, &[]),
                    &what,
                );
            }
        }
    }
}

/// zune-jpeg makes garbage of the sequential ones (etemesi254/zune-image#422).
#[test]
fn scans_may_come_in_any_shares_and_any_turns() {
    let names = [
        "sequential",
        "sequential-pair",
        "progressive-plain",
        "progressive-fine",
    ];
    for name in names.map(script) {
        for sampling in ["1x1", "2x1", "2x2", "1x2,2x1,1x1"] {
            for more in [["-restart", "0"], ["-restart", "2B"]] {
                let arguments = [&["-scans", &name, "-sample", sampling], more.as_slice()].concat();
                let file = cjpeg(&ppm(131, 97), &arguments);
                let scales: &[Scale] = if sampling == "1x1" {
                    &SCALES
                } else {
                    &[Scale::Whole]
                };
                for scale in scales {
                    let what = format!("{name} {sampling} {more:?} {scale:?}");
                    same(
                        &decoded(&file, *scale).unwrap(),
                        &djpeg(&file, *scale, &[]),
                        &what,
                    );
                }
            }
        }
    }
}

/// At less than full size, libjpeg makes coarser components fine by a larger transform, where we stay with what there
/// is: only the first component can be compared to the bit, and that is what it is as if the file had no other.
#[test]
fn grey_in_a_coloured_file_is_to_the_bit_what_djpeg_gives_at_every_scale() {
    for coding in CODINGS {
        for sampling in ["2x2", "2x1", "1x2", "4x1"] {
            let file = cjpeg(&ppm(131, 97), &[coding, &["-sample", sampling]].concat());
            for scale in SCALES {
                let mut budget = budget();
                let mut header = Header::read(&file, &mut budget).unwrap();
                header.colour = Colour::Grey;
                let what = format!("{coding:?} {sampling} {scale:?}");
                let ours = rows(Decoder::new(&file, &header, scale, &mut budget).unwrap()).unwrap();
                same(&ours, &djpeg(&file, scale, &["-grayscale"]), &what);
            }
        }
    }
}

/// Steps of sixteen bits.
#[test]
fn tables_of_words_are_read() {
    let file = cjpeg(&ppm(65, 40), &["-quality", "1", "-sample", "1x1"]);
    assert!(
        file.windows(5)
            .any(|octets| octets[..2] == [0xff, 0xdb] && octets[4] >> 4 == 1)
    );
    for scale in SCALES {
        same(
            &decoded(&file, scale).unwrap(),
            &djpeg(&file, scale, &[]),
            &format!("{scale:?}"),
        );
    }
}
