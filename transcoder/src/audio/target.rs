//! The types of sound that are written.

/// A type of recording that can be written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    /// `audio/ogg`: Opus in Ogg (RFC 7845), one channel, 6 to 32 kbit/s, 16 kbit/s by default.
    Opus,
    /// `audio/vnd.wave`: PCM of 16 bits at 16 or 8 kHz, or G.711 µ-law at 8 kHz; one channel. For handsets that
    /// play nothing else.
    Wav,
}

impl Target {
    /// Every type that is written.
    pub const ALL: [Self; 2] = [Self::Opus, Self::Wav];

    /// The registered name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "audio/ogg",
            Self::Wav => "audio/vnd.wave",
        }
    }

    /// The names that are understood besides [`Target::name`].
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Opus => &["audio/opus"],
            Self::Wav => &["audio/wav", "audio/x-wav", "audio/wave"],
        }
    }

    /// The target of this name, in whatever case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| {
            target.name().eq_ignore_ascii_case(name)
                || (target.aliases().iter()).any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }
}
