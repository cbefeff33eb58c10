//! The ZIP archive that an Office document is (ECMA-376 part 2, OpenDocument 1.3 part 2): its central directory and its entries, one
//! by one. Nothing is inflated that was not asked for by name, paid for by its announced size, and of that size in the end.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// An archive whose directory was read.
pub(super) struct Archive<'a> {
    octets: &'a [u8],
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    name: &'a str,
    method: u16,
    checksum: u32,
    compressed: usize,
    size: usize,
    header: usize,
}

/// More entries than this no document of a person has.
const MOST_ENTRIES: usize = 8192;
/// XML deflates to a tenth, at best to a hundredth; what claims more is a bomb.
const LARGEST_RATIO: usize = 256;
/// Small entries may be anything.
const SMALL: usize = 64 * 1024;

/// The end of the central directory, less its comment, and the longest comment.
const END_LEN: usize = 22;
const LONGEST_COMMENT: usize = 65_535;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

impl<'a> Archive<'a> {
    /// # Errors
    /// [`Refusal::DeclaredOtherwise`]: no archive. [`Refusal::Unsupported`]: encrypted, as old as OLE, or too large for
    /// anything but ZIP64. [`Refusal::Damaged`], and over the budget.
    pub(super) fn open(octets: &'a [u8], budget: &mut Budget) -> Result<Self, Refusal> {
        if octets.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(Refusal::Unsupported);
        }
        if !octets.starts_with(b"PK") {
            return Err(Refusal::DeclaredOtherwise);
        }
        let end = end_of_directory(octets).ok_or(Refusal::Damaged)?;
        let count = usize::from(u16_at(end, 10).ok_or(Refusal::Damaged)?);
        let from = usize_at(end, 16).ok_or(Refusal::Damaged)?;
        if count == usize::from(u16::MAX) || from == usize::try_from(u32::MAX).unwrap_or(0) {
            return Err(Refusal::Unsupported);
        }
        if count > MOST_ENTRIES {
            return Err(Refusal::Exceeded(Resource::Elements));
        }
        let room = count.saturating_mul(size_of::<Entry<'_>>());
        budget.take_memory(u64::try_from(room).unwrap_or(u64::MAX))?;
        let mut entries = Vec::with_capacity(count);
        let mut rest = octets.get(from..).ok_or(Refusal::Damaged)?;
        for _ in 0..count {
            let (entry, after) = Entry::parse(rest).ok_or(Refusal::Damaged)?;
            entries.extend(entry);
            rest = after;
        }
        Ok(Self { octets, entries })
    }

    /// Whether there is an entry of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// The content of the entry of this name, paid for. `None`: there is none.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) fn read(
        &self,
        name: &str,
        budget: &mut Budget,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        let mut entries = self.entries.iter();
        let Some(entry) = entries.find(|entry| entry.name == name) else {
            return Ok(None);
        };
        let compressed = self.compressed(entry).ok_or(Refusal::Damaged)?;
        let room = entry.compressed.saturating_mul(LARGEST_RATIO).max(SMALL);
        if entry.size > room {
            return Err(Refusal::Exceeded(Resource::Memory));
        }
        let mut content = budget.room(entry.size)?;
        match entry.method {
            STORED if entry.size == compressed.len() => content.extend_from_slice(compressed),
            STORED => return Err(Refusal::Damaged),
            DEFLATED => inflate(compressed, entry.size, &mut content)?,
            _other => return Err(Refusal::Unsupported),
        }
        let mut sum = Crc::new();
        sum.update(&content);
        if sum.sum() != entry.checksum {
            return Err(Refusal::Damaged);
        }
        Ok(Some(content))
    }

    /// The octets behind the entry's own header, whose names and extras may be other than the directory's.
    fn compressed(&self, entry: &Entry<'_>) -> Option<&'a [u8]> {
        let local = self.octets.get(entry.header..)?;
        let local = local.strip_prefix(b"PK\x03\x04").map(|_| local)?;
        let names = u16_at(local, 26)?.checked_add(u16_at(local, 28)?)?;
        let from = usize::from(names).checked_add(30)?;
        local.get(from..from.checked_add(entry.compressed)?)
    }
}

impl<'a> Entry<'a> {
    /// One header of the directory, and what follows. An encrypted entry, or one whose name is no UTF-8, is passed over.
    fn parse(octets: &'a [u8]) -> Option<(Option<Self>, &'a [u8])> {
        octets.strip_prefix(b"PK\x01\x02")?;
        let name_len = usize::from(u16_at(octets, 28)?);
        let extra = usize::from(u16_at(octets, 30)?);
        let comment = usize::from(u16_at(octets, 32)?);
        let name_end = name_len.checked_add(46)?;
        let name = octets.get(46..name_end)?;
        let end = name_end.checked_add(extra)?.checked_add(comment)?;
        let encrypted = u16_at(octets, 8)? & 1 == 1;
        let entry = Self {
            name: std::str::from_utf8(name).unwrap_or_default(),
            method: u16_at(octets, 10)?,
            checksum: u32_at(octets, 16)?,
            compressed: usize_at(octets, 20)?,
            size: usize_at(octets, 24)?,
            header: usize_at(octets, 42)?,
        };
        let entry = (!encrypted && !entry.name.is_empty()).then_some(entry);
        Some((entry, octets.get(end..)?))
    }
}

/// Inflates to exactly `size` octets, for which `content` has room.
fn inflate(compressed: &[u8], size: usize, content: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut inflater = Decompress::new(false);
    loop {
        let read = usize::try_from(inflater.total_in()).map_err(|_| Refusal::Damaged)?;
        let before = (inflater.total_in(), inflater.total_out());
        let rest = compressed.get(read..).unwrap_or_default();
        // It writes into the room there is, and never takes more.
        let status = inflater
            .decompress_vec(rest, content, FlushDecompress::Finish)
            .map_err(|_| Refusal::Damaged)?;
        match status {
            Status::StreamEnd if content.len() == size => return Ok(()),
            Status::StreamEnd => return Err(Refusal::Damaged),
            Status::Ok | Status::BufError => {
                if before == (inflater.total_in(), inflater.total_out()) {
                    return Err(Refusal::Damaged);
                }
            }
        }
    }
}

/// The end of the directory, found from behind.
fn end_of_directory(octets: &[u8]) -> Option<&[u8]> {
    let searched = END_LEN.saturating_add(LONGEST_COMMENT);
    let tail = octets.get(octets.len().saturating_sub(searched)..)?;
    let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    tail.get(at..).filter(|end| end.len() >= END_LEN)
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    let octets = octets.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(octets.try_into().ok()?))
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    let octets = octets.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(octets.try_into().ok()?))
}

fn usize_at(octets: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(octets, at)?).ok()
}
