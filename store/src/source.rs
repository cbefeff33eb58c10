//! A message file as IMAP shows it: every line ends with CRLF and no octet is zero, whatever the file holds.
//!
//! Offsets everywhere in this crate are offsets in that view. A file that is already so is read by seeking.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// Octets taken from the file at a time.
const RUN: usize = 64 * 1024;
/// What stands for an octet of zero, which IMAP cannot carry (RFC 3501 §9, CHAR8).
const ZERO_STAND_IN: u8 = 0x80;

/// Whether a file's octets are the octets that IMAP shows, so that offsets agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnds {
    /// Every LF has its CR.
    Crlf,
    /// Some LF stands alone: offsets in the file and in the view differ.
    Mixed,
}

/// Turns runs of the file into runs of the view.
#[derive(Default)]
struct Normaliser {
    after_cr: bool,
    added: u64,
}

impl Normaliser {
    fn push(&mut self, run: &[u8], out: &mut Vec<u8>) {
        for &octet in run {
            if octet == b'\n' && !self.after_cr {
                out.push(b'\r');
                self.added += 1;
            }
            out.push(if octet == 0 { ZERO_STAND_IN } else { octet });
            self.after_cr = octet == b'\r';
        }
    }
}

/// Reads one message in runs.
pub(crate) struct Source {
    file: File,
    normaliser: Normaliser,
    raw: Vec<u8>,
    run: Vec<u8>,
}

impl Source {
    /// Opens the message at `path`, at its start.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::open(path)?,
            normaliser: Normaliser::default(),
            raw: vec![0; RUN],
            run: Vec::with_capacity(RUN),
        })
    }

    /// The next run of the view; `None` at the end of the message.
    pub(crate) fn next_run(&mut self) -> io::Result<Option<&[u8]>> {
        let taken = self.file.read(&mut self.raw)?;
        if taken == 0 {
            return Ok(None);
        }
        self.run.clear();
        self.normaliser.push(&self.raw[..taken], &mut self.run);
        Ok(Some(&self.run))
    }

    /// What the runs so far say of the line ends.
    pub(crate) fn line_ends(&self) -> LineEnds {
        if self.normaliser.added == 0 {
            LineEnds::Crlf
        } else {
            LineEnds::Mixed
        }
    }

    /// Hands the octets of `range` to `take`, run by run, starting from a freshly opened source.
    ///
    /// A message that became shorter since its structure was read is an error: an announced literal must be filled.
    pub(crate) fn read_range<E: From<io::Error>>(
        &mut self,
        range: Range<u64>,
        line_ends: LineEnds,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = self.seek(range.start, line_ends)?;
        while at < range.end {
            let run = self.next_run()?.ok_or_else(shortened)?;
            let run_start = at;
            at += run.len() as u64;
            let first = range.start.saturating_sub(run_start).min(run.len() as u64) as usize;
            let last = (range.end - run_start).min(run.len() as u64) as usize;
            if first < last {
                take(&run[first..last])?;
            }
        }
        Ok(())
    }

    /// Moves to `offset`, or as near before it as can be, and says where that is.
    fn seek(&mut self, offset: u64, line_ends: LineEnds) -> io::Result<u64> {
        match line_ends {
            LineEnds::Crlf => {
                // A first LF has its CR before it: the file was found to be so.
                self.normaliser.after_cr = true;
                self.file.seek(SeekFrom::Start(offset))
            }
            LineEnds::Mixed => Ok(0),
        }
    }
}

fn shortened() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the message became shorter")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(runs: &[&[u8]]) -> Vec<u8> {
        let mut normaliser = Normaliser::default();
        let mut out = Vec::new();
        for run in runs {
            normaliser.push(run, &mut out);
        }
        out
    }

    #[test]
    fn every_line_ends_with_crlf_wherever_the_reads_end() {
        let octets = b"a\nb\r\nc\rd\r\r\n\n";
        for cut in 0..=octets.len() {
            let (first, second) = octets.split_at(cut);
            assert_eq!(
                view(&[first, second]),
                b"a\r\nb\r\nc\rd\r\r\n\r\n",
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn no_octet_is_zero() {
        assert_eq!(view(&[b"a\0b"]), b"a\x80b");
    }

    #[test]
    fn a_range_is_the_same_by_seeking_and_by_reading() {
        let folder = crate::scratch::Folder::new("source");
        let crlf = folder.path().join("crlf");
        let bare = folder.path().join("bare");
        let text = "line\r\n".repeat(40_000);
        std::fs::write(&crlf, &text).unwrap();
        std::fs::write(&bare, text.replace('\r', "")).unwrap();
        for range in [
            0..7,
            5..6,
            6..200_001,
            65_535..65_537,
            239_999..240_000,
            9..9,
        ] {
            let expected = &text.as_bytes()[range.start as usize..range.end as usize];
            for (path, line_ends) in [(&crlf, LineEnds::Crlf), (&bare, LineEnds::Mixed)] {
                let mut octets = Vec::new();
                let mut source = Source::open(path).unwrap();
                source
                    .read_range(range.clone(), line_ends, |run| {
                        octets.extend_from_slice(run);
                        io::Result::Ok(())
                    })
                    .unwrap();
                assert!(octets == expected, "{range:?} {line_ends:?}");
            }
        }
    }
}
