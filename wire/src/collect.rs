//! One whole command or response in one piece, within a budget, for the parsers of [`crate::imap`].
//!
//! Only what must be understood is collected; what is relayed passes as frames. Beyond its budget the collector keeps
//! nothing more but still follows the frames to the end, so that its user answers once and stays in step.

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
