//! GIF (GIF89a): frames drawn one on the other as viewers show them, each row as soon as it is read. What lies beyond the canvas
//! is left out, as browsers do it.

use std::io::Cursor;
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, DecodingError, DisposalMethod, Frame, MemoryLimit};
use image::metadata::Orientation;
use zeroize::Zeroizing;

use super::{Decoded, Head, Wanted};
use crate::budget::{Budget, Resource};
use crate::image::picture::{Channels, Picture};
use crate::image::rows::PictureRows;
use crate::image::survey::{Survey, outgrows};
use crate::refusal::Refusal;

/// The first frame.
pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Decoded, Refusal> {
    let mut film = Film::of(input, survey, budget)?;
    film.advance(budget)?;
    film.small(wanted, budget)
}

/// A file of which some frames are drawn.
pub(super) struct Film<'a> {
    decoder: gif::Decoder<Cursor<&'a [u8]>>,
    /// What is seen.
    canvas: Picture,
    /// How many frames are drawn.
    drawn: usize,
    /// What was drawn last, which may have to go before the next.
    last: Option<Part>,
    /// The canvas without what goes by [`DisposalMethod::Previous`]; empty until there is such a frame.
    before: Zeroizing<Vec<u8>>,
    /// One row of a frame, by the numbers of its colours.
    row: Zeroizing<Vec<u8>>,
}

impl<'a> Film<'a> {
    /// Nothing is drawn yet. `survey` is the file's, whose pixels and working memory are paid for.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] or [`Refusal::Exceeded`].
    pub(super) fn of(
        input: &'a [u8],
        survey: &Survey,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        options.allow_unknown_blocks(true);
        let working = NonZeroU64::new(survey.working).ok_or(Refusal::Damaged)?;
        options.set_memory_limit(MemoryLimit::Bytes(working));
        let decoder = options.read_info(Cursor::new(input)).map_err(refusal)?;
        let len = survey.size.samples(Channels::Rgba.count());
        let len = len.ok_or(Refusal::Exceeded(Resource::Memory))?;
        let mut samples = budget.room(len)?;
        samples.resize(len, 0);
        Ok(Self {
            decoder,
            canvas: Picture::new(survey.size, Channels::Rgba, samples)?,
            drawn: 0,
            last: None,
            before: Zeroizing::new(Vec::new()),
            row: budget.room(WIDEST)?,
        })
    }

    /// How many frames are drawn.
    pub(super) fn drawn(&self) -> usize {
        self.drawn
    }

    /// Draws the next frame.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where there is none, or not all of it, and [`Refusal::Exceeded`].
    pub(super) fn advance(&mut self, budget: &mut Budget) -> Result<(), Refusal> {
        self.dispose();
        let frame = self.decoder.next_frame_info().map_err(refusal)?;
        let frame = frame.ok_or(Refusal::Damaged)?;
        let mut part = Part::of(frame);
        let size = (frame.width.into(), frame.height.into());
        let screen = (self.decoder.width().into(), self.decoder.height().into());
        if self.drawn == 0 && outgrows(size, screen) {
            (part.left, part.top) = (0, 0); // it takes the screen's place
        }
        let colours = Colours::of(self.decoder.palette().map_err(refusal)?, part.transparent);
        if part.dispose == DisposalMethod::Previous {
            if self.before.is_empty() {
                self.before = budget.room(self.canvas.samples().len())?;
            }
            self.before.clear();
            self.before.extend_from_slice(self.canvas.samples());
        }
        self.draw(&part, &colours)?;
        self.last = Some(part);
        self.drawn = self.drawn.saturating_add(1);
        Ok(())
    }

    /// What is seen, made small.
    ///
    /// # Errors
    /// [`Refusal::Exceeded`].
    pub(super) fn small(
        &self,
        wanted: Wanted<'_>,
        budget: &mut Budget,
    ) -> Result<Decoded, Refusal> {
        let profile = match self.decoder.icc_profile() {
            Some(octets) => {
                let mut profile = budget.room(octets.len())?;
                profile.extend_from_slice(octets);
                Some(profile)
            }
            None => None,
        };
        let head = Head {
            size: self.canvas.size(),
            orientation: Orientation::NoTransforms,
            profile,
        };
        head.small(&mut PictureRows::of(&self.canvas), wanted, budget)
    }

    /// GIF89a §23: what becomes of the last frame. What "to the background" means is: to nothing.
    fn dispose(&mut self) {
        let Some(last) = self.last.take() else {
            return;
        };
        match last.dispose {
            DisposalMethod::Any | DisposalMethod::Keep => (),
            DisposalMethod::Background => {
                for row in 0..last.height {
                    for pixel in last.pixels_of(row, &mut self.canvas) {
                        *pixel = [0; 4];
                    }
                }
            }
            DisposalMethod::Previous => {
                self.canvas.samples_mut().copy_from_slice(&self.before);
            }
        }
    }

    fn draw(&mut self, part: &Part, colours: &Colours) -> Result<(), Refusal> {
        if part.width == 0 {
            return Ok(()); // nothing is drawn, and no row is ever full
        }
        self.row.clear();
        self.row.resize(part.width, 0);
        for pass in part.passes() {
            for row in (pass.first..part.height).step_by(pass.step) {
                let full = self.decoder.fill_buffer(&mut self.row).map_err(refusal)?;
                if !full {
                    return Err(Refusal::Damaged);
                }
                let pixels = part.pixels_of(row, &mut self.canvas);
                for (pixel, number) in pixels.iter_mut().zip(self.row.iter()) {
                    if let Some([red, green, blue]) = colours.of_number(*number) {
                        *pixel = [red, green, blue, u8::MAX];
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a frame's sides can be.
const WIDEST: usize = 65_535;

/// Where a frame lies, and how.
struct Part {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    interlaced: bool,
    transparent: Option<u8>,
    dispose: DisposalMethod,
}

/// Rows that come one after the other.
struct Pass {
    first: usize,
    step: usize,
}

/// GIF89a appendix E.
const INTERLACED: &[Pass] = &[
    Pass { first: 0, step: 8 },
    Pass { first: 4, step: 8 },
    Pass { first: 2, step: 4 },
    Pass { first: 1, step: 2 },
];
const IN_ORDER: &[Pass] = &[Pass { first: 0, step: 1 }];

impl Part {
    fn of(frame: &Frame<'_>) -> Self {
        Self {
            left: frame.left.into(),
            top: frame.top.into(),
            width: frame.width.into(),
            height: frame.height.into(),
            interlaced: frame.interlaced,
            transparent: frame.transparent,
            dispose: frame.dispose,
        }
    }

    fn passes(&self) -> &'static [Pass] {
        if self.interlaced {
            INTERLACED
        } else {
            IN_ORDER
        }
    }

    /// The place of one of the rows on the canvas, as far as it is there.
    fn pixels_of<'c>(&self, row: usize, canvas: &'c mut Picture) -> &'c mut [[u8; 4]] {
        let len = canvas.row_len().max(1);
        let at = self.top.saturating_add(row);
        let line = canvas.samples_mut().chunks_exact_mut(len).nth(at);
        let (pixels, _none) = line.unwrap_or_default().as_chunks_mut();
        let end = self.left.saturating_add(self.width).min(pixels.len());
        pixels.get_mut(self.left..end).unwrap_or_default()
    }
}

/// The colours of a frame by their numbers.
struct Colours([Option<[u8; 3]>; 256]);

impl Colours {
    fn of(table: &[u8], transparent: Option<u8>) -> Self {
        let mut colours = [None; 256];
        for (place, colour) in colours.iter_mut().zip(table.as_chunks().0) {
            *place = Some(*colour);
        }
        if let Some(number) = transparent
            && let Some(place) = colours.get_mut(usize::from(number))
        {
            *place = None;
        }
        Self(colours)
    }

    /// `None` for what is transparent, and for what is not in the table.
    fn of_number(&self, number: u8) -> Option<[u8; 3]> {
        self.0.get(usize::from(number)).copied().flatten()
    }
}

fn refusal(error: DecodingError) -> Refusal {
    match error {
        DecodingError::OutOfMemory | DecodingError::MemoryLimit => {
            Refusal::Exceeded(Resource::Memory)
        }
        DecodingError::DecoderNotFound
        | DecodingError::EndCodeNotFound
        | DecodingError::UnexpectedEof
        | DecodingError::LzwError(_)
        | DecodingError::Format(_)
        | DecodingError::Io(_)
        | _ => Refusal::Damaged,
    }
}
