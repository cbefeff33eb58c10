//! `keyhole warden`.
use std::process::ExitCode;

use rand_core::CryptoRng;

use crate::options::WardenOptions;

/// Starts vaults for the server at the other end of descriptor 0, until it closes.
pub fn run_warden(options: &WardenOptions, rng: &mut impl CryptoRng) -> ExitCode {
    let _ = (options, rng);
    todo!()
}
