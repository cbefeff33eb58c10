//! One connection: reads commands off the socket, has the session do them on a thread that may block, and writes what it
//! says. Here are the timeouts.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use wire::imap::Tag;
use wire::imap::command::{Command, CommandBody, CommandError, Name, is_done};
use wire::imap::response::{Code, Response, Status, StatusKind};
use wire::imap::sasl::{ClientLine, Mechanism};
use wire::{
    Collected, Collector, Ends, Frame, FrameError, Framer, Limits as FrameLimits, Line, Position,
    Side, Sync,
};

use crate::config::Limits;
use crate::output::{self, Gone, Output};
use crate::session::{After, Session};

/// Octets read at a time.
const READ: usize = 16 * 1024;
/// What may be said before the login.
const BEFORE_LOGIN: usize = 8 * 1024;
/// How long a client may leave what it asked for unread.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often IDLE looks at the mailbox.
const LOOK: Duration = Duration::from_secs(1);
/// Commands that make no sense, one after another, before the connection ends.
const MOST_MISTAKES: u32 = 20;

/// A client's connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// `None` only while a command runs.
    session: Option<Session>,
    limits: Limits,
    framer: Framer,
    collector: Collector,
    unread: Vec<u8>,
    mistakes: u32,
}

/// What came from the client.
enum Arrived {
    /// A whole command.
    Command(Vec<u8>),
    /// A command larger than is taken: its beginning.
    Overlong(Vec<u8>),
    /// A line outside of commands: a SASL response, or DONE.
    Line(Vec<u8>),
}

/// What is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Command,
    Line,
}

/// Why nothing more is read.
enum End {
    /// Nobody is there.
    Gone,
    /// To be told why.
    Told(Farewell),
}

enum Farewell {
    Silence,
    Nonsense(FrameError),
}

impl Connection {
    /// A connection at its beginning.
    pub(crate) fn new(stream: TcpStream, session: Session, limits: Limits) -> Self {
        let literal = u64::try_from(limits.message_octets).unwrap_or(u64::MAX);
        Self {
            stream,
            session: Some(session),
            limits,
            framer: Framer::new(
                Side::Client,
                FrameLimits {
                    line: limits.command_octets,
                    literal,
                },
            ),
            collector: Collector::new(BEFORE_LOGIN),
            unread: Vec::new(),
            mistakes: 0,
        }
    }

    /// Serves the client until it leaves or must leave.
    pub(crate) async fn run(mut self) {
        let end = self.converse().await;
        if let Err(End::Told(farewell)) = end {
            // A client that does not take its farewell is left all the same.
            self.write(&farewell.encode()).await.ok();
        }
        self.stream.shutdown().await.ok();
    }

    async fn converse(&mut self) -> Result<(), End> {
        self.write(&Session::greeting()).await?;
        loop {
            let after = match self.read(Expected::Command).await? {
                Arrived::Command(raw) => self.command(&raw).await?,
                Arrived::Overlong(raw) | Arrived::Line(raw) => {
                    self.refuse(&raw, &Refused::TooBig).await?
                }
            };
            if after == After::Ends {
                return Ok(());
            }
        }
    }

    async fn command(&mut self, raw: &[u8]) -> Result<After, End> {
        let command = match Command::parse(raw) {
            Ok(command) => command,
            Err(error) => return self.refuse(raw, &Refused::Nonsense(error)).await,
        };
        self.mistakes = 0;
        match command.body {
            CommandBody::Idle if self.session.as_ref().is_some_and(Session::may_idle) => {
                self.idle(&command.tag).await
            }
            CommandBody::Authenticate {
                mechanism: Mechanism::Plain,
                initial: None,
            } => self.authenticate(command.tag).await,
            _ => self.execute(command).await,
        }
    }

    /// Says why a command cannot be understood or taken.
    async fn refuse(&mut self, raw: &[u8], refused: &Refused) -> Result<After, End> {
        self.mistakes += 1;
        self.write(&refused.encode(raw)).await?;
        if self.mistakes > MOST_MISTAKES {
            let bye = Status::untagged(
                StatusKind::Bye,
                None,
                "Too many commands that make no sense",
            );
            self.write(&bye.encode()).await?;
            return Ok(After::Ends);
        }
        Ok(After::Goes)
    }

    /// AUTHENTICATE without an initial response (RFC 3501 §6.2.2).
    async fn authenticate(&mut self, tag: Tag) -> Result<After, End> {
        self.write(&Response::Continuation(Vec::new()).encode())
            .await?;
        let Arrived::Line(line) = self.read(Expected::Line).await? else {
            return Err(End::Gone);
        };
        let initial = match ClientLine::parse(&line) {
            ClientLine::Response(response) => Some(response),
            // The session answers the absence of a response with BAD.
            ClientLine::Cancel | ClientLine::Malformed => None,
        };
        let body = CommandBody::Authenticate {
            mechanism: Mechanism::Plain,
            initial,
        };
        self.execute(Command { tag, body }).await
    }

    /// IDLE (RFC 2177): tells what changes until DONE comes.
    async fn idle(&mut self, tag: &Tag) -> Result<After, End> {
        self.write(&Response::Continuation(b"Idling".to_vec()).encode())
            .await?;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let silence = tokio::time::sleep(self.limits.idle);
        tokio::pin!(silence);
        loop {
            if let Some(Arrived::Line(line)) = self.next_arrived(Expected::Line).await? {
                let (kind, text) = match is_done(&line) {
                    true => (StatusKind::Ok, "Idled"),
                    false => (StatusKind::Bad, "DONE was expected"),
                };
                self.write(&Status::tagged(tag, kind, None, text).encode())
                    .await?;
                return Ok(After::Goes);
            }
            let mut run = [0; READ];
            tokio::select! {
                taken = self.stream.read(&mut run) => self.take_read(&run, taken)?,
                _ = looks.tick() => {
                    if self.blocking(|session, out| session.refresh(out)).await? == After::Ends {
                        return Ok(After::Ends);
                    }
                }
                () = &mut silence => return Err(End::Told(Farewell::Silence)),
            }
        }
    }

    async fn execute(&mut self, command: Command) -> Result<After, End> {
        let after = self
            .blocking(move |session, out| session.execute(command, out))
            .await?;
        if self.session.as_ref().is_some_and(Session::is_authenticated) {
            self.collector = Collector::new(self.limits.command_octets);
        }
        Ok(after)
    }

    /// Runs `work` on a thread that may block, and writes what it says as it says it.
    async fn blocking(
        &mut self,
        work: impl FnOnce(&mut Session, &mut Output) -> Result<After, Gone> + Send + 'static,
    ) -> Result<After, End> {
        let mut session = self.session.take().ok_or(End::Gone)?;
        let (mut out, mut runs) = output::channel();
        let task = tokio::task::spawn_blocking(move || {
            let after = work(&mut session, &mut out);
            (session, after)
        });
        while let Some(run) = runs.recv().await {
            self.write(&run).await?;
        }
        // A command that panicked takes its connection along, and no other.
        let (session, after) = task.await.map_err(|_| End::Gone)?;
        self.session = Some(session);
        after.map_err(|Gone| End::Gone)
    }

    /// What the client says next, waiting for it as long as is right.
    async fn read(&mut self, expected: Expected) -> Result<Arrived, End> {
        loop {
            if let Some(arrived) = self.next_arrived(expected).await? {
                return Ok(arrived);
            }
            let authenticated = self.session.as_ref().is_some_and(Session::is_authenticated);
            let wait = if authenticated {
                self.limits.idle
            } else {
                self.limits.login
            };
            let mut run = [0; READ];
            match timeout(wait, self.stream.read(&mut run)).await {
                Ok(taken) => self.take_read(&run, taken)?,
                Err(_) => return Err(End::Told(Farewell::Silence)),
            }
        }
    }

    fn take_read(&mut self, run: &[u8], taken: std::io::Result<usize>) -> Result<(), End> {
        match taken {
            Ok(0) | Err(_) => Err(End::Gone),
            Ok(taken) => {
                self.unread.extend_from_slice(&run[..taken]);
                Ok(())
            }
        }
    }

    /// Goes on with what was read, answering announced literals. `None`: more must be read.
    async fn next_arrived(&mut self, expected: Expected) -> Result<Option<Arrived>, End> {
        loop {
            let unread = std::mem::take(&mut self.unread);
            let mut input = unread.as_slice();
            let step = self.take_frames(&mut input, expected);
            self.unread = input.to_vec();
            match step? {
                Step::NeedsMore => return Ok(None),
                Step::Arrived(arrived) => return Ok(Some(arrived)),
                Step::MayContinue => {
                    self.write(&Response::Continuation(b"Go on".to_vec()).encode())
                        .await?
                }
                Step::LiteralRefused(begun) => {
                    self.refuse(&begun, &Refused::TooBig).await?;
                }
            }
        }
    }

    fn take_frames(&mut self, input: &mut &[u8], expected: Expected) -> Result<Step, End> {
        while let Some(frame) = self
            .framer
            .next(input)
            .map_err(|error| End::Told(Farewell::Nonsense(error)))?
        {
            if let (Frame::Line(line), Expected::Line) = (&frame, expected) {
                return match line.ends {
                    Ends::Crlf => Ok(Step::Arrived(Arrived::Line(line.text().to_vec()))),
                    Ends::Literal(_) | Ends::Unfinished => Err(End::Gone),
                };
            }
            if let Frame::Line(line) = &frame {
                self.make_room(line);
            }
            let collected = self.collector.take(&frame);
            match (collected, frame) {
                (Collected::Whole(raw), _) => return Ok(Step::Arrived(Arrived::Command(raw))),
                (Collected::Overlong(raw), _) => return Ok(Step::Arrived(Arrived::Overlong(raw))),
                (Collected::More, Frame::Line(line)) => {
                    if let Some(step) = self.answer_literal(&line) {
                        return Ok(step);
                    }
                }
                (Collected::More, Frame::Octets { .. }) => {}
            }
        }
        Ok(Step::NeedsMore)
    }

    /// APPEND alone may be large, and only after the login.
    fn make_room(&mut self, line: &Line) {
        let authenticated = self.session.as_ref().is_some_and(Session::is_authenticated);
        if line.position == Position::First && authenticated {
            let append = matches!(Name::of_line(line.text()), Some((_, Name::Append)));
            let budget = if append {
                self.limits
                    .command_octets
                    .saturating_add(self.limits.message_octets)
            } else {
                self.limits.command_octets
            };
            self.collector = Collector::new(budget);
        }
    }

    fn answer_literal(&mut self, line: &Line) -> Option<Step> {
        let Ends::Literal(literal) = line.ends else {
            return None;
        };
        if literal.sync == Sync::NonSynchronising {
            return None;
        }
        let fits =
            usize::try_from(literal.octets).is_ok_and(|octets| octets <= self.collector.room());
        if fits {
            return Some(Step::MayContinue);
        }
        self.collector.clear();
        // Nothing of the literal has come, so the framer cannot be out of step.
        self.framer.literal_refused().ok()?;
        Some(Step::LiteralRefused(line.octets.clone()))
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), End> {
        match timeout(PATIENCE, self.stream.write_all(octets)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

/// What the frames so far call for.
enum Step {
    NeedsMore,
    Arrived(Arrived),
    MayContinue,
    LiteralRefused(Vec<u8>),
}

/// Why a command is not even tried.
enum Refused {
    Nonsense(CommandError),
    TooBig,
}

impl Refused {
    fn encode(&self, raw: &[u8]) -> Vec<u8> {
        let (tag, kind, code, text) = match self {
            Self::Nonsense(error) => (
                error.tag.clone(),
                StatusKind::Bad,
                Some(Code::ClientBug),
                "This is no command that is known",
            ),
            Self::TooBig => {
                let line = raw
                    .split(|&octet| octet == b'\r')
                    .next()
                    .unwrap_or_default();
                let tag = Name::of_line(line).map(|(tag, _)| tag);
                (
                    tag,
                    StatusKind::No,
                    Some(Code::TooBig),
                    "Larger than this store takes",
                )
            }
        };
        match tag {
            Some(tag) => Status::tagged(&tag, kind, code, text).encode(),
            None => Status::untagged(StatusKind::Bad, Some(Code::ClientBug), text).encode(),
        }
    }
}

impl Farewell {
    fn encode(&self) -> Vec<u8> {
        let text = match self {
            Self::Silence => "Too long a silence",
            Self::Nonsense(FrameError::LineTooLong) => "The line is too long",
            Self::Nonsense(FrameError::LiteralTooLarge(_)) => "The literal is too large",
            Self::Nonsense(
                FrameError::BareCr
                | FrameError::BareLf
                | FrameError::Nul
                | FrameError::LiteralOverflow
                | FrameError::StoreLiteralPlus,
            ) => "That is not IMAP",
        };
        Status::untagged(StatusKind::Bye, None, text).encode()
    }
}
