//! The conversion parameters of `docs/protocol.md` §5.2, read once and then trusted.

use std::num::{NonZeroU16, NonZeroU32};

use crate::Context;
use crate::context::{part_numbers, plain_decimal};
use crate::fallback::Fallback;
use crate::form::{
    Charset, Form, Frames, PictureForm, PresetName, Rate, Replacement, Seconds, SoundForm, TextForm,
};
use crate::inner::{InnerType, Kind};
use crate::names::{
    PARAM_CHARSET, PARAM_FRAMES, PARAM_INNER, PARAM_OCTETS, PARAM_PIX_X, PARAM_PIX_Y, PARAM_PRESET,
    PARAM_RATE, PARAM_REPLACEMENT, PARAM_REVEAL, PARAM_SECONDS, PARAM_TYPE, parameters_of,
};

/// What is wanted, as far as the request says it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Media type of the result; none: the server's default for the opened part's type.
    media: Option<InnerType>,
    /// The kind that a parameter fits which fits no other.
    kind: Option<Kind>,
    /// The preset that is named.
    preset: Option<PresetName>,
    /// Part numbers inside the opened entity.
    inner: Option<Vec<NonZeroU32>>,
    width: Option<NonZeroU16>,
    height: Option<NonZeroU16>,
    frames: Option<Frames>,
    charset: Option<Charset>,
    replacement: Option<Replacement>,
    seconds: Option<Seconds>,
    rate: Option<Rate>,
    octets: Option<NonZeroU32>,
}

/// What is wanted, with nothing left open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settled {
    /// Media type of the result.
    pub media: InnerType,
    /// What is asked of it; of the type's kind.
    pub form: Form,
    /// Of what moves, at most so many frames; `None`: the first alone. Of `image/gif` only.
    pub frames: Option<Frames>,
}

/// These parameters cannot be used: their names are unknown or given twice, their values are not in the syntax, or they do not
/// fit the type that is asked for (RFC 5259 §9: all are to be listed, and none is to be ignored).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WantedError(pub Vec<String>);

impl Wanted {
    const NOTHING: Self = Self {
        media: None,
        kind: None,
        preset: None,
        inner: None,
        width: None,
        height: None,
        frames: None,
        charset: None,
        replacement: None,
        seconds: None,
        rate: None,
        octets: None,
    };

    /// Reads the parameters; the reveal may be among them and is passed over.
    ///
    /// # Errors
    /// [`WantedError`], naming every parameter at fault.
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WantedError> {
        let mut read = Self::NOTHING;
        let mut given = Vec::new();
        let mut bad = Vec::new();
        for (name, value) in parameters {
            if read.take(name, value).is_none() {
                bad.push(name.to_owned());
            } else {
                given.push(name);
            }
        }
        let kinds = kinds(&given);
        read.kind = read.media.map(InnerType::kind).or(match kinds.as_slice() {
            [only] => Some(*only),
            _ => None,
        });
        // A parameter that fits another kind, or no one kind together with the others, is irrelevant: RFC 5259 §9.
        let irrelevant = |name: &&str| kind_of(name).is_some_and(|kind| read.kind != Some(kind));
        bad.extend(read.still(&given));
        bad.extend(given.into_iter().filter(irrelevant).map(str::to_owned));
        if bad.is_empty() {
            Ok(read)
        } else {
            Err(WantedError(bad))
        }
    }

    /// The number of frames, where the type that is asked for is a picture and does not move.
    fn still(&self, given: &[&str]) -> Option<String> {
        let picture = |media: InnerType| media.kind() == Kind::Picture;
        let still = self
            .media
            .is_some_and(|media| picture(media) && media != InnerType::Gif);
        let named = |name: &&&str| name.eq_ignore_ascii_case(PARAM_FRAMES);
        given
            .iter()
            .find(named)
            .filter(|_| still)
            .map(|name| (*name).to_owned())
    }

    /// Takes one parameter; none if its name is unknown or came before, or its value is not in the syntax.
    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name.to_ascii_lowercase().as_str() {
            PARAM_TYPE => set(&mut self.media, InnerType::from_name(value)),
            PARAM_PRESET => set(&mut self.preset, PresetName::new(value)),
            PARAM_PIX_X => set(&mut self.width, plain_decimal(value)),
            PARAM_PIX_Y => set(&mut self.height, plain_decimal(value)),
            PARAM_FRAMES => set(&mut self.frames, Frames::read(value)),
            PARAM_CHARSET => set(&mut self.charset, Charset::new(value)),
            PARAM_REPLACEMENT => set(&mut self.replacement, Replacement::new(value)),
            PARAM_SECONDS => set(&mut self.seconds, Seconds::read(value)),
            PARAM_RATE => set(&mut self.rate, Rate::read(value)),
            PARAM_OCTETS => set(&mut self.octets, plain_decimal(value)),
            PARAM_INNER => set(&mut self.inner, part_numbers(value)),
            PARAM_REVEAL => Some(()),
            _ => None,
        }
    }

    /// The conversion that a context asks for.
    ///
    /// # Errors
    /// As [`Wanted::read`].
    pub fn of(context: &Context) -> Result<Self, WantedError> {
        let inner = context.inner().map(|inner| (PARAM_INNER, inner));
        Self::read(context.parameters().chain(inner))
    }

    /// Media type of the result, where the request says it.
    #[must_use]
    pub fn media(&self) -> Option<InnerType> {
        self.media
    }

    /// The only kind that the parameters fit, where they fit one alone.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// The preset that is named.
    #[must_use]
    pub fn preset(&self) -> Option<&PresetName> {
        self.preset.as_ref()
    }

    /// Part numbers inside the opened entity.
    #[must_use]
    pub fn inner(&self) -> Option<&[NonZeroU32]> {
        self.inner.as_deref()
    }

    /// What becomes of a source of this type and kind: as the request says, and where it is silent, as `fallback` does.
    #[must_use]
    pub fn settle(&self, source: &str, kind: Kind, fallback: &Fallback) -> Settled {
        // Nothing but a GIF moves, so whoever asks for frames asks for one.
        let moving = self.frames.map(|_| InnerType::Gif);
        let media = self.media.or(moving).unwrap_or_else(|| match self.kind {
            Some(wanted) if fallback.target(source, kind).kind() != wanted => {
                fallback.usual(wanted)
            }
            Some(_) | None => fallback.target(source, kind),
        });
        let form = self.over(fallback.form(media.kind()));
        Settled {
            media,
            form,
            frames: self.frames,
        }
    }

    /// What is said goes before what it falls back on.
    fn over(&self, fallback: Form) -> Form {
        match fallback {
            Form::Picture(form) => Form::Picture(PictureForm {
                width: self.width.or(form.width),
                height: self.height.or(form.height),
                octets: self.octets.or(form.octets),
            }),
            Form::Text(form) => Form::Text(TextForm {
                charset: self.charset.clone().or(form.charset),
                replacement: self.replacement.clone().or(form.replacement),
                octets: self.octets.or(form.octets),
            }),
            Form::Sound(form) => Form::Sound(SoundForm {
                seconds: self.seconds.or(form.seconds),
                rate: self.rate.or(form.rate),
                octets: self.octets.or(form.octets),
            }),
        }
    }
}

/// Sets what was not set, to something.
fn set<T>(place: &mut Option<T>, value: Option<T>) -> Option<()> {
    if place.is_some() {
        return None;
    }
    *place = Some(value?);
    Some(())
}

/// The kind that alone has this parameter.
fn kind_of(name: &str) -> Option<Kind> {
    [Kind::Picture, Kind::Text, Kind::Sound]
        .into_iter()
        .find(|kind| {
            parameters_of(*kind)
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
}

/// The kinds that parameters of these names fit, each once.
fn kinds(names: &[&str]) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for kind in names.iter().filter_map(|name| kind_of(name)) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = PARAM_TYPE;

    fn bad(parameters: &[(&str, &str)]) -> Vec<String> {
        match Wanted::read(parameters.iter().copied()) {
            Ok(wanted) => panic!("{wanted:?}"),
            Err(WantedError(names)) => names,
        }
    }

    #[test]
    fn every_parameter_is_read_in_any_case() {
        let wanted = Wanted::read([
            ("PIX-X", "320"),
            ("pix-y", "65535"),
            ("U.URN:x-keyhole:type", "Image/WebP"),
            ("u.urn:x-keyhole:octets", "40960"),
            ("u.urn:x-keyhole:preset", "Satellite"),
            ("u.urn:x-keyhole:inner", "1.2"),
            ("u.urn:x-keyhole:reveal", "g1A="),
        ])
        .unwrap();
        assert_eq!(wanted.media(), Some(InnerType::WebP));
        assert_eq!(wanted.kind(), Some(Kind::Picture));
        assert_eq!(wanted.preset(), PresetName::new("satellite").as_ref());
        assert_eq!(wanted.inner(), part_numbers("1.2").as_deref());
        let settled = wanted.settle("image/png", Kind::Picture, &Fallback::default());
        let form = Form::Picture(PictureForm {
            width: NonZeroU16::new(320),
            height: NonZeroU16::new(65535),
            octets: NonZeroU32::new(40960),
        });
        let media = InnerType::WebP;
        let frames = None;
        assert_eq!(
            settled,
            Settled {
                media,
                form,
                frames
            }
        );
    }

    /// RFC 5259 §9: all of them are listed.
    #[test]
    fn every_bad_parameter_is_named() {
        let names = bad(&[
            (TYPE, "image/tiff"),
            ("u.urn:x-keyhole:frames", "1"),
            ("pix-x", "0"),
            ("pix-y", "65536"),
            ("charset", "utf 8"),
            ("unknown-character-replacement", ""),
            ("u.urn:x-keyhole:octets", "+5"),
            ("u.urn:x-keyhole:inner", "1..2"),
            ("u.urn:x-keyhole:preset", "a b"),
            ("u.urn:x-keyhole:seconds", "1.5"),
            ("u.urn:x-keyhole:rate", "8k"),
            ("dpi", "300"),
        ]);
        assert_eq!(names.len(), 12, "{names:?}");
    }

    /// RFC 5259 §9: a parameter that does not fit the target is never ignored.
    #[test]
    fn a_parameter_that_does_not_fit_the_type_is_named() {
        let all = [
            ("pix-x", "1"),
            ("pix-y", "1"),
            ("charset", "utf-8"),
            ("unknown-character-replacement", "?"),
            ("u.urn:x-keyhole:seconds", "1"),
            ("u.urn:x-keyhole:rate", "8000"),
        ];
        for (media, fits) in [
            ("image/png", 0..2),
            ("text/html", 2..4),
            ("audio/ogg", 4..6),
        ] {
            let given: Vec<_> = all.into_iter().chain([(TYPE, media)]).collect();
            let names = bad(&given);
            for (index, (name, _)) in all.iter().enumerate() {
                let named = names.iter().any(|bad| bad == name);
                assert_eq!(named, !fits.contains(&index), "{media}: {name}");
            }
        }
    }

    #[test]
    fn without_a_type_parameters_of_one_kind_ask_for_that_kind() {
        let wanted = Wanted::read([("charset", "utf-8")]).unwrap();
        assert_eq!((wanted.media(), wanted.kind()), (None, Some(Kind::Text)));
        assert_eq!(Wanted::read([]).unwrap().kind(), None);
        // Of two kinds none can be respected.
        assert_eq!(bad(&[("charset", "utf-8"), ("pix-x", "1")]).len(), 2);
    }

    #[test]
    fn frames_are_of_gif_alone_and_ask_for_it() {
        let frames = ("u.urn:x-keyhole:frames", "8");
        for media in ["image/jpeg", "image/webp", "text/plain"] {
            assert_eq!(bad(&[frames, (TYPE, media)]), [frames.0], "{media}");
        }
        for wanted in [&[frames][..], &[frames, (TYPE, "image/gif")]] {
            let wanted = Wanted::read(wanted.iter().copied()).unwrap();
            let settled = wanted.settle("image/webp", Kind::Picture, &Fallback::default());
            assert_eq!(settled.media, InnerType::Gif);
            assert_eq!(settled.frames, Frames::new(8));
        }
        for number in ["0", "1", "65", "08"] {
            assert_eq!(bad(&[(PARAM_FRAMES, number)]), [PARAM_FRAMES], "{number}");
        }
    }

    #[test]
    fn a_parameter_given_twice_is_bad() {
        assert_eq!(bad(&[(PARAM_PIX_X, "1"), ("Pix-x", "1")]), ["Pix-x"]);
    }

    #[test]
    fn what_the_request_says_goes_before_what_it_falls_back_on() {
        let form = PictureForm {
            width: NonZeroU16::new(240),
            height: NonZeroU16::new(240),
            octets: NonZeroU32::new(12_000),
        };
        let fallback = Fallback::new(
            (InnerType::WebP, form),
            (InnerType::Plain, TextForm::default()),
            (InnerType::Ogg, SoundForm::default()),
        )
        .unwrap();
        let wanted = Wanted::read([("pix-x", "640")]).unwrap();
        let settled = wanted.settle("image/png", Kind::Picture, &fallback);
        assert_eq!(settled.media, InnerType::WebP);
        let width = NonZeroU16::new(640);
        assert_eq!(settled.form, Form::Picture(PictureForm { width, ..form }));
    }
}
