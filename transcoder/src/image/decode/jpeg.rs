//! JPEG, decoded no larger than the filter needs it.

use super::{Decoded, Head, Wanted};
use crate::budget::Budget;
use crate::image::jpeg::{Decoder, Header};
use crate::image::scale::Scale;
use crate::refusal::Refusal;

pub(super) fn decode(
    input: &[u8],
    wanted: Wanted<'_>,
    budget: &mut Budget,
) -> Result<Decoded, Refusal> {
    let mut header = Header::read(input, budget)?;
    let size = header.size();
    budget.take_pixels(size.width(), size.height())?;
    let scale = Scale::for_target(size, wanted(size, header.orientation()));
    let mut decoder = Decoder::new(input, &header, scale, budget)?;
    let head = Head {
        size,
        orientation: header.orientation(),
        profile: header.take_profile(),
    };
    head.small(&mut decoder, wanted, budget)
}
