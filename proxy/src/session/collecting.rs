//! Commands that are understood before anything comes of them: collected whole, then sent on, each literal when the store asks
//! for it.

use std::collections::VecDeque;

use wire::{
    Collected, Collector, Ends, Frame, Framer, Limits, Side, Sync,
    imap::{Code, Command, Literals, Status, StatusKind, Tag},
};
use zeroize::Zeroizing;

use super::{
    Session,
    client::{Waiting, ends},
    outstanding::Effect,
    settings::{COLLECTED, LITERALS},
};
use crate::clock::Moment;

/// A command being collected.
#[derive(Debug)]
pub(super) struct Collecting {
    tag: Tag,
    collector: Collector,
    /// Literals that the client was asked for.
    invited: usize,
}

/// A command that was collected.
pub(super) struct Whole {
    pub(super) tag: Tag,
    pub(super) raw: Zeroizing<Vec<u8>>,
}

impl Whole {
    /// The octets, cut before each literal: there the store's `+` is waited for (RFC 9051 §4.3), whether or not the client
    /// waited for ours.
    fn pieces(&self) -> VecDeque<Zeroizing<Vec<u8>>> {
        let mut framer = Framer::new(Side::Client, self.limits());
        let (mut pieces, mut piece) = (VecDeque::new(), Zeroizing::new(Vec::new()));
        let mut input = self.raw.as_slice();
        while let Ok(Some(frame)) = framer.next(&mut input) {
            match frame {
                Frame::Octets { run, .. } => piece.extend_from_slice(run),
                Frame::Line(line) => {
                    piece.extend_from_slice(&line.synchronised());
                    pieces.push_back(std::mem::take(&mut piece));
                }
            }
        }
        pieces
    }

    /// What was framed once is framed again.
    fn limits(&self) -> Limits {
        Limits {
            line: self.raw.len(),
            literal: u64::MAX,
        }
    }
}

impl Session {
    /// A command that must be understood: nothing of it is relayed before all of it is here.
    pub(super) fn collect_first(&mut self, tag: Tag, frame: &Frame<'_>, now: Moment) {
        let collecting = Collecting {
            tag,
            collector: Collector::new(COLLECTED),
            invited: 0,
        };
        self.collect(collecting, frame, now);
    }

    pub(super) fn collect(&mut self, mut collecting: Collecting, frame: &Frame<'_>, now: Moment) {
        match collecting.collector.take(frame) {
            Collected::More => self.collect_on(collecting, frame),
            Collected::Whole(raw) => {
                let tag = collecting.tag;
                let raw = Zeroizing::new(raw);
                self.collected(Whole { tag, raw }, now);
            }
            Collected::Overlong(raw) => {
                drop(Zeroizing::new(raw));
                self.out.tell(too_long(&collecting.tag));
                self.count_refusal();
            }
        }
    }

    fn collect_on(&mut self, mut collecting: Collecting, frame: &Frame<'_>) {
        if let Some(Ends::Literal(literal)) = ends(frame)
            && literal.sync == Sync::Synchronising
        {
            // Behind it comes a line, at least its CRLF; and what is over its budget already has no room for one.
            let fits = usize::try_from(literal.octets)
                .is_ok_and(|octets| octets < collecting.collector.room());
            if !fits || collecting.invited >= LITERALS {
                self.client.refuse_literal();
                self.out.tell(too_long(&collecting.tag));
                self.count_refusal();
                return;
            }
            collecting.invited += 1;
            self.out.invite();
        }
        self.client.collect(collecting);
    }

    /// Sends a collected command's octets to the store, waiting for its `+` before each literal.
    pub(super) fn replay(&mut self, whole: Whole, effect: Effect) {
        let pieces = whole.pieces();
        self.outstanding.relayed(whole.tag.clone(), effect);
        self.replay_on(whole.tag, pieces);
    }

    /// Sends a command in words of ours in the place of the client's, under the client's tag.
    pub(super) fn relay_anew(&mut self, command: Command, effect: Effect) {
        let tag = command.tag.clone();
        let encoded = command.encode(Literals::Synchronising);
        let pieces = encoded.pieces().map(|piece| Zeroizing::new(piece.to_vec()));
        self.outstanding.relayed(tag.clone(), effect);
        self.replay_on(tag, pieces.collect());
    }

    pub(super) fn replay_on(&mut self, tag: Tag, mut pieces: VecDeque<Zeroizing<Vec<u8>>>) {
        if let Some(piece) = pieces.pop_front() {
            self.out.send_wiped(piece);
        }
        if !pieces.is_empty() {
            self.client.wait_for(Waiting::Replay(tag, pieces));
        }
    }
}

fn too_long(tag: &Tag) -> Vec<u8> {
    // RFC 7888 §4: too large a literal for this command.
    let text = "The command is longer than this server takes";
    Status::tagged(tag, StatusKind::Bad, Some(Code::TooBig), text).encode()
}
