//! What is made smaller: means of the samples that libwebp gives.

use super::scene::file;
use super::*;
use crate::image::peer::answer;
use crate::image::vp8::decode::colour;

/// Sides that whole macroblocks fill: the means at the edges are of what is seen, then.
const WIDTH: usize = 144;
const HEIGHT: usize = 96;

/// Luma, blue and red.
fn planes(file: &[u8], more: &[&str]) -> [Vec<u8>; 3] {
    let arguments = [&["-quiet", "-yuv"], more, &["-o", "-", "--", "-"]].concat();
    let mut luma = answer("dwebp", &arguments, file);
    let mut blue = luma.split_off(WIDTH * HEIGHT);
    let red = blue.split_off(WIDTH * HEIGHT / 4);
    [luma, blue, red]
}

/// The means of squares of `side`.
fn means(plane: &[u8], width: usize, side: usize) -> Vec<u8> {
    let mut means = Vec::new();
    for rows in plane.chunks_exact(width * side) {
        for column in (0..width).step_by(side) {
            let square = rows
                .chunks_exact(width)
                .flat_map(|row| &row[column..column + side]);
            let sum: usize = square.map(|sample| usize::from(*sample)).sum();
            means.push(((sum + side * side / 2) / (side * side)) as u8);
        }
    }
    means
}

#[test]
fn less_than_the_whole_is_made_of_means() {
    let cases: [(Scale, usize, &[&str]); 3] = [
        (Scale::Half, 2, &[]),
        (Scale::Quarter, 4, &["-nofilter"]),
        (Scale::Eighth, 8, &["-nofilter"]),
    ];
    for quality in ["5", "40", "90"] {
        let file = file(WIDTH, HEIGHT, &["-q", quality, "-f", "80"]);
        for (scale, side, more) in cases {
            let [luma, blue, red] = planes(&file, more);
            let luma = means(&luma, WIDTH, side);
            let [blue, red] = [blue, red].map(|plane| means(&plane, WIDTH / 2, side / 2));
            let mut samples = vec![0; luma.len() * 3];
            colour::row(&luma, &blue, &red, &mut samples);
            let seen = decoded(frame(&file), scale).unwrap();
            assert_eq!((seen.width, seen.height), (WIDTH / side, HEIGHT / side));
            assert_eq!(seen.samples, samples, "{scale:?} {quality}");
        }
    }
}

/// What lies outside of a picture of odd sides does not show.
#[test]
fn sides_are_rounded_up_and_the_extent_is_exact() {
    let file = file(37, 21, &["-q", "60"]);
    for (scale, width, height) in [
        (Scale::Whole, 37, 21),
        (Scale::Half, 19, 11),
        (Scale::Quarter, 10, 6),
        (Scale::Eighth, 5, 3),
    ] {
        let decoder = Decoder::new(frame(&file), scale, &mut budget()).unwrap();
        let parts = f64::from(scale.divisor());
        assert_eq!(decoder.extent(), (37.0 / parts, 21.0 / parts));
        let seen = rows(decoder).unwrap();
        assert_eq!((seen.width, seen.height), (width, height));
    }
}
