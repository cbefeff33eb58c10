//! Files that are cut off, changed or against T.81: refused, and never a panic.

use super::scene::{file, kinds, remarked, with};
use super::*;

fn refused(file: &[u8]) -> Refusal {
    let all = SCALES.map(|scale| decoded(file, scale).unwrap_err());
    assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    all[0]
}

#[test]
fn a_file_that_is_cut_anywhere_is_damaged() {
    for file in kinds() {
        for len in 0..file.len() - EOI {
            let cut = &file[..len];
            assert_eq!(refused(cut), Refusal::Damaged, "{len} of {}", file.len());
        }
    }
}

/// Octets of the marker that ends a file.
const EOI: usize = 2;

/// All blocks of a sequential file are there without it. Of a progressive one, more scans may have been meant.
#[test]
fn the_last_marker_alone_may_be_lost() {
    for file in kinds() {
        let progressive = file.windows(2).any(|octets| octets == [0xff, 0xc2]);
        for lost in 1..=EOI {
            let cut = &file[..file.len() - lost];
            if progressive {
                assert_eq!(refused(cut), Refusal::Damaged);
            } else {
                let found = SCALES.map(|scale| decoded(cut, scale).unwrap());
                assert_eq!(found, SCALES.map(|scale| decoded(&file, scale).unwrap()));
            }
        }
    }
}

/// As a camera leaves it that ran out of power: EOI, but not all blocks. At an eighth, of a progressive file the scans
/// that bring first coefficients have to be whole.
#[test]
fn coded_octets_that_end_before_the_blocks_do_are_damaged() {
    for file in kinds() {
        let scan = file
            .windows(2)
            .position(|octets| octets == [0xff, 0xda])
            .unwrap();
        let coded = scan + 2 + usize::from(file[scan + 3]);
        let marker = |octets: &[u8]| octets[0] == 0xff && !matches!(octets[1], 0 | 0xd0..=0xd7);
        let len = file[coded..].windows(2).position(marker).unwrap();
        let cut = [&file[..coded + len / 2], &file[coded + len..]].concat();
        assert_eq!(refused(&cut), Refusal::Damaged);
    }
}

#[test]
fn octets_behind_the_end_and_padding_before_markers_are_left_alone() {
    for file in kinds() {
        for scale in SCALES {
            let plain = decoded(&file, scale).unwrap();
            let followed = [file.as_slice(), b"\xff\xd8 another file"].concat();
            assert_eq!(decoded(&followed, scale).unwrap(), plain);
            let filled = [&file[..2], &[0xff; 7], &file[2..]].concat();
            assert_eq!(decoded(&filled, scale).unwrap(), plain);
            for between in [&[0, 0, 0][..], b"left here", &[0xff, 0, 7]] {
                let padded = [&file[..2], between, &file[2..]].concat();
                assert_eq!(decoded(&padded, scale).unwrap(), plain);
            }
            let (rest, end) = file.split_at(file.len() - 2);
            let extraneous = [rest, &[0x12, 0x34, 0xff, 0xff], end].concat();
            assert_eq!(decoded(&extraneous, scale).unwrap(), plain);
        }
    }
}

#[test]
fn a_restart_that_is_not_the_next_is_damage() {
    let file = file(64, 64, |encoder| encoder.set_restart_interval(1));
    decoded(&file, Scale::Whole).unwrap();
    assert_eq!(refused(&remarked(&file, 0xd1, 0xd2)), Refusal::Damaged);
    assert_eq!(refused(&remarked(&file, 0xd0, 0xd7)), Refusal::Damaged);
}

#[test]
fn kinds_that_are_not_read_are_unsupported() {
    let file = file(20, 14, |_| ());
    // Lossless, hierarchical, arithmetic; a height that comes later.
    for marker in [
        0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xdc,
    ] {
        assert_eq!(
            refused(&remarked(&file, 0xc0, marker)),
            Refusal::Unsupported,
            "{marker:x}"
        );
    }
    let frame = file
        .windows(2)
        .position(|octets| octets == [0xff, 0xc0])
        .unwrap();
    let changed = |at: usize, octet: u8| {
        let mut file = file.clone();
        file[frame + at] = octet;
        file
    };
    assert_eq!(refused(&changed(4, 12)), Refusal::Unsupported);
    assert_eq!(refused(&changed(6, 0)), Refusal::Unsupported);
    assert_eq!(refused(&changed(8, 0)), Refusal::Damaged);
    assert_eq!(refused(&changed(11, 0x05)), Refusal::Damaged);
    assert_eq!(
        refused(&changed(11, 0x44)),
        Refusal::Damaged,
        "sixteen blocks and two in an MCU"
    );
    assert_eq!(
        refused(&changed(10, 2)),
        Refusal::Damaged,
        "a component for each octet of the identifiers"
    );
}

#[test]
fn a_frame_too_many_a_table_too_few_or_sixty_five_scans_are_refused() {
    let file = file(8, 8, |_| ());
    let frame = file
        .windows(2)
        .position(|octets| octets == [0xff, 0xc0])
        .unwrap();
    let segment = &file[frame..frame + 2 + usize::from(file[frame + 3])];
    let twice = [&file[..frame], segment, &file[frame..]].concat();
    assert_eq!(refused(&twice), Refusal::Damaged);
    for table in [0xdb, 0xc4] {
        let mut without = remarked(&file, table, 0xfe);
        while without.windows(2).any(|octets| octets == [0xff, table]) {
            without = remarked(&without, table, 0xfe);
        }
        assert_eq!(refused(&without), Refusal::Damaged);
    }
    let scan = file
        .windows(2)
        .position(|octets| octets == [0xff, 0xda])
        .unwrap();
    let coded = &file[scan..file.len() - 2];
    let repeated = |times| [&file[..scan], &coded.repeat(times), &[0xff, 0xd9]].concat();
    decoded(&repeated(1), Scale::Whole).unwrap();
    assert_eq!(refused(&repeated(2)), Refusal::Damaged, "a component twice");
    assert_eq!(refused(&repeated(65)), Refusal::Unsupported);
    assert_eq!(refused(&repeated(0)), Refusal::Damaged);
    let code = [
        0x00, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3,
    ];
    assert_eq!(
        refused(&with(&file, 0xc4, &code)),
        Refusal::Damaged,
        "three codes of one bit"
    );
}

/// Large sizes on small files end at the end of the octets, and cost what a row costs.
#[test]
fn a_picture_that_is_only_announced_costs_little() {
    let mut file = file(20, 14, |_| ());
    let frame = file
        .windows(2)
        .position(|octets| octets == [0xff, 0xc0])
        .unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(refused(&file), Refusal::Damaged);
    let mut poor = Budget {
        memory: 4000,
        ..budget()
    };
    let header = Header::read(&file, &mut poor).unwrap();
    for scale in SCALES {
        let refusal = Decoder::new(&file, &header, scale, &mut poor)
            .err()
            .unwrap();
        assert_eq!(refusal, Refusal::Exceeded(crate::Resource::Memory));
    }
}
