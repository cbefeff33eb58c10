//! Screenshots: flat areas, sharp edges and much small text, as programs draw them.

use std::path::Path;
use std::process::Command;

use image::{GrayImage, Rgb, RgbImage};

use crate::failure::Failure;
use crate::program::succeed;

/// A screen and the colours on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    width: u32,
    height: u32,
    paper: [u8; 3],
    ink: [u8; 3],
    bar: [u8; 3],
}

const TELEPHONE: Screen = Screen {
    name: "telephone",
    width: 1080,
    height: 2400,
    paper: [255, 255, 255],
    ink: [32, 33, 36],
    bar: [26, 115, 232],
};

/// Two telephones, one of them in the dark, and a desktop.
pub(crate) const SCREENS: [Screen; 3] = [
    TELEPHONE,
    Screen {
        name: "telephone-dark",
        paper: [18, 18, 18],
        ink: [227, 227, 227],
        bar: [48, 48, 52],
        ..TELEPHONE
    },
    Screen {
        name: "desktop",
        width: 1920,
        height: 1080,
        paper: [246, 246, 244],
        ink: [0, 0, 0],
        bar: [53, 132, 228],
    },
];

const BAR: u32 = 96;
const MARGIN: u32 = 40;
const CARD: u32 = 400;
const LINE: u32 = 3;

/// What is written on them: any text will do.
const TEXT: &str = "A proxy that decodes strangers' files must be memory-safe and fast. From: Mathilde, to: Ann, \
    subject: the photographs of Sunday, 12 attachments, 48.3 MB. Yes, the second one is the best of them! ";

/// Draws the screen as a file of the type that its name says.
pub(crate) fn draw(folder: &Path, screen: Screen, to: &Path) -> Result<(), Failure> {
    let text = text(folder, screen)?;
    let mut picture = RgbImage::from_pixel(screen.width, screen.height, Rgb(screen.paper));
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let area = area(screen, x, y);
        let (column, row) = (x.wrapping_sub(MARGIN), y.wrapping_sub(BAR + MARGIN));
        let covered = text
            .get_pixel_checked(column, row)
            .map_or(0, |dot| dot.0[0]);
        *pixel = Rgb(mixed(area, screen.ink, covered));
    }
    picture
        .save(to)
        .map_err(|error| Failure::System(error.to_string()))
}

/// The flat colour there: a bar above, cards with a line between them, a square picture in each.
fn area(screen: Screen, x: u32, y: u32) -> [u8; 3] {
    let within = y.wrapping_sub(BAR) % CARD;
    let square = x > screen.width - CARD / 2 && (CARD / 4..CARD / 2).contains(&within);
    if y < BAR {
        screen.bar
    } else if within < LINE {
        screen.ink
    } else if square {
        let card = u8::try_from(y / CARD * 37 % 200).unwrap_or(0);
        [card, 200 - card, 128]
    } else {
        screen.paper
    }
}

fn mixed(paper: [u8; 3], ink: [u8; 3], covered: u8) -> [u8; 3] {
    let covered = u32::from(covered);
    let mix = |paper: u8, ink: u8| {
        let both = u32::from(paper) * (255 - covered) + u32::from(ink) * covered;
        u8::try_from(both / 255).unwrap_or(u8::MAX)
    };
    [0, 1, 2].map(|channel| mix(paper[channel], ink[channel]))
}

/// The text, rendered by Pango: how much of each pixel it covers.
fn text(folder: &Path, screen: Screen) -> Result<GrayImage, Failure> {
    let file = folder.join("text.png");
    let mut command = Command::new("vips");
    command.arg("text").arg(&file).arg(TEXT.repeat(30));
    let width = screen.width - CARD / 2 - 2 * MARGIN;
    command.args(["--width", &width.to_string()]);
    command.args(["--dpi", "170", "--font", "sans 10"]);
    succeed(&mut command)?;
    let text = image::open(&file).map_err(|error| Failure::System(error.to_string()))?;
    Ok(text.to_luma8())
}
