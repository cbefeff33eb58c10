//! Every way in which a part without integrity fails is told with the same octets, at a time bucket: what is asked by altering
//! such a part is not answered. A part whose tag was right is told plainly what it lacks.

use handset::{FetchRequest, PartPath, RevealDraft};
use keyreveal::{ContentAlgorithm, TransferEncoding};
use secret::SessionKey;
use tests::harness::dovecot::ANN;
use tests::harness::openssl::Cipher;
use tests::harness::phone::{Phone, request, rng};
use tests::harness::{mail, photograph, wait};

use super::store::Faithless;

/// A picture that can be converted, and what cannot.
fn entities() -> [(&'static str, Vec<u8>); 4] {
    let photograph = &photograph::small().octets;
    [
        ("a picture", mail::entity("image/jpeg", "x.jpg", photograph)),
        (
            "no picture inside",
            mail::entity("image/jpeg", "x.jpg", &[0x55; 50_000]),
        ),
        (
            "half a picture",
            mail::entity("image/jpeg", "x.jpg", &photograph[..3000]),
        ),
        (
            "text",
            b"Content-Type: text/plain\r\n\r\nA secret.\r\n".to_vec(),
        ),
    ]
}

/// Delivers them, encrypted so, as UID 1 and on.
fn faithless(cipher: Cipher) -> Faithless {
    let faithless = Faithless::new();
    for (name, entity) in entities() {
        let part = mail::smime_part(&faithless.scene.encrypt(&entity, cipher), cipher);
        let message = mail::message_with_parts(name, &[part]);
        faithless.scene.store.deliver(ANN, &message);
    }
    faithless
}

fn small(uid: u32) -> FetchRequest {
    FetchRequest {
        width: std::num::NonZeroU16::new(100),
        // Whether several parts are opened is not the question here.
        consent: handset::Consent::WholeMessage,
        ..request(uid, "2")
    }
}

fn refused(
    phone: &mut Phone,
    name: &str,
    request: &FetchRequest,
    alter: impl Fn(&mut RevealDraft),
) {
    let gathered = phone.gather(request).expect("a statement");
    let mut draft = phone.draft(request, &gathered).expect("a draft");
    alter(&mut draft);
    let prepared = draft.seal(&mut rng()).expect("a reveal");
    phone.convert(&prepared.command).assert_refused(name);
}

fn key_of(octet: u8, length: usize) -> SessionKey {
    let key = SessionKey::fill(length, |room| {
        room.fill(octet);
        Ok::<_, ()>(())
    });
    key.expect("a key")
}

/// What a reveal can get wrong of a part; the key has `length` octets.
fn wrong_reveals(phone: &mut Phone, length: usize, other: ContentAlgorithm) -> usize {
    type Alter = Box<dyn Fn(&mut RevealDraft)>;
    let cases: [(&str, Alter); 8] = [
        (
            "wrong key",
            Box::new(move |d| d.reveal.key = key_of(7, length)),
        ),
        ("wrong digest", Box::new(|d| d.reveal.prefix_digest[0] ^= 1)),
        ("longer prefix", Box::new(|d| d.reveal.prefix_len += 1)),
        ("shorter prefix", Box::new(|d| d.reveal.prefix_len -= 1)),
        ("longer part", Box::new(|d| d.reveal.total_octets += 1)),
        ("wrong nonce", Box::new(|d| d.reveal.nonce[0] ^= 1)),
        (
            "wrong encoding",
            Box::new(|d| d.reveal.encoding = TransferEncoding::Identity),
        ),
        (
            "wrong algorithm",
            Box::new(move |d| {
                d.reveal.algorithm = other;
                d.reveal.key = key_of(7, other.key_len());
                d.reveal.nonce.resize(other.nonce_len(), 0);
            }),
        ),
    ];
    let number = cases.len();
    for (name, alter) in cases {
        refused(phone, name, &small(1), alter);
    }
    number
}

#[test]
fn a_part_without_a_tag_fails_in_one_way_only() {
    let faithless = faithless(Cipher::Aes256Cbc);
    let mut phone = faithless.scene.phone();
    let mut refusals = wrong_reveals(&mut phone, 32, ContentAlgorithm::Aes256Gcm);
    for (uid, (name, _)) in (1..).zip(entities()).skip(1) {
        refused(&mut phone, name, &small(uid), |_| {});
        refusals += 1;
    }
    let nowhere = FetchRequest {
        inner: PartPath::new("3.1"),
        ..small(1)
    };
    refused(&mut phone, "no such inner section", &nowhere, |_| {});
    let minute = FetchRequest {
        octets: std::num::NonZeroU32::new(1),
        ..small(1)
    };
    refused(&mut phone, "cannot be made so small", &minute, |_| {});
    // The last octet of the block before the last one is what the last octet of the padding is changed by.
    faithless.alters(|mut cms| {
        let end = cms.len();
        cms[end - 17] ^= 0x80;
        cms
    });
    refused(&mut phone, "bad padding", &small(1), |_| {});
    refusals += 3;
    faithless.alters(|cms| cms);
    let prepared = phone.prepare(&small(1)).expect("a reveal");
    let heard = phone.convert(&prepared.command);
    heard.assert_converted("what is not altered");
    faithless.scene.assert_refusals(refusals);
    let plainly = faithless.scene.keyhole.events("conversion_refused");
    assert_eq!(plainly.len(), 0, "{plainly:?}");
}

#[test]
fn a_part_whose_tag_was_right_is_told_what_it_lacks() {
    let faithless = faithless(Cipher::Aes256Gcm);
    let mut phone = faithless.scene.phone();
    let refusals = wrong_reveals(&mut phone, 32, ContentAlgorithm::Aes256Cbc);
    for (uid, (name, _)) in (1..).zip(entities()).skip(1) {
        let prepared = phone.prepare(&small(uid)).expect("a reveal");
        let heard = phone.convert(&prepared.command);
        let text = String::from_utf8_lossy(&heard.octets);
        let told = "BADPARAMETERS \"application/pkcs7-mime\" \"application/vnd.keyhole.sealed\"";
        assert!(
            text.contains(told) && text.contains(" NO [CANNOT] "),
            "{name}: {text}"
        );
        assert!(!text.contains("The reveal was refused"), "{name}: {text}");
    }
    faithless.scene.assert_refusals(refusals);
    // The log may lag behind the answers.
    wait::until("three plain refusals", || {
        let plainly = faithless.scene.keyhole.events("conversion_refused");
        assert!(plainly.len() <= 3, "{plainly:?}");
        (plainly.len() == 3).then_some(())
    });
}
