//! When what the client sent is looked at, what becomes of it where the stream changes, and when nobody expects anything
//! any more.

use super::Changing;
use crate::{
    clock::Moment,
    event::{Event, Record},
    session::{Draining, Neighbour, Request, Session, Stage, farewell},
};

impl Session {
    /// Octets of the client's: looked at where they are, and copied only if they have to wait.
    pub(in crate::session) fn hear(&mut self, octets: &[u8], now: Moment) {
        self.client.heard = now;
        if !self.client.pending.is_empty() {
            self.client.pending.push(octets);
            self.work(now);
            return;
        }
        let left = self.look_at(octets, now);
        if !left.is_empty() {
            self.client.pending.push(left);
        }
        self.end_if_done();
    }

    /// Looks at as much of what the client sent as may be looked at now.
    pub(in crate::session) fn work(&mut self, now: Moment) {
        let mut pending = std::mem::take(&mut self.client.pending);
        let left = self.look_at(pending.rest(), now).len();
        pending.saw_all_but(left);
        self.client.pending = pending;
        self.end_if_done();
    }

    /// Takes what may be taken out of `input` and gives the rest back.
    fn look_at<'i>(&mut self, input: &'i [u8], now: Moment) -> &'i [u8] {
        let mut input = input;
        self.start_own(now);
        while self.may_take() {
            match self.client.framer.next(&mut input) {
                Ok(Some(frame)) => self.take_client_frame(frame, now),
                Ok(None) => break,
                Err(error) => self.client_broke(error),
            }
            self.start_own(now);
        }
        match self.client.changing {
            Changing::No => input,
            Changing::ToTls => {
                self.client.changing = Changing::AwaitingTls;
                self.throw_away(input);
                self.out.request(Request::StartTls);
                &[]
            }
            Changing::AwaitingTls => {
                self.throw_away(input);
                &[]
            }
            Changing::ToCompressed => {
                self.client.changing = Changing::No;
                self.begin_compression(Neighbour::Client, input);
                &[]
            }
        }
    }

    /// What came behind STARTTLS in clear is nobody's word (RFC 9051 §6.2.1).
    fn throw_away(&mut self, input: &[u8]) {
        if !input.is_empty() {
            let octets = u64::try_from(input.len()).unwrap_or(u64::MAX);
            let record = Record::of(Event::StarttlsInjection).octets(octets);
            self.out.records.push_back(record);
        }
    }

    fn may_take(&self) -> bool {
        let stops = self.client.waiting.is_some() || self.client.changing != Changing::No;
        if stops || !self.out.has_room_for_client() {
            return false;
        }
        let between = self.client.is_between();
        match &self.stage {
            Stage::Over => false,
            // One command at a time until somebody is known: what the next one may do depends on this one.
            Stage::Login(entrance) => {
                !between || (!entrance.is_busy() && self.draining == Draining::No)
            }
            Stage::Open(open) => {
                let free =
                    !open.own.is_busy() && open.injector.is_free() && !self.outstanding.is_full();
                !between || (free && self.draining == Draining::No)
            }
        }
    }

    /// Whether the client expects nothing: between two commands, or in IDLE.
    fn is_settled(&self) -> bool {
        let login = matches!(&self.stage, Stage::Login(entrance) if entrance.is_busy());
        let rests = self.client.is_between() || self.client.idling().is_some();
        rests && !login && !self.own_runs() && !self.outstanding.owes()
    }

    /// Ends the session where nobody expects anything of it any more.
    fn end_if_done(&mut self) {
        if self.is_over() || !self.is_settled() {
            return;
        }
        if self.draining == Draining::Yes {
            self.bid_farewell(farewell::draining());
        } else if self.client.ended.is_some() && self.client.pending.is_empty() {
            self.over();
        }
    }
}
