//! Several pictures of one message, and presets by name, end to end: the real command, the real proxy, vaults and store.

#![cfg(test)]

use std::fs;

use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::handset::Handset;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use tests::harness::scratch::Scratch;
use tests::harness::{mail, photograph};

/// A message of these entities, each encrypted by itself; the handset that reads it.
fn delivered(entities: &[Vec<u8>]) -> (Dovecot, Keyhole, Handset, Scratch) {
    let folder = Scratch::new();
    let ann = Recipient::make(folder.path(), "ann", KeyKind::P256);
    let cipher = Cipher::Aes256Gcm;
    let part = |entity: &Vec<u8>| {
        let cms = openssl::encrypt(entity, &ann, cipher, Transport::EcdhSha256, Layout::Stream);
        mail::smime_part(&cms, cipher)
    };
    let parts: Vec<_> = entities.iter().map(part).collect();
    let dovecot = Dovecot::start();
    dovecot.deliver(ANN, &mail::message_with_parts("an album", &parts));
    let keyhole = Keyhole::start(&Behind::dovecot(&dovecot));
    let handset = Handset::new(&keyhole, ANN, &ann);
    (dovecot, keyhole, handset, folder)
}

fn pictures(count: usize) -> Vec<Vec<u8>> {
    let entity = || mail::entity("image/jpeg", "p.jpg", &photograph::small().octets);
    std::iter::repeat_with(entity).take(count).collect()
}

/// More pictures than statements, one part that is no picture and is left out, and one that is a broken one: that one fails, all
/// others come.
#[test]
fn all_pictures_of_a_message_come_and_one_that_fails_stops_no_other() {
    let mut entities = pictures(6);
    entities.insert(2, mail::entity("image/jpeg", "b.jpg", b"no picture"));
    entities.insert(3, mail::entity("video/mp4", "v.mp4", b"no picture"));
    let (_dovecot, _keyhole, handset, _folder) = delivered(&entities);
    let folder = handset.path("album");
    let folder_name = folder.display().to_string();
    let arguments = [
        "gallery",
        "1",
        "--preset",
        "2g",
        "--in-flight",
        "4",
        "-o",
        &folder_name,
    ];
    let ended = handset.run(&arguments);
    let parts = ended.json["parts"].as_array().cloned().unwrap_or_default();
    assert_eq!(parts.len(), 8, "{} {}", ended.json, ended.said);
    let (left, parts): (Vec<_>, Vec<_>) =
        parts.iter().partition(|part| part["left_out"].is_string());
    assert_eq!(left.len(), 1, "{}", ended.json);
    assert_eq!(left[0]["section"], "5");
    let (failed, came): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|part| part["error"].is_string());
    assert_eq!(failed.len(), 1, "{}", ended.json);
    assert_eq!(
        failed[0]["section"], "4",
        "behind the text and two pictures"
    );
    assert_eq!(failed[0]["error"], "no-conversion");
    assert_eq!(ended.code, 10, "{}", ended.said);
    for part in came {
        let path = part["result_file"].as_str().expect("a file");
        let octets = fs::read(path).expect("the picture");
        let picture = image::load_from_memory(&octets).expect("a picture that decodes");
        assert_eq!(
            picture.width().max(picture.height()),
            480,
            "the preset's size"
        );
        assert!(octets.len() <= 60_000, "the preset's octets");
    }
}

#[test]
fn what_is_said_goes_before_what_the_preset_says() {
    let (_dovecot, _keyhole, handset, _folder) = delivered(&pictures(1));
    let (report, octets) = handset.fetch(1, "2", &["--preset", "satellite", "--size", "100"]);
    assert_eq!(
        report["result_width"]
            .as_u64()
            .max(report["result_height"].as_u64()),
        Some(100)
    );
    assert!(octets.len() <= 7_000, "the preset's octets");
    let (unknown, _) = handset.try_fetch(1, "2", &["--preset", "5g"]);
    assert_eq!(unknown.code, 10, "{}", unknown.said);
}
