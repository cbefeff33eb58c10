//! One reveal's process: frames in, one sealed result out, exit. And the warden, which starts such processes.
//!
//! | module | holds |
//! | --- | --- |
//! | [`frames`] | what server, warden and vault say to each other |
//! | [`job`] | open, transcode, prove, seal: a state machine without I/O |
//! | [`options`] | what warden and vault are told on their command lines |
//! | [`sandbox`] | what each process gives up |
//! | [`child`] | [`run_vault`]: one socket, blocking, one thread |
//! | [`warden`] | [`run_warden`]: starts vaults, keeps the ready pool, signs what a vault hands it |
//!
//! The network-facing server may use [`frames`], [`sandbox`] and nothing else of this crate.
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

pub mod child;
mod clock;
pub mod frames;
pub mod job;
pub mod options;
pub mod sandbox;
pub mod warden;

pub use child::run_vault;
pub use options::{SecretMemory, VaultOptions, WardenOptions};
pub use warden::run_warden;
