//! The conversion parameters of `docs/protocol.md` §4.2, read once and then trusted.

use std::num::{NonZeroU16, NonZeroU32};

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

impl Wanted {
    /// Reads the parameters; the reveal may be among them and is passed over.
    ///
    /// # Errors
    /// [`WantedError`], naming every parameter at fault.
    pub fn read<'a>(
        _parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WantedError> {
        todo!()
    }

    /// The conversion that a context asks for.
    ///
    /// # Errors
    /// As [`Wanted::read`].
    pub fn of(_context: &crate::Context) -> Result<Self, WantedError> {
        todo!()
    }
}

impl InnerType {
    /// The media type's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        todo!()
    }

    /// The type of that name, in any case.
    #[must_use]
    pub fn from_name(_name: &str) -> Option<Self> {
        todo!()
    }
}
