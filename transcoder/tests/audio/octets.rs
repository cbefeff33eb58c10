//! Budgets: of octets that go out, of samples, of memory.

use std::num::NonZeroU32;

use transcoder::audio::{Extent, Parameters, Target, convert};
use transcoder::{Budget, Refusal, Resource};

use crate::specimens::{HOUR, SEEDS, budget, converted, seconds, sweep, to, wav, within};

#[test]
fn a_byte_budget_is_kept_and_used() {
    let wave = sweep(16_000, 20);
    for octets in [18_000, 25_000, 40_000, 60_000] {
        let audio = converted(&wave, &within(octets)).unwrap();
        let len = audio.octets.expose().len();
        assert!(
            (octets * 93 / 100..=octets).contains(&len),
            "{len} of {octets}"
        );
    }
}

#[test]
fn noise_and_silence_keep_within_the_budget_too() {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..320_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    for (name, body) in [("noise", noise), ("silence", vec![0; 320_000])] {
        let wave = wav(16_000, 1, 16, &body);
        for octets in [9_000, 12_000, 30_000] {
            let audio = converted(&wave, &within(octets)).unwrap();
            assert!(audio.octets.expose().len() <= octets, "{name} in {octets}");
        }
    }
}

/// A minute in ten kilobytes: whoever asked would rather hear the beginning than nothing.
#[test]
fn what_is_too_long_for_its_octets_at_the_lowest_rate_is_cut() {
    let mut state = 1_u32;
    let noise = (0..480_000).flat_map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let octets = state.to_be_bytes();
        [octets[0], octets[1]]
    });
    let noise = wav(8_000, 1, 16, &noise.collect::<Vec<_>>());
    for (name, wave) in [("sweep", sweep(8_000, 60)), ("noise", noise)] {
        for octets in [1_500, 5_000, 10_000, 40_000] {
            let audio = converted(&wave, &within(octets)).unwrap();
            let (len, seconds) = (audio.octets.expose().len(), audio.duration.as_secs());
            assert_eq!(audio.extent, Extent::Cut, "{name} in {octets}");
            assert!(len <= octets, "{name}: {len} of {octets}");
            let lasts = octets as u64 * 8 / 6_000;
            assert!(
                (lasts * 4 / 5..=lasts).contains(&seconds),
                "{name} in {octets}: {seconds} s"
            );
        }
        let fewer = converted(&wave, &seconds(3, within(10_000))).unwrap();
        assert_eq!(fewer.duration.as_secs(), 3, "{name}");
    }
}

#[test]
fn what_not_even_the_lowest_rate_keeps_cannot_fit() {
    let wave = sweep(16_000, 20);
    assert_eq!(
        converted(&wave, &within(900)).err(),
        Some(Refusal::CannotFit),
        "not even a second"
    );
    let small = Parameters {
        target: Target::Wav,
        ..within(14_000)
    };
    assert_eq!(converted(&wave, &small).err(), Some(Refusal::CannotFit));
    let slow = Parameters {
        bit_rate: NonZeroU32::new(5_999),
        ..to(Target::Opus)
    };
    assert_eq!(converted(&wave, &slow).err(), Some(Refusal::CannotFit));
    let slow = Parameters {
        bit_rate: NonZeroU32::new(63_999),
        ..to(Target::Wav)
    };
    assert_eq!(converted(&wave, &slow).err(), Some(Refusal::CannotFit));
}

#[test]
fn a_bit_rate_is_kept_on_average() {
    let wave = sweep(16_000, 20);
    for bits in [12_000, 24_000, 32_000, 500_000] {
        let parameters = Parameters {
            bit_rate: NonZeroU32::new(bits),
            ..to(Target::Opus)
        };
        let len = converted(&wave, &parameters).unwrap().octets.expose().len();
        let most = bits.min(32_000) as usize * 20 / 8;
        assert!(
            (most / 2..=most * 108 / 100).contains(&len),
            "{len} of {most}"
        );
    }
}

fn with(change: fn(&mut Budget)) -> Option<Refusal> {
    let mut budget = budget();
    change(&mut budget);
    convert(&sweep(48_000, 2), None, &to(Target::Opus), &mut budget).err()
}

#[test]
fn each_budget_is_spent_to_the_last() {
    let exceeded = |resource| Some(Refusal::Exceeded(resource));
    assert_eq!(with(|b| b.samples = 95_999), exceeded(Resource::Samples));
    assert_eq!(with(|b| b.samples = 96_000), None);
    assert_eq!(
        with(|b| b.input_octets = 192_043),
        exceeded(Resource::Input)
    );
    assert_eq!(
        with(|b| b.output_octets = 1_000),
        exceeded(Resource::Output)
    );
    assert_eq!(with(|b| b.memory = 100), exceeded(Resource::Memory));
}

#[test]
fn an_hour_in_a_small_file_is_paid_for_by_its_samples() {
    let most = Refusal::Exceeded(Resource::Samples);
    for target in Target::ALL {
        assert_eq!(converted(HOUR, &to(target)).err(), Some(most));
        let first = converted(HOUR, &seconds(3, to(target))).unwrap();
        assert_eq!(first.duration.as_secs(), 3);
    }
    assert_eq!(converted(HOUR, &within(100_000)).err(), Some(most));
}

#[test]
fn a_length_that_is_measured_first_is_paid_for_once() {
    for (name, _, seed, _) in SEEDS {
        let spent = |parameters: &Parameters| {
            let mut left = budget();
            convert(seed, None, parameters, &mut left).unwrap();
            budget().samples - left.samples
        };
        assert!(
            spent(&within(3_000)) <= spent(&to(Target::Opus)) * 3,
            "{name}"
        );
    }
}
