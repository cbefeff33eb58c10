//! The fields inside a frame, written and read. Whatever is too short, too long or left over is an error.

use keyreveal::{SandboxLevel, Suite};

use super::{FrameError, LENGTH_OCTETS, MAX_FRAME};

/// One frame being written at the end of `out`; [`FrameWriter::finish`] puts its length in front, and dropping it unfinished takes it away.
pub(super) struct FrameWriter<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    finished: bool,
}

impl<'a> FrameWriter<'a> {
    pub(super) fn new(kind: u8, out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0; LENGTH_OCTETS]);
        out.push(kind);
        Self {
            out,
            start,
            finished: false,
        }
    }

    pub(super) fn octet(self, value: u8) -> Self {
        self.array(&[value])
    }

    pub(super) fn u32(self, value: u32) -> Self {
        self.array(&value.to_be_bytes())
    }

    pub(super) fn u64(self, value: u64) -> Self {
        self.array(&value.to_be_bytes())
    }

    /// A suite by its code points (RFC 9180 §7).
    pub(super) fn suite(self, suite: Suite) -> Self {
        let mut writer = self;
        for point in suite.code_points() {
            writer = writer.array(&point.to_be_bytes());
        }
        writer
    }

    pub(super) fn level(self, level: SandboxLevel) -> Self {
        self.octet(level.number())
    }

    /// Octets whose number the reader knows.
    pub(super) fn array(self, octets: &[u8]) -> Self {
        self.out.extend_from_slice(octets);
        self
    }

    /// Octets with their number before them.
    pub(super) fn octets(self, octets: &[u8]) -> Result<Self, FrameError> {
        let len = u32::try_from(octets.len()).map_err(|_| FrameError::TooLong)?;
        Ok(self.u32(len).array(octets))
    }

    pub(super) fn finish(mut self) -> Result<(), FrameError> {
        let before = self
            .start
            .checked_add(LENGTH_OCTETS)
            .ok_or(FrameError::TooLong)?;
        let len = self
            .out
            .len()
            .checked_sub(before)
            .filter(|len| *len <= MAX_FRAME)
            .ok_or(FrameError::TooLong)?;
        let len = u32::try_from(len).map_err(|_| FrameError::TooLong)?;
        let room = self.out.get_mut(self.start..before);
        room.ok_or(FrameError::TooLong)?
            .copy_from_slice(&len.to_be_bytes());
        self.finished = true;
        Ok(())
    }
}

impl Drop for FrameWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.out.truncate(self.start);
        }
    }
}

/// What is left of a frame being read.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    pub(super) fn octet(&mut self) -> Result<u8, FrameError> {
        self.array::<1>().map(|[value]| value)
    }

    pub(super) fn u32(&mut self) -> Result<u32, FrameError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, FrameError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(FrameError::Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn suite(&mut self) -> Result<Suite, FrameError> {
        let mut points = [0; 3];
        for point in &mut points {
            *point = u16::from_be_bytes(self.array()?);
        }
        Suite::from_code_points(points).ok_or(FrameError::Malformed)
    }

    pub(super) fn level(&mut self) -> Result<SandboxLevel, FrameError> {
        SandboxLevel::from_number(self.octet()?.into()).ok_or(FrameError::Malformed)
    }

    pub(super) fn length(&mut self) -> Result<usize, FrameError> {
        usize::try_from(self.u32()?).map_err(|_| FrameError::TooLong)
    }

    pub(super) fn octets(&mut self) -> Result<&'a [u8], FrameError> {
        let len = self.length()?;
        let (octets, rest) = self.0.split_at_checked(len).ok_or(FrameError::Malformed)?;
        self.0 = rest;
        Ok(octets)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// `value`, if nothing is left over.
    pub(super) fn end<T>(self, value: T) -> Result<T, FrameError> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(FrameError::Malformed)
        }
    }
}
