//! One part fetched converted, from the first look to the checked result, and every reason not to.

#![cfg(test)]

mod lies;
#[path = "../played/mod.rs"]
mod played;

use std::num::{NonZeroU16, NonZeroU32};

use envelope::sealer::SealAlgorithm;
use handset::{
    Acquaintance, Bounds, Consent, Encryption, Error, FetchRequest, Holdings, Integrity,
    KeyBinding, Mailbox, Measure, Missing, NotOpenable, Origin, PartPath, ProtocolFault, Resent,
    Scope, SealTo, SmimeAlgorithm, Uid, Unverified,
};
use played::{
    BESIDE, BINDING, FORWARDED, PICTURE, Play, WHOLE, client, clock, encrypted, encrypted_entity,
    heard, holder, known, request, rng,
};
use wire::imap::{CommandBody, SequenceSet};

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
