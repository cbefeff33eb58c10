//! One whole command or response in one piece, within a budget, for the parsers of [`crate::imap`].
//!
//! Only what must be understood is collected; what is relayed passes as frames. Beyond its budget the collector keeps
//! nothing more but still follows the frames to the end, so that its user answers once and stays in step.

use zeroize::Zeroize;

use crate::frame::{Ends, Frame};

/// What a frame brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Collected {
    /// The command or response goes on.
    More,
    /// All of it, as on the wire, CRLF and literals included.
    Whole(Vec<u8>),
    /// It ended, but was over budget: its beginning, enough to read a tag from.
    Overlong(Vec<u8>),
}

/// Collects frames until a command or response is whole.
#[derive(Debug)]
pub struct Collector {
    budget: usize,
    held: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Within,
    Overlong,
}

impl Collector {
    /// A collector that holds at most `budget` octets.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self {
            budget,
            held: Vec::new(),
            state: State::Within,
        }
    }

    /// Takes the next frame; the collector is empty again after [`Collected::Whole`] and [`Collected::Overlong`].
    pub fn take(&mut self, frame: &Frame<'_>) -> Collected {
        match frame {
            Frame::Octets { run, .. } => {
                self.hold(run);
                Collected::More
            }
            Frame::Line(line) => {
                self.hold(&line.octets);
                match line.ends {
                    Ends::Crlf => self.finish(),
                    Ends::Literal(_) | Ends::Unfinished => Collected::More,
                }
            }
        }
    }

    /// How many more octets fit: what a server asks before it answers an announced literal with `+`.
    #[must_use]
    pub fn room(&self) -> usize {
        match self.state {
            State::Within => self.budget.saturating_sub(self.held.len()),
            State::Overlong => 0,
        }
    }

    /// Forgets what was collected: the command was given up at a refused literal.
    pub fn clear(&mut self) {
        self.held = Vec::new();
        self.state = State::Within;
    }

    fn hold(&mut self, octets: &[u8]) {
        if octets.len() > self.room() {
            self.state = State::Overlong;
        } else {
            self.held.extend_from_slice(octets);
        }
    }

    fn finish(&mut self) -> Collected {
        let held = std::mem::take(&mut self.held);
        match std::mem::replace(&mut self.state, State::Within) {
            State::Within => Collected::Whole(held),
            State::Overlong => Collected::Overlong(held),
        }
    }
}

/// What was never whole may hold a password.
impl Drop for Collector {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Framer, Limits, Side};

    fn collected(budget: usize, octets: &[u8]) -> Vec<Collected> {
        let mut framer = Framer::new(
            Side::Client,
            Limits {
                line: 256,
                literal: 1 << 40,
            },
        );
        let mut collector = Collector::new(budget);
        let mut ended = Vec::new();
        let mut input = octets;
        while let Some(frame) = framer.next(&mut input).unwrap() {
            match collector.take(&frame) {
                Collected::More => {}
                end @ (Collected::Whole(_) | Collected::Overlong(_)) => ended.push(end),
            }
        }
        ended
    }

    #[test]
    fn a_command_is_whole_with_its_literals() {
        let first = b"a LOGIN {3+}\r\njoe {1+}\r\nx\r\n";
        let both = [&first[..], b"b NOOP\r\n"].concat();
        let expected = [
            Collected::Whole(first.to_vec()),
            Collected::Whole(b"b NOOP\r\n".to_vec()),
        ];
        assert_eq!(collected(64, &both), expected);
    }

    /// A command that is too large is answered once, and the next one is understood.
    #[test]
    fn beyond_the_budget_the_beginning_is_kept_and_the_end_is_found() {
        let octets = [
            &b"a APPEND m {100+}\r\n"[..],
            &[b'x'; 100],
            b" {2+}\r\nyy\r\nb NOOP\r\n",
        ]
        .concat();
        let expected = [
            Collected::Overlong(b"a APPEND m {100+}\r\n".to_vec()),
            Collected::Whole(b"b NOOP\r\n".to_vec()),
        ];
        assert_eq!(collected(64, &octets), expected);
    }

    /// A size that is only announced costs nothing.
    #[test]
    fn an_announcement_reserves_nothing() {
        let mut framer = Framer::new(
            Side::Client,
            Limits {
                line: 256,
                literal: 1 << 40,
            },
        );
        let mut collector = Collector::new(usize::MAX);
        let frame = framer
            .next(&mut &b"a X {1000000000000}\r\n"[..])
            .unwrap()
            .unwrap();
        assert_eq!(collector.take(&frame), Collected::More);
        assert!(collector.held.capacity() < 4096);
        collector.clear();
        assert_eq!(collector.room(), usize::MAX);
    }
}
