//! TIFF 6.0 and BigTIFF: the chain of directories, one a page. Only the first is decoded; all are paid for.

use image::metadata::Orientation;

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::directory::{Directory, File};
use crate::refusal::Refusal;

/// Octets of an entry in a classic directory: the least that an entry takes of the file.
const LEAST_ENTRY: usize = 12;

/// TIFF 6.0 §8: the fields that are read here.
const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const ORIENTATION: u16 = 274;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let (file, mut at) = File::open(input)?;
    // Directories that do not overlap have no more entries than this: what has more goes in circles.
    let mut entries = input.len() / LEAST_ENTRY;
    let mut first = None;
    while at != 0 {
        let page = file.directory(at)?;
        entries = entries.checked_sub(page.count()).ok_or(Refusal::Damaged)?;
        let side = |tag| Ok::<u32, Refusal>(page.number(tag)?.unwrap_or(0)); // which is no size
        let size = paid(side(IMAGE_WIDTH)?, side(IMAGE_LENGTH)?, budget)?;
        first.get_or_insert_with(|| (size, turned(&page)));
        at = page.next();
    }
    let (size, orientation) = first.ok_or(Refusal::Damaged)?;
    Ok(Survey {
        size,
        orientation,
        working: 0, // it is paid for where the rows are read
    })
}

/// What the first directory of `file` says of the orientation: EXIF is a TIFF file without a picture.
pub(in crate::image) fn orientation(file: &[u8]) -> Orientation {
    let first = || {
        let (file, at) = File::open(file)?;
        file.directory(at)
    };
    let is_tiff = file.starts_with(b"II*\0") || file.starts_with(b"MM\0*");
    let first = is_tiff.then(first).and_then(Result::ok);
    first.map_or(Orientation::NoTransforms, |page| turned(&page))
}

/// How `page` is to be turned; what cannot be read turns nothing.
fn turned(page: &Directory<'_>) -> Orientation {
    let said = page.number(ORIENTATION).ok().flatten();
    let said = said.and_then(|said| u8::try_from(said).ok());
    said.and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms)
}
