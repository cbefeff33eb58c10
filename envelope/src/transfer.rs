//! Content transfer encodings (RFC 2045 §6).

/// How a part's octets were made fit for mail.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TransferEncoding {
    /// `7bit`, `8bit` and `binary`: the octets themselves.
    Identity,
    /// `base64`.
    Base64,
    /// `quoted-printable`.
    QuotedPrintable,
}
