//! A shorter animation: frames picked evenly over its time, each shown until the next one begins, so that all lasts as long.

use std::num::NonZeroU16;

use super::picture::Picture;
use super::survey::Step;

/// A frame on its way out.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) picture: &'a Picture,
    /// How long, in hundredths of a second.
    pub(super) hundredths: u16,
}

/// A frame that is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pick {
    /// Which one, from 0.
    pub(super) frame: usize,
    /// How long it is shown, in hundredths of a second.
    pub(super) hundredths: u16,
}

/// Shorter than this no viewer shows a frame of a GIF; it would take a tenth of a second instead.
const SHORTEST: u16 = 2;

/// At most `most` of `steps`, in their order: the first, and whichever is seen when each equal share of the time begins.
pub(super) fn picked(steps: &[Step], most: NonZeroU16) -> Vec<Pick> {
    let wanted = u64::from(most.get());
    let time = |step: &Step| u64::from(step.milliseconds);
    let all = steps.iter().map(time).fold(0, u64::saturating_add);
    let few = steps.len() <= usize::from(most.get());
    let (mut picks, mut share, mut begins) = (Vec::new(), 0_u64, 0_u64);
    for (frame, step) in steps.iter().enumerate() {
        let ends = begins.saturating_add(time(step));
        // The share begins at `share` / `wanted` of all the time.
        let reached = ends.saturating_mul(wanted);
        if few || share.saturating_mul(all) < reached {
            picks.push((frame, begins));
            share = reached.checked_div(all).unwrap_or(0);
            share = share.saturating_add(u64::from(share.saturating_mul(all) < reached));
        }
        begins = ends;
    }
    timed(&picks, all)
}

/// Each is shown until the next one begins, the last until the end, `all`.
fn timed(picks: &[(usize, u64)], all: u64) -> Vec<Pick> {
    let ends = picks.iter().skip(1).map(|(_, begins)| *begins);
    picks
        .iter()
        .zip(ends.chain([all]))
        .map(|((frame, begins), ends)| Pick {
            frame: *frame,
            hundredths: hundredths(ends)
                .saturating_sub(hundredths(*begins))
                .try_into()
                .unwrap_or(u16::MAX)
                .max(SHORTEST),
        })
        .collect()
}

/// The nearest to so many milliseconds; of points in time, so that what is rounded does not add up.
fn hundredths(milliseconds: u64) -> u64 {
    milliseconds.saturating_add(5) / 10
}

/// Every second of `shown`, each for its own time and the next one's.
pub(super) fn halved<'a>(shown: &[Shown<'a>]) -> Vec<Shown<'a>> {
    shown
        .chunks(2)
        .filter_map(|pair| {
            let time = |all: u16, one: &Shown<'_>| all.saturating_add(one.hundredths);
            Some(Shown {
                hundredths: pair.iter().fold(0, time),
                ..*pair.first()?
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps(all: &[u32]) -> Vec<Step> {
        all.iter()
            .map(|time| Step {
                milliseconds: *time,
                pixels: 1,
            })
            .collect()
    }

    fn of(times: &[u32], most: u16) -> Vec<(usize, u16)> {
        let picks = picked(&steps(times), NonZeroU16::new(most).unwrap());
        picks
            .iter()
            .map(|pick| (pick.frame, pick.hundredths))
            .collect()
    }

    #[test]
    fn frames_are_picked_by_time_and_not_by_number() {
        assert_eq!(of(&[100; 6], 3), [(0, 20), (2, 20), (4, 20)]);
        // A long one is taken once, and shown for all of its time.
        assert_eq!(of(&[900, 50, 50], 2), [(0, 100)]);
        // The second half begins with the third frame.
        assert_eq!(of(&[100, 900, 100, 900], 2), [(0, 100), (2, 100)]);
        assert_eq!(of(&[100, 901, 100, 900], 2), [(0, 10), (1, 190)]);
        // Those that are no more than asked for are all taken, however short.
        assert_eq!(of(&[900, 50, 50], 3), [(0, 90), (1, 5), (2, 5)]);
        assert_eq!(of(&[], 3), []);
    }

    #[test]
    fn what_is_rounded_does_not_add_up() {
        let picks = of(&[33; 60], 60);
        let all: u32 = picks.iter().map(|(_, time)| u32::from(*time)).sum();
        assert_eq!(all, 198);
    }

    proptest! {
        #[test]
        fn no_more_than_asked_for_and_as_long(
            times in proptest::collection::vec(20_u32..2_000, 1..200),
            most in 1_u16..70,
        ) {
            let picks = of(&times, most);
            prop_assert!(!picks.is_empty() && picks.len() <= usize::from(most).min(times.len()));
            prop_assert_eq!(picks[0].0, 0);
            prop_assert!(picks.is_sorted_by(|one, next| one.0 < next.0));
            let all: u32 = picks.iter().map(|(_, time)| u32::from(*time)).sum();
            prop_assert_eq!(all, (times.iter().sum::<u32>() + 5) / 10);
        }
    }
}
