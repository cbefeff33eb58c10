//! Files that lie: a clear refusal, before memory is taken.

use std::io::Write;

use image::codecs::gif::GifEncoder;
use image::{Frame, Rgba, RgbaImage};
use jpeg_encoder::SamplingFactor;
use transcoder::{Budget, MediaType, Refusal, Resource, Target, UnreadType, convert};

use crate::specimens::{
    Entry, SEEDS, budget, chunk, converted, file, jpeg, refused, scene, tiff, to, within,
};

const TOO_MANY_PIXELS: Refusal = Refusal::Exceeded(Resource::Pixels);

/// At whatever octet a file is cut, nothing is made up: where all of the picture is there, and what is lost is a closing mark or a
/// later frame, it is the same picture; else there is none.
#[test]
fn a_truncated_file_is_refused_where_its_picture_is_cut() {
    let picture = scene(24, 18);
    let made = MediaType::ALL.map(|media| (media.name(), file(&picture, media)));
    let found = SEEDS.map(|(name, file)| (name, file.to_vec()));
    for (name, file) in made.iter().chain(&found) {
        let whole = converted(file, to(Target::Png));
        for cut in 0..file.len() {
            let answer = convert(&file[..cut], None, &to(Target::Png), budget());
            let same = answer.map(|made| made.octets.expose() == whole.octets.expose());
            assert_ne!(same, Ok(false), "{name} cut at {cut} of {}", file.len());
            assert!(same.is_err() || cut > file.len() / 2, "{name} cut at {cut}");
        }
    }
}

/// A file that has lost its closing mark, and no more.
#[test]
fn a_closing_mark_may_be_lost() {
    let picture = scene(24, 18);
    for (media, mark) in [(MediaType::Jpeg, 2), (MediaType::Gif, 1)] {
        let file = file(&picture, media);
        let whole = converted(&file, to(Target::Png));
        let open = converted(&file[..file.len() - mark], to(Target::Png));
        let same = open.octets.expose() == whole.octets.expose();
        assert!(same, "{}", media.name());
    }
}

/// A known fault of the decoder is a refusal, not a wrong picture.
#[test]
fn a_sequential_jpeg_of_several_scans_is_right_or_refused() {
    let picture = scene(120, 90);
    for sampling in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_2_2,
    ] {
        let write = |scans| {
            jpeg(&picture, |encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_optimized_huffman_tables(scans);
            })
        };
        let one = converted(&write(false), to(Target::Png));
        match convert(&write(true), None, &to(Target::Png), budget()) {
            Ok(several) => assert_eq!(several.octets.expose(), one.octets.expose()),
            Err(refusal) => assert_eq!(refusal, Refusal::Unsupported),
        }
    }
}

#[test]
fn what_is_no_image_is_said_to_be_none() {
    for octets in [
        b"".as_slice(),
        b"<svg/>",
        b"%PDF-1.7",
        b"\0\0\0\x18ftypisom",
    ] {
        assert_eq!(refused(octets, to(Target::Jpeg)), Refusal::NotAnImage);
    }
}

/// Whatever they are called: a telephone sends HEIC as JPEG.
#[test]
fn formats_that_are_not_read_are_named() {
    for (file, unread) in [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", UnreadType::Heif),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", UnreadType::Avif),
    ] {
        for declared in [None, Some(MediaType::Jpeg)] {
            let answer = convert(file, declared, &to(Target::Png), budget());
            assert_eq!(answer.err(), Some(Refusal::Unread(unread)));
        }
    }
    assert_eq!(UnreadType::from_name("IMAGE/HEIC"), Some(UnreadType::Heif));
}

/// Headers that ask for gigabytes, in files of a few octets. None of them may be decoded to find out.
#[test]
fn headers_that_ask_for_gigabytes_are_refused_by_their_pixels() {
    let mut ihdr = 50_000_u32.to_be_bytes().repeat(2);
    ihdr.extend([8, 6, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &ihdr));
    png.extend(chunk(b"IDAT", b"x"));
    png.extend(chunk(b"IEND", b""));

    let mut jpeg = jpeg(&scene(16, 16), |_| ());
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xc3, 0x50, 0xc3, 0x50]);

    let mut gif = file(&scene(4, 4), MediaType::Gif);
    gif[6..10].fill(0xff);

    let mut bmp = file(&scene(4, 4), MediaType::Bmp);
    bmp[18..26].copy_from_slice(&50_000_u32.to_le_bytes().repeat(2));

    let mut webp = file(&scene(4, 4), MediaType::WebP);
    webp[21..25].copy_from_slice(&[0xff, 0xff, 0xff, 0x0f]);

    let tiff = tiff(50_000, 50_000, &[0; 12], &[]);
    for file in [png, jpeg, gif, bmp, webp, tiff] {
        assert_eq!(
            refused(&file, to(Target::Png)),
            TOO_MANY_PIXELS,
            "{:?}",
            &file[..4]
        );
    }
}

#[test]
fn absurd_shapes_are_refused_though_they_have_few_pixels() {
    let absurd = tiff(1_000_000, 1, &[0; 12], &[]);
    assert_eq!(refused(&absurd, to(Target::Png)), TOO_MANY_PIXELS);
    let nothing = tiff(0, 7, &[0; 12], &[]);
    assert_eq!(refused(&nothing, to(Target::Png)), Refusal::Damaged);
}

/// Ten thousand frames of 100 × 100: only the first would be decoded, but all are paid for.
#[test]
fn endless_frames_are_paid_for() {
    let mut gif = file(&scene(100, 100), MediaType::Gif);
    assert_eq!(gif.pop(), Some(0x3b));
    let frame = [0x2c, 0, 0, 0, 0, 100, 0, 100, 0, 0, 2, 0];
    for _ in 0..10_000 {
        gif.extend(frame);
    }
    gif.push(0x3b);
    assert_eq!(refused(&gif, to(Target::Png)), TOO_MANY_PIXELS);
}

#[test]
fn a_frame_larger_than_its_screen_is_paid_for() {
    let mut gif = file(&scene(4, 4), MediaType::Gif);
    let frame = gif.iter().position(|octet| *octet == 0x2c).unwrap();
    gif[frame + 5..frame + 9].fill(0xff);
    assert_eq!(refused(&gif, to(Target::Png)), TOO_MANY_PIXELS);
}

/// Pages that lead back to the first one.
#[test]
fn pages_that_go_in_circles_are_refused() {
    let mut circle = tiff(2, 2, &[0; 12], &[]);
    let (end, directory) = (circle.len() - 4, circle[4..8].to_vec());
    circle[end..].copy_from_slice(&directory);
    assert_eq!(refused(&circle, to(Target::Png)), Refusal::Damaged);
}

/// Text that would inflate to half a gigabyte is carried along, never opened, and costs no more than its octets.
#[test]
fn compressed_text_is_never_inflated() {
    let bomb = bomb(512 * 1024 * 1024);
    let mut text = b"Comment\0\0".to_vec();
    text.extend(&bomb);
    let png = with_chunk(&chunk(b"zTXt", &text));
    let budget = Budget {
        memory: 8 * 1024 * 1024,
        ..budget()
    };
    assert!(convert(&png, None, &to(Target::Png), budget).is_ok());
}

/// A profile that inflates to half a gigabyte is inflated, but no further than memory is paid for.
#[test]
fn a_profile_that_inflates_without_end_takes_no_more_memory_than_there_is() {
    let mut profile = b"icc\0\0".to_vec();
    profile.extend(bomb(512 * 1024 * 1024));
    let png = with_chunk(&chunk(b"iCCP", &profile));
    let budget = Budget {
        memory: 8 * 1024 * 1024,
        ..budget()
    };
    // Left out of account or refused: either will do.
    let _answer = convert(&png, None, &to(Target::Png), budget).is_ok();
}

/// Pixels that inflate to much more than the header says end where the header says.
#[test]
fn pixels_beyond_the_picture_are_not_kept() {
    let mut ihdr = 4_u32.to_be_bytes().repeat(2);
    ihdr.extend([8, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(b"IHDR", &ihdr));
    png.extend(chunk(b"IDAT", &bomb(64 * 1024 * 1024)));
    png.extend(chunk(b"IEND", b""));
    let budget = Budget {
        memory: 8 * 1024 * 1024,
        ..budget()
    };
    let _answer = convert(&png, None, &to(Target::Png), budget).is_ok();
}

#[test]
fn a_jpeg_of_a_thousand_scans_is_refused() {
    let mut file = jpeg(&scene(64, 64), |encoder| encoder.set_progressive(true));
    let scan = file.windows(2).rposition(|w| w == [0xff, 0xda]).unwrap();
    let last: Vec<u8> = file[scan..file.len() - 2].to_vec();
    file.truncate(file.len() - 2);
    for _ in 0..1000 {
        file.extend(&last);
    }
    file.extend([0xff, 0xd9]);
    assert_eq!(refused(&file, to(Target::Png)), Refusal::Unsupported);
}

#[test]
fn every_budget_is_kept() {
    let file = file(&scene(200, 100), MediaType::Png);
    let with = |change: fn(&mut Budget)| {
        let mut budget = budget();
        change(&mut budget);
        convert(&file, None, &within(Target::Png, 50, 50), budget).err()
    };
    let exceeded = |resource| Some(Refusal::Exceeded(resource));
    assert_eq!(with(|_| ()), None);
    assert_eq!(with(|b| b.input_octets = 100), exceeded(Resource::Input));
    assert_eq!(with(|b| b.pixels = 19_999), exceeded(Resource::Pixels));
    assert_eq!(with(|b| b.pixels = 20_000), None);
    assert_eq!(with(|b| b.memory = 100_000), exceeded(Resource::Memory));
    assert_eq!(with(|b| b.output_octets = 40), exceeded(Resource::Output));
}

/// An animation of a size that people send is converted.
#[test]
fn an_ordinary_animation_is_not_refused() {
    let mut file = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut file);
        for shade in 0..20 {
            let frame = RgbaImage::from_pixel(60, 40, Rgba([shade * 10, 0, 0, 255]));
            encoder.encode_frame(Frame::new(frame)).unwrap();
        }
    }
    assert_eq!(converted(&file, to(Target::Jpeg)).width, 60);
}

#[test]
fn a_tiff_of_many_pages_is_paid_by_all_of_them() {
    let page = Entry(254, 4, 1, 2);
    let one = tiff(4000, 3000, &[0; 4000 * 3000 * 3], &[page]);
    let directory = u32::from_le_bytes(one[4..8].try_into().unwrap()) as usize;
    let mut file = one.clone();
    for _ in 0..4 {
        let next = file.len() as u32;
        let end = file.len() - 4;
        file[end..].copy_from_slice(&next.to_le_bytes());
        file.extend(&one[directory..]);
    }
    let mut budget = budget();
    budget.input_octets = file.len();
    let answer = convert(&file, None, &within(Target::Jpeg, 32, 32), budget);
    assert_eq!(answer.err(), Some(TOO_MANY_PIXELS));
}

/// Zeros in a zlib stream, `len` of them.
fn bomb(len: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let run = vec![0; 1024 * 1024];
    for _ in 0..len / run.len() {
        encoder.write_all(&run).unwrap();
    }
    encoder.finish().unwrap()
}

/// A PNG with one chunk more after its header.
fn with_chunk(chunk: &[u8]) -> Vec<u8> {
    let png = file(&scene(8, 8), MediaType::Png);
    let (header, rest) = png.split_at(8 + 25);
    [header, chunk, rest].concat()
}
