//! CMS (RFC 5652, RFC 5083) as S/MIME uses it: open a part with a given content key, seal to a recipient.
//!
//! | module | holds |
//! | --- | --- |
//! | [`algorithm`] | content encryption algorithms, [`ContentKey`], [`Integrity`] |
//! | [`transfer`] | content transfer encodings, decoded in runs |
//! | [`cms`] | the streaming BER reader and the header: who a part is for, and how it is encrypted |
//! | [`opener`] | [`Opener`]: runs in, opened in place, plaintext only after proof |
//! | [`sealer`] | content in, a DER `ContentInfo` out |
//! | [`recipient`] | certificates and private keys of those who receive |
//! | [`entity`] | the MIME entity inside an opened part |
//! | [`unproven`] | how much a key would open, before it is revealed |
//! | [`padme`](mod@padme) | sizes that tell little |
//!
//! No I/O, no clock, no generator of its own: randomness is an argument.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::wildcard_enum_match_arm,
        clippy::expect_used,
        clippy::panic
    )
)]

mod agreement;
pub mod algorithm;
mod cipher;
pub mod cms;
pub mod entity;
pub mod opener;
pub mod padme;
pub mod recipient;
pub mod sealer;
mod to_recipient;
pub mod transfer;
pub mod unproven;

pub use algorithm::{ContentAlgorithm, ContentKey, Integrity};
pub use opener::{Opener, Proven, Refusal};
pub use padme::padme;
pub use transfer::TransferEncoding;
