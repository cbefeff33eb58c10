//! When each frame of an animation is seen: what a walk finds besides the size.

use std::num::NonZeroU16;

use super::Survey;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// A frame, as the file announces it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::image) struct Step {
    /// How long it is seen, as viewers show it.
    pub(in crate::image) milliseconds: u32,
    /// How many pixels the frame itself has, which may be fewer than the canvas.
    pub(in crate::image) pixels: u64,
}

impl Step {
    /// `milliseconds` as the file says. What is too fast to be meant is slowed down, as browsers do it.
    pub(super) fn new(milliseconds: u32, pixels: u64) -> Self {
        let shown = if milliseconds > TOO_FAST {
            milliseconds
        } else {
            INSTEAD
        };
        Self {
            milliseconds: shown,
            pixels,
        }
    }
}

/// A frame that is to be seen no longer than this is seen for [`INSTEAD`]: so do all browsers, of GIF and of WebP.
const TOO_FAST: u32 = 10;
const INSTEAD: u32 = 100;

/// How often an animation is seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::image) enum Plays {
    Once,
    /// Once, and so many times more.
    Again(NonZeroU16),
    Forever,
}

/// All frames of a file.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::image) struct Timeline {
    pub(in crate::image) survey: Survey,
    pub(in crate::image) steps: Vec<Step>,
    pub(in crate::image) plays: Plays,
}

/// What a walk tells as it goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Seen {
    Frame(Step),
    Plays(Plays),
}

/// A walk that tells what it sees.
pub(super) type TellingWalk = fn(
    &[u8],
    &mut Budget,
    &mut dyn FnMut(Seen, &mut Budget) -> Result<(), Refusal>,
) -> Result<Survey, Refusal>;

/// All that `walk` sees; the list is paid for.
pub(super) fn collected(
    walk: TellingWalk,
    input: &[u8],
    budget: &mut Budget,
) -> Result<Timeline, Refusal> {
    let (mut steps, mut plays) = (Vec::new(), Plays::Once);
    let survey = walk(input, budget, &mut |seen, budget| {
        match seen {
            Seen::Frame(step) => {
                budget.take_memory(STEP_OCTETS)?;
                steps.push(step);
            }
            Seen::Plays(told) => plays = told,
        }
        Ok(())
    })?;
    Ok(Timeline {
        survey,
        steps,
        plays,
    })
}

/// Octets of memory for one more frame in a list that doubles as it grows, the old one beside the new.
const STEP_OCTETS: u64 = 48;
