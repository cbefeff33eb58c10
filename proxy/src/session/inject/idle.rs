//! The client's IDLE, ended for the time that a command of ours takes or because it grew old, and begun again unseen.

use std::time::Duration;

use wire::{
    Line,
    imap::{Command, CommandBody, StatusKind, Tag, encode::Literals},
};

use super::{Session, Stage, Taken};
use crate::clock::Moment;

/// What became of the client's IDLE.
#[derive(Debug, Default)]
pub(super) enum Suspension {
    /// Nothing: there is none, or it goes on.
    #[default]
    None,
    /// The store was told DONE and has not answered.
    Ending(Tag),
    /// The store has answered: ours may run.
    Ended(Tag, Done),
    /// The store was told IDLE again and has not said `+`.
    Resuming(Tag, Done),
}

/// Whether the client has said DONE meanwhile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Done {
    NotSaid,
    Said,
}

/// Whether something goes to the store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::session) enum ToStore {
    Yes,
    No,
}

impl Session {
    pub(super) fn suspend_idle(&mut self, tag: Tag, now: Moment) {
        if let Some(injector) = self.injector() {
            injector.late_done.told(&tag);
            injector.suspension = Suspension::Ending(tag);
        }
        self.store.resume(now);
        self.out.to_store.push(b"DONE\r\n");
    }

    /// Ours is over: the store goes into IDLE again, unless the client wants it no more.
    pub(super) fn resume_idle(&mut self, now: Moment) {
        let Some(injector) = self.injector() else {
            return;
        };
        match std::mem::take(&mut injector.suspension) {
            Suspension::Ended(tag, Done::NotSaid) => {
                injector.suspension = Suspension::Resuming(tag.clone(), Done::NotSaid);
                let command = Command {
                    tag,
                    body: CommandBody::Idle,
                };
                self.store.resume(now);
                self.out
                    .to_store
                    .push(command.encode(Literals::Synchronising).octets());
            }
            Suspension::Ended(tag, Done::Said) => {
                drop(self.outstanding.completed(&tag)); // an IDLE changes nothing
                self.out
                    .complete(&tag, StatusKind::Ok, None, "IDLE is over");
            }
            other @ (Suspension::None | Suspension::Ending(_) | Suspension::Resuming(..)) => {
                injector.suspension = other;
            }
        }
    }

    /// The client has said DONE: whether it goes to the store now.
    pub(in crate::session) fn idle_done(&mut self, tag: &Tag) -> ToStore {
        let Some(injector) = self.injector() else {
            return ToStore::No;
        };
        match std::mem::take(&mut injector.suspension) {
            Suspension::None => injector.late_done.told(tag),
            // The store has been told already, and its answer is the client's.
            Suspension::Ending(_) => {
                self.outstanding.ends(tag);
                return ToStore::No;
            }
            Suspension::Ended(tag, _) => {
                injector.suspension = Suspension::Ended(tag, Done::Said);
                return ToStore::No;
            }
            Suspension::Resuming(tag, _) => {
                injector.suspension = Suspension::Resuming(tag, Done::Said);
                return ToStore::No;
            }
        }
        self.outstanding.ends(tag);
        ToStore::Yes
    }

    /// A `+` that ends an IDLE's interruption is nobody's business.
    pub(in crate::session) fn idle_resumed(&mut self, line: &Line, now: Moment) -> Taken {
        let Some(injector) = self.injector() else {
            return Taken::No;
        };
        match std::mem::take(&mut injector.suspension) {
            Suspension::Resuming(tag, done) => {
                injector.idle_since = now;
                if done == Done::Said {
                    injector.late_done.told(&tag);
                }
                self.skip_rest(line);
                if done == Done::Said {
                    self.outstanding.ends(&tag);
                    self.store.resume(now);
                    self.out.to_store.push(b"DONE\r\n");
                }
                Taken::Yes
            }
            other @ (Suspension::None | Suspension::Ending(_) | Suspension::Ended(..)) => {
                injector.suspension = other;
                Taken::No
            }
        }
    }

    /// When the client's IDLE is to be begun anew at the store: RFC 2177 §3, which lets a store end one that is older.
    pub(in crate::session) fn renewal(&self) -> Option<Moment> {
        let Stage::Open(open) = &self.stage else {
            return None;
        };
        let idles = self
            .client
            .idling()
            .is_some_and(|tag| self.outstanding.has(tag));
        let renew: Duration = self.store.renew_idle();
        (idles && open.injector.is_idle()).then(|| open.injector.idle_since.plus(renew))
    }

    /// It is time to.
    pub(in crate::session) fn renew_idle(&mut self, now: Moment) {
        if let Some(tag) = self.client.idling().cloned() {
            self.suspend_idle(tag, now);
        }
    }
}
