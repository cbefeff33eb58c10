//! The bands of a progressive file: some coefficients of one component in a scan, without their lowest bits or with one
//! of these (T.81 §G.1.2.2, §G.1.2.3).

use zeroize::{Zeroize, Zeroizing};

use super::Kind;
use super::levels::{Levels, index, places};
use super::symbols::{Class, Symbols, ZEROS, magnitude, symbol};

/// A band of one component.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Band {
    /// Its component's place in the file.
    pub(super) component: usize,
    /// The first and the last coefficient (Ss, Se), of which none is the block's first.
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) turn: Turn,
    /// The lowest bit that comes (Al).
    pub(super) low: u8,
}

/// Whether all bits down to the lowest come, or the lowest alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Turn {
    Initial,
    Refining,
}

impl Band {
    /// A bit for each of its coefficients.
    fn mask(&self) -> u64 {
        let from = u64::MAX.wrapping_shl(self.from.into());
        let to = (u64::MAX).wrapping_shr(63_u32.wrapping_sub(self.to.into()));
        from & to
    }
}

/// The longest run of blocks without anything new: fifteen bits say no more.
const LONGEST_RUN: u32 = 0x7fff;

/// Blocks whose corrections wait for the end of a run: the list never grows, so no copy stays behind.
const MOST_WAITING: usize = 256;

/// Codes a band's blocks.
pub(super) struct Coder {
    band: Band,
    kind: Kind,
    mask: u64,
    /// Blocks before with nothing new to their end (EOBRUN).
    run: u32,
    /// Corrections of these blocks, which come behind the run.
    waiting: Zeroizing<Vec<Corrections>>,
}

impl Coder {
    pub(super) fn new(band: Band, kind: Kind) -> Self {
        Self {
            band,
            kind,
            mask: band.mask(),
            run: 0,
            waiting: Zeroizing::new(match band.turn {
                Turn::Initial => Vec::new(),
                Turn::Refining => Vec::with_capacity(MOST_WAITING),
            }),
        }
    }

    /// Shows what comes of one more block, of which `significant` is as in [`Levels`].
    #[inline]
    pub(super) fn block(
        &mut self,
        levels: &Levels,
        significant: impl Fn(u8) -> u64,
        symbols: &mut impl Symbols,
    ) {
        let known = |low| significant(low) & self.mask;
        let seen = known(self.band.low);
        match self.band.turn {
            Turn::Initial => self.initial(levels, seen, symbols),
            Turn::Refining => {
                let before = known(self.band.low.wrapping_add(1));
                self.refining(levels, seen, before, symbols);
            }
        }
    }

    /// T.81 §G.1.2.2.
    #[inline]
    fn initial(&mut self, levels: &Levels, seen: u64, symbols: &mut impl Symbols) {
        let mut next = u32::from(self.band.from);
        for at in places(seen) {
            self.end_run(symbols);
            let zeros = self.zeros(at.wrapping_sub(next), symbols);
            let level = levels.at(index(at));
            let cut = (level.abs() >> self.band.low).wrapping_mul(level.signum());
            let (len, bits) = magnitude(cut);
            symbols.symbol(Class::Ac, self.kind, symbol(zeros, len), bits, len);
            next = at.wrapping_add(1);
        }
        if next <= self.band.to.into() {
            self.lengthen_run(symbols);
        }
    }

    /// T.81 §G.1.2.3: a correction for each coefficient that is known already comes behind the run of zeros that passes
    /// over it.
    #[inline]
    fn refining(&mut self, levels: &Levels, seen: u64, before: u64, symbols: &mut impl Symbols) {
        let new = seen & !before;
        let last_new = new.checked_ilog2();
        let mut corrections = Corrections::default();
        let (mut zeros, mut next) = (0_u32, u32::from(self.band.from));
        for at in places(seen) {
            zeros = zeros.wrapping_add(at.wrapping_sub(next));
            next = at.wrapping_add(1);
            if zeros > 15 && last_new.is_some_and(|last| at <= last) {
                self.end_run(symbols);
                while zeros > 15 {
                    symbols.symbol(Class::Ac, self.kind, ZEROS, 0, 0);
                    zeros = zeros.wrapping_sub(16);
                    corrections.show(symbols);
                }
            }
            let level = levels.at(index(at));
            if before >> at & 1 == 1 {
                corrections.push(level.unsigned_abs() >> self.band.low & 1);
                continue;
            }
            self.end_run(symbols);
            let sign = u32::from(level > 0);
            symbols.symbol(Class::Ac, self.kind, symbol(zeros, 1), sign, 1);
            corrections.show(symbols);
            zeros = 0;
        }
        if next <= self.band.to.into() || zeros > 0 || corrections.len > 0 {
            if corrections.len > 0 {
                self.waiting.push(corrections);
            }
            self.lengthen_run(symbols);
        }
    }

    /// Shows sixteen zeros as often as there are more; says how many are left.
    #[inline]
    fn zeros(&self, mut zeros: u32, symbols: &mut impl Symbols) -> u32 {
        while zeros > 15 {
            symbols.symbol(Class::Ac, self.kind, ZEROS, 0, 0);
            zeros = zeros.wrapping_sub(16);
        }
        zeros
    }

    #[inline]
    fn lengthen_run(&mut self, symbols: &mut impl Symbols) {
        self.run = self.run.wrapping_add(1);
        if self.run == LONGEST_RUN || self.waiting.len() == MOST_WAITING {
            self.end_run(symbols);
        }
    }

    /// Shows the run of blocks before, if there is one.
    #[inline]
    pub(super) fn end_run(&mut self, symbols: &mut impl Symbols) {
        let Some(len) = self.run.checked_ilog2() else {
            return;
        };
        let bits = self.run ^ 1_u32.wrapping_shl(len);
        symbols.symbol(Class::Ac, self.kind, symbol(len, 0), bits, len);
        self.run = 0;
        for mut corrections in self.waiting.drain(..) {
            corrections.show(symbols);
        }
    }
}

/// One bit for each known coefficient of a block, 63 at most, that waits for its turn.
#[derive(Clone, Copy, Default, Zeroize)]
struct Corrections {
    bits: u64,
    len: u32,
}

impl Corrections {
    #[inline]
    fn push(&mut self, bit: u32) {
        self.bits = self.bits.wrapping_shl(1) | u64::from(bit);
        self.len = self.len.wrapping_add(1);
    }

    /// Shows them; there are none afterwards.
    #[inline]
    fn show(&mut self, symbols: &mut impl Symbols) {
        let high = self.len.saturating_sub(HALF);
        let [a, b, c, d, e, f, g, h] = self.bits.to_be_bytes();
        if high > 0 {
            symbols.bits(u32::from_be_bytes([a, b, c, d]), high);
        }
        symbols.bits(u32::from_be_bytes([e, f, g, h]), self.len.min(HALF));
        *self = Self::default();
    }
}

const HALF: u32 = 32;
