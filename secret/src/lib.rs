//! Keys and plaintext as types: wiped when dropped, unprintable, compared in constant time.
//!
//! | module | holds |
//! | --- | --- |
//! | [`bytes`] | [`SecretBytes`]: key octets on the heap |
//! | [`session_key`] | [`SessionKey`]: one part's key, bound to one thread |
//! | [`plaintext`] | [`Plaintext`]: an opened part, growing without leaving copies |
//! | [`compare`] | the one way in which secrets are compared |
//! | [`pages`] | [`Pages`]: memory kept out of dumps and swap; the one module with `unsafe` |
//!
//! This crate is a leaf: it does no I/O and knows nothing of mail.

pub mod bytes;
pub mod compare;
pub mod pages;
pub mod plaintext;
pub mod session_key;

pub use bytes::SecretBytes;
pub use pages::{PageKind, Pages, PagesError};
pub use plaintext::{Exceeded, Plaintext};
pub use session_key::SessionKey;
