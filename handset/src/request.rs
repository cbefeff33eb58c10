//! What a client asks for: one part, how large, in which format, how sealed, and how much may be revealed for it.

use std::num::{NonZeroU16, NonZeroU32};

use keyreveal::names;
use wire::imap::{Mailbox, PartPath, Uid};

pub use keyreveal::{
    Charset, Frames, InnerType as Format, Kind, PresetName, Rate, Replacement, Seconds,
    SmimeAlgorithm,
};

/// The largest sealed result taken where no byte budget was asked for.
const LARGEST: usize = 8 * 1024 * 1024;
/// What sealing and padding may add to a budgeted picture: an eighth of padding (Padmé), headers, a CMS envelope, the floor.
const SEALING: usize = 16 * 1024;

/// How the result comes back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealTo {
    /// Under a key of this one exchange: only the vault that opened the reveal can have made it.
    Session,
    /// As CMS to the handset's own certificate. Anybody can encrypt to a certificate, so this proves less: not who made it.
    Smime(SmimeAlgorithm),
}

/// How much the user agreed to reveal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Consent {
    /// One part. Where its key opens more than that, nothing is revealed.
    OnePart,
    /// Whatever the part's key opens, the whole message included.
    WholeMessage,
}

/// One part, fetched converted. What does not fit the format is refused by the server, not ignored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FetchRequest {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The message.
    pub uid: Uid,
    /// The encrypted part.
    pub section: PartPath,
    /// The part inside it, where it holds several.
    pub inner: Option<PartPath>,
    /// For a link of this name, as the server's operator has it: what is not said here is as that says.
    pub preset: Option<PresetName>,
    /// A picture not wider than this, in pixels.
    pub width: Option<NonZeroU16>,
    /// A picture not higher than this, in pixels.
    pub height: Option<NonZeroU16>,
    /// Of a picture that moves, at most so many frames; none: the first alone.
    pub frames: Option<Frames>,
    /// A text in this charset.
    pub charset: Option<Charset>,
    /// In a text, this in the place of what the charset lacks.
    pub replacement: Option<Replacement>,
    /// A sound not longer than this.
    pub seconds: Option<Seconds>,
    /// A sound of at most so many bits in a second.
    pub rate: Option<Rate>,
    /// Not more octets than this.
    pub octets: Option<NonZeroU32>,
    /// In this format; none: in the one that the server has for what the part turns out to be.
    pub format: Option<Format>,
    /// Only if the part's beginning says that it is of this kind; else its key is not revealed.
    pub only: Option<Kind>,
    /// Sealed so.
    pub seal: SealTo,
    /// For this much.
    pub consent: Consent,
}

impl FetchRequest {
    /// The part as JPEG in its own size, sealed to the session; no more than that one part may be revealed.
    #[must_use]
    pub fn new(mailbox: Mailbox, uid: Uid, section: PartPath) -> Self {
        Self {
            mailbox,
            uid,
            section,
            inner: None,
            preset: None,
            width: None,
            height: None,
            frames: None,
            charset: None,
            replacement: None,
            seconds: None,
            rate: None,
            octets: None,
            format: Some(Format::Jpeg),
            only: None,
            seal: SealTo::Session,
            consent: Consent::OnePart,
        }
    }

    /// CONVERT's target.
    #[must_use]
    pub fn container(&self) -> &'static str {
        match self.seal {
            SealTo::Session => names::CONTAINER_SEALED,
            SealTo::Smime(_) => names::CONTAINER_SMIME,
        }
    }

    /// The conversion parameters, without the reveal.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let word = |word: Option<&str>| word.map(str::to_owned);
        let wanted = [
            (names::PARAM_TYPE, word(self.format.map(Format::name))),
            (
                names::PARAM_PRESET,
                word(self.preset.as_ref().map(PresetName::as_str)),
            ),
            (names::PARAM_PIX_X, self.width.map(|n| n.to_string())),
            (names::PARAM_PIX_Y, self.height.map(|n| n.to_string())),
            (
                names::PARAM_FRAMES,
                self.frames.map(|n| n.number().to_string()),
            ),
            (
                names::PARAM_CHARSET,
                word(self.charset.as_ref().map(Charset::as_str)),
            ),
            (
                names::PARAM_REPLACEMENT,
                word(self.replacement.as_ref().map(Replacement::as_str)),
            ),
            (
                names::PARAM_SECONDS,
                self.seconds.map(|n| n.number().to_string()),
            ),
            (names::PARAM_RATE, self.rate.map(|n| n.number().to_string())),
            (names::PARAM_OCTETS, self.octets.map(|n| n.to_string())),
            (
                names::PARAM_INNER,
                self.inner.as_ref().map(PartPath::to_string),
            ),
        ];
        wanted
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The largest sealed result that this request can have.
    #[must_use]
    pub(crate) fn largest_result(&self) -> usize {
        let Some(octets) = self.octets else {
            return LARGEST;
        };
        let octets = usize::try_from(octets.get()).unwrap_or(LARGEST);
        let padded = octets.saturating_add(octets / 8).saturating_add(SEALING);
        padded.min(LARGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> FetchRequest {
        let uid = Uid::new(7).unwrap();
        FetchRequest::new(Mailbox::new(b"inbox"), uid, PartPath::new("2").unwrap())
    }

    #[test]
    fn picture_two_in_forty_kilobytes_is_said_in_the_protocols_words() {
        let request = FetchRequest {
            width: NonZeroU16::new(320),
            octets: NonZeroU32::new(40_000),
            inner: PartPath::new("1.2"),
            ..request()
        };
        let expected = [
            ("u.urn:x-keyhole:type", "image/jpeg"),
            ("pix-x", "320"),
            ("u.urn:x-keyhole:octets", "40000"),
            ("u.urn:x-keyhole:inner", "1.2"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(request.parameters(), expected);
        assert_eq!(request.container(), "application/vnd.keyhole.sealed");
    }

    #[test]
    fn a_preset_alone_is_said_by_its_name_alone() {
        let request = FetchRequest {
            preset: PresetName::new("Satellite"),
            format: None,
            ..request()
        };
        let expected = ("u.urn:x-keyhole:preset", "satellite".to_owned());
        assert_eq!(request.parameters(), [expected]);
    }

    #[test]
    fn a_result_is_bounded_whatever_was_asked() {
        assert_eq!(request().largest_result(), LARGEST);
        let greedy = FetchRequest {
            octets: NonZeroU32::new(u32::MAX),
            ..request()
        };
        assert_eq!(greedy.largest_result(), LARGEST);
        let small = FetchRequest {
            octets: NonZeroU32::new(40_000),
            ..request()
        };
        assert!((40_000..80_000).contains(&small.largest_result()));
    }
}
