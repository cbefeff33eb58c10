//! JPEG (ITU-T T.81): its reader walks from SOI to EOI itself. Octets after EOI are left alone: telephones put whole other
//! files there.

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::jpeg::Header;
use crate::refusal::Refusal;

pub(super) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let size = Header::read(input, budget)?.size();
    Ok(Survey {
        size: paid(size.width(), size.height(), budget)?,
        working: 0, // the decoder pays for what it takes
    })
}
