//! A store, a proxy, a handset, keys, messages and photographs for one test.
//!
//! A test that cannot go on says so by panicking: these are the tests' own tools.

pub mod certificate;
pub mod cyrus;
pub mod deflated;
pub mod dovecot;
pub mod embedded;
pub mod footprint;
pub mod handset;
pub mod imap;
pub mod keyhole;
pub mod mail;
pub mod middleman;
pub mod offering;
pub mod openssl;
pub mod phone;
pub mod photograph;
pub mod program;
pub mod python;
pub mod scene;
pub mod scratch;
pub mod ssim;
pub mod statement;
pub mod visit;
pub mod wait;
