//! Lines and literals out of a stream of octets (RFC 9051 §4.3, RFC 7888), without looking into literals and without
//! holding them: memory is bounded by [`Limits::line`] whatever sizes are announced.
//!
//! The frames do not depend on where reads were cut, runs of a literal's octets excepted, which come as they arrived.
//! Laid end to end the frames are the stream. A framer that has failed stays failed: out of step is out of trust.

mod line;

use zeroize::Zeroize;

pub use self::line::{Binary, Ends, Line, Literal, Position, Sync};
use self::line::{announcement, without_crlf};

/// Who wrote the octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// Commands. Strict: a line that is not a proper one ends the connection.
    Client,
    /// Responses. A line may be of any length and comes in pieces.
    Store,
}

/// What a peer may make the framer accept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The longest line of a client, CRLF included; the longest piece of a store's line. At least [`Limits::SHORTEST`].
    pub line: usize,
    /// The largest literal that may be announced.
    pub literal: u64,
}

impl Limits {
    /// The least value of `line` that is used: enough for a status response's beginning and a literal announcement.
    pub const SHORTEST: usize = 128;
}

/// The next thing on the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Frame<'a> {
    /// A line, or a piece of one.
    Line(Line),
    /// Octets of the literal that the last line announced; never an empty run.
    Octets {
        /// As they arrived.
        run: &'a [u8],
        /// How many are still to come.
        left: u64,
    },
}

/// Why the stream cannot be followed any further. Always the writer's fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameError {
    /// A client's line is longer than [`Limits::line`].
    LineTooLong,
    /// A CR without LF in a client's line.
    BareCr,
    /// An LF without CR.
    BareLf,
    /// A NUL in a client's line.
    Nul,
    /// An announced literal is larger than [`Limits::literal`].
    LiteralTooLarge(Literal),
    /// An announced size is no 63-bit number (RFC 9051 §9, `number64`).
    LiteralOverflow,
    /// A store announced a non-synchronising literal, which only clients may (RFC 7888 §5).
    StoreLiteralPlus,
}

/// No refusable literal was awaited: none was announced, or its octets come in any case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoLiteralAwaited;

/// Cuts one direction of a connection into frames.
#[derive(Debug)]
pub struct Framer {
    side: Side,
    limits: Limits,
    state: State,
    /// The line so far; never longer than `limits.line`.
    held: Vec<u8>,
    position: Position,
    text: Text,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    InLine,
    /// `left` octets of a literal are to come.
    InLiteral {
        left: u64,
        refusal: Refusal,
    },
    Failed(FrameError),
}

/// Whether a literal's octets may still be called off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refusal {
    Possible,
    Impossible,
}

/// Whether a line's end may announce a literal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Text {
    /// It may.
    Structured,
    /// It is a status response's free text.
    Free,
}

impl Framer {
    /// A framer at the beginning of a connection's octets, or right behind a completed line.
    #[must_use]
    pub fn new(side: Side, limits: Limits) -> Self {
        let limits = Limits {
            line: limits.line.max(Limits::SHORTEST),
            ..limits
        };
        Self {
            side,
            limits,
            state: State::InLine,
            held: Vec::new(),
            position: Position::First,
            text: Text::Structured,
        }
    }

    /// Takes the next frame out of `input`, advancing it. `None`: all of `input` is taken and more octets are needed.
    ///
    /// # Errors
    /// When the writer broke a rule or a limit; from then on always the same.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        match self.state {
            State::Failed(error) => return Err(error),
            State::InLiteral { left: 1.., .. } => return Ok(self.run(input)),
            // A literal of no octets ends where the next octet comes, and not before: it may still be refused.
            State::InLiteral { left: 0, .. } if input.is_empty() => return Ok(None),
            State::InLiteral { left: 0, .. } => self.state = State::InLine,
            State::InLine => {}
        }
        let frame = self.line(input);
        if let Err(error) = frame {
            self.state = State::Failed(error);
        }
        frame
    }

    /// Whether the stream stands between two commands or responses.
    #[must_use]
    pub fn is_at_boundary(&self) -> bool {
        self.state == State::InLine && self.position == Position::First && self.held.is_empty()
    }

    /// A synchronising literal was refused: its announcer got a tagged answer instead of `+`, will not send the octets,
    /// and what comes next is a new command (RFC 9051 §4.3, RFC 7888 §3).
    ///
    /// A relay must hold a client's octets back between such an announcement and the answer, or a client that does
    /// not wait makes literal octets be read as commands.
    ///
    /// # Errors
    /// When no literal's octets are awaited, or they come in any case: then the stream is in step as it is.
    pub fn literal_refused(&mut self) -> Result<(), NoLiteralAwaited> {
        let State::InLiteral {
            refusal: Refusal::Possible,
            ..
        } = self.state
        else {
            return Err(NoLiteralAwaited);
        };
        self.state = State::InLine;
        self.position = Position::First;
        Ok(())
    }

    /// How many octets of a literal come next, before anything else can.
    #[must_use]
    pub fn literal_left(&self) -> u64 {
        match self.state {
            State::InLiteral { left, .. } => left,
            State::InLine | State::Failed(_) => 0,
        }
    }

    /// So many octets of the literal went by without being shown here. More than [`Self::literal_left`] are not taken:
    /// what is left of them is given back.
    pub fn pass(&mut self, octets: u64) -> u64 {
        let State::InLiteral { left, .. } = self.state else {
            return octets;
        };
        if octets > 0 {
            self.go_on_with(left.saturating_sub(octets));
        }
        octets.saturating_sub(left)
    }

    fn go_on_with(&mut self, left: u64) {
        self.state = match left {
            0 => State::InLine,
            1.. => State::InLiteral {
                left,
                refusal: Refusal::Impossible,
            },
        };
    }

    /// Takes octets of a literal.
    fn run<'a>(&mut self, input: &mut &'a [u8]) -> Option<Frame<'a>> {
        let State::InLiteral { left, .. } = self.state else {
            return None;
        };
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let (run, rest) = input
            .split_at_checked(count)
            .filter(|(run, _)| !run.is_empty())?;
        *input = rest;
        let left = left.saturating_sub(u64::try_from(count).unwrap_or(left));
        self.go_on_with(left);
        Some(Frame::Octets { run, left })
    }

    /// Takes octets of a line until it ends, or a piece of it is full.
    fn line<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        while let Some(&octet) = input.first() {
            self.check(octet)?;
            let room = self.limits.line.saturating_sub(self.held.len()).max(1);
            let plain = input
                .iter()
                .take(room)
                .take_while(|octet| !is_control(**octet))
                .count();
            let Some((taken, rest)) = input.split_at_checked(plain.max(1)) else {
                break;
            };
            self.held.extend_from_slice(taken);
            *input = rest;
            if octet == b'\n' {
                return self.complete().map(Some);
            }
            if self.held.len() >= self.limits.line {
                return self.full().map(Some);
            }
        }
        Ok(None)
    }

    /// Whether `octet` may come next in a line.
    fn check(&self, octet: u8) -> Result<(), FrameError> {
        let after_cr = self.held.last() == Some(&b'\r');
        match (self.side, octet) {
            // Whoever takes a bare LF for a line's end sees other lines than we do: refused from both sides.
            (Side::Client | Side::Store, b'\n') if !after_cr => Err(FrameError::BareLf),
            (Side::Client | Side::Store, b'\n') => Ok(()),
            (Side::Client, _) if after_cr => Err(FrameError::BareCr),
            (Side::Client, 0) => Err(FrameError::Nul),
            // Stores have been seen to quote NUL and CR out of broken mail. They end no line, and pass.
            (Side::Client | Side::Store, _) => Ok(()),
        }
    }

    /// The line has its CRLF.
    fn complete(&mut self) -> Result<Frame<'static>, FrameError> {
        let octets = std::mem::take(&mut self.held);
        self.classify(&octets);
        let announced = match self.text {
            Text::Structured => announcement(without_crlf(&octets))?,
            Text::Free => None,
        };
        let ends = match announced {
            None => Ends::Crlf,
            Some(literal) => Ends::Literal(self.announced(literal)?),
        };
        Ok(self.emit(octets, ends))
    }

    /// The line is as long as it may be, and has no end.
    fn full(&mut self) -> Result<Frame<'static>, FrameError> {
        match self.side {
            Side::Client => Err(FrameError::LineTooLong),
            Side::Store => {
                // Held back, so that an announcement is never cut.
                let kept = self
                    .held
                    .split_off(self.held.len().saturating_sub(HELD_BACK));
                let octets = std::mem::replace(&mut self.held, kept);
                self.classify(&octets);
                Ok(self.emit(octets, Ends::Unfinished))
            }
        }
    }

    /// Decides at the beginning of a command or response what its lines' ends mean.
    fn classify(&mut self, octets: &[u8]) {
        self.text = match (self.side, self.position) {
            (Side::Client, Position::First | Position::Continued) => Text::Structured,
            (Side::Store, Position::First) if is_status(octets) => Text::Free,
            (Side::Store, Position::First) => Text::Structured,
            (Side::Store, Position::Continued) => self.text,
        };
    }

    /// Accepts an announced literal.
    fn announced(&mut self, literal: Literal) -> Result<Literal, FrameError> {
        if literal.octets > self.limits.literal {
            return Err(FrameError::LiteralTooLarge(literal));
        }
        let refusal = match (self.side, literal.sync) {
            (Side::Client, Sync::Synchronising) => Refusal::Possible,
            (Side::Client, Sync::NonSynchronising) | (Side::Store, Sync::Synchronising) => {
                Refusal::Impossible
            }
            (Side::Store, Sync::NonSynchronising) => return Err(FrameError::StoreLiteralPlus),
        };
        self.state = State::InLiteral {
            left: literal.octets,
            refusal,
        };
        Ok(literal)
    }

    fn emit(&mut self, octets: Vec<u8>, ends: Ends) -> Frame<'static> {
        let next = match ends {
            Ends::Crlf => Position::First,
            Ends::Literal(_) | Ends::Unfinished => Position::Continued,
        };
        Frame::Line(Line {
            octets,
            position: std::mem::replace(&mut self.position, next),
            ends,
        })
    }
}

/// A line that was cut off may hold half a password.
impl Drop for Framer {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

/// More than the longest announcement, `~{`, twenty digits, `+}`, CRLF.
const HELD_BACK: usize = 32;

/// The words of untagged status responses: what follows them is text for people, which may well end in `{5}`.
const STATUS: [&[u8]; 5] = [b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"];

fn is_control(octet: u8) -> bool {
    matches!(octet, 0 | b'\r' | b'\n')
}

/// Whether a store's response is a status response or continuation, judged by its beginning.
fn is_status(octets: &[u8]) -> bool {
    match octets.strip_prefix(b"* ") {
        Some(rest) => {
            let end = rest
                .iter()
                .position(|octet| matches!(octet, b' ' | b'\r'))
                .unwrap_or(rest.len());
            rest.get(..end).is_some_and(|word| {
                STATUS
                    .iter()
                    .any(|status| word.eq_ignore_ascii_case(status))
            })
        }
        // A tagged response and a continuation are nothing else.
        None => octets.first() != Some(&b'*'),
    }
}

#[cfg(test)]
mod tests;
