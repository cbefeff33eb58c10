//! `keyhole vault`.
use std::process::ExitCode;

use rand_core::CryptoRng;

use crate::options::VaultOptions;

/// Serves one reveal on the socket that is descriptor 0, and ends.
pub fn run_vault(options: &VaultOptions, rng: &mut impl CryptoRng) -> ExitCode {
    let _ = (options, rng);
    todo!()
}
