//! Files made for the tests, and what is asked of them. Nothing here is a photograph, but it has what photographs have:
//! slopes, edges, fine patterns and noise.

use std::io::{Cursor, Write};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use transcoder::{Budget, Conversion, Converted, MediaType, Refusal, Target, convert};

/// What the issue allows: 25 MiB in, 50 megapixels.
pub(crate) fn budget() -> Budget {
    Budget {
        input_octets: 25 * 1024 * 1024,
        pixels: 50_000_000,
        samples: 0,
        output_octets: 25 * 1024 * 1024,
        memory: 768 * 1024 * 1024,
    }
}

pub(crate) fn to(target: Target) -> Conversion {
    Conversion {
        target,
        width: None,
        height: None,
        octets: None,
        frames: None,
    }
}

pub(crate) fn within(target: Target, width: u32, height: u32) -> Conversion {
    Conversion {
        width: NonZeroU32::new(width),
        height: NonZeroU32::new(height),
        ..to(target)
    }
}

pub(crate) fn in_octets(conversion: Conversion, octets: usize) -> Conversion {
    Conversion {
        octets: NonZeroUsize::new(octets),
        ..conversion
    }
}

pub(crate) fn converted(file: &[u8], conversion: Conversion) -> Converted {
    convert(file, None, &conversion, budget()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

pub(crate) fn refused(file: &[u8], conversion: Conversion) -> Refusal {
    let Err(refusal) = convert(file, None, &conversion, budget()) else {
        panic!("this should have been refused");
    };
    refusal
}

/// The picture in what came out, read by the `image` crate; AVIF by libavif's own program.
pub(crate) fn seen(converted: &Converted) -> DynamicImage {
    let octets = converted.octets.expose();
    let picture = match converted.media {
        Target::Avif => {
            let png = by_files("avifdec", ("read.avif", octets), "seen.png", &[]);
            image::load_from_memory(&png).unwrap()
        }
        Target::Jpeg | Target::Png | Target::WebP | Target::Gif => {
            image::load_from_memory(octets).unwrap()
        }
    };
    assert_eq!(picture.width(), converted.width);
    assert_eq!(picture.height(), converted.height);
    picture
}

/// Something like a photograph.
pub(crate) fn scene(width: u32, height: u32) -> RgbImage {
    let mut noise = Noise(1);
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (
            f64::from(x) / f64::from(width),
            f64::from(y) / f64::from(height),
        );
        let sky = 90.0 + 120.0 * down;
        let hills = (across * 9.0).sin() * 0.15 + 0.6;
        let tiles = if (across * 40.0).fract() < 0.5 {
            30.0
        } else {
            0.0
        };
        let grain = f64::from(noise.next() % 16);
        let [red, green, blue] = if down > hills {
            [60.0 + tiles, 110.0 * across + tiles, 40.0]
        } else {
            [sky * 0.7, sky * 0.8, sky]
        };
        Rgb([red, green, blue].map(|level| (level + grain) as u8))
    })
}

/// The same numbers every time.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn next(&mut self) -> u32 {
        // Knuth's MMIX generator.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }
}

/// `picture` as a file of any type that is read.
pub(crate) fn file(picture: &RgbImage, media: MediaType) -> Vec<u8> {
    let format = match media {
        MediaType::Jpeg => return jpeg(picture, |_| ()),
        MediaType::Jxl => return jxl(&ppm(picture), &["-d", "0", "-e", "1"]),
        MediaType::Png => ImageFormat::Png,
        MediaType::WebP => ImageFormat::WebP,
        MediaType::Gif => ImageFormat::Gif,
        MediaType::Bmp => ImageFormat::Bmp,
        MediaType::Tiff => ImageFormat::Tiff,
    };
    written(&DynamicImage::from(picture.clone()), format)
}

pub(crate) fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Every file in `seeds`.
pub(crate) const SEEDS: [(&str, &[u8]); 33] = [
    ("alpha.jxl", include_bytes!("seeds/alpha.jxl")),
    ("animated.jxl", include_bytes!("seeds/animated.jxl")),
    ("animated.webp", include_bytes!("seeds/animated.webp")),
    ("cmyk.jpeg", include_bytes!("seeds/cmyk.jpeg")),
    ("cmyk.tiff", include_bytes!("seeds/cmyk.tiff")),
    ("deep-lzw.tiff", include_bytes!("seeds/deep-lzw.tiff")),
    ("deep.jxl", include_bytes!("seeds/deep.jxl")),
    ("deflate.tiff", include_bytes!("seeds/deflate.tiff")),
    (
        "difference-lzw.tiff",
        include_bytes!("seeds/difference-lzw.tiff"),
    ),
    ("grey-alpha.tiff", include_bytes!("seeds/grey-alpha.tiff")),
    ("grey.jxl", include_bytes!("seeds/grey.jxl")),
    (
        "group3-lines.tiff",
        include_bytes!("seeds/group3-lines.tiff"),
    ),
    ("group3.tiff", include_bytes!("seeds/group3.tiff")),
    ("group4.tiff", include_bytes!("seeds/group4.tiff")),
    ("huffman.tiff", include_bytes!("seeds/huffman.tiff")),
    ("interlaced.gif", include_bytes!("seeds/interlaced.gif")),
    ("interlaced.png", include_bytes!("seeds/interlaced.png")),
    ("jpeg-tiled.tiff", include_bytes!("seeds/jpeg-tiled.tiff")),
    ("jpeg.jxl", include_bytes!("seeds/jpeg.jxl")),
    ("jpeg.tiff", include_bytes!("seeds/jpeg.tiff")),
    ("lossy-alpha.webp", include_bytes!("seeds/lossy-alpha.webp")),
    ("lossy.jxl", include_bytes!("seeds/lossy.jxl")),
    ("lossy.webp", include_bytes!("seeds/lossy.webp")),
    ("lzw.tiff", include_bytes!("seeds/lzw.tiff")),
    ("packbits.tiff", include_bytes!("seeds/packbits.tiff")),
    ("palette.bmp", include_bytes!("seeds/palette.bmp")),
    ("palette.png", include_bytes!("seeds/palette.png")),
    ("palette.tiff", include_bytes!("seeds/palette.tiff")),
    (
        "planar-tiled.tiff",
        include_bytes!("seeds/planar-tiled.tiff"),
    ),
    ("planar.tiff", include_bytes!("seeds/planar.tiff")),
    (
        "premultiplied.tiff",
        include_bytes!("seeds/premultiplied.tiff"),
    ),
    ("progressive.jpeg", include_bytes!("seeds/progressive.jpeg")),
    ("tiled.tiff", include_bytes!("seeds/tiled.tiff")),
];

/// The file of this name in `seeds`.
pub(crate) fn seed(name: &str) -> Vec<u8> {
    let (_, file) = SEEDS.iter().find(|(known, _)| *known == name).unwrap();
    file.to_vec()
}

/// A JPEG with whatever `dress` gives the encoder.
pub(crate) fn jpeg(
    picture: &RgbImage,
    dress: impl FnOnce(&mut jpeg_encoder::Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 92);
    dress(&mut encoder);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    let colour = jpeg_encoder::ColorType::Rgb;
    encoder.encode(picture, width, height, colour).unwrap();
    file
}

/// EXIF metadata that says nothing but an orientation.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let [high, low] = orientation.to_be_bytes();
    let mut exif = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0]);
    exif.extend([0; 4]);
    exif
}

/// One entry of a TIFF directory.
pub(crate) struct Entry(
    pub(crate) u16,
    pub(crate) u16,
    pub(crate) u32,
    pub(crate) u32,
);

/// A TIFF of `pixels` in one strip, 8 bits RGB, with `more` entries; what stands in `tail` comes last.
pub(crate) fn tiff(width: u32, height: u32, pixels: &[u8], more: &[Entry]) -> Vec<u8> {
    let mut entries = vec![
        Entry(256, 4, 1, width),
        Entry(257, 4, 1, height),
        Entry(258, 3, 1, 8),
        Entry(259, 3, 1, 1),
        Entry(262, 3, 1, 2),
        Entry(273, 4, 1, 8),
        Entry(277, 3, 1, 3),
        Entry(278, 4, 1, height),
        Entry(279, 4, 1, pixels.len() as u32),
    ];
    for more in more {
        entries.push(Entry(more.0, more.1, more.2, more.3));
    }
    entries.sort_by_key(|entry| entry.0);
    let mut file = b"II*\0".to_vec();
    file.extend((8 + pixels.len() as u32).to_le_bytes());
    file.extend(pixels);
    file.extend((entries.len() as u16).to_le_bytes());
    for Entry(tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file
}

/// A WebP of one chunk made an extended one (RFC 9649 §2.7), with metadata `before` its picture and `behind` it.
pub(crate) fn extended_webp(
    plain: &[u8],
    (width, height): (u32, u32),
    before: &[(&[u8; 4], &[u8])],
    behind: &[(&[u8; 4], &[u8])],
) -> Vec<u8> {
    let mut header = vec![0; 4]; // that says nothing of what comes
    header.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    header.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    let mut inner = b"WEBP".to_vec();
    let mut add = |name: &[u8; 4], data: &[u8]| {
        inner.extend(name);
        inner.extend((data.len() as u32).to_le_bytes());
        inner.extend(data);
        inner.resize(inner.len().next_multiple_of(2), 0);
    };
    add(b"VP8X", &header);
    before.iter().for_each(|(name, data)| add(name, data));
    let len = u32::from_le_bytes(plain[16..20].try_into().unwrap()) as usize;
    add(plain[12..16].try_into().unwrap(), &plain[20..20 + len]);
    behind.iter().for_each(|(name, data)| add(name, data));
    let mut file = b"RIFF".to_vec();
    file.extend((inner.len() as u32).to_le_bytes());
    file.extend(inner);
    file
}

/// `picture` as a lossy WebP by libwebp's own program.
pub(crate) fn lossy_webp(picture: &RgbImage, quality: &str) -> Vec<u8> {
    let arguments = ["-quiet", "-q", quality, "-o", "-", "--", "-"];
    answer("cwebp", &arguments, &ppm(picture))
}

/// A picture (PPM, PNG, GIF or JPEG) as JPEG XL by libjxl's own program.
pub(crate) fn jxl(picture: &[u8], arguments: &[&str]) -> Vec<u8> {
    by_files("cjxl", ("picture", picture), "made.jxl", arguments)
}

/// What a program that reads and writes none but named files makes of one.
pub(crate) fn by_files(
    program: &str,
    (name, input): (&str, &[u8]),
    output: &str,
    arguments: &[&str],
) -> Vec<u8> {
    static PLACES: AtomicUsize = AtomicUsize::new(0);
    let place = PLACES.fetch_add(1, Ordering::Relaxed);
    let place = format!("{}-{place}", std::process::id());
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(place);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join(name), input).unwrap();
    let mut command = Command::new(program);
    command.current_dir(&place).args([name, output]);
    let ended = command.args(arguments).output();
    let ended = ended.unwrap_or_else(|error| panic!("{program}: {error}; run tests/setup"));
    assert!(ended.status.success(), "{program} {arguments:?} {ended:?}");
    let made = std::fs::read(place.join(output)).unwrap();
    std::fs::remove_dir_all(&place).unwrap();
    made
}

pub(crate) fn ppm(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    [format!("P6\n{width} {height}\n255\n").as_bytes(), picture].concat()
}

/// What another program answers to `input`; `tests/setup` installs them.
fn answer(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{program}: {error}; run tests/setup"));
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

/// A PNG chunk.
pub(crate) fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(name);
    chunk.extend(data);
    let crc = crc32(&chunk[4..]);
    chunk.extend(crc.to_be_bytes());
    chunk
}

/// The CRC of PNG §D.1.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |crc, octet| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
