//! AVIF: fewer octets than JPEG for as much to see, small on purpose, and alpha as it was.

use image::{DynamicImage, ImageFormat, RgbaImage};
use transcoder::{Budget, MediaType, Refusal, Resource, Target, convert};

use crate::specimens::{budget, converted, file, in_octets, jxl, scene, seen, to, within, written};
use crate::ssim::{reference, ssim};

/// What it is there for: in the same few octets it looks better than what JPEG makes; the smoother the picture, the more so.
#[test]
fn in_the_same_octets_it_is_more_like_the_picture_than_jpeg() {
    let picture = image::RgbImage::from_fn(800, 600, |x, y| {
        let (x, y) = (f64::from(x) / 800.0, f64::from(y) / 600.0);
        let hill = (x * 9.0).sin() * 0.15 + 0.5 > y;
        let shade = (x * 3.0 + y * 5.0).sin() * 60.0 + 110.0;
        let tint = if hill { 80.0 } else { 0.0 };
        image::Rgb([shade + tint, shade, 200.0 - shade / 2.0].map(|level| level as u8))
    });
    let file = file(&picture, MediaType::Png);
    let expected = reference(&picture, 320, 240);
    for octets in [1_200, 1_800] {
        let like = |target| {
            let found = converted(&file, in_octets(within(target, 320, 320), octets));
            let whole = (found.width, found.height) == (320, 240);
            // A JPEG of so few octets has to be smaller: that is the worse of the two.
            if whole {
                ssim(&seen(&found), &expected)
            } else {
                0.0
            }
        };
        let (avif, jpeg) = (like(Target::Avif), like(Target::Jpeg));
        assert!(avif > jpeg + 0.002, "{octets}: {avif} {jpeg}");
    }
}

/// Noise on top of a scene, as of a camera in the dark.
fn grainy() -> image::RgbImage {
    let mut picture = scene(800, 600);
    let mut seed = 1_u64;
    for pixel in picture.pixels_mut() {
        for level in &mut pixel.0 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *level = level.saturating_add((seed >> 58) as u8);
        }
    }
    picture
}

/// Where the finest file is too long, whether quality or size gives way: what the next file will have is a guess.
#[test]
fn what_is_asked_for_in_octets_is_made_use_of() {
    for picture in [scene(800, 600), grainy()] {
        let file = file(&picture, MediaType::Png);
        let finest = converted(&file, within(Target::Avif, 320, 320))
            .octets
            .len();
        for share in [90, 75, 60, 45, 30, 20] {
            let octets = finest * share / 100;
            let found = converted(&file, in_octets(within(Target::Avif, 320, 320), octets));
            let used = found.octets.len() * 100 / octets;
            assert!((85..=100).contains(&used), "{share}: {used} of 100");
        }
    }
}

#[test]
fn it_is_no_larger_than_a_small_screen() {
    let found = converted(&file(&scene(2600, 20), MediaType::Png), to(Target::Avif));
    assert_eq!((found.width, found.height), (1280, 10));
}

#[test]
fn alpha_and_colours_stay() {
    let picture = RgbaImage::from_fn(64, 48, |x, _| {
        let alpha = if x < 32 { 255 } else { 60 };
        image::Rgba([200, 100, 50, alpha])
    });
    let file = written(&DynamicImage::from(picture), ImageFormat::Png);
    let found = seen(&converted(&file, to(Target::Avif))).to_rgba8();
    for (x, expected) in [(10, [200, 100, 50, 255]), (50, [200, 100, 50, 60])] {
        let pixel = found[(x, 20)].0;
        let near = pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 4);
        assert!(near, "{pixel:?} {expected:?}");
    }
}

#[test]
fn the_encoder_s_memory_is_paid_for() {
    let file = jxl(&crate::specimens::ppm(&scene(64, 48)), &["-d", "0"]);
    let with = |memory| {
        let budget = Budget { memory, ..budget() };
        convert(&file, None, &to(Target::Avif), budget).err()
    };
    assert_eq!(with(305 * 1024 * 1024), None);
    let png = crate::specimens::file(&scene(64, 48), MediaType::Png);
    let little = Budget {
        memory: 8 * 1024 * 1024,
        ..budget()
    };
    let refused = convert(&png, None, &to(Target::Avif), little).err();
    assert_eq!(refused, Some(Refusal::Exceeded(Resource::Memory)));
}

/// Any colours, shapes and octets; few of them, because each takes long.
#[test]
fn any_picture_is_within_its_octets() {
    bolero::check!()
        .with_iterations(40)
        .with_type::<(u8, u8, u16, Vec<u8>)>()
        .for_each(|(width, height, octets, noise)| {
            let mut noise = noise.iter().copied().cycle();
            let (width, height) = (u32::from(*width % 70) + 1, u32::from(*height % 70) + 1);
            let pixel = |_, _| image::Rgba([0; 4].map(|_: u8| noise.next().unwrap_or(9)));
            let picture = image::RgbaImage::from_fn(width, height, pixel);
            let png = written(&DynamicImage::from(picture), ImageFormat::Png);
            let conversion = in_octets(within(Target::Avif, 64, 64), usize::from(*octets) + 1);
            if let Ok(made) = convert(&png, None, &conversion, budget()) {
                assert!(made.octets.len() <= usize::from(*octets) + 1);
                assert!(made.width <= 64 && made.height <= 64);
            }
        });
}
