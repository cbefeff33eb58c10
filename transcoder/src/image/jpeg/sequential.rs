//! Blocks of sequential scans (T.81 §F.2).

use super::bits::Bits;
use super::coders::Coders;
use super::coefficients::{Block, Coefficients};
use super::huffman::Symbols;
use super::scan::{Memory, Run, Unit};
use super::skip::Skips;
use super::tables::ZIGZAG;
use crate::refusal::Refusal;

/// Reads the blocks of a run into `into`, where they are all zero yet.
///
/// # Errors
/// [`Refusal::Damaged`] for what is no code, and for coefficients beyond the last.
pub(super) fn blocks(
    bits: &mut Bits<'_>,
    memory: &mut Memory,
    run: &Run<'_>,
    into: &mut Coefficients,
) -> Result<(), Refusal> {
    let mut own = *bits;
    run.each_block(into, |unit, coders, block| {
        own.refill();
        let difference = coders.dc()?.difference(&mut own)?;
        let predicted = memory.predicted(unit.member, difference);
        if let Some(place) = block.first_mut() {
            *place = predicted;
        }
        others(&mut own, coders.ac()?, block)
    })?;
    *bits = own;
    Ok(())
}

/// Whether a block goes on.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Next {
    Coefficients,
    Block,
}

/// Reads the AC coefficients of a block (T.81 §F.2.2.2). Of the bits, 25 must be there.
#[inline(always)]
fn others(bits: &mut Bits<'_>, symbols: &Symbols, block: &mut Block) -> Result<(), Refusal> {
    let mut at = 1;
    loop {
        // The 56 bits of a refill do for two.
        if other(bits, symbols, block, &mut at)? == Next::Block {
            return Ok(());
        }
        bits.refill();
        if other(bits, symbols, block, &mut at)? == Next::Block {
            return Ok(());
        }
    }
}

/// Reads the next coefficient that is not zero, from that of `at` on.
#[inline(always)]
fn other(
    bits: &mut Bits<'_>,
    symbols: &Symbols,
    block: &mut Block,
    at: &mut usize,
) -> Result<Next, Refusal> {
    let (symbol, value) = symbols.valued(bits);
    let run = symbol.run();
    if symbol.size() == 0 && run < 15 {
        let end = run == 0 && symbol.len > 0;
        return if end {
            Ok(Next::Block)
        } else {
            Err(Refusal::Damaged)
        };
    }
    let here = at.wrapping_add(usize::try_from(run).unwrap_or(0));
    let natural = ZIGZAG.get(here).copied().ok_or(Refusal::Damaged)?;
    if let Some(place) = block.get_mut(usize::from(natural & 63)) {
        *place = value;
    }
    *at = here.wrapping_add(1);
    Ok(if here == 63 {
        Next::Block
    } else {
        Next::Coefficients
    })
}

/// Reads the first coefficients of a run into `into`, stepping over the others. `differences` has room for them.
///
/// # Errors
/// [`Refusal::Damaged`] for what is no code, and for coefficients beyond the last.
pub(super) fn firsts(
    bits: &mut Bits<'_>,
    memory: &mut Memory,
    run: &Run<'_>,
    differences: &mut [i16],
    into: &mut Coefficients,
) -> Result<(), Refusal> {
    let len = run.columns.len().saturating_mul(run.units.len());
    let differences = differences.get_mut(..len).ok_or(Refusal::Damaged)?;
    let mut steps = [const { None }; 10];
    for (place, unit) in steps.iter_mut().zip(run.units) {
        *place = Some(Step::of(unit, run.coders)?);
    }
    step(bits, &steps, run.units.len(), differences)?;
    let mut passed = 0;
    for units in run.units.chunk_by(|one, next| one.member == next.member) {
        summed(units, passed, memory, run, differences, into)?;
        passed = passed.saturating_add(units.len());
    }
    Ok(())
}

/// Makes first coefficients of the `differences` of one member's `units`, which come behind so many others in an MCU.
fn summed(
    units: &[Unit],
    passed: usize,
    memory: &mut Memory,
    run: &Run<'_>,
    differences: &[i16],
    into: &mut Coefficients,
) -> Result<(), Refusal> {
    let first = units.first().ok_or(Refusal::Damaged)?;
    let plane = into.plane_mut(first.component)?;
    let mcus = differences.chunks_exact(run.units.len().max(1));
    for (column, mcu) in run.columns.clone().zip(mcus) {
        for (unit, difference) in units.iter().zip(mcu.iter().skip(passed)) {
            let (row, column) = unit.place(run.row, column);
            if let Some(place) = plane.first_mut(row, column) {
                *place = memory.predicted(unit.member, *difference);
            }
        }
    }
    Ok(())
}

/// The tables for one block of an MCU.
struct Step<'s> {
    dc: &'s Symbols,
    ac: &'s Symbols,
    skips: &'s Skips,
}

impl<'s> Step<'s> {
    fn of(unit: &Unit, coders: &'s [Coders]) -> Result<Self, Refusal> {
        let coders = coders.get(unit.member).ok_or(Refusal::Damaged)?;
        Ok(Self {
            dc: coders.dc()?,
            ac: coders.ac()?,
            skips: coders.skips()?,
        })
    }
}

/// Where an eighth spends its time: nothing is done here but reading differences.
#[inline(never)]
fn step(
    bits: &mut Bits<'_>,
    steps: &[Option<Step<'_>>; 10],
    units: usize,
    differences: &mut [i16],
) -> Result<(), Refusal> {
    // A copy, which stays in registers.
    let mut own = *bits;
    for unit in differences.chunks_exact_mut(units.max(1)) {
        for (step, difference) in steps.iter().flatten().zip(unit) {
            own.refill();
            *difference = step.dc.difference(&mut own)?;
            step.skips.pass(&mut own, step.ac)?;
        }
    }
    *bits = own;
    Ok(())
}
