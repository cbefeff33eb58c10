//! Frames that are cut off, changed or against RFC 6386: refused, and never a panic.

use super::scene::{PARTITIONS, file};
use super::*;
use crate::budget::Resource;

fn refused(frame: &[u8]) -> Refusal {
    let all = SCALES.map(|scale| decoded(frame, scale).unwrap_err());
    assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    all[0]
}

fn frames() -> Vec<Vec<u8>> {
    let mut frames = PARTITIONS.map(|file| frame(file).to_vec()).to_vec();
    for coding in [["-q", "80"], ["-q", "10"]] {
        frames.push(frame(&file(40, 33, &coding)).to_vec());
    }
    frames
}

/// An encoder may end with octets that nobody needs: without them the picture is the same, without more there is none.
#[test]
fn a_frame_that_is_cut_anywhere_is_damaged() {
    for frame in frames() {
        let whole = decoded(&frame, Scale::Whole).unwrap();
        for len in 0..frame.len() {
            match decoded(&frame[..len], Scale::Whole) {
                Ok(seen) => {
                    assert!(frame.len() - len <= 4, "{len} of {}", frame.len());
                    assert_eq!(seen, whole);
                }
                Err(refusal) => assert_eq!(refusal, Refusal::Damaged),
            }
        }
    }
}

#[test]
fn what_is_no_key_frame_that_is_shown_is_damaged() {
    let frame = frames().remove(2);
    let changed = |at: usize, change: fn(u8) -> u8| {
        let mut frame = frame.clone();
        frame[at] = change(frame[at]);
        frame
    };
    decoded(&changed(0, |tag| tag), Scale::Whole).unwrap();
    assert_eq!(refused(&changed(0, |tag| tag | 1)), Refusal::Damaged);
    assert_eq!(refused(&changed(0, |tag| tag & !0x10)), Refusal::Damaged);
    assert_eq!(refused(&changed(0, |tag| tag | 0x0e)), Refusal::Damaged);
    assert_eq!(refused(&changed(2, |_| 0xff)), Refusal::Damaged);
    for at in 3..6 {
        assert_eq!(refused(&changed(at, |octet| !octet)), Refusal::Damaged);
    }
    assert_eq!(refused(&changed(6, |_| 0)), Refusal::Damaged, "no width");
    assert_eq!(refused(&changed(8, |_| 0)), Refusal::Damaged, "no height");
    // A scale for display is advice.
    assert_eq!(
        decoded(&changed(7, |octet| octet | 0xc0), Scale::Whole).unwrap(),
        decoded(&frame, Scale::Whole).unwrap()
    );
}

#[test]
fn a_partition_that_says_to_be_longer_than_the_file_is_damaged() {
    for file in PARTITIONS {
        let frame = frame(file);
        let tag = u32::from_le_bytes([frame[0], frame[1], frame[2], 0]);
        let lens = 10 + (tag >> 5) as usize;
        let mut changed = frame.to_vec();
        changed[lens + 2] = 1;
        assert_eq!(refused(&changed), Refusal::Damaged);
    }
}

/// Large sizes on small files end at the end of the octets, and cost what some rows cost.
#[test]
fn a_picture_that_is_only_announced_costs_little() {
    for mut frame in frames() {
        frame[6..10].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
        assert_eq!(refused(&frame), Refusal::Damaged);
        for scale in SCALES {
            let mut poor = Budget {
                memory: 100_000,
                ..budget()
            };
            let refusal = Decoder::new(&frame, scale, &mut poor).err().unwrap();
            assert_eq!(refusal, Refusal::Exceeded(Resource::Memory));
        }
    }
}
