//! Moves octets between a client's, the store's and a vault's sockets as the session says. Decides nothing itself.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use keyreveal::{ChannelBinding, KeyId};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split},
    net::UnixStream,
    sync::{oneshot, watch},
};
use vault::frames::{NewVaults, NoVault};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock, Moment},
    metrics::{Metrics, Way},
    places::{Place, Places},
    serve::Stop,
    session::{Answer, Handed, Outbox, Request, Session, Unreachable},
    vaults::{self, Answers, Issued, Vaults},
};

/// Octets read at once from each side.
const READ_OCTETS: usize = 16 * 1024;

/// How long the store may leave the last octets for it, before it is left itself.
const CLOSING: Duration = Duration::from_secs(2);

/// How long nothing at all may happen before the session is asked anyway.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// What a session's relay needs of the server.
#[derive(Debug)]
pub(crate) struct Neighbours {
    pub(crate) number: u64,
    pub(crate) vaults: Vaults,
    /// The statements that each user holds unused, over all connections.
    pub(crate) unused: Places<String>,
    pub(crate) channel_binding: ChannelBinding,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
    pub(crate) stopping: watch::Receiver<Stop>,
}

/// Relays until the session is over or a socket fails. Both connections and all vaults are closed on return.
pub(crate) async fn run<C, S>(client: C, store: S, session: Session, neighbours: Neighbours)
where
    C: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let mut relay = Relay {
        client: Side::new(client),
        store: Side::new(store),
        vault: None,
        issued: HashMap::new(),
        asking: None,
        places: Vec::new(),
        session,
        neighbours,
    };
    relay.carry().await;
    relay.close().await;
}

struct Relay<C, S> {
    client: Side<C>,
    store: Side<S>,
    /// The vault that works for this session now.
    vault: Option<Side<UnixStream>>,
    /// Vaults whose statements the client holds, each in one of its user's places.
    issued: HashMap<KeyId, (UnixStream, Option<Place<String>>)>,
    asking: Option<oneshot::Receiver<Answers>>,
    /// Places for the vaults that are being asked for.
    places: Vec<Place<String>>,
    session: Session,
    neighbours: Neighbours,
}

/// What happened.
enum Happened {
    Read(Source, io::Result<usize>),
    Wrote(Way, io::Result<Progress>),
    Answered(Option<Answers>),
    Stopping,
    Time,
}

/// Who was read from.
#[derive(Clone, Copy)]
enum Source {
    Client,
    Store,
    Vault,
}

impl<C: AsyncRead + AsyncWrite, S: AsyncRead + AsyncWrite> Relay<C, S> {
    async fn carry(&mut self) {
        loop {
            self.obey();
            if self.session.is_over() {
                return;
            }
            let happened = self.wait().await;
            if self.take(happened).is_err() {
                return;
            }
        }
    }

    /// Waits for whatever the session wants to know, and only for that: what it does not want to read stays with
    /// its sender. Every branch may be dropped half-way without loss.
    async fn wait(&mut self) -> Happened {
        let session = &self.session;
        let now = self.neighbours.clock;
        let sleep = session.deadline().map_or(LONGEST_SLEEP, |at| now.until(at));
        let (to_client, to_store) = (
            session.outbox(Way::ToClient).front(),
            session.outbox(Way::ToStore).front(),
        );
        tokio::select! {
            read = self.client.input.read(), if session.wants_client() => Happened::Read(Source::Client, read),
            read = self.store.input.read(), if session.wants_store() => Happened::Read(Source::Store, read),
            wrote = self.client.output.progress(to_client), if self.client.output.has_work(to_client) => {
                Happened::Wrote(Way::ToClient, wrote)
            }
            wrote = self.store.output.progress(to_store), if self.store.output.has_work(to_store) => {
                Happened::Wrote(Way::ToStore, wrote)
            }
            happened = vault_side(&mut self.vault, session.outbox(Way::ToVault)) => happened,
            answers = answered(&mut self.asking) => Happened::Answered(answers),
            _ = self.neighbours.stopping.changed() => Happened::Stopping,
            () = tokio::time::sleep(sleep) => Happened::Time,
        }
    }

    /// Tells the session what happened. An error: the client's connection failed, and there is nobody to tell.
    fn take(&mut self, happened: Happened) -> io::Result<()> {
        let now = self.neighbours.clock.now();
        match happened {
            Happened::Read(Source::Client, read) => match self.client.input.octets(read?) {
                [] => self.session.client_ended(now),
                octets => self.session.client_octets(octets, now),
            },
            // A store's connection that fails has ended: the session says what that means.
            Happened::Read(Source::Store, read) => match self.store.input.octets(read.unwrap_or(0))
            {
                [] => self.session.store_ended(now),
                octets => self.session.store_octets(octets, now),
            },
            Happened::Read(Source::Vault, read) => self.take_from_vault(read.unwrap_or(0), now),
            Happened::Wrote(way, wrote) => self.wrote(way, wrote, now)?,
            Happened::Answered(answers) => self.hand_out(answers, now),
            Happened::Stopping => self.session.drain(now),
            Happened::Time => self.session.tick(now),
        }
        Ok(())
    }

    fn wrote(&mut self, way: Way, wrote: io::Result<Progress>, now: Moment) -> io::Result<()> {
        match (way, wrote) {
            (_, Ok(Progress::Flushed)) => {}
            (_, Ok(Progress::Wrote(octets))) => {
                self.neighbours
                    .metrics
                    .add_octets(way, u64::try_from(octets).unwrap_or(u64::MAX));
                self.session.wrote(way, octets, now);
            }
            (Way::ToClient, Err(error)) => return Err(error),
            (Way::ToStore, Err(_)) => self.session.store_ended(now),
            // What it said last may still be there to be read.
            (Way::ToVault, Err(_)) => self.session.vault_deaf(now),
        }
        Ok(())
    }

    fn take_from_vault(&mut self, read: usize, now: Moment) {
        let Some(vault) = &self.vault else { return };
        match vault.input.octets(read) {
            [] => {
                self.vault = None;
                self.session.vault_ended(now);
            }
            octets => self.session.vault_octets(octets, now),
        }
    }

    /// Keeps the sockets of vaults that were handed out and tells the session of their statements.
    fn hand_out(&mut self, answers: Option<Answers>, now: Moment) {
        self.asking = None;
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

    /// Asks the warden, if the user may hold so many statements more.
    fn ask(&mut self, asked: NewVaults, user: &str) {
        let unused = &self.neighbours.unused;
        let places = (0..asked.count).map(|_| unused.take(user.to_owned()));
        self.asking = Some(match places.collect() {
            Some(places) => {
                self.places = places;
                self.neighbours.vaults.ask(asked)
            }
            None => vaults::turned_down(asked.count),
        });
    }

    /// Does what the session asks for and logs what it tells.
    fn obey(&mut self) {
        if !self.neighbours.vaults.is_alive() {
            self.session.warden_gone();
        }
        while let Some(request) = self.session.request() {
            match request {
                Request::NewVaults { count, suite, user } => {
                    let asked = NewVaults {
                        count,
                        channel_binding: self.neighbours.channel_binding,
                        suite,
                    };
                    self.ask(asked, &user);
                }
                Request::Dial { .. } => {
                    let now = self.neighbours.clock.now();
                    self.session.dialled(Err(Unreachable::Unavailable), now);
                }
                Request::HangUp
                | Request::LoginOutcome(_)
                | Request::StartTls
                | Request::Compress { .. } => {}
                Request::StopAsking => {
                    self.asking = None;
                    self.places.clear();
                }
                Request::Employ(key_id) => {
                    let issued = self.issued.remove(&key_id);
                    self.vault = issued.map(|(socket, _)| Side::new(socket));
                }
                Request::Dismiss => self.vault = None,
                Request::Drop(key_id) => drop(self.issued.remove(&key_id)),
            }
        }
        while let Some(record) = self.session.record() {
            record
                .session(self.neighbours.number)
                .log(&self.neighbours.metrics);
        }
    }

    /// Lets the vaults go, then sends both sides what is left for them and closes: a slow client gets its last answer
    /// as long as it takes some of it in time, and whoever takes nothing is left.
    async fn close(mut self) {
        self.vault = None;
        self.issued.clear();
        let Self {
            mut client,
            mut store,
            mut session,
            ..
        } = self;
        let unread = session.settings().unread;
        drop(
            store
                .output
                .finish(&mut session, Way::ToStore, CLOSING)
                .await,
        );
        drop(store);
        drop(
            client
                .output
                .finish(&mut session, Way::ToClient, unread)
                .await,
        );
    }
}

/// Carries octets between the session and its vault; waits for ever if there is none.
async fn vault_side(vault: &mut Option<Side<UnixStream>>, outbox: &Outbox) -> Happened {
    let Some(vault) = vault else {
        return std::future::pending().await;
    };
    let to_vault = outbox.front();
    tokio::select! {
        read = vault.input.read() => Happened::Read(Source::Vault, read),
        wrote = vault.output.progress(to_vault), if vault.output.has_work(to_vault) => {
            Happened::Wrote(Way::ToVault, wrote)
        }
    }
}

/// Waits for the warden's answer; for ever if it was not asked.
async fn answered(asking: &mut Option<oneshot::Receiver<Answers>>) -> Option<Answers> {
    match asking {
        Some(asking) => asking.await.ok(),
        None => std::future::pending().await,
    }
}

/// One connection.
struct Side<S> {
    input: Input<S>,
    output: Sending<S>,
}

impl<S: AsyncRead + AsyncWrite> Side<S> {
    fn new(stream: S) -> Self {
        let (read, write) = split(stream);
        Self {
            input: Input {
                read,
                room: Zeroizing::new(vec![0; READ_OCTETS]),
            },
            output: Sending {
                write,
                unflushed: Flush::NotNeeded,
            },
        }
    }
}

/// The reading half, with room for one read.
struct Input<S> {
    read: ReadHalf<S>,
    room: Zeroizing<Vec<u8>>,
}

impl<S: AsyncRead> Input<S> {
    async fn read(&mut self) -> io::Result<usize> {
        self.read.read(&mut self.room).await
    }

    /// What the last read brought.
    fn octets(&self, read: usize) -> &[u8] {
        self.room.get(..read).unwrap_or_default()
    }
}

/// The writing half.
struct Sending<S> {
    write: WriteHalf<S>,
    unflushed: Flush,
}

/// Whether octets may still be in a buffer below: TLS has one.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Flush {
    NotNeeded,
    Needed,
}

/// How far writing came.
enum Progress {
    Wrote(usize),
    Flushed,
}

impl<S: AsyncWrite> Sending<S> {
    fn has_work(&self, front: &[u8]) -> bool {
        !front.is_empty() || self.unflushed == Flush::Needed
    }

    /// Writes some of `front`, or flushes if there is nothing to write. One step only, so that dropping it loses nothing.
    async fn progress(&mut self, front: &[u8]) -> io::Result<Progress> {
        if front.is_empty() {
            self.write.flush().await?;
            self.unflushed = Flush::NotNeeded;
            return Ok(Progress::Flushed);
        }
        let wrote = self.write.write(front).await?;
        self.unflushed = Flush::Needed;
        match wrote {
            0 => Err(io::ErrorKind::WriteZero.into()),
            wrote => Ok(Progress::Wrote(wrote)),
        }
    }

    /// Writes all that waits and ends the connection; gives up where `patience` passes without a step.
    async fn finish(
        &mut self,
        session: &mut Session,
        way: Way,
        patience: Duration,
    ) -> io::Result<()> {
        while !session.outbox(way).is_empty() {
            let writing = self.write.write(session.outbox(way).front());
            match tokio::time::timeout(patience, writing).await?? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                wrote => session.sent_last(way, wrote),
            }
        }
        tokio::time::timeout(patience, self.write.shutdown()).await?
    }
}
