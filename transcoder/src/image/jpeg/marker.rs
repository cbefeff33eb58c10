//! The marker segments of a file in their order (T.81 §B.1), coded octets between them stepped over.

use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// Coded octets that are looked through at once.
const PIECE: usize = 64;

/// How the picture is coded, by its SOFn marker (T.81 table B.1). Lossless, hierarchical and arithmetic coding, which
/// no camera writes, are not here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Process {
    /// SOF0 and SOF1.
    Sequential,
    /// SOF2.
    Progressive,
}

/// One marker with its segment, read up to its end.
pub(super) enum Segment<'a> {
    Frame(Process, Octets<'a>),
    /// SOS. Coded octets follow: [`Markers::coded`] says where, [`Markers::pass_coded`] steps over them.
    Scan(Octets<'a>),
    QuantisationTables(Octets<'a>),
    HuffmanTables(Octets<'a>),
    RestartInterval(Octets<'a>),
    /// APPn, by its n.
    Application(u8, &'a [u8]),
    /// Comments, and what is reserved.
    Other,
    /// EOI.
    End,
}

/// Where in a file the next marker is looked for.
pub(super) struct Markers<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Markers<'a> {
    /// # Errors
    /// [`Refusal::Damaged`] when the file does not begin with SOI.
    pub(super) fn of(file: &'a [u8]) -> Result<Self, Refusal> {
        if !file.starts_with(&[0xff, 0xd8]) {
            return Err(Refusal::Damaged);
        }
        Ok(Self { file, at: 2 })
    }

    /// The next segment.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where none is whole, and [`Refusal::Unsupported`] for a kind of picture that is not read.
    pub(super) fn next(&mut self) -> Result<Segment<'a>, Refusal> {
        match self.code()? {
            0xc0 | 0xc1 => Ok(Segment::Frame(Process::Sequential, self.segment()?)),
            0xc2 => Ok(Segment::Frame(Process::Progressive, self.segment()?)),
            0xc4 => Ok(Segment::HuffmanTables(self.segment()?)),
            0xda => Ok(Segment::Scan(self.segment()?)),
            0xdb => Ok(Segment::QuantisationTables(self.segment()?)),
            0xdd => Ok(Segment::RestartInterval(self.segment()?)),
            0xd9 => Ok(Segment::End),
            // Lossless, hierarchical and arithmetic coding with its tables; DNL; DHP and EXP of hierarchical coding.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcf | 0xdc | 0xde | 0xdf => Err(Refusal::Unsupported),
            0xe0..=0xef => self.application(),
            0x01 | 0xd0..=0xd7 => Ok(Segment::Other), // TEM, RSTn: no segment follows
            0x00 | 0xd8 => Err(Refusal::Damaged),     // no marker; a second SOI
            0x02..=0xbf | 0xc8 | 0xf0..=0xff => {
                self.segment()?;
                Ok(Segment::Other)
            }
        }
    }

    /// The file, and where in it the coded octets of the scan begin whose header was given last.
    pub(super) fn coded(&self) -> (&'a [u8], usize) {
        (self.file, self.at)
    }

    /// Steps over coded octets, up to the next marker that is neither a stuffed zero nor a restart.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where there is none.
    pub(super) fn pass_coded(&mut self) -> Result<(), Refusal> {
        while let Some(piece) = self.rest().first_chunk::<PIECE>()
            && let Some(after) = self.rest().get(1..).and_then(<[u8]>::first_chunk::<PIECE>)
        {
            // Of all octets at once, as most pieces hold no marker.
            let pairs = piece.iter().zip(after);
            if pairs.fold(false, |any, (one, next)| any | is_marker(*one, *next)) {
                break;
            }
            self.at = self.at.saturating_add(PIECE);
        }
        let pairs = self.rest().iter().zip(self.rest().iter().skip(1));
        let found = pairs
            .take(PIECE)
            .position(|(one, next)| is_marker(*one, *next));
        self.at = self.at.saturating_add(found.ok_or(Refusal::Damaged)?);
        Ok(())
    }

    /// T.81 §B.1.1.2: a marker is 0xff and a code; any number of 0xff may stand before it. What else stands between segments, zeros
    /// of cameras or what a program left there, is passed over: libjpeg does, so files with it are about.
    fn code(&mut self) -> Result<u8, Refusal> {
        loop {
            let between = self.rest().iter().position(|octet| *octet == 0xff);
            self.at = self.at.saturating_add(between.ok_or(Refusal::Damaged)?);
            let fill = self.rest().iter().take_while(|octet| **octet == 0xff);
            self.at = self.at.saturating_add(fill.count());
            let code = *self.rest().first().ok_or(Refusal::Damaged)?;
            self.at = self.at.saturating_add(1);
            if code != 0 {
                return Ok(code);
            }
        }
    }

    /// T.81 §B.1.1.4: the length of a segment counts itself.
    fn segment(&mut self) -> Result<Octets<'a>, Refusal> {
        Ok(Octets::of(self.taken()?))
    }

    fn application(&mut self) -> Result<Segment<'a>, Refusal> {
        let before = self.at.checked_sub(1).and_then(|at| self.file.get(at));
        let number = before.map_or(0, |code| code & 15);
        Ok(Segment::Application(number, self.taken()?))
    }

    fn taken(&mut self) -> Result<&'a [u8], Refusal> {
        let mut octets = Octets::of(self.rest());
        let len = usize::from(octets.u16_be()?);
        let taken = octets.take(len.checked_sub(2).ok_or(Refusal::Damaged)?)?;
        self.at = self.at.saturating_add(len);
        Ok(taken)
    }

    fn rest(&self) -> &'a [u8] {
        self.file.get(self.at..).unwrap_or_default()
    }
}

/// Whether `one` and `next` are a marker among coded octets, but for restarts. 0xff before 0xff is fill.
#[inline(always)]
fn is_marker(one: u8, next: u8) -> bool {
    (one == 0xff) & (next != 0) & (next & 0xf8 != 0xd0) & (next != 0xff)
}
