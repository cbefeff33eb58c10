//! A store's first words, up to the list of what it can do: as octets in and steps out, without a socket.
//!
//! A store that greets with BYE or PREAUTH is refused, so is one that says more than a few sentences. What a store said in
//! clear before STARTTLS is not believed afterwards, and nothing may follow its answer in clear (RFC 9051 §11.1).

use wire::{
    Collected, Collector, Frame, Framer, Limits, Side,
    imap::{Capabilities, Code, Response, Status, StatusKind},
};

/// The most octets that a store may say before it has told what it can do.
const OPENING: usize = 64 * 1024;

/// The longest line taken in one piece.
const LINE: usize = 8192;

/// Tag of the two commands; the session's own come after their answers.
const TAG: &str = "K0";
const ASK: &[u8] = b"K0 CAPABILITY\r\n";
const STARTTLS: &[u8] = b"K0 STARTTLS\r\n";

/// Follows a store's first words.
#[derive(Debug)]
pub struct Opening {
    stage: Stage,
    framer: Framer,
    collector: Collector,
    /// How many more octets the store may say.
    left: usize,
    told: Option<Capabilities>,
}

/// What is awaited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// The greeting; then the capabilities, if it does not tell them.
    Greeting,
    /// The greeting, then STARTTLS.
    GreetingInClear,
    StartTls,
    Capability,
}

/// What the shell must do next.
#[derive(Debug, Eq, PartialEq)]
pub enum Step {
    /// Read more.
    NeedOctets,
    /// Send this, then go on.
    Send(&'static [u8]),
    /// Begin the TLS handshake, and forget this opening.
    StartTls,
    /// Done: this is what the store can do. What is left of the octets is the session's.
    Open(Capabilities),
}

/// Why a store is not used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// It greeted with BYE, or said BYE afterwards.
    Bye,
    /// Somebody unknown is logged in already (RFC 9051 §7.1.4).
    PreAuth,
    /// It greeted in no known way (RFC 9051 §7.1).
    NoGreeting,
    /// It says too much, or breaks the framing.
    Unbounded,
    /// It does not tell what it can do.
    NoCapability,
    /// It refuses STARTTLS.
    NoStartTls,
    /// Octets in clear followed the answer to STARTTLS, or came before the command: somebody is on the line.
    Injected,
}

impl Refused {
    /// The same for the log.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Bye => "BYE",
            Self::PreAuth => "PREAUTH",
            Self::NoGreeting => "it greeted in no known way",
            Self::Unbounded => "it says too much before a login",
            Self::NoCapability => "it does not tell its capabilities",
            Self::NoStartTls => "it refuses STARTTLS",
            Self::Injected => "octets in clear around STARTTLS",
        }
    }
}

impl Opening {
    /// Of a connection that is protected already, or need not be.
    #[must_use]
    pub fn new() -> Self {
        Self::at(Stage::Greeting)
    }

    /// Of a connection that is to be protected by STARTTLS.
    #[must_use]
    pub fn in_clear() -> Self {
        Self::at(Stage::GreetingInClear)
    }

    /// Of a connection whose STARTTLS has just been done, and the command to send: there is no second greeting, and
    /// everything from before is forgotten.
    #[must_use]
    pub fn protected() -> (Self, &'static [u8]) {
        (Self::at(Stage::Capability), ASK)
    }

    fn at(stage: Stage) -> Self {
        let literal = u64::try_from(OPENING).unwrap_or(u64::MAX);
        let limits = Limits {
            line: LINE,
            literal,
        };
        Self {
            stage,
            framer: Framer::new(Side::Store, limits),
            collector: Collector::new(OPENING),
            left: OPENING,
            told: None,
        }
    }

    /// Takes octets of the store, advancing `input`, up to the next step.
    ///
    /// # Errors
    /// [`Refused`]; the connection is of no use then.
    pub fn take(&mut self, input: &mut &[u8]) -> Result<Step, Refused> {
        while let Some(raw) = self.response(input)? {
            let response = Response::parse(&raw).map_err(|_| self.unreadable())?;
            let step = self.step(response)?;
            let sends_or_starts = matches!(step, Step::StartTls | Step::Send(STARTTLS));
            if sends_or_starts && !input.is_empty() {
                return Err(Refused::Injected);
            }
            if step != Step::NeedOctets {
                return Ok(step);
            }
        }
        Ok(Step::NeedOctets)
    }

    /// The next whole response.
    fn response(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        loop {
            let before = input.len();
            let frame: Option<Frame<'_>> =
                self.framer.next(input).map_err(|_| Refused::Unbounded)?;
            let taken = before.saturating_sub(input.len());
            self.left = self.left.checked_sub(taken).ok_or(Refused::Unbounded)?;
            let Some(frame) = frame else {
                return Ok(None);
            };
            match self.collector.take(&frame) {
                Collected::More => {}
                Collected::Whole(raw) => return Ok(Some(raw)),
                Collected::Overlong(_) => return Err(Refused::Unbounded),
            }
        }
    }

    fn step(&mut self, response: Response) -> Result<Step, Refused> {
        match self.stage {
            Stage::Greeting | Stage::GreetingInClear => self.greeting(response),
            Stage::StartTls => match completed(response)? {
                Answer::Done => Ok(Step::StartTls),
                Answer::Refused => Err(Refused::NoStartTls),
                Answer::Data(_) => Ok(Step::NeedOctets),
            },
            Stage::Capability => match completed(response)? {
                Answer::Data(Response::Capability(list)) => {
                    self.told = Some(list);
                    Ok(Step::NeedOctets)
                }
                Answer::Data(_) => Ok(Step::NeedOctets),
                Answer::Done => self
                    .told
                    .take()
                    .map(Step::Open)
                    .ok_or(Refused::NoCapability),
                Answer::Refused => Err(Refused::NoCapability),
            },
        }
    }

    /// RFC 9051 §7.1: OK, PREAUTH or BYE, and nothing before it.
    fn greeting(&mut self, response: Response) -> Result<Step, Refused> {
        let Response::Status(status) = response else {
            return Err(Refused::NoGreeting);
        };
        if status.tag().is_some() {
            return Err(Refused::NoGreeting);
        }
        match status.kind {
            StatusKind::Ok => Ok(self.greeted(status)),
            StatusKind::Bye => Err(Refused::Bye),
            StatusKind::PreAuth => Err(Refused::PreAuth),
            StatusKind::No | StatusKind::Bad => Err(Refused::NoGreeting),
        }
    }

    fn greeted(&mut self, status: Status) -> Step {
        if self.stage == Stage::GreetingInClear {
            self.stage = Stage::StartTls;
            return Step::Send(STARTTLS);
        }
        if let Some(Code::Capability(list)) = status.code {
            return Step::Open(list);
        }
        self.stage = Stage::Capability;
        Step::Send(ASK)
    }

    fn unreadable(&self) -> Refused {
        match self.stage {
            Stage::Greeting | Stage::GreetingInClear => Refused::NoGreeting,
            Stage::StartTls => Refused::NoStartTls,
            Stage::Capability => Refused::NoCapability,
        }
    }
}

impl Default for Opening {
    fn default() -> Self {
        Self::new()
    }
}

/// What a response is to our one command.
enum Answer {
    Done,
    Refused,
    Data(Response),
}

fn completed(response: Response) -> Result<Answer, Refused> {
    let Response::Status(status) = &response else {
        return Ok(Answer::Data(response));
    };
    match (status.tag(), status.kind) {
        (None, StatusKind::Bye) => Err(Refused::Bye),
        (None, StatusKind::PreAuth) => Err(Refused::PreAuth),
        (None, StatusKind::Ok | StatusKind::No | StatusKind::Bad) => Ok(Answer::Data(response)),
        (Some(tag), StatusKind::Ok) if tag.as_str() == TAG => Ok(Answer::Done),
        (Some(_), _) => Ok(Answer::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every step up to the end, and what is left of the octets.
    fn play(mut opening: Opening, parts: &[&[u8]]) -> (Result<Vec<Step>, Refused>, Vec<u8>) {
        let mut steps = Vec::new();
        let mut rest = Vec::new();
        for part in parts {
            rest.extend_from_slice(part);
            let octets = std::mem::take(&mut rest);
            let mut input = octets.as_slice();
            while !matches!(steps.last(), Some(Step::StartTls | Step::Open(_))) {
                match opening.take(&mut input) {
                    Ok(Step::NeedOctets) => break,
                    Ok(step) => steps.push(step),
                    Err(refused) => return (Err(refused), input.to_vec()),
                }
            }
            rest = input.to_vec();
        }
        (Ok(steps), rest)
    }

    fn open(names: &[&str]) -> Step {
        Step::Open(Capabilities::of(names))
    }

    #[test]
    fn capabilities_in_the_greeting_are_enough() {
        let (steps, rest) = play(
            Opening::new(),
            &[b"* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n* surplus"],
        );
        assert_eq!(steps, Ok(vec![open(&["IMAP4rev1", "IDLE"])]));
        assert_eq!(rest, b"* surplus");
    }

    #[test]
    fn otherwise_they_are_asked_for() {
        let (steps, rest) = play(
            Opening::new(),
            &[
                b"* OK hi\r\n",
                b"* OK still here\r\n* CAPABILITY IMAP4rev1\r\nK0 OK done\r\n",
            ],
        );
        assert_eq!(steps, Ok(vec![Step::Send(ASK), open(&["IMAP4rev1"])]));
        assert!(rest.is_empty());
    }

    #[test]
    fn a_store_that_greets_otherwise_is_refused() {
        for (greeting, refused) in [
            (&b"* BYE busy\r\n"[..], Refused::Bye),
            (b"* PREAUTH joe\r\n", Refused::PreAuth),
            (b"* NO\r\n", Refused::NoGreeting),
            (b"* CAPABILITY IMAP4rev1\r\n", Refused::NoGreeting),
            (b"K0 OK hi\r\n", Refused::NoGreeting),
            (b"+ hi\r\n", Refused::NoGreeting),
            (b"SSH-2.0-x\r\n", Refused::NoGreeting),
            (b"\r\n", Refused::NoGreeting),
        ] {
            assert_eq!(play(Opening::new(), &[greeting]).0, Err(refused));
            assert_eq!(play(Opening::in_clear(), &[greeting]).0, Err(refused));
        }
    }

    #[test]
    fn nothing_is_carried_over_starttls() {
        let ok = b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=EVIL] hi\r\n";
        let done = b"K0 OK go\r\n";
        let (steps, _) = play(Opening::in_clear(), &[ok, done]);
        assert_eq!(steps, Ok(vec![Step::Send(STARTTLS), Step::StartTls]));
        let injected = [&done[..], b"* CAPABILITY AUTH=EVIL\r\n"].concat();
        let (steps, _) = play(Opening::in_clear(), &[ok, &injected]);
        assert_eq!(steps, Err(Refused::Injected));
        let early = [&ok[..], done].concat();
        let (steps, _) = play(Opening::in_clear(), &[&early]);
        assert_eq!(
            steps,
            Err(Refused::Injected),
            "answered before it was asked"
        );
        let (steps, _) = play(Opening::in_clear(), &[ok, b"K0 NO\r\n"]);
        assert_eq!(steps, Err(Refused::NoStartTls));
        let (opening, ask) = Opening::protected();
        assert_eq!(ask, ASK);
        let (steps, _) = play(opening, &[b"* CAPABILITY IMAP4rev1\r\nK0 OK\r\n"]);
        assert_eq!(steps, Ok(vec![open(&["IMAP4rev1"])]));
    }

    #[test]
    fn a_greeting_without_end_ends() {
        let mut opening = Opening::new();
        let line = [b"* OK ".to_vec(), vec![b'x'; 4096]].concat();
        let end = (0..1000).find_map(|_| opening.take(&mut line.as_slice()).err());
        assert_eq!(end, Some(Refused::Unbounded));
        let chatter = b"* OK hi\r\n".repeat(20_000);
        assert_eq!(
            play(Opening::new(), &[&chatter]).0,
            Err(Refused::Unbounded),
            "many short ones"
        );
        let literal = b"* ID (\"name\" {4294967296}\r\n";
        assert_eq!(
            play(Opening::protected().0, &[literal]).0,
            Err(Refused::Unbounded),
            "announced only"
        );
    }

    #[test]
    fn the_steps_do_not_depend_on_where_reads_end() {
        let octets = b"* OK hi\r\n* CAPABILITY IMAP4rev1 IDLE\r\nK0 OK done\r\nrest";
        let whole = play(Opening::new(), &[octets]);
        for cut in 0..=octets.len() {
            let (first, second) = octets.split_at(cut);
            assert_eq!(
                play(Opening::new(), &[first, second]),
                whole,
                "cut at {cut}"
            );
        }
    }
}
