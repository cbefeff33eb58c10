//! The media types that can be asked for inside the container, by kind.

/// What a converted part is, to the one who looks at it: each kind has parameters of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Seen.
    Picture,
    /// Read.
    Text,
    /// Heard.
    Sound,
}

/// A media type that can be asked for inside the container. Which of them a vault makes is the vault's to say.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum InnerType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
    /// `image/avif`
    Avif,
    /// `image/gif`: the one that moves
    Gif,
    /// `text/plain`
    Plain,
    /// `text/html`, with nothing remote in it
    Html,
    /// `audio/ogg` (RFC 5334), with Opus in it (RFC 7845)
    Ogg,
}

impl InnerType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Avif,
        Self::Gif,
        Self::Plain,
        Self::Html,
        Self::Ogg,
    ];

    /// The media type's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
            Self::Plain => "text/plain",
            Self::Html => "text/html",
            Self::Ogg => "audio/ogg",
        }
    }

    /// What it is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Jpeg | Self::Png | Self::WebP | Self::Avif | Self::Gif => Kind::Picture,
            Self::Plain | Self::Html => Kind::Text,
            Self::Ogg => Kind::Sound,
        }
    }

    /// The type of that name, in any case (RFC 2045 §5.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|media| media.name().eq_ignore_ascii_case(name))
    }
}
