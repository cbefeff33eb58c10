//! Fuzz target: whole small recordings of each format, changed in some places. In plain `cargo test` each runs a bounded
//! number of times; with an engine of bolero's as long as one likes.
//!
//! Whatever comes in, what comes out keeps within its budget, and a second run does the same. The decoders of another crate
//! have sums that overflow and assertions that fail (codebooks of Vorbis, say). In the vault that is a refusal, and so it is
//! here; a panic in a file of ours is a failure.
#![cfg(test)]

use std::cell::RefCell;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use transcoder::audio::{Parameters, Target, convert};
use transcoder::{Budget, Refusal};

const SEEDS: [&[u8]; 6] = [
    include_bytes!("audio/seeds/sweep.flac"),
    include_bytes!("audio/seeds/sweep.mp3"),
    include_bytes!("audio/seeds/sweep.aac"),
    include_bytes!("audio/seeds/sweep.m4a"),
    include_bytes!("audio/seeds/sweep-vorbis.ogg"),
    include_bytes!("audio/seeds/sweep-opus.ogg"),
];

/// Runs in plain `cargo test`: some seconds on a slow machine.
const ITERATIONS: usize = 150;

/// What a fuzzer changes: octets put in some places, and an end cut off.
type Changes = (u8, Vec<(u16, u8)>, u16);

#[test]
fn an_altered_recording_is_a_recording_or_a_refusal() {
    note_panics();
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Changes>()
        .for_each(|(which, changes, cut)| {
            let seed = SEEDS[usize::from(*which) % SEEDS.len()];
            let mut file = seed.to_vec();
            for (at, octet) in changes.iter().take(4) {
                file[usize::from(*at) % seed.len()] = *octet;
            }
            if cut.is_multiple_of(8) {
                file.truncate(usize::from(*cut) % seed.len());
            }
            if file.starts_with(b"OggS") {
                mend(&mut file);
            }
            holds(&file);
        });
}

#[test]
fn any_octets_are_a_recording_or_a_refusal() {
    note_panics();
    bolero::check!().with_iterations(10_000).for_each(holds);
}

const MOST: usize = 40_000;

fn once(file: &[u8], target: Target) -> Result<Vec<u8>, Refusal> {
    let parameters = Parameters {
        target,
        seconds: NonZeroU32::new(2),
        bit_rate: None,
        octets: None,
    };
    let mut budget = Budget {
        input_octets: 100_000,
        pixels: 0,
        samples: 500_000,
        output_octets: MOST,
        memory: 16 * 1024 * 1024,
    };
    let made = catch_unwind(AssertUnwindSafe(|| {
        convert(file, None, &parameters, &mut budget).map(|audio| audio.octets.expose().to_vec())
    }));
    made.unwrap_or_else(|_| {
        let place = PANICKED.take();
        assert!(!place.contains("transcoder"), "panicked at {place}");
        Err(Refusal::Damaged)
    })
}

thread_local! {
    /// Where the last panic of this thread was.
    static PANICKED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Notes where a panic was; the tests' own go on to whoever shows them.
fn note_panics() {
    let shown = take_hook();
    set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        PANICKED.set(place.unwrap_or_default());
        shown(panic);
    }));
}

fn holds(file: &[u8]) {
    for target in Target::ALL {
        let made = once(file, target);
        if let Ok(octets) = &made {
            assert!(octets.len() <= MOST);
        }
        assert_eq!(made, once(file, target));
    }
}

/// Puts right the checksum of each page (RFC 3533 §6), without which no change would get further than that.
fn mend(file: &mut [u8]) {
    let mut rest = file;
    while rest.len() > 27 && rest.starts_with(b"OggS") {
        let laces = usize::from(rest[26]);
        let Some(sum) = rest.get(27..27 + laces) else {
            return;
        };
        let len = 27 + laces + sum.iter().copied().map(usize::from).sum::<usize>();
        let Some((page, behind)) = rest.split_at_mut_checked(len) else {
            return;
        };
        page[22..26].fill(0);
        let checksum = checksum(page);
        page[22..26].copy_from_slice(&checksum.to_le_bytes());
        rest = behind;
    }
}

fn checksum(page: &[u8]) -> u32 {
    page.iter().fold(0, |sum, octet| {
        (0..8).fold(sum ^ (u32::from(*octet) << 24), |sum, _| {
            (sum << 1)
                ^ if sum & 0x8000_0000 == 0 {
                    0
                } else {
                    0x04c1_1db7
                }
        })
    })
}
