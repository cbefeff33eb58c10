//! Files that lie or are cut: each is refused with its reason, and nothing panics.

use transcoder::Refusal;
use transcoder::audio::{Target, describe};

use crate::specimens::{SEEDS, budget, converted, sweep, to, wav};

fn refusal(input: &[u8]) -> Option<Refusal> {
    converted(input, &to(Target::Wav)).err()
}

#[test]
fn a_file_cut_at_any_octet_does_no_harm() {
    for (_, _, seed, _) in SEEDS {
        for end in 0..seed.len() {
            let described = describe(&seed[..end], None, &mut budget());
            assert!(described.is_err() || end > 50);
        }
        for end in (0..seed.len()).step_by(613) {
            drop(converted(&seed[..end], &to(Target::Opus)));
        }
    }
}

#[test]
fn what_was_cut_off_is_missed() {
    let wave = sweep(8_000, 1);
    for end in 12..wave.len() {
        assert_eq!(
            refusal(&wave[..end]),
            Some(Refusal::Damaged),
            "WAV at {end}"
        );
    }
    for (name, _, seed, _) in SEEDS {
        let cuts = match name {
            "flac" => (60..seed.len()).step_by(401).collect::<Vec<_>>(),
            // In the middle of a page, or of the sound.
            "m4a" | "vorbis" | "opus" => vec![seed.len() - 1, seed.len() - 40],
            _ => continue,
        };
        for end in cuts {
            assert_eq!(
                refusal(&seed[..end]),
                Some(Refusal::Damaged),
                "{name} at {end}"
            );
        }
    }
}

/// STREAMINFO's count of samples ends in the octets 22 to 25 of the file (RFC 9639 §8.2).
#[test]
fn a_flac_file_with_fewer_samples_than_it_says_is_damaged() {
    let (_, _, seed, _) = SEEDS.iter().find(|(name, ..)| *name == "flac").unwrap();
    let count = u32::from_be_bytes(seed[22..26].try_into().unwrap());
    let saying = |count: u32| {
        let mut file = seed.to_vec();
        file[22..26].copy_from_slice(&count.to_be_bytes());
        // No checksum of the samples: it alone would miss them.
        file[26..42].fill(0);
        refusal(&file)
    };
    assert_eq!(saying(count), None);
    assert_eq!(saying(count + 1), Some(Refusal::Damaged));
    assert_eq!(saying(0), None, "not known");
}

#[test]
fn a_wav_that_announces_gigabytes_is_damaged_and_one_written_to_a_pipe_is_not() {
    let mut wave = sweep(8_000, 1);
    wave[40..44].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    assert_eq!(refusal(&wave), Some(Refusal::Damaged));
    for at in [4, 40] {
        wave[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    assert_eq!(refusal(&wave), None);
}

#[test]
fn absurd_rates_and_channels_are_not_supported() {
    let body = [0; 80_000];
    for (rate, channels) in [
        (0, 1),
        (1, 1),
        (3_999, 1),
        (192_001, 1),
        (u32::MAX, 1),
        (8_000, 9),
    ] {
        let refusal = refusal(&wav(rate, channels, 16, &body));
        assert!(
            matches!(refusal, Some(Refusal::Unsupported | Refusal::Damaged)),
            "{rate} Hz, {channels} channels: {refusal:?}"
        );
    }
    for channels in [0, 9, 33, 32_768, u16::MAX] {
        let refused = refusal(&wav(8_000, channels, 16, &body));
        assert_eq!(refused, Some(Refusal::Unsupported), "{channels} channels");
    }
}

/// One page of Ogg without a right checksum.
fn page(serial: u32, body: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec();
    page.extend(serial.to_le_bytes());
    page.extend([0; 8]);
    page.extend([1, u8::try_from(body.len()).unwrap()]);
    page.extend(body);
    page
}

#[test]
fn an_ogg_file_of_many_streams_is_not_supported() {
    let many: Vec<u8> = (0..5_000)
        .flat_map(|serial| page(serial, b"\x01vorbis"))
        .collect();
    assert_eq!(refusal(&many), Some(Refusal::Unsupported));
    assert_eq!(refusal(&page(1, b"\x80theora")), Some(Refusal::Unsupported));
}

#[test]
fn mpeg_headers_without_a_second_one_are_no_recording() {
    let mut absurd = vec![0xff; 10_000];
    assert_eq!(refusal(&absurd), Some(Refusal::NotAudio));
    absurd[..4].copy_from_slice(b"\xff\xfb\x90\x64");
    assert_eq!(refusal(&absurd), Some(Refusal::NotAudio));
    assert_eq!(
        refusal(b"ID3\x04\0\0\x7f\x7f\x7f\x7f"),
        Some(Refusal::NotAudio)
    );
    assert_eq!(refusal(b"#!AMR\n<"), Some(Refusal::NotAudio));
}

fn nested(kind: &[u8; 4], depth: u32, inside: &[u8]) -> Vec<u8> {
    (0..depth).fold(inside.to_vec(), |inside, _| {
        let mut outside = u32::try_from(inside.len() + 8)
            .unwrap()
            .to_be_bytes()
            .to_vec();
        outside.extend(kind);
        outside.extend(inside);
        outside
    })
}

#[test]
fn boxes_that_lie_loop_or_nest_are_refused() {
    let start = b"\0\0\0\x14ftypM4A \0\0\0\0M4A ";
    for more in [
        b"\0\0\0\x00moov".to_vec(),
        b"\0\0\0\x04moov".to_vec(),
        b"\0\0\0\x01moov\0\0\0\0\0\0\0\x0f".to_vec(),
        b"\0\0\0\x01moov\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\x7f\xff\xff\xffmoov".to_vec(),
        nested(b"moov", 5_000, &[]),
        nested(b"trak", 5_000, &nested(b"moov", 1, &[])),
        nested(b"moov", 1, &nested(b"trak", 5_000, &[])),
    ] {
        let refusal = refusal(&[start, more.as_slice()].concat());
        assert!(
            matches!(refusal, Some(Refusal::Unsupported | Refusal::Damaged)),
            "{refusal:?}"
        );
    }
}

#[test]
fn samples_that_are_no_numbers_are_silence() {
    let mut wave = wav(16_000, 1, 32, &[0xff; 64_000]);
    wave[20] = 3; // floating point
    let audio = converted(&wave, &to(Target::Wav)).unwrap();
    assert!(audio.octets.expose()[58..].iter().all(|octet| *octet == 0));
}
