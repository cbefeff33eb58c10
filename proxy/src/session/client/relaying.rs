//! Commands that pass, and the rest of those that do not.
//!
//! No literal is ever sent to a store that has not asked for it, however the client announced it: a store that skips what it
//! does not expect would run the octets as commands that nobody here has routed. The `+` shows that it reads them as one
//! literal. A client that sends them unasked (RFC 7888) is not told of it, and is not read meanwhile.

use wire::{Ends, Frame, Line, Literal, Sync, imap::Tag};

use super::{Client, Taking, Waiting, ends};
use crate::session::{Session, outstanding::Effect};

/// Where a relayed command stands that the client has not wholly sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::session) enum Half {
    /// In a literal that the store has asked for.
    Literal,
    /// Behind one; what there is of the line behind it was not sent on.
    Line,
}

impl Client {
    /// Where this relayed command stands, if it goes on and nobody keeps it waiting.
    pub(in crate::session) fn half_of(&self, tag: &Tag) -> Option<Half> {
        let Taking::Relaying(half) = &self.taking else {
            return None;
        };
        let place = match self.framer.literal_left() {
            0 => Half::Line,
            1.. => Half::Literal,
        };
        (half == tag && self.waiting.is_none()).then_some(place)
    }
}

impl Session {
    /// A command that passes: its very octets, as they come.
    pub(in crate::session) fn relay_first(&mut self, tag: Tag, effect: Effect, frame: &Frame<'_>) {
        let idles = effect == Effect::Idles;
        self.outstanding.relayed(tag.clone(), effect);
        self.relay_command(tag.clone(), frame);
        if idles && self.client.is_between() {
            self.client.wait_for(Waiting::Idle(tag));
        }
    }

    pub(super) fn relay_command(&mut self, tag: Tag, frame: &Frame<'_>) {
        match frame {
            Frame::Octets { run, .. } => {
                self.out.to_store.push(run);
                self.client.taking = Taking::Relaying(tag);
            }
            Frame::Line(_) if !self.outstanding.has(&tag) => {
                self.cut_off();
                self.swallow_on(None, frame);
            }
            Frame::Line(line) => self.relay_command_line(tag, line),
        }
    }

    fn relay_command_line(&mut self, tag: Tag, line: &Line) {
        match line.ends {
            Ends::Crlf => return self.out.to_store.push(&line.octets),
            Ends::Unfinished => self.out.to_store.push(&line.octets),
            Ends::Literal(Literal { sync, .. }) => {
                self.out.to_store.push(&line.synchronised());
                self.client.wait_for(match sync {
                    Sync::Synchronising => Waiting::Literal(tag.clone()),
                    Sync::NonSynchronising => Waiting::Unasked(tag.clone()),
                });
            }
        }
        self.client.taking = Taking::Relaying(tag);
    }

    /// The store has answered a command and read its last literal: it gets the end of the line that it may still wait for.
    /// What the client says in the place of it is nobody's command.
    pub(in crate::session) fn cut_off(&mut self) {
        self.out.to_store.push(b"\r\n");
        self.client.taking = Taking::Swallowing(None);
    }

    /// A refused command: the rest of it is read and forgotten (RFC 7888 §3), then comes the answer.
    pub(in crate::session) fn swallow(&mut self, answer: Vec<u8>, frame: &Frame<'_>) {
        self.swallow_on(Some(answer), frame);
    }

    pub(super) fn swallow_on(&mut self, answer: Option<Vec<u8>>, frame: &Frame<'_>) {
        match ends(frame) {
            Some(Ends::Crlf) => {}
            Some(Ends::Literal(literal)) if literal.sync == Sync::Synchronising => {
                self.client.refuse_literal();
            }
            Some(Ends::Literal(_) | Ends::Unfinished) | None => {
                self.client.taking = Taking::Swallowing(answer);
                return;
            }
        }
        self.client.taking = Taking::Command;
        if let Some(answer) = answer {
            self.out.tell(answer);
        }
    }
}
