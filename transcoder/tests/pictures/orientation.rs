//! EXIF orientation: all eight values, in every format that has them, before and after a resize.

use image::codecs::{png::PngEncoder, webp::WebPEncoder};
use image::{DynamicImage, ExtendedColorType, GenericImageView, ImageEncoder, Rgb, RgbImage};
use transcoder::Target;

use crate::specimens::{
    Entry, chunk, converted, exif, extended_webp, jpeg, jxl, lossy_webp, seen, tiff, to, within,
};

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255, 255, 255];

/// Wider than high; red at the top left, green at the top right, blue at the bottom left, white at the bottom right.
fn quarters() -> RgbImage {
    RgbImage::from_fn(96, 64, |x, y| {
        Rgb(match (x < 48, y < 32) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        })
    })
}

/// Colours at the top left, top right, bottom left and bottom right.
type Corners = [[u8; 3]; 4];

/// What is seen at the top left, top right, bottom left and bottom right for each value, and whether it stands upright
/// (TIFF 6.0 §8 "Orientation": where row 0 and column 0 of the file are seen).
const SEEN: [(u16, Corners, (u32, u32)); 8] = [
    (1, [RED, GREEN, BLUE, WHITE], (96, 64)),
    (2, [GREEN, RED, WHITE, BLUE], (96, 64)),
    (3, [WHITE, BLUE, GREEN, RED], (96, 64)),
    (4, [BLUE, WHITE, RED, GREEN], (96, 64)),
    (5, [RED, BLUE, GREEN, WHITE], (64, 96)),
    (6, [BLUE, RED, WHITE, GREEN], (64, 96)),
    (7, [WHITE, GREEN, BLUE, RED], (64, 96)),
    (8, [GREEN, WHITE, RED, BLUE], (64, 96)),
];

fn corners(picture: &DynamicImage) -> Corners {
    let (width, height) = picture.dimensions();
    let (left, right, top, bottom) = (width / 4, width * 3 / 4, height / 4, height * 3 / 4);
    [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| {
        let Rgb(colour) = picture.to_rgb8()[(x, y)];
        colour.map(|level| if level > 127 { 255 } else { 0 })
    })
}

fn check(name: &str, file: impl Fn(u16) -> Vec<u8>) {
    for (value, expected, (width, height)) in SEEN {
        let file = file(value);
        let full = converted(&file, to(Target::Png));
        assert_eq!((full.width, full.height), (width, height), "{name} {value}");
        assert_eq!(corners(&seen(&full)), expected, "{name} {value}");
        // The box is for what is seen: 48 wide, however the camera lay.
        let small = converted(&file, within(Target::Png, 48, 1000));
        let upright = (48, 48 * height / width);
        assert_eq!((small.width, small.height), upright, "{name} {value}");
        assert_eq!(corners(&seen(&small)), expected, "{name} {value}");
    }
}

#[test]
fn jpeg_is_turned() {
    check("jpeg", |value| {
        jpeg(&quarters(), |encoder| {
            encoder.add_exif_metadata(&exif(value)).unwrap();
        })
    });
}

#[test]
fn png_is_turned() {
    check("png", |value| {
        let mut file = Vec::new();
        let mut encoder = PngEncoder::new(&mut file);
        encoder.set_exif_metadata(exif(value)).unwrap();
        write(encoder);
        file
    });
}

/// PNG §11.3.4.5 lets the metadata stand behind the pixels, where ImageMagick writes it.
#[test]
fn png_is_turned_by_what_stands_behind_its_pixels() {
    check("png", |value| {
        let mut file = Vec::new();
        let mut encoder = PngEncoder::new(&mut file);
        encoder.set_exif_metadata(exif(value)).unwrap();
        write(encoder);
        let at = |name: &[u8]| file.windows(4).position(|octets| octets == name).unwrap() - 4;
        let (metadata, pixels, end) = (at(b"eXIf"), at(b"IDAT"), at(b"IEND"));
        assert!(metadata < pixels);
        let moved = &file[metadata..metadata + 12 + exif(value).len()];
        [
            &file[..metadata],
            &file[metadata + moved.len()..end],
            moved,
            &file[end..],
        ]
        .concat()
    });
}

#[test]
fn webp_is_turned() {
    check("webp", |value| {
        let mut file = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut file);
        encoder.set_exif_metadata(exif(value)).unwrap();
        write(encoder);
        file
    });
}

#[test]
fn lossy_webp_is_turned() {
    let plain = lossy_webp(&quarters(), "90");
    check("lossy webp", |value| {
        extended_webp(&plain, (96, 64), &[], &[(b"EXIF", &exif(value))])
    });
    // With JPEG's name before it, as Pillow and others write it.
    check("lossy webp, prefixed", |value| {
        let prefixed = [b"Exif\0\0", &exif(value)[..]].concat();
        extended_webp(&plain, (96, 64), &[], &[(b"EXIF", &prefixed)])
    });
}

#[test]
fn jpeg_xl_is_turned() {
    check("jpeg xl", |value| {
        let turned = jpeg(&quarters(), |encoder| {
            encoder.add_exif_metadata(&exif(value)).unwrap();
        });
        jxl(&turned, &["--lossless_jpeg=0", "-q", "95"])
    });
}

#[test]
fn tiff_is_turned() {
    check("tiff", |value| {
        let orientation = Entry(274, 3, 1, value.into());
        tiff(96, 64, &quarters(), &[orientation])
    });
}

/// An XMP packet that says nothing but an orientation.
fn xmp(value: u16) -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description tiff:Orientation='{value}'/></x:xmpmeta>"
    )
}

/// A JPEG with an XMP packet, and what else `dress` gives it.
fn jpeg_with_xmp(
    value: u16,
    dress: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let packet = ["http://ns.adobe.com/xap/1.0/\0", &xmp(value)].concat();
    jpeg(&quarters(), |encoder| {
        encoder
            .add_app_segment(1, packet.as_bytes().to_vec())
            .unwrap();
        dress(encoder);
    })
}

#[test]
fn jpeg_is_turned_by_xmp() {
    check("jpeg, xmp", |value| jpeg_with_xmp(value, |_| ()));
}

#[test]
fn png_is_turned_by_xmp() {
    check("png, xmp", |value| {
        let mut file = Vec::new();
        write(PngEncoder::new(&mut file));
        let text = ["XML:com.adobe.xmp\0\0\0en\0XMP\0", &xmp(value)].concat();
        let text = chunk(b"iTXt", text.as_bytes());
        [&file[..8 + 25], &text, &file[8 + 25..]].concat()
    });
}

#[test]
fn webp_is_turned_by_xmp() {
    let plain = lossy_webp(&quarters(), "90");
    check("webp, xmp", |value| {
        extended_webp(&plain, (96, 64), &[], &[(b"XMP ", xmp(value).as_bytes())])
    });
}

/// A program that turns a picture and knows no XMP leaves there what is no longer so.
#[test]
fn exif_goes_before_xmp() {
    for (said, left) in [(1, 6), (6, 3), (3, 1)] {
        for segments in [[true, false], [false, true]] {
            let file = jpeg(&quarters(), |encoder| {
                for is_exif in segments {
                    if is_exif {
                        encoder.add_exif_metadata(&exif(said)).unwrap();
                    } else {
                        let packet = ["http://ns.adobe.com/xap/1.0/\0", &xmp(left)].concat();
                        encoder
                            .add_app_segment(1, packet.as_bytes().to_vec())
                            .unwrap();
                    }
                }
            });
            let converted = converted(&file, to(Target::Png));
            let (_, expected, _) = SEEN[usize::from(said) - 1];
            assert_eq!(corners(&seen(&converted)), expected, "{said} {left}");
        }
    }
    // EXIF that says nothing of it does not count.
    let mut silent = exif(1);
    silent[11] = 0x13;
    let file = jpeg_with_xmp(6, |encoder| encoder.add_exif_metadata(&silent).unwrap());
    let converted = converted(&file, to(Target::Png));
    assert_eq!(corners(&seen(&converted)), SEEN[5].1);
}

#[test]
fn an_orientation_that_does_not_exist_turns_nothing() {
    for value in [0, 9, 65_535] {
        let file = jpeg(&quarters(), |encoder| {
            encoder.add_exif_metadata(&exif(value)).unwrap();
        });
        let converted = converted(&file, to(Target::Png));
        assert_eq!(corners(&seen(&converted)), SEEN[0].1, "{value}");
    }
}

fn write(encoder: impl ImageEncoder) {
    let colour = ExtendedColorType::Rgb8;
    encoder.write_image(&quarters(), 96, 64, colour).unwrap();
}
