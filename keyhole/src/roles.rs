//! The roles in which the program is started by itself, each over a socket that is descriptor 0, with an empty environment.

use std::{ffi::OsString, io::Write, process::ExitCode};

use getrandom::SysRng;
use rand_core::UnwrapErr;
use vault::{VaultOptions, WardenOptions, options::OptionsError, run_vault, run_warden};

/// `keyhole warden`: starts vaults for the server that started it.
#[must_use]
pub fn warden(arguments: Vec<OsString>) -> ExitCode {
    match WardenOptions::from_args(arguments) {
        Ok(options) => run_warden(&options, &mut UnwrapErr(SysRng)),
        Err(error) => unusable("warden", &error),
    }
}

/// `keyhole vault`: opens one reveal.
#[must_use]
pub fn vault(arguments: Vec<OsString>) -> ExitCode {
    match VaultOptions::from_args(arguments) {
        Ok(options) => run_vault(&options, &mut UnwrapErr(SysRng)),
        Err(error) => unusable("vault", &error),
    }
}

fn unusable(role: &str, error: &OptionsError) -> ExitCode {
    // There is nobody else to tell if standard error is closed.
    drop(writeln!(
        std::io::stderr(),
        "keyhole {role} is started by keyhole serve, not by hand: {error}"
    ));
    ExitCode::from(2)
}
