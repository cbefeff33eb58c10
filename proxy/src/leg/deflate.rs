//! COMPRESS=DEFLATE (RFC 4978): raw DEFLATE both ways, each direction a stream of its own.
//!
//! What comes decompressed is taken in portions of the room, so that a little that swells to much never takes more memory
//! than that.

use std::io;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Compressed octets that are made at once.
const OUT: usize = 4 * 1024;

/// Both directions of one leg.
#[derive(Debug)]
pub(super) struct Deflate {
    inflate: Decompress,
    /// Compressed octets that wait to be decompressed; never more than one read brings.
    held: Vec<u8>,
    taken: usize,
    /// Whether the decompressor may have more to give without taking anything.
    inside: Inside,
    /// None while nothing was said for a while. A stream may be gone on with by a new compressor wherever it stands at an
    /// octet boundary: it only refers to nothing that was said before.
    deflate: Option<Compress>,
    /// Whether something was said that was not flushed.
    said: Said,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Inside {
    Nothing,
    Perhaps,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Said {
    Nothing,
    Something,
}

impl Deflate {
    pub(super) fn new(early: &[u8]) -> Self {
        Self {
            inflate: Decompress::new(false),
            held: early.to_vec(),
            taken: 0,
            inside: Inside::Nothing,
            deflate: None,
            said: Said::Nothing,
        }
    }

    /// Octets as they were read. To be called when [`Self::inflate_held`] gives nothing more.
    pub(super) fn hold(&mut self, octets: &[u8]) {
        self.held.extend_from_slice(octets);
    }

    /// Decompresses what is held into `room`: how many octets came out; 0: more is needed.
    ///
    /// # Errors
    /// `InvalidData` where it is no DEFLATE stream, or the stream ended: a connection's does not.
    pub(super) fn inflate_held(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let input = self.held.get(self.taken..).unwrap_or_default();
        if input.is_empty() && self.inside == Inside::Nothing {
            return Ok(0);
        }
        let waits = input.len();
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(input, room, FlushDecompress::None)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        if status == Status::StreamEnd {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let taken = difference(self.inflate.total_in(), before_in);
        let came = difference(self.inflate.total_out(), before_out);
        if came == 0 && taken == 0 && waits > 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.taken += taken;
        if self.taken >= self.held.len() {
            self.held = Vec::new();
            self.taken = 0;
        }
        self.inside = if came == room.len() {
            Inside::Perhaps
        } else {
            Inside::Nothing
        };
        match came {
            // It took some without giving any: perhaps the rest gives more.
            0 if !self.held.is_empty() => self.inflate_held(room),
            came => Ok(came),
        }
    }

    /// Compresses `octets` and gives what comes of them to `send`.
    pub(super) fn write(
        &mut self,
        octets: &[u8],
        mut send: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut rest = octets;
        while !rest.is_empty() {
            let taken = self.step(rest, FlushCompress::None, &mut send)?.0;
            rest = rest.get(taken..).unwrap_or_default();
            self.said = Said::Something;
        }
        Ok(())
    }

    /// Brings the stream to an octet boundary, so that the other end can read all that was said (RFC 4978 §4).
    pub(super) fn flush(
        &mut self,
        mut send: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.said == Said::Nothing {
            return Ok(());
        }
        while self.step(&[], FlushCompress::Sync, &mut send)?.1 == OUT {}
        self.said = Said::Nothing;
        Ok(())
    }

    /// One call of the compressor: how much it took, how much came.
    fn step(
        &mut self,
        octets: &[u8],
        flush: FlushCompress,
        send: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<(usize, usize)> {
        let deflate = self
            .deflate
            .get_or_insert_with(|| Compress::new(Compression::default(), false));
        let (before_in, before_out) = (deflate.total_in(), deflate.total_out());
        let mut out = [0; OUT];
        deflate
            .compress(octets, &mut out, flush)
            .map_err(io::Error::other)?;
        let came = difference(deflate.total_out(), before_out);
        send(out.get(..came).unwrap_or_default())?;
        Ok((difference(deflate.total_in(), before_in), came))
    }

    /// Whether something was said that is not flushed.
    pub(super) fn holds(&self) -> bool {
        self.said == Said::Something
    }

    /// Gives the compressor's memory back, if all that was said is out.
    pub(super) fn rest(&mut self) {
        if self.said == Said::Nothing {
            self.deflate = None;
        }
    }
}

fn difference(now: u64, before: u64) -> usize {
    usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn inflate_all(deflate: &mut Deflate, room: usize) -> Vec<u8> {
        let mut all = Vec::new();
        let mut room = vec![0; room];
        loop {
            match deflate.inflate_held(&mut room).unwrap() {
                0 => return all,
                count => all.extend_from_slice(&room[..count]),
            }
        }
    }

    proptest! {
        /// However it is cut, flushed and rested between, what is said arrives, and at every flush all of it.
        #[test]
        fn what_is_said_arrives_at_each_flush(
            said in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..3000), any::<bool>()), 1..12),
            room in 1..5000_usize,
        ) {
            let (mut here, mut there) = (Deflate::new(b""), Deflate::new(b""));
            for (octets, rests) in said {
                let mut wire = Vec::new();
                here.write(&octets, |run| { wire.extend_from_slice(run); Ok(()) }).unwrap();
                here.flush(|run| { wire.extend_from_slice(run); Ok(()) }).unwrap();
                if rests {
                    here.rest();
                }
                there.hold(&wire);
                prop_assert_eq!(inflate_all(&mut there, room), octets);
            }
        }
    }

    #[test]
    fn a_little_that_swells_comes_in_portions() {
        let mut wire = Vec::new();
        let mut here = Deflate::new(b"");
        here.write(&vec![0; 10_000_000], |run| {
            wire.extend_from_slice(run);
            Ok(())
        })
        .unwrap();
        here.flush(|run| {
            wire.extend_from_slice(run);
            Ok(())
        })
        .unwrap();
        assert!(wire.len() < 20_000);
        let mut there = Deflate::new(&wire);
        let mut room = [0; 4096];
        let mut all = 0;
        loop {
            match there.inflate_held(&mut room).unwrap() {
                0 => break,
                count => all += count,
            }
        }
        assert_eq!(all, 10_000_000);
    }

    #[test]
    fn what_is_no_stream_is_an_error() {
        let mut there = Deflate::new(&[0xff; 64]);
        let mut room = [0; 4096];
        assert!((0..64).any(|_| there.inflate_held(&mut room).is_err()));
    }
}
