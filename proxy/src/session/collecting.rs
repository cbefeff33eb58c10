//! Commands that are understood before anything comes of them: collected whole, then sent on with their very octets.

use std::collections::VecDeque;

use wire::{
    Collected, Collector, Ends, Frame, Sync,
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
    octets: usize,
    /// Behind which octets the store must be waited for: where a synchronising literal was announced.
    cuts: Vec<usize>,
}

/// A command that was collected: its octets, in the pieces in which they may be sent.
pub(super) struct Whole {
    pub(super) tag: Tag,
    pub(super) raw: Zeroizing<Vec<u8>>,
    cuts: Vec<usize>,
}

impl Whole {
    /// The very octets, cut where a `+` must be waited for (RFC 9051 §4.3).
    fn pieces(self) -> VecDeque<Zeroizing<Vec<u8>>> {
        let ends = self.cuts.iter().copied().chain([self.raw.len()]);
        let mut begin = 0;
        ends.map(|end| {
            let piece = self.raw.get(begin..end).unwrap_or_default().to_vec();
            begin = end;
            Zeroizing::new(piece)
        })
        .collect()
    }
}

impl Session {
    /// A command that must be understood: nothing of it is relayed before all of it is here.
    pub(super) fn collect_first(&mut self, tag: Tag, frame: &Frame<'_>, now: Moment) {
        let collecting = Collecting {
            tag,
            collector: Collector::new(COLLECTED),
            octets: 0,
            cuts: Vec::new(),
        };
        self.collect(collecting, frame, now);
    }

    pub(super) fn collect(&mut self, mut collecting: Collecting, frame: &Frame<'_>, now: Moment) {
        collecting.octets += match frame {
            Frame::Line(line) => line.octets.len(),
            Frame::Octets { run, .. } => run.len(),
        };
        match collecting.collector.take(frame) {
            Collected::More => self.collect_on(collecting, frame),
            Collected::Whole(raw) => {
                let Collecting { tag, cuts, .. } = collecting;
                let raw = Zeroizing::new(raw);
                self.collected(Whole { tag, raw, cuts }, now);
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
            if !fits || collecting.cuts.len() >= LITERALS {
                self.client.refuse_literal();
                self.out.tell(too_long(&collecting.tag));
                self.count_refusal();
                return;
            }
            collecting.cuts.push(collecting.octets);
            self.out.invite();
        }
        self.client.collect(collecting);
    }

    /// Sends a collected command's very octets to the store, waiting for its `+` where the client waited for ours.
    pub(super) fn replay(&mut self, whole: Whole, effect: Effect) {
        let tag = whole.tag.clone();
        self.outstanding.relayed(tag.clone(), effect);
        self.replay_on(tag, whole.pieces());
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
