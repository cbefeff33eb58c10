//! Markers and bits as they stand in the file (T.81 annex B).

use std::io::{Error, Write};

use zeroize::Zeroizing;

use super::bands::Turn;
use super::scan::{BothSteps, Pass, Scan};
use super::symbols::{Class, Symbols, Tables};
use super::{Counted, Kind, Transformed};

/// T.81 table B.1.
const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];

/// T.81 table B.1: SOF0 and SOF2.
const BASELINE: u8 = 0xc0;
const PROGRESSIVE: u8 = 0xc2;

/// T.871 §10.1: JFIF 1.02, pixels as wide as high, no thumbnail.
const JFIF: &[u8] = b"\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

/// Octets of a file's markers and segments that are the same for all: those above, and what SOF has besides its components.
const FIXED_LEN: usize = 2 + 2 + 18 + 4 + 10;

/// Bits that go out at a time.
const WORD: u32 = 32;

/// Octets of bits that are gathered before they go out.
const RUN: usize = 4096;

/// More than one call adds to them, stuffing and the last marker with it: they never grow, so no copy stays behind.
const MOST_PUT: usize = 32;

/// Writes one file.
pub(super) struct Writer<'a, W> {
    sink: &'a mut W,
    /// Bits that are not yet a whole octet, at the low end.
    bits: u64,
    len: u32,
    run: Zeroizing<Vec<u8>>,
    failed: Option<Error>,
}

/// How many octets stand before and behind the scans.
pub(super) fn headers_len(components: usize) -> u64 {
    let kinds = components.min(2).saturating_mul(65);
    let components = components.saturating_mul(3);
    let len = FIXED_LEN.saturating_add(kinds).saturating_add(components);
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl<'a, W: Write> Writer<'a, W> {
    pub(super) fn new(sink: &'a mut W) -> Self {
        Self {
            sink,
            bits: 0,
            len: 0,
            run: Zeroizing::new(Vec::with_capacity(RUN + MOST_PUT)),
            failed: None,
        }
    }

    /// All that stands before the scans.
    pub(super) fn headers(&mut self, of: &Transformed, steps: &BothSteps, counted: &Counted) {
        self.octets(&START);
        self.octets(JFIF);
        let kinds = of.components.len().min(2);
        let mut quantisation = Vec::new();
        for (id, steps) in (0..).zip(steps.0.iter().take(kinds)) {
            quantisation.push(id);
            quantisation.extend(steps.octets());
        }
        self.segment(0xdb, &quantisation);
        self.frame(of, counted);
    }

    /// T.81 §B.2.2.
    fn frame(&mut self, of: &Transformed, counted: &Counted) {
        let mut frame = vec![8];
        for side in [of.size.height(), of.size.width()] {
            frame.extend(u16::try_from(side).unwrap_or(u16::MAX).to_be_bytes());
        }
        frame.push(u8::try_from(of.components.len()).unwrap_or(u8::MAX));
        for (id, component) in (1..).zip(&of.components) {
            let factors = if component.factor == 2 { 0x22 } else { 0x11 };
            frame.extend([id, factors, table(component.kind)]);
        }
        let marker = match counted.scans.as_slice() {
            [only] if only.pass == Pass::Whole => BASELINE,
            _ => PROGRESSIVE,
        };
        self.segment(marker, &frame);
    }

    /// A scan with its tables (T.81 §B.2.4.2) and its header (§B.2.3).
    pub(super) fn scan(&mut self, of: &Transformed, steps: &BothSteps, scan: &Scan) {
        let mut tables = Vec::new();
        for (place, table) in scan.tables.used() {
            tables.push(place);
            tables.extend(table.lengths);
            tables.extend(&table.symbols);
        }
        self.segment(0xc4, &tables);
        let (members, band) = match scan.pass {
            Pass::Whole => (0..of.components.len(), [0, 63, 0]),
            Pass::Firsts => (0..of.components.len(), [0, 0, 0]),
            Pass::Band(band) => {
                let high = match band.turn {
                    Turn::Initial => 0,
                    Turn::Refining => band.low.wrapping_add(1) << 4,
                };
                let only = band.component..band.component.wrapping_add(1);
                (only, [band.from, band.to, high | band.low])
            }
        };
        let mut header = vec![u8::try_from(members.len()).unwrap_or(u8::MAX)];
        let components = (1..).zip(&of.components);
        for (id, component) in components.skip(members.start).take(members.len()) {
            let table = table(component.kind);
            header.extend([id, (table << 4) | table]);
        }
        header.extend(band);
        self.segment(0xda, &header);
        let mut coded = Coded {
            writer: self,
            tables: &scan.tables,
        };
        of.show(scan.pass, steps, &mut coded);
        self.align();
    }

    /// A marker, the length of what follows with itself, and that.
    fn segment(&mut self, marker: u8, octets: &[u8]) {
        let len = u16::try_from(octets.len().saturating_add(2)).unwrap_or(u16::MAX);
        self.octets(&[0xff, marker]);
        self.octets(&len.to_be_bytes());
        self.octets(octets);
    }

    /// Octets as they are, where all bits are out.
    fn octets(&mut self, octets: &[u8]) {
        self.flush();
        if self.failed.is_none() {
            self.failed = self.sink.write_all(octets).err();
        }
    }

    /// Fills the last octet up with ones (T.81 §F.1.2.3), and puts out what waits.
    fn align(&mut self) {
        self.put(0x7f, 7);
        while let Some(rest) = self.len.checked_sub(8) {
            let [.., octet] = self.bits.wrapping_shr(rest).to_be_bytes();
            self.stuffed(octet);
            self.len = rest;
        }
        (self.bits, self.len) = (0, 0);
    }

    /// The end.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.octets(&END);
        self.failed.map_or(Ok(()), Err)
    }

    /// Puts `len` bits, 32 at most, behind those that are there.
    #[inline]
    fn put(&mut self, bits: u32, len: u32) {
        self.bits = self.bits.wrapping_shl(len) | u64::from(bits);
        self.len = self.len.wrapping_add(len); // to 31 + 32 at most
        if self.len >= WORD {
            self.len = self.len.wrapping_sub(WORD);
            let [.., a, b, c, d] = self.bits.wrapping_shr(self.len).to_be_bytes();
            self.word([a, b, c, d]);
        }
    }

    #[inline]
    fn word(&mut self, octets: [u8; 4]) {
        if octets.contains(&0xff) {
            octets.into_iter().for_each(|octet| self.stuffed(octet));
        } else {
            self.run.extend(octets);
        }
        if self.run.len() >= RUN {
            self.flush();
        }
    }

    #[inline]
    fn stuffed(&mut self, octet: u8) {
        self.run.push(octet);
        if octet == 0xff {
            self.run.push(0); // T.81 §B.1.1.5
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.sink.write_all(&self.run).err();
        }
        self.run.clear();
    }
}

/// A scan's bits being written.
struct Coded<'a, 'b, W> {
    writer: &'a mut Writer<'b, W>,
    tables: &'a Tables,
}

impl<W: Write> Symbols for Coded<'_, '_, W> {
    #[inline]
    fn symbol(&mut self, class: Class, kind: Kind, symbol: u8, bits: u32, len: u32) {
        let code = self.tables.of(class, kind).code(symbol);
        let both = code.bits.wrapping_shl(len) | bits; // sixteen bits and fourteen at most
        self.writer.put(both, code.len.wrapping_add(len));
    }

    #[inline]
    fn bits(&mut self, bits: u32, len: u32) {
        self.writer.put(bits, len);
    }
}

fn table(kind: Kind) -> u8 {
    match kind {
        Kind::Light => 0,
        Kind::Colour => 1,
    }
}
