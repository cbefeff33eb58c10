//! JPEG in TIFF.

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use transcoder::{Budget, Refusal, Resource, Target, convert};

use super::page::{FORMS, Form, Page, Values};
use super::shown;
use crate::specimens::{budget, refused, scene, seed, to};

/// A file whose components are as they are given, as coarse as `sampling`.
fn coded(samples: &[u8], size: (u16, u16), kind: ColorType, sampling: SamplingFactor) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 95);
    encoder.set_sampling_factor(sampling);
    encoder.encode(samples, size.0, size.1, kind).unwrap();
    file
}

/// The tables of `file` as a file of their own (T.81 §B.5), and the rest.
fn apart(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut tables, mut rest) = (vec![0xff, 0xd8], vec![0xff, 0xd8]);
    let mut at = 2;
    while file[at + 1] != 0xda {
        let len = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]])) + 2;
        let segment = &file[at..at + len];
        let is_table = matches!(file[at + 1], 0xdb | 0xc4);
        if is_table { &mut tables } else { &mut rest }.extend(segment);
        at += len;
    }
    rest.extend(&file[at..]);
    tables.extend([0xff, 0xd9]);
    (tables, rest)
}

/// The part of `picture` from (`x`, `y`) on; what is outside of it is its edge.
fn part(picture: &RgbImage, x: u32, y: u32, (width, height): (u32, u32)) -> RgbImage {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    RgbImage::from_fn(width, height, |column, row| {
        *picture.get_pixel((x + column).min(right), (y + row).min(bottom))
    })
}

/// Strips of sixteen rows, or tiles of 32 by 16.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Strips,
    Tiles,
}

/// Where the tables are.
#[derive(Clone, Copy, Debug)]
enum Tables {
    Shared,
    InEach,
}

fn page(
    picture: &RgbImage,
    cut: Cut,
    tables: Tables,
    code: impl Fn(&RgbImage) -> Vec<u8>,
    page: Page,
) -> Page {
    let size = picture.dimensions();
    let mut pieces = Vec::new();
    for y in (0..size.1).step_by(16) {
        match cut {
            Cut::Strips => {
                let piece = part(picture, 0, y, (size.0, 16.min(size.1 - y)));
                pieces.push(code(&piece));
            }
            Cut::Tiles => {
                let tiles = (0..size.0).step_by(32);
                pieces.extend(tiles.map(|x| code(&part(picture, x, y, (32, 16)))));
            }
        }
    }
    let page = page.short(259, 7);
    let (page, pieces) = match tables {
        Tables::Shared => {
            let (tables, _) = apart(&pieces[0]);
            let rest = pieces.iter().map(|piece| apart(piece).1).collect();
            (page.with(347, Values::Octets(tables)), rest)
        }
        Tables::InEach => (page, pieces),
    };
    match cut {
        Cut::Strips => page.strips(16, pieces),
        Cut::Tiles => page.tiles((32, 16), pieces),
    }
}

fn near(found: &RgbImage, wanted: &RgbImage, most: u8, what: &str) {
    assert_eq!(found.dimensions(), wanted.dimensions());
    let off = found.iter().zip(wanted.iter()).map(|(a, b)| a.abs_diff(*b));
    let off = off.max().unwrap();
    assert!(off <= most, "{what}: {off}");
}

/// A picture without noise: what JPEG keeps.
fn slopes() -> RgbImage {
    RgbImage::from_fn(70, 41, |x, y| {
        image::Rgb([(x * 3) as u8, (y * 5) as u8, (200 - x - y) as u8])
    })
}

#[test]
fn pieces_are_read_with_their_own_tables_and_with_shared_ones() {
    let picture = slopes();
    for (cut, tables) in [Cut::Strips, Cut::Tiles]
        .into_iter()
        .flat_map(|cut| [(cut, Tables::Shared), (cut, Tables::InEach)])
    {
        for form in FORMS {
            let size = |piece: &RgbImage| (piece.width() as u16, piece.height() as u16);
            let luma =
                |piece: &RgbImage| coded(piece, size(piece), ColorType::Rgb, SamplingFactor::F_1_1);
            let base = Page::new((70, 41), &[8; 3], 6);
            let file = page(&picture, cut, tables, luma, base).file(form);
            near(
                &shown(&file).to_rgb8(),
                &picture,
                6,
                &format!("YCbCr {cut:?} {tables:?}"),
            );
            // What is not made differences of is said to be red, green and blue.
            let plain = |piece: &RgbImage| {
                coded(piece, size(piece), ColorType::Ycbcr, SamplingFactor::F_1_1)
            };
            let base = Page::new((70, 41), &[8; 3], 2);
            let file = page(&picture, cut, tables, plain, base).file(form);
            near(
                &shown(&file).to_rgb8(),
                &picture,
                6,
                &format!("RGB {cut:?} {tables:?}"),
            );
        }
    }
}

#[test]
fn grey_inks_and_planes_are_read() {
    let picture = slopes();
    let grey = image::DynamicImage::from(picture.clone()).to_luma8();
    let one = coded(&grey, (70, 41), ColorType::Luma, SamplingFactor::F_1_1);
    let file = Page::new((70, 41), &[8], 1)
        .short(259, 7)
        .strips(41, vec![one])
        .file(Form::Big);
    let found = shown(&file).to_rgb8();
    near(
        &found,
        &image::DynamicImage::from(grey).to_rgb8(),
        4,
        "grey",
    );

    let planes = (0..3).map(|plane| {
        let samples: Vec<u8> = picture.pixels().map(|pixel| pixel.0[plane]).collect();
        coded(&samples, (70, 41), ColorType::Luma, SamplingFactor::F_1_1)
    });
    let planes = Page::new((70, 41), &[8; 3], 2).strips(41, planes.collect());
    let file = planes.short(259, 7).short(284, 2).file(Form::Little);
    near(&shown(&file).to_rgb8(), &picture, 6, "planes");

    // The encoder turns inks about.
    let inks: Vec<u8> = picture
        .pixels()
        .flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2], 255])
        .collect();
    let one = coded(&inks, (70, 41), ColorType::Cmyk, SamplingFactor::F_1_1);
    let file = Page::new((70, 41), &[8; 4], 5)
        .short(259, 7)
        .strips(41, vec![one])
        .file(Form::Little);
    near(&shown(&file).to_rgb8(), &picture, 6, "inks");
}

/// By libtiff, with coarse colours, tables for all, in a strip that is higher than the page, and in a tile.
#[test]
fn files_of_another_program_are_like_the_picture() {
    let wanted = image::load_from_memory(&seed("lzw.tiff"))
        .unwrap()
        .to_luma8();
    for name in ["jpeg.tiff", "jpeg-tiled.tiff"] {
        let found = shown(&seed(name)).to_luma8();
        let off = found
            .iter()
            .zip(wanted.iter())
            .map(|(a, b)| u32::from(a.abs_diff(*b)));
        let off: u32 = off.sum();
        assert!(off < 8 * 12 * 9, "{name}: {off}");
    }
}

/// A piece has a size of its own, by which nothing is taken.
#[test]
fn a_piece_of_another_size_is_damage() {
    let picture = scene(64, 32);
    let piece = |size| {
        coded(
            &part(&picture, 0, 0, size),
            (size.0 as u16, size.1 as u16),
            ColorType::Rgb,
            SamplingFactor::F_2_2,
        )
    };
    let file = |size| {
        Page::new((48, 16), &[8; 3], 6)
            .short(259, 7)
            .strips(16, vec![piece(size)])
            .file(Form::Little)
    };
    for size in [(47, 16), (49, 16), (48, 15)] {
        assert_eq!(
            refused(&file(size), to(Target::Png)),
            Refusal::Damaged,
            "{size:?}"
        );
    }
    // libtiff's last strips may be as high as all.
    for size in [(48, 16), (48, 17)] {
        assert_eq!(shown(&file(size)).height(), 16);
    }
    let mut huge = piece((48, 16));
    let frame = huge.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    huge[frame + 5..frame + 9].fill(0xff);
    let huge = Page::new((48, 16), &[8; 3], 6)
        .short(259, 7)
        .strips(16, vec![huge]);
    let little = Budget {
        memory: 1024 * 1024,
        ..budget()
    };
    let answer = convert(&huge.file(Form::Little), None, &to(Target::Png), little);
    assert!(matches!(
        answer.err(),
        Some(Refusal::Damaged | Refusal::Exceeded(Resource::Memory))
    ));
}

/// Two thousand strips cost what one does.
#[test]
fn memory_is_paid_for_once_however_many_pieces_there_are() {
    let one = coded(
        &[90; 400 * 8 * 3],
        (400, 8),
        ColorType::Rgb,
        SamplingFactor::F_1_1,
    );
    let file = |rows: u32| {
        let strips = vec![one.clone(); (rows / 8) as usize];
        Page::new((400, rows), &[8; 3], 6)
            .short(259, 7)
            .strips(8, strips)
            .file(Form::Little)
    };
    let least = |file: &[u8]| {
        (0..4096).find(|kibibytes| {
            let budget = Budget {
                memory: kibibytes * 1024,
                ..budget()
            };
            convert(
                file,
                None,
                &crate::specimens::within(Target::Jpeg, 16, 16),
                budget,
            )
            .is_ok()
        })
    };
    let (few, many) = (least(&file(160)).unwrap(), least(&file(16_000)).unwrap());
    assert!(many <= few + 64, "{few} {many}");
}
