//! What a result claims to be, held against its own first octets: format by its magic, width and height from its header.
//! Decodes no pixel; that is for the viewer, and what comes here was made by the vault from pixels.

use crate::request::Format;

/// The largest number of JPEG segments looked at before the frame header; real ones have about ten.
const MOST_SEGMENTS: usize = 64;

/// What the octets themselves say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Picture {
    /// The format.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Picture {
    /// Reads the header of a JPEG, PNG, WebP, AVIF or GIF file; `None` where it is none of these or is cut short.
    #[must_use]
    pub fn of(octets: &[u8]) -> Option<Self> {
        let (format, (width, height)) = match octets {
            [0xff, 0xd8, rest @ ..] => (Format::Jpeg, jpeg_size(rest)?),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, rest @ ..] => {
                (Format::Png, png_size(rest)?)
            }
            [b'G', b'I', b'F', b'8', b'9', b'a', rest @ ..] => (Format::Gif, gif_size(rest)?),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                rest @ ..,
            ] => (Format::WebP, webp_size(rest)?),
            [
                _,
                _,
                _,
                _,
                b'f',
                b't',
                b'y',
                b'p',
                b'a',
                b'v',
                b'i',
                b'f',
                rest @ ..,
            ] => (Format::Avif, avif_size(rest)?),
            _ => return None,
        };
        let there = width > 0 && height > 0;
        there.then_some(Self {
            format,
            width,
            height,
        })
    }
}

/// GIF89a §18: the logical screen, of which every frame is a part.
fn gif_size(rest: &[u8]) -> Option<(u32, u32)> {
    let [width_low, width_high, height_low, height_high] = *rest.first_chunk()?;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]));
    Some((side(width_low, width_high), side(height_low, height_high)))
}

/// ITU-T T.81 §B.2.2: the frame header, after segments of marker and length. `rest` starts behind SOI.
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    for _ in 0..MOST_SEGMENTS {
        match rest {
            [0xff, 0xff, ..] => rest = rest.get(1..)?, // fill octet, T.81 §B.1.1.2
            [0xff, marker, high, low, body @ ..] => {
                if is_frame(*marker) {
                    return frame_size(body);
                }
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = body.get(length.checked_sub(2)?..)?;
            }
            _ => return None,
        }
    }
    None
}

/// SOF0 to SOF15 without DHT, JPG and DAC (T.81 table B.1).
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

fn frame_size(body: &[u8]) -> Option<(u32, u32)> {
    let [_precision, h1, h0, w1, w0, ..] = body else {
        return None;
    };
    let height = u16::from_be_bytes([*h1, *h0]);
    Some((u16::from_be_bytes([*w1, *w0]).into(), height.into()))
}

/// PNG (ISO/IEC 15948 §11.2.2): IHDR comes first. `rest` starts behind the signature.
fn png_size(rest: &[u8]) -> Option<(u32, u32)> {
    let [
        _,
        _,
        _,
        _,
        b'I',
        b'H',
        b'D',
        b'R',
        w3,
        w2,
        w1,
        w0,
        h3,
        h2,
        h1,
        h0,
        ..,
    ] = rest
    else {
        return None;
    };
    let height = u32::from_be_bytes([*h3, *h2, *h1, *h0]);
    Some((u32::from_be_bytes([*w3, *w2, *w1, *w0]), height))
}

/// Octets in which the properties of an AVIF picture stand.
const AVIF_HEAD: usize = 1024;

/// ISO/IEC 23008-12 §6.5.3: the box `ispe`, whose version and flags are zero, wherever it is among the properties; all pictures in a
/// file of ours, the alpha included, have one size.
fn avif_size(rest: &[u8]) -> Option<(u32, u32)> {
    let head = rest.get(..AVIF_HEAD).unwrap_or(rest);
    let at = head
        .windows(8)
        .position(|octets| octets == b"ispe\0\0\0\0")?;
    let sides = head.get(at..)?.get(8..)?;
    let (width, sides) = sides.split_first_chunk()?;
    let height = sides.first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// RFC 9649 §2: the first chunk is VP8, VP8L or VP8X. `rest` starts behind `WEBP`.
fn webp_size(rest: &[u8]) -> Option<(u32, u32)> {
    let (name, body) = (rest.get(..4)?, rest.get(8..)?);
    match name {
        b"VP8X" => extended_size(body),
        b"VP8L" => lossless_size(body),
        b"VP8 " => lossy_size(body),
        _ => None,
    }
}

/// RFC 9649 §2.7: 24-bit canvas width and height, each minus one.
fn extended_size(body: &[u8]) -> Option<(u32, u32)> {
    let [_flags, _, _, _, w0, w1, w2, h0, h1, h2, ..] = body else {
        return None;
    };
    let width = u32::from_le_bytes([*w0, *w1, *w2, 0]);
    let height = u32::from_le_bytes([*h0, *h1, *h2, 0]);
    Some((width.checked_add(1)?, height.checked_add(1)?))
}

/// RFC 9649 §3.4: signature, then 14 bits of width minus one and 14 of height minus one.
fn lossless_size(body: &[u8]) -> Option<(u32, u32)> {
    let [0x2f, b0, b1, b2, b3, ..] = body else {
        return None;
    };
    let bits = u32::from_le_bytes([*b0, *b1, *b2, *b3]);
    let (width, height) = (bits & 0x3fff, (bits >> 14) & 0x3fff);
    Some((width.checked_add(1)?, height.checked_add(1)?))
}

/// RFC 6386 §9.1: frame tag, start code, then two times 14 bits of size and 2 of scale.
fn lossy_size(body: &[u8]) -> Option<(u32, u32)> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = body else {
        return None;
    };
    let (width, height) = (
        u16::from_le_bytes([*w0, *w1]),
        u16::from_le_bytes([*h0, *h1]),
    );
    Some((u32::from(width & 0x3fff), u32::from(height & 0x3fff)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A JPEG's start: SOI, one APP0 segment, SOF2 of 320 × 240.
    pub(crate) const JPEG: &[u8] = &[
        0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 0, 240, 1, 64, 3,
    ];

    fn seen(octets: &[u8]) -> Option<(Format, u32, u32)> {
        Picture::of(octets).map(|p| (p.format, p.width, p.height))
    }

    #[test]
    fn each_format_is_known_by_its_magic_and_measured() {
        assert_eq!(seen(JPEG), Some((Format::Jpeg, 320, 240)));
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\xf0";
        assert_eq!(seen(png), Some((Format::Png, 320, 240)));
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\0";
        assert_eq!(seen(lossy), Some((Format::WebP, 320, 240)));
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0";
        assert_eq!(seen(extended), Some((Format::WebP, 320, 240)));
        let avif = b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B\0\0\0\x14ispe\0\0\0\0\0\0\x01\x40\0\0\0\xf0";
        assert_eq!(seen(avif), Some((Format::Avif, 320, 240)));
        assert_eq!(seen(&avif[..avif.len() - 1]), None);
        let gif = b"GIF89a\x40\x01\xf0\0";
        assert_eq!(seen(gif), Some((Format::Gif, 320, 240)));
        assert_eq!(seen(&gif[..gif.len() - 1]), None);
        let bits: u32 = 319 | 239 << 14;
        let mut lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f".to_vec();
        lossless.extend_from_slice(&bits.to_le_bytes());
        assert_eq!(seen(&lossless), Some((Format::WebP, 320, 240)));
    }

    #[test]
    fn markup_and_cut_headers_are_no_picture() {
        assert_eq!(seen(b"<html><script>"), None);
        for cut in 0..JPEG.len() - 1 {
            assert_eq!(seen(&JPEG[..cut.min(16)]), None, "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets: Vec<u8>) {
            let mut jpeg = vec![0xff, 0xd8];
            jpeg.extend_from_slice(&octets);
            for input in [&octets[..], &jpeg[..]] {
                if let Some(picture) = Picture::of(input) {
                    prop_assert!(picture.width > 0 && picture.height > 0);
                }
            }
        }
    }
}
