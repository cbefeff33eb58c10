//! What the session asks for: vaults, a store, TLS, compression; and the log lines that it has.

use vault::frames::{NewVaults, NoVault};

use super::{Employed, Relay};
use crate::{
    clock::Moment,
    metrics::Way,
    places::Place,
    session::{Answer, Handed, Neighbour, Request},
    traces,
    vaults::{self, Answers, Issued},
};

/// Whether TLS is to begin on the client's leg.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum StartTls {
    NotAsked,
    Asked,
}

impl Relay {
    /// Does what the session asks for and logs what it tells.
    pub(super) fn obey(&mut self) {
        if !self.neighbours.vaults.is_alive() {
            self.session.warden_gone();
        }
        while let Some(request) = self.session.request() {
            self.fulfil(request);
        }
        while let Some(record) = self.session.record() {
            self.spans.heed(&record);
            record
                .session(self.neighbours.number)
                .log(&self.neighbours.metrics);
        }
    }

    fn fulfil(&mut self, request: Request) {
        match request {
            Request::Dial { user } => self.dial(user),
            Request::HangUp => {
                self.dialling = None;
                self.store = None;
            }
            Request::LoginOutcome(outcome) => self.heed_login(outcome),
            Request::LoginAnswered(answered) => self.note_login(answered),
            Request::StartTls => self.start_tls = StartTls::Asked,
            Request::Compress {
                neighbour,
                plain,
                early,
            } => self.compress(neighbour, plain, &early),
            Request::NewVaults { count, suite, user } => {
                self.spans.asked();
                self.ask(count, suite, &user);
            }
            Request::StopAsking => {
                self.spans.answered(traces::Outcome::Failed);
                self.asking = None;
                self.places.clear();
            }
            Request::Employ(key_id) => {
                self.spans.employed();
                let issued = self.issued.remove(&key_id);
                self.vault = issued.map(|(socket, _)| Employed::new(socket));
            }
            Request::Dismiss => {
                self.vault = None;
                self.spans.dismissed(self.neighbours.clock);
            }
            Request::Drop(key_id) => drop(self.issued.remove(&key_id)),
        }
    }

    /// The first `plain` octets of what waits are the last that go as they are.
    fn compress(&mut self, neighbour: Neighbour, plain: usize, early: &[u8]) {
        let (leg, way) = match (neighbour, &mut self.store) {
            (Neighbour::Client, _) => (&mut self.client, Way::ToClient),
            (Neighbour::Store, Some(store)) => (&mut store.leg, Way::ToStore),
            (Neighbour::Store, None) => return,
        };
        let now = self.neighbours.clock.now();
        let mut left = plain;
        while left > 0 {
            let front = self.session.outbox(way).front();
            let front = front.get(..left.min(front.len())).unwrap_or_default();
            // An error shows again when the rest is sent.
            if front.is_empty() || leg.push(front).is_err() {
                break;
            }
            let octets = front.len();
            left -= octets;
            self.session.wrote(way, octets, now);
        }
        leg.compress(early);
    }

    /// A phone that waits in IDLE waits for hours: its compressors are given back, and made anew when there is something to
    /// say.
    pub(super) fn rest(&mut self) {
        if !self.session.is_idling() {
            return;
        }
        self.client.rest();
        if let Some(store) = &mut self.store {
            store.leg.rest();
        }
    }

    /// Asks the warden, if the user may hold so many statements more.
    fn ask(&mut self, count: u8, suite: keyreveal::Suite, user: &str) {
        let unused = &self.neighbours.unused;
        let places = (0..count).map(|_| unused.take(user.to_owned()));
        let places: Option<Vec<_>> = places.collect();
        self.asking = Some(match (places, self.channel_binding) {
            (Some(places), Some(channel_binding)) => {
                self.places = places;
                self.neighbours.vaults.ask(NewVaults {
                    count,
                    channel_binding,
                    suite,
                })
            }
            (None, _) | (_, None) => vaults::turned_down(count),
        });
    }

    /// Keeps the sockets of vaults that were handed out and tells the session of their statements.
    pub(super) fn hand_out(&mut self, answers: Option<Answers>, now: Moment) {
        self.asking = None;
        self.spans.answered(match answers {
            Some(_) => traces::Outcome::Done,
            None => traces::Outcome::Failed,
        });
        let mut places = std::mem::take(&mut self.places);
        let handed = answers.map(|answers| {
            answers
                .into_iter()
                .map(|answer| self.keep(answer, places.pop()))
                .collect()
        });
        self.session.answered(handed, now);
    }

    fn keep(&mut self, answer: Result<Issued, NoVault>, place: Option<Place<String>>) -> Answer {
        let Issued { assigned, socket } = answer?;
        self.issued.insert(assigned.key_id, (socket, place));
        Ok(Handed {
            key_id: assigned.key_id,
            statement: assigned.statement,
        })
    }
}
