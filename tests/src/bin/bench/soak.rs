//! Mixed commands through Keyhole for a long time: every answer must be its command's, and memory must not grow once all is warm.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use ::tests::harness::wait::now;
use clap::Args;
use serde_json::json;

use crate::contest::progress;
use crate::failure::Failure;
use crate::peers::{Ground, Peer};
use crate::process::Tree;
use crate::program::Role;

/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_secs(5);

/// The first minute, in which all is warmed up; of a short run, its first quarter.
const WARM: Duration = Duration::from_secs(60);

/// What is wanted.
#[derive(Args, Debug)]
pub(crate) struct SoakArguments {
    /// How long.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// How many sessions at one time.
    #[arg(long, default_value_t = 500)]
    sessions: u32,
    /// Milliseconds that a session rests between its batches of commands, on average.
    #[arg(long, default_value_t = 500)]
    rest: u32,
    /// Where the random choices begin: the same number makes the same sessions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs it and prints what came of it as one JSON line.
pub(crate) fn run(arguments: &SoakArguments) -> Result<ExitCode, Failure> {
    let mut ground = Ground::prepare(Duration::ZERO)?;
    let subject = ground.start(Peer::Keyhole)?;
    let mut mix = start(&ground, arguments, subject.address)?;
    mix.answer()?;
    let samples = watch(&mut ground, subject.tree(), arguments.seconds)?;
    let done = mix.answer()?;
    let growth = Growth::of(&samples, arguments.seconds);
    let report = json!({"soak": {
        "sessions": arguments.sessions,
        "seconds": arguments.seconds,
        "desynchronised": done["desynchronised"],
        "failed": done["failed"],
        "commands": done["commands"],
        "octets": done["octets"],
        "logins": done["logins"],
        "first_trouble": done["first_trouble"],
        "resident_warm_kib": growth.warm / 1024,
        "resident_end_kib": growth.end / 1024,
        "growth_kib": growth.kib(),
        "growth_percent": (growth.percent() * 100.0).round() / 100.0,
        "log": subject.end_of_log(),
    }});
    writeln!(std::io::stdout(), "{report}")?;
    let wrong = ["desynchronised", "failed"]
        .iter()
        .any(|name| done[*name] != 0);
    match wrong {
        true => Ok(ExitCode::FAILURE),
        false => Ok(ExitCode::SUCCESS),
    }
}

fn start(
    ground: &Ground,
    arguments: &SoakArguments,
    address: std::net::SocketAddr,
) -> Result<Role, Failure> {
    let arguments = [
        "mix",
        "--address",
        &address.to_string(),
        "--authority",
        &ground.certificate.authority.display().to_string(),
        "--sessions",
        &arguments.sessions.to_string(),
        "--seconds",
        &arguments.seconds.to_string(),
        "--rest",
        &arguments.rest.to_string(),
        "--seed",
        &arguments.seed.to_string(),
    ];
    Role::start(&arguments.map(str::to_owned))
}

/// Looks at memory until the time is over; new mail comes meanwhile for those in IDLE.
fn watch(ground: &mut Ground, tree: Tree, seconds: u64) -> Result<Vec<(u64, u64)>, Failure> {
    let begun = now();
    let mut samples = Vec::new();
    while begun.elapsed().as_secs() < seconds {
        let rest = Duration::from_secs(seconds).saturating_sub(begun.elapsed());
        std::thread::sleep(SAMPLE.min(rest));
        ground.store.tell("push")?;
        let resident = tree.resident_octets();
        samples.push((begun.elapsed().as_secs(), resident));
        progress(
            &format!("{} s, resident KiB", begun.elapsed().as_secs()),
            &Ok(resident / 1024),
        );
    }
    Ok(samples)
}

/// How much memory was resident once all was warm, and in the end.
struct Growth {
    warm: u64,
    end: u64,
}

impl Growth {
    /// `samples`: seconds and octets. The end is the mean of the last three: what one moment holds in flight comes and goes.
    fn of(samples: &[(u64, u64)], seconds: u64) -> Self {
        let warm = WARM.as_secs().min(seconds / 4);
        let after: Vec<u64> = samples
            .iter()
            .filter(|(second, _)| *second >= warm)
            .map(|(_, octets)| *octets)
            .collect();
        let mean = |octets: &[u64]| octets.iter().sum::<u64>() / (octets.len() as u64).max(1);
        Self {
            warm: mean(&after[..after.len().min(3)]),
            end: mean(&after[after.len().saturating_sub(3)..]),
        }
    }

    fn kib(&self) -> i64 {
        (self.end as i64 - self.warm as i64) / 1024
    }

    fn percent(&self) -> f64 {
        (self.end as f64 / (self.warm as f64).max(1.0) - 1.0) * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::Growth;

    #[test]
    fn growth_is_what_came_after_the_first_minute() {
        let samples: Vec<(u64, u64)> = (1..=120)
            .map(|second| (second * 5, if second < 12 { 1 << 20 } else { second << 20 }))
            .collect();
        let growth = Growth::of(&samples, 600);
        assert_eq!(growth.warm >> 20, 13);
        assert_eq!(growth.end >> 20, 119);
        assert_eq!(growth.kib(), 106 * 1024);
    }
}
