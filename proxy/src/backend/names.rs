//! Stores' names looked up, and the answers kept for a little while.
//!
//! The server cannot ask a resolver itself (it may open no file): whoever can answers the questions that are sent here.
//! An address that is written out needs no question.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use crate::{
    clock::{Clock, Moment},
    oldest::Oldest,
};

/// How long an answer is used before it is asked for again.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// While somebody asks again, the others go on with the old answer; so long at a time.
const ASKING: Duration = Duration::from_secs(5);

/// The most names remembered: more than a configuration has.
const NAMES: usize = 4096;

/// The most addresses taken of one name.
const ADDRESSES: usize = 32;

/// Who answers.
#[derive(Debug)]
pub enum Resolver {
    /// Nobody: these names were looked up beforehand.
    Fixed(BTreeMap<(String, u16), Vec<SocketAddr>>),
    /// Whoever reads these questions.
    Asked(mpsc::Sender<Question>),
}

/// A name to look up.
#[derive(Debug)]
pub struct Question {
    /// The name.
    pub host: String,
    /// The port that its addresses get.
    pub port: u16,
    /// Where the answer goes. Dropping it is an answer too: there is none.
    pub answer: oneshot::Sender<io::Result<Vec<SocketAddr>>>,
}

/// Looks names up.
#[derive(Debug)]
pub struct Names {
    resolver: Resolver,
    kept: Mutex<Oldest<(String, u16), Kept>>,
    clock: Clock,
}

#[derive(Clone, Debug)]
struct Kept {
    addresses: Vec<SocketAddr>,
    until: Moment,
}

impl Names {
    /// Names that `resolver` knows.
    #[must_use]
    pub fn new(resolver: Resolver, clock: Clock) -> Self {
        Self {
            resolver,
            kept: Mutex::new(Oldest::new(NAMES)),
            clock,
        }
    }

    /// The addresses of `host`, at least one and at most 32. What was known before is used if the resolver fails.
    ///
    /// # Errors
    /// When there is no address, or nobody answers and nothing was known before.
    pub async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let key = (host.to_owned(), port);
        let known = match self.kept(&key) {
            Age::Fresh(addresses) => return Ok(addresses),
            Age::Stale(addresses) => Some(addresses),
            Age::Unknown => None,
        };
        match (self.ask(&key).await, known) {
            (Ok(mut addresses), _) if !addresses.is_empty() => {
                addresses.truncate(ADDRESSES);
                self.keep(key, addresses.clone(), GOOD_FOR);
                Ok(addresses)
            }
            (Ok(_) | Err(_), Some(known)) => Ok(known),
            (Ok(_), None) => Err(io::ErrorKind::NotFound.into()),
            (Err(error), None) => Err(error),
        }
    }

    /// What is kept; a stale answer is lent to others for the while that the caller asks.
    fn kept(&self, key: &(String, u16)) -> Age {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let Some(found) = kept.find(key) else {
            return Age::Unknown;
        };
        let addresses = found.addresses.clone();
        if now < found.until {
            return Age::Fresh(addresses);
        }
        let lent = Kept {
            addresses: addresses.clone(),
            until: now.plus(ASKING),
        };
        kept.put(key.clone(), lent);
        Age::Stale(addresses)
    }

    fn keep(&self, key: (String, u16), addresses: Vec<SocketAddr>, good_for: Duration) {
        let until = self.clock.now().plus(good_for);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.put(key, Kept { addresses, until });
    }

    async fn ask(&self, key: &(String, u16)) -> io::Result<Vec<SocketAddr>> {
        match &self.resolver {
            Resolver::Fixed(table) => table
                .get(key)
                .cloned()
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
            Resolver::Asked(questions) => {
                let (answer, answered) = oneshot::channel();
                let question = Question {
                    host: key.0.clone(),
                    port: key.1,
                    answer,
                };
                let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
                questions.send(question).await.map_err(|_| gone(()))?;
                answered.await.map_err(|_| gone(()))?
            }
        }
    }
}

/// How old an answer is.
enum Age {
    Fresh(Vec<SocketAddr>),
    Stale(Vec<SocketAddr>),
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_needs_no_question_and_a_name_is_asked_once() {
        let (questions, mut asked) = mpsc::channel(1);
        let names = Names::new(Resolver::Asked(questions), Clock::start());
        let literal = names.resolve("::1", 993).await.unwrap();
        assert_eq!(literal, ["[::1]:993".parse().unwrap()]);
        let there: SocketAddr = "192.0.2.1:993".parse().unwrap();
        let answering = async {
            let question = asked.recv().await.unwrap();
            assert_eq!(
                (question.host.as_str(), question.port),
                ("imap.example", 993)
            );
            question.answer.send(Ok(vec![there])).unwrap();
        };
        let (first, ()) = tokio::join!(names.resolve("imap.example", 993), answering);
        assert_eq!(first.unwrap(), [there]);
        drop(asked); // nobody answers any more
        assert_eq!(names.resolve("imap.example", 993).await.unwrap(), [there]);
        assert!(names.resolve("other.example", 993).await.is_err());
    }

    #[tokio::test]
    async fn what_was_known_is_used_when_the_resolver_fails() {
        let names = Names::new(Resolver::Fixed(BTreeMap::new()), Clock::start());
        let there: SocketAddr = "192.0.2.1:993".parse().unwrap();
        let key = ("imap.example".to_owned(), 993);
        names.keep(key, vec![there], Duration::ZERO);
        assert_eq!(names.resolve("imap.example", 993).await.unwrap(), [there]);
        assert!(names.resolve("other.example", 993).await.is_err());
    }
}
