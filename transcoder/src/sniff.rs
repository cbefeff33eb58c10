//! What a file is by its first octets. Never by its name, and never by what somebody declares.

use crate::media::MediaType;

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

#[cfg(test)]
mod tests {
    use super::*;

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
