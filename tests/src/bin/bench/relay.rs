//! The rows of the comparison: what each measures is told in `docs/bench.md`.

use std::time::Duration;

use clap::ValueEnum;

use crate::contest::{self, Entry, Measured, Results, Work, hold, progress};
use crate::failure::Failure;
use crate::load::Kind;
use crate::peers::{Buffers, Ground, Peer};
use crate::report::{Goal, Row, median};

const STREAM: Peer = Peer::NginxStream(Buffers::Default);
const STREAM_LARGE: Peer = Peer::NginxStream(Buffers::Large);
const MAIL: Peer = Peer::NginxMail(Buffers::Default);
const MAIL_LARGE: Peer = Peer::NginxMail(Buffers::Large);
const TCP: Peer = Peer::HaproxyPassthrough(Buffers::Default);
const TCP_LARGE: Peer = Peer::HaproxyPassthrough(Buffers::Large);
const TLS: Peer = Peer::HaproxyTls(Buffers::Default);
const TLS_LARGE: Peer = Peer::HaproxyTls(Buffers::Large);

/// Idle sessions of the memory rows, and how long after the last of them memory is looked at: buffers are given back by then.
const IDLE_SESSIONS: u32 = 5000;
const REST: Duration = Duration::from_secs(2);

/// Limits that are no peer's: KiB for each idle connection, microseconds for each NOOP.
const PASSTHROUGH_KIB: f64 = 3.3;
const SESSION_KIB: f64 = 14.0;
const SESSION_STRETCH_KIB: f64 = 8.0;
const ADDED_MICROSECONDS: f64 = 40.0;

/// A part of the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// Pass-through, CPU for a gigabyte.
    Passthrough,
    /// TLS relay, CPU for a gigabyte.
    Bulk,
    /// TLS relay, CPU for a NOOP.
    Noop,
    /// TLS + LOGIN + LOGOUT, CPU.
    Login,
    /// Logins in a second, 8 clients.
    Rate,
    /// FETCH of 10 MB on one connection, against Dovecot's own TLS.
    Fetch,
    /// What a NOOP takes longer than without a proxy.
    Latency,
    /// Memory for an idle TLS session.
    Idle,
    /// Memory for an idle passed-through connection.
    PassthroughIdle,
}

/// How thorough the run is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Length {
    /// Three rounds of less.
    Quick,
    /// Five rounds.
    Full,
}

impl Length {
    fn rounds(self) -> usize {
        match self {
            Self::Quick => 3,
            Self::Full => 5,
        }
    }

    /// Of what is short there are more: the less each takes, the more alike is what meets it.
    fn short_rounds(self) -> usize {
        self.rounds() * 3
    }

    /// Memory differs by a few octets only from run to run.
    fn memory_rounds(self) -> usize {
        match self {
            Self::Quick => 1,
            Self::Full => 3,
        }
    }

    /// How long rounds that others disturbed are done again: the run ends in four or in fifteen minutes whatever comes.
    pub(crate) fn patience(self) -> Duration {
        match self {
            Self::Quick => Duration::from_secs(100),
            Self::Full => Duration::from_secs(500),
        }
    }

    fn choose<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// Measures `part`; what share of the machine others took is added to `foreign`.
pub(crate) fn rows(
    ground: &Ground,
    part: Part,
    length: Length,
    foreign: &mut Vec<f64>,
) -> Vec<Row> {
    let (rows, results) = match part {
        Part::Passthrough => passthrough(ground, length),
        Part::Bulk => bulk(ground, length),
        Part::Noop => noop(ground, length),
        Part::Login => login(ground, length),
        Part::Rate => rate(ground, length),
        Part::Fetch => fetch(ground, length),
        Part::Latency => latency(ground, length),
        Part::Idle => (idle(ground, length), None),
        Part::PassthroughIdle => (passthrough_idle(ground, length), None),
    };
    foreign.extend(results.iter().flat_map(Results::foreign));
    rows
}

/// The rows of a part, and what they were taken from.
type Measures = (Vec<Row>, Option<Results>);

fn contest(ground: &Ground, entries: &[Entry], work: Work, length: Length) -> Results {
    let rounds = match work.kind {
        Kind::Bulk | Kind::Fetch | Kind::Idle => length.rounds(),
        Kind::Noop | Kind::Login => length.short_rounds(),
    };
    hold(ground, entries, work, rounds, |peer| ground.start(peer))
}

fn downloads(length: Length) -> Work {
    Work {
        kind: Kind::Bulk,
        sessions: 16,
        count: length.choose(100, 200),
        seconds: 20,
    }
}

fn passthrough(ground: &Ground, length: Length) -> Measures {
    let peers = [Peer::Keyhole, STREAM, STREAM_LARGE, TCP, TCP_LARGE];
    let entries = peers.map(Entry::passthrough);
    let results = contest(ground, &entries, downloads(length), length);
    let row = |peer: Peer, goal| {
        let pair = (entries[0], Entry::passthrough(peer));
        let what = "pass-through, CPU s per GB, 16 connections";
        results.row(what, pair, Measured::cpu_per_gigabyte, goal)
    };
    let rows = vec![
        row(STREAM, Some(Goal::AtMost(0.6))),
        row(STREAM_LARGE, Some(Goal::AtMost(1.0))),
        row(TCP, None),
        row(TCP_LARGE, None),
    ];
    (rows, Some(results))
}

fn bulk(ground: &Ground, length: Length) -> Measures {
    let peers = [Peer::Keyhole, MAIL, MAIL_LARGE, TLS, TLS_LARGE];
    let entries = peers.map(Entry::relay);
    let results = contest(ground, &entries, downloads(length), length);
    let slow = Work {
        count: 16,
        ..downloads(length)
    };
    let dovecot = [
        Entry::relay(Peer::Keyhole),
        Entry::relay(Peer::DovecotProxy),
    ];
    let beside = hold(ground, &dovecot, slow, 1, |peer| ground.start(peer));
    let what = "TLS relay, CPU s per GB, 16 connections";
    let row = |results: &Results, peer: Peer, goal| {
        let pair = (entries[0], Entry::relay(peer));
        results.row(what, pair, Measured::cpu_per_gigabyte, goal)
    };
    let rows = vec![
        row(&results, MAIL_LARGE, Some(Goal::AtMost(0.6))),
        row(&results, TLS, Some(Goal::AtMost(0.45))),
        row(&results, MAIL, None),
        row(&results, TLS_LARGE, None),
        row(&beside, Peer::DovecotProxy, None),
    ];
    (rows, Some(results))
}

fn noop(ground: &Ground, length: Length) -> Measures {
    let entries = [Peer::Keyhole, TLS, MAIL, Peer::DovecotProxy].map(Entry::relay);
    let work = Work {
        kind: Kind::Noop,
        sessions: 1,
        count: length.choose(4000, 10_000),
        seconds: 15,
    };
    let results = contest(ground, &entries, work, length);
    let row = |peer: Peer, goal| {
        let pair = (entries[0], Entry::relay(peer));
        results.row(
            "TLS relay, CPU us per NOOP",
            pair,
            Measured::cpu_per_piece,
            goal,
        )
    };
    let rows = vec![
        row(TLS, Some(Goal::AtMost(0.9))),
        row(MAIL, None),
        row(Peer::DovecotProxy, None),
    ];
    (rows, Some(results))
}

fn login(ground: &Ground, length: Length) -> Measures {
    let entries = [Peer::Keyhole, TLS, MAIL, Peer::DovecotProxy].map(Entry::relay);
    let work = Work {
        kind: Kind::Login,
        sessions: 1,
        count: length.choose(200, 500),
        seconds: length.choose(1, 2),
    };
    let results = contest(ground, &entries, work, length);
    let row = |peer: Peer, goal| {
        let pair = (entries[0], Entry::relay(peer));
        let what = "TLS + LOGIN + LOGOUT, CPU us";
        results.row(what, pair, Measured::cpu_per_piece, goal)
    };
    let rows = vec![
        row(TLS, Some(Goal::AtMost(0.75))),
        row(MAIL, None),
        row(Peer::DovecotProxy, None),
    ];
    (rows, Some(results))
}

fn rate(ground: &Ground, length: Length) -> Measures {
    let entries = [Peer::Keyhole, TLS, MAIL].map(Entry::relay);
    let work = Work {
        kind: Kind::Login,
        sessions: 8,
        count: length.choose(600, 1500),
        seconds: length.choose(1, 2),
    };
    let results = contest(ground, &entries, work, length);
    let row = |peer: Peer, goal| {
        let pair = (entries[0], Entry::relay(peer));
        results.row(
            "logins per second, 8 clients",
            pair,
            Measured::per_second,
            goal,
        )
    };
    let rows = vec![row(TLS, Some(Goal::AtLeast(1.2))), row(MAIL, None)];
    (rows, Some(results))
}

fn fetch(ground: &Ground, length: Length) -> Measures {
    let what = "FETCH of 10 MB, MB per s, one connection";
    let goal = Some(Goal::AtLeast(3.0));
    let dovecot = match ground.dovecot() {
        Ok(dovecot) => dovecot,
        Err(why) => {
            let row = Row {
                name: format!("{what}, vs direct"),
                ours: Err("not measured".to_owned()),
                peer: Err(why.to_string()),
                goal,
            };
            return (vec![row], None);
        }
    };
    let (ours, direct) = (Entry::relay(Peer::Keyhole), Entry::direct(dovecot.tls));
    let haproxy = Entry::relay(TLS);
    let work = Work {
        kind: Kind::Fetch,
        sessions: 1,
        count: length.choose(15, 40),
        seconds: 20,
    };
    let entries = [ours, haproxy, direct];
    let results = hold(ground, &entries, work, length.rounds(), |peer| {
        ground.start_before(peer, dovecot.clear)
    });
    let row = |pair, goal| results.row(what, pair, Measured::megabytes_per_second, goal);
    let rows = vec![row((ours, direct), goal), row((ours, haproxy), None)];
    (rows, Some(results))
}

fn latency(ground: &Ground, length: Length) -> Measures {
    let direct = Entry::direct(ground.tls);
    let relayed = Entry::relay(Peer::Keyhole);
    let passed = Entry::passthrough(Peer::Keyhole);
    let (tls, stream) = (Entry::relay(TLS), Entry::passthrough(STREAM));
    let work = Work {
        kind: Kind::Noop,
        sessions: 1,
        count: length.choose(2000, 4000),
        seconds: 10,
    };
    let entries = [direct, relayed, passed, tls, stream];
    let results = contest(ground, &entries, work, length);
    let added = |entry| results.added(entry, direct, Measured::p50);
    let row = |name: &str, ours, peer, goal| Row {
        name: format!("NOOP p50 added over direct TLS, us, {name}"),
        ours: added(ours),
        peer,
        goal,
    };
    let goal = Some(Goal::AtMost(1.0));
    let rows = vec![
        row(
            "TLS relay, vs the limit",
            relayed,
            Ok(ADDED_MICROSECONDS),
            goal,
        ),
        row(
            "pass-through, vs the limit",
            passed,
            Ok(ADDED_MICROSECONDS),
            goal,
        ),
        row("TLS relay, vs HAProxy TLS", relayed, added(tls), None),
        row("pass-through, vs nginx stream", passed, added(stream), None),
    ];
    (rows, Some(results))
}

fn idle(ground: &Ground, length: Length) -> Vec<Row> {
    let entries = [Peer::Keyhole, TLS, MAIL].map(Entry::relay);
    let [ours, tls, mail] = memory(ground, entries, length);
    let row = |versus: &str, peer, goal| Row {
        name: format!("KiB per idle TLS session, {IDLE_SESSIONS} in IDLE, vs {versus}"),
        ours: ours.clone(),
        peer,
        goal,
    };
    vec![
        row("the limit", Ok(SESSION_KIB), Some(Goal::AtMost(1.0))),
        row("the stretch limit", Ok(SESSION_STRETCH_KIB), None),
        row("HAProxy TLS", tls, None),
        row("nginx mail", mail, None),
    ]
}

fn passthrough_idle(ground: &Ground, length: Length) -> Vec<Row> {
    let entries = [Peer::Keyhole, TCP, STREAM].map(Entry::passthrough);
    let [ours, tcp, stream] = memory(ground, entries, length);
    let row = |versus: &str, peer, goal| Row {
        name: format!("pass-through, KiB per idle connection, {IDLE_SESSIONS}, vs {versus}"),
        ours: ours.clone(),
        peer,
        goal,
    };
    vec![
        row("the limit", Ok(PASSTHROUGH_KIB), Some(Goal::AtMost(1.0))),
        row("HAProxy TCP", tcp, None),
        row("nginx stream", stream, None),
    ]
}

/// KiB for each idle session of each of them, each freshly started: what was given back by earlier sessions would hide growth.
fn memory(ground: &Ground, entries: [Entry; 3], length: Length) -> [Result<f64, String>; 3] {
    let mut found: [Result<Vec<f64>, String>; 3] = [Ok(vec![]), Ok(vec![]), Ok(vec![])];
    for _ in 0..length.memory_rounds() {
        for (entry, found) in entries.iter().zip(&mut found) {
            let Ok(rounds) = found else { continue };
            let kib = grown(ground, *entry);
            progress(
                &format!("KiB for each idle session, {}", entry.name()),
                &kib,
            );
            match kib {
                Ok(kib) => rounds.push(kib),
                Err(why) => *found = Err(why.to_string()),
            }
        }
    }
    found
        .map(|rounds| rounds.and_then(|rounds| median(rounds).ok_or_else(|| "no round".to_owned())))
}

fn grown(ground: &Ground, entry: Entry) -> Result<f64, Failure> {
    let (address, subject) = contest::enter(entry, &|peer| ground.start(peer))?;
    let Some(subject) = subject else {
        return Err(Failure::Closed);
    };
    let warm = Work {
        kind: Kind::Login,
        sessions: 8,
        count: 64,
        seconds: 20,
    };
    contest::measure(ground, address, None, warm)?;
    std::thread::sleep(REST / 4);
    let before = subject.tree().private_octets();
    let work = Work {
        kind: Kind::Idle,
        sessions: IDLE_SESSIONS,
        count: 0,
        seconds: 0,
    };
    let mut load = contest::load(ground, address, work)?;
    load.answer()?;
    std::thread::sleep(REST);
    let after = subject.tree().private_octets();
    load.tell("end")?;
    Ok(after.saturating_sub(before) as f64 / f64::from(IDLE_SESSIONS) / 1024.0)
}
