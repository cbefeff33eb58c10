//! Commands out, responses in: one command at a time, everything bounded in octets, number and time.
//! Never interprets what a response says; that is for the modules named after the commands.

mod pipeline;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use wire::imap::response::{Answers, Status, StatusKind};
use wire::imap::{Command, CommandBody, Encoded, Literals, Response, Tag};
use wire::{Collected, Collector, Confidential, Ends, Frame, Framer, Limits, Side};

use crate::Error;
use crate::air::{Arriving, Counted, Meter};
use crate::error::{ProtocolFault, Said, Step};

/// Octets read at once.
const READ: usize = 16 * 1024;
/// The longest piece of a line that the framer holds.
const LINE: usize = 8 * 1024;

/// How long to wait for what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadlines {
    /// For the connection and the TLS handshake together.
    pub connect: Duration,
    /// Between two octets of the server, and for it to take ours.
    pub silence: Duration,
    /// For one command from its first octet to the end of its answer. Generous: on a satellite line 40 KB take two minutes.
    pub answer: Duration,
}

impl Deadlines {
    /// For lines as thin as a satellite telephone's.
    pub const PATIENT: Self = Self {
        connect: Duration::from_secs(60),
        silence: Duration::from_secs(60),
        answer: Duration::from_secs(1800),
    };
}

/// How much one command's answer may bring.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Octets of one response.
    pub response: usize,
    /// Octets of all together.
    pub total: usize,
    /// How many.
    pub responses: usize,
}

impl Bounds {
    /// For answers that are a few lines.
    pub const SMALL: Self = Self::of(64 * 1024);

    /// For an answer whose largest part has `octets`.
    #[must_use]
    pub const fn of(octets: usize) -> Self {
        // Room for what else a server may say meanwhile.
        Self {
            response: octets.saturating_add(64 * 1024),
            total: octets.saturating_add(256 * 1024),
            responses: 4096,
        }
    }
}

/// Anything octets go over.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What one command brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The command's tag.
    pub tag: Tag,
    /// Untagged responses in their order, what the server said of other things among them.
    pub untagged: Vec<Response>,
    /// How it ended.
    pub status: Status,
}

impl Answer {
    /// The untagged responses, if the command was done.
    ///
    /// # Errors
    /// [`Error::Refused`] where it was not.
    pub fn done(self) -> Result<Vec<Response>, Error> {
        match self.status.kind {
            StatusKind::Ok => Ok(self.untagged),
            StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth => {
                Err(Error::Refused(self.said()))
            }
        }
    }

    /// What the server said at the end.
    #[must_use]
    pub fn said(&self) -> Said {
        Said::new(&self.status.text)
    }
}

/// One connection, between two commands.
pub(crate) struct Exchange {
    stream: Box<dyn Stream>,
    meter: Meter,
    deadlines: Deadlines,
    framer: Framer,
    /// Octets that came and are not framed yet.
    arrived: Vec<u8>,
    literals: Literals,
    commands: u32,
}

impl Exchange {
    /// Over a stream that counts into `meter` already.
    pub(crate) fn new(stream: Box<dyn Stream>, meter: Meter, deadlines: Deadlines) -> Self {
        // What is announced is held against each command's own bounds, which are far below this.
        let limits = Limits {
            line: LINE,
            literal: u64::from(u32::MAX),
        };
        Self {
            stream,
            meter,
            deadlines,
            framer: Framer::new(Side::Store, limits),
            arrived: Vec::new(),
            literals: Literals::Synchronising,
            commands: 0,
        }
    }

    /// Over a bare stream, whose octets are counted here.
    pub(crate) fn counting(stream: impl Stream + 'static, deadlines: Deadlines) -> Self {
        let meter = Meter::default();
        let counted = Counted::new(stream, meter.clone());
        Self::new(Box::new(counted), meter, deadlines)
    }

    pub(crate) fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// From now on literals are sent so.
    pub(crate) fn send_literals(&mut self, literals: Literals) {
        self.literals = literals;
    }

    /// The server's first response.
    pub(crate) async fn greeting(&mut self) -> Result<Status, Error> {
        let deadline = self.deadlines.connect;
        let first = timeout(deadline, self.response(Bounds::SMALL.response)).await;
        let (first, _octets) = first.map_err(|_| Error::Deadline(Step::Connect))??;
        if let Response::Status(status) = first
            && status.answers == Answers::Untagged
        {
            return Ok(status);
        }
        Err(Error::Protocol(ProtocolFault::Syntax))
    }

    /// Runs one command. After any error the connection is out of step and of no more use.
    pub(crate) async fn run(&mut self, body: CommandBody, bounds: Bounds) -> Result<Answer, Error> {
        self.run_answering(body, None, bounds).await
    }

    /// Runs a command that answers one `+` of the server with a line of its own.
    pub(crate) async fn run_answering(
        &mut self,
        body: CommandBody,
        line: Option<Confidential>,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let deadline = self.deadlines.answer;
        let run = timeout(deadline, self.converse(body, line, bounds)).await;
        run.map_err(|_| Error::Deadline(Step::Answer))?
    }

    async fn converse(
        &mut self,
        body: CommandBody,
        mut line: Option<Confidential>,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let tag = self.next_tag()?;
        let encoded = Command {
            tag: tag.clone(),
            body,
        }
        .encode(self.literals);
        let mut gathering = Gathering::new(tag, bounds);
        if let Some(answer) = self.send(&encoded, &mut gathering).await? {
            return Ok(answer);
        }
        loop {
            match self.next(&mut gathering).await? {
                Next::Done(answer) => return Ok(answer),
                Next::GoOn => {
                    let line = line.take().ok_or(Error::Protocol(ProtocolFault::Syntax))?;
                    self.write(line.expose()).await?;
                    self.write(b"\r\n").await?;
                }
            }
        }
    }

    /// Sends a command, waiting for `+` where a literal wants it. An answer this early means that the literal was refused.
    async fn send(
        &mut self,
        encoded: &Encoded,
        gathering: &mut Gathering,
    ) -> Result<Option<Answer>, Error> {
        let mut pieces = encoded.pieces().peekable();
        while let Some(piece) = pieces.next() {
            self.write(piece).await?;
            if pieces.peek().is_none() {
                break;
            }
            if let Next::Done(answer) = self.next(gathering).await? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), Error> {
        let stream = &mut self.stream;
        let written = timeout(self.deadlines.silence, async {
            stream.write_all(octets).await?;
            stream.flush().await
        });
        written
            .await
            .map_err(|_| Error::Deadline(Step::Send))?
            .map_err(Error::Network)
    }

    /// Takes responses until the command ends or the server wants more.
    async fn next(&mut self, gathering: &mut Gathering) -> Result<Next, Error> {
        loop {
            let room = gathering.room()?;
            let (response, octets) = self.response(room).await?;
            if let Some(next) = gathering.take(response, octets)? {
                return Ok(next);
            }
        }
    }

    /// One whole response of at most `budget` octets, and how many it had.
    async fn response(&mut self, budget: usize) -> Result<(Response, usize), Error> {
        let mut collector = Collector::new(budget);
        loop {
            let mut input = self.arrived.as_slice();
            let taken = collect(&mut self.framer, &mut collector, &mut input, &self.meter)?;
            let left = input.len();
            let framed = self.arrived.len().saturating_sub(left);
            self.arrived.drain(..framed);
            if let Some(raw) = taken {
                let parsed =
                    Response::parse(&raw).map_err(|_| Error::Protocol(ProtocolFault::Syntax));
                return Ok((parsed?, raw.len()));
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<(), Error> {
        let start = self.arrived.len();
        self.arrived.resize(start.saturating_add(READ), 0);
        let room = self.arrived.get_mut(start..).unwrap_or_default();
        let read = timeout(self.deadlines.silence, self.stream.read(room)).await;
        let count = read
            .map_err(|_| Error::Deadline(Step::Silence))?
            .map_err(Error::Network)?;
        self.arrived.truncate(start.saturating_add(count));
        if count == 0 {
            return Err(Error::Closed(Said::default()));
        }
        Ok(())
    }

    fn next_tag(&mut self) -> Result<Tag, Error> {
        self.commands = self.commands.wrapping_add(1);
        Tag::new(&format!("H{}", self.commands)).ok_or(Error::Protocol(ProtocolFault::Syntax))
    }
}

/// Feeds what arrived through framer and collector until one response is whole.
fn collect(
    framer: &mut Framer,
    collector: &mut Collector,
    input: &mut &[u8],
    meter: &Meter,
) -> Result<Option<Vec<u8>>, Error> {
    while let Some(frame) = framer
        .next(input)
        .map_err(|_| Error::Protocol(ProtocolFault::Framing))?
    {
        refuse_too_large(&frame, collector)?;
        note(&frame, meter);
        match collector.take(&frame) {
            Collected::More => {}
            Collected::Whole(raw) => return Ok(Some(raw)),
            Collected::Overlong(_) => return Err(Error::Protocol(ProtocolFault::TooLarge)),
        }
    }
    Ok(None)
}

/// What is over the bounds is refused at once: a literal when it is announced, before its octets are paid for, and a line
/// without end before its end.
fn refuse_too_large(frame: &Frame<'_>, collector: &Collector) -> Result<(), Error> {
    let wanted = match frame {
        Frame::Octets { run, .. } => run.len(),
        Frame::Line(line) => match &line.ends {
            Ends::Literal(literal) => {
                let announced = usize::try_from(literal.octets).unwrap_or(usize::MAX);
                announced.saturating_add(line.octets.len())
            }
            Ends::Crlf | Ends::Unfinished => line.octets.len(),
        },
    };
    if wanted > collector.room() {
        return Err(Error::Protocol(ProtocolFault::TooLarge));
    }
    Ok(())
}

/// Tells who watches the meter how far a literal has come.
fn note(frame: &Frame<'_>, meter: &Meter) {
    let arriving = match frame {
        Frame::Octets { left, .. } => {
            let announced = meter.arriving().announced;
            Arriving {
                here: announced.saturating_sub(*left),
                announced,
            }
        }
        Frame::Line(line) => match &line.ends {
            Ends::Literal(literal) => Arriving {
                here: 0,
                announced: literal.octets,
            },
            Ends::Crlf | Ends::Unfinished => Arriving::default(),
        },
    };
    meter.note(arriving);
}

enum Next {
    Done(Answer),
    GoOn,
}

/// What came so far for one command.
struct Gathering {
    tag: Tag,
    untagged: Vec<Response>,
    bounds: Bounds,
}

impl Gathering {
    fn new(tag: Tag, bounds: Bounds) -> Self {
        Self {
            tag,
            untagged: Vec::new(),
            bounds,
        }
    }

    /// What the next response may have.
    fn room(&self) -> Result<usize, Error> {
        if self.bounds.responses == 0 {
            return Err(Error::Protocol(ProtocolFault::TooMany));
        }
        if self.bounds.total == 0 {
            return Err(Error::Protocol(ProtocolFault::TooLarge));
        }
        Ok(self.bounds.response.min(self.bounds.total))
    }

    fn take(&mut self, response: Response, octets: usize) -> Result<Option<Next>, Error> {
        self.bounds.total = self.bounds.total.saturating_sub(octets);
        self.bounds.responses = self.bounds.responses.saturating_sub(1);
        if let Response::Continuation(_) = response {
            return Ok(Some(Next::GoOn));
        }
        if let Response::Status(status) = response {
            return self.take_status(status);
        }
        self.untagged.push(response);
        Ok(None)
    }

    fn take_status(&mut self, status: Status) -> Result<Option<Next>, Error> {
        if status.kind == StatusKind::Bye {
            return Err(Error::Closed(Said::new(&status.text)));
        }
        match &status.answers {
            Answers::Command(tag) if *tag == self.tag => {
                let untagged = std::mem::take(&mut self.untagged);
                Ok(Some(Next::Done(Answer {
                    tag: tag.clone(),
                    untagged,
                    status,
                })))
            }
            // One command at a time: an answer to another is an answer to none.
            Answers::Command(_) => Err(Error::Protocol(ProtocolFault::Syntax)),
            Answers::Untagged => {
                self.untagged.push(Response::Status(status));
                Ok(None)
            }
        }
    }
}
