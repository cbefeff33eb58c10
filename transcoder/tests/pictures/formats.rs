//! Every type in, every type out.

use image::{DynamicImage, GenericImageView, GrayImage, ImageFormat};
use transcoder::{MediaType, Refusal, Target, convert, pairs, sniff};

use crate::specimens::{SEEDS, budget, converted, file, scene, seen, to, within, written};
use crate::ssim::{reference, ssim};

#[test]
fn every_pair_gives_the_picture_in_the_size_asked_for() {
    let picture = scene(400, 300);
    let expected = reference(&picture, 120, 90);
    for (from, target) in pairs() {
        let file = file(&picture, from);
        assert_eq!(sniff(&file), Some(from));
        let converted = converted(&file, within(target, 120, 120));
        assert_eq!(converted.source, from);
        assert_eq!(converted.media, target);
        assert_eq!(sniff(converted.octets.expose()), target.media());
        assert_eq!((converted.width, converted.height), (120, 90));
        // A GIF has 256 colours only.
        let few = from == MediaType::Gif || matches!(target, Target::Avif | Target::Gif);
        let like = if few { 0.9 } else { 0.97 };
        let similarity = ssim(&seen(&converted), &expected);
        assert!(similarity > like, "{from:?} to {target:?}: {similarity}");
    }
}

/// Forms that our own encoders do not write: lossy and animated WebP, CMYK, palettes, every compression of TIFF.
#[test]
fn files_of_another_program_convert() {
    for (name, file) in SEEDS {
        for target in Target::ALL {
            let answer = convert(file, None, &to(target), budget());
            let converted = answer.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            assert_eq!((converted.width, converted.height), (12, 9), "{name}");
            let light = seen(&converted).to_luma8();
            let (darkest, lightest) = (light.iter().min().unwrap(), light.iter().max().unwrap());
            assert!(lightest - darkest > 60, "{name}: {darkest} {lightest}");
        }
    }
}

/// The TIFF files of which the `image` crate makes a picture.
const READ_BY_IMAGE: [&str; 7] = [
    "deep-lzw.tiff",
    "deflate.tiff",
    "difference-lzw.tiff",
    "group4.tiff",
    "lzw.tiff",
    "packbits.tiff",
    "tiled.tiff",
];

/// What comes row by row or strip by strip is what a decoder of whole pictures gives.
#[test]
fn rows_and_strips_are_what_another_reads() {
    for (name, file) in SEEDS {
        if name.ends_with(".png") || READ_BY_IMAGE.contains(&name) {
            let expected = image::load_from_memory(file).unwrap().to_rgba8();
            let found = seen(&converted(file, to(Target::Png))).to_rgba8();
            for (found, expected) in found.iter().zip(expected.iter()) {
                assert!(found.abs_diff(*expected) <= 1, "{name}"); // 16 bits may be cut
            }
        }
    }
    let picture = DynamicImage::from(scene(64, 50));
    for picture in [
        DynamicImage::from(picture.to_luma8()),
        DynamicImage::from(picture.to_luma_alpha8()),
        DynamicImage::from(picture.to_rgba8()),
    ] {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let found = seen(&converted(&written(&picture, format), to(Target::Png)));
            assert_eq!(found.to_rgba8(), picture.to_rgba8());
        }
    }
}

/// Few colours go by a palette, and no pixel changes; nor does alpha.
#[test]
fn few_colours_make_a_short_png() {
    let colours = [[255, 255, 255, 255], [20, 40, 200, 255], [0, 0, 0, 0]];
    for count in [2, 3] {
        let picture = image::RgbaImage::from_fn(203, 90, |x, y| {
            image::Rgba(colours[((x * y / 7 + x) % count) as usize])
        });
        let file = written(&DynamicImage::from(picture.clone()), ImageFormat::Png);
        let found = converted(&file, to(Target::Png));
        assert_eq!(seen(&found).to_rgba8(), picture);
        let depth = if count == 2 { 1 } else { 2 };
        assert_eq!(found.octets.expose()[24..26], [depth, 3]);
        assert!(found.octets.len() < file.len());
    }
}

#[test]
fn a_picture_is_never_enlarged() {
    let file = file(&scene(40, 30), MediaType::Png);
    for (width, height) in [(4000, 4000), (40, 30), (41, 65_535)] {
        let converted = converted(&file, within(Target::Png, width, height));
        assert_eq!((converted.width, converted.height), (40, 30));
    }
}

#[test]
fn a_lossless_conversion_that_does_not_resize_changes_no_pixel() {
    let picture = scene(61, 47);
    for (from, target) in [
        (MediaType::Bmp, Target::Png),
        (MediaType::Tiff, Target::Png),
        (MediaType::WebP, Target::Png),
    ] {
        let converted = converted(&file(&picture, from), to(target));
        assert_eq!(
            seen(&converted).to_rgb8(),
            picture,
            "{from:?} to {target:?}"
        );
    }
}

#[test]
fn one_bound_alone_is_enough() {
    let file = file(&scene(400, 300), MediaType::Jpeg);
    let mut narrow = to(Target::Jpeg);
    narrow.width = std::num::NonZeroU32::new(100);
    assert_eq!(converted(&file, narrow).height, 75);
    let mut low = to(Target::Jpeg);
    low.height = std::num::NonZeroU32::new(30);
    assert_eq!(converted(&file, low).width, 40);
}

#[test]
fn thin_pictures_keep_one_pixel() {
    let file = file(&scene(2000, 2), MediaType::Png);
    for target in Target::ALL {
        let converted = converted(&file, within(target, 64, 64));
        assert_eq!((converted.width, converted.height), (64, 1));
        seen(&converted);
    }
}

#[test]
fn the_smallest_picture_converts_to_everything() {
    for (from, target) in pairs() {
        let converted = converted(&file(&scene(1, 1), from), within(target, 10, 10));
        assert_eq!((converted.width, converted.height), (1, 1));
        seen(&converted);
    }
}

#[test]
fn grey_stays_grey_and_sixteen_bits_become_eight() {
    let grey = GrayImage::from_fn(50, 40, |x, y| image::Luma([(x * 3 + y) as u8]));
    let deep = DynamicImage::from(grey.clone()).to_luma16();
    let deep_colour = DynamicImage::from(grey.clone()).to_rgb16();
    for picture in [
        DynamicImage::from(grey.clone()),
        DynamicImage::from(deep),
        DynamicImage::from(deep_colour),
    ] {
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let converted = converted(&written(&picture, format), to(Target::Png));
            let seen = seen(&converted);
            assert_eq!(seen.to_luma8(), grey);
            assert_eq!(seen.color().has_color(), picture.color().has_color());
        }
    }
}

#[test]
fn the_first_frame_of_an_animation_is_taken() {
    let mut file = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut file);
        for grey in [10_u8, 240] {
            let frame = image::RgbaImage::from_pixel(8, 8, image::Rgba([grey, grey, grey, 255]));
            encoder.encode_frame(image::Frame::new(frame)).unwrap();
        }
    }
    let converted = converted(&file, to(Target::Png));
    assert_eq!(seen(&converted).get_pixel(4, 4).0[0], 10);
}

#[test]
fn the_same_input_gives_the_same_octets() {
    for from in MediaType::ALL {
        let file = file(&scene(300, 200), from);
        let once = converted(&file, within(Target::Jpeg, 100, 100));
        let again = converted(&file, within(Target::Jpeg, 100, 100));
        assert_eq!(once.octets.expose(), again.octets.expose());
    }
}

#[test]
fn a_file_of_another_type_than_declared_is_refused() {
    for from in MediaType::ALL {
        let file = file(&scene(10, 10), from);
        for declared in MediaType::ALL {
            let answer = convert(&file, Some(declared), &to(Target::Png), budget());
            let refused = answer.map(|_| ()).err();
            let expected = (declared != from).then_some(Refusal::DeclaredOtherwise);
            assert_eq!(refused, expected, "{from:?} declared {declared:?}");
        }
    }
}

#[test]
fn no_metadata_comes_along() {
    let picture = scene(64, 64);
    let secret = b"taken at 52.52 N, 13.40 E";
    let mut exif = crate::specimens::exif(1);
    exif.extend(secret);
    let profile = moxcms::ColorProfile::new_srgb().encode().unwrap();
    let file = crate::specimens::jpeg(&picture, |encoder| {
        encoder.add_exif_metadata(&exif).unwrap();
        encoder.add_icc_profile(&profile).unwrap();
        encoder.add_app_segment(13, secret.to_vec()).unwrap();
    });
    let holds = |octets: &[u8], wanted: &[u8]| octets.windows(wanted.len()).any(|w| w == wanted);
    assert!(holds(&file, secret));
    for target in Target::ALL {
        let converted = converted(&file, to(target));
        let octets = converted.octets.expose();
        for wanted in [
            secret,
            b"Exif".as_slice(),
            b"ICC_PROFILE",
            b"iCCP",
            b"ICCP",
            b"eXIf",
        ] {
            assert!(!holds(octets, wanted), "{target:?}");
        }
    }
}
