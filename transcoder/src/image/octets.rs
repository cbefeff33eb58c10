//! Reads the fields of a file one after the other; a field that is not all there makes the file [`Refusal::Damaged`].

use crate::refusal::Refusal;

/// What is left of a file.
pub(super) struct Octets<'a> {
    rest: &'a [u8],
}

impl<'a> Octets<'a> {
    pub(super) fn of(file: &'a [u8]) -> Self {
        Self { rest: file }
    }

    /// How many octets are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// All octets that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `len` octets.
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Refusal::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next octets, as many as a field of the file says.
    pub(super) fn take_announced(&mut self, len: u32) -> Result<&'a [u8], Refusal> {
        self.take(usize::try_from(len).map_err(|_| Refusal::Damaged)?)
    }

    /// The next `N` octets.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Refusal::Damaged)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn octet(&mut self) -> Result<u8, Refusal> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16_be(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32_be(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u16_le(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u24_le(&mut self) -> Result<u32, Refusal> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_le_bytes([a, b, c, 0]))
    }

    pub(super) fn u32_le(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_cut_is_damage_and_takes_nothing() {
        let mut octets = Octets::of(&[1, 2, 3]);
        assert_eq!(octets.u16_le(), Ok(0x0201));
        assert_eq!(octets.u16_be(), Err(Refusal::Damaged));
        assert_eq!(octets.left(), 1);
        assert_eq!(octets.octet(), Ok(3));
        assert_eq!(octets.take(1), Err(Refusal::Damaged));
    }
}
