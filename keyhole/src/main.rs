//! Arguments and exit codes of the program `keyhole`. `docs/operations.md` lists both.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use keyhole::{administer, demo, loader, roles, start};

/// This very program, whatever its file is called now.
const PROGRAM: &str = "/proc/self/exe";

/// An IMAP proxy that shrinks one encrypted attachment for its owner, and never holds the owner's keys.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Run the server until SIGTERM
    Serve {
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Say what is wrong with a configuration, without starting anything
    Check {
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Print the identity that handsets pin
    Identity {
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Show the whole system on this machine: a store, the server, a handset, one photograph
    Demo(demo::Options),
    /// Started by `serve`, never by hand
    #[command(hide = true)]
    Warden(PassedOn),
    /// Started by `serve`, never by hand
    #[command(hide = true)]
    Loader(PassedOn),
    /// Started by `warden`, never by hand
    #[command(hide = true)]
    Vault(PassedOn),
}

/// Arguments that are read by the role itself.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
struct PassedOn {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    match Arguments::parse().role {
        Role::Serve { config } => start::serve_file(&config, Path::new(PROGRAM)),
        Role::Check { config } => administer::check(&config),
        Role::Identity { config } => administer::identity(&config),
        Role::Demo(options) => administer::told(demo::run(&options)),
        Role::Warden(PassedOn { arguments }) => roles::warden(arguments),
        Role::Loader(PassedOn { arguments }) => loader::run(&arguments),
        Role::Vault(PassedOn { arguments }) => roles::vault(arguments),
    }
}
