//! The warden's other end: asks it for vaults and receives their sockets.
//!
//! One task owns the control socket; sessions send it questions. A handle is the vault's socket, and dropping it
//! ends the vault. Nothing of a session but its channel binding goes to the warden.

use std::{
    collections::VecDeque,
    io,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::{
    io::Interest,
    net::UnixStream,
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
};
use vault::frames::{
    Assigned, Exit, Frame, FrameReader, FromWarden, Hello, NewVaults, NoVault, ToWarden,
};

use crate::{
    admin::VaultCounts,
    descriptors::{receive, unless_blocked},
    event::{Event, Record},
    metrics::{Metrics, VaultOutcome},
};

/// Questions that may wait to be passed on; more get [`NoVault::Limit`] at once.
const QUESTIONS: usize = 64;

/// Answers that the warden may owe before it is asked for more: well below the number at which it stops reading.
const MOST_OWED: usize = 64;

/// Octets read from the control socket at once.
const READ_OCTETS: usize = 16 * 1024;

/// The exit code of a vault whose socket was closed before it had a job (`vault::child::End::Alone`).
const UNUSED: u8 = 4;

/// Descriptors that one read may bring.
const DESCRIPTORS: usize = 16;

/// A vault that nobody else can speak to.
#[derive(Debug)]
pub struct Issued {
    /// Its statement, key id and expiry.
    pub assigned: Assigned,
    /// Its one socket. Dropping it ends the vault.
    pub socket: UnixStream,
}

/// What came of asking for several vaults.
pub type Answers = Vec<Result<Issued, NoVault>>;

/// Asks the warden. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vaults {
    questions: mpsc::Sender<Question>,
    alive: Arc<AtomicBool>,
    counts: Arc<Counts>,
}

/// How many vaults were handed out, and how they ended.
#[derive(Debug, Default)]
struct Counts {
    issued: AtomicU64,
    ended: [AtomicU64; VaultOutcome::ALL.len()],
}

impl Counts {
    fn ended(&self, exit: Exit) {
        let outcome = match exit {
            Exit::Status(0) => VaultOutcome::Done,
            Exit::Status(UNUSED) => VaultOutcome::Unused,
            Exit::Status(_) | Exit::Signal(_) => VaultOutcome::Failed,
        };
        if let Some(count) = self.ended.get(outcome as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn told(&self) -> VaultCounts {
        let ended = VaultOutcome::ALL.iter().zip(&self.ended);
        let ended: Vec<_> = ended
            .map(|(outcome, count)| (*outcome, count.load(Ordering::Relaxed)))
            .collect();
        let started = self.issued.load(Ordering::Relaxed);
        let gone: u64 = ended.iter().map(|(_, count)| count).sum();
        VaultCounts {
            live: started.saturating_sub(gone),
            started,
            ended,
        }
    }
}

#[derive(Debug)]
struct Question {
    asked: NewVaults,
    answer: oneshot::Sender<Answers>,
}

impl Vaults {
    /// Where there is no warden.
    #[must_use]
    pub(crate) fn none() -> Self {
        let (questions, _) = mpsc::channel(1);
        Self {
            questions,
            alive: Arc::default(),
            counts: Arc::default(),
        }
    }

    /// How many vaults there are and were; none, where there is no warden.
    #[must_use]
    pub fn counts(&self) -> Option<VaultCounts> {
        self.is_alive().then(|| self.counts.told())
    }

    /// Whether the warden is there: KEYREVEAL is offered only then.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    /// Asks for `asked.count` vaults; the answers come later, all of them [`NoVault::Limit`] where too many wait already.
    /// The sender is dropped only if the warden is gone, and then [`Self::is_alive`] says so.
    #[must_use]
    pub fn ask(&self, asked: NewVaults) -> oneshot::Receiver<Answers> {
        let (answer, answered) = oneshot::channel();
        if let Err(TrySendError::Full(question)) =
            self.questions.try_send(Question { asked, answer })
        {
            return turned_down(question.asked.count);
        }
        answered
    }
}

/// The answers to one who may not have so many.
pub(crate) fn turned_down(count: u8) -> oneshot::Receiver<Answers> {
    let (answer, answered) = oneshot::channel();
    let none = (0..count).map(|_| Err(NoVault::Limit));
    drop(answer.send(none.collect()));
    answered
}

/// The task's side: owns the control socket.
#[derive(Debug)]
pub(crate) struct Warden {
    control: Control,
    questions: mpsc::Receiver<Question>,
    waiting: VecDeque<Waiting>,
    alive: Arc<AtomicBool>,
    counts: Arc<Counts>,
    metrics: Arc<Metrics>,
}

/// A question that the warden has been asked and has not wholly answered.
#[derive(Debug)]
struct Waiting {
    left: u8,
    answers: Answers,
    answer: oneshot::Sender<Answers>,
}

/// Takes the warden's first word, and makes the two ends: the one that sessions use, and the one to run.
///
/// # Errors
/// Where the warden closes or says something else than [`FromWarden::Hello`] first.
pub(crate) async fn connect(
    socket: OwnedFd,
    metrics: Arc<Metrics>,
) -> io::Result<(Vaults, Warden, Hello)> {
    let mut control = Control::new(socket)?;
    let hello = match control.next().await? {
        FromWarden::Hello(hello) => hello,
        FromWarden::Vault(_) | FromWarden::None(_) | FromWarden::Ended { .. } => {
            return Err(out_of_turn("the warden did not introduce itself"));
        }
    };
    let (sender, questions) = mpsc::channel(QUESTIONS);
    let alive = Arc::new(AtomicBool::new(true));
    let vaults = Vaults {
        questions: sender,
        alive: Arc::clone(&alive),
        counts: Arc::default(),
    };
    let warden = Warden {
        control,
        questions,
        waiting: VecDeque::new(),
        alive,
        counts: Arc::clone(&vaults.counts),
        metrics,
    };
    Ok((vaults, warden, hello))
}

impl Warden {
    /// Carries questions and answers until the warden is gone or no session is left that could ask.
    pub(crate) async fn run(mut self) {
        let ended = self.carry().await;
        self.alive.store(false, Ordering::Relaxed);
        if ended.is_err() {
            Record::of(Event::WardenLost).log(&self.metrics);
        }
    }

    async fn carry(&mut self) -> io::Result<()> {
        loop {
            tokio::select! {
                question = self.questions.recv(), if self.owed() < MOST_OWED => match question {
                    Some(question) => self.pass_on(question)?,
                    None => return Ok(()),
                },
                frame = self.control.next() => self.take(frame?)?,
            }
        }
    }

    /// How many answers the warden owes.
    fn owed(&self) -> usize {
        let left = self.waiting.iter().map(|waiting| usize::from(waiting.left));
        left.sum()
    }

    fn pass_on(&mut self, question: Question) -> io::Result<()> {
        if question.answer.is_closed() {
            // The session did not wait so long: no vault is taken for it.
            return Ok(());
        }
        let left = question.asked.count;
        let frame = ToWarden::NewVaults(question.asked);
        let octets = frame
            .to_octets()
            .map_err(|_| out_of_turn("a question too long"))?;
        self.waiting.push_back(Waiting {
            left,
            answers: Vec::new(),
            answer: question.answer,
        });
        self.control.unsent.extend_from_slice(&octets);
        Ok(())
    }

    fn take(&mut self, frame: FromWarden) -> io::Result<()> {
        match frame {
            FromWarden::Hello(_) => Err(out_of_turn("the warden introduced itself twice")),
            FromWarden::Vault(assigned) => {
                let socket = self.control.descriptor()?;
                self.counts.issued.fetch_add(1, Ordering::Relaxed);
                self.answer(Ok(Issued { assigned, socket }))
            }
            FromWarden::None(reason) => self.answer(Err(reason)),
            FromWarden::Ended { key_id, exit } => {
                self.counts.ended(exit);
                Record::of(Event::VaultEnded)
                    .key_id(&key_id.0)
                    .exit(exit_text(exit))
                    .log(&self.metrics);
                Ok(())
            }
        }
    }

    fn answer(&mut self, answer: Result<Issued, NoVault>) -> io::Result<()> {
        let front = self.waiting.front_mut();
        let waiting = front.ok_or_else(|| out_of_turn("the warden answered what nobody asked"))?;
        waiting.answers.push(answer);
        waiting.left = waiting.left.saturating_sub(1);
        if waiting.left == 0
            && let Some(done) = self.waiting.pop_front()
        {
            // The session may be gone: then its vaults' sockets are dropped here, and the vaults end.
            drop(done.answer.send(done.answers));
        }
        Ok(())
    }
}

/// The control socket: frames, and the descriptors that travel with them.
#[derive(Debug)]
struct Control {
    stream: UnixStream,
    reader: FrameReader,
    held: Vec<u8>,
    descriptors: VecDeque<OwnedFd>,
    unsent: Vec<u8>,
}

impl Control {
    fn new(socket: OwnedFd) -> io::Result<Self> {
        Ok(Self {
            stream: stream_of(socket)?,
            reader: FrameReader::new(),
            held: Vec::new(),
            descriptors: VecDeque::new(),
            unsent: Vec::new(),
        })
    }

    /// The next frame; what is unsent goes out meanwhile. Dropping the future loses nothing: what was read is held.
    async fn next(&mut self) -> io::Result<FromWarden> {
        loop {
            let mut input = self.held.as_slice();
            let frame = self.reader.next(&mut input);
            let taken = self.held.len().saturating_sub(input.len());
            self.held.drain(..taken);
            match frame {
                Err(_) => return Err(out_of_turn("the warden broke the framing")),
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => self.exchange().await?,
            }
        }
    }

    /// Reads and writes whatever the socket allows. Never waits for the one without the other: the warden reads nothing
    /// while it has too much to say.
    async fn exchange(&mut self) -> io::Result<()> {
        let wanted = if self.unsent.is_empty() {
            Interest::READABLE
        } else {
            Interest::READABLE.add(Interest::WRITABLE)
        };
        let ready = self.stream.ready(wanted).await?;
        if ready.is_readable() {
            self.read()?;
        }
        if ready.is_writable() && !self.unsent.is_empty() {
            let sent = unless_blocked(self.stream.try_write(&self.unsent))?;
            self.unsent.drain(..sent.unwrap_or(0));
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let Self {
            stream,
            held,
            descriptors,
            ..
        } = self;
        let mut octets = vec![0; READ_OCTETS];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
        let read = stream.try_io(Interest::READABLE, || {
            receive(stream, &mut octets, &mut space, descriptors)
        });
        match unless_blocked(read)? {
            Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(read) => held.extend_from_slice(octets.get(..read).unwrap_or_default()),
            None => {}
        }
        Ok(())
    }

    /// The socket that belongs to the vault just read of: descriptors keep the order of their frames.
    fn descriptor(&mut self) -> io::Result<UnixStream> {
        let descriptor = self.descriptors.pop_front();
        stream_of(descriptor.ok_or_else(|| out_of_turn("a vault came without its socket"))?)
    }
}

fn stream_of(socket: OwnedFd) -> io::Result<UnixStream> {
    let stream = std::os::unix::net::UnixStream::from(socket);
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

fn out_of_turn(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn exit_text(exit: Exit) -> String {
    match exit {
        Exit::Status(status) => format!("status {status}"),
        Exit::Signal(signal) => format!("signal {signal}"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
