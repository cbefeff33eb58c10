//! Names on the wire that are ours, or that we give a use: one place, so that both ends spell them alike.
//! Names are compared without regard to case where `docs/protocol.md` §5.2 says so; these are the normal, lower-case forms.

/// The capability and the command.
pub const KEYREVEAL: &str = "KEYREVEAL";

/// CONVERT's target for a *session*-sealed result.
pub const CONTAINER_SEALED: &str = "application/vnd.keyhole.sealed";
/// CONVERT's target for an *smime*-sealed result (RFC 8551 §3.2).
pub const CONTAINER_SMIME: &str = "application/pkcs7-mime";

/// Largest width wanted, in pixels (RFC 2534).
pub const PARAM_PIX_X: &str = "pix-x";
/// Largest height wanted, in pixels (RFC 2534).
pub const PARAM_PIX_Y: &str = "pix-y";
/// Media type wanted inside the container.
pub const PARAM_TYPE: &str = "u.urn:x-keyhole:type";
/// Most octets wanted for the picture inside the container.
pub const PARAM_OCTETS: &str = "u.urn:x-keyhole:octets";
/// Section inside the opened entity.
pub const PARAM_INNER: &str = "u.urn:x-keyhole:inner";
/// The sealed reveal, base64.
pub const PARAM_REVEAL: &str = "u.urn:x-keyhole:reveal";

/// Every conversion parameter, as CONVERSIONS lists them.
pub const PARAMETERS: [&str; 6] = [
    PARAM_PIX_X,
    PARAM_PIX_Y,
    PARAM_TYPE,
    PARAM_OCTETS,
    PARAM_INNER,
    PARAM_REVEAL,
];
