//! A key frame decoded row by row at its scale.

use zeroize::Zeroizing;

use super::super::SIDE;
use super::super::tile::means;
use super::bands::{Bands, Edges};
use super::colour;
use super::header::Header;
use crate::budget::Budget;
use crate::image::picture::Channels;
use crate::image::rows::Rows;
use crate::image::scale::Scale;
use crate::image::size::{Size, length};
use crate::refusal::Refusal;

/// Samples of luma and of chroma along a macroblock.
const LUMA_SIDE: usize = 16;
const CHROMA_SIDE: usize = 8;

/// A decoder that has given out some rows.
pub(in crate::image) struct Decoder<'a> {
    /// The size of the picture in the file.
    whole: Size,
    scale: Scale,
    bands: Bands<'a>,
    luma: Line,
    chroma: [Chroma; 2],
    /// The row to be given out next.
    next: usize,
}

type Line = Zeroizing<Vec<u8>>;

/// One of both chromas.
struct Chroma {
    /// Rows of the file's samples, of which those that are given out are made: the nearest and the next.
    near: Line,
    far: Line,
    /// As fine as luma.
    fine: Line,
}

impl<'a> Decoder<'a> {
    /// A decoder of `frame`, which is a whole "VP8 " chunk, and of which the header is read. Does not pay for pixels.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] or [`Refusal::Exceeded`].
    pub(in crate::image) fn new(
        frame: &'a [u8],
        scale: Scale,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let header = Header::read(frame)?;
        let edges = match scale {
            _any if header.filter.is_idle() => Edges::AsTheyAre,
            Scale::Whole | Scale::Half => Edges::Filtered,
            Scale::Quarter | Scale::Eighth => Edges::AsTheyAre,
        };
        Self::with(header, scale, edges, budget)
    }

    pub(super) fn with(
        header: Header<'a>,
        scale: Scale,
        edges: Edges,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let whole = header.size;
        let across = length(whole.width().div_ceil(SIDE).saturating_mul(SIDE));
        let mut line = |len| -> Result<Line, Refusal> {
            let mut line = budget.room(len)?;
            line.resize(len, 0);
            Ok(line)
        };
        let luma = line(across)?;
        let mut chroma = || -> Result<Chroma, Refusal> {
            Ok(Chroma {
                near: line(across / 2)?,
                far: line(across / 2)?,
                fine: line(across)?,
            })
        };
        let chroma = [chroma()?, chroma()?];
        Ok(Self {
            whole,
            scale,
            bands: Bands::new(header, edges, budget)?,
            luma,
            chroma,
            next: 0,
        })
    }

    /// Fills the lines for row `at` of a picture at full size.
    fn whole_row(&mut self, at: usize) -> Result<(), Refusal> {
        let rows = length(self.whole.height().div_ceil(2));
        let near = at / 2;
        // The upper of two lies nearer to the row above.
        let far = match at % 2 {
            0 => near.saturating_sub(1),
            _odd => near.saturating_add(1).min(rows.saturating_sub(1)),
        };
        let band = self.bands.band(place(at, LUMA_SIDE).0)?;
        for (tile, place) in band.iter().zip(self.luma.as_chunks_mut().0) {
            *place = row_of(&tile.luma, at);
        }
        let [blue, red] = &mut self.chroma;
        for (at, blue, red) in [
            (near, &mut blue.near, &mut red.near),
            (far, &mut blue.far, &mut red.far),
        ] {
            let band = self.bands.band(place(at, CHROMA_SIDE).0)?;
            let places = blue.as_chunks_mut().0.iter_mut().zip(red.as_chunks_mut().0);
            for (tile, (blue, red)) in band.iter().zip(places) {
                [*blue, *red] = halves(row_of(&tile.chroma, at));
            }
        }
        let wide = length(self.whole.width().div_ceil(2));
        for chroma in &mut self.chroma {
            let near = chroma.near.get(..wide).unwrap_or_default();
            colour::finer(near, &chroma.far, &mut chroma.fine);
        }
        Ok(())
    }

    /// Fills the lines for row `at` of a smaller picture: means of `SIDE` × `SIDE` samples of luma, of which there are
    /// `LEFT` along a macroblock, and of half as many along each side of chroma.
    fn small_row<const SIDE: usize, const HALF: usize, const LEFT: usize>(
        &mut self,
        at: usize,
    ) -> Result<(), Refusal> {
        let (band, row) = place(at, LEFT);
        let [blue, red] = &mut self.chroma;
        let chroma = blue.fine.as_chunks_mut::<LEFT>().0.iter_mut();
        let chroma = chroma.zip(red.fine.as_chunks_mut::<LEFT>().0);
        let places = self.luma.as_chunks_mut::<LEFT>().0.iter_mut().zip(chroma);
        for (tile, (luma, (blue, red))) in self.bands.band(band)?.iter().zip(places) {
            let rows = tile.luma.as_chunks::<SIDE>().0.get(row);
            let means = means::<SIDE>(rows.map_or(&[], |rows| rows));
            copy(luma, &means);
            let rows = tile.chroma.as_chunks::<HALF>().0.get(row);
            let means = self::means::<HALF>(rows.map_or(&[], |rows| rows));
            copy(blue, &means);
            copy(red, means.get(LEFT..).unwrap_or_default());
        }
        Ok(())
    }
}

impl Rows for Decoder<'_> {
    fn size(&self) -> Size {
        self.scale.of(self.whole)
    }

    fn extent(&self) -> (f64, f64) {
        self.scale.extent(self.whole)
    }

    fn channels(&self) -> Channels {
        Channels::Rgb
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        match self.scale {
            Scale::Whole => self.whole_row(self.next)?,
            Scale::Half => self.small_row::<2, 1, 8>(self.next)?,
            Scale::Quarter => self.small_row::<4, 2, 4>(self.next)?,
            Scale::Eighth => self.small_row::<8, 4, 2>(self.next)?,
        }
        let [blue, red] = &self.chroma;
        colour::row(&self.luma, &blue.fine, &red.fine, row);
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}

/// The band in which row `at` lies, and its row in there, of `rows`.
fn place(at: usize, rows: usize) -> (usize, usize) {
    let (band, row) = (at.checked_div(rows), at.checked_rem(rows));
    (band.unwrap_or(0), row.unwrap_or(0))
}

/// The row of a macroblock in which row `at` of the picture lies.
fn row_of(rows: &[[u8; 16]], at: usize) -> [u8; 16] {
    let (_, at) = place(at, rows.len());
    rows.get(at).copied().unwrap_or_default()
}

/// The samples of both chromas.
fn halves(row: [u8; 16]) -> [[u8; 8]; 2] {
    let (halves, _none) = row.as_chunks();
    [0, 1].map(|at| halves.get(at).copied().unwrap_or_default())
}

fn copy(places: &mut [u8], samples: &[u8]) {
    for (place, sample) in places.iter_mut().zip(samples) {
        *place = *sample;
    }
}
