//! The commands that are answered here: one at a time, and only while no relayed command is under way.
//!
//! | module | holds |
//! | --- | --- |
//! | [`keyreveal`] | KEYREVEAL: key statements from the warden |
//! | [`conversions`] | CONVERSIONS: which pairs there are |
//! | [`convert`] | CONVERT and UID CONVERT |
//! | [`keys`] | the key statements that this connection holds unused |

mod conversions;
mod convert;
mod keyreveal;
mod keys;

use wire::imap::{
    Addressing, Code, Convert, StatusKind, Tag, command::KeyReveal, convert::Conversions,
};

use super::{Answer, Session, Stage, Warden, compress::May, offers::Offered, output::Request};
use crate::clock::Moment;
use conversions::Listing;
use convert::{Conversion, Kept};
use keyreveal::Asking;
use keys::Keys;

/// Why nothing is revealed on a compressed connection.
const COMPRESSED: &str = "Not on a compressed connection";

/// What a client asks of us rather than of the store.
#[derive(Debug)]
pub(super) enum Task {
    KeyReveal(KeyReveal),
    Conversions(Conversions),
    Convert(Addressing, Convert),
    Compress(Box<str>),
}

/// Whose a FETCH response of the store's is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Theirs {
    /// The client's.
    Nothing,
    /// Perhaps the answer to where a message is.
    Location,
    /// Perhaps the part that is to be converted.
    Part,
}

/// What runs, what waits to run, and what is kept between commands.
#[derive(Debug, Default)]
pub(super) struct Own {
    asked: Option<Box<Asked>>,
    running: Option<Running>,
    keys: Keys,
    kept: Kept,
}

#[derive(Debug)]
struct Asked {
    tag: Tag,
    task: Task,
    arrived: Moment,
}

#[derive(Debug)]
enum Running {
    KeyReveal(Asking),
    Convert(Box<Conversion>),
    /// CONVERSIONS, while the store lists its own.
    Conversions(Listing),
}

impl Own {
    /// Whether a command of ours runs or waits to.
    pub(super) fn is_busy(&self) -> bool {
        self.asked.is_some() || self.running.is_some()
    }

    /// The messages that results were kept of cannot be named any more (RFC 5259 §8.3).
    pub(super) fn left_mailbox(&mut self) {
        self.kept.clear();
    }

    /// How many results are kept.
    #[cfg(test)]
    pub(super) fn results(&self) -> usize {
        self.kept.len()
    }

    fn conversion(&mut self) -> Option<&mut Conversion> {
        match &mut self.running {
            Some(Running::Convert(conversion)) => Some(conversion),
            Some(Running::KeyReveal(_) | Running::Conversions(_)) | None => None,
        }
    }
}

impl Session {
    /// A command of ours is whole: it runs as soon as the relayed ones before it are answered.
    pub(super) fn ask(&mut self, tag: Tag, task: Task, arrived: Moment) {
        if let Stage::Open(open) = &mut self.stage {
            open.own.asked = Some(Box::new(Asked { tag, task, arrived }));
        }
    }

    pub(super) fn start_own(&mut self, now: Moment) {
        self.inject_next(now);
        if !self.outstanding.is_empty() || !self.injector_is_free() || !self.may_start() {
            return;
        }
        let Some(Asked { tag, task, arrived }) = self
            .own_mut()
            .and_then(|own| own.asked.take())
            .map(|asked| *asked)
        else {
            return;
        };
        match task {
            Task::Compress(algorithm) => self.compress_client(&tag, &algorithm),
            Task::KeyReveal(asked) => self.start_keyreveal(tag, &asked, now),
            Task::Conversions(asked) => self.start_conversions(tag, asked, now),
            Task::Convert(addressing, convert) => {
                self.start_convert(tag, addressing, convert, arrived, now);
            }
        }
    }

    /// Compression begins behind our answer, which must not be held back.
    fn may_start(&self) -> bool {
        let asked = self.own().and_then(|own| own.asked.as_ref());
        match asked.map(|asked| &asked.task) {
            Some(Task::Compress(_)) => self.out.is_between(),
            Some(Task::KeyReveal(_) | Task::Conversions(_) | Task::Convert(..)) => true,
            None => false,
        }
    }

    fn own_mut(&mut self) -> Option<&mut Own> {
        match &mut self.stage {
            Stage::Open(open) => Some(&mut open.own),
            Stage::Login(_) | Stage::Over => None,
        }
    }

    pub(super) fn own(&self) -> Option<&Own> {
        match &self.stage {
            Stage::Open(open) => Some(&open.own),
            Stage::Login(_) | Stage::Over => None,
        }
    }

    /// Whether a command of ours is not answered yet.
    pub(super) fn own_runs(&self) -> bool {
        self.own().is_some_and(Own::is_busy)
    }

    /// The tag of the command of ours that runs or waits to.
    pub(super) fn own_tag(&self) -> Option<Tag> {
        let own = self.own()?;
        let asked = own.asked.as_ref().map(|asked| &asked.tag);
        let running = own.running.as_ref().map(|running| match running {
            Running::KeyReveal(asking) => asking.tag(),
            Running::Convert(conversion) => conversion.tag(),
            Running::Conversions(listing) => listing.tag(),
        });
        running.or(asked).cloned()
    }

    /// The command of ours is answered.
    fn done(&mut self) {
        if let Some(own) = self.own_mut() {
            own.running = None;
        }
    }

    /// Whether revealed parts are converted now.
    fn converts_here(&self) -> bool {
        let binary = self.store.binary() != Offered::No;
        self.may_reveal() == May::Yes && self.warden == Warden::Alive && binary
    }

    /// Whether CONVERT and CONVERSIONS may be used; if not, the client is told.
    fn convert_is_offered(&mut self, tag: &Tag) -> bool {
        if self.may_reveal() == May::No {
            self.out
                .complete(tag, StatusKind::No, Some(Code::Cannot), COMPRESSED);
            return false;
        }
        let (code, text) = match (self.warden, self.store.binary()) {
            (Warden::Gone, _) => (Code::Unavailable, "Conversion is not available now"),
            // RFC 5259 §3: not without BINARY.
            (Warden::Alive, Offered::No) => (Code::Cannot, "Not offered by this server"),
            (Warden::Alive, Offered::Yes | Offered::Unknown) => return true,
        };
        self.out.complete(tag, StatusKind::No, Some(code), text);
        false
    }

    /// The warden's answers; a session that does not wait for them any more lets the vaults go.
    pub(super) fn take_answers(&mut self, answers: Option<Vec<Answer>>, now: Moment) {
        let asking = match self.own_mut().map(|own| own.running.take()) {
            Some(Some(Running::KeyReveal(asking))) => Some(asking),
            Some(other) => {
                if let Some(own) = self.own_mut() {
                    own.running = other;
                }
                None
            }
            None => None,
        };
        match asking {
            Some(asking) => self.finish_keyreveal(&asking, answers.unwrap_or_default(), now),
            None => {
                for handed in answers.into_iter().flatten().flatten() {
                    self.out.request(Request::Drop(handed.key_id));
                }
            }
        }
    }

    /// When something of ours wants to be looked at again.
    pub(super) fn own_deadline(&self) -> Option<Moment> {
        let own = self.own()?;
        let running = own.running.as_ref().and_then(|running| match running {
            Running::KeyReveal(asking) => Some(asking.deadline()),
            Running::Convert(conversion) => Some(conversion.next_look()),
            // The store answers, or is found to be too late.
            Running::Conversions(_) => None,
        });
        [running, own.keys.next_expiry()]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn pass_own_time(&mut self, now: Moment) {
        let Some(own) = self.own_mut() else { return };
        for key_id in own.keys.expired(now) {
            self.out.request(Request::Drop(key_id));
        }
        match self.own().and_then(|own| own.running.as_ref()) {
            Some(Running::KeyReveal(asking)) if asking.deadline() <= now => {
                let asking = asking.clone();
                self.out.request(Request::StopAsking);
                self.finish_keyreveal(&asking, Vec::new(), now);
            }
            Some(Running::Convert(_)) => self.pass_conversion_time(now),
            Some(Running::KeyReveal(_) | Running::Conversions(_)) | None => {}
        }
    }
}
