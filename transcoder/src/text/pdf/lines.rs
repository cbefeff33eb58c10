//! The lines of a page, put together from its glyphs: a PDF says where each stands, and nothing of words, lines or paragraphs.
//!
//! The order is that in which the page is drawn, which is that of reading with nearly every program that writes PDF.

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Rect};

use super::counted::{Calls, Weight};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;
use crate::text::draft::Draft;
use crate::text::page::{Gap, Page};
use crate::text::room::{Flow, Stop};

/// What a page's glyphs say.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    glyphs: usize,
    calls: Calls,
}

struct Line {
    text: Draft,
    left: f64,
    right: f64,
    baseline: f64,
    size: f64,
}

/// A glyph, as far as it matters here.
struct Placed {
    left: f64,
    right: f64,
    baseline: f64,
    size: f64,
}

/// Glyphs of one page that are read; a dense page has 10,000.
const MOST_GLYPHS: usize = 500_000;
/// Units of a glyph's outline to the size of its font (ISO 32000-1 §9.2.4).
const UNITS: f64 = 1000.0;
/// A gap wider than this part of the font's size divides words: a narrow space has 0.2, letters of a word at most 0.1.
const WORD_GAP: f64 = 0.17;
/// Baselines further apart than this part of the size are of two lines.
const LINE_STEP: f64 = 0.5;
/// Lines further apart than this are of two paragraphs.
const PARAGRAPH_STEP: f64 = 1.7;
/// Lines of a page that is narrower than so many of the font's sizes are no paragraph: they are a list, a form.
const NARROWEST: f64 = 20.0;
/// A line that reaches this part of the page's widest goes on in the next one.
const FULL: f64 = 0.85;

impl Lines {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, transform: Affine, of_run: Affine) {
        self.glyphs = self.glyphs.saturating_add(1);
        if self.glyphs > MOST_GLYPHS {
            return;
        }
        let mut text = Draft::default();
        match glyph.as_unicode() {
            Some(BfString::Char(character)) => text.push(character),
            Some(BfString::String(several)) => text.push_str(&several),
            None => text.push(char::REPLACEMENT_CHARACTER),
        }
        let advance = match glyph {
            Glyph::Outline(outline) => outline.advance_width(),
            Glyph::Type3(drawn) => drawn.advance_width(),
        };
        let advance = f64::from(advance.unwrap_or(0.0));
        let at = |x: f64, y: f64| {
            let (x, y) = applied(transform, x, y);
            applied(of_run, x, y)
        };
        let ((left, baseline), (right, _), (up_x, up_y)) =
            (at(0.0, 0.0), at(advance, 0.0), at(0.0, UNITS));
        let size = (up_x - left).hypot(up_y - baseline);
        let finite = [left, right, baseline, size].iter().all(|n| n.is_finite());
        if finite && size > 0.0 {
            let placed = Placed {
                left,
                right,
                baseline,
                size,
            };
            self.place(&text, &placed);
        }
    }

    fn place(&mut self, text: &str, glyph: &Placed) {
        match self.lines.last_mut() {
            Some(line) if line.goes_on_with(glyph) => {
                let gap = glyph.left - line.right;
                let blank = line.text.ends_with(' ') || text.starts_with(char::is_whitespace);
                if gap > WORD_GAP * glyph.size && !blank {
                    line.text.push(' ');
                }
                line.text.push_str(text);
                line.right = glyph.right.max(line.right);
                line.size = glyph.size.max(line.size);
            }
            Some(_) | None if text.trim().is_empty() => {}
            Some(_) | None => self.lines.push(Line {
                text: Draft::new(text),
                left: glyph.left,
                right: glyph.right,
                baseline: glyph.baseline,
                size: glyph.size,
            }),
        }
    }

    /// Writes the lines, those of one paragraph joined.
    pub(super) fn write(mut self, page: &mut Page, budget: &mut Budget) -> Flow {
        if self.glyphs > MOST_GLYPHS {
            return Err(Stop::Refused(Refusal::Exceeded(Resource::Elements)));
        }
        let octets: usize = self.lines.iter().map(|line| line.text.len()).sum();
        budget.take_memory(u64::try_from(octets).unwrap_or(u64::MAX))?;
        let rights = self.lines.iter().map(|line| line.right);
        let widest = rights.fold(f64::MIN, f64::max);
        let mut before: Option<&Line> = None;
        for line in &mut self.lines {
            line.text.trim_end();
        }
        for line in &self.lines {
            if let Some(before) = before {
                before.join(line, widest, page)?;
            }
            page.text(line.text.strip_suffix(SOFT_HYPHEN).unwrap_or(&line.text))?;
            before = Some(line);
        }
        Ok(())
    }
}

const SOFT_HYPHEN: char = '\u{ad}';

impl Line {
    fn goes_on_with(&self, glyph: &Placed) -> bool {
        let size = glyph.size.max(self.size);
        let on_line = (glyph.baseline - self.baseline).abs() < LINE_STEP * size;
        // What is drawn further left than where the line has come is another column, or drawn twice.
        on_line && glyph.left > self.right - size && glyph.left < self.right + 20.0 * size
    }

    /// What lies between this line and `next`.
    fn join(&self, next: &Self, widest: f64, page: &mut Page) -> Flow {
        let step = next.baseline - self.baseline;
        let size = self.size.max(next.size);
        let near = step > 0.0 && step < PARAGRAPH_STEP * size;
        let same_size = (self.size - next.size).abs() < 0.1 * size;
        let reach = widest - self.left;
        let full = reach > NARROWEST * size && (self.right - self.left) > FULL * reach;
        let aligned = (self.left - next.left).abs() < 0.5 * size;
        match (near, near && full && same_size && aligned) {
            (_, true) if self.text.ends_with(SOFT_HYPHEN) => Ok(()),
            (_, true) => page.text(" "),
            (true, false) => page.separate(Gap::Line),
            (false, false) => page.separate(Gap::Paragraph),
        }
    }
}

/// `kurbo`'s own product, in plain numbers.
fn applied(transform: Affine, x: f64, y: f64) -> (f64, f64) {
    let [a, b, c, d, e, f] = transform.as_coeffs();
    (a * x + c * y + e, b * x + d * y + f)
}

impl<'a> Device<'a> for Lines {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            self.calls.count(Weight::Drawn);
            self.glyph(glyph, glyph.transform(), props.transform);
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.calls.count(Weight::Drawn);
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.calls.count(Weight::Clipped);
    }

    fn push_clip_rect(&mut self, _: &Rect) {
        self.calls.count(Weight::Clipped);
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.calls.count(Weight::Clipped);
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.calls.count(Weight::Drawn);
    }

    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {
        self.calls.count(Weight::Drawn);
    }

    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
