//! Asks a server by HTTP at which backend a user is, and keeps its answers for a while.
//!
//! Logins of one user at the same time are one question. If the server fails, an answer of before is used although it is
//! stale; without one the login fails. It must never happen that a failure leads to another backend than the right one.

mod answers;
mod question;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::pki_types::CertificateDer;
use tokio::sync::{Semaphore, watch};

use self::{
    answers::{Answers, Kept},
    question::{Answer, Fault, Server},
};
use super::names::Names;
use crate::{
    clock::{Clock, Moment},
    config::{BackendName, ConfigError, Lookup as Settings},
    event::{Event, Record},
    metrics::Metrics,
};

/// The longest user asked about: more than any address of mail has. It bounds what the cache can hold.
const LONGEST_USER: usize = 512;

/// The most questions at one time; others wait, within their time.
const QUESTIONS: usize = 64;

/// What a look-up says of a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Found {
    At(BackendName),
    Unknown,
    /// Nobody knows now.
    Failed,
}

/// The server to ask and what it has answered.
#[derive(Clone, Debug)]
pub(super) struct Lookup(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    server: Server,
    backends: BTreeSet<BackendName>,
    timeout: Duration,
    state: Mutex<State>,
    questions: Semaphore,
    clock: Clock,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct State {
    answers: Answers,
    /// Who is being asked about now. The sender is held by the task that asks.
    flights: HashMap<Box<str>, watch::Receiver<Option<Found>>>,
}

impl Lookup {
    /// A server to ask, with nothing answered yet.
    ///
    /// # Errors
    /// When the URL is none that can be asked.
    pub(super) fn new(
        settings: &Settings,
        authorities: &[CertificateDer<'static>],
        backends: BTreeSet<BackendName>,
        means: (Arc<Names>, Clock, Arc<Metrics>),
    ) -> Result<Self, ConfigError> {
        let (names, clock, metrics) = means;
        let (known, unknown) = (settings.cache_seconds, settings.unknown_seconds);
        Ok(Self(Arc::new(Inner {
            server: Server::new(&settings.url, authorities, names)?,
            backends,
            timeout: settings.timeout_seconds.duration(),
            state: Mutex::new(State {
                answers: Answers::new(known.duration(), unknown.duration()),
                flights: HashMap::new(),
            }),
            questions: Semaphore::new(QUESTIONS),
            clock,
            metrics,
        })))
    }

    /// At which backend `user`, normalized, is.
    pub(super) async fn find(&self, user: &str) -> Found {
        if user.len() > LONGEST_USER {
            return Found::Unknown;
        }
        let mut answer = match self.kept_or_flight(user) {
            Ok(found) => return found,
            Err(flight) => flight,
        };
        let answered = answer.wait_for(Option::is_some).await;
        // A task that ends without an answer has panicked or been shut down with the server.
        answered
            .ok()
            .and_then(|found| found.clone())
            .unwrap_or(Found::Failed)
    }

    /// What is kept, or the question that is under way, which begins here if there was none.
    fn kept_or_flight(&self, user: &str) -> Result<Found, watch::Receiver<Option<Found>>> {
        let mut state = self.0.lock();
        let stale = match state.answers.find(user, self.0.clock.now()) {
            Kept::Fresh(found) => return Ok(found),
            Kept::Stale(name) => Some(name),
            Kept::Nothing => None,
        };
        if let Some(flight) = state.flights.get(user) {
            return Err(flight.clone());
        }
        let (answer, answered) = watch::channel(None);
        let user: Box<str> = user.into();
        state.flights.insert(user.clone(), answered.clone());
        // A task of its own: the client that began it may go away while others wait.
        let flight = Flight {
            asking: Arc::clone(&self.0),
            user,
            stale,
            answer,
        };
        tokio::spawn(flight.run());
        Err(answered)
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, user: &str) -> Result<Answer, Fault> {
        let asking = async {
            let _one = self.questions.acquire().await.map_err(|_| Fault::Slow)?;
            self.server.ask(user).await
        };
        let answer = tokio::time::timeout(self.timeout, asking).await;
        match answer.map_err(|_| Fault::Slow)?? {
            Answer::At(name) if !self.backends.contains(&name) => Err(Fault::Backend),
            answer @ (Answer::At(_) | Answer::Unknown) => Ok(answer),
        }
    }
}

/// One question under way.
struct Flight {
    asking: Arc<Inner>,
    user: Box<str>,
    stale: Option<BackendName>,
    answer: watch::Sender<Option<Found>>,
}

impl Flight {
    async fn run(self) {
        let answer = self.asking.ask(&self.user).await;
        let now = self.asking.clock.now();
        let found = match answer {
            Ok(answer) => {
                let at = match answer {
                    Answer::At(name) => Some(name),
                    Answer::Unknown => None,
                };
                let mut state = self.asking.lock();
                state.answers.answered(self.user.clone(), at.clone(), now);
                at.map_or(Found::Unknown, Found::At)
            }
            Err(fault) => {
                let record = Record::of(Event::LookupFailed);
                record.reason(fault.reason()).log(&self.asking.metrics);
                self.before(now)
            }
        };
        self.answer.send_replace(Some(found));
    }

    /// Where the user was before the server failed.
    fn before(&self, now: Moment) -> Found {
        let Some(name) = &self.stale else {
            return Found::Failed;
        };
        let mut state = self.asking.lock();
        state.answers.lend(self.user.clone(), name.clone(), now);
        Found::At(name.clone())
    }
}

impl Drop for Flight {
    /// Whichever way it ends: the next login asks anew.
    fn drop(&mut self) {
        self.asking.lock().flights.remove(&self.user);
    }
}

#[cfg(test)]
mod tests;
