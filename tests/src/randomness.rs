//! Generators whose numbers a test knows: a vault's, which can be computed a second time, and one that remembers what it gave.

use std::convert::Infallible;

use getrandom::SysRng;
use rand_core::{TryCryptoRng, TryRng, UnwrapErr};
use sha2::{Digest as _, Sha256};

/// Gives the same octets for the same process number, time and again. Keeps no secret: only test programs use it.
#[derive(Clone, Debug)]
pub struct Seeded {
    process: u32,
    block: u64,
    unused: Vec<u8>,
}

impl Seeded {
    /// The generator of the test vault that runs as this process.
    #[must_use]
    pub fn of_vault(process: u32) -> Self {
        Self {
            process,
            block: 0,
            unused: Vec::new(),
        }
    }

    fn octet(&mut self) -> u8 {
        if self.unused.is_empty() {
            let digest = Sha256::new()
                .chain_update(b"a vault of the tests")
                .chain_update(self.process.to_be_bytes())
                .chain_update(self.block.to_be_bytes())
                .finalize();
            self.block += 1;
            self.unused = digest.to_vec();
        }
        self.unused.pop().expect("a digest is not empty")
    }
}

/// The system's generator, with all that it gave.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Each filling in order.
    pub fillings: Vec<Vec<u8>>,
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_u32(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_u64(self)
    }

    fn try_fill_bytes(&mut self, room: &mut [u8]) -> Result<(), Infallible> {
        room.fill_with(|| self.octet());
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

impl TryRng for Recorded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_u32(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_u64(self)
    }

    fn try_fill_bytes(&mut self, room: &mut [u8]) -> Result<(), Infallible> {
        UnwrapErr(SysRng).try_fill_bytes(room)?;
        self.fillings.push(room.to_vec());
        Ok(())
    }
}

impl TryCryptoRng for Recorded {}

fn next_u32(rng: &mut impl TryRng<Error = Infallible>) -> Result<u32, Infallible> {
    let mut octets = [0; 4];
    rng.try_fill_bytes(&mut octets)?;
    Ok(u32::from_le_bytes(octets))
}

fn next_u64(rng: &mut impl TryRng<Error = Infallible>) -> Result<u64, Infallible> {
    let mut octets = [0; 8];
    rng.try_fill_bytes(&mut octets)?;
    Ok(u64::from_le_bytes(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vaults_numbers_come_again_and_no_other_vaults() {
        let numbers = |process| {
            let mut octets = [0; 80];
            let Ok(()) = Seeded::of_vault(process).try_fill_bytes(&mut octets);
            octets
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }
}
