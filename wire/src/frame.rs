//! Lines and literals out of a stream of octets (RFC 9051 §4.3, RFC 7888), without looking into literals and without
//! holding them: memory is bounded by [`Limits::line`] whatever sizes are announced.
//!
//! The frames do not depend on where reads were cut, runs of a literal's octets excepted, which come as they arrived.
//! Laid end to end the frames are the stream. A framer that has failed stays failed: out of step is out of trust.

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

/// Who waits for whom before a literal's octets (RFC 7888 §3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    /// `{n}`: a client waits for the `+` before it sends the octets. A store's literals are written so too.
    Synchronising,
    /// `{n+}`: the octets follow at once.
    NonSynchronising,
}

/// Whether a literal may hold NUL (RFC 3516 §7).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binary {
    /// `{n}`.
    No,
    /// `~{n}`, the literal8.
    Yes,
}

/// An announced literal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Literal {
    /// How many octets follow the line.
    pub octets: u64,
    /// Whether a client waits.
    pub sync: Sync,
    /// Whether NUL may occur.
    pub binary: Binary,
}

/// How a line ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ends {
    /// With CRLF alone: the command or response is complete.
    Crlf,
    /// With an announcement and CRLF: the literal's octets follow, then another line.
    Literal(Literal),
    /// Not yet: a store's line longer than [`Limits::line`] goes on in the next piece.
    Unfinished,
}

/// Where a line stands in its command or response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Position {
    /// It begins one.
    First,
    /// It follows a literal, or a piece of the same line.
    Continued,
}

/// A line, or a piece of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// Exactly as on the wire, CRLF and literal announcement included.
    pub octets: Vec<u8>,
    /// Where it stands.
    pub position: Position,
    /// How it ended.
    pub ends: Ends,
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
    /// A synchronising or other literal was announced and `left` of its `announced` octets are to come.
    InLiteral { left: u64, begun: Begun },
    Failed(FrameError),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Begun {
    No,
    Yes,
}

/// Whether a line's end may announce a literal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Text {
    /// It may.
    Structured,
    /// It is a status response's free text.
    Free,
}

/// A command's literal was not given up: none was announced, or its octets have begun to come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoLiteralAwaited;

impl Framer {
    /// A framer at the beginning of a connection's octets, or right behind a completed line.
    #[must_use]
    pub fn new(side: Side, limits: Limits) -> Self {
        let limits = Limits { line: limits.line.max(Limits::SHORTEST), ..limits };
        Self { side, limits, state: State::InLine, held: Vec::new(), position: Position::First, text: Text::Structured }
    }

    /// Takes the next frame out of `input`, advancing it. `None`: all of `input` is taken and more octets are needed.
    ///
    /// # Errors
    /// When the writer broke a rule or a limit; from then on always the same.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        todo!()
    }

    /// Whether the stream stands between two commands or responses.
    #[must_use]
    pub fn is_at_boundary(&self) -> bool {
        todo!()
    }

    /// A synchronising literal was refused: its announcer got a tagged answer instead of `+`, will not send the octets,
    /// and what comes next is a new command (RFC 9051 §4.3, RFC 7888 §3).
    ///
    /// A relay must hold a client's octets back between such an announcement and the answer, or a client that does
    /// not wait makes literal octets be read as commands.
    ///
    /// # Errors
    /// When no literal's octets are awaited, or some have come: then the stream is in step as it is.
    pub fn literal_refused(&mut self) -> Result<(), NoLiteralAwaited> {
        todo!()
    }
}

impl Line {
    /// The line without CRLF and without literal announcement.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        todo!()
    }
}
