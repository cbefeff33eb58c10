//! "This picture in so many octets."

use transcoder::{Budget, MediaType, Refusal, Resource, Target, convert};

use crate::specimens::{budget, converted, file, in_octets, refused, scene, seen, to, within};
use crate::ssim::{reference, ssim};

#[test]
fn what_comes_out_is_never_longer_than_asked() {
    let file = file(&scene(800, 600), MediaType::Png);
    for target in Target::ALL {
        for octets in [2_000, 5_000, 12_000, 40_000, 200_000] {
            let found = converted(&file, in_octets(to(target), octets));
            assert!(found.octets.len() <= octets, "{target:?} {octets}");
            seen(&found);
        }
    }
}

/// Types of which quality gives way first.
const LOSSY: [Target; 2] = [Target::Jpeg, Target::WebP];

/// Where the finest picture is too long, the octets are made use of to the twentieth, whether quality or size gave way. (At
/// 640 pixels the picture is mostly noise; a WebP has no coarseness there between two that are a sixth apart in octets.)
#[test]
fn a_lossy_file_uses_nineteen_twentieths_of_its_octets() {
    let picture = scene(800, 600);
    let file = file(&picture, MediaType::Png);
    for (target, side, least, used) in [
        (Target::Jpeg, 160, 2_000, 95),
        (Target::Jpeg, 320, 2_000, 95),
        (Target::Jpeg, 640, 2_000, 95),
        (Target::WebP, 160, 900, 95),
        (Target::WebP, 320, 900, 95),
        (Target::WebP, 640, 2_500, 88),
    ] {
        let within = within(target, side, side);
        let finest = converted(&file, within);
        for share in [95, 80, 60, 40, 25, 15, 10, 6] {
            let octets = finest.octets.len() * share / 100;
            if octets < least {
                continue;
            }
            let found = converted(&file, in_octets(within, octets));
            let part = found.octets.len() * 100 / octets;
            assert!(
                (used..=100).contains(&part),
                "{target:?} {side} {share}: {part} of 100"
            );
        }
    }
}

/// Quality gives way before size does.
#[test]
fn a_lossy_file_becomes_coarser_before_it_becomes_smaller() {
    let picture = scene(800, 600);
    let file = file(&picture, MediaType::Png);
    for (target, few) in LOSSY.into_iter().zip([1_500, 500]) {
        let full = converted(&file, within(target, 320, 320));
        let octets = full.octets.len() * 2 / 3;
        let coarse = converted(&file, in_octets(within(target, 320, 320), octets));
        assert_eq!((coarse.width, coarse.height), (320, 240));
        assert!(coarse.octets.len() <= octets);
        assert!(
            coarse.octets.len() > octets * 9 / 10,
            "the octets are made use of"
        );
        let similarity = ssim(&seen(&coarse), &reference(&picture, 320, 240));
        assert!(similarity > 0.85, "{target:?} {similarity}");
        let tiny = converted(&file, in_octets(within(target, 320, 320), few));
        assert!(tiny.width < 320);
    }
}

#[test]
fn a_lossless_file_becomes_smaller_in_its_own_shape() {
    let file = file(&scene(800, 600), MediaType::Png);
    let found = converted(&file, in_octets(to(Target::Png), 30_000));
    assert!(found.octets.len() > 10_000, "{}", found.octets.len());
    let shape = f64::from(found.width) / f64::from(found.height);
    assert!((shape - 800.0 / 600.0).abs() < 0.02);
}

#[test]
fn what_cannot_fit_is_refused() {
    let file = file(&scene(300, 200), MediaType::Png);
    for target in Target::ALL {
        let refusal = refused(&file, in_octets(to(target), 40));
        assert_eq!(refusal, Refusal::CannotFit, "{target:?}");
    }
}

#[test]
fn the_output_that_is_allowed_bounds_what_is_asked_for() {
    let file = file(&scene(300, 200), MediaType::Png);
    let with_output = |output_octets, conversion| {
        let budget = Budget {
            output_octets,
            ..budget()
        };
        convert(&file, None, &conversion, budget)
    };
    let found = with_output(3_000, to(Target::Png)).ok().unwrap();
    assert!(found.octets.len() <= 3_000);
    let found = with_output(3_000, in_octets(to(Target::Png), 9_000));
    assert!(found.ok().unwrap().octets.len() <= 3_000);
    let refusal = with_output(50, to(Target::Png)).err().unwrap();
    assert_eq!(refusal, Refusal::Exceeded(Resource::Output));
}
