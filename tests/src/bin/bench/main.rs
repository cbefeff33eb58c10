//! The bench: Keyhole beside its peers on one machine, and Keyhole under many idle or busy sessions. `tests/bench/run` builds and
//! starts it; `docs/bench.md` tells what each number is.
//!
//! | command | does |
//! | --- | --- |
//! | `relay` | compares with nginx, HAProxy and Dovecot |
//! | `idle` | wakes many sessions in IDLE |
//! | `soak` | mixes commands for a long time and checks each answer |
//! | `transcode` | compares our transcoder with libvips, libjpeg-turbo and sharp |
//! | `suites` | gives our transcoder the test suites of Debian's image libraries |
//! | `fuzz` | drives the transcoder's fuzz targets |
//! | `store`, `load`, `mix`, `transcode-subject`, `cipher-subject` | its own processes |

mod body;
mod client;
mod clock;
mod contest;
mod failure;
mod fuzz;
mod idle;
mod load;
mod mix;
mod orders;
mod peers;
mod process;
mod program;
mod relay;
mod report;
mod soak;
mod store;
mod suites;
mod transcode;

use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum as _};
use serde_json::json;
use tokio::runtime::Builder;

use failure::Failure;
use load::Threads;
use relay::{Length, Part};

#[derive(Parser)]
#[command(about = "Measures Keyhole beside its peers")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compares Keyhole with its peers.
    Relay(RelayArguments),
    /// Wakes many sessions in IDLE, and fails if one hears of new mail later than a second after the store said it.
    Idle(idle::IdleArguments),
    /// Mixes commands, and fails if one answer is not its command's, or a connection is lost.
    Soak(soak::SoakArguments),
    /// Compares our transcoder with its peers.
    Transcode(transcode::TranscodeArguments),
    /// Gives our transcoder the test suites of Debian's image libraries, and fails if it panics or takes more than it may.
    Suites(suites::SuitesArguments),
    /// Drives the transcoder's fuzz targets, and fails if one of them does.
    Fuzz(fuzz::FuzzArguments),
    /// The store in memory.
    #[command(hide = true)]
    Store {
        #[arg(long)]
        certificate: PathBuf,
        #[arg(long)]
        key: PathBuf,
    },
    /// The load generator.
    #[command(hide = true)]
    Load(load::LoadArguments),
    /// The sessions of `soak`.
    #[command(hide = true)]
    Mix(mix::MixArguments),
    /// Our transcoder.
    #[command(hide = true)]
    TranscodeSubject,
    /// Opening encrypted parts.
    #[command(hide = true)]
    CipherSubject,
}

#[derive(clap::Args)]
struct RelayArguments {
    /// Less work in three rounds: under four minutes.
    #[arg(long)]
    quick: bool,
    /// Prints one line of JSON and nothing else.
    #[arg(long)]
    json: bool,
    /// Only these parts.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Relay(arguments) => guarded(|| compare(&arguments)),
        Command::Idle(arguments) => guarded(|| idle::run(&arguments)),
        Command::Soak(arguments) => guarded(|| soak::run(&arguments)),
        Command::Transcode(arguments) => guarded(|| transcode::run(&arguments)),
        Command::Suites(arguments) => guarded(|| suites::run(&arguments)),
        Command::Fuzz(arguments) => guarded(|| fuzz::run(&arguments)),
        Command::TranscodeSubject => told(transcode::subject()),
        Command::CipherSubject => told(transcode::cipher_subject()),
        Command::Store { certificate, key } => role(Threads::Two, store::run(&certificate, &key)),
        Command::Load(arguments) => role(arguments.threads(), load::run(arguments)),
        Command::Mix(arguments) => role(Threads::Two, mix::run(arguments)),
    };
    done.unwrap_or_else(|why| {
        // There is nobody else to tell if standard error is closed.
        drop(writeln!(std::io::stderr(), "bench: {why}"));
        ExitCode::FAILURE
    })
}

/// Runs what starts other programs, and ends them all.
fn guarded(run: impl FnOnce() -> Result<ExitCode, Failure>) -> Result<ExitCode, Failure> {
    program::guard()?;
    let done = run();
    program::sweep();
    done
}

/// Runs a process of a run's own.
fn role(
    threads: Threads,
    run: impl Future<Output = Result<(), Failure>>,
) -> Result<ExitCode, Failure> {
    process::raise_descriptors();
    let mut runtime = match threads {
        Threads::One => Builder::new_current_thread(),
        Threads::Two => Builder::new_multi_thread(),
    };
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    let done = runtime.block_on(run);
    // Sessions that are left have nobody to report to.
    runtime.shutdown_background();
    told(done)
}

/// Whoever started this process is told why it fails.
fn told(done: Result<(), Failure>) -> Result<ExitCode, Failure> {
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => {
            load::print(&json!({ "error": why.to_string() }))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn compare(arguments: &RelayArguments) -> Result<ExitCode, Failure> {
    let length = if arguments.quick {
        Length::Quick
    } else {
        Length::Full
    };
    let wanted = |part: &Part| arguments.only.is_empty() || arguments.only.contains(part);
    let ground = peers::Ground::prepare(length.patience())?;
    let mut rows = Vec::new();
    let mut foreign = Vec::new();
    for part in Part::value_variants().iter().filter(|part| wanted(part)) {
        rows.extend(relay::rows(&ground, *part, length, &mut foreign));
    }
    if !arguments.json {
        writeln!(std::io::stdout(), "{}", report::to_table(&rows, &foreign))?;
    }
    writeln!(std::io::stdout(), "{}", report::to_json(&rows, &foreign))?;
    Ok(ExitCode::SUCCESS)
}
