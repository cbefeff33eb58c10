//! What the library does is counted where it calls back, and ended where it is too much. It has no way to be told to stop but
//! to unwind; a panic of its own ends at the same place, as damage.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::budget::Resource;
use crate::refusal::Refusal;

/// What the calls for a page may weigh. A map draws hundreds of thousands of lines.
const MOST: usize = 2_000_000;

/// What a call costs, where a line that is drawn costs 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Weight {
    Drawn,
    /// Each form begins with a clip: it is looked up, inflated and read anew.
    Clipped,
}

/// What the library's calls weigh.
#[derive(Default)]
pub(super) struct Calls(usize);

/// It called too often.
struct TooOften;

impl Calls {
    /// Counts a call; unwinds to [`guarded`] where it is one too many.
    pub(super) fn count(&mut self, weight: Weight) {
        self.0 = self.0.saturating_add(match weight {
            Weight::Drawn => 1,
            Weight::Clipped => 20,
        });
        if self.0 > MOST {
            resume_unwind(Box::new(TooOften));
        }
    }
}

/// Lets the library work. What it had in hand is dropped if it does not come to an end: nothing of it is used again.
///
/// # Errors
/// [`Refusal::Exceeded`] where it called too often, [`Refusal::Damaged`] where it panicked.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|reason| {
        if reason.is::<TooOften>() {
            Refusal::Exceeded(Resource::Elements)
        } else {
            Refusal::Damaged
        }
    })
}
