//! The conversion parameters of `docs/protocol.md` §5.2, read once and then trusted.

use std::num::{NonZeroU16, NonZeroU32};

use crate::Context;
use crate::context::{part_numbers, plain_decimal};
use crate::names::{PARAM_INNER, PARAM_OCTETS, PARAM_PIX_X, PARAM_PIX_Y, PARAM_REVEAL, PARAM_TYPE};

/// A media type that can be asked for inside the container.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InnerType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
}

impl InnerType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::WebP];

    /// The media type's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
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

/// What is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Media type of the result.
    pub media: InnerType,
    /// Largest width.
    pub width: Option<NonZeroU16>,
    /// Largest height.
    pub height: Option<NonZeroU16>,
    /// Most octets.
    pub octets: Option<NonZeroU32>,
    /// Part numbers inside the opened entity.
    pub inner: Option<Vec<NonZeroU32>>,
}

/// Which parameters cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WantedError {
    /// These names are unknown, given twice, or their values are not in the syntax (RFC 5259 §9: all are to be listed).
    Bad(Vec<String>),
    /// This required name is absent.
    Missing(&'static str),
}

/// What was read so far.
#[derive(Default)]
struct Partial {
    media: Option<InnerType>,
    width: Option<NonZeroU16>,
    height: Option<NonZeroU16>,
    octets: Option<NonZeroU32>,
    inner: Option<Vec<NonZeroU32>>,
}

impl Partial {
    /// Takes one parameter; none if its name is unknown or came before, or its value is not in the syntax.
    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name.to_ascii_lowercase().as_str() {
            PARAM_TYPE => set(&mut self.media, InnerType::from_name(value)),
            PARAM_PIX_X => set(&mut self.width, plain_decimal(value)),
            PARAM_PIX_Y => set(&mut self.height, plain_decimal(value)),
            PARAM_OCTETS => set(&mut self.octets, plain_decimal(value)),
            PARAM_INNER => set(&mut self.inner, part_numbers(value)),
            PARAM_REVEAL => Some(()),
            _ => None,
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

impl Wanted {
    /// Reads the parameters; the reveal may be among them and is passed over.
    ///
    /// # Errors
    /// [`WantedError`], naming every parameter at fault.
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WantedError> {
        let mut read = Partial::default();
        let bad: Vec<String> = parameters
            .into_iter()
            .filter(|(name, value)| read.take(name, value).is_none())
            .map(|(name, _)| name.to_owned())
            .collect();
        if !bad.is_empty() {
            return Err(WantedError::Bad(bad));
        }
        Ok(Self {
            media: read.media.ok_or(WantedError::Missing(PARAM_TYPE))?,
            width: read.width,
            height: read.height,
            octets: read.octets,
            inner: read.inner,
        })
    }

    /// The conversion that a context asks for.
    ///
    /// # Errors
    /// As [`Wanted::read`].
    pub fn of(context: &Context) -> Result<Self, WantedError> {
        let inner = context.inner().map(|inner| (PARAM_INNER, inner));
        Self::read(context.parameters().chain(inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_read_in_any_case() {
        let wanted = Wanted::read([
            ("PIX-X", "320"),
            ("pix-y", "65535"),
            ("U.URN:x-keyhole:type", "Image/WebP"),
            ("u.urn:x-keyhole:octets", "40960"),
            ("u.urn:x-keyhole:inner", "1.2"),
            ("u.urn:x-keyhole:reveal", "g1A="),
        ])
        .unwrap();
        assert_eq!(wanted.media, InnerType::WebP);
        assert_eq!(wanted.width, NonZeroU16::new(320));
        assert_eq!(wanted.height, NonZeroU16::new(65535));
        assert_eq!(wanted.octets, NonZeroU32::new(40960));
        assert_eq!(wanted.inner, part_numbers("1.2"));
    }

    /// RFC 5259 §9: all of them are listed.
    #[test]
    fn every_bad_parameter_is_named() {
        let bad = Wanted::read([
            ("u.urn:x-keyhole:type", "image/gif"),
            ("pix-x", "0"),
            ("pix-y", "65536"),
            ("charset", "utf-8"),
            ("u.urn:x-keyhole:octets", "+5"),
            ("u.urn:x-keyhole:inner", "1..2"),
        ]);
        let Err(WantedError::Bad(names)) = bad else {
            panic!("{bad:?}");
        };
        assert_eq!(names.len(), 6);
    }

    #[test]
    fn a_parameter_given_twice_is_bad_and_a_missing_type_is_missing() {
        assert_eq!(
            Wanted::read([(PARAM_PIX_X, "1"), ("Pix-x", "1")]),
            Err(WantedError::Bad(vec!["Pix-x".into()]))
        );
        assert_eq!(Wanted::read([]), Err(WantedError::Missing(PARAM_TYPE)));
    }
}
