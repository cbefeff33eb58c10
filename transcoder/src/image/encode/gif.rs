//! GIF (GIF89a): one table of colours for all frames, and of each frame after the first only what changed.

use std::borrow::Cow;

use gif::{DisposalMethod, Encoder, EncodingError, Repeat};
use zeroize::Zeroizing;

use super::quantise::Colours;
use super::{Encoded, Sink};
use crate::image::animation::Shown;
use crate::image::size::{Size, length};
use crate::image::survey::Plays;
use crate::refusal::Refusal;

/// Octets of memory that it takes a pixel: two frames by their colours' places, what changed of one, and its file.
pub(in crate::image) const WORKING_OCTETS: u64 = 8;

/// Encodes `shown`, opaque pictures of one size, keeping at most `limit` octets. The same pictures give the same octets.
///
/// # Errors
/// [`Refusal::Unsupported`] for what GIF has no such picture of.
pub(in crate::image) fn encode(
    shown: &[Shown<'_>],
    plays: Plays,
    limit: usize,
) -> Result<Encoded, Refusal> {
    let mut sink = Sink::new(limit);
    let mut written = || -> Result<(), EncodingError> {
        write(shown, plays, &mut sink)?.into_inner().map(drop) // what comes back is the sink's borrow
    };
    written().map_err(|_| Refusal::Unsupported)?;
    Ok(sink.finish())
}

fn write<'a>(
    shown: &[Shown<'_>],
    plays: Plays,
    sink: &'a mut Sink,
) -> Result<Encoder<&'a mut Sink>, EncodingError> {
    let size = shown.first().map(|first| first.picture.size());
    let (width, height) = size.map_or((0, 0), |size| (side(size.width()), side(size.height())));
    let colours = Colours::of(shown.iter().map(|shown| shown.picture));
    let mut encoder = Encoder::new(sink, width, height, &colours.table())?;
    if shown.len() > 1 {
        encoder.set_repeat(match plays {
            Plays::Once => Repeat::Finite(0),
            Plays::Again(times) => Repeat::Finite(times.get()),
            Plays::Forever => Repeat::Infinite,
        })?;
    }
    let mut before: Option<Zeroizing<Vec<u8>>> = None;
    for Shown {
        picture,
        hundredths,
    } in shown
    {
        let places = colours.places(picture);
        let part = match &before {
            None => Part::whole(picture.size(), &places),
            Some(before) => Part::changed(picture.size(), before, &places, colours.unchanged()),
        };
        encoder.write_frame(&gif::Frame {
            delay: *hundredths,
            dispose: DisposalMethod::Keep,
            transparent: before.as_ref().map(|_| colours.unchanged()),
            left: part.left,
            top: part.top,
            width: part.width,
            height: part.height,
            buffer: Cow::Borrowed(&part.places),
            ..gif::Frame::default()
        })?;
        before = Some(places);
    }
    Ok(encoder)
}

/// A rectangle of a frame.
struct Part {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
    places: Zeroizing<Vec<u8>>,
}

impl Part {
    fn whole(size: Size, places: &[u8]) -> Self {
        Self {
            left: 0,
            top: 0,
            width: side(size.width()),
            height: side(size.height()),
            places: Zeroizing::new(places.to_vec()),
        }
    }

    /// What is not in `places` as it was `before`, and between it what is, which is left as it stands. Where nothing changed it is one
    /// pixel: the frame is there for its time.
    fn changed(size: Size, before: &[u8], places: &[u8], unchanged: u8) -> Self {
        let width = length(size.width());
        let rows = || before.chunks(width).zip(places.chunks(width));
        let differs = |(before, now): (&[u8], &[u8])| before != now;
        let top = rows().position(differs).unwrap_or(0);
        let below = rows()
            .rposition(differs)
            .map_or(1, |last| last.saturating_add(1));
        let band = || rows().take(below).skip(top);
        let columns = band().filter_map(|(before, now)| changed_columns(before, now));
        let (left, right) = columns
            .reduce(|(left, right), (from, to)| (left.min(from), right.max(to)))
            .unwrap_or((0, 1));
        let mut kept = Zeroizing::new(Vec::with_capacity(places.len()));
        for (before, now) in band() {
            let pixels = before.iter().zip(now).take(right).skip(left);
            kept.extend(pixels.map(|(before, now)| if before == now { unchanged } else { *now }));
        }
        Self {
            left: narrow(left),
            top: narrow(top),
            width: narrow(right.saturating_sub(left)),
            height: narrow(below.saturating_sub(top)),
            places: kept,
        }
    }
}

/// From the first column that differs to behind the last.
fn changed_columns(before: &[u8], now: &[u8]) -> Option<(usize, usize)> {
    let differs = |(before, now): (&u8, &u8)| before != now;
    let first = before.iter().zip(now).position(differs)?;
    let last = before.iter().zip(now).rposition(differs)?;
    Some((first, last.saturating_add(1)))
}

/// No side of a picture is longer than this.
fn side(pixels: u32) -> u16 {
    u16::try_from(pixels).unwrap_or(u16::MAX)
}

fn narrow(pixels: usize) -> u16 {
    u16::try_from(pixels).unwrap_or(u16::MAX)
}
