//! A store, a proxy, a handset, keys, messages and photographs for one test.
//!
//! A test that cannot go on says so by panicking: these are the tests' own tools.

pub mod certificate;
pub mod dovecot;
pub mod embedded;
pub mod handset;
pub mod imap;
pub mod keyhole;
pub mod mail;
pub mod openssl;
pub mod photograph;
pub mod program;
pub mod python;
pub mod scratch;
pub mod ssim;
pub mod wait;
