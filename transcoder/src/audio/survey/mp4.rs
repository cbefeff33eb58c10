//! Boxes of MP4 (ISO/IEC 14496-12): the outermost lie inside the file, and the edit list of the sound says where it
//! begins. The decoder does not read edit lists; without this, an encoder's priming would be heard as silence.

use super::{Octets, length};
use crate::refusal::Refusal;

/// What the first edit keeps, in seconds: an AAC encoder's priming is before `start`, its padding behind `length`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::audio) struct Edit {
    /// Where the sound begins.
    pub(in crate::audio) start: f64,
    /// How long it is; `None`: to the end.
    pub(in crate::audio) length: Option<f64>,
}

/// One box: its kind and what is in it.
fn next<'a>(octets: &mut Octets<'a>) -> Result<([u8; 4], Octets<'a>), Refusal> {
    let size = octets.u32_be()?;
    let kind = octets.array()?;
    let len = match size {
        0 => octets.0.len(),
        1 => length(octets.u64_be()?)?
            .checked_sub(16)
            .ok_or(Refusal::Damaged)?,
        size => length(size)?.checked_sub(8).ok_or(Refusal::Damaged)?,
    };
    Ok((kind, Octets::new(octets.take(len)?)))
}

pub(super) fn whole(input: &[u8]) -> Result<(), Refusal> {
    let mut octets = Octets::new(input);
    while !octets.is_empty() {
        next(&mut octets)?;
    }
    Ok(())
}

/// The first box of this kind.
fn find<'a>(octets: Octets<'a>, wanted: &[u8; 4]) -> Option<Octets<'a>> {
    boxes(octets).find_map(|(kind, inside)| (kind == *wanted).then_some(inside))
}

fn boxes(mut octets: Octets<'_>) -> impl Iterator<Item = ([u8; 4], Octets<'_>)> {
    std::iter::from_fn(move || next(&mut octets).ok())
}

/// The edit list of the first track of sound, if it has one. What cannot be read is as if it were not there.
pub(in crate::audio) fn edit(input: &[u8]) -> Option<Edit> {
    let movie = find(Octets::new(input), b"moov")?;
    let track = boxes(movie)
        .filter(|(kind, _)| kind == b"trak")
        .find(|(_, track)| is_sound(*track))?
        .1;
    let of_movie = timescale(find(movie, b"mvhd")?)?;
    let of_track = timescale(find(find(track, b"mdia")?, b"mdhd")?)?;
    let (length, start) = first_edit(find(find(track, b"edts")?, b"elst")?)?;
    Some(Edit {
        start: f64::from(start) / of_track,
        length: (length > 0).then(|| f64::from(length) / of_movie),
    })
}

fn is_sound(track: Octets<'_>) -> bool {
    let handler = find(track, b"mdia").and_then(|media| find(media, b"hdlr"));
    handler.is_some_and(|handler| handler.0.get(8..12) == Some(b"soun"))
}

/// Ticks per second, of `mvhd` (§8.2.2) and `mdhd` (§8.4.2) alike.
fn timescale(mut header: Octets<'_>) -> Option<f64> {
    let [version, ..]: [u8; 4] = header.array().ok()?;
    header.take(if version == 1 { 16 } else { 8 }).ok()?;
    let ticks = header.u32_be().ok()?;
    (ticks > 0).then(|| f64::from(ticks))
}

/// Length and start of the first edit that is not empty (§8.6.6). Only what fits in 32 bits, at the usual speed.
fn first_edit(mut list: Octets<'_>) -> Option<(u32, u32)> {
    let [version, ..]: [u8; 4] = list.array().ok()?;
    for _ in 0..list.u32_be().ok()? {
        let (length, start) = if version == 1 {
            let length = u32::try_from(list.u64_be().ok()?).ok()?;
            (length, u32::try_from(list.u64_be().ok()?))
        } else {
            let length = list.u32_be().ok()?;
            (length, u32::try_from(u64::from(list.u32_be().ok()?)))
        };
        list.take(4).ok()?; // speed
        match start {
            Ok(start) if i32::try_from(start).is_ok() => return Some((length, start)),
            Ok(_) | Err(_) => {} // -1: nothing is played here
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], inside: &[u8]) -> Vec<u8> {
        let len = u32::try_from(inside.len() + 8).unwrap();
        [&len.to_be_bytes()[..], kind, inside].concat()
    }

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect()
    }

    /// A film of a track of pictures and one of sound, whose header has 100 ticks a second and whose sound has 1000.
    fn film(edits: &[u8]) -> Vec<u8> {
        let track = |handler: &[u8; 4], edits: &[u8]| {
            let handler = boxed(b"hdlr", &[&[0; 8], &handler[..], &[0; 12]].concat());
            let header = boxed(b"mdhd", &numbers(&[0, 0, 0, 1000, 0]));
            let media = boxed(b"mdia", &[header, handler].concat());
            let edits = boxed(b"edts", &boxed(b"elst", edits));
            boxed(b"trak", &[edits, media].concat())
        };
        let pictures = track(b"vide", &numbers(&[0, 1, 7, 7, 1 << 16]));
        let header = boxed(b"mvhd", &numbers(&[0, 0, 0, 100, 0]));
        boxed(b"moov", &[header, pictures, track(b"soun", edits)].concat())
    }

    #[test]
    fn the_first_edit_of_the_sound_that_is_not_empty_holds() {
        let one = 1 << 16;
        let empty = u32::MAX;
        for (list, start, length) in [
            (numbers(&[0, 1, 250, 48, one]), 0.048, Some(2.5)),
            (numbers(&[0, 1, 0, 48, one]), 0.048, None),
            (
                numbers(&[0, 2, 100, empty, one, 250, 48, one]),
                0.048,
                Some(2.5),
            ),
            (numbers(&[1 << 24, 1, 0, 250, 0, 48, one]), 0.048, Some(2.5)),
        ] {
            let edit = edit(&film(&list));
            assert_eq!(edit, Some(Edit { start, length }), "{list:?}");
        }
        for list in [
            numbers(&[0, 1, 100, empty, one]),
            numbers(&[0, 0]),
            numbers(&[0, 2]),
            numbers(&[1 << 24, 1, 0, 250, 1, 48, one]),
        ] {
            assert_eq!(edit(&film(&list)), None, "{list:?}");
        }
    }
}
