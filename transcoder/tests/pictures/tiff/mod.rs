//! TIFF in all its kinds: files made by hand, whose pixels are known, and files of libtiff, libvips and Pillow.

mod alpha;
mod colours;
mod fax;
mod jpeg;
mod levels;
pub(crate) mod page;
mod pieces;
mod refusals;

use image::DynamicImage;
use transcoder::Target;

use crate::specimens::{converted, seen, to};

/// What a file looks like, not made smaller.
fn shown(file: &[u8]) -> DynamicImage {
    seen(&converted(file, to(Target::Png)))
}
