//! JPEG XL (ISO/IEC 18181) by the decoder of the format's own project, which browsers use: what its survey and its decoding
//! have in common. It takes no more than one thread, and asks for memory in a way that may be refused.

use jxl::api::{
    AlphaMode, Event, JxlBasicInfo, JxlColorProfile, JxlDecoder, JxlDecoderOptions,
    JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};
use jxl::error::Error;

use super::size::Size;
use crate::budget::Resource;
use crate::refusal::Refusal;

/// Samples that a frame may have in the smallest picture, whose patches may take more than it has itself.
const LEAST_SAMPLES: u64 = 1024 * 1024;

/// Reads one file, from its first octet on.
pub(super) struct Reader<'a> {
    decoder: JxlDecoder,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `input` as far as it says what it is. No frame in it may have more than `samples` (nor, in any case, than [`LEAST_SAMPLES`]).
    ///
    /// # Errors
    /// A [`Refusal`], before memory is taken for any pixel.
    pub(super) fn open(input: &'a [u8], samples: u64, what: Reading) -> Result<Self, Refusal> {
        let mut options = JxlDecoderOptions::default();
        options.adjust_orientation = false; // turned when it is small
        options.max_profile_level = ProfileLevel::Main5; // few channels, few transforms: what anybody sends
        options.alpha_mode = AlphaMode::Unpremultiplied;
        let most = usize::try_from(samples.max(LEAST_SAMPLES)).unwrap_or(usize::MAX);
        options.sample_limit = Some(most.saturating_add(1)); // fewer than that
        options.scan_frames_only = what == Reading::Headers;
        let mut reader = Self {
            decoder: JxlDecoder::new(options),
            rest: input,
        };
        match reader.next(None)? {
            Event::BasicInfo => Ok(reader),
            Event::NeedMoreInput { .. }
            | Event::FrameHeader
            | Event::FrameComplete { .. }
            | Event::Complete => Err(Refusal::Damaged),
        }
    }

    /// What comes next; what there is of the file is all.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where it is cut off.
    pub(super) fn next(
        &mut self,
        pixels: Option<&mut [JxlOutputBuffer<'_>]>,
    ) -> Result<Event, Refusal> {
        let event = self.decoder.process(&mut self.rest, pixels, None);
        match event.map_err(|error| refusal(&error))? {
            Event::NeedMoreInput { .. } => Err(Refusal::Damaged),
            event @ (Event::BasicInfo
            | Event::FrameHeader
            | Event::FrameComplete { .. }
            | Event::Complete) => Ok(event),
        }
    }

    /// What the file says of itself.
    pub(super) fn said(&self) -> Result<&JxlBasicInfo, Refusal> {
        self.decoder.basic_info().ok_or(Refusal::Damaged)
    }

    /// The profile in the file.
    pub(super) fn embedded(&self) -> Result<&JxlColorProfile, Refusal> {
        let embedded = self.decoder.embedded_color_profile();
        embedded.ok_or(Refusal::Damaged)
    }

    /// The profile of the samples that come out; known when it is said which are wanted.
    pub(super) fn coming(&self) -> Result<&JxlColorProfile, Refusal> {
        let coming = self.decoder.output_color_profile();
        coming.ok_or(Refusal::Damaged)
    }

    /// Says which samples are wanted.
    pub(super) fn want(&mut self, format: JxlPixelFormat) -> Result<(), Refusal> {
        let set = self.decoder.set_pixel_format(format);
        set.map_err(|error| refusal(&error))
    }
}

/// What a file is read for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reading {
    /// Of frames that are seen, their headers alone.
    Headers,
    /// The first frame that is seen.
    Pixels,
}

/// Colours, and the four channels besides that the decoder allows in what anybody sends (Level 5 of ISO/IEC 18181-1).
pub(super) const MOST_CHANNELS: u64 = 7;

/// The samples of `channels` channels over `size`, as the decoder counts them: its rows are no shorter than this.
pub(super) fn samples(size: Size, channels: u64) -> u64 {
    const SHORTEST_ROW: u64 = 16;
    let narrow = u64::from(size.height()).saturating_mul(SHORTEST_ROW);
    size.pixels().max(narrow).saturating_mul(channels)
}

/// The decoder's errors in our words.
fn refusal(error: &Error) -> Refusal {
    if matches!(
        error,
        Error::ImageSizeTooLarge(..) | Error::ImageDimensionTooLarge(_)
    ) {
        Refusal::Exceeded(Resource::Pixels)
    } else if matches!(
        error,
        Error::OutOfMemory(_) | Error::ImageOutOfMemory(..) | Error::IccTooLarge
    ) {
        Refusal::Exceeded(Resource::Memory)
    } else if matches!(error, Error::LevelLimitExceeded { .. }) {
        Refusal::Unsupported
    } else {
        Refusal::Damaged
    }
}
