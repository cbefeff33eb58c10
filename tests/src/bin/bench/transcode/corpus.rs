//! The pictures: photographs of Debian's packages cropped to the formats of cameras and saved as cameras, programs and telephones
//! save them. Made anew in each run, gone with it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::failure::Failure;
use crate::program::succeed;
use crate::relay::Length;

use super::screenshot;

/// Where Debian's packages have them; sources and licences are in `tests/photographs.md`.
const FOLDER: &str = "/usr/share/backgrounds";

/// The photographs. A quick run takes the first few.
const PHOTOGRAPHS: [(&str, Held); 8] = [
    ("Kleiber_by_Lukas_Baubkus.jpg", Held::Across),
    ("Dragonfly_by_Bolly.jpg", Held::Across),
    ("friends_by_Aitzol_Berasategi.jpg", Held::Upright),
    ("picosdeeuropa_by_Aitzol_Berasategi.jpg", Held::Across),
    ("sunset_by_Aitzol_Berasategi.jpg", Held::Across),
    ("seeding_by_Clements_Engelhardt.jpg", Held::Across),
    ("life_by_Aitzol_Berasategi.jpg", Held::Across),
    ("mate/nature/Storm.jpg", Held::Across),
];
const QUICK: usize = 3;

/// What cameras write at their usual setting.
const JPEG_QUALITY: &str = "92";
const WEBP_QUALITY: &str = "80";
/// A PNG compressed harder is not slower to read, only to make.
const PNG_COMPRESSION: &str = "3";

/// How the camera was held.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Held {
    Across,
    Upright,
}

/// What a camera makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Size {
    Mp2,
    Mp12,
    Mp24,
    Mp48,
}

impl Size {
    const ALL: [Self; 4] = [Self::Mp2, Self::Mp12, Self::Mp24, Self::Mp48];

    /// Its name: megapixels.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mp2 => "2 MP",
            Self::Mp12 => "12 MP",
            Self::Mp24 => "24 MP",
            Self::Mp48 => "48 MP",
        }
    }

    /// The longer and the shorter side: all 4 to 3, so that every program makes 320 × 240 of them.
    fn sides(self) -> (u32, u32) {
        match self {
            Self::Mp2 => (1600, 1200),
            Self::Mp12 => (4032, 3024),
            Self::Mp24 => (5664, 4248),
            Self::Mp48 => (8000, 6000),
        }
    }
}

/// How a JPEG's coefficients are laid out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Process {
    Baseline,
    Progressive,
}

impl Process {
    fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Progressive => "progressive",
        }
    }
}

/// How much of the colour a JPEG keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sampling {
    S420,
    S422,
    S444,
}

impl Sampling {
    fn name(self) -> &'static str {
        match self {
            Self::S420 => "4:2:0",
            Self::S422 => "4:2:2",
            Self::S444 => "4:4:4",
        }
    }

    fn factors(self) -> &'static str {
        match self {
            Self::S420 => "2x2",
            Self::S422 => "2x1",
            Self::S444 => "1x1",
        }
    }
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Jpeg(Size, Process, Sampling),
    /// A photograph of 12 megapixels.
    Png,
    Screenshot,
    /// A photograph of 12 megapixels.
    WebP,
    /// A photograph of 2 megapixels.
    LosslessWebP,
    /// A photograph of 12 megapixels.
    TiffLzw,
    /// A photograph of 12 megapixels, not compressed.
    Tiff,
}

impl Class {
    /// What tables call it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Jpeg(size, process, sampling) => format!(
                "{} {} JPEG {}",
                size.name(),
                process.name(),
                sampling.name()
            ),
            Self::Png => "12 MP PNG".to_owned(),
            Self::Screenshot => "screenshot PNG".to_owned(),
            Self::WebP => "12 MP lossy WebP".to_owned(),
            Self::LosslessWebP => "2 MP lossless WebP".to_owned(),
            Self::TiffLzw => "12 MP TIFF LZW".to_owned(),
            Self::Tiff => "12 MP TIFF uncompressed".to_owned(),
        }
    }

    /// Whether it is a JPEG file.
    pub(crate) fn is_jpeg(self) -> bool {
        matches!(self, Self::Jpeg(..))
    }

    /// The size of the photograph that it is made of; a screenshot is made of none.
    fn size(self) -> Option<Size> {
        match self {
            Self::Jpeg(size, ..) => Some(size),
            Self::Png | Self::WebP | Self::TiffLzw | Self::Tiff => Some(Size::Mp12),
            Self::LosslessWebP => Some(Size::Mp2),
            Self::Screenshot => None,
        }
    }

    /// The program that writes a photograph so.
    fn command(self, pixels: &Path, file: &Path) -> Command {
        let saver = |operation: &str, options: &[&str]| {
            let mut command = Command::new("vips");
            command.arg(operation).arg(pixels).arg(file).args(options);
            command
        };
        match self {
            Self::Jpeg(_, process, sampling) => cjpeg(process, sampling, pixels, file),
            Self::Png | Self::Screenshot => saver(
                "pngsave",
                &["--compression", PNG_COMPRESSION, "--filter", "all"],
            ),
            Self::WebP => saver("webpsave", &["--Q", WEBP_QUALITY]),
            Self::LosslessWebP => saver("webpsave", &["--lossless", "--effort", "2"]),
            Self::TiffLzw => saver("tiffsave", &["--compression", "lzw"]),
            Self::Tiff => saver("tiffsave", &[]),
        }
    }
}

/// libjpeg-turbo's own program.
fn cjpeg(process: Process, sampling: Sampling, pixels: &Path, file: &Path) -> Command {
    let mut command = Command::new("cjpeg");
    command.args(["-quality", JPEG_QUALITY, "-sample", sampling.factors()]);
    match process {
        Process::Baseline => command.arg("-baseline"),
        Process::Progressive => command.arg("-progressive"),
    };
    command.arg("-outfile").arg(file).arg(pixels);
    command
}

/// A file of the corpus.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) class: Class,
    pub(crate) path: PathBuf,
}

impl Picture {
    /// The file's name.
    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// How many photographs a run takes.
pub(crate) fn photographs(length: Length) -> usize {
    match length {
        Length::Quick => QUICK,
        Length::Full => PHOTOGRAPHS.len(),
    }
}

/// Makes the files of all `classes` of the first `photographs` in `folder`: two photographs at a time.
pub(crate) fn make(
    folder: &Path,
    classes: &[Class],
    photographs: usize,
) -> Result<Vec<Picture>, Failure> {
    let taken = photographs.min(PHOTOGRAPHS.len());
    let mut made = Vec::new();
    for pair in PHOTOGRAPHS[..taken].chunks(2) {
        let done = thread::scope(|scope| {
            let works: Vec<_> = pair
                .iter()
                .map(|photograph| scope.spawn(move || develop(folder, *photograph, classes)))
                .collect();
            works.into_iter().map(joined).collect::<Vec<_>>()
        });
        for pictures in done {
            made.extend(pictures?);
        }
    }
    if classes.contains(&Class::Screenshot) {
        made.extend(screenshots(folder)?);
    }
    Ok(made)
}

fn joined<T>(work: thread::ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    let panicked = |_| Failure::System("a thread panicked".to_owned());
    work.join().map_err(panicked)?
}

/// One photograph in all classes.
fn develop(
    folder: &Path,
    (file, held): (&str, Held),
    classes: &[Class],
) -> Result<Vec<Picture>, Failure> {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    let mut made = Vec::new();
    for size in Size::ALL {
        let of_size: Vec<Class> = classes
            .iter()
            .copied()
            .filter(|class| class.size() == Some(size))
            .collect();
        if of_size.is_empty() {
            continue;
        }
        let pixels = folder.join(format!("{stem}-{}.ppm", size.sides().0));
        crop(&Path::new(FOLDER).join(file), &pixels, size, held)?;
        for class in of_size {
            let path = folder.join(named(&stem, class));
            succeed(&mut class.command(&pixels, &path))?;
            made.push(Picture { class, path });
        }
        std::fs::remove_file(&pixels)?;
    }
    Ok(made)
}

fn named(stem: &str, class: Class) -> String {
    let class = class.name().replace([' ', ':'], "-");
    format!("{stem}-{class}")
}

/// The middle of the photograph, of the shape and size of the camera's.
fn crop(from: &Path, to: &Path, size: Size, held: Held) -> Result<(), Failure> {
    let (long, short) = size.sides();
    let (width, height) = match held {
        Held::Across => (long, short),
        Held::Upright => (short, long),
    };
    let mut command = Command::new("vips");
    command.arg("thumbnail").arg(from).arg(to);
    command.args([&width.to_string(), "--height", &height.to_string()]);
    command.args(["--size", "both", "--crop", "centre"]);
    succeed(&mut command)
}

fn screenshots(folder: &Path) -> Result<Vec<Picture>, Failure> {
    let mut made = Vec::new();
    for screen in screenshot::SCREENS {
        let pixels = folder.join("screen.png");
        screenshot::draw(folder, screen, &pixels)?;
        let class = Class::Screenshot;
        let path = folder.join(named(screen.name, class));
        succeed(&mut class.command(&pixels, &path))?;
        std::fs::remove_file(&pixels)?;
        made.push(Picture { class, path });
    }
    Ok(made)
}
