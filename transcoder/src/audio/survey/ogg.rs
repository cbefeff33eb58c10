//! Ogg pages (RFC 3533 §6): each lies inside the file, and all are of one stream.

use super::{Octets, vorbis};
use crate::refusal::Refusal;

/// What an Ogg stream carries, by its first packet.
pub(in crate::audio) enum Codec {
    /// RFC 7845 §5.1
    Opus,
    /// RFC 5334 §4.2
    Vorbis,
}

/// One page.
struct Page<'a> {
    serial: [u8; 4],
    body: &'a [u8],
}

fn page<'a>(octets: &mut Octets<'a>) -> Result<Page<'a>, Refusal> {
    if octets.take(5)? != b"OggS\0" {
        return Err(Refusal::Damaged);
    }
    octets.take(9)?; // flags and granule position
    let serial = octets.array()?;
    octets.take(8)?; // sequence and checksum
    let [segments] = octets.array()?;
    let laces = octets.take(usize::from(segments))?;
    let len = laces.iter().copied().map(usize::from).sum();
    let body = octets.take(len)?;
    Ok(Page { serial, body })
}

pub(super) fn whole(input: &[u8]) -> Result<(), Refusal> {
    let mut octets = Octets::new(input);
    let first = page(&mut octets)?;
    let mut setup = vorbis::Setup::default();
    let vorbis = matches!(named(first.body), Some(Codec::Vorbis));
    while !octets.is_empty() {
        let page = page(&mut octets)?;
        if page.serial != first.serial {
            return Err(Refusal::Unsupported);
        }
        if vorbis {
            setup.read(page.body)?;
        }
    }
    Ok(())
}

pub(super) fn codec(input: &[u8]) -> Result<Codec, Refusal> {
    named(page(&mut Octets::new(input))?.body).ok_or(Refusal::Unsupported)
}

fn named(packet: &[u8]) -> Option<Codec> {
    match packet {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => Some(Codec::Opus),
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => Some(Codec::Vorbis),
        [] | [..] => None,
    }
}
