//! What one conversion may cost. Sizes that a stranger announced are paid for here before anything is allocated.
//!
//! Nothing is ever given back: the sum of all that was taken is an upper bound of the peak. Time is not here: this
//! crate bounds how often it encodes, and the vault's CPU limit bounds the rest.

use zeroize::Zeroizing;

/// What is left to spend. No `Default`: whoever converts says what it may cost.
#[derive(Debug, Eq, PartialEq)]
pub struct Budget {
    /// Octets of the file that comes in.
    pub input_octets: usize,
    /// Pixels, by what the file declares, over all its frames and pages.
    pub pixels: u64,
    /// Samples of sound that are decoded, over all channels.
    pub samples: u64,
    /// Octets of the picture or recording that goes out.
    pub output_octets: usize,
    /// Octets of memory for all that is made on the way, the decoder's included.
    pub memory: usize,
}

/// What ran out.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Resource {
    /// The file is too long.
    Input,
    /// Too many pixels, or a side too long.
    Pixels,
    /// Too long a recording: too many samples of sound.
    Samples,
    /// What would go out is too long.
    Output,
    /// Too much memory would be needed.
    Memory,
    /// Its parts are nested too deeply.
    Depth,
    /// It has too many parts.
    Elements,
}

impl Resource {
    /// A word for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input octets",
            Self::Pixels => "pixels",
            Self::Samples => "samples",
            Self::Output => "output octets",
            Self::Memory => "memory",
            Self::Depth => "depth",
            Self::Elements => "elements",
        }
    }
}

/// The budget for this does not reach.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exceeded(pub Resource);

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "over the budget of {}", self.0.name())
    }
}

impl std::error::Error for Exceeded {}

impl Budget {
    /// Pays for a file of `octets`.
    ///
    /// # Errors
    /// [`Exceeded`] when less is left; nothing is spent then.
    pub fn take_input(&mut self, octets: usize) -> Result<(), Exceeded> {
        let left = self.input_octets.checked_sub(octets);
        self.input_octets = left.ok_or(Exceeded(Resource::Input))?;
        Ok(())
    }

    /// Pays for a frame of `width` × `height`.
    ///
    /// # Errors
    /// [`Exceeded`] when less is left; nothing is spent then.
    pub fn take_pixels(&mut self, width: u32, height: u32) -> Result<(), Exceeded> {
        self.take_area(u64::from(width).saturating_mul(u64::from(height)))
    }

    /// Pays for `pixels`, however they lie.
    ///
    /// # Errors
    /// [`Exceeded`] when less is left; nothing is spent then.
    pub(crate) fn take_area(&mut self, pixels: u64) -> Result<(), Exceeded> {
        let left = self.pixels.checked_sub(pixels);
        self.pixels = left.ok_or(Exceeded(Resource::Pixels))?;
        Ok(())
    }

    /// Pays for `samples` of sound.
    ///
    /// # Errors
    /// [`Exceeded`] when fewer are left; nothing is spent then.
    pub fn take_samples(&mut self, samples: u64) -> Result<(), Exceeded> {
        let left = self.samples.checked_sub(samples);
        self.samples = left.ok_or(Exceeded(Resource::Samples))?;
        Ok(())
    }

    /// Pays for a picture or recording of `octets` that goes out.
    ///
    /// # Errors
    /// [`Exceeded`] when less is left; nothing is spent then.
    pub fn take_output(&mut self, octets: usize) -> Result<(), Exceeded> {
        let left = self.output_octets.checked_sub(octets);
        self.output_octets = left.ok_or(Exceeded(Resource::Output))?;
        Ok(())
    }

    /// Pays for `octets` of memory that somebody else will allocate.
    ///
    /// # Errors
    /// [`Exceeded`] when less is left; nothing is spent then.
    pub fn take_memory(&mut self, octets: u64) -> Result<(), Exceeded> {
        let wanted = usize::try_from(octets).map_err(|_| Exceeded(Resource::Memory))?;
        let left = self.memory.checked_sub(wanted);
        self.memory = left.ok_or(Exceeded(Resource::Memory))?;
        Ok(())
    }

    /// Pays for room for `len` values and allocates it, empty. It is wiped on drop.
    ///
    /// # Errors
    /// [`Exceeded`] when less is left, or when there is no such memory.
    pub(crate) fn room<T>(&mut self, len: usize) -> Result<Zeroizing<Vec<T>>, Exceeded>
    where
        Vec<T>: zeroize::Zeroize,
    {
        let memory = Exceeded(Resource::Memory);
        let octets = len.checked_mul(size_of::<T>()).ok_or(memory)?;
        self.take_memory(u64::try_from(octets).map_err(|_| memory)?)?;
        let mut room = Zeroizing::new(Vec::new());
        room.try_reserve_exact(len).map_err(|_| memory)?;
        Ok(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget {
            input_octets: 10,
            pixels: 100,
            samples: 100,
            output_octets: 10,
            memory: 64,
        }
    }

    #[test]
    fn what_is_taken_is_gone_and_what_is_refused_is_not() {
        let mut budget = budget();
        budget.take_pixels(8, 8).unwrap();
        assert_eq!(budget.take_pixels(7, 7), Err(Exceeded(Resource::Pixels)));
        budget.take_pixels(6, 6).unwrap();
        assert_eq!(budget.pixels, 0);
    }

    #[test]
    fn no_announced_size_overflows() {
        let mut budget = budget();
        let all = budget.take_pixels(u32::MAX, u32::MAX);
        assert_eq!(all, Err(Exceeded(Resource::Pixels)));
        assert!(budget.take_memory(u64::MAX).is_err());
        assert!(budget.room::<u16>(usize::MAX).is_err());
        assert_eq!(budget, self::budget());
    }

    #[test]
    fn room_is_paid_by_its_size_in_octets() {
        let mut budget = budget();
        assert_eq!(budget.room::<u16>(30).unwrap().capacity(), 30);
        assert_eq!(budget.memory, 4);
    }
}
