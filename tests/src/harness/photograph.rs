//! Real photographs, from Debian's packages. Sources and licences are in `tests/photographs.md`.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat};

const FOLDER: &str = "/usr/share/backgrounds";
/// 6028 × 3391 pixels, baseline JPEG.
const KLEIBER: &str = "Kleiber_by_Lukas_Baubkus.jpg";
/// 4224 × 3168 pixels, progressive JPEG.
const DRAGONFLY: &str = "Dragonfly_by_Bolly.jpg";

/// What a telephone's camera of 12 megapixels makes.
const WIDTH: u32 = 4032;
const HEIGHT: u32 = 3024;
const QUALITY: u8 = 95;

/// A photograph as a file and as pixels.
#[derive(Debug)]
pub struct Photograph {
    /// The JPEG file.
    pub octets: Vec<u8>,
    /// The picture.
    pub picture: DynamicImage,
}

/// A photograph of 12 megapixels and over 2 MB: cut out of a larger one and compressed as a camera does.
///
/// # Panics
/// When the package is not installed.
pub fn large() -> &'static Photograph {
    static LARGE: OnceLock<Photograph> = OnceLock::new();
    LARGE.get_or_init(|| {
        let whole = image::load_from_memory(&read(KLEIBER)).expect("a photograph");
        let picture = whole.crop_imm(
            (whole.width() - WIDTH) / 2,
            (whole.height() - HEIGHT) / 2,
            WIDTH,
            HEIGHT,
        );
        let mut octets = Vec::new();
        picture
            .write_with_encoder(JpegEncoder::new_with_quality(&mut octets, QUALITY))
            .expect("a JPEG");
        assert!(octets.len() > 2_000_000, "{} octets", octets.len());
        Photograph { octets, picture }
    })
}

/// A photograph of 13 megapixels and 1.5 MB, as its author published it: a progressive JPEG.
///
/// # Panics
/// When the package is not installed.
pub fn progressive() -> &'static Photograph {
    static PROGRESSIVE: OnceLock<Photograph> = OnceLock::new();
    PROGRESSIVE.get_or_init(|| {
        let octets = read(DRAGONFLY);
        let picture = image::load_from_memory(&octets).expect("a photograph");
        Photograph { octets, picture }
    })
}

/// A small photograph, for what must be done many times.
///
/// # Panics
/// When the package is not installed.
pub fn small() -> &'static Photograph {
    static SMALL: OnceLock<Photograph> = OnceLock::new();
    SMALL.get_or_init(|| {
        let picture = progressive().picture.thumbnail(800, 600);
        let mut octets = Vec::new();
        picture
            .write_with_encoder(JpegEncoder::new_with_quality(&mut octets, QUALITY))
            .expect("a JPEG");
        Photograph { octets, picture }
    })
}

/// The small photograph in another format.
///
/// # Panics
/// When it cannot be written so.
#[must_use]
pub fn small_as(format: ImageFormat) -> Vec<u8> {
    let mut octets = std::io::Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(small().picture.to_rgb8());
    picture.write_to(&mut octets, format).expect("a picture");
    octets.into_inner()
}

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(FOLDER).join(name);
    fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; was tests/setup run?", path.display()))
}
