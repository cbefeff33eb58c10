//! TIFF 6.0 and its supplements, row by row: no more is in memory than the strips or tiles that the next row lies in.
//!
//! | file | holds |
//! | --- | --- |
//! | `tags` | the fields of a page |
//! | `grid` | strips and tiles: where they lie in the picture, and where in the file |
//! | `form` | how many bits and samples a pixel has, and where they stand |
//! | `meaning`, `palette`, `ycbcr` | what samples mean, and the colours that they are |
//! | `codec` | compressions: `lzw`, `packbits`, `deflate`, `fax`, `jpeg` |
//! | `predict`, `unpack` | from the octets of a row to samples of eight bits |
//! | `band`, `rows` | all of these after one another |
//!
//! Of a picture that is right but of a kind that is not read, this says so beforehand: other numbers than those without a
//! sign, more than sixteen bits a sample, CIE Lab, logarithms and raw sensors, JPEG as of TIFF 6.0 §22 (which its makers
//! withdrew), and compressions that mail does not have.

mod band;
mod codec;
mod deflate;
mod fax;
mod form;
mod grid;
mod jpeg;
mod lzw;
mod meaning;
mod packbits;
mod palette;
mod predict;
mod rows;
mod tags;
mod unpack;
mod ycbcr;

use zeroize::Zeroizing;

use self::rows::TiffRows;
use super::{Decoded, Head, Wanted};
use crate::budget::Budget;
use crate::image::directory::{Directory, File};
use crate::image::survey::Survey;
use crate::refusal::Refusal;

pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Decoded, Refusal> {
    let (file, first) = File::open(input)?;
    let page = file.directory(first)?;
    let mut rows = TiffRows::of(input, &page, survey.size, budget)?;
    let head = Head {
        size: survey.size,
        orientation: survey.orientation,
        profile: profile(&page, budget)?,
    };
    head.small(&mut rows, wanted, budget)
}

/// A profile that is not in the file is none.
fn profile(
    page: &Directory<'_>,
    budget: &mut Budget,
) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    let Ok(Some(octets)) = page.octets(tags::ICC_PROFILE) else {
        return Ok(None);
    };
    let mut profile = budget.room(octets.len())?;
    profile.extend_from_slice(octets);
    Ok(Some(profile))
}
