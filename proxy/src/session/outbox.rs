//! Octets on their way out: appended by the session, taken away by whoever writes the socket.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use zeroize::Zeroizing;

/// A segment that is so long gets no more: what was written of it is only given back when all of it is.
const SEGMENT: usize = 16 * 1024;

/// Octets waiting to be written to one neighbour.
#[derive(Debug, Default)]
pub struct Outbox {
    segments: VecDeque<Segment>,
    /// Octets of the first segment that are written.
    written: usize,
    octets: usize,
}

#[derive(Debug)]
enum Segment {
    Copied(Vec<u8>),
    /// Credentials: wiped once they are written.
    Wiped(Zeroizing<Vec<u8>>),
    /// A range of what somebody else keeps, too.
    Shared(Arc<[u8]>, Range<usize>),
}

/// A part of a response.
#[derive(Debug)]
pub(super) enum Piece {
    /// Octets of its own.
    Own(Vec<u8>),
    /// A range of octets that are kept, or that stand in the response more than once.
    Shared(Arc<[u8]>, Range<usize>),
}

impl Segment {
    fn octets(&self) -> &[u8] {
        match self {
            Self::Copied(octets) => octets,
            Self::Wiped(octets) => octets,
            Self::Shared(octets, range) => octets.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl Outbox {
    /// How many octets wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.octets
    }

    /// Whether none wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.octets == 0
    }

    /// Appends a copy of `octets`.
    pub fn push(&mut self, octets: &[u8]) {
        self.octets += octets.len();
        match self.segments.back_mut() {
            Some(Segment::Copied(last)) if last.len() < SEGMENT => last.extend_from_slice(octets),
            Some(Segment::Copied(_) | Segment::Wiped(_) | Segment::Shared(..)) | None => {
                self.segments.push_back(Segment::Copied(octets.to_vec()));
            }
        }
    }

    /// Appends `octets` without copying them.
    pub(super) fn push_owned(&mut self, octets: Vec<u8>) {
        self.append(Segment::Copied(octets));
    }

    /// Appends a part of a response without copying it.
    pub(super) fn push_piece(&mut self, piece: Piece) {
        self.append(match piece {
            Piece::Own(octets) => Segment::Copied(octets),
            Piece::Shared(octets, range) => Segment::Shared(octets, range),
        });
    }

    /// Appends credentials, which are wiped once they are written.
    pub(super) fn push_wiped(&mut self, octets: Zeroizing<Vec<u8>>) {
        self.append(Segment::Wiped(octets));
    }

    /// Appends what waits in `other`.
    pub(super) fn append_all(&mut self, other: &mut Self) {
        debug_assert_eq!(other.written, 0, "nobody writes from a held outbox");
        self.octets += std::mem::take(&mut other.octets);
        self.segments.append(&mut other.segments);
    }

    fn append(&mut self, segment: Segment) {
        self.octets += segment.octets().len();
        self.segments.push_back(segment);
    }

    /// How many octets of memory wait here and nowhere else.
    #[cfg(test)]
    pub(super) fn own(&self) -> usize {
        let own = self.segments.iter().map(|segment| match segment {
            Segment::Shared(..) => size_of::<Segment>(),
            Segment::Copied(octets) => octets.capacity(),
            Segment::Wiped(octets) => octets.capacity(),
        });
        own.sum()
    }

    /// The next octets to write; empty if none wait.
    #[must_use]
    pub fn front(&self) -> &[u8] {
        let first = self
            .segments
            .iter()
            .find(|first| !first.octets().is_empty());
        let octets = first.map_or(&[][..], Segment::octets);
        octets.get(self.written..).unwrap_or_default()
    }

    /// Takes away the first `octets` of [`Self::front`], which were written.
    pub fn wrote(&mut self, octets: usize) {
        self.octets = self.octets.saturating_sub(octets);
        self.written += octets;
        while let Some(first) = self.segments.front() {
            if self.written < first.octets().len() {
                return;
            }
            self.written -= first.octets().len();
            self.segments.pop_front();
        }
        self.segments = VecDeque::new(); // all is written: no room is held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A neighbour that always lags behind a little must not make the outbox hold all that ever passed.
    #[test]
    fn what_was_written_is_given_back_even_if_the_outbox_never_empties() {
        let mut outbox = Outbox::default();
        outbox.push(&[b'x'; 20_000]);
        for _ in 0..1000 {
            outbox.push(&[b'x'; 10_000]);
            let mut left = 10_000;
            while left > 0 {
                let step = outbox.front().len().min(left);
                outbox.wrote(step);
                left -= step;
            }
        }
        let held: usize = outbox
            .segments
            .iter()
            .map(|segment| segment.octets().len())
            .sum();
        assert_eq!(outbox.len(), 20_000);
        assert!(held < 60_000, "{held} octets are held");
    }

    #[test]
    fn whatever_is_pushed_comes_out_in_order_however_it_is_written() {
        for step in 1..12 {
            let mut outbox = Outbox::default();
            outbox.push(b"ab");
            outbox.push(b"");
            outbox.push_owned(b"234".to_vec());
            outbox.push_owned(Vec::new());
            outbox.push_wiped(Zeroizing::new(b"secret".to_vec()));
            outbox.push_piece(Piece::Shared(Arc::from(*b"xyz"), 1..2));
            outbox.push_piece(Piece::Shared(Arc::from(*b"xyz"), 3..3));
            outbox.push(b"end");
            let mut written = Vec::new();
            while !outbox.is_empty() {
                let front = outbox.front();
                let part = &front[..front.len().min(step)];
                written.extend_from_slice(part);
                let len = part.len();
                outbox.wrote(len);
            }
            assert_eq!(written, b"ab234secretyend", "in steps of {step}");
        }
    }
}
