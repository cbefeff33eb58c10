//! The media types that are read and the ones that are written, under the names of the IANA registry.

/// A type of picture that can be read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MediaType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
    /// `image/gif`
    Gif,
    /// `image/bmp`
    Bmp,
    /// `image/tiff`: its first page
    Tiff,
    /// `image/jxl`: its first frame
    Jxl,
}

impl MediaType {
    /// Every type that is read.
    pub const ALL: [Self; 7] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Gif,
        Self::Bmp,
        Self::Tiff,
        Self::Jxl,
    ];

    /// The registered name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Jxl => "image/jxl",
        }
    }

    /// The type of this name, in whatever case; the unregistered names that mail programs write are known too.
    /// `None` is a type that is not read.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let registered = Self::ALL
            .into_iter()
            .find(|media| media.name().eq_ignore_ascii_case(name));
        registered.or_else(|| {
            UNREGISTERED
                .iter()
                .find(|(alias, _)| alias.eq_ignore_ascii_case(name))
                .map(|(_, media)| *media)
        })
    }
}

/// Names that are in mail but not in the registry, and what they mean.
const UNREGISTERED: [(&str, MediaType); 5] = [
    ("image/jpg", MediaType::Jpeg),
    ("image/pjpeg", MediaType::Jpeg),
    ("image/x-png", MediaType::Png),
    ("image/x-ms-bmp", MediaType::Bmp),
    ("image/x-bmp", MediaType::Bmp),
];

/// A type of picture that is known and not read: no decoder of it is memory-safe, free to use and free of others' claims.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UnreadType {
    /// `image/avif`: AV1
    Avif,
    /// `image/heif` and `image/heic`: HEVC, mostly
    Heif,
}

impl UnreadType {
    /// The registered name, in lower case; of a family, the one that names all of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::Heif => "image/heif",
        }
    }

    /// The type of this name, in whatever case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        UNREAD
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, media)| *media)
    }
}

const UNREAD: [(&str, UnreadType); 5] = [
    ("image/avif", UnreadType::Avif),
    ("image/heif", UnreadType::Heif),
    ("image/heic", UnreadType::Heif),
    ("image/heif-sequence", UnreadType::Heif),
    ("image/heic-sequence", UnreadType::Heif),
];

/// A type of picture that can be written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    /// `image/jpeg`: no alpha; what was transparent is white.
    Jpeg,
    /// `image/png`: lossless, keeps alpha.
    Png,
    /// `image/webp`: lossy, or lossless where that is shorter; keeps alpha.
    WebP,
    /// `image/avif`: the fewest octets, at many times the work; keeps alpha. It is not read.
    Avif,
    /// `image/gif`: at most 256 colours; no alpha, what was transparent is white. The only one that moves.
    Gif,
}

impl Target {
    /// Every type that is written.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::WebP, Self::Avif, Self::Gif];

    /// The registered name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => MediaType::Jpeg.name(),
            Self::Png => MediaType::Png.name(),
            Self::WebP => MediaType::WebP.name(),
            Self::Avif => UnreadType::Avif.name(),
            Self::Gif => MediaType::Gif.name(),
        }
    }

    /// The target of this name, in whatever case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|target| target.name().eq_ignore_ascii_case(name))
    }

    /// The longest side that files of this type have with everybody who reads them: what libjpeg, browsers and
    /// libwebp take at most. Of AVIF and GIF, what is made in the time that a conversion has: they are for small screens.
    #[must_use]
    pub(crate) const fn longest_side(self) -> u32 {
        match self {
            Self::Jpeg => 65_500,
            Self::Png => 65_535,
            Self::WebP => 16_383,
            Self::Avif => LONGEST_AVIF,
            Self::Gif => LONGEST_GIF,
        }
    }

    /// The same as a type that is read; `None` for one that is written alone.
    #[must_use]
    pub const fn media(self) -> Option<MediaType> {
        match self {
            Self::Jpeg => Some(MediaType::Jpeg),
            Self::Png => Some(MediaType::Png),
            Self::WebP => Some(MediaType::WebP),
            Self::Gif => Some(MediaType::Gif),
            Self::Avif => None,
        }
    }
}

/// A second's work for the encoder, or two, on a slow machine.
const LONGEST_AVIF: u32 = 1280;

/// The same, where there may be many frames of it.
const LONGEST_GIF: u32 = 1280;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_in_whatever_case() {
        for media in MediaType::ALL {
            assert_eq!(MediaType::from_name(media.name()), Some(media));
            assert_eq!(
                MediaType::from_name(&media.name().to_uppercase()),
                Some(media)
            );
        }
        for target in Target::ALL {
            assert_eq!(Target::from_name(target.name()), Some(target));
        }
    }

    #[test]
    fn what_is_not_written_is_no_target() {
        assert_eq!(Target::from_name("image/tiff"), None);
        assert_eq!(Target::from_name("image/svg+xml"), None);
        assert_eq!(MediaType::from_name("image/svg+xml"), None);
    }
}
