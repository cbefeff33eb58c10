//! A connection compressed as in RFC 4978: raw deflate each way, flushed with every write.

use std::fmt::Debug;
use std::io::{self, Read, Write};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

const ROOM: usize = 64 * 1024;

/// A stream whose octets are compressed on the way.
#[derive(Debug)]
pub struct Deflated<S> {
    inner: S,
    compress: Compress,
    decompress: Decompress,
    /// Read, and not decompressed yet.
    waiting: Vec<u8>,
}

impl<S> Deflated<S> {
    /// Compresses from now on; `early` came behind the answer to COMPRESS and is compressed already.
    pub fn over(inner: S, early: Vec<u8>) -> Self {
        Self {
            inner,
            compress: Compress::new(Compression::default(), false),
            decompress: Decompress::new(false),
            waiting: early,
        }
    }
}

impl<S: Read> Deflated<S> {
    /// Decompresses what waits into `room`.
    fn inflate(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let (taken, given) = (self.decompress.total_in(), self.decompress.total_out());
        self.decompress
            .decompress(&self.waiting, room, FlushDecompress::None)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let taken = usize::try_from(self.decompress.total_in() - taken).unwrap_or(usize::MAX);
        self.waiting.drain(..taken);
        Ok(usize::try_from(self.decompress.total_out() - given).unwrap_or(usize::MAX))
    }
}

impl<S: Read> Read for Deflated<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut run = vec![0; ROOM];
        loop {
            let given = self.inflate(room)?;
            if given > 0 || room.is_empty() {
                return Ok(given);
            }
            let read = self.inner.read(&mut run)?;
            if read == 0 {
                return Ok(0);
            }
            self.waiting.extend_from_slice(&run[..read]);
        }
    }
}

impl<S: Write> Write for Deflated<S> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut rest = octets;
        loop {
            let mut out = Vec::with_capacity(ROOM);
            let taken = self.compress.total_in();
            self.compress
                .compress_vec(rest, &mut out, FlushCompress::Sync)
                .map_err(io::Error::other)?;
            let taken = usize::try_from(self.compress.total_in() - taken).unwrap_or(usize::MAX);
            rest = &rest[taken..];
            self.inner.write_all(&out)?;
            // What does not fill the room was all there was.
            if rest.is_empty() && out.len() < out.capacity() {
                return Ok(octets.len());
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_out_again() {
        let text: Vec<u8> = (0..300_000_u32)
            .flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_be_bytes())
            .collect();
        let mut sender = Deflated::over(Vec::new(), Vec::new());
        sender.write_all(&text[..7]).unwrap();
        sender.write_all(&text[7..]).unwrap();
        let (early, late) = sender.inner.split_at(3);
        let mut heard = vec![0; text.len()];
        Deflated::over(late, early.to_vec())
            .read_exact(&mut heard)
            .unwrap();
        assert!(heard == text);
    }
}
