//! Quantised coefficients between decoding and transform: those of one row of MCUs, to which all scans have come.

use zeroize::Zeroizing;

use super::frame::Frame;
use super::marker::Process;
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// A block of coefficients, row by row.
pub(super) type Block = [i16; 64];

/// Which coefficients of a block are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kept {
    /// The first one, which an eighth is made of.
    Dc,
    All,
}

/// The coefficients of a row of MCUs in all components, in the frame's order.
pub(super) struct Coefficients {
    planes: Vec<Plane>,
}

/// The coefficients of one component: as many rows of blocks as an MCU has.
pub(super) struct Plane {
    values: Zeroizing<Vec<i16>>,
    /// Which of a block's coefficients are not zero, a bit for each in the order of coding, the first one's lowest: what
    /// later scans of a progressive file go by. Empty where there are none.
    known: Zeroizing<Vec<u64>>,
    /// Blocks in a row.
    across: usize,
}

/// A row of blocks, and which of their coefficients are known.
pub(super) type Known<'a> = (&'a mut [Block], &'a mut [u64]);

impl Coefficients {
    /// All zero.
    ///
    /// # Errors
    /// [`Refusal::Exceeded`] where they do not fit into `budget`.
    pub(super) fn of(frame: &Frame, kept: Kept, budget: &mut Budget) -> Result<Self, Refusal> {
        let mut planes = Vec::with_capacity(frame.components.len());
        for component in &frame.components {
            let across = frame.padded(*component).across;
            let each = match kept {
                Kept::Dc => 1,
                Kept::All => 64,
            };
            let len = across
                .checked_mul(component.down)
                .and_then(|len| len.checked_mul(each));
            let len = len.ok_or(Refusal::Exceeded(Resource::Memory))?;
            let mut values = budget.room(len)?;
            values.resize(len, 0);
            let known = match (kept, frame.process) {
                (Kept::All, Process::Progressive) => len / 64,
                (Kept::All, Process::Sequential) | (Kept::Dc, _) => 0,
            };
            let mut masks = budget.room(known)?;
            masks.resize(known, 0);
            planes.push(Plane {
                values,
                known: masks,
                across,
            });
        }
        Ok(Self { planes })
    }

    /// All zero again.
    pub(super) fn clear(&mut self) {
        for plane in &mut self.planes {
            plane.values.fill(0);
            plane.known.fill(0);
        }
    }

    pub(super) fn plane(&self, component: usize) -> Result<&Plane, Refusal> {
        self.planes.get(component).ok_or(Refusal::Damaged)
    }

    pub(super) fn plane_mut(&mut self, component: usize) -> Result<&mut Plane, Refusal> {
        self.planes.get_mut(component).ok_or(Refusal::Damaged)
    }
}

impl Plane {
    /// The first coefficients of a row of blocks, where only they are kept.
    pub(super) fn firsts(&self, row: usize) -> &[i16] {
        let from = row.wrapping_mul(self.across);
        let to = from.wrapping_add(self.across);
        self.values.get(from..to).unwrap_or_default()
    }

    /// The first coefficient of a block, where only it is kept.
    #[inline(always)]
    pub(super) fn first_mut(&mut self, row: usize, column: usize) -> Option<&mut i16> {
        let at = row.wrapping_mul(self.across).wrapping_add(column);
        self.values.get_mut(at)
    }

    /// A row of blocks.
    pub(super) fn blocks(&self, row: usize) -> &[Block] {
        let (blocks, _none) = self.values.as_chunks();
        let from = row.wrapping_mul(self.across);
        let to = from.wrapping_add(self.across);
        blocks.get(from..to).unwrap_or_default()
    }

    /// A row of blocks of a progressive file.
    pub(super) fn known_mut(&mut self, row: usize) -> Known<'_> {
        let (blocks, _none) = self.values.as_chunks_mut();
        let from = row.wrapping_mul(self.across);
        let to = from.wrapping_add(self.across);
        (
            blocks.get_mut(from..to).unwrap_or_default(),
            self.known.get_mut(from..to).unwrap_or_default(),
        )
    }

    #[inline(always)]
    pub(super) fn block_mut(&mut self, row: usize, column: usize) -> Option<&mut Block> {
        let (blocks, _none) = self.values.as_chunks_mut();
        blocks.get_mut(row.wrapping_mul(self.across).wrapping_add(column))
    }
}
