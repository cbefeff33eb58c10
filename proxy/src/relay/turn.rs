//! One look at everything that may have happened, until nothing has.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::sync::watch;
use zeroize::Zeroize;

use super::{Relay, Turn, obey::StartTls};
use crate::{
    clock::Moment,
    event::{Event, Record},
    leg::Room,
    metrics::Way,
    registry::State,
    serve::Stop,
    session::Neighbour,
};

/// Octets of the outbox that are pushed to a neighbour before they are sent: eight TLS records.
const PUSHED: usize = 128 * 1024;

/// Looks before others have a turn. Sockets end a turn by themselves, what is decompressed does not.
const LOOKS: usize = 32;

/// Whether a look found something.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Found {
    Nothing,
    Something,
}

/// The client's connection failed: nobody is left to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ClientGone;

/// The store's connection failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct StoreGone;

impl Relay {
    /// Ready when there is something that is not the relay's to do.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let mut now = self.neighbours.clock.now();
        self.hear_server(cx, now);
        for _ in 0..LOOKS {
            self.obey();
            if self.session.is_over() {
                return Poll::Ready(Turn::Over);
            }
            match self.look(cx, now) {
                Err(ClientGone) => return Poll::Ready(Turn::Over),
                Ok(Found::Something) => now = self.neighbours.clock.now(),
                Ok(Found::Nothing) if self.is_ready_for_tls() => {
                    return Poll::Ready(Turn::StartTls);
                }
                Ok(Found::Nothing) => {
                    self.rest();
                    self.list_state();
                    return Poll::Pending;
                }
            }
        }
        // A little that swells to much must not keep a worker from everybody else.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// For whoever looks at the list: what a session does while it sleeps.
    fn list_state(&self) {
        if self.session.user().is_some() {
            self.neighbours.entry.state(if self.session.is_idling() {
                State::Idle
            } else {
                State::Open
            });
        }
    }

    fn is_ready_for_tls(&self) -> bool {
        self.start_tls == StartTls::Asked
            && self.session.outbox(Way::ToClient).is_empty()
            && !self.client.is_sending()
    }

    /// Asks everybody once, and sends what comes of it.
    fn look(&mut self, cx: &mut Context<'_>, now: Moment) -> Result<Found, ClientGone> {
        let heard = Room::with(|room| self.hear_sockets(cx, room, now))?;
        let others = [self.hear_warden(cx, now), self.hear_dialling(cx, now)];
        self.obey();
        let sent = [
            self.send_client(cx, now)?,
            self.send_store(cx, now),
            self.send_vault(cx, now),
        ];
        let all = sent.into_iter().chain(heard).chain(others);
        match all.max().unwrap_or(Found::Nothing) {
            Found::Something => Ok(Found::Something),
            Found::Nothing => self.hear_clock(cx),
        }
    }

    fn hear_sockets(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut Room,
        now: Moment,
    ) -> Result<[Found; 3], ClientGone> {
        Ok([
            self.hear_client(cx, room, now)?,
            self.hear_store(cx, room, now)?,
            self.hear_vault(cx, room, now),
        ])
    }

    /// What waits for the client goes out; it may be slow, and for a while it may even take nothing.
    ///
    /// Whoever was not heard because the client took nothing must be heard again once it does: hence [`Found::Something`]
    /// whenever anything went out.
    fn send_client(&mut self, cx: &mut Context<'_>, now: Moment) -> Result<Found, ClientGone> {
        let mut found = Found::Nothing;
        loop {
            // While it takes nothing, nothing is added to what it does not take.
            if self.unread.is_none() {
                self.push_client(now)?;
            }
            if !self.client.is_sending() && self.unread.is_none() {
                return Ok(found);
            }
            match self.client.poll_flush(cx) {
                Poll::Ready(Ok(())) => {
                    self.unread = None;
                    found = Found::Something;
                }
                Poll::Ready(Err(_)) => return Err(ClientGone),
                Poll::Pending => {
                    self.note_unread(now);
                    return Ok(found);
                }
            }
        }
    }

    fn push_client(&mut self, now: Moment) -> Result<(), ClientGone> {
        let mut pushed = 0;
        while pushed < PUSHED {
            let front = self.session.outbox(Way::ToClient).front();
            let octets = front.len();
            if octets == 0 {
                break;
            }
            self.client.push(front).map_err(|_| ClientGone)?;
            pushed += octets;
            self.wrote(Way::ToClient, octets, now);
        }
        Ok(())
    }

    fn note_unread(&mut self, now: Moment) {
        let taken = self.client.taken();
        match self.unread {
            Some((_, before)) if before == taken => {}
            Some(_) | None => self.unread = Some((now, taken)),
        }
    }

    fn send_store(&mut self, cx: &mut Context<'_>, now: Moment) -> Found {
        let mut found = Found::Nothing;
        loop {
            let Some(store) = &mut self.store else {
                return found;
            };
            let waits = store.leg.is_sending();
            match store.leg.poll_flush(cx) {
                Poll::Pending => return found,
                Poll::Ready(Err(_)) => return self.lose_store(now),
                Poll::Ready(Ok(())) if waits => found = Found::Something,
                Poll::Ready(Ok(())) => {}
            }
            match self.push_store(now) {
                Ok(0) => return found,
                Ok(_) => found = Found::Something,
                Err(StoreGone) => return self.lose_store(now),
            }
        }
    }

    fn push_store(&mut self, now: Moment) -> Result<usize, StoreGone> {
        let mut pushed = 0;
        while pushed < PUSHED {
            let front = self.session.outbox(Way::ToStore).front();
            let (octets, Some(store)) = (front.len(), &mut self.store) else {
                break;
            };
            if octets == 0 {
                break;
            }
            store.leg.push(front).map_err(|_| StoreGone)?;
            pushed += octets;
            self.wrote(Way::ToStore, octets, now);
        }
        Ok(pushed)
    }

    /// The store's connection ended or failed: the session says what that means, and lets it go.
    fn lose_store(&mut self, now: Moment) -> Found {
        self.session.store_ended(now);
        Found::Something
    }

    fn send_vault(&mut self, cx: &mut Context<'_>, now: Moment) -> Found {
        let front = self.session.outbox(Way::ToVault).front();
        let Some(vault) = self.vault.as_mut().filter(|_| !front.is_empty()) else {
            return Found::Nothing;
        };
        match vault.poll_send(cx, front) {
            Poll::Pending => return Found::Nothing,
            Poll::Ready(Ok(octets)) => {
                self.spans.fed(octets, now);
                self.wrote(Way::ToVault, octets, now);
            }
            // What it said last may still be there to be read.
            Poll::Ready(Err(_)) => self.session.vault_deaf(now),
        }
        Found::Something
    }

    fn wrote(&mut self, way: Way, octets: usize, now: Moment) {
        let counted = u64::try_from(octets).unwrap_or(u64::MAX);
        self.neighbours.metrics.add_octets(way, counted);
        self.neighbours.entry.add_octets(way, counted);
        self.session.wrote(way, octets, now);
    }

    fn hear_client(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut Room,
        now: Moment,
    ) -> Result<Found, ClientGone> {
        // Once TLS is to begin, what comes belongs to its handshake.
        if !self.session.wants_client() || self.start_tls == StartTls::Asked {
            return Ok(Found::Nothing);
        }
        let store = self.store.as_ref();
        if store.is_some_and(|store| store.leg.is_sending()) {
            return Ok(Found::Nothing); // whoever sends more than the store takes waits with it
        }
        match self.client.poll_receive(cx, room) {
            Poll::Pending => return Ok(Found::Nothing),
            Poll::Ready(Err(_)) => return Err(ClientGone),
            Poll::Ready(Ok([])) => self.session.client_ended(now),
            Poll::Ready(Ok(octets)) => self.take_from_client(octets, now),
        }
        Ok(Found::Something)
    }

    fn take_from_client(&mut self, octets: &mut [u8], now: Moment) {
        let straight = straight(self.session.straight(Neighbour::Client), octets);
        let passed = straight.len();
        if let Some(store) = self.store.as_mut().filter(|_| passed > 0) {
            if store.leg.push(straight).is_err() {
                self.lose_store(now);
                return;
            }
            self.passed(Neighbour::Client, Way::ToStore, passed, now);
        }
        let rest = octets.get_mut(passed..).unwrap_or_default();
        if !rest.is_empty() {
            self.session.client_octets(rest, now);
        }
        if self.session.user().is_none() {
            rest.zeroize(); // it may have been a password, and the room is everybody's
        }
    }

    fn passed(&mut self, from: Neighbour, way: Way, octets: usize, now: Moment) {
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        self.neighbours.metrics.add_octets(way, octets);
        self.neighbours.entry.add_octets(way, octets);
        self.session.passed(from, octets, now);
    }

    fn hear_store(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut Room,
        now: Moment,
    ) -> Result<Found, ClientGone> {
        // A client that does not take what it asked for waits with the store: nothing is collected for it.
        if !self.session.wants_store() || self.client.is_sending() {
            return Ok(Found::Nothing);
        }
        let Some(store) = &mut self.store else {
            return Ok(Found::Nothing);
        };
        match store.leg.poll_receive(cx, room) {
            Poll::Pending => Ok(Found::Nothing),
            Poll::Ready(Err(_) | Ok([])) => Ok(self.lose_store(now)),
            Poll::Ready(Ok(octets)) => {
                self.take_from_store(octets, now)?;
                Ok(Found::Something)
            }
        }
    }

    fn take_from_store(&mut self, octets: &[u8], now: Moment) -> Result<(), ClientGone> {
        let straight = straight(self.session.straight(Neighbour::Store), octets);
        let passed = straight.len();
        if passed > 0 {
            self.client.push(straight).map_err(|_| ClientGone)?;
            self.passed(Neighbour::Store, Way::ToClient, passed, now);
        }
        let rest = octets.get(passed..).unwrap_or_default();
        if !rest.is_empty() {
            self.session.store_octets(rest, now);
        }
        Ok(())
    }

    fn hear_vault(&mut self, cx: &mut Context<'_>, room: &mut Room, now: Moment) -> Found {
        let Some(vault) = &mut self.vault else {
            return Found::Nothing;
        };
        let room = room.wire();
        match vault.poll_receive(cx, room) {
            Poll::Pending => return Found::Nothing,
            Poll::Ready(Ok(0) | Err(_)) => {
                self.vault = None;
                self.session.vault_ended(now);
            }
            Poll::Ready(Ok(octets)) => {
                self.spans.vault_spoke();
                let octets = room.get(..octets).unwrap_or_default();
                self.session.vault_octets(octets, now);
            }
        }
        Found::Something
    }

    fn hear_warden(&mut self, cx: &mut Context<'_>, now: Moment) -> Found {
        let Some(asking) = &mut self.asking else {
            return Found::Nothing;
        };
        match Pin::new(asking).poll(cx) {
            Poll::Pending => Found::Nothing,
            Poll::Ready(answers) => {
                self.hand_out(answers.ok(), now);
                Found::Something
            }
        }
    }

    fn hear_dialling(&mut self, cx: &mut Context<'_>, now: Moment) -> Found {
        let Some(dialling) = &mut self.dialling else {
            return Found::Nothing;
        };
        match dialling.as_mut().poll(cx) {
            Poll::Pending => Found::Nothing,
            Poll::Ready(reached) => {
                self.dialling = None;
                self.dialled(reached, now);
                Found::Something
            }
        }
    }

    /// The server is being stopped, or an administrator ends the session.
    fn hear_server(&mut self, cx: &mut Context<'_>, now: Moment) {
        if self.stop.poll(cx).is_ready() {
            self.session.drain(now);
        }
        if self.neighbours.entry.poll_kicked(cx).is_ready() {
            self.session.kick(now);
        }
    }

    fn hear_clock(&mut self, cx: &mut Context<'_>) -> Result<Found, ClientGone> {
        if self.unread.is_some() {
            self.session.client_is_slow(self.neighbours.clock.now());
        }
        let unread = self
            .unread
            .map(|(since, _)| since.plus(self.session.settings().unread));
        let deadline = [self.session.deadline(), unread]
            .into_iter()
            .flatten()
            .min();
        if self.alarm.poll(deadline, cx).is_pending() {
            return Ok(Found::Nothing);
        }
        let now = self.neighbours.clock.now();
        if unread.is_some_and(|unread| unread <= now) {
            let late = Record::of(Event::ClientTimedOut).reason("answers are left unread");
            late.session(self.neighbours.number)
                .log(&self.neighbours.metrics);
            return Err(ClientGone);
        }
        self.session.tick(now);
        Ok(Found::Something)
    }
}

/// What of `octets` may pass unseen.
fn straight(may_pass: u64, octets: &[u8]) -> &[u8] {
    let count = usize::try_from(may_pass)
        .unwrap_or(usize::MAX)
        .min(octets.len());
    octets.get(..count).unwrap_or_default()
}

/// Comes once, when the server is being stopped.
pub(super) struct Stopping(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Stopping {
    pub(super) fn new(mut stopping: watch::Receiver<Stop>) -> Self {
        Self(Some(Box::pin(async move {
            // An error: the server is gone, which says the same.
            drop(stopping.wait_for(|stop| *stop == Stop::Yes).await);
        })))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(stopping) = &mut self.0 else {
            return Poll::Pending;
        };
        ready!(stopping.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(())
    }
}
