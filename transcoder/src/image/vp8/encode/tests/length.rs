//! How long frames are.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_coarser_is_shorter() {
    let mut encoder = encoder(&picture(200, 150, Channels::Rgb, 60, 1));
    let lens = [0, 56, 120, 200, 320, 440].map(|at| encoder.encode(Coarseness(at), usize::MAX).len);
    assert!(
        lens.is_sorted_by(|finer, coarser| finer > coarser),
        "{lens:?}"
    );
}

/// Half an index is half way.
#[test]
fn between_two_indices_lies_one_more() {
    let picture = picture(200, 150, Channels::Rgb, 30, 1);
    let len = |at| encoder(&picture).encode(Coarseness(at), usize::MAX).len;
    let [finer, between, coarser] = [80, 82, 84].map(len);
    assert!(
        finer > between && between > coarser,
        "{finer} {between} {coarser}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// What a frame says of one that is a little finer or coarser is nearly so.
    #[test]
    fn estimates_are_near(
        coarseness in 40_u16..240,
        away in -8_i16..=8,
        grain in 16_u8..80,
        seed in any::<u64>(),
    ) {
        let picture = picture(240, 160, Channels::Rgb, grain, seed);
        let mut encoder = encoder(&picture);
        let made = encoder.encode(Coarseness(coarseness), usize::MAX).len;
        prop_assert!(made.abs_diff(encoder.estimate(Coarseness(coarseness))) <= 1);
        let other = Coarseness(coarseness.saturating_add_signed(away));
        let estimated = encoder.estimate(other) as f64;
        let made = encoder.encode(other, usize::MAX).len as f64;
        prop_assert!((estimated / made - 1.0).abs() < 0.15, "{} {}", estimated, made);
    }

    /// What is too long is counted to the octet, and nothing of it comes out.
    #[test]
    fn what_does_not_fit_is_counted(grain in any::<u8>(), seed in any::<u64>()) {
        let picture = picture(60, 50, Channels::Rgb, grain, seed);
        let frame = frame(&mut encoder(&picture), Coarseness(80));
        let short = encoder(&picture).encode(Coarseness(80), 20);
        prop_assert_eq!(short.len, frame.len());
        let mut none = Vec::new();
        short.write(&mut none).unwrap();
        prop_assert!(none.is_empty());
    }
}
