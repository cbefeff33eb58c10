//! The load generator: a process of its own that says `ready` when its sessions are logged in, works when it is told to, and
//! prints what it did as one JSON line.

mod idle;
mod work;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::client::Target;
use crate::failure::Failure;
use crate::orders::Orders;

/// What is to be done.
#[derive(Args, Clone, Debug)]
pub(crate) struct LoadArguments {
    /// What the sessions do.
    #[arg(long)]
    kind: Kind,
    /// Where they connect.
    #[arg(long)]
    address: std::net::SocketAddr,
    /// Whom they trust.
    #[arg(long)]
    authority: PathBuf,
    /// How many sessions there are at one time.
    #[arg(long, default_value_t = 1)]
    sessions: u32,
    /// How many downloads, commands or logins there are in all.
    #[arg(long, default_value_t = 0)]
    count: u64,
    /// The work is over after so many seconds, whether all of it is done or not.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// What sessions do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// FETCH of the message of 10 MB, each octet checked.
    Bulk,
    /// The same of a message that another store holds: its length is checked.
    Fetch,
    /// NOOP, and the next when it is answered.
    Noop,
    /// Connect, TLS, LOGIN, LOGOUT.
    Login,
    /// IDLE.
    Idle,
}

impl Kind {
    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bulk => "bulk",
            Self::Fetch => "fetch",
            Self::Noop => "noop",
            Self::Login => "login",
            Self::Idle => "idle",
        }
    }

    fn socket_octets(self) -> usize {
        match self {
            Self::Bulk | Self::Fetch => 128 * 1024,
            Self::Noop | Self::Login => 8 * 1024,
            Self::Idle => 1024,
        }
    }
}

/// How many threads a process of the run's own works with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Threads {
    One,
    Two,
}

impl LoadArguments {
    /// One session has one thread: handing its octets from one thread to another would take longer than what is measured.
    pub(crate) fn threads(&self) -> Threads {
        match (self.kind, self.sessions) {
            (Kind::Idle, _) | (_, 1) => Threads::One,
            (Kind::Bulk | Kind::Fetch | Kind::Noop | Kind::Login, _) => Threads::Two,
        }
    }
}

/// Does it, and prints what came of it.
pub(crate) async fn run(arguments: LoadArguments) -> Result<(), Failure> {
    let kind = arguments.kind;
    let target = Target::new(
        arguments.address,
        &arguments.authority,
        kind.socket_octets(),
    )?;
    let mut orders = Orders::follow();
    if kind == Kind::Idle {
        return idle::run(&target, arguments.sessions, &mut orders).await;
    }
    let work = work::prepare(&target, kind, arguments.sessions).await?;
    orders.ready().await?;
    let limit = Duration::from_secs(arguments.seconds);
    let done = work.done(arguments.count, limit).await?;
    print(&done.to_json())
}

/// One JSON line for whoever started this process.
pub(crate) fn print(value: &Value) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{value}")?)
}

/// What was done.
pub(crate) struct Done {
    /// Octets, commands or logins.
    pub(crate) units: u64,
    /// In how long.
    pub(crate) took: Duration,
    /// How long each took, in microseconds.
    pub(crate) each: Vec<u32>,
}

impl Done {
    fn to_json(&self) -> Value {
        let mut each = self.each.clone();
        each.sort_unstable();
        json!({
            "units": self.units,
            "seconds": self.took.as_secs_f64(),
            "p50": quantile(&each, 50),
            "p99": quantile(&each, 99),
        })
    }
}

/// The value below which `percent` of the sorted values lie.
pub(crate) fn quantile(sorted: &[u32], percent: usize) -> u32 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(0)
}
