//! PDF (ISO 32000): its text, and its first page as a picture.
//!
//! Read by `hayro`, which has no unsafe code and runs no script. What its streams inflate to is measured before it sees
//! them, and what it draws is counted: forms may be drawn in forms, fifty deep, so that a kilobyte draws for ever.

mod counted;
mod first_page;
mod lines;
mod streams;

use std::sync::Arc;

use hayro::hayro_interpret::hayro_syntax::page::Page as Sheet;
use hayro::hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro::hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use hayro::kurbo::{Affine, Rect};
use zeroize::Zeroizing;

pub use self::first_page::{FirstPage, first_page};

use self::counted::guarded;
use self::lines::Lines;
use super::page::{Element, Gap, Level, Page};
use super::room::{Flow, Stop};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// More pages than this are not read.
const MOST_PAGES: usize = 5000;
/// How far from the start of the file its mark may be (Adobe's implementation note 13).
const FARTHEST_MARK: usize = 1024;

/// Reads the text of all pages onto `page`.
pub(super) fn read(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    let document = opened(octets, budget)?;
    let cache = InterpreterCache::new();
    let pages = guarded(|| document.pages())?;
    if pages.len() > MOST_PAGES {
        return Err(Stop::Refused(Refusal::Exceeded(Resource::Elements)));
    }
    for (index, sheet) in pages.iter().enumerate() {
        let lines = heard(sheet, &cache)?;
        if pages.len() > 1 && !lines.is_empty() {
            page.open(Element::Heading(Level::Third))?;
            page.text(&format!("Page {}", index.saturating_add(1)))?;
            page.close(Element::Heading(Level::Third))?;
        }
        lines.write(page, budget)?;
        page.separate(Gap::Paragraph)?;
    }
    Ok(())
}

/// What the glyphs of a page say.
fn heard<'a>(sheet: &Sheet<'a>, cache: &InterpreterCache<'a>) -> Result<Lines, Refusal> {
    guarded(|| {
        let mut lines = Lines::default();
        let mut context = Context::new(
            Affine::FLIP_Y,
            Rect::new(0.0, 0.0, WHOLE, WHOLE),
            cache,
            sheet.xref(),
            InterpreterSettings::default(),
        );
        interpret_page(sheet, &mut context, &mut lines);
        lines
    })
}

/// No page is larger, in points (ISO 32000-1 annex C: 14,400).
const WHOLE: f64 = 14_400.0;

/// # Errors
/// [`Refusal::DeclaredOtherwise`]: no PDF. [`Refusal::Unsupported`]: it wants a password. [`Refusal::Damaged`], and over the
/// budget of memory.
fn opened(octets: &[u8], budget: &mut Budget) -> Result<Pdf, Refusal> {
    let mark = b"%PDF-";
    let head = octets.get(..FARTHEST_MARK).unwrap_or(octets);
    if !head.windows(mark.len()).any(|window| window == mark) {
        return Err(Refusal::DeclaredOtherwise);
    }
    streams::measure(octets, budget)?;
    budget.take_memory(u64::try_from(octets.len()).unwrap_or(u64::MAX))?;
    let own = Arc::new(Zeroizing::new(octets.to_vec()));
    guarded(|| Pdf::new(own))?.map_err(|error| match error {
        LoadPdfError::Decryption(_) => Refusal::Unsupported,
        LoadPdfError::Invalid => Refusal::Damaged,
    })
}

#[cfg(test)]
mod tests;
