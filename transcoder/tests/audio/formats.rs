//! What goes in comes out: the same pitch at the same time, as long as it was, and nothing besides.

use std::time::Duration;

use transcoder::Refusal;
use transcoder::audio::{Source, Target, convert, describe, pairs, sniff};

use crate::specimens::{SEEDS, budget, converted, heard, pitch, seconds, sweep, to};

/// The pitch rises as in the seeds.
fn rises(name: &str, samples: &[i16]) {
    for second in [0.2, 0.5, 0.8] {
        let wanted = 400.0 + 1_600.0 * second;
        let found = pitch(samples, second);
        assert!(
            (found - wanted).abs() < 60.0,
            "{name}: {found} Hz at {second} s"
        );
    }
}

#[test]
fn every_format_comes_out_as_opus_with_its_pitch_and_length() {
    for (name, source, seed, longer) in SEEDS {
        let audio = converted(seed, &to(Target::Opus)).unwrap();
        assert_eq!(audio.source, source, "{name}");
        let opus = audio.octets.expose();
        assert_eq!(sniff(opus), Some(Source::Ogg));
        let samples = heard(opus);
        rises(name, &samples);
        let length = samples.len() as f64 / 16_000.0;
        assert!(
            (-0.02..0.02 + longer).contains(&(length - 1.0)),
            "{name}: {length} s"
        );
        assert!(
            (audio.duration.as_secs_f64() - length).abs() < 0.001,
            "{name}"
        );
    }
}

/// The edit list takes an encoder's priming off the start and its padding off the end, to the sample.
#[test]
fn an_m4a_file_begins_and_ends_where_its_edit_list_says() {
    let (_, _, seed, _) = SEEDS.iter().find(|(name, ..)| *name == "m4a").unwrap();
    let edited = heard(converted(seed, &to(Target::Wav)).unwrap().octets.expose());
    assert!(edited.len().abs_diff(16_000) <= 2, "{}", edited.len());
    let mut without = seed.to_vec();
    let list = without.windows(4).position(|kind| kind == b"elst").unwrap();
    without[list..list + 4].copy_from_slice(b"free");
    let whole = heard(
        converted(&without, &to(Target::Wav))
            .unwrap()
            .octets
            .expose(),
    );
    assert!(whole.len() > edited.len() + 300, "{}", whole.len());
    // What is left out is the silence at the start, not the end of the sound.
    let (late, early) = (pitch(&whole, 0.5), pitch(&edited, 0.5));
    assert!(early > late + 20.0, "{early} Hz, {late} Hz");
}

#[test]
fn every_rate_is_resampled_with_its_pitch_and_length() {
    for rate in [
        4_000, 8_000, 11_025, 16_000, 22_051, 44_100, 48_000, 96_000, 192_000,
    ] {
        let wave = sweep(rate, 1);
        for (name, samples) in [
            (
                "opus",
                heard(converted(&wave, &to(Target::Opus)).unwrap().octets.expose()),
            ),
            ("wav", heard(&wave)),
        ] {
            // Below the Nyquist frequency of the slowest.
            let found = pitch(&samples, 0.5);
            assert!(
                (found - 1_200.0).abs() < 60.0,
                "{name} from {rate}: {found} Hz"
            );
            assert!(
                samples.len().abs_diff(16_000) <= 1,
                "{name} from {rate}: {}",
                samples.len()
            );
        }
    }
}

#[test]
fn what_lies_above_the_new_band_does_not_come_back_as_another_pitch() {
    let tone = |hertz: f64| {
        let samples = (0..48_000).map(|at| {
            (16_000.0 * (2.0 * std::f64::consts::PI * hertz * f64::from(at) / 48_000.0).sin())
                as i16
        });
        let body: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
        let loudest = heard(&crate::specimens::wav(48_000, 1, 16, &body));
        let power = loudest[800..15_200]
            .iter()
            .map(|sample| f64::from(*sample).powi(2))
            .sum::<f64>();
        (power / 14_400.0).sqrt()
    };
    for hertz in [100.0, 1_000.0, 6_500.0] {
        assert!(
            (tone(hertz) - 11_314.0).abs() < 120.0,
            "{hertz} Hz: {}",
            tone(hertz)
        );
    }
    for hertz in [9_000.0, 15_000.0, 23_000.0] {
        assert!(tone(hertz) < 3.0, "{hertz} Hz: {}", tone(hertz));
    }
}

#[test]
fn wav_comes_out_smaller_where_less_is_asked_for() {
    let wave = sweep(44_100, 1);
    for (bits, len) in [
        (256_000, 58 + 32_000),
        (128_000, 58 + 16_000),
        (64_000, 58 + 8_000),
    ] {
        let parameters = transcoder::audio::Parameters {
            bit_rate: std::num::NonZeroU32::new(bits),
            ..to(Target::Wav)
        };
        let audio = converted(&wave, &parameters).unwrap();
        assert_eq!(audio.octets.expose().len(), len);
        rises("wav", &heard(audio.octets.expose()));
    }
}

#[test]
fn only_the_first_seconds_are_kept() {
    let wave = sweep(16_000, 5);
    for target in Target::ALL {
        let audio = converted(&wave, &seconds(2, to(target))).unwrap();
        assert_eq!(audio.duration, Duration::from_secs(2));
        assert_eq!(heard(audio.octets.expose()).len(), 32_000);
    }
}

#[test]
fn titles_stay_behind() {
    for (name, _, seed, _) in SEEDS {
        if name != "aac" {
            assert!(seed.windows(6).any(|run| run == b"canary"), "{name}");
        }
        for target in Target::ALL {
            let audio = converted(seed, &to(target)).unwrap();
            let octets = audio.octets.expose();
            assert!(!octets.windows(6).any(|run| run == b"canary"), "{name}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_octets() {
    for (_, _, seed, _) in SEEDS {
        let once = converted(seed, &to(Target::Opus)).unwrap();
        let again = converted(seed, &to(Target::Opus)).unwrap();
        assert_eq!(once.octets.expose(), again.octets.expose());
    }
}

#[test]
fn a_file_of_another_type_than_declared_is_refused() {
    for (name, source, seed, _) in SEEDS {
        for declared in Source::ALL {
            let result = convert(seed, Some(declared), &to(Target::Opus), &mut budget());
            let refusal = result.err();
            let wanted = (declared != source).then_some(Refusal::DeclaredOtherwise);
            assert_eq!(refusal, wanted, "{name} as {}", declared.name());
        }
    }
}

#[test]
fn a_description_says_rate_channels_and_announced_length() {
    for (name, source, seed, longer) in SEEDS {
        let described = describe(seed, None, &mut budget()).unwrap();
        assert_eq!(
            (described.source, described.channels),
            (source, 1),
            "{name}"
        );
        assert!((16_000..=48_000).contains(&described.rate), "{name}");
        if let Some(announced) = described.announced {
            let over = announced.as_secs_f64() - 1.0;
            assert!((-0.001..0.07 + longer).contains(&over), "{name}: {over}");
        }
    }
}

#[test]
fn every_pair_is_named_once() {
    assert_eq!(pairs().count(), Source::ALL.len() * Target::ALL.len());
}
