//! The reveal extension's own formats and nothing else: what `docs/protocol.md` specifies, as types.
//!
//! | module | holds |
//! | --- | --- |
//! | [`suite`] | [`Suite`]: which HPKE algorithms, by name and by code point |
//! | [`statement`] | [`Statement`]: what a vault's one-time key is, and what the vault promises |
//! | [`identity`] | [`Identity`] signs statements; [`SignedStatement::verify`] is the one check of that signature |
//! | [`context`] | [`Context`]: what a reveal may be used for, normalised |
//! | [`conversion`] | [`Wanted`]: the conversion parameters, read |
//! | [`inner`], [`form`] | the types inside the container, and what can be asked of each kind |
//! | [`fallback`] | [`Fallback`]: what holds where a request is silent |
//! | [`reveal`] | [`Reveal`]: the revealed key and what it is bound to |
//! | [`sealed`] | [`SealedReveal`]: the reveal on the wire |
//! | [`exchange`] | [`OneTimeKey`] opens one reveal; [`Verified::seal`] seals one |
//! | [`result`] | [`ResultPart`], [`ResultSealer`] and [`ResultOpener`]: the answer, session-sealed |
//! | [`entity`] | the answer as a MIME entity, to be S/MIME-sealed |
//! | [`padding`] | how long a result is made |
//! | [`names`] | capability, container and parameter names |
//!
//! No I/O, no clock, no generator: time and randomness are arguments.
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

mod cbor;
pub mod context;
pub mod conversion;
pub mod entity;
pub mod exchange;
pub mod fallback;
pub mod form;
pub mod identity;
pub mod inner;
pub mod names;
pub mod padding;
pub mod result;
pub mod reveal;
pub mod sealed;
pub mod statement;
pub mod suite;

pub use context::{Asked, Context, ContextError};
pub use conversion::{Settled, Wanted, WantedError};
pub use exchange::{OneTimeKey, Refusal, Revealed, SealError};
pub use fallback::{Fallback, FallbackError};
pub use form::{
    Charset, Form, Frames, PictureForm, PresetName, Rate, Replacement, Seconds, SoundForm, TextForm,
};
pub use identity::{
    Identity, IdentityKey, IdentityKeyError, SignedStatement, StatementError, Verified, sign,
};
pub use inner::{InnerType, Kind};
pub use padding::padded_len;
pub use result::{Extent, Integrity, Measure, ResultError, ResultOpener, ResultPart, ResultSealer};
pub use reveal::{ContentAlgorithm, Reveal, Seal, SmimeAlgorithm, TransferEncoding};
pub use sealed::{SealedReveal, SealedRevealError};
pub use statement::{ChannelBinding, KeyId, Promises, Retention, SandboxLevel, Statement};
pub use suite::Suite;
