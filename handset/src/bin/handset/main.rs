//! The command `handset`: arguments, keys, files, terminal and clock around the library. See `docs/handset.md`.

mod args;
mod exit;
mod fetch;
mod gallery;
mod identity;
mod keys;
mod list;
mod output;
mod progress;
mod prompt;
mod screen;
mod session;
mod settings;
mod structure;
mod wanted;

use std::process::ExitCode;

use args::{Action, Arguments};
use clap::Parser as _;
use exit::{Exit, Failure};
use screen::Style;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let style = if arguments.json {
        Style::Json
    } else {
        Style::Text
    };
    match run(arguments, style) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen::failed(&failure, style);
            failure.code()
        }
    }
}

fn run(arguments: Arguments, style: Style) -> Result<(), Failure> {
    let account = settings::settle(arguments.account)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Network, error.to_string()))?;
    runtime.block_on(async {
        match arguments.action {
            Action::List(list) => list::run(&account, &list, style).await,
            Action::Structure(structure) => structure::run(&account, &structure, style).await,
            Action::Fetch(fetch) => fetch::run(&account, &fetch, style).await,
            Action::Gallery(gallery) => gallery::run(&account, &gallery, style).await,
            Action::Identity(action) => identity::run(&account, action, style).await,
        }
    })
}
