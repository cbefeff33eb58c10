//! Every deadline of a session: who is waited for, how long, and what happens then.

use std::time::Duration;

use super::{
    Session, Stage, farewell,
    settings::{HALF_CLOSED, SILENCE},
};
use crate::{clock::Moment, event::Event};

/// Who is late.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Late {
    Store,
    StoreOverOurs,
    ClientLogin,
    ClientIdle,
    ClientUnread,
    ClientHalfClosed,
}

impl Session {
    /// When [`Session::tick`] is to be called, if nothing else happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        let waits = self.waits().into_iter().flatten().map(|(at, _)| at);
        waits.chain(self.own_deadline()).chain(self.renewal()).min()
    }

    pub(super) fn pass_time(&mut self, now: Moment) {
        self.pass_own_time(now);
        if self.renewal().is_some_and(|at| at <= now) {
            self.renew_idle(now);
        }
        let late = self
            .waits()
            .into_iter()
            .flatten()
            .find(|(at, _)| *at <= now);
        match late.map(|(_, late)| late) {
            None => {}
            Some(Late::Store) => self.fail_store("the store is silent", now),
            Some(Late::StoreOverOurs) => {
                self.fail_store("the store took too long over a command of ours", now);
            }
            Some(Late::ClientUnread) => self.give_up("answers are left unread", None),
            Some(Late::ClientHalfClosed) => self.give_up("half closed for too long", None),
            Some(Late::ClientLogin) => self.give_up("no login", Some(farewell::idle())),
            Some(Late::ClientIdle) => self.give_up("idle", Some(farewell::idle())),
        }
    }

    fn give_up(&mut self, reason: &'static str, farewell: Option<Vec<u8>>) {
        self.out.record_reason(Event::ClientTimedOut, reason);
        match farewell {
            Some(farewell) => self.bid_farewell(farewell),
            None => self.over(),
        }
    }

    /// Everybody who is waited for now.
    fn waits(&self) -> [Option<(Moment, Late)>; 5] {
        if self.is_over() {
            return [None; 5];
        }
        let settings = &self.settings;
        let unread = self.out.unread_deadline(settings.unread);
        let ended = self.client.ended().map(|ended| ended.plus(HALF_CLOSED));
        [
            self.store_deadline().map(|at| (at, Late::Store)),
            self.injection_deadline()
                .map(|at| (at, Late::StoreOverOurs)),
            unread.map(|at| (at, Late::ClientUnread)),
            ended.map(|at| (at, Late::ClientHalfClosed)),
            self.client_deadline(),
        ]
    }

    fn store_deadline(&self) -> Option<Moment> {
        if !self.wants_store() {
            return None; // it is not read: somebody else is late
        }
        let patience = self.patience()?;
        Some(self.store.waited_for().plus(patience))
    }

    /// How long the store may be silent now; none: it owes nothing.
    fn patience(&self) -> Option<Duration> {
        let owes_us = match &self.stage {
            Stage::Login(entrance) => entrance.owes(),
            Stage::Open(open) => open.injector.owes(),
            Stage::Over => false,
        };
        if owes_us || self.store.is_inside_response() {
            return Some(self.store.answer());
        }
        self.outstanding.owes().then_some(SILENCE)
    }

    fn injection_deadline(&self) -> Option<Moment> {
        match &self.stage {
            Stage::Open(open) => open.injector.deadline(),
            Stage::Login(_) | Stage::Over => None,
        }
    }

    fn client_deadline(&self) -> Option<(Moment, Late)> {
        match &self.stage {
            Stage::Over => None,
            // Whoever waits for the store is not slow.
            Stage::Login(entrance) if entrance.is_served() => None,
            Stage::Login(entrance) => {
                Some((entrance.began.plus(self.settings.login), Late::ClientLogin))
            }
            // RFC 9051 §5.4: any command resets the timer; while one runs it is not the client who is slow.
            Stage::Open(_) if self.own_runs() || self.outstanding.owes() => None,
            Stage::Open(_) => Some((
                self.client.heard().plus(self.settings.idle),
                Late::ClientIdle,
            )),
        }
    }
}
