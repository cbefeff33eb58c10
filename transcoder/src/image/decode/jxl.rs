//! JPEG XL: its first frame, whole, for the decoder gives no rows; eight bits a sample whatever the file has.

use jxl::api::{
    Event, ExtraChannel, JxlBasicInfo, JxlColorEncoding, JxlColorProfile, JxlColorType,
    JxlDataFormat, JxlOutputBuffer, JxlPixelFormat,
};
use zeroize::Zeroizing;

use super::Head;
use crate::budget::{Budget, Resource};
use crate::image::jxl::{MOST_CHANNELS, Reader, Reading, samples};
use crate::image::picture::{Channels, Picture};
use crate::image::size::{Size, length};
use crate::image::survey::Survey;
use crate::refusal::Refusal;

pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    budget: &mut Budget,
) -> Result<(Head, Picture), Refusal> {
    let most = samples(survey.size, MOST_CHANNELS);
    let mut reader = Reader::open(input, most, Reading::Pixels)?;
    let said = reader.said()?.clone();
    let channels = channels(&reader, &said)?;
    reader.want(format(channels, &said)?)?;
    let profile = profile(&reader, channels, budget)?;
    let len = survey.size.samples(channels.count());
    let len = len.ok_or(Refusal::Exceeded(Resource::Memory))?;
    let mut octets = budget.room(len)?;
    octets.resize(len, 0);
    pixels(&mut reader, &said, survey.size, &mut octets)?;
    let head = Head {
        size: survey.size,
        orientation: survey.orientation,
        profile,
    };
    Ok((head, Picture::new(survey.size, channels, octets)?))
}

/// What is asked of the decoder. Inks are not read: no program at hand writes them, so nobody could say whether they are right.
fn channels(reader: &Reader<'_>, said: &JxlBasicInfo) -> Result<Channels, Refusal> {
    let has = |wanted| {
        let mut extra = said.extra_channels.iter();
        extra.any(|channel| channel.ec_type == wanted)
    };
    if has(ExtraChannel::Black) {
        return Err(Refusal::Unsupported);
    }
    match (reader.embedded()?.channels(), has(ExtraChannel::Alpha)) {
        (1, false) => Ok(Channels::Grey),
        (1, true) => Ok(Channels::GreyAlpha),
        (3, false) => Ok(Channels::Rgb),
        (3, true) => Ok(Channels::Rgba),
        (_other, _) => Err(Refusal::Unsupported),
    }
}

fn format(channels: Channels, said: &JxlBasicInfo) -> Result<JxlPixelFormat, Refusal> {
    let color_type = match channels {
        Channels::Grey => JxlColorType::Grayscale,
        Channels::GreyAlpha => JxlColorType::GrayscaleAlpha,
        Channels::Rgb => JxlColorType::Rgb,
        Channels::Rgba => JxlColorType::Rgba,
        Channels::InvertedCmyk => return Err(Refusal::Unsupported),
    };
    Ok(JxlPixelFormat {
        color_type,
        color_data_format: Some(JxlDataFormat::U8 { bit_depth: 8 }),
        extra_channel_format: vec![None; said.extra_channels.len()],
    })
}

/// The profile of the samples that come; none for sRGB.
fn profile(
    reader: &Reader<'_>,
    channels: Channels,
    budget: &mut Budget,
) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    let coming = reader.coming()?;
    let grey = matches!(channels, Channels::Grey | Channels::GreyAlpha);
    let srgb = JxlColorProfile::Simple(JxlColorEncoding::srgb(grey));
    if coming.same_color_encoding(&srgb) {
        return Ok(None);
    }
    let Some(octets) = coming.try_as_icc() else {
        return Ok(None);
    };
    let mut profile = budget.room(octets.len())?;
    profile.extend_from_slice(&octets);
    Ok(Some(profile))
}

/// The first frame. Behind that of a still picture the file must end as it should; an animation was walked to its end before.
fn pixels(
    reader: &mut Reader<'_>,
    said: &JxlBasicInfo,
    size: Size,
    octets: &mut [u8],
) -> Result<(), Refusal> {
    let rows = length(size.height());
    let row = octets.len().checked_div(rows).ok_or(Refusal::Damaged)?;
    if said.size != (length(size.width()), rows) {
        return Err(Refusal::Damaged);
    }
    loop {
        let mut buffers = [JxlOutputBuffer::new(octets, rows, row)];
        match reader.next(Some(&mut buffers))? {
            Event::FrameHeader => (),
            Event::FrameComplete { has_more_frames } => {
                return match (has_more_frames, &said.animation) {
                    (true, Some(_moves)) => Ok(()),
                    _ => ended(reader),
                };
            }
            Event::BasicInfo | Event::NeedMoreInput { .. } | Event::Complete => {
                return Err(Refusal::Damaged);
            }
        }
    }
}

fn ended(reader: &mut Reader<'_>) -> Result<(), Refusal> {
    match reader.next(None)? {
        Event::Complete => Ok(()),
        Event::FrameHeader
        | Event::FrameComplete { .. }
        | Event::BasicInfo
        | Event::NeedMoreInput { .. } => Err(Refusal::Damaged),
    }
}
