//! Markers and bits as they stand in the file (T.81 annex B).

use std::io::{Error, Write};

use zeroize::Zeroizing;

use super::quantise::Steps;
use super::symbols::{Class, Symbols, Tables};
use super::{Kind, Transformed};

/// T.81 table B.1.
const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];

/// T.871 §10.1: JFIF 1.02, pixels as wide as high, no thumbnail.
const JFIF: &[u8] = b"\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

/// Octets of a file's markers and segments that are the same for all: those above, and what DQT, SOF, DHT and SOS have
/// besides their tables and components.
const FIXED_LEN: usize = 2 + 2 + 18 + 4 + 10 + 4 + 8;

/// Octets of bits that are gathered before they go out.
const RUN: usize = 4096;

/// More than one call adds to them, stuffing and the last marker with it: they never grow, so no copy stays behind.
const MOST_PUT: usize = 32;

/// Writes one file.
pub(super) struct Writer<'a, W> {
    sink: &'a mut W,
    tables: &'a Tables,
    /// Bits that are not yet a whole octet, at the low end.
    bits: u64,
    len: u32,
    run: Zeroizing<Vec<u8>>,
    failed: Option<Error>,
}

/// How many octets stand before and behind the scan.
pub(super) fn headers_len(components: usize, tables: &Tables) -> u64 {
    let kinds = components.min(2);
    let symbols = tables
        .dc
        .iter()
        .take(kinds)
        .chain(tables.ac.iter().take(kinds));
    let symbols = symbols.fold(0, |sum: usize, table| {
        sum.saturating_add(table.symbols.len())
    });
    let kinds = kinds.saturating_mul(65 + 2 * 17);
    let components = components.saturating_mul(3 + 2);
    let len = FIXED_LEN
        .saturating_add(kinds)
        .saturating_add(components)
        .saturating_add(symbols);
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl<'a, W: Write> Writer<'a, W> {
    pub(super) fn new(sink: &'a mut W, tables: &'a Tables) -> Self {
        Self {
            sink,
            tables,
            bits: 0,
            len: 0,
            run: Zeroizing::new(Vec::with_capacity(RUN + MOST_PUT)),
            failed: None,
        }
    }

    /// All that stands before the scan.
    pub(super) fn headers(&mut self, of: &Transformed, steps: &[Steps; 2]) -> Result<(), Error> {
        self.sink.write_all(&START)?;
        self.sink.write_all(JFIF)?;
        let kinds = of.components.len().min(2);
        let mut quantisation = Vec::new();
        for (id, steps) in (0..).zip(steps.iter().take(kinds)) {
            quantisation.push(id);
            quantisation.extend(steps.octets());
        }
        self.segment(0xdb, &quantisation)?;
        self.frame(of)?;
        self.huffman(kinds)?;
        self.scan(of)
    }

    /// T.81 §B.2.2.
    fn frame(&mut self, of: &Transformed) -> Result<(), Error> {
        let mut frame = vec![8];
        for side in [of.size.height(), of.size.width()] {
            frame.extend(u16::try_from(side).unwrap_or(u16::MAX).to_be_bytes());
        }
        frame.push(u8::try_from(of.components.len()).unwrap_or(u8::MAX));
        for (id, component) in (1..).zip(&of.components) {
            let factors = if component.factor == 2 { 0x22 } else { 0x11 };
            frame.extend([id, factors, table(component.kind)]);
        }
        self.segment(0xc0, &frame)
    }

    /// T.81 §B.2.4.2.
    fn huffman(&mut self, kinds: usize) -> Result<(), Error> {
        let mut octets = Vec::new();
        for (class, tables) in [(0, &self.tables.dc), (0x10, &self.tables.ac)] {
            for (id, table) in (0..).zip(tables.iter().take(kinds)) {
                let id: u8 = id;
                octets.push(class | id);
                octets.extend(table.lengths);
                octets.extend(&table.symbols);
            }
        }
        self.segment(0xc4, &octets)
    }

    /// T.81 §B.2.3.
    fn scan(&mut self, of: &Transformed) -> Result<(), Error> {
        let mut scan = vec![u8::try_from(of.components.len()).unwrap_or(u8::MAX)];
        for (id, component) in (1..).zip(&of.components) {
            let table = table(component.kind);
            scan.extend([id, (table << 4) | table]);
        }
        scan.extend([0, 63, 0]);
        self.segment(0xda, &scan)
    }

    /// A marker, the length of what follows with itself, and that.
    fn segment(&mut self, marker: u8, octets: &[u8]) -> Result<(), Error> {
        let len = u16::try_from(octets.len().saturating_add(2)).unwrap_or(u16::MAX);
        self.sink.write_all(&[0xff, marker])?;
        self.sink.write_all(&len.to_be_bytes())?;
        self.sink.write_all(octets)
    }

    /// The last bits, filled up with ones, and the end.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.put(0x7f, 7);
        self.run.extend(END);
        self.flush();
        self.failed.map_or(Ok(()), Err)
    }

    #[inline]
    fn put(&mut self, bits: u32, len: u32) {
        self.bits = self.bits.wrapping_shl(len) | u64::from(bits);
        self.len = self.len.wrapping_add(len); // to 7 + 16 + 16 at most
        while self.len >= 8 {
            self.len = self.len.wrapping_sub(8);
            let [.., octet] = self.bits.wrapping_shr(self.len).to_be_bytes();
            self.run.push(octet);
            if octet == 0xff {
                self.run.push(0); // T.81 §B.1.1.5
            }
        }
        if self.run.len() >= RUN {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.sink.write_all(&self.run).err();
        }
        self.run.clear();
    }
}

impl<W: Write> Symbols for Writer<'_, W> {
    #[inline]
    fn symbol(&mut self, class: Class, kind: Kind, symbol: u8, bits: u32, len: u32) {
        let code = self.tables.of(class, kind).code(symbol);
        self.put(code.bits, code.len);
        self.put(bits, len);
    }
}

fn table(kind: Kind) -> u8 {
    match kind {
        Kind::Light => 0,
        Kind::Colour => 1,
    }
}
