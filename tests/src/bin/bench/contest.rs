//! A contest: some subjects do the same work in turn, round after round, so that whatever else the machine does meets all alike.

use std::fmt;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use crate::failure::Failure;
use crate::load::Kind;
use crate::peers::{Ground, Peer, Subject};
use crate::process::{Machine, Spent, Tree};
use crate::program::Role;
use crate::report::{self, Goal, Row};

/// Before the processor time is read: what is still to be done for the logins is done by then.
const SETTLE: Duration = Duration::from_millis(50);

/// A round is calm if others took no more of the machine than this; how often one that was not is done again.
const CALM: f64 = 0.08;
const AGAIN: usize = 2;

/// Where clients of a subject connect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Road {
    /// Where it ends TLS.
    Relay,
    /// Where it passes TLS on.
    Passthrough,
    /// To the store itself: no subject at all.
    Direct(SocketAddr),
}

/// Who takes part, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) peer: Option<Peer>,
    pub(crate) road: Road,
}

impl Entry {
    /// Takes part where it ends TLS.
    pub(crate) fn relay(peer: Peer) -> Self {
        Self {
            peer: Some(peer),
            road: Road::Relay,
        }
    }

    /// Takes part where it passes TLS on.
    pub(crate) fn passthrough(peer: Peer) -> Self {
        Self {
            peer: Some(peer),
            road: Road::Passthrough,
        }
    }

    /// The store itself.
    pub(crate) fn direct(address: SocketAddr) -> Self {
        Self {
            peer: None,
            road: Road::Direct(address),
        }
    }

    /// What tables call it.
    pub(crate) fn name(self) -> &'static str {
        self.peer.map_or("direct", Peer::name)
    }
}

/// The work of one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) kind: Kind,
    pub(crate) sessions: u32,
    pub(crate) count: u64,
    /// The longest that one round may take.
    pub(crate) seconds: u64,
}

/// What one round came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Processor time of the subject, in seconds.
    pub(crate) cpu: f64,
    /// Octets, commands or logins.
    pub(crate) units: f64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The median time of one piece, in microseconds.
    pub(crate) p50: f64,
    /// The share of the machine that others took meanwhile.
    pub(crate) foreign: f64,
}

impl Measured {
    /// Seconds of processor time for 10⁹ octets.
    pub(crate) fn cpu_per_gigabyte(&self) -> f64 {
        self.cpu / self.units * 1e9
    }

    /// Microseconds of processor time for a command or a login.
    pub(crate) fn cpu_per_piece(&self) -> f64 {
        self.cpu / self.units * 1e6
    }

    /// Logins in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.units / self.seconds
    }

    /// 10⁶ octets in a second.
    pub(crate) fn megabytes_per_second(&self) -> f64 {
        self.per_second() / 1e6
    }

    /// The median time of one piece, in microseconds.
    pub(crate) fn p50(&self) -> f64 {
        self.p50
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.2} s of CPU for {} in {:.2} s, p50 {} us; others took {:.0} % of the machine",
            self.cpu,
            self.units,
            self.seconds,
            self.p50,
            self.foreign * 100.0
        )
    }
}

/// What all rounds came to.
pub(crate) struct Results(Vec<(Entry, Result<Vec<Measured>, Failure>)>);

impl Results {
    /// The median over the rounds.
    pub(crate) fn median(
        &self,
        entry: Entry,
        value: impl Fn(&Measured) -> f64,
    ) -> Result<f64, String> {
        let rounds = self.rounds(entry)?;
        let values = rounds.iter().map(value).collect();
        report::median(values).ok_or_else(|| "no round".to_owned())
    }

    /// The median over the rounds of what a round has more than the same round of `base`.
    pub(crate) fn added(
        &self,
        entry: Entry,
        base: Entry,
        value: impl Fn(&Measured) -> f64,
    ) -> Result<f64, String> {
        let pairs = self.rounds(entry)?.iter().zip(self.rounds(base)?);
        let values = pairs
            .map(|(more, less)| value(more) - value(less))
            .collect();
        report::median(values).ok_or_else(|| "no round".to_owned())
    }

    fn rounds(&self, entry: Entry) -> Result<&[Measured], String> {
        let found = self.0.iter().find(|(found, _)| *found == entry);
        match found.map(|(_, rounds)| rounds) {
            Some(Ok(rounds)) => Ok(rounds),
            Some(Err(why)) => Err(why.to_string()),
            None => Err("it did not take part".to_owned()),
        }
    }

    /// The share of the machine that others took in each round.
    pub(crate) fn foreign(&self) -> Vec<f64> {
        let rounds = self.0.iter().filter_map(|(_, rounds)| rounds.as_ref().ok());
        rounds.flatten().map(|round| round.foreign).collect()
    }

    /// Ours against a peer.
    pub(crate) fn row(
        &self,
        what: &str,
        (ours, peer): (Entry, Entry),
        value: impl Fn(&Measured) -> f64,
        goal: Option<Goal>,
    ) -> Row {
        Row {
            name: format!("{what}, vs {}", peer.name()),
            ours: self.median(ours, &value),
            peer: self.median(peer, &value),
            goal,
        }
    }
}

/// Lets all of them do `work`, `rounds` times in turn. `start` starts a peer.
pub(crate) fn hold(
    ground: &Ground,
    entries: &[Entry],
    work: Work,
    rounds: usize,
    start: impl Fn(Peer) -> Result<Subject, Failure>,
) -> Results {
    let mut running = entries
        .iter()
        .map(|entry| (*entry, enter(*entry, &start)))
        .collect::<Vec<_>>();
    let mut results: Vec<(Entry, Result<Vec<Measured>, Failure>)> = entries
        .iter()
        .map(|entry| (*entry, Ok(Vec::new())))
        .collect();
    for round in 1..=rounds {
        for ((entry, started), (_, result)) in running.iter_mut().zip(&mut results) {
            let measured = match started {
                Ok((address, subject)) => {
                    let tree = subject.as_ref().map(Subject::tree);
                    measure_calmly(ground, *address, tree, work)
                        .map_err(|why| explain(why, subject.as_ref()))
                }
                Err(why) => Err(why.clone()),
            };
            progress(
                &format!("{} {}/{rounds} {}", work.kind.name(), round, entry.name()),
                &measured,
            );
            note(result, measured);
        }
    }
    Results(results)
}

/// Where clients connect, and who listens there.
pub(crate) type Entered = (SocketAddr, Option<Subject>);

/// Starts who takes part, and tells where clients connect.
pub(crate) fn enter(
    entry: Entry,
    start: &impl Fn(Peer) -> Result<Subject, Failure>,
) -> Result<Entered, Failure> {
    let mut subject = entry.peer.map(start).transpose()?;
    let address = match (entry.road, &mut subject) {
        (Road::Relay, Some(subject)) => subject.address,
        (Road::Passthrough, Some(subject)) => subject.passthrough()?,
        (Road::Direct(address), _) => address,
        (Road::Relay | Road::Passthrough, None) => return Err(Failure::Closed),
    };
    Ok((address, subject))
}

/// A subject that failed once takes no further part.
fn note(result: &mut Result<Vec<Measured>, Failure>, measured: Result<Measured, Failure>) {
    match (&mut *result, measured) {
        (Ok(rounds), Ok(measured)) => rounds.push(measured),
        (Ok(_), Err(why)) => *result = Err(why),
        (Err(_), _) => {}
    }
}

fn explain(why: Failure, subject: Option<&Subject>) -> Failure {
    match subject.map(Subject::end_of_log) {
        Some(log) if !log.is_empty() => Failure::Load(format!("{why}; its log: {log}")),
        Some(_) | None => why,
    }
}

/// One round of one subject; done again while others disturb it and there is time. The calmest counts.
fn measure_calmly(
    ground: &Ground,
    address: SocketAddr,
    tree: Option<Tree>,
    work: Work,
) -> Result<Measured, Failure> {
    let mut calmest = measure(ground, address, tree, work)?;
    for _ in 0..AGAIN {
        if calmest.foreign <= CALM || !ground.is_patient() {
            break;
        }
        let again = measure(ground, address, tree, work)?;
        if again.foreign < calmest.foreign {
            calmest = again;
        }
    }
    Ok(calmest)
}

/// One round of one subject.
pub(crate) fn measure(
    ground: &Ground,
    address: SocketAddr,
    tree: Option<Tree>,
    work: Work,
) -> Result<Measured, Failure> {
    let mut load = load(ground, address, work)?;
    load.answer()?;
    std::thread::sleep(SETTLE);
    let machine = Machine::now();
    let before = tree.map(Spent::by);
    load.tell("go")?;
    let done = load.answer()?;
    let spent = tree.map(Spent::by).zip(before);
    let number = |name: &str| done.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    Ok(Measured {
        cpu: spent.map_or(0.0, |(after, before)| after.since(before)),
        units: number("units").max(1.0),
        seconds: number("seconds"),
        p50: number("p50"),
        foreign: Machine::now().foreign_since(machine),
    })
}

/// Starts a load generator.
pub(crate) fn load(ground: &Ground, address: SocketAddr, work: Work) -> Result<Role, Failure> {
    let arguments = [
        "load",
        "--kind",
        work.kind.name(),
        "--address",
        &address.to_string(),
        "--authority",
        &ground.certificate.authority.display().to_string(),
        "--sessions",
        &work.sessions.to_string(),
        "--count",
        &work.count.to_string(),
        "--seconds",
        &work.seconds.to_string(),
    ];
    Role::start(&arguments.map(str::to_owned))
}

/// Says on standard error how far the run is.
pub(crate) fn progress<T: fmt::Display>(what: &str, came: &Result<T, Failure>) {
    let line = match came {
        Ok(value) => format!("{what}: {value}"),
        Err(why) => format!("{what}: FAILED: {why}"),
    };
    // Nobody has to listen.
    drop(writeln!(std::io::stderr(), "{line}"));
}
