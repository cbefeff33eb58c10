//! What holds where a request is silent: the preset that it names, or the server's defaults. The server looks the values up and
//! hands them to the vault beside the context. They are no part of it: the reveal binds the preset's name, never its values, and
//! what the request says itself is never overruled by them.

use std::num::{NonZeroU16, NonZeroU32};

use crate::cbor::{Malformed, Reader, Writer};
use crate::form::{Charset, Form, PictureForm, Rate, Replacement, Seconds, SoundForm, TextForm};
use crate::inner::{InnerType, Kind};

/// The version of this format.
const VERSION: u64 = 1;

/// The most source types that have a target of their own.
pub const MAX_TARGETS: usize = 32;

/// What holds where a request is silent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fallback {
    /// What a source type becomes, where no kind's type is to be taken; lower case, sorted, each once.
    targets: Vec<(String, InnerType)>,
    /// What pictures become.
    picture: (InnerType, PictureForm),
    /// What texts and documents become.
    text: (InnerType, TextForm),
    /// What sounds become.
    sound: (InnerType, SoundForm),
}

/// Not a fallback: a type of another kind, or too many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FallbackError;

impl std::fmt::Display for FallbackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a type of another kind, or not the one encoding")
    }
}

impl std::error::Error for FallbackError {}

impl From<Malformed> for FallbackError {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl Default for Fallback {
    /// The usual type of each kind, and nothing else: for a request that names its type, nothing is left to fall back on.
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            picture: (InnerType::Jpeg, PictureForm::default()),
            text: (InnerType::Plain, TextForm::default()),
            sound: (InnerType::Ogg, SoundForm::default()),
        }
    }
}

impl Fallback {
    /// These types and forms.
    ///
    /// # Errors
    /// [`FallbackError`] for a type that is not of its kind.
    pub fn new(
        picture: (InnerType, PictureForm),
        text: (InnerType, TextForm),
        sound: (InnerType, SoundForm),
    ) -> Result<Self, FallbackError> {
        let kinds = [picture.0, text.0, sound.0].map(InnerType::kind);
        if kinds != [Kind::Picture, Kind::Text, Kind::Sound] {
            return Err(FallbackError);
        }
        Ok(Self {
            targets: Vec::new(),
            picture,
            text,
            sound,
        })
    }

    /// The same with targets for single source types.
    ///
    /// # Errors
    /// [`FallbackError`] for more than [`MAX_TARGETS`], or one type twice.
    pub fn with_targets(
        mut self,
        targets: impl IntoIterator<Item = (String, InnerType)>,
    ) -> Result<Self, FallbackError> {
        let lower = |(source, target): (String, _)| (source.to_ascii_lowercase(), target);
        self.targets = targets.into_iter().map(lower).collect();
        self.targets.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.check_targets()?;
        Ok(self)
    }

    fn check_targets(&self) -> Result<(), FallbackError> {
        let ascending = |pair: &[(String, InnerType)]| matches!(pair, [(a, _), (b, _)] if a < b);
        let sorted = self.targets.windows(2).all(ascending);
        (sorted && self.targets.len() <= MAX_TARGETS)
            .then_some(())
            .ok_or(FallbackError)
    }

    /// What `source`, which is of this kind, becomes.
    #[must_use]
    pub fn target(&self, source: &str, kind: Kind) -> InnerType {
        let own = self.targets.iter().find(|(known, _)| known == source);
        own.map_or(self.usual(kind), |(_, target)| *target)
    }

    /// The type of this kind.
    #[must_use]
    pub fn usual(&self, kind: Kind) -> InnerType {
        match kind {
            Kind::Picture => self.picture.0,
            Kind::Text => self.text.0,
            Kind::Sound => self.sound.0,
        }
    }

    /// What is asked of a result of this kind.
    #[must_use]
    pub fn form(&self, kind: Kind) -> Form {
        match kind {
            Kind::Picture => Form::Picture(self.picture.1),
            Kind::Text => Form::Text(self.text.1.clone()),
            Kind::Sound => Form::Sound(self.sound.1),
        }
    }

    /// The one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let targets: Vec<_> = self
            .targets
            .iter()
            .map(|(source, target)| (source.clone(), target.name().to_owned()))
            .collect();
        Writer::octets(|w| {
            w.map(5).unsigned(1_u64).unsigned(VERSION);
            w.unsigned(2_u64);
            // In this frame's own order, which both ends check: a length is never above u64::MAX.
            w.array(u64::try_from(targets.len()).unwrap_or(u64::MAX));
            for (source, target) in &targets {
                w.array(2).text(source).text(target);
            }
            let (media, form) = &self.picture;
            w.unsigned(3_u64).array(4).text(media.name());
            w.unsigned(form.width.map_or(0, NonZeroU16::get));
            w.unsigned(form.height.map_or(0, NonZeroU16::get));
            w.unsigned(form.octets.map_or(0, NonZeroU32::get));
            let (media, form) = &self.text;
            w.unsigned(4_u64).array(4).text(media.name());
            w.text(form.charset.as_ref().map_or("", Charset::as_str));
            w.text(form.replacement.as_ref().map_or("", Replacement::as_str));
            w.unsigned(form.octets.map_or(0, NonZeroU32::get));
            let (media, form) = &self.sound;
            w.unsigned(5_u64).array(4).text(media.name());
            w.unsigned(form.seconds.map_or(0, Seconds::number));
            w.unsigned(form.rate.map_or(0, Rate::number));
            w.unsigned(form.octets.map_or(0, NonZeroU32::get));
        })
    }

    /// Reads the one encoding.
    ///
    /// # Errors
    /// [`FallbackError`] for anything else.
    pub fn decode(octets: &[u8]) -> Result<Self, FallbackError> {
        let mut r = Reader::new(octets);
        r.map(5)?;
        r.key(1)?.exact_number(VERSION)?;
        let targets = targets(r.key(2)?)?;
        r.key(3)?.array(4)?;
        let picture = (media(&mut r)?, picture_form(&mut r)?);
        r.key(4)?.array(4)?;
        let text = (media(&mut r)?, text_form(&mut r)?);
        r.key(5)?.array(4)?;
        let sound = (media(&mut r)?, sound_form(&mut r)?);
        r.end()?;
        let read = Self::new(picture, text, sound)?.with_targets(targets)?;
        (read.encode() == octets)
            .then_some(read)
            .ok_or(FallbackError)
    }
}

fn targets(r: &mut Reader<'_>) -> Result<Vec<(String, InnerType)>, FallbackError> {
    let count = usize::try_from(r.array_of_any()?).map_err(|_| FallbackError)?;
    if count > MAX_TARGETS {
        return Err(FallbackError);
    }
    let mut targets = Vec::with_capacity(count);
    for _ in 0..count {
        r.array(2)?;
        targets.push((r.text()?.to_owned(), media(r)?));
    }
    Ok(targets)
}

fn media(r: &mut Reader<'_>) -> Result<InnerType, FallbackError> {
    InnerType::from_name(r.text()?).ok_or(FallbackError)
}

fn picture_form(r: &mut Reader<'_>) -> Result<PictureForm, FallbackError> {
    Ok(PictureForm {
        width: NonZeroU16::new(r.narrow()?),
        height: NonZeroU16::new(r.narrow()?),
        octets: NonZeroU32::new(r.narrow()?),
    })
}

fn text_form(r: &mut Reader<'_>) -> Result<TextForm, FallbackError> {
    Ok(TextForm {
        charset: said(r.text()?, Charset::new)?,
        replacement: said(r.text()?, Replacement::new)?,
        octets: NonZeroU32::new(r.narrow()?),
    })
}

fn sound_form(r: &mut Reader<'_>) -> Result<SoundForm, FallbackError> {
    let (seconds, rate): (u32, u32) = (r.narrow()?, r.narrow()?);
    let given = |number: u32| (number != 0).then_some(number);
    let seconds = given(seconds).map(|number| Seconds::new(number).ok_or(FallbackError));
    let rate = given(rate).map(|number| Rate::new(number).ok_or(FallbackError));
    Ok(SoundForm {
        seconds: seconds.transpose()?,
        rate: rate.transpose()?,
        octets: NonZeroU32::new(r.narrow()?),
    })
}

/// The empty text stands for nothing said.
fn said<T>(text: &str, new: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, FallbackError> {
    if text.is_empty() {
        return Ok(None);
    }
    new(text).map(Some).ok_or(FallbackError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fallback() -> Fallback {
        let picture = PictureForm {
            width: NonZeroU16::new(320),
            height: None,
            octets: NonZeroU32::new(12_000),
        };
        let text = TextForm {
            charset: Charset::new("utf-8"),
            replacement: Replacement::new("?"),
            octets: None,
        };
        let sound = SoundForm {
            seconds: Seconds::new(30),
            rate: Rate::new(8000),
            octets: None,
        };
        Fallback::new(
            (InnerType::WebP, picture),
            (InnerType::Plain, text),
            (InnerType::Ogg, sound),
        )
        .unwrap()
        .with_targets([("Image/PNG".to_owned(), InnerType::Png)])
        .unwrap()
    }

    #[test]
    fn a_fallback_reads_as_it_was_written() {
        for fallback in [fallback(), Fallback::default()] {
            assert_eq!(Fallback::decode(&fallback.encode()), Ok(fallback));
        }
    }

    #[test]
    fn a_source_type_s_own_target_comes_before_its_kind_s() {
        let fallback = fallback();
        assert_eq!(fallback.target("image/png", Kind::Picture), InnerType::Png);
        assert_eq!(fallback.target("image/gif", Kind::Picture), InnerType::WebP);
        assert_eq!(fallback.target("text/html", Kind::Text), InnerType::Plain);
    }

    #[test]
    fn a_type_of_another_kind_is_no_fallback() {
        let sound = (InnerType::Ogg, SoundForm::default());
        let text = (InnerType::Plain, TextForm::default());
        let picture = (InnerType::Html, PictureForm::default());
        assert_eq!(Fallback::new(picture, text, sound), Err(FallbackError));
        let twice = ["a/b", "A/B"].map(|source| (source.to_owned(), InnerType::Png));
        assert!(Fallback::default().with_targets(twice).is_err());
    }

    proptest! {
        #[test]
        fn no_octets_are_two_fallbacks_or_a_panic(at in 0_usize..200, flip in 1_u8..) {
            let mut octets = fallback().encode();
            let at = at % octets.len();
            octets[at] ^= flip;
            if let Ok(other) = Fallback::decode(&octets) {
                prop_assert_eq!(other.encode(), octets);
            }
        }
    }
}
