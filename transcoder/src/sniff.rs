//! What a file is by its first octets. Never by its name, and never by what somebody declares.

use crate::media::{MediaType, UnreadType};

/// The type whose signature `input` starts with.
#[must_use]
pub fn sniff(input: &[u8]) -> Option<MediaType> {
    match input {
        [0xff, 0xd8, 0xff, ..] => Some(MediaType::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(MediaType::Png),
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
            ..,
        ] => Some(MediaType::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(MediaType::Gif),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(MediaType::Tiff),
        [b'B', b'M', ..] => Some(MediaType::Bmp),
        // ISO/IEC 18181-2: a codestream by itself, or in boxes.
        [0xff, 0x0a, ..] => Some(MediaType::Jxl),
        [
            0,
            0,
            0,
            12,
            b'J',
            b'X',
            b'L',
            b' ',
            b'\r',
            b'\n',
            0x87,
            b'\n',
            ..,
        ] => Some(MediaType::Jxl),
        [] | [..] => None,
    }
}

/// The type that is known and not read, by the brands of an ISO base media file (ISO/IEC 14496-12 §4.3; ISO/IEC 23008-12 §10;
/// AVIF §6). Its own brand goes first: of a file that may be read as either, it says what is in it.
#[must_use]
pub fn sniff_unread(input: &[u8]) -> Option<UnreadType> {
    let (len, rest) = input.split_first_chunk()?;
    let rest = rest.strip_prefix(b"ftyp")?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    let brands = rest
        .get(..len.checked_sub(8)?.min(MOST_BRANDS))
        .unwrap_or(rest);
    let (brands, _cut) = brands.as_chunks();
    brands.iter().find_map(|brand| match brand {
        b"avif" | b"avis" => Some(UnreadType::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(UnreadType::Heif),
        _other => None, // `mif1` is any picture in such a file; what follows says which
    })
}

/// Octets of brands that are looked at.
const MOST_BRANDS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_are_not_read_are_known_by_their_brands() {
        let cases: [(&[u8], Option<UnreadType>); 7] = [
            (
                b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf",
                Some(UnreadType::Avif),
            ),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                Some(UnreadType::Heif),
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
                Some(UnreadType::Heif),
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif",
                Some(UnreadType::Avif),
            ),
            (b"\0\0\0\x14ftypisom\0\0\0\0isomavif", None), // behind the box
            (b"\xff\xff\xff\xffftypheic", Some(UnreadType::Heif)),
            (b"\0\0\0\x04ftyp", None),
        ];
        for (octets, media) in cases {
            assert_eq!(sniff_unread(octets), media, "{octets:?}");
            assert_eq!(sniff(octets), None);
        }
    }

    #[test]
    fn signatures_are_told_apart() {
        let cases: [(&[u8], Option<MediaType>); 14] = [
            (b"\xff\xd8\xff\xe0", Some(MediaType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0", Some(MediaType::Png)),
            (b"RIFF\x10\0\0\0WEBPVP8L", Some(MediaType::WebP)),
            (b"GIF89a", Some(MediaType::Gif)),
            (b"GIF87a", Some(MediaType::Gif)),
            (b"II\x2a\0", Some(MediaType::Tiff)),
            (b"MM\0\x2b", Some(MediaType::Tiff)),
            (b"BM\0\0", Some(MediaType::Bmp)),
            (b"\xff\x0a\x01", Some(MediaType::Jxl)),
            (b"\0\0\0\x0cJXL \r\n\x87\n", Some(MediaType::Jxl)),
            (b"\0\0\0\x0cjP  \r\n\x87\n", None),
            (b"RIFF\x10\0\0\0WAVE", None),
            (b"\x89PNG\n\x1a\n", None),
            (b"", None),
        ];
        for (octets, media) in cases {
            assert_eq!(sniff(octets), media, "{octets:?}");
        }
    }
}
