//! A decoded picture: eight bits a sample, rows from the top, wiped on drop.

use zeroize::Zeroizing;

use super::size::{Size, length};
use crate::refusal::Refusal;

/// What a pixel's samples mean, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Cyan, magenta, yellow, black as Adobe writes them into JPEG: 255 is no ink.
    InvertedCmyk,
}

impl Channels {
    /// How many samples a pixel has.
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::InvertedCmyk => 4,
        }
    }
}

/// A picture in memory. The alpha, where there is one, is not multiplied in.
pub(super) struct Picture {
    size: Size,
    channels: Channels,
    samples: Zeroizing<Vec<u8>>,
}

impl Picture {
    /// # Errors
    /// [`Refusal::Damaged`] when there are more or fewer samples than the size takes.
    pub(super) fn new(
        size: Size,
        channels: Channels,
        samples: Zeroizing<Vec<u8>>,
    ) -> Result<Self, Refusal> {
        if size.samples(channels.count()) != Some(samples.len()) {
            return Err(Refusal::Damaged);
        }
        Ok(Self {
            size,
            channels,
            samples,
        })
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn channels(&self) -> Channels {
        self.channels
    }

    pub(super) fn samples(&self) -> &[u8] {
        &self.samples
    }

    pub(super) fn samples_mut(&mut self) -> &mut [u8] {
        &mut self.samples
    }

    /// How many samples a row has.
    pub(super) fn row_len(&self) -> usize {
        length(self.size.width()).saturating_mul(self.channels.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_that_are_not_as_many_as_the_size_says_make_no_picture() {
        let size = Size::declared(2, 2).unwrap();
        let made = |len| Picture::new(size, Channels::Rgb, Zeroizing::new(vec![0; len])).is_ok();
        assert!(made(12));
        assert!(!made(11));
        assert!(!made(13));
    }
}
