//! What the routing server has answered, for how long that is good, and what is left of it afterwards.

use std::time::Duration;

use super::Found;
use crate::{clock::Moment, config::BackendName, oldest::Oldest};

/// The most users remembered; with the longest names about 60 MiB, with common ones a quarter of that.
const USERS: usize = 100_000;

/// Answers by user, the oldest forgotten first.
#[derive(Debug)]
pub(super) struct Answers {
    good: Duration,
    unknown: Duration,
    kept: Oldest<Box<str>, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    at: Option<BackendName>,
    until: Moment,
}

/// What is known of a user.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Kept {
    Fresh(Found),
    /// Where the user was when the server last answered.
    Stale(BackendName),
    Nothing,
}

impl Answers {
    /// None yet. An answer is good for `good`, that a user is not known for `unknown`.
    pub(super) fn new(good: Duration, unknown: Duration) -> Self {
        Self {
            good,
            unknown,
            kept: Oldest::new(USERS),
        }
    }

    pub(super) fn find(&self, user: &str, now: Moment) -> Kept {
        let Some(entry) = self.kept.find(user) else {
            return Kept::Nothing;
        };
        match &entry.at {
            Some(name) if now < entry.until => Kept::Fresh(Found::At(name.clone())),
            Some(name) => Kept::Stale(name.clone()),
            None if now < entry.until => Kept::Fresh(Found::Unknown),
            None => Kept::Nothing,
        }
    }

    /// The server's word.
    pub(super) fn answered(&mut self, user: Box<str>, at: Option<BackendName>, now: Moment) {
        let good = if at.is_some() {
            self.good
        } else {
            self.unknown
        };
        let until = now.plus(good);
        self.kept.put(user, Entry { at, until });
    }

    /// The server failed: where `user` was before holds for a little longer, so that not every login waits for it.
    pub(super) fn lend(&mut self, user: Box<str>, at: BackendName, now: Moment) {
        let until = now.plus(self.unknown);
        let at = Some(at);
        self.kept.put(user, Entry { at, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::at(Duration::from_secs(seconds))
    }

    fn name() -> BackendName {
        BackendName::try_from("one".to_owned()).unwrap()
    }

    fn answers() -> Answers {
        Answers::new(Duration::from_secs(300), Duration::from_secs(10))
    }

    #[test]
    fn an_answer_grows_stale_and_a_not_found_is_forgotten() {
        let mut answers = answers();
        answers.answered("joe".into(), Some(name()), at(0));
        answers.answered("eve".into(), None, at(0));
        let fresh = Kept::Fresh(Found::At(name()));
        assert_eq!(answers.find("joe", at(299)), fresh);
        assert_eq!(answers.find("joe", at(300)), Kept::Stale(name()));
        assert_eq!(answers.find("eve", at(9)), Kept::Fresh(Found::Unknown));
        assert_eq!(answers.find("eve", at(10)), Kept::Nothing);
    }

    #[test]
    fn a_stale_answer_is_lent_for_a_little_while() {
        let mut answers = answers();
        answers.lend("joe".into(), name(), at(400));
        let fresh = Kept::Fresh(Found::At(name()));
        assert_eq!(answers.find("joe", at(409)), fresh);
        assert_eq!(answers.find("joe", at(410)), Kept::Stale(name()));
    }
}
