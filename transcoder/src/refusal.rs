//! Why there is no picture or text: whose fault it is, without text.

use crate::budget::{Exceeded, Resource};
use crate::media::UnreadType;

/// Why a conversion gave nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Refusal {
    /// The first octets are of no type that is read.
    NotAnImage,
    /// The first octets are of a type of picture that is known and not read.
    Unread(UnreadType),
    /// The first octets are of no type of sound that is read.
    NotAudio,
    /// The first octets are of another type than the one declared.
    DeclaredOtherwise,
    /// Truncated, or against its format.
    Damaged,
    /// A whole file of its type, but of a kind that is not read (say, 32-bit floating point).
    Unsupported,
    /// It would cost more than the budget allows.
    Exceeded(Resource),
    /// The octets asked for are fewer than the smallest and coarsest picture takes, or the frame of a text.
    CannotFit,
    /// The charset that the part is said to be in is known, and none that is read.
    UnreadCharset,
    /// A character is not in the charset that was asked for, and nothing may stand for it.
    Unrepresentable,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAnImage => f.write_str("not an image of a type that is read"),
            Self::Unread(media) => write!(f, "{}, which is not read", media.name()),
            Self::NotAudio => f.write_str("not a recording of a type that is read"),
            Self::DeclaredOtherwise => f.write_str("not of the type that was declared"),
            Self::Damaged => f.write_str("truncated or damaged"),
            Self::Unsupported => f.write_str("of a kind that is not read"),
            Self::Exceeded(resource) => write!(f, "over the budget of {}", resource.name()),
            Self::CannotFit => f.write_str("it cannot be made as small as asked"),
            Self::UnreadCharset => f.write_str("a charset that is not read"),
            Self::Unrepresentable => {
                f.write_str("a character that is not in the charset asked for")
            }
        }
    }
}

impl std::error::Error for Refusal {}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded.0)
    }
}
