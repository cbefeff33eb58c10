use keyreveal::{ChannelBinding, KeyId, SandboxLevel, Suite};
use proptest::prelude::*;

use super::*;

fn every_to_vault() -> Vec<ToVault> {
    vec![
        ToVault::Assign {
            statement_payload: b"statement".to_vec(),
            lifetime_ms: 120_000,
        },
        ToVault::Job(Job {
            sealed: b"sealed".to_vec(),
            context: b"context".to_vec(),
            fallback: b"fallback".to_vec(),
            limits: Limits {
                input_octets: 1,
                pixels: 2,
                output_octets: 3,
                memory: 4,
                deadline_ms: 5,
            },
        }),
        ToVault::Octets(b"octets".to_vec()),
        ToVault::Octets(Vec::new()),
        ToVault::End,
    ]
}

fn every_failure() -> Vec<Failure> {
    let kinds = [
        SourceKind::Text,
        SourceKind::Image,
        SourceKind::UnreadImage,
        SourceKind::Audio,
        SourceKind::Video,
        SourceKind::Application,
        SourceKind::Message,
        SourceKind::Multipart,
        SourceKind::Other,
    ];
    let resources = [
        Resource::Input,
        Resource::Pixels,
        Resource::Output,
        Resource::Memory,
        Resource::Samples,
        Resource::Elements,
    ];
    let mut failures = vec![
        Failure::Refused,
        Failure::NoSuchSection,
        Failure::Damaged,
        Failure::CannotFit,
        Failure::Temporary,
        Failure::Charset,
    ];
    failures.extend(kinds.map(Failure::NotConvertible));
    failures.extend(resources.map(Failure::Exceeded));
    failures
}

fn every_from_vault() -> Vec<FromVault> {
    let mut frames = vec![
        FromVault::Result { octets: u64::MAX },
        FromVault::Run(b"run".to_vec()),
        FromVault::Done,
    ];
    for sandbox in [
        SandboxLevel::None,
        SandboxLevel::BestEffort,
        SandboxLevel::Full,
    ] {
        frames.push(FromVault::Ready(Ready {
            public_key: vec![9; 32],
            suite: Suite::X25519Aes256Gcm,
            sandbox,
        }));
    }
    frames.extend(every_failure().into_iter().map(FromVault::Failed));
    frames
}

fn every_from_warden() -> Vec<FromWarden> {
    let mut frames = vec![
        FromWarden::Hello(Hello {
            identity: [1; 32],
            program: [2; 32],
            sandbox: SandboxLevel::Full,
        }),
        FromWarden::Vault(Assigned {
            statement: b"signed".to_vec(),
            key_id: KeyId([3; 16]),
            expires: 1_800_000_000,
        }),
    ];
    for reason in [NoVault::Limit, NoVault::Unavailable, NoVault::Suite] {
        frames.push(FromWarden::None(reason));
    }
    for exit in [Exit::Status(0), Exit::Signal(31)] {
        frames.push(FromWarden::Ended {
            key_id: KeyId([4; 16]),
            exit,
        });
    }
    frames
}

fn encoded<F: Frame>(frames: &[F]) -> Vec<u8> {
    let mut out = Vec::new();
    for frame in frames {
        frame.encode(&mut out).unwrap();
    }
    out
}

fn decoded<F: Frame>(pieces: &[&[u8]]) -> Result<Vec<F>, FrameError> {
    let mut reader = FrameReader::new();
    let mut frames = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(frame) = reader.next(&mut input)? {
            frames.push(frame);
        }
        assert!(input.is_empty());
    }
    Ok(frames)
}

#[test]
fn every_frame_is_read_as_it_was_written() {
    let frames = every_to_vault();
    assert_eq!(decoded(&[&encoded(&frames)]), Ok(frames));
    let frames = every_from_vault();
    assert_eq!(decoded(&[&encoded(&frames)]), Ok(frames));
    let frames = every_from_warden();
    assert_eq!(decoded(&[&encoded(&frames)]), Ok(frames));
    let frames = vec![ToWarden::NewVaults(NewVaults {
        count: 8,
        channel_binding: ChannelBinding([5; 32]),
        suite: Suite::X25519Aes256Gcm,
    })];
    assert_eq!(decoded(&[&encoded(&frames)]), Ok(frames));
}

/// However the socket cuts the octets, the frames are the same.
#[test]
fn frames_do_not_depend_on_where_reads_end() {
    let frames = every_to_vault();
    let octets = encoded(&frames);
    for cut in 0..=octets.len() {
        let (first, second) = octets.split_at(cut);
        assert_eq!(
            decoded(&[first, second]).as_ref(),
            Ok(&frames),
            "cut at {cut}"
        );
    }
}

#[test]
fn every_failure_is_equally_long() {
    for failure in every_failure() {
        let octets = FromVault::Failed(failure).to_octets().unwrap();
        assert_eq!(octets.len(), 7, "{failure:?}");
    }
}

#[test]
fn an_announced_length_takes_no_memory() {
    let mut reader = FrameReader::new();
    let announced = u32::try_from(MAX_FRAME).unwrap().to_be_bytes();
    assert_eq!(reader.next::<ToVault>(&mut &announced[..]), Ok(None));
    assert!(reader.held.capacity() < 64);
    assert!(!reader.is_at_boundary());
}

#[test]
fn a_length_over_the_limit_is_refused_before_its_octets_come() {
    let announced = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes();
    assert_eq!(decoded::<ToVault>(&[&announced]), Err(FrameError::TooLong));
}

#[test]
fn a_frame_without_a_kind_is_malformed() {
    assert_eq!(
        decoded::<ToVault>(&[&[0, 0, 0, 0]]),
        Err(FrameError::Malformed)
    );
}

#[test]
fn octets_left_over_are_malformed() {
    let mut octets = ToVault::End.to_octets().unwrap();
    octets.push(0);
    octets[3] += 1;
    assert_eq!(decoded::<ToVault>(&[&octets]), Err(FrameError::Malformed));
}

#[test]
fn a_run_over_the_limit_is_neither_written_nor_read() {
    let run = vec![0; MAX_RUN + 1];
    let mut out = b"before".to_vec();
    assert_eq!(encode_octets(&run, &mut out), Err(FrameError::TooLong));
    assert_eq!(out, b"before");
    assert_eq!(ToVault::decode(3, &run), Err(FrameError::TooLong));
}

#[test]
fn a_job_that_no_reader_takes_is_not_written() {
    let frames = every_to_vault();
    let ToVault::Job(mut job) = frames[1].clone() else {
        panic!("the second is the job")
    };
    job.sealed = vec![0; MAX_FRAME];
    let mut out = b"before".to_vec();
    assert_eq!(ToVault::Job(job).encode(&mut out), Err(FrameError::TooLong));
    assert_eq!(out, b"before");
}

proptest! {
    #[test]
    fn any_run_comes_through_any_cuts(
        run in proptest::collection::vec(any::<u8>(), 0..2000),
        piece in 1_usize..300,
    ) {
        let frames = vec![ToVault::Octets(run), ToVault::End];
        let octets = encoded(&frames);
        let pieces: Vec<&[u8]> = octets.chunks(piece).collect();
        prop_assert_eq!(decoded(&pieces), Ok(frames));
    }

    /// What can be read is written again as the same octets: no frame has two spellings.
    #[test]
    fn what_is_read_has_one_spelling(kind in 0_u8..8, body in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(frame) = FromWarden::decode(kind, &body) {
            let octets = frame.to_octets().unwrap();
            prop_assert_eq!(&octets[5..], &body[..]);
        }
        if let Ok(frame) = FromVault::decode(kind, &body) {
            let octets = frame.to_octets().unwrap();
            prop_assert_eq!(&octets[5..], &body[..]);
        }
    }
}
