//! A scan: its header (T.81 §B.2.3), the order in which its blocks come (§A.2), and its restarts (§E.2.4).

use std::ops::Range;

use zeroize::Zeroizing;

use super::bits::Bits;
use super::coders::Coders;
use super::coefficients::{Block, Coefficients, Kept};
use super::frame::{Component, Extent, Frame, interleave};
use super::marker::Process;
use super::progressive::Pass;
use super::sequential;
use super::tables::Tables;
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// What a scan header says.
pub(super) struct ScanHeader {
    pub(super) members: Vec<Member>,
    coding: Coding,
}

/// A component that comes in a scan.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Its place in the frame.
    pub(super) component: usize,
    dc: usize,
    ac: usize,
}

/// How the blocks of a scan are coded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Coding {
    Sequential,
    Progressive(Pass),
}

impl ScanHeader {
    /// # Errors
    /// [`Refusal::Damaged`] for a header against T.81.
    pub(super) fn read(mut header: Octets<'_>, frame: &Frame) -> Result<Self, Refusal> {
        let mut members: Vec<Member> = Vec::with_capacity(4);
        for _ in 0..header.octet()? {
            let [identifier, tables] = header.array()?;
            let named = |component: &Component| component.identifier == identifier;
            let component = frame.components.iter().position(named);
            let component = component.ok_or(Refusal::Damaged)?;
            // In the frame's order, which also means no component twice.
            if members
                .last()
                .is_some_and(|last| last.component >= component)
            {
                return Err(Refusal::Damaged);
            }
            members.push(Member {
                component,
                dc: usize::from(tables >> 4),
                ac: usize::from(tables & 15),
            });
        }
        let [first, last, approximation] = header.array()?;
        let coding = match frame.process {
            Process::Sequential => Coding::Sequential,
            Process::Progressive => {
                let alone = members.len() == 1;
                let pass = Pass::read(first, last, approximation).ok_or(Refusal::Damaged)?;
                if pass.is_ac() && !alone {
                    return Err(Refusal::Damaged); // T.81 §G.1.1.1.1
                }
                Coding::Progressive(pass)
            }
        };
        if members.is_empty() {
            return Err(Refusal::Damaged);
        }
        Ok(Self { members, coding })
    }

    /// Whether the scan brings nothing of what is `kept`.
    pub(super) fn is_idle(&self, kept: Kept) -> bool {
        match (self.coding, kept) {
            (Coding::Progressive(pass), Kept::Dc) => pass.is_ac(),
            (Coding::Progressive(_), Kept::All) | (Coding::Sequential, _) => false,
        }
    }
}

/// One block of an MCU.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    /// Its component's place among those of the scan.
    pub(super) member: usize,
    /// Its component's place in the frame.
    pub(super) component: usize,
    /// Blocks of its component in an MCU.
    pub(super) of: Extent,
    /// Where it lies among them.
    column: usize,
    row: usize,
}

impl Unit {
    /// Where the unit lies in its component.
    #[inline(always)]
    pub(super) fn place(&self, row: usize, column: usize) -> (usize, usize) {
        (
            row.wrapping_mul(self.of.down).wrapping_add(self.row),
            column
                .wrapping_mul(self.of.across)
                .wrapping_add(self.column),
        )
    }
}

/// A scan being read, row of MCUs by row of MCUs.
pub(super) struct Scan<'a> {
    bits: Bits<'a>,
    coding: Coding,
    kept: Kept,
    units: Vec<Unit>,
    coders: Vec<Coders>,
    /// MCUs in a row.
    across: usize,
    /// Rows of MCUs that are not read yet.
    left: usize,
    /// Rows of MCUs that lie in one of the frame's.
    band: usize,
    memory: Memory,
    restarts: Restarts,
    /// Room for what the units of a row of MCUs bring, where only differences of first coefficients are read.
    differences: Zeroizing<Vec<i16>>,
}

/// What coding remembers from block to block, up to a restart.
#[derive(Clone, Copy, Default)]
pub(super) struct Memory {
    /// The last first coefficient of each member.
    predictions: [i16; 4],
    /// Blocks to come in which the band has nothing new (EOBRUN).
    pub(super) end_of_band: u32,
}

impl Memory {
    /// A first coefficient of `member`, by its difference to the one before.
    #[inline(always)]
    pub(super) fn predicted(&mut self, member: usize, difference: i16) -> i16 {
        let Some(prediction) = self.predictions.get_mut(member) else {
            return difference;
        };
        *prediction = prediction.wrapping_add(difference);
        *prediction
    }
}

/// When the next restart is due.
#[derive(Clone, Copy)]
struct Restarts {
    interval: usize,
    /// MCUs until then.
    left: usize,
    number: u8,
}

impl<'a> Scan<'a> {
    /// The scan of `header`, whose coded octets begin at `coded`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where a table is missing, [`Refusal::Exceeded`] where its tables do not fit into `budget`.
    pub(super) fn of(
        header: &ScanHeader,
        coded: (&'a [u8], usize),
        frame: &Frame,
        tables: &Tables,
        kept: Kept,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let (units, extent, band) = units(header, frame)?;
        let mut coders = Vec::with_capacity(4);
        for member in &header.members {
            coders.push(ready(member, header.coding, kept, tables, budget)?);
        }
        let mut differences = Zeroizing::new(Vec::new());
        if header.coding == Coding::Sequential && kept == Kept::Dc {
            let len = units.len().saturating_mul(extent.across);
            differences = budget.room(len)?;
            differences.resize(len, 0);
        }
        Ok(Self {
            bits: Bits::of(coded),
            coding: header.coding,
            kept,
            units,
            coders,
            across: extent.across,
            left: extent.down,
            band,
            memory: Memory::default(),
            restarts: Restarts {
                interval: tables.restart_interval,
                left: tables.restart_interval,
                number: 0,
            },
            differences,
        })
    }

    /// Reads what the scan brings of the next row of the frame's MCUs.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for what is no code, and where the coded octets end too early.
    pub(super) fn read_band(&mut self, into: &mut Coefficients) -> Result<(), Refusal> {
        let rows = self.band.min(self.left);
        self.left = self.left.saturating_sub(rows);
        (0..rows).try_for_each(|row| self.read_row(row, into))
    }

    /// Reads the next row of the scan's own MCUs, and puts it where row `row` of `into` is.
    fn read_row(&mut self, row: usize, into: &mut Coefficients) -> Result<(), Refusal> {
        let mut from = 0;
        while from < self.across {
            let run = self.run(self.across.saturating_sub(from))?;
            let to = from.saturating_add(run);
            self.read_run(row, from..to, into)?;
            from = to;
        }
        self.bits.check()
    }

    /// How many of `wanted` MCUs come before a restart; at least one. Where one is due, it is passed first.
    fn run(&mut self, wanted: usize) -> Result<usize, Refusal> {
        if self.restarts.interval == 0 {
            return Ok(wanted);
        }
        if self.restarts.left == 0 {
            self.bits.restart(self.restarts.number)?;
            self.restarts.number = self.restarts.number.wrapping_add(1);
            self.restarts.left = self.restarts.interval;
            self.memory = Memory::default();
        }
        let run = wanted.min(self.restarts.left);
        self.restarts.left = self.restarts.left.saturating_sub(run);
        Ok(run)
    }

    fn read_run(
        &mut self,
        row: usize,
        columns: Range<usize>,
        into: &mut Coefficients,
    ) -> Result<(), Refusal> {
        let (bits, memory) = (&mut self.bits, &mut self.memory);
        let run = Run {
            units: &self.units,
            coders: &self.coders,
            row,
            columns,
        };
        match (self.coding, self.kept) {
            (Coding::Sequential, Kept::Dc) => {
                sequential::firsts(bits, memory, &run, &mut self.differences, into)
            }
            (Coding::Sequential, Kept::All) => sequential::blocks(bits, memory, &run, into),
            (Coding::Progressive(pass), Kept::Dc) => pass.firsts(bits, memory, &run, into),
            (Coding::Progressive(pass), Kept::All) => pass.blocks(bits, memory, &run, into),
        }
    }
}

/// MCUs of a row that come without a restart.
pub(super) struct Run<'s> {
    pub(super) units: &'s [Unit],
    pub(super) coders: &'s [Coders],
    pub(super) row: usize,
    pub(super) columns: Range<usize>,
}

impl Run<'_> {
    /// Calls `read` with each block in the order of coding.
    #[inline(always)]
    pub(super) fn each_block(
        &self,
        into: &mut Coefficients,
        mut read: impl FnMut(&Unit, &Coders, &mut Block) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        for column in self.columns.clone() {
            for unit in self.units {
                let (row, column) = unit.place(self.row, column);
                let block = into.plane_mut(unit.component)?.block_mut(row, column);
                let coders = self.coders.get(unit.member).ok_or(Refusal::Damaged)?;
                read(unit, coders, block.ok_or(Refusal::Damaged)?)?;
            }
        }
        Ok(())
    }

    /// Calls `read` with the first coefficient of each block in the order of coding.
    #[inline(always)]
    pub(super) fn each_first(
        &self,
        into: &mut Coefficients,
        mut read: impl FnMut(&Unit, &Coders, &mut i16) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        for column in self.columns.clone() {
            for unit in self.units {
                let (row, column) = unit.place(self.row, column);
                let first = into.plane_mut(unit.component)?.first_mut(row, column);
                let coders = self.coders.get(unit.member).ok_or(Refusal::Damaged)?;
                read(unit, coders, first.ok_or(Refusal::Damaged)?)?;
            }
        }
        Ok(())
    }
}

/// The tables that `member` needs.
fn ready(
    member: &Member,
    coding: Coding,
    kept: Kept,
    tables: &Tables,
    budget: &mut Budget,
) -> Result<Coders, Refusal> {
    let (dc, ac) = (|| tables.dc(member.dc), || tables.ac(member.ac));
    match (coding, kept) {
        (Coding::Sequential, Kept::Dc) => Coders::with_skips(dc()?, ac()?, budget),
        (Coding::Sequential, Kept::All) => Coders::with_both(dc()?, ac()?, budget),
        (Coding::Progressive(pass), _) if pass.is_ac() => Coders::with_ac(ac()?, budget),
        (Coding::Progressive(pass), _) if pass.is_coded() => Coders::with_dc(dc()?, budget),
        (Coding::Progressive(_), _) => Ok(Coders::default()),
    }
}

/// The blocks of an MCU of the scan, how many MCUs it has, and how many rows of them lie in one of the frame's.
fn units(header: &ScanHeader, frame: &Frame) -> Result<(Vec<Unit>, Extent, usize), Refusal> {
    let components = header
        .members
        .iter()
        .map(|member| frame.components.get(member.component));
    let components: Option<Vec<_>> = components.map(|one| one.copied()).collect();
    let mut components = components.ok_or(Refusal::Damaged)?;
    if !interleave(&components) {
        return Err(Refusal::Damaged);
    }
    let (mut extent, mut band) = (frame.units(), 1);
    if let [alone] = components.as_mut_slice() {
        (extent, band) = (frame.blocks(*alone), alone.down);
        (alone.across, alone.down) = (1, 1); // T.81 §A.2.2
    }
    let mut units = Vec::with_capacity(10);
    for (member, (component, named)) in components.iter().zip(&header.members).enumerate() {
        let of = Extent {
            across: component.across,
            down: component.down,
        };
        for row in 0..of.down {
            units.extend((0..of.across).map(|column| Unit {
                member,
                component: named.component,
                of,
                column,
                row,
            }));
        }
    }
    Ok((units, extent, band))
}
