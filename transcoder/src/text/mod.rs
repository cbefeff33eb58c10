//! Text and documents made readable on a small device: another charset, plain text, or small HTML.
//!
//! | module | holds |
//! | --- | --- |
//! | [`source`](Source), `recognise` | the types that are read, and how files of them begin |
//! | `source_text` | octets to text: which charset a part is in |
//! | `page` | what every document becomes: blocks, words, links; as plain text or HTML |
//! | `html`, `enriched`, `csv`, `calendar`, `vcard`, `office`, `pdf`, `rtf` | one reader for each |
//! | [`header`] | header fields in another charset |
//! | `room`, `draft`, `width`, `address` | what goes out, counted; text in the making, wiped; columns; where links may lead |
//!
//! Nothing that a document names is ever fetched, and nothing that comes out makes its reader's program fetch.

mod address;
mod calendar;
mod columns;
mod content_line;
mod csv;
mod draft;
mod enriched;
pub mod header;
mod html;
mod moment;
mod office;
mod page;
pub mod pdf;
mod plain;
mod recognise;
mod room;
mod rtf;
mod source;
mod source_text;
mod vcard;
mod width;

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

pub use charset::Charset;
use charset::{Meter, NotEncoded, Unknown, encode};
use secret::Plaintext;

use self::draft::Draft;
use self::page::Page;
use self::room::{Flow, Room, Stop, escape};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

pub use self::columns::Columns;
pub(crate) use self::recognise::recognise;
pub use self::source::{Parameter, Source, Target, pairs};

/// What is asked for, beyond the type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parameters<'a> {
    /// The charset that comes out (`charset`).
    pub charset: Charset,
    /// What stands for a character that the charset lacks (`unknown-character-replacement`, RFC 5259 §12.1).
    pub unknown_character_replacement: Option<&'a str>,
    /// How long the lines of plain text are. Text that is plain already keeps its lines.
    pub columns: Columns,
    /// The most octets that come out; what is longer is cut. `None`: what the budget allows.
    pub octets: Option<NonZeroUsize>,
}

impl Parameters<'_> {
    /// UTF-8, in lines as mail has them, whole.
    pub const USUAL: Self = Self {
        charset: Charset::UTF_8,
        unknown_character_replacement: None,
        columns: Columns::USUAL,
        octets: None,
    };
}

/// What the part's Content-Type says, beside its type.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Declared<'a> {
    /// `charset`
    pub charset: Option<&'a str>,
    /// `header`: whether the first line of a CSV names the columns (RFC 4180 §3).
    pub header: Option<&'a str>,
}

/// A converted text.
pub struct Text {
    /// Its type.
    pub target: Target,
    /// Its charset, as a `charset` parameter names it.
    pub charset: &'static str,
    /// Whether all of it is there.
    pub extent: Extent,
    /// Its octets; lines end in CRLF (RFC 3516 §6).
    pub octets: Plaintext,
}

/// How much of a document came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// As much as the octets asked for allow. The text says so at its end.
    Cut,
}

/// Makes of `input` the text that is asked for.
///
/// Where no charset is declared, or one that nobody knows, a mark of byte order decides, then what HTML says of itself, then whether
/// it is valid UTF-8; the last resort is windows-1252. What does not decode is U+FFFD. The same input gives the same octets.
///
/// # Errors
/// A [`Refusal`]: [`Refusal::UnreadCharset`] where the declared charset is known and not read,
/// [`Refusal::Unrepresentable`] where a character is not in the charset asked for and nothing may stand for it.
pub fn convert(
    input: &[u8],
    from: Source,
    declared: Declared<'_>,
    to: Target,
    parameters: &Parameters<'_>,
    budget: &mut Budget,
) -> Result<Text, Refusal> {
    budget.take_input(input.len())?;
    if !parameters.charset.is_written() {
        return Err(Refusal::Unrepresentable);
    }
    let asked = parameters.octets.map(NonZeroUsize::get);
    let instead = instead(to, parameters);
    let unknown = match (&instead, to) {
        (Some(with), _) => Unknown::Replace(with),
        (None, Target::Html) => Unknown::Reference,
        (None, Target::Plain) => Unknown::Refuse,
    };
    let room = Room::new(asked, Meter::new(parameters.charset, unknown), budget);
    let part = Part {
        octets: input,
        declared,
    };
    let (room, extent) = if to == Target::Plain && from.is_plain() {
        let text = part.text(from, budget)?;
        plain::pass(&text, room)?
    } else {
        let page = match to {
            Target::Plain => Page::plain(room, parameters.columns),
            Target::Html => Page::markup(room, parameters.charset.name()).map_err(refused)?,
        };
        written(page, part, from, budget)?
    };
    let text = room.into_text();
    let octets = in_charset(text, unknown, parameters, budget)?;
    budget.take_output(octets.len())?;
    Ok(Text {
        target: to,
        charset: parameters.charset.name(),
        extent,
        octets,
    })
}

/// A part as it came.
#[derive(Clone, Copy)]
struct Part<'a> {
    octets: &'a [u8],
    declared: Declared<'a>,
}

fn written(
    mut page: Page,
    part: Part<'_>,
    from: Source,
    budget: &mut Budget,
) -> Result<(Room, Extent), Refusal> {
    let extent = match read(&mut page, part, from, budget) {
        Ok(()) => Extent::Whole,
        Err(Stop::Full) => Extent::Cut,
        Err(Stop::Refused(refusal)) => return Err(refusal),
    };
    let room = page.finish(extent).map_err(refused)?;
    Ok((room, extent))
}

fn read(page: &mut Page, part: Part<'_>, from: Source, budget: &mut Budget) -> Flow {
    match from {
        Source::Plain | Source::Markdown => plain::read(&part.text(from, budget)?, page),
        Source::Html | Source::Xhtml => html::read(&part.text(from, budget)?, from, page),
        Source::Enriched => enriched::read(&part.text(from, budget)?, page),
        Source::RichText => enriched::read_rich(&part.text(from, budget)?, page),
        Source::Csv | Source::Tsv => {
            let text = part.text(from, budget)?;
            csv::read(&text, csv::Dialect::of(from, part.declared.header), page)
        }
        Source::Calendar => calendar::read(&part.text(from, budget)?, page),
        Source::Vcard => vcard::read(&part.text(from, budget)?, page),
        Source::Docx => office::docx(part.octets, page, budget),
        Source::Xlsx => office::xlsx(part.octets, page, budget),
        Source::Pptx => office::pptx(part.octets, page, budget),
        Source::Odt | Source::Ods | Source::Odp => office::odf(part.octets, page, budget),
        Source::Pdf => pdf::read(part.octets, page, budget),
        Source::Rtf => rtf::read(part.octets, page, budget),
    }
}

fn refused(stop: Stop) -> Refusal {
    match stop {
        // Not even the page's frame fits.
        Stop::Full => Refusal::CannotFit,
        Stop::Refused(refusal) => refusal,
    }
}

/// What was asked to stand for a character that the charset lacks, as the target has it: in HTML it is text like any other.
fn instead(to: Target, parameters: &Parameters<'_>) -> Option<Draft> {
    let with = parameters.unknown_character_replacement?;
    let mut escaped = Draft::default();
    match to {
        Target::Plain => escaped.push_str(with),
        Target::Html => escape(with, &mut escaped),
    }
    Some(escaped)
}

/// The octets of `text` in the charset asked for.
fn in_charset(
    text: Plaintext,
    unknown: Unknown<'_>,
    parameters: &Parameters<'_>,
    budget: &mut Budget,
) -> Result<Plaintext, Refusal> {
    if parameters.charset == Charset::UTF_8 {
        return Ok(text);
    }
    let allowed = budget.output_octets.min(budget.memory / 2);
    let asked = parameters.octets.map_or(usize::MAX, NonZeroUsize::get);
    let mut octets = Plaintext::with_limit(allowed.min(asked));
    // Only `str` was written to it.
    let text = std::str::from_utf8(text.expose()).map_err(|_| Refusal::Damaged)?;
    encode(parameters.charset, text, unknown, &mut octets).map_err(|reason| match reason {
        NotEncoded::Unrepresentable | NotEncoded::ReadOnly => Refusal::Unrepresentable,
        NotEncoded::Exceeded if asked < allowed => Refusal::CannotFit,
        NotEncoded::Exceeded => Refusal::Exceeded(Resource::Output),
    })?;
    Ok(octets)
}
