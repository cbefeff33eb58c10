//! What is left of secrets: in memory, in the log, in core files, on command lines. Nothing.
//!
//! Each search is shown to work in the same test, by something that leaks on purpose.
//!
//! | module | holds |
//! | --- | --- |
//! | [`mail`] | messages full of canaries, and the secrets in them |
//! | [`show`] | one reveal by the handset's library, step by step, and the secrets of it |
//! | [`memory`], [`log`], [`cores`], [`neighbours`] | the tests |

#![cfg(test)]
#![expect(
    clippy::print_stdout,
    reason = "the figures are for whoever reads the test's output"
)]

mod cores;
mod log;
mod mail;
mod memory;
mod neighbours;
mod show;

use std::path::Path;

/// Our own test program, which plays keyhole.
fn specimen() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_specimen"))
}

/// Only root may look into the memory of a process that is not dumpable.
fn as_root() {
    assert!(
        rustix::process::geteuid().is_root(),
        "this test reads other processes' memory and must be run by root"
    );
}
