//! The types of sound that are read, and which one a file is by its first octets. Never by its name, and never by what
//! somebody declares.

use super::survey::mpeg;

/// A type of recording that can be read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Source {
    /// `audio/vnd.wave` (RFC 2361): PCM, floating point, A-law, µ-law, and the ADPCM of Microsoft and IMA
    Wav,
    /// `audio/flac` (RFC 9639)
    Flac,
    /// `audio/mpeg` (RFC 3003): layer III only
    Mp3,
    /// `audio/aac`: AAC-LC in ADTS
    Aac,
    /// `audio/mp4` (RFC 4337): the first track of AAC-LC
    Mp4,
    /// `audio/ogg` (RFC 5334): one stream, of Opus or of Vorbis
    Ogg,
}

impl Source {
    /// Every type that is read.
    pub const ALL: [Self; 6] = [
        Self::Wav,
        Self::Flac,
        Self::Mp3,
        Self::Aac,
        Self::Mp4,
        Self::Ogg,
    ];

    /// The registered name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "audio/vnd.wave",
            Self::Flac => "audio/flac",
            Self::Mp3 => "audio/mpeg",
            Self::Aac => "audio/aac",
            Self::Mp4 => "audio/mp4",
            Self::Ogg => "audio/ogg",
        }
    }

    /// Other names that are in mail and mean the same.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Wav => &["audio/wav", "audio/x-wav", "audio/wave", "audio/x-pn-wav"],
            Self::Flac => &["audio/x-flac"],
            Self::Mp3 => &["audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg"],
            Self::Aac => &["audio/aacp", "audio/x-aac", "audio/x-hx-aac-adts"],
            Self::Mp4 => &["audio/m4a", "audio/x-m4a", "audio/mp4a-latm", "audio/3gpp"],
            Self::Ogg => &[
                "audio/opus",
                "audio/vorbis",
                "audio/x-vorbis+ogg",
                "application/ogg",
            ],
        }
    }

    /// The type of this name, in whatever case. `None` is a type that is not read.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| {
            source.name().eq_ignore_ascii_case(name)
                || (source.aliases().iter()).any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }
}

/// The type whose signature `input` starts with. MPEG audio has none: there a whole header must be right, and the next
/// one must be where the first says.
#[must_use]
pub fn sniff(input: &[u8]) -> Option<Source> {
    match input {
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
            b'A',
            b'V',
            b'E',
            ..,
        ] => Some(Source::Wav),
        [b'f', b'L', b'a', b'C', ..] => Some(Source::Flac),
        [b'O', b'g', b'g', b'S', 0, ..] => Some(Source::Ogg),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => is_sound(brand).then_some(Source::Mp4),
        [] | [..] => mpeg::kind(mpeg::without_tag(input)),
    }
}

/// The same container holds still pictures; those brands are not ours.
fn is_sound(brand: &[u8]) -> bool {
    const PICTURES: [&[u8]; 6] = [b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"];
    !PICTURES.iter().any(|picture| brand.starts_with(picture))
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::*;

    #[test]
    fn every_name_reads_back_in_whatever_case() {
        for source in Source::ALL {
            for name in [source.name()].iter().chain(source.aliases()) {
                assert_eq!(Source::from_name(&name.to_uppercase()), Some(source));
            }
        }
        for target in Target::ALL {
            for name in [target.name()].iter().chain(target.aliases()) {
                assert_eq!(Target::from_name(&name.to_uppercase()), Some(target));
            }
        }
        assert_eq!(Source::from_name("audio/amr"), None);
        assert_eq!(Target::from_name("audio/mpeg"), None);
    }

    #[test]
    fn signatures_are_told_apart() {
        let cases: [(&[u8], Option<Source>); 9] = [
            (b"RIFF\x10\0\0\0WAVEfmt ", Some(Source::Wav)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", None),
            (b"fLaC\0", Some(Source::Flac)),
            (b"OggS\0\x02", Some(Source::Ogg)),
            (b"\0\0\0\x20ftypM4A ", Some(Source::Mp4)),
            (b"\0\0\0\x20ftypavif", None),
            (b"#!AMR\n", None),
            (b"\xff\xfb\x90\x64", None),
            (b"", None),
        ];
        for (octets, source) in cases {
            assert_eq!(sniff(octets), source, "{octets:?}");
        }
    }
}
