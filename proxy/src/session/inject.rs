//! Commands of ours on the client's own store connection, so that the client does not see them.
//!
//! They are sent one at a time, between the client's commands: while none of its is under way at the store or half sent,
//! and none is begun while one of ours is wanted or under way. So tags cannot meet, and whose an answer is, is plain. An
//! IDLE of the client's is no obstacle: it is ended for the time (DONE, its answer kept from the client), and begun again
//! under the same tag (its `+` kept too). A DONE that comes meanwhile is answered when ours is over.
//!
//! The store may tell EXPUNGE during any command but FETCH, STORE and SEARCH (RFC 9051 §7.5.1), and the client must not be
//! told while no command of its own runs. So what may be injected is a closed list, [`Errand`], each with its reason.

mod idle;
mod late;

use std::collections::VecDeque;

use wire::{
    Line,
    imap::{Command, CommandBody, StatusKind, Tag, encode::Literals},
};

use super::{Session, Stage, outstanding::Outstanding};
use crate::clock::Moment;
pub(super) use idle::ToStore;
use idle::{Done, Suspension};
use late::LateDone;

/// What a command of ours is for, and why no EXPUNGE comes of it that the client may not be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Errand {
    /// A FETCH for a CONVERT of the client's: FETCH brings none, and UID FETCH runs while its UID CONVERT does.
    Conversion,
    /// CONVERSIONS, for one of the client's that waits for its answer meanwhile: an EXPUNGE may be told.
    Conversions,
    /// COMPRESS (RFC 4978), right behind the login: no mailbox is selected.
    Compress,
    /// Our ID, told before the login and answered late.
    Identify,
    /// NOOP, for tests: to be ordered only during IDLE, or where no mailbox is selected.
    #[cfg(test)]
    Noop,
}

/// A command of ours that is to be sent.
#[derive(Debug)]
struct Order {
    body: CommandBody,
    errand: Errand,
    deadline: Moment,
}

/// One that the store has not answered.
#[derive(Debug)]
struct UnderWay {
    tag: Tag,
    errand: Errand,
    deadline: Moment,
}

/// What is wanted, what is under way, and the IDLE that had to make room.
#[derive(Debug, Default)]
pub(super) struct Injector {
    issued: u64,
    line: VecDeque<Order>,
    under_way: Option<Box<UnderWay>>,
    suspension: Suspension,
    late_done: LateDone,
    /// Since when the store has been in IDLE.
    idle_since: Moment,
}

impl Injector {
    /// Whether a command of the client's may be begun.
    pub(super) fn is_free(&self) -> bool {
        self.line.is_empty()
            && self.under_way.is_none()
            && matches!(self.suspension, Suspension::None)
    }

    /// Whether the store owes us an answer.
    pub(super) fn owes(&self) -> bool {
        self.under_way.is_some() || !matches!(self.suspension, Suspension::None)
    }

    /// The tag of the command of ours that is under way.
    pub(super) fn tag(&self) -> Option<&Tag> {
        self.under_way.as_ref().map(|under_way| &under_way.tag)
    }

    /// What it is for.
    pub(super) fn errand(&self) -> Option<Errand> {
        self.under_way.as_ref().map(|under_way| under_way.errand)
    }

    /// When the store has taken too long over it, however much it has said.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.under_way.as_ref().map(|under_way| under_way.deadline)
    }

    /// The answer to our ID is still to come.
    pub(super) fn owed(&mut self, tag: Tag, deadline: Moment) {
        self.issued = 2; // the tags that came before the login
        self.under_way = Some(Box::new(UnderWay {
            tag,
            errand: Errand::Identify,
            deadline,
        }));
    }

    /// The store is in IDLE for the client.
    pub(super) fn idle_begun(&mut self, now: Moment) {
        self.idle_since = now;
    }

    /// A tag that no command of the client's has which is under way.
    fn next_tag(&mut self, outstanding: &Outstanding) -> Option<Tag> {
        loop {
            self.issued = self.issued.wrapping_add(1);
            let tag = Tag::new(&format!("keyhole{}", self.issued))?;
            if !outstanding.has(&tag) {
                return Some(tag);
            }
        }
    }

    /// Whether it is the client's DONE that is waited for, and nothing of ours.
    fn is_idle(&self) -> bool {
        matches!(self.suspension, Suspension::None)
    }
}

impl Session {
    pub(super) fn injector(&mut self) -> Option<&mut Injector> {
        match &mut self.stage {
            Stage::Open(open) => Some(&mut open.injector),
            Stage::Login(_) | Stage::Over => None,
        }
    }

    /// Whether a command of the client's may be begun as far as ours are concerned.
    pub(super) fn injector_is_free(&self) -> bool {
        match &self.stage {
            Stage::Open(open) => open.injector.is_free(),
            Stage::Login(_) | Stage::Over => true,
        }
    }

    /// Has a command of ours sent as soon as there is room for it.
    pub(super) fn inject(
        &mut self,
        body: CommandBody,
        errand: Errand,
        deadline: Moment,
        now: Moment,
    ) {
        if let Some(injector) = self.injector() {
            injector.line.push_back(Order {
                body,
                errand,
                deadline,
            });
        }
        self.inject_next(now);
    }

    /// Sends the next command of ours if there is room for it, and makes room if an IDLE is in its way.
    pub(super) fn inject_next(&mut self, now: Moment) {
        let Stage::Open(open) = &mut self.stage else {
            return;
        };
        let injector = &mut open.injector;
        if injector.under_way.is_some() {
            return;
        }
        match &injector.suspension {
            Suspension::None if injector.line.is_empty() => {}
            Suspension::None if self.outstanding.is_empty() && self.client.is_between() => {
                self.send_order(now);
            }
            Suspension::None => {
                if let Some(tag) = self.client.idling().filter(|_| !self.outstanding.owes()) {
                    let tag = tag.clone();
                    self.suspend_idle(tag, now);
                }
            }
            Suspension::Ended(..) if !injector.line.is_empty() => self.send_order(now),
            Suspension::Ended(..) => self.resume_idle(now),
            Suspension::Ending(_) | Suspension::Resuming(..) => {}
        }
    }

    fn send_order(&mut self, now: Moment) {
        let Stage::Open(open) = &mut self.stage else {
            return;
        };
        let injector = &mut open.injector;
        let Some(order) = injector.line.pop_front() else {
            return;
        };
        let Some(tag) = injector.next_tag(&self.outstanding) else {
            return;
        };
        let command = Command {
            tag: tag.clone(),
            body: order.body,
        };
        injector.under_way = Some(Box::new(UnderWay {
            tag,
            errand: order.errand,
            deadline: order.deadline,
        }));
        self.store.resume(now);
        // None of the closed list needs a literal.
        self.out
            .to_store
            .push(command.encode(Literals::Synchronising).octets());
    }

    /// A tagged answer that ends an IDLE for the time, or a command of ours, is not the client's.
    pub(super) fn take_tagged(
        &mut self,
        tag: &Tag,
        kind: StatusKind,
        line: &Line,
        now: Moment,
    ) -> Taken {
        let Some(injector) = self.injector() else {
            return Taken::No;
        };
        injector.late_done.answered(tag);
        if injector.tag() == Some(tag) {
            let errand = injector.under_way.take().map(|under_way| under_way.errand);
            self.skip_rest(line);
            self.injected(errand, kind, now);
            self.inject_next(now);
            return Taken::Yes;
        }
        match std::mem::take(&mut injector.suspension) {
            Suspension::Ending(suspended) if suspended == *tag && kind == StatusKind::Ok => {
                injector.suspension = Suspension::Ended(suspended, Done::NotSaid);
                self.skip_rest(line);
                self.inject_next(now);
                Taken::Yes
            }
            // It ended the IDLE by itself, or does not begin it again: so the client is told.
            Suspension::Ending(suspended) | Suspension::Resuming(suspended, _)
                if suspended == *tag =>
            {
                Taken::No
            }
            // It has answered already.
            Suspension::Ended(suspended, _) if suspended == *tag => {
                self.fail_store("an answer to a command that was not sent", now);
                Taken::Yes
            }
            other @ (Suspension::None
            | Suspension::Ending(_)
            | Suspension::Ended(..)
            | Suspension::Resuming(..)) => {
                injector.suspension = other;
                Taken::No
            }
        }
    }

    fn injected(&mut self, errand: Option<Errand>, kind: StatusKind, now: Moment) {
        match errand {
            Some(Errand::Conversion) => self.injection_done(kind, now),
            Some(Errand::Conversions) => self.finish_conversions(kind),
            Some(Errand::Compress) => self.store_compresses(kind),
            Some(Errand::Identify) | None => {}
            #[cfg(test)]
            Some(Errand::Noop) => {}
        }
    }
}

/// Whether something was ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Taken {
    Yes,
    No,
}
