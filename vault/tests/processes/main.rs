//! Warden and vaults as real processes, and what they cannot do. Without the usual harness, because a sandbox needs a process with
//! one thread, and because warden and vault execute this very program: see `main`.
#![cfg(test)]

mod forbidden;
mod pool;
mod reveals;
mod runner;
#[path = "../scenario/mod.rs"]
mod scenario;
mod server;
mod warden;

use std::ffi::OsString;
use std::process::ExitCode;

use vault::{VaultOptions, WardenOptions, run_vault, run_warden};

/// First argument of a process that is a vault, a warden, or tries something forbidden.
const VAULT: &str = "role-vault";
const WARDEN: &str = "role-warden";
const PROBE: &str = "role-probe";
/// A vault that ends before it is ready.
const USELESS: &str = "role-useless";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next();
    let rest: Vec<OsString> = arguments.collect();
    match first.as_ref().and_then(|first| first.to_str()) {
        Some(VAULT) => run_vault(
            &VaultOptions::from_args(rest).unwrap(),
            &mut scenario::rng(),
        ),
        Some(WARDEN) => run_warden(
            &WardenOptions::from_args(rest).unwrap(),
            &mut scenario::rng(),
        ),
        Some(USELESS) => ExitCode::FAILURE,
        Some(PROBE) => forbidden::probe(&rest),
        _test_filter => {
            runner::run(&[forbidden::TESTS, server::TESTS, pool::TESTS, reveals::TESTS])
        }
    }
}
