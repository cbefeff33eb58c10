//! The tables of one component in one scan, ready for use.

use super::huffman::{Codes, Symbols};
use super::skip::Skips;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// The tables of one component in one scan; those that it does not use are not there.
#[derive(Default)]
pub(super) struct Coders {
    dc: Option<Symbols>,
    ac: Option<Symbols>,
    skips: Option<Skips>,
}

impl Coders {
    /// For differences of first coefficients alone.
    pub(super) fn with_dc(dc: &Codes, budget: &mut Budget) -> Result<Self, Refusal> {
        Ok(Self {
            dc: Some(Symbols::of(dc, budget)?),
            ..Self::default()
        })
    }

    /// For other coefficients alone.
    pub(super) fn with_ac(ac: &Codes, budget: &mut Budget) -> Result<Self, Refusal> {
        Ok(Self {
            ac: Some(Symbols::of(ac, budget)?),
            ..Self::default()
        })
    }

    /// For all coefficients.
    pub(super) fn with_both(dc: &Codes, ac: &Codes, budget: &mut Budget) -> Result<Self, Refusal> {
        Ok(Self {
            dc: Some(Symbols::of(dc, budget)?),
            ac: Some(Symbols::of(ac, budget)?),
            skips: None,
        })
    }

    /// For first coefficients, and steps over the others.
    pub(super) fn with_skips(dc: &Codes, ac: &Codes, budget: &mut Budget) -> Result<Self, Refusal> {
        Ok(Self {
            skips: Some(Skips::of(ac, budget)?),
            ..Self::with_both(dc, ac, budget)?
        })
    }

    /// # Errors
    /// [`Refusal::Damaged`] where it was made without.
    #[inline(always)]
    pub(super) fn dc(&self) -> Result<&Symbols, Refusal> {
        self.dc.as_ref().ok_or(Refusal::Damaged)
    }

    /// # Errors
    /// [`Refusal::Damaged`] where it was made without.
    #[inline(always)]
    pub(super) fn ac(&self) -> Result<&Symbols, Refusal> {
        self.ac.as_ref().ok_or(Refusal::Damaged)
    }

    /// # Errors
    /// [`Refusal::Damaged`] where it was made without.
    #[inline(always)]
    pub(super) fn skips(&self) -> Result<&Skips, Refusal> {
        self.skips.as_ref().ok_or(Refusal::Damaged)
    }
}
