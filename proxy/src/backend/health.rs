//! How an address of a store has fared, and whether it is left alone for a while.
//!
//! Without I/O and without a clock: time is an argument. It must never happen that one client alone closes an address to
//! all others, nor that a wrong password counts as the store's failure.

use std::{collections::BTreeSet, net::IpAddr};

use crate::{clock::Moment, config::Breaker, places::network};

pub use crate::metrics::{AddressState as State, Stage};

/// The right to use an address now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Admission {
    /// As one of many.
    Ordinary,
    /// As the one that tries.
    Try,
}

/// What an outcome has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    Nothing,
    WentDown,
    CameUp,
}

/// In which order addresses are tried.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Standing {
    Good,
    Doubtful,
}

/// One address's outcomes.
#[derive(Debug, Default)]
pub(super) struct Health {
    circuit: Circuit,
    run: Run,
    last: Option<(Stage, Moment)>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Circuit {
    #[default]
    Closed,
    Open {
        until: Moment,
        opened_by: Stage,
    },
    HalfOpen {
        opened_by: Stage,
    },
}

/// Failures in a row.
#[derive(Debug, Default)]
struct Run {
    failures: u32,
    /// Never more than the breaker asks for.
    clients: BTreeSet<IpAddr>,
    /// The latest stage that a failure reached.
    stage: Option<Stage>,
}

impl Run {
    fn add(&mut self, stage: Stage, client: IpAddr, breaker: &Breaker) {
        self.failures = self.failures.saturating_add(1);
        self.stage = self.stage.max(Some(stage));
        // What the server tries of its own accord (`Caller::Ourselves`) fails for nobody.
        if !client.is_unspecified() && !self.has_clients(breaker) {
            self.clients.insert(network(client));
        }
    }

    fn has_clients(&self, breaker: &Breaker) -> bool {
        let wanted = usize::try_from(breaker.clients.get()).unwrap_or(usize::MAX);
        self.clients.len() >= wanted
    }

    fn is_enough(&self, breaker: &Breaker) -> bool {
        self.failures >= breaker.failures.get() && self.has_clients(breaker)
    }
}

impl Health {
    /// Asks for the right to connect. `None`: the address is being left alone.
    pub(super) fn admit(&mut self, now: Moment) -> Option<Admission> {
        match self.circuit {
            Circuit::Closed => Some(Admission::Ordinary),
            Circuit::Open { until, opened_by } if now >= until => {
                self.circuit = Circuit::HalfOpen { opened_by };
                Some(Admission::Try)
            }
            Circuit::Open { .. } | Circuit::HalfOpen { .. } => None,
        }
    }

    /// A connection came as far as `stage` and failed there by the store's fault.
    pub(super) fn failed(
        &mut self,
        (admission, stage): (Admission, Stage),
        client: IpAddr,
        breaker: &Breaker,
        now: Moment,
    ) -> Change {
        self.last = Some((stage, now));
        let open = Circuit::Open {
            until: now.plus(breaker.cool_seconds.duration()),
            opened_by: stage,
        };
        match (self.circuit, admission) {
            (Circuit::Closed, Admission::Ordinary | Admission::Try) => {
                self.run.add(stage, client, breaker);
                if !self.run.is_enough(breaker) {
                    return Change::Nothing;
                }
                self.circuit = open;
                Change::WentDown
            }
            (Circuit::HalfOpen { .. }, Admission::Try) => {
                self.run.add(stage, client, breaker);
                self.circuit = open;
                Change::Nothing
            }
            // Connections from before it went down say nothing new.
            (Circuit::HalfOpen { .. }, Admission::Ordinary) | (Circuit::Open { .. }, _) => {
                Change::Nothing
            }
        }
    }

    /// A connection has passed `stage`. That proves this stage and those before it, but none after.
    pub(super) fn succeeded(&mut self, admission: Admission, stage: Stage) -> Change {
        match (self.circuit, admission) {
            (Circuit::Closed, _) => {
                if Some(stage) >= self.run.stage {
                    self.run = Run::default();
                }
                Change::Nothing
            }
            (Circuit::HalfOpen { opened_by }, Admission::Try) if stage >= opened_by => {
                self.circuit = Circuit::Closed;
                self.run = Run::default();
                Change::CameUp
            }
            (Circuit::HalfOpen { .. } | Circuit::Open { .. }, _) => Change::Nothing,
        }
    }

    /// The connection that held `admission` ended and proved nothing: if it was the try, another may try at once.
    pub(super) fn gave_up(&mut self, admission: Admission, now: Moment) {
        match (self.circuit, admission) {
            (Circuit::HalfOpen { opened_by }, Admission::Try) => {
                self.circuit = Circuit::Open {
                    until: now,
                    opened_by,
                };
            }
            (Circuit::HalfOpen { .. }, Admission::Ordinary)
            | (Circuit::Closed | Circuit::Open { .. }, _) => {}
        }
    }

    pub(super) fn state(&self) -> State {
        match self.circuit {
            Circuit::Closed => State::Up,
            Circuit::Open { .. } => State::Down,
            Circuit::HalfOpen { .. } => State::Trying,
        }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.run.failures
    }

    /// Where the last failure was.
    pub(super) fn last(&self) -> Option<Stage> {
        self.last.map(|(stage, _)| stage)
    }

    /// Whether others are tried before it: it has failed lately, and nothing good was heard since. Not for longer than it
    /// would be left alone, so that no address is forgotten while others work.
    pub(super) fn standing(&self, breaker: &Breaker, now: Moment) -> Standing {
        let lately = |(_, at): (Stage, Moment)| now.since(at) < breaker.cool_seconds.duration();
        if self.run.failures > 0 && self.last.is_some_and(lately) {
            Standing::Doubtful
        } else {
            Standing::Good
        }
    }
}

#[cfg(test)]
mod tests;
