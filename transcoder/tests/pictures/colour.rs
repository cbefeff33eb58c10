//! ICC profiles: what was meant in another space is seen in sRGB.

use image::codecs::{png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder, Luma, Rgb, RgbImage};
use moxcms::{ColorProfile, Matrix3d};
use transcoder::Target;

use crate::specimens::{
    converted, extended_webp, jpeg, jxl, lossy_webp, ppm, scene, seen, to, within,
};

/// The colours of one patch each: four steps of red, green and blue, that are in sRGB whatever profile they come in.
fn colours() -> Vec<[u8; 3]> {
    let steps = || [60, 110, 160, 210];
    let pairs = || {
        steps()
            .into_iter()
            .flat_map(|red| steps().map(|green| (red, green)))
    };
    pairs()
        .flat_map(|(red, green)| steps().map(|blue| [red, green, blue]))
        .map(pulled)
        .collect()
}

/// Half of the way to grey.
fn pulled(colour: [u8; 3]) -> [u8; 3] {
    let grey = colour.iter().map(|code| u16::from(*code)).sum::<u16>() / 3;
    colour.map(|code| ((u16::from(code) + grey) / 2) as u8)
}

/// sRGB of a colour in a matrix profile with sRGB's curve or a gamma, by the definition (ICC.1 §F.3), in floating point.
fn expected(colour: [u8; 3], profile: &ColorProfile, gamma: Option<f64>) -> [u8; 3] {
    let linear = colour.map(|code| {
        let code = f64::from(code) / 255.0;
        gamma.map_or_else(|| to_light(code), |gamma| code.powf(gamma))
    });
    let to_pcs = profile.rgb_to_xyz_matrix();
    let from_pcs = ColorProfile::new_srgb().rgb_to_xyz_matrix().inverse();
    times(&from_pcs, times(&to_pcs, linear))
        .map(|light| (from_light(light.clamp(0.0, 1.0)) * 255.0).round() as u8)
}

fn times(matrix: &Matrix3d, [a, b, c]: [f64; 3]) -> [f64; 3] {
    matrix.v.map(|row| row[0] * a + row[1] * b + row[2] * c)
}

fn to_light(code: f64) -> f64 {
    if code <= 0.04045 {
        code / 12.92
    } else {
        ((code + 0.055) / 1.055).powf(2.4)
    }
}

fn from_light(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// CIE 1976 L*a*b* of a colour in sRGB, to the white of D65.
fn lab(colour: [u8; 3]) -> [f64; 3] {
    let [red, green, blue] = colour.map(|code| to_light(f64::from(code) / 255.0));
    let x = (0.412_4 * red + 0.357_6 * green + 0.180_5 * blue) / 0.950_5;
    let y = 0.212_6 * red + 0.715_2 * green + 0.072_2 * blue;
    let z = (0.019_3 * red + 0.119_2 * green + 0.950_5 * blue) / 1.089;
    let [x, y, z] = [x, y, z].map(|t| {
        if t > 216.0 / 24_389.0 {
            t.cbrt()
        } else {
            (t * 24_389.0 / 27.0 + 16.0) / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIE 1976 ΔE*ab: about 2 is what an eye tells apart at best.
fn delta_e(one: [u8; 3], other: [u8; 3]) -> f64 {
    let differences = lab(one).into_iter().zip(lab(other));
    differences
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

fn near(one: [u8; 3], other: [u8; 3], by: u8) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= by)
}

/// Patches of 16 × 16, eight in a row.
fn patches() -> RgbImage {
    let colours = colours();
    RgbImage::from_fn(
        128,
        128,
        |x, y| Rgb(colours[(y / 16 * 8 + x / 16) as usize]),
    )
}

fn patch(picture: &RgbImage, at: u32) -> [u8; 3] {
    let side = picture.width() / 8;
    let middle = |at: u32| at * side + side / 2;
    picture[(middle(at % 8), middle(at / 8))].0
}

/// Each colour is within `most` of what it should be, which is never more than 2.
fn check(file: &[u8], profile: &ColorProfile, gamma: Option<f64>, most: f64) {
    assert!(most <= 2.0);
    for conversion in [to(Target::Png), within(Target::Png, 64, 64)] {
        let picture = seen(&converted(file, conversion)).to_rgb8();
        for (at, colour) in (0..).zip(colours()) {
            let (found, expected) = (patch(&picture, at), expected(colour, profile, gamma));
            let away = delta_e(found, expected);
            assert!(away <= most, "{colour:?}: {found:?} {expected:?} {away}");
        }
    }
}

fn png(picture: &RgbImage, profile: Vec<u8>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(profile).unwrap();
    let (width, height) = picture.dimensions();
    let colour = ExtendedColorType::Rgb8;
    encoder.write_image(picture, width, height, colour).unwrap();
    file
}

#[test]
fn the_expected_colours_are_far_from_doing_nothing() {
    let profile = ColorProfile::new_display_p3();
    let moved = |colour: [u8; 3]| delta_e(expected(colour, &profile, None), colour);
    let far = colours().into_iter().filter(|colour| moved(*colour) > 4.0);
    assert!(far.count() > 20);
}

#[test]
fn display_p3_becomes_srgb_in_png_webp_and_jpeg() {
    let profile = ColorProfile::new_display_p3();
    let icc = profile.encode().unwrap();
    check(&png(&patches(), icc.clone()), &profile, None, 1.0);
    let mut webp = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut webp);
    encoder.set_icc_profile(icc.clone()).unwrap();
    let colour = ExtendedColorType::Rgb8;
    encoder.write_image(&patches(), 128, 128, colour).unwrap();
    check(&webp, &profile, None, 1.0);
    // One colour a macroblock, and nothing of it lost but roundings.
    let lossy = lossy_webp(&patches(), "100");
    let lossy = extended_webp(&lossy, (128, 128), &[(b"ICCP", &icc)], &[]);
    check(&lossy, &profile, None, 2.0);
    let jpeg = jpeg(&patches(), |encoder| {
        encoder.set_quality(100);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
        encoder.add_icc_profile(&icc).unwrap();
    });
    check(&jpeg, &profile, None, 2.0);
}

#[test]
fn adobe_rgb_becomes_srgb() {
    let profile = ColorProfile::new_adobe_rgb();
    let icc = profile.encode().unwrap();
    let png = png(&patches(), icc);
    check(&png, &profile, Some(563.0 / 256.0), 1.0);
    let lossless = jxl(&png, &["-d", "0"]);
    check(&lossless, &profile, Some(563.0 / 256.0), 1.0);
}

#[test]
fn prophoto_becomes_srgb() {
    let profile = ColorProfile::new_pro_photo_rgb();
    let png = png(&patches(), profile.encode().unwrap());
    check(&png, &profile, Some(1.8), 1.0);
}

#[test]
fn display_p3_becomes_srgb_in_jpeg_xl() {
    let profile = ColorProfile::new_display_p3();
    let space = ["-x", "color_space=RGB_D65_DCI_Rel_SRG"];
    for (distance, most) in [("0", 1.0), ("0.1", 2.0)] {
        let arguments = [&space[..], &["-d", distance]].concat();
        let file = jxl(&ppm(&patches()), &arguments);
        check(&file, &profile, None, most);
    }
}

#[test]
fn a_grey_profile_is_followed() {
    let icc = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let grey = GrayImage::from_pixel(8, 8, Luma([55]));
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(icc).unwrap();
    let colour = ExtendedColorType::L8;
    encoder.write_image(&grey, 8, 8, colour).unwrap();
    let light = (from_light(55.0 / 255.0) * 255.0).round() as u8;
    let found = seen(&converted(&file, to(Target::Png))).to_rgb8()[(4, 4)].0;
    assert!(near(found, [light; 3], 2), "{found:?} {light}");
}

/// From afar a fine pattern has half of its light, whatever curve its codes follow.
#[test]
fn what_is_averaged_is_the_light_that_the_profile_says() {
    let grey = |gamma| ColorProfile::new_gray_with_gamma(gamma);
    for profile in [
        grey(1.0),
        grey(1.8),
        grey(2.2),
        ColorProfile::new_pro_photo_rgb(),
    ] {
        let pattern = GrayImage::from_fn(64, 64, |x, y| Luma([255 * ((x + y) % 2) as u8]));
        let icc = profile.encode().unwrap();
        let file = if profile.gray_trc.is_some() {
            let mut file = Vec::new();
            let mut encoder = PngEncoder::new(&mut file);
            encoder.set_icc_profile(icc).unwrap();
            let colour = ExtendedColorType::L8;
            encoder.write_image(&pattern, 64, 64, colour).unwrap();
            file
        } else {
            png(&image::DynamicImage::from(pattern).to_rgb8(), icc)
        };
        let small = seen(&converted(&file, within(Target::Png, 8, 8))).to_rgb8();
        let away = delta_e(small[(4, 4)].0, [188; 3]);
        assert!(away <= 1.0, "{:?}: {away}", small[(4, 4)]);
    }
}

#[test]
fn a_profile_that_is_none_or_of_another_kind_changes_nothing() {
    let picture = scene(40, 30);
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let mut cut = ColorProfile::new_display_p3().encode().unwrap();
    cut.truncate(200);
    for profile in [b"no profile at all".to_vec(), grey, cut, vec![0; 5_000_000]] {
        let converted = converted(&png(&picture, profile), to(Target::Png));
        assert_eq!(seen(&converted).to_rgb8(), picture);
    }
}

/// Inks as Adobe writes them, 255 for none: pure cyan, black by black ink, white.
#[test]
fn cmyk_and_ycck_without_a_profile_have_the_colours_of_their_inks() {
    let inks: [([u8; 4], [u8; 3]); 4] = [
        ([0, 255, 255, 255], [0, 255, 255]),
        ([255, 255, 255, 0], [0, 0, 0]),
        ([255, 255, 255, 255], [255, 255, 255]),
        ([255, 0, 0, 128], [128, 0, 0]),
    ];
    for colour in [
        jpeg_encoder::ColorType::Cmyk,
        jpeg_encoder::ColorType::CmykAsYcck,
    ] {
        for (pixel, expected) in inks {
            let mut file = Vec::new();
            // The encoder turns inks about, as Adobe does.
            let samples = pixel.map(|light| 255 - light).repeat(32 * 32);
            let mut encoder = jpeg_encoder::Encoder::new(&mut file, 100);
            encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
            encoder.encode(&samples, 32, 32, colour).unwrap();
            let found = seen(&converted(&file, within(Target::Png, 16, 16))).to_rgb8()[(8, 8)].0;
            assert!(near(found, expected, 4), "{colour:?} {pixel:?}: {found:?}");
        }
    }
}
