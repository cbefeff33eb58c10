//! What an operator asks of the program: whether a configuration is right, and what handsets are to pin.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use getrandom::SysRng;
use rand_core::UnwrapErr;
use vault::warden::identity_file;

use crate::start::{self, EXIT_CONFIG};

/// `keyhole check`: everything that is wrong with a configuration, on standard error; nothing wrong, exit code 0.
#[must_use]
pub fn check(path: &Path) -> ExitCode {
    let sources = match start::sources(path) {
        Ok(sources) => sources,
        Err(error) => return unusable(&error),
    };
    match proxy::check(&sources) {
        Ok(()) => told(say(&format!("{}: nothing is wrong\n", path.display()))),
        Err(errors) => {
            for error in &errors {
                complain(&format_args!("{}: {error}", path.display()));
            }
            ExitCode::from(EXIT_CONFIG)
        }
    }
}

/// `keyhole identity`: the public half of the identity key, which is made if it is not there.
#[must_use]
pub fn identity(path: &Path) -> ExitCode {
    let config = match start::read(path) {
        Ok(config) => config,
        Err(error) => return unusable(&error),
    };
    let Some(vault) = &config.vault else {
        return unusable(&format_args!(
            "{}: there is no [vault] section",
            path.display()
        ));
    };
    let file = &vault.identity;
    match identity_file::read_or_create(file, &mut UnwrapErr(SysRng)) {
        Ok(identity) => {
            let public = identity.public();
            told(say(&format!(
                "{public}\nfingerprint {}\n",
                public.fingerprint()
            )))
        }
        Err(error) => unusable(&format_args!("vault.identity {}: {error}", file.display())),
    }
}

/// The exit code for what came of a role; an error is told on standard error.
#[must_use]
pub fn told<E: fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn unusable(error: &dyn fmt::Display) -> ExitCode {
    complain(error);
    ExitCode::from(EXIT_CONFIG)
}

fn say(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())
}

fn complain(error: &dyn fmt::Display) {
    // There is nobody else to tell if standard error is closed.
    drop(writeln!(io::stderr(), "keyhole: {error}"));
}
