//! What a proxy may say that is not so, or not to be used: identities, statements, results, answers.

use std::num::{NonZeroU16, NonZeroU32};

use envelope::sealer::SealAlgorithm;
use handset::{
    Acquaintance, Error, FetchRequest, Holdings, Integrity, Measure, NoConversion, Pin,
    ProtocolFault, Unverified,
};
use wire::imap::Tag;

use crate::error;
use crate::played::{
    self, PICTURE, Play, client, clock, encrypted, heard, holder, identity, known, request, rng,
};

#[tokio::test]
async fn nothing_is_revealed_to_another_identity() {
    let keys = [holder()];
    let other = || Play {
        signer: identity(2),
        ..Play::default()
    };
    let refused = error(other(), &request("2"), known(&keys)).await;
    assert!(matches!(refused, Error::OtherIdentity(mismatch)
        if mismatch.expected == identity(1).public() && mismatch.claimed == identity(2).public()));
    let (mut client, log) = client(other()).await;
    assert!(
        client
            .fetch_converted(&request("2"), known(&keys), &clock, &mut rng())
            .await
            .is_err()
    );
    assert_eq!(heard(&log, "CONVERT"), 0);
}

#[tokio::test]
async fn a_first_use_is_believed_and_said() {
    let keys = [holder()];
    let (mut client, _) = client(Play {
        signer: identity(2),
        ..Play::default()
    })
    .await;
    let holdings = Holdings {
        keys: &keys,
        pin: Pin::FirstUse,
    };
    let prepared = client
        .prepare(&request("2"), holdings, &clock, &mut rng())
        .await
        .unwrap();
    assert_eq!(prepared.recipient.identity, identity(2).public());
    assert_eq!(prepared.recipient.acquaintance, Acquaintance::FirstUse);
}

/// Threat T3: a wrong identity, an unsigned statement, a swapped key and an old statement are refused, four of four.
#[tokio::test]
async fn no_statement_that_is_not_right_in_everything_is_sealed_to() {
    let keys = [holder()];
    let plays = [
        Play {
            expires: played::NOW,
            ..Play::default()
        },
        Play {
            binding: keyreveal::ChannelBinding([8; 32]),
            ..Play::default()
        },
        Play {
            forge: |signed| *signed.last_mut().unwrap() ^= 1,
            ..Play::default()
        },
        Play {
            forge: |signed| {
                let at = signed.len() - 100;
                signed[at] ^= 1;
            },
            ..Play::default()
        },
        Play {
            forge: |signed| signed.truncate(40),
            ..Play::default()
        },
    ];
    for (index, play) in plays.into_iter().enumerate() {
        for pin in [Pin::Known(identity(1).public()), Pin::FirstUse] {
            let play = Play {
                expires: play.expires,
                binding: play.binding,
                forge: play.forge,
                part: play.part.clone(),
                ..Play::default()
            };
            let (mut client, log) = client(play).await;
            let holdings = Holdings { keys: &keys, pin };
            let refused = client
                .fetch_converted(&request("2"), holdings, &clock, &mut rng())
                .await
                .err()
                .unwrap();
            assert!(
                matches!(refused, Error::Statement(_) | Error::OtherIdentity(_)),
                "play {index}: {refused:?}"
            );
            assert_eq!(heard(&log, "CONVERT"), 0, "play {index}");
        }
    }
}

#[tokio::test]
async fn a_result_that_is_not_what_was_asked_for_is_thrown_away() {
    let keys = [holder()];
    let small = FetchRequest {
        octets: NonZeroU32::new(20),
        ..request("2")
    };
    let narrow = FetchRequest {
        width: NonZeroU16::new(319),
        ..request("2")
    };
    let cases: [(Play, FetchRequest, Unverified); 8] = [
        (
            Play {
                tamper: |sealed| sealed[100] ^= 1,
                ..Play::default()
            },
            request("2"),
            Unverified::Sealed,
        ),
        (
            Play {
                tamper: |sealed| sealed.truncate(4000),
                ..Play::default()
            },
            request("2"),
            Unverified::Sealed,
        ),
        (
            Play {
                tamper: |sealed| *sealed = PICTURE.to_vec(),
                ..Play::default()
            },
            request("2"),
            Unverified::Sealed,
        ),
        (
            Play {
                alter: |part| part.media_type = "image/png".into(),
                ..Play::default()
            },
            request("2"),
            Unverified::MediaType,
        ),
        (
            Play {
                alter: |part| part.octets = secret::Plaintext::adopt(b"<html>".to_vec()),
                ..Play::default()
            },
            request("2"),
            Unverified::MediaType,
        ),
        (
            Play {
                alter: |part| {
                    let (width, height) = (321, 240);
                    part.measure = Measure::Picture { width, height };
                },
                ..Play::default()
            },
            request("2"),
            Unverified::Dimensions,
        ),
        (Play::default(), narrow, Unverified::Dimensions),
        (Play::default(), small, Unverified::Dimensions),
    ];
    for (index, (play, request, expected)) in cases.into_iter().enumerate() {
        let refused = error(play, &request, known(&keys)).await;
        assert!(
            matches!(refused, Error::Unverified(why) if why == expected),
            "case {index}: {refused:?}"
        );
    }
    let claims = Play {
        part: encrypted(SealAlgorithm::Aes256Cbc),
        alter: |part| part.integrity = Integrity::Authenticated,
        ..Play::default()
    };
    assert!(matches!(
        error(claims, &request("2"), known(&keys)).await,
        Error::Unverified(Unverified::Integrity)
    ));
}

#[tokio::test]
async fn a_picture_of_another_format_under_the_right_label_is_thrown_away() {
    let keys = [holder()];
    let png = |part: &mut keyreveal::ResultPart| {
        let octets = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\xf0";
        part.octets = secret::Plaintext::adopt(octets.to_vec());
    };
    let play = Play {
        alter: png,
        ..Play::default()
    };
    let refused = error(play, &request("2"), known(&keys)).await;
    assert!(matches!(refused, Error::Unverified(Unverified::MediaType)));
}

/// An answer to UID CONVERT whose size, tag or section is not that of the question.
#[tokio::test]
async fn an_answer_that_does_not_fit_its_question_is_none() {
    let keys = [holder()];
    let size = |octets: Vec<u8>, _: &Tag| replaced(octets, b"BINARY.SIZE[2] ", b"BINARY.SIZE[2] 1");
    let tag = |octets: Vec<u8>, _: &Tag| replaced(octets, b"(TAG \"H", b"(TAG \"H9");
    let section = |octets: Vec<u8>, _: &Tag| replaced(octets, b" BINARY[2]", b" BINARY[3]");
    let refused = error(
        Play {
            answer: size,
            ..Play::default()
        },
        &request("2"),
        known(&keys),
    )
    .await;
    assert!(matches!(refused, Error::Unverified(Unverified::Size)));
    for answer in [tag, section] {
        let refused = error(
            Play {
                answer,
                ..Play::default()
            },
            &request("2"),
            known(&keys),
        )
        .await;
        assert!(
            matches!(refused, Error::Protocol(ProtocolFault::Incomplete)),
            "{refused:?}"
        );
    }
}

fn replaced(octets: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = octets
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    let (before, after) = (&octets[..at], &octets[at + from.len()..]);
    [before, to, after].concat()
}

#[tokio::test]
async fn what_the_proxy_says_of_a_failure_is_understood() {
    use wire::imap::convert::{ErrorCode, ErrorPhrase};
    let keys = [holder()];
    let later = Play {
        answer: |_, tag| {
            let code = ErrorCode::TempFail(NonZeroU32::new(5));
            played::failed(
                tag,
                ErrorPhrase {
                    text: b"busy \x1b[2J".to_vec(),
                    code,
                },
            )
        },
        ..Play::default()
    };
    let refused = error(later, &request("2"), known(&keys)).await;
    assert!(matches!(
        &refused,
        Error::NoConversion(NoConversion::Later {
            minutes: Some(5),
            ..
        })
    ));
    assert!(!refused.to_string().chars().any(char::is_control));
    let limit = Play {
        answer: |_, tag| format!("{tag} NO [LIMIT] too many\r\n").into_bytes(),
        ..Play::default()
    };
    assert!(matches!(
        error(limit, &request("2"), known(&keys)).await,
        Error::NoConversion(_)
    ));
}
