//! Names on the wire that are ours, or that we give a use: one place, so that both ends spell them alike.
//! Names are compared without regard to case where `docs/protocol.md` §5.2 says so; these are the normal, lower-case forms.

use crate::inner::Kind;

/// The capability and the command.
pub const KEYREVEAL: &str = "KEYREVEAL";

/// CONVERT's target for a *session*-sealed result.
pub const CONTAINER_SEALED: &str = "application/vnd.keyhole.sealed";
/// CONVERT's target for an *smime*-sealed result (RFC 8551 §3.2).
pub const CONTAINER_SMIME: &str = "application/pkcs7-mime";

/// Largest width wanted of a picture, in pixels (RFC 2534).
pub const PARAM_PIX_X: &str = "pix-x";
/// Largest height wanted of a picture, in pixels (RFC 2534).
pub const PARAM_PIX_Y: &str = "pix-y";
/// Most frames wanted of a picture that moves; of `image/gif` alone. No feature tag for it is registered.
pub const PARAM_FRAMES: &str = "u.urn:x-keyhole:frames";
/// Charset wanted of a text (RFC 2987, RFC 5259 §7.1).
pub const PARAM_CHARSET: &str = "charset";
/// What stands for a character that the charset lacks (RFC 5259 §12.1).
pub const PARAM_REPLACEMENT: &str = "unknown-character-replacement";
/// Longest time wanted of a sound, in seconds. No feature tag for it is registered.
pub const PARAM_SECONDS: &str = "u.urn:x-keyhole:seconds";
/// Most bits in a second wanted of a sound. No feature tag for it is registered.
pub const PARAM_RATE: &str = "u.urn:x-keyhole:rate";
/// Media type wanted inside the container; the server's default where it is absent.
pub const PARAM_TYPE: &str = "u.urn:x-keyhole:type";
/// Most octets wanted of what is inside the container.
pub const PARAM_OCTETS: &str = "u.urn:x-keyhole:octets";
/// Name of a table of the server's, whose values hold where the request is silent.
pub const PARAM_PRESET: &str = "u.urn:x-keyhole:preset";
/// Section inside the opened entity.
pub const PARAM_INNER: &str = "u.urn:x-keyhole:inner";
/// The sealed reveal, base64.
pub const PARAM_REVEAL: &str = "u.urn:x-keyhole:reveal";

/// What begins the name of each parameter of ours.
pub const PARAM_OURS: &str = "u.urn:x-keyhole:";

/// The parameters that fit every kind of result, as CONVERSIONS lists them.
pub const PARAMETERS: [&str; 5] = [
    PARAM_TYPE,
    PARAM_OCTETS,
    PARAM_PRESET,
    PARAM_INNER,
    PARAM_REVEAL,
];

/// The parameters that fit one kind of result alone.
#[must_use]
pub const fn parameters_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Picture => &[PARAM_PIX_X, PARAM_PIX_Y, PARAM_FRAMES],
        Kind::Text => &[PARAM_CHARSET, PARAM_REPLACEMENT],
        Kind::Sound => &[PARAM_SECONDS, PARAM_RATE],
    }
}
