//! One section's octets out of a store's frames, for a FETCH of our own among the client's traffic.
//!
//! The command is [`PartReader::command`]. The reader follows every frame of the store's side and says of each whether it
//! belongs to that answer or is the client's. It holds no octet of the section. While it runs, no FETCH of the client's
//! may be under way that asks for the same section of the same message: the two answers look alike.

use super::command::{Addressing, CommandBody};
use super::cursor::{Cursor, Parsed};
use super::fetch::{FetchAttribute, FetchItem, FetchResponse, Seen, label, nstring8};
use super::section::{Partial, Section};
use super::sequence::{SeqNum, SequenceSet, Uid};
use crate::frame::{Ends, Frame, Line, Position};

/// What a frame is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PartEvent<'f> {
    /// Not ours: pass it on.
    Relay,
    /// Ours, and nothing to do for it.
    Taken,
    /// Ours: the section begins and is so many octets long.
    Begin {
        /// The length of all runs that follow.
        octets: u64,
    },
    /// Ours: the next octets of the section.
    Octets(&'f [u8]),
    /// Ours: the response whose octets came in runs has ended.
    Done(PartDone),
    /// Ours: the whole response came in a line, the section as a quoted string, or as NIL: there is no such part.
    Whole(Option<Vec<u8>>, PartDone),
}

/// What else the response said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PartDone {
    /// Whether the response named the UID that was asked for.
    pub uid: UidTold,
    /// A response without the section, to be told the client: only if there is anything in it but the UID.
    pub others: Option<FetchResponse>,
}

/// Whether a response is about the right message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UidTold {
    /// It is.
    Right,
    /// It named no UID or another one: what came must not be used.
    Wrong,
}

/// Follows a store's frames for one section of one message.
#[derive(Debug)]
pub struct PartReader {
    uid: Uid,
    section: Section,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Between responses.
    Between,
    /// In a response that is the client's.
    Others,
    /// Within our section's literal.
    Part(FetchResponse),
    /// Behind our section, over literals that nobody asked for.
    Tail(FetchResponse),
}

/// What the first line of a FETCH response came to.
enum Began {
    /// Up to our section, which is a literal.
    Literal(FetchResponse),
    /// To its end, our section within.
    Whole(Option<Vec<u8>>, FetchResponse),
}

impl PartReader {
    /// A reader for the answer to [`PartReader::command`].
    #[must_use]
    pub fn new(uid: Uid, section: Section) -> Self {
        Self {
            uid,
            section,
            state: State::Between,
        }
    }

    /// The command whose answer this reads: `UID FETCH n (UID BODY.PEEK[section])`.
    #[must_use]
    pub fn command(&self) -> CommandBody {
        let section = FetchItem::Section {
            section: self.section.clone(),
            partial: None,
            seen: Seen::Peek,
        };
        let items = vec![FetchItem::Uid, section];
        CommandBody::Fetch {
            addressing: Addressing::Uid,
            set: SequenceSet::uid(self.uid),
            items,
        }
    }

    /// Takes the next frame of the store's side.
    pub fn take<'f>(&mut self, frame: &'f Frame<'_>) -> PartEvent<'f> {
        match (std::mem::replace(&mut self.state, State::Between), frame) {
            (State::Between, Frame::Line(line)) if line.position == Position::First => {
                self.begin(line)
            }
            (State::Between | State::Others, Frame::Line(line)) => self.pass(line),
            (State::Between | State::Others, Frame::Octets { .. }) => {
                self.state = State::Others;
                PartEvent::Relay
            }
            (State::Part(response), Frame::Octets { run, .. }) => {
                self.state = State::Part(response);
                PartEvent::Octets(run)
            }
            (State::Part(mut response), Frame::Line(line)) => {
                // What cannot be read here is not told; the section itself has come.
                if let Ok(attributes) = self.tail(line.text()) {
                    response.attributes.extend(attributes);
                }
                self.end(line, response)
            }
            (State::Tail(response), Frame::Octets { .. }) => {
                self.state = State::Tail(response);
                PartEvent::Taken
            }
            (State::Tail(response), Frame::Line(line)) => self.end(line, response),
        }
    }

    /// A line that begins a response.
    fn begin(&mut self, line: &Line) -> PartEvent<'static> {
        match (self.first_line(line.text()), line.ends) {
            (Ok(Began::Literal(response)), Ends::Literal(literal))
                if self.may_be_ours(&response) =>
            {
                self.state = State::Part(response);
                PartEvent::Begin {
                    octets: literal.octets,
                }
            }
            (Ok(Began::Whole(octets, response)), Ends::Crlf) if self.may_be_ours(&response) => {
                PartEvent::Whole(octets, self.done(response))
            }
            _ => self.pass(line),
        }
    }

    /// A line of a response that is the client's.
    fn pass(&mut self, line: &Line) -> PartEvent<'static> {
        self.state = match line.ends {
            Ends::Crlf => State::Between,
            Ends::Literal(_) | Ends::Unfinished => State::Others,
        };
        PartEvent::Relay
    }

    /// A line behind our section.
    fn end(&mut self, line: &Line, response: FetchResponse) -> PartEvent<'static> {
        match line.ends {
            Ends::Crlf => PartEvent::Done(self.done(response)),
            Ends::Literal(_) | Ends::Unfinished => {
                self.state = State::Tail(response);
                PartEvent::Taken
            }
        }
    }

    /// Whether the response names no other message so far.
    fn may_be_ours(&self, response: &FetchResponse) -> bool {
        response.uid().is_none_or(|uid| uid == self.uid)
    }

    fn done(&self, response: FetchResponse) -> PartDone {
        let uid = if response.uid() == Some(self.uid) {
            UidTold::Right
        } else {
            UidTold::Wrong
        };
        let telling = |attribute: &FetchAttribute| {
            !matches!(
                attribute,
                FetchAttribute::Uid(_) | FetchAttribute::Unknown(_)
            )
        };
        let others = response.attributes.iter().any(telling).then_some(response);
        PartDone { uid, others }
    }

    /// Reads `* n FETCH (` and attributes, as far as the line goes.
    fn first_line(&self, text: &[u8]) -> Parsed<Began> {
        let mut cursor = Cursor::new(text);
        cursor.expect(b'*')?;
        cursor.space()?;
        let message = SeqNum::parse(&mut cursor)?;
        cursor.space()?;
        if !cursor.eat_word(b"FETCH") {
            return cursor.unexpected();
        }
        cursor.space()?;
        cursor.expect(b'(')?;
        self.attributes(message, &mut cursor)
    }

    fn attributes(&self, message: SeqNum, cursor: &mut Cursor<'_>) -> Parsed<Began> {
        let mut response = FetchResponse {
            message,
            attributes: Vec::new(),
        };
        loop {
            if self.is_at_section(cursor) {
                self.section_label(cursor)?;
                if cursor.is_at_end() {
                    return Ok(Began::Literal(response));
                }
                let octets = nstring8(cursor)?;
                response.attributes.extend(self.rest(cursor)?);
                return Ok(Began::Whole(octets, response));
            }
            response.attributes.push(FetchAttribute::parse(cursor)?);
            cursor.space()?;
        }
    }

    /// Whether our section's label comes next.
    fn is_at_section(&self, cursor: &Cursor<'_>) -> bool {
        self.section_label(&mut cursor.clone()).is_ok()
    }

    /// Reads `BODY[section] `.
    fn section_label(&self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let name = label(cursor)?;
        let section = Section::parse_bracketed(cursor)?;
        let origin = Partial::parse_origin(cursor)?;
        cursor.space()?;
        if name.eq_ignore_ascii_case(b"BODY") && section == self.section && origin.is_none() {
            Ok(())
        } else {
            cursor.unexpected()
        }
    }

    /// Reads the line behind our section's literal, up to another literal.
    fn tail(&self, text: &[u8]) -> Parsed<Vec<FetchAttribute>> {
        self.rest(&mut Cursor::new(text))
    }

    /// Reads attributes, each behind a space, and `)`.
    fn rest(&self, cursor: &mut Cursor<'_>) -> Parsed<Vec<FetchAttribute>> {
        let mut attributes = Vec::new();
        while cursor.eat(b' ') {
            attributes.push(FetchAttribute::parse(cursor)?);
        }
        cursor.expect(b')')?;
        cursor.end()?;
        Ok(attributes)
    }
}

#[cfg(test)]
mod tests;
