//! Many sessions in IDLE through Keyhole, woken by new mail: each must hear of it within a second of the store's word.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::contest::{Work, load, progress};
use crate::failure::Failure;
use crate::load::Kind;
use crate::peers::{Ground, Peer, Subject};
use crate::program::Role;

/// Descriptors that a server needs beside those of its sessions, which take two each.
const OTHER_DESCRIPTORS: u64 = 200;

/// How long all rest before they are woken.
const REST: Duration = Duration::from_secs(2);

/// What is wanted.
#[derive(Args, Debug)]
pub(crate) struct IdleArguments {
    /// How many sessions there are.
    #[arg(long, default_value_t = 10_000)]
    sessions: u32,
    /// How often they are woken.
    #[arg(long, default_value_t = 3)]
    wakes: u32,
}

/// One server and the sessions that go through it. Fields are dropped in order: the sessions end first.
struct Share {
    load: Role,
    subject: Subject,
    sessions: u32,
    grown: f64,
}

/// Opens them, wakes them, and prints what came of it as one JSON line.
pub(crate) fn run(arguments: &IdleArguments) -> Result<ExitCode, Failure> {
    let mut ground = Ground::prepare(Duration::ZERO)?;
    let mut shares = Vec::new();
    for sessions in shares_of(arguments.sessions, ground.descriptors()) {
        shares.push(open(&ground, sessions)?);
    }
    std::thread::sleep(REST);
    let mut wakes = Vec::new();
    for wake in 1..=arguments.wakes {
        let woken = wake_all(&mut ground, &mut shares);
        progress(&format!("wake {wake}"), &woken);
        wakes.push(woken?);
    }
    let most = |name: &str| maximum(&wakes, name);
    let (lost, late) = (most("lost"), most("late"));
    let grown: f64 = shares.iter().map(|share| share.grown).sum();
    let report = json!({"idle": {
        "sessions": arguments.sessions,
        "servers": shares.len(),
        "wakes": arguments.wakes,
        "lost": lost,
        "late": late,
        "p50_ms": most("p50_ms"),
        "p99_ms": most("p99_ms"),
        "max_ms": most("max_ms"),
        "kib_per_session": (grown / 1024.0 / f64::from(arguments.sessions) * 1000.0).round() / 1000.0,
    }});
    writeln!(std::io::stdout(), "{report}")?;
    match lost + late > 0.0 {
        true => Ok(ExitCode::FAILURE),
        false => Ok(ExitCode::SUCCESS),
    }
}

/// As few servers as there can be: a session takes two descriptors of its server, and the machine allows so many to a process.
fn shares_of(sessions: u32, descriptors: u64) -> Vec<u32> {
    let most = descriptors.saturating_sub(OTHER_DESCRIPTORS) / 2;
    let servers = u64::from(sessions).div_ceil(most.max(1));
    let servers = u32::try_from(servers).unwrap_or(1).max(1);
    (0..servers)
        .map(|server| sessions / servers + u32::from(server < sessions % servers))
        .collect()
}

fn open(ground: &Ground, sessions: u32) -> Result<Share, Failure> {
    let subject = ground.start(Peer::Keyhole)?;
    let before = subject.tree().private_octets();
    let work = Work {
        kind: Kind::Idle,
        sessions,
        count: 0,
        seconds: 0,
    };
    let mut load = load(ground, subject.address, work)?;
    let ready = load.answer();
    progress(&format!("{sessions} sessions"), &ready);
    ready.map_err(|why| Failure::Load(format!("{why}; its log: {}", subject.end_of_log())))?;
    std::thread::sleep(REST);
    let grown = subject.tree().private_octets().saturating_sub(before) as f64;
    Ok(Share {
        load,
        subject,
        sessions,
        grown,
    })
}

fn wake_all(ground: &mut Ground, shares: &mut [Share]) -> Result<Value, Failure> {
    for share in &mut *shares {
        share.load.tell("wake")?;
        share.load.answer()?;
    }
    ground.store.tell("push")?;
    let mut woken = Vec::new();
    for share in shares {
        let told = share.load.answer()?;
        if told["woken"] != share.sessions {
            let log = share.subject.end_of_log();
            progress("lost", &Err::<u32, _>(Failure::Load(log)));
        }
        woken.push(told);
    }
    let sum = |name: &str| {
        woken
            .iter()
            .filter_map(|told| told[name].as_f64())
            .sum::<f64>()
    };
    Ok(json!({
        "lost": sum("lost"),
        "late": sum("late"),
        "p50_ms": maximum(&woken, "p50_ms"),
        "p99_ms": maximum(&woken, "p99_ms"),
        "max_ms": maximum(&woken, "max_ms"),
    }))
}

fn maximum(values: &[Value], name: &str) -> f64 {
    values
        .iter()
        .filter_map(|value| value[name].as_f64())
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::shares_of;

    #[test]
    fn sessions_are_shared_among_as_few_servers_as_there_can_be() {
        assert_eq!(shares_of(10_000, 1 << 20), [10_000]);
        assert_eq!(shares_of(10_000, 20_000), [5000, 5000]);
        assert_eq!(shares_of(7, 206), [3, 2, 2]);
    }
}
