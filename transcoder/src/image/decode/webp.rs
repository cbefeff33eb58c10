//! Lossy WebP without alpha, decoded no larger than the filter needs it. Other kinds are left to the decoder of whole
//! pictures.

use super::{Decoded, Head, Wanted};
use crate::budget::Budget;
use crate::image::scale::Scale;
use crate::image::survey::Survey;
use crate::image::vp8::Decoder;
use crate::image::webp::Lossy;
use crate::refusal::Refusal;

/// `None` for a file of another kind.
pub(super) fn decode(
    input: &[u8],
    survey: &Survey,
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Option<Decoded>, Refusal> {
    let Some(lossy) = Lossy::of(input)? else {
        return Ok(None);
    };
    let profile = match lossy.profile {
        Some(octets) => {
            let mut profile = budget.room(octets.len())?;
            profile.extend_from_slice(octets);
            Some(profile)
        }
        None => None,
    };
    let scale = Scale::for_target(survey.size, wanted(survey.size, survey.orientation));
    let mut decoder = Decoder::new(lossy.frame, scale, budget)?;
    let head = Head {
        size: survey.size,
        orientation: survey.orientation,
        profile,
    };
    head.small(&mut decoder, wanted, budget).map(Some)
}
