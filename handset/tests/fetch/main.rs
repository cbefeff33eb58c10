//! One part fetched converted, from the first look to the checked result, and every reason not to.

#![cfg(test)]

mod played;

use std::num::{NonZeroU16, NonZeroU32};

use envelope::sealer::SealAlgorithm;
use handset::{
    Acquaintance, Bounds, Consent, Encryption, Error, FetchRequest, Holdings, Integrity,
    KeyBinding, Mailbox, Measure, Missing, NoConversion, NotOpenable, Origin, PartPath, Pin,
    ProtocolFault, Resent, Scope, SealTo, SmimeAlgorithm, Uid, Unverified,
};
use played::{
    BESIDE, BINDING, FORWARDED, PICTURE, Play, WHOLE, client, clock, encrypted, encrypted_entity,
    heard, holder, identity, known, request, rng,
};
use wire::imap::{CommandBody, SequenceSet, Tag};

/// Fetches with a proxy that plays so, and says what went wrong.
async fn error(play: Play, request: &FetchRequest, holdings: Holdings<'_>) -> Error {
    let (mut client, _) = client(play).await;
    client
        .fetch_converted(request, holdings, &clock, &mut rng())
        .await
        .err()
        .unwrap()
}

#[tokio::test]
async fn a_picture_comes_back_checked_with_what_it_cost() {
    let keys = [holder()];
    let (mut client, log) = client(Play::default()).await;
    let request = FetchRequest {
        width: NonZeroU16::new(320),
        height: NonZeroU16::new(320),
        octets: NonZeroU32::new(40_000),
        ..request("2")
    };
    let fetched = client
        .fetch_converted(&request, known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    assert_eq!(fetched.content.expose(), PICTURE);
    let (width, height) = (320, 240);
    assert_eq!(fetched.measure, Measure::Picture { width, height });
    assert_eq!(
        (fetched.integrity, fetched.origin),
        (Integrity::Authenticated, Origin::Vault)
    );
    let report = &fetched.report;
    assert_eq!(
        (report.revealed.scope, report.revealed.binding),
        (Scope::Part, KeyBinding::Derived)
    );
    assert_eq!(report.recipient.acquaintance, Acquaintance::Pinned);
    assert!(report.part_octets > 40_000);
    assert!(report.air.received >= report.sealed_octets);
    assert!(client.meter().air().total() < report.part_octets / 2);
    assert_eq!(heard(&log, "CONVERT"), 1);
}

#[tokio::test]
async fn a_reveal_that_is_sent_again_is_refused() {
    let keys = [holder()];
    let (mut client, _) = client(Play::default()).await;
    let prepared = client
        .prepare(&request("2"), known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    let sealed = client.send(&prepared).await.unwrap();
    let Resent::Refused(said) = client.resend(&prepared).await.unwrap() else {
        panic!("answered twice");
    };
    assert_eq!(said.as_str(), "The reveal was refused");
    assert!(prepared.open(&sealed, &keys, &mut rng()).is_ok());
}

#[tokio::test]
async fn a_reveal_for_one_thing_does_not_open_another() {
    let keys = [holder()];
    let (mut client, _) = client(Play::default()).await;
    let mut prepared = client
        .prepare(&request("2"), known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    prepared.command.set = SequenceSet::uid(Uid::new(8).unwrap());
    assert!(matches!(
        client.resend(&prepared).await,
        Ok(Resent::Refused(_))
    ));
    let mut prepared = client
        .prepare(&request("2"), known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    prepared.command.parameters.swap(0, 1);
    assert_eq!(prepared.command.parameters[1].1, b"image/jpeg");
    prepared.command.parameters[1].1 = b"image/png".to_vec();
    assert!(matches!(
        client.send(&prepared).await,
        Err(Error::RevealRefused(_))
    ));
}

#[tokio::test]
async fn no_octet_of_a_reveal_leaves_for_a_message_with_one_key_for_all() {
    let keys = [holder()];
    let play = || Play {
        structure: WHOLE,
        part: encrypted(SealAlgorithm::Aes256Cbc),
        ..Play::default()
    };
    let (mut refusing, log) = client(play()).await;
    let refused = refusing
        .fetch_converted(&request("1"), known(&keys), &clock, &mut rng())
        .await;
    assert!(matches!(
        refused,
        Err(Error::WouldRevealWholeMessage(Scope::WholeMessage))
    ));
    assert_eq!((heard(&log, "KEYREVEAL"), heard(&log, "CONVERT")), (0, 0));

    let inner = FetchRequest {
        inner: PartPath::new("2"),
        ..request("2")
    };
    let (mut refusing, log) = client(Play::default()).await;
    let refused = refusing
        .fetch_converted(&inner, known(&keys), &clock, &mut rng())
        .await;
    assert!(matches!(
        refused,
        Err(Error::WouldRevealWholeMessage(Scope::Neighbours))
    ));
    assert_eq!((heard(&log, "KEYREVEAL"), heard(&log, "CONVERT")), (0, 0));

    let allowed = FetchRequest {
        consent: Consent::WholeMessage,
        ..request("1")
    };
    let (mut client, _) = client(play()).await;
    let prepared = client
        .prepare(&allowed, known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    assert_eq!(prepared.revealed.scope, Scope::WholeMessage);
}

/// The structure shows one part of two, as after a mailing list that adds a footer; the key opens a whole message.
#[tokio::test]
async fn a_footer_does_not_hide_that_a_message_was_encrypted_whole() {
    let keys = [holder()];
    for (entity, expected) in [
        (
            &b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"[..],
            Scope::Neighbours,
        ),
        (
            b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n",
            Scope::Neighbours,
        ),
        (b"\x00\x01\x02", Scope::Unknown),
    ] {
        let part = encrypted_entity(entity, SealAlgorithm::Aes256Cbc);
        let (mut client, log) = client(Play {
            part,
            ..Play::default()
        })
        .await;
        let refused = client
            .fetch_converted(&request("2"), known(&keys), &clock, &mut rng())
            .await;
        assert!(matches!(refused, Err(Error::WouldRevealWholeMessage(scope)) if scope == expected));
        assert_eq!((heard(&log, "KEYREVEAL"), heard(&log, "CONVERT")), (0, 0));
    }
}

#[tokio::test]
async fn a_part_without_integrity_is_told_apart() {
    let keys = [holder()];
    let play = Play {
        part: encrypted(SealAlgorithm::Aes256Cbc),
        ..Play::default()
    };
    let (mut client, _) = client(play).await;
    let fetched = client
        .fetch_converted(&request("2"), known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    assert_eq!(
        (fetched.integrity, fetched.report.revealed.binding),
        (Integrity::None, KeyBinding::Direct)
    );
}

#[tokio::test]
async fn a_result_sealed_to_our_certificate_opens_and_claims_no_more_than_it_can() {
    let keys = [holder()];
    let smime = FetchRequest {
        seal: SealTo::Smime(SmimeAlgorithm::Aes256Gcm),
        ..request("2")
    };
    let (mut right, _) = client(Play::default()).await;
    let fetched = right
        .fetch_converted(&smime, known(&keys), &clock, &mut rng())
        .await
        .unwrap();
    assert_eq!(
        (fetched.content.expose(), fetched.origin),
        (PICTURE, Origin::AnybodyWithTheCertificate)
    );
    let weaker = FetchRequest {
        seal: SealTo::Smime(SmimeAlgorithm::Aes256Cbc),
        ..request("2")
    };
    let refused = error(Play::default(), &weaker, known(&keys)).await;
    assert!(matches!(refused, Error::Unverified(Unverified::Sealed)));
}

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
async fn a_part_shorter_than_its_structure_says_is_not_revealed() {
    let keys = [holder()];
    let structure = Box::leak(BESIDE.replace("OCTETS", "9OCTETS").into_boxed_str());
    let part = encrypted(SealAlgorithm::Aes256Gcm)[..1500].to_vec();
    let refused = error(
        Play {
            structure,
            part,
            ..Play::default()
        },
        &request("2"),
        known(&keys),
    )
    .await;
    assert!(matches!(
        refused,
        Error::Protocol(ProtocolFault::Incomplete)
    ));
}

#[tokio::test]
async fn what_cannot_be_fetched_is_said_before_anything_is_revealed() {
    let keys = [holder()];
    let plain = error(Play::default(), &request("1"), known(&keys)).await;
    assert!(matches!(
        plain,
        Error::NotOpenable(NotOpenable::NotEncrypted)
    ));
    let none = error(Play::default(), &request("3"), known(&keys)).await;
    assert!(matches!(none, Error::NotFound(Missing::Section)));
    let gone = FetchRequest {
        uid: Uid::new(9).unwrap(),
        ..request("2")
    };
    assert!(matches!(
        error(Play::default(), &gone, known(&keys)).await,
        Error::NotFound(Missing::Message)
    ));
    assert!(matches!(
        error(Play::default(), &request("2"), known(&[])).await,
        Error::NoKey
    ));
    let without = Play {
        capabilities: "IMAP4rev1 AUTH=PLAIN SASL-IR",
        ..Play::default()
    };
    assert!(matches!(
        error(without, &request("2"), known(&keys)).await,
        Error::Lacks(_)
    ));
    let damaged = Play {
        part: vec![b'A'; 5000],
        ..Play::default()
    };
    assert!(matches!(
        error(damaged, &request("2"), known(&keys)).await,
        Error::NotOpenable(NotOpenable::Malformed)
    ));
}

#[tokio::test]
async fn what_the_proxy_says_of_a_failure_is_understood() {
    use wire::imap::convert::{ErrorCode, ErrorPhrase};
    let keys = [holder()];
    let later = Play {
        answer: |_, tag| {
            let code = ErrorCode::TempFail(Some(5));
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

#[tokio::test]
async fn a_list_and_a_structure_are_read() {
    let (mut client, _) = client(Play::default()).await;
    let inbox = Mailbox::new(b"INBOX");
    let listing = client
        .list(&inbox, NonZeroU32::new(20).unwrap())
        .await
        .unwrap();
    assert_eq!((listing.exists, listing.messages.len()), (1, 1));
    let message = &listing.messages[0];
    assert_eq!(
        (message.uid.value(), message.octets, message.encryption),
        (7, 123_456, Encryption::Parts(1))
    );
    assert_eq!(message.subject, "Grüße \u{1b}[31m");
    let parts = client
        .structure(&inbox, Uid::new(7).unwrap())
        .await
        .unwrap();
    let part = parts.find(&PartPath::new("2").unwrap()).unwrap();
    assert_eq!(part.name.as_deref(), Some("Urlaub über.p7m"));
    let head = client
        .head(&inbox, Uid::new(7).unwrap(), part)
        .await
        .unwrap();
    assert!(head.holder(&[holder()]).is_some());
    assert!(head.prefix.len() <= 8192);
}

#[tokio::test]
async fn a_forwarded_message_that_was_encrypted_whole_is_a_part_of_this_one() {
    let (mut client, _) = client(Play {
        structure: FORWARDED,
        ..Play::default()
    })
    .await;
    let inbox = Mailbox::new(b"INBOX");
    let listing = client
        .list(&inbox, NonZeroU32::new(1).unwrap())
        .await
        .unwrap();
    assert_eq!(listing.messages[0].encryption, Encryption::Parts(1));
    let parts = client
        .structure(&inbox, Uid::new(7).unwrap())
        .await
        .unwrap();
    let inner = parts.find(&PartPath::new("2.1").unwrap()).unwrap();
    assert_eq!(inner.scope, Scope::WholeMessage);
}

#[tokio::test]
async fn a_client_can_send_what_this_library_does_not_know() {
    let (mut client, log) = client(Play::default()).await;
    let answer = client
        .command(CommandBody::Noop, Bounds::SMALL)
        .await
        .unwrap();
    assert!(answer.done().unwrap().is_empty());
    assert_eq!(
        (heard(&log, "OTHER"), client.channel_binding()),
        (1, &BINDING)
    );
    client.logout().await;
}
