//! How large, how long, in which charset: what can be asked of each kind of result. Each value that exists is one that can be meant.

use std::num::{NonZeroU16, NonZeroU32};

use crate::context::plain_decimal;
use crate::inner::Kind;

/// RFC 2978 §2.3: a charset's name has at most 40 characters.
const MAX_CHARSET: usize = 40;
/// RFC 5259 leaves it to the server how long a replacement may be: room for a word like `[?]`.
const MAX_REPLACEMENT: usize = 16;
/// A day: nobody listens to more on a thin line, and a number of seconds in milliseconds still fits everywhere.
const MAX_SECONDS: u32 = 86_400;
/// One frame is no animation; more than these nobody waits for on a thin line.
const FRAMES: std::ops::RangeInclusive<u16> = 2..=64;
/// Bits in a second that Opus codes speech and music with (RFC 6716 §2.1.1).
const OPUS_RATES: std::ops::RangeInclusive<u32> = 6_000..=510_000;

/// What is asked of a picture; `None` is free.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PictureForm {
    /// Largest width in pixels.
    pub width: Option<NonZeroU16>,
    /// Largest height in pixels.
    pub height: Option<NonZeroU16>,
    /// Most octets.
    pub octets: Option<NonZeroU32>,
}

/// What is asked of a text; `None` is free.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TextForm {
    /// The charset; UTF-8 where none is said.
    pub charset: Option<Charset>,
    /// What stands for a character that the charset lacks.
    pub replacement: Option<Replacement>,
    /// Most octets; a longer text is cut.
    pub octets: Option<NonZeroU32>,
}

/// What is asked of a sound; `None` is free.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SoundForm {
    /// Longest time; a longer sound is cut.
    pub seconds: Option<Seconds>,
    /// Most bits in a second.
    pub rate: Option<Rate>,
    /// Most octets.
    pub octets: Option<NonZeroU32>,
}

/// What is asked of a result of one kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Form {
    /// Of a picture.
    Picture(PictureForm),
    /// Of a text.
    Text(TextForm),
    /// Of a sound.
    Sound(SoundForm),
}

impl Form {
    /// Of which kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Picture(_) => Kind::Picture,
            Self::Text(_) => Kind::Text,
            Self::Sound(_) => Kind::Sound,
        }
    }

    /// The most octets.
    #[must_use]
    pub fn octets(&self) -> Option<NonZeroU32> {
        match self {
            Self::Picture(form) => form.octets,
            Self::Text(form) => form.octets,
            Self::Sound(form) => form.octets,
        }
    }
}

/// A charset's name: RFC 2978 §2.3's `mime-charset`, or one with the `:` or `.` of older names (`iso_8859-1:1987`), in lower case. Whether
/// anybody knows it is another question.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Charset(String);

impl Charset {
    /// The charset of this name.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let fits =
            |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'+-.:^_`{}~".contains(&octet);
        ((1..=MAX_CHARSET).contains(&name.len()) && name.bytes().all(fits))
            .then(|| Self(name.to_ascii_lowercase()))
    }

    /// Its name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands for a character that a charset lacks (RFC 5259 §12.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Replacement(String);

impl Replacement {
    /// This text, if it is not empty, not long, and breaks no line.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=MAX_REPLACEMENT).contains(&text.len()) && !text.contains(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many frames a picture that moves may have: 2 to 64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frames(NonZeroU16);

impl Frames {
    /// So many frames.
    #[must_use]
    pub fn new(frames: u16) -> Option<Self> {
        let fits = FRAMES.contains(&frames);
        NonZeroU16::new(frames).filter(|_| fits).map(Self)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        plain_decimal(text).and_then(Self::new)
    }

    /// Frames.
    #[must_use]
    pub fn number(self) -> NonZeroU16 {
        self.0
    }
}

/// How long a sound may last: 1 to 86400 seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seconds(u32);

impl Seconds {
    /// So many seconds.
    #[must_use]
    pub fn new(seconds: u32) -> Option<Self> {
        (1..=MAX_SECONDS)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        plain_decimal(text).and_then(Self::new)
    }

    /// Seconds.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// How many bits a sound may have in a second: 6000 to 510000.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate(u32);

impl Rate {
    /// So many bits in a second.
    #[must_use]
    pub fn new(bits: u32) -> Option<Self> {
        OPUS_RATES.contains(&bits).then_some(Self(bits))
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        plain_decimal(text).and_then(Self::new)
    }

    /// Bits in a second.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// A preset's name: 1 to 32 lower-case letters, digits, `-` and `_`, so that it has one spelling wherever it stands.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PresetName(String);

impl PresetName {
    /// The preset of this name, in any case.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
        ((1..=32).contains(&name.len()) && name.bytes().all(fits))
            .then(|| Self(name.to_ascii_lowercase()))
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_does_not_exist() {
        assert_eq!(Charset::new("ISO-8859-15").unwrap().as_str(), "iso-8859-15");
        let labels = include_str!("../../charset/labels/whatwg.txt");
        for label in labels.split_ascii_whitespace() {
            assert_eq!(
                Charset::new(label).as_ref().map(Charset::as_str),
                Some(label)
            );
        }
        for charset in ["", "utf 8", "utf-8;", "\u{e9}", &"x".repeat(41)] {
            assert_eq!(Charset::new(charset), None, "{charset}");
        }
        assert!(Replacement::new("\u{fffd}").is_some());
        for replacement in ["", "\r\n", &"?".repeat(17)] {
            assert_eq!(Replacement::new(replacement), None, "{replacement}");
        }
        assert_eq!(Rate::read("6000").map(Rate::number), Some(6000));
        assert_eq!(Seconds::read("86400").map(Seconds::number), Some(86_400));
        for number in ["0", "5999", "510001", "06000", "-1", "6k"] {
            assert_eq!(Rate::read(number), None, "{number}");
        }
        for number in ["0", "86401", "1.5"] {
            assert_eq!(Seconds::read(number), None, "{number}");
        }
        assert_eq!(PresetName::new("2G").unwrap().as_str(), "2g");
        for name in ["", "a b", "a.b", &"x".repeat(33)] {
            assert_eq!(PresetName::new(name), None, "{name}");
        }
    }
}
