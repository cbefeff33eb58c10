//! Blocks of sequential scans (T.81 §F.2).

use super::bits::Bits;
use super::coders::Coders;
use super::coefficients::{Block, Coefficients};
use super::huffman::Symbols;
use super::scan::{Memory, Run, Unit};
use super::skip::Skips;
use super::tables::ZIGZAG;
use crate::refusal::Refusal;

/// Reads a block whose coefficients are all zero yet.
///
/// # Errors
/// [`Refusal::Damaged`] for what is no code, and for coefficients beyond the last.
#[inline(always)]
pub(super) fn block(
    bits: &mut Bits<'_>,
    memory: &mut Memory,
    member: usize,
    coders: &Coders,
    block: &mut Block,
) -> Result<(), Refusal> {
    bits.refill();
    let difference = coders.dc()?.difference(bits)?;
    let predicted = memory.predicted(member, difference);
    if let Some(place) = block.first_mut() {
        *place = predicted;
    }
    let symbols = coders.ac()?;
    let mut at = 1_usize;
    while at < block.len() {
        bits.need();
        let symbol = symbols.peek(bits);
        let value = bits.signed(symbol.len, symbol.size());
        bits.consume(symbol.len.wrapping_add(symbol.size()));
        let run = usize::try_from(symbol.run()).unwrap_or(0);
        match (run, symbol.size()) {
            _ if symbol.len == 0 => return Err(Refusal::Damaged),
            (0, 0) => return Ok(()),
            (1..=14, 0) => return Err(Refusal::Damaged),
            (run, _) => {
                at = at.wrapping_add(run);
                let natural = ZIGZAG.get(at).copied().ok_or(Refusal::Damaged)?;
                if let Some(place) = block.get_mut(usize::from(natural & 63)) {
                    *place = value;
                }
                at = at.wrapping_add(1);
            }
        }
    }
    Ok(())
}

/// Reads the first coefficients of a run into `into`, stepping over the others. `differences` has room for them.
///
/// # Errors
/// [`Refusal::Damaged`] for what is no code, and for coefficients beyond the last.
pub(super) fn firsts<'a>(
    bits: Bits<'a>,
    memory: &mut Memory,
    run: &Run<'_>,
    differences: &mut [i16],
    into: &mut Coefficients,
) -> Result<Bits<'a>, Refusal> {
    let len = run.columns.len().saturating_mul(run.units.len());
    let differences = differences.get_mut(..len).ok_or(Refusal::Damaged)?;
    let mut steps = [const { None }; 10];
    for (place, unit) in steps.iter_mut().zip(run.units) {
        *place = Some(Step::of(unit, run.coders)?);
    }
    let bits = step(bits, &steps, run.units.len(), differences)?;
    let mut differences = differences.iter();
    run.each_first(into, |unit, _, first| {
        let difference = differences.next().copied().unwrap_or(0);
        *first = memory.predicted(unit.member, difference);
        Ok(())
    })?;
    Ok(bits)
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
fn step<'a>(
    mut bits: Bits<'a>,
    steps: &[Option<Step<'_>>; 10],
    units: usize,
    differences: &mut [i16],
) -> Result<Bits<'a>, Refusal> {
    for unit in differences.chunks_exact_mut(units.max(1)) {
        for (step, difference) in steps.iter().flatten().zip(unit) {
            bits.refill();
            *difference = step.dc.difference(&mut bits)?;
            step.skips.pass(&mut bits, step.ac)?;
        }
    }
    Ok(bits)
}
