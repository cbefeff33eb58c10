//! The main job, end to end: mail made by OpenSSL, stored by Dovecot, shown through one revealed key, and a thumbnail back that is
//! the photograph.

#![cfg(test)]

use std::ffi::OsStr;
use std::fs;

use image::{DynamicImage, ImageFormat};
use serde_json::Value;
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::handset::Handset;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use tests::harness::photograph::{self, Photograph};
use tests::harness::scratch::Scratch;
use tests::harness::{mail, ssim};

/// How alike a small picture and the photograph must be. Seen: 0.975 and more; mirrored 0.13, shifted by a twentieth 0.59.
const ALIKE: f64 = 0.95;

/// A store, a proxy, two recipients.
struct Scene {
    dovecot: Dovecot,
    keyhole: Keyhole,
    rsa: Recipient,
    p256: Recipient,
    folder: Scratch,
    delivered: u32,
}

impl Scene {
    fn new() -> Self {
        let folder = Scratch::new();
        let rsa = Recipient::make(folder.path(), "ann-rsa", KeyKind::Rsa);
        let p256 = Recipient::make(folder.path(), "ann-p256", KeyKind::P256);
        let dovecot = Dovecot::start();
        let keyhole = Keyhole::start(&Behind::dovecot(&dovecot));
        Self {
            dovecot,
            keyhole,
            rsa,
            p256,
            folder,
            delivered: 0,
        }
    }

    /// Delivers a message and says its UID.
    fn deliver(&mut self, message: &[u8]) -> u32 {
        self.dovecot.deliver(ANN, message);
        self.delivered += 1;
        self.delivered
    }

    /// Delivers a message whose section 2 is `entity`, encrypted to the P-256 recipient.
    fn deliver_part(&mut self, entity: &[u8], cipher: Cipher) -> u32 {
        let cms = openssl::encrypt(
            entity,
            &self.p256,
            cipher,
            Transport::EcdhSha256,
            Layout::Stream,
        );
        self.deliver(&mail::message_with_parts(
            "a photo",
            &[mail::smime_part(&cms, cipher)],
        ))
    }

    fn handset(&self, recipient: &Recipient) -> Handset {
        Handset::new(&self.keyhole, ANN, recipient)
    }
}

fn jpeg_entity(photograph: &Photograph) -> Vec<u8> {
    mail::entity("image/jpeg", "photograph.jpg", &photograph.octets)
}

/// The picture is what the report says, fits, and looks like the photograph.
fn is_the_photograph(
    report: &Value,
    octets: &[u8],
    photograph: &Photograph,
    largest: u32,
    alike: f64,
) -> DynamicImage {
    let picture = image::load_from_memory(octets).expect("a picture that decodes");
    assert_eq!(report["result_width"], picture.width(), "{report}");
    assert_eq!(report["result_height"], picture.height(), "{report}");
    assert_eq!(report["result_octets"], octets.len(), "{report}");
    assert_eq!(picture.width().max(picture.height()), largest, "{report}");
    let similarity = ssim::against(&picture, &photograph.picture);
    assert!(similarity >= alike, "SSIM {similarity} < {alike}: {report}");
    picture
}

#[test]
fn a_photograph_of_12_megapixels_comes_back_as_a_thumbnail_for_a_twentieth_of_its_octets() {
    let mut scene = Scene::new();
    let photograph = photograph::large();
    assert!(photograph.picture.width() * photograph.picture.height() >= 12_000_000);
    for cipher in [Cipher::Aes256Gcm, Cipher::Aes256Cbc] {
        let uid = scene.deliver_part(&jpeg_entity(photograph), cipher);
        let (report, octets) = scene
            .handset(&scene.p256)
            .fetch(uid, "2", &["--size", "320"]);
        let picture = is_the_photograph(&report, &octets, photograph, 320, ALIKE);
        assert_eq!((picture.width(), picture.height()), (320, 240));
        assert_eq!(report["result_type"], "image/jpeg");
        let (air, part) = (
            report["over_the_air_octets"].as_u64(),
            report["part_octets"].as_u64(),
        );
        let (air, part) = (air.expect("octets"), part.expect("octets"));
        eprintln!("{cipher:?}: {air} octets over the air for a part of {part}");
        assert!(part > 2_000_000 && air * 20 <= part, "{air} of {part}");
        assert_eq!(report["integrity"], cipher.is_authenticated(), "{report}");
    }
}

#[test]
fn every_encryption_that_openssl_makes_is_opened() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    let entity = jpeg_entity(photograph);
    let (rsa, p256) = (scene.rsa.clone(), scene.p256.clone());
    let cases = [
        (&rsa, Cipher::Aes128Cbc, Transport::Plain, Layout::Der),
        (&rsa, Cipher::Aes192Cbc, Transport::Oaep, Layout::Stream),
        (&rsa, Cipher::Aes256Cbc, Transport::OaepSha256, Layout::Der),
        (&rsa, Cipher::Aes256Cbc, Transport::Plain, Layout::Stream),
        (&rsa, Cipher::Aes128Gcm, Transport::Plain, Layout::Stream),
        (&rsa, Cipher::Aes256Gcm, Transport::Oaep, Layout::Der),
        (
            &rsa,
            Cipher::Aes256Gcm,
            Transport::OaepSha256,
            Layout::Stream,
        ),
        (&p256, Cipher::Aes128Cbc, Transport::Plain, Layout::Stream),
        (&p256, Cipher::Aes256Cbc, Transport::EcdhSha256, Layout::Der),
        (&p256, Cipher::Aes128Gcm, Transport::EcdhSha256, Layout::Der),
        (&p256, Cipher::Aes256Gcm, Transport::Plain, Layout::Der),
        (
            &p256,
            Cipher::Aes256Gcm,
            Transport::EcdhSha256,
            Layout::Stream,
        ),
    ];
    for (recipient, cipher, transport, layout) in cases {
        let case = format!(
            "{cipher:?} {transport:?} {layout:?} {}",
            recipient.certificate.display()
        );
        let cms = openssl::encrypt(&entity, recipient, cipher, transport, layout);
        let uid = scene.deliver(&mail::message_with_parts(
            "a photo",
            &[mail::smime_part(&cms, cipher)],
        ));
        let handset = scene.handset(recipient);
        let (ended, path) = handset.try_fetch(uid, "2", &["--size", "160"]);
        assert_eq!(ended.code, 0, "{case}: {} {}", ended.json, ended.said);
        let octets = fs::read(path).expect("the picture");
        is_the_photograph(&ended.json, &octets, photograph, 160, ALIKE);
        assert_eq!(ended.json["integrity"], cipher.is_authenticated(), "{case}");
        assert_eq!(ended.json["source_type"], "image/jpeg", "{case}");
    }
}

#[test]
fn x25519_is_opened_where_openssl_can_make_it() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    let Some((recipient, cms)) =
        openssl::encrypt_x25519(scene.folder.path(), &jpeg_entity(photograph))
    else {
        eprintln!("the installed OpenSSL cannot encrypt to X25519");
        return;
    };
    let uid = scene.deliver(&mail::message_with_parts(
        "a photo",
        &[mail::smime_part(&cms, Cipher::Aes256Gcm)],
    ));
    let (report, octets) = scene
        .handset(&recipient)
        .fetch(uid, "2", &["--size", "160"]);
    is_the_photograph(&report, &octets, photograph, 160, ALIKE);
}

#[test]
fn a_message_encrypted_whole_is_revealed_only_on_the_users_word() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    let text = b"Content-Type: text/plain\r\n\r\nA secret text.\r\n".to_vec();
    let inside = mail::multipart(&[text, jpeg_entity(photograph)], "inside");
    let cipher = Cipher::Aes256Cbc;
    let cms = openssl::encrypt(
        &inside,
        &scene.rsa,
        cipher,
        Transport::Plain,
        Layout::Stream,
    );
    let uid = scene.deliver(&mail::message("all of it", &mail::smime_part(&cms, cipher)));
    let handset = scene.handset(&scene.rsa);
    let (refused, path) = handset.try_fetch(uid, "1", &["--size", "160"]);
    assert_eq!(refused.code, 7, "{} {}", refused.json, refused.said);
    assert!(!path.exists());
    // Nothing was even asked for.
    assert!(scene.keyhole.events("statements_issued").is_empty());
    for inner in [&[][..], &["--inner", "2"]] {
        let options: Vec<&str> = ["--size", "160", "--reveal-whole-message"]
            .into_iter()
            .chain(inner.iter().copied())
            .collect();
        let (report, octets) = handset.fetch(uid, "1", &options);
        is_the_photograph(&report, &octets, photograph, 160, ALIKE);
    }
    let (not_a_picture, _) = handset.try_fetch(
        uid,
        "1",
        &["--size", "160", "--reveal-whole-message", "--inner", "1"],
    );
    assert_ne!(not_a_picture.code, 0);
}

#[test]
fn every_format_goes_in_and_comes_out() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    for (format, media_type) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::WebP, "image/webp"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::Bmp, "image/bmp"),
        (ImageFormat::Tiff, "image/tiff"),
    ] {
        let entity = mail::entity(media_type, "photograph", &photograph::small_as(format));
        let uid = scene.deliver_part(&entity, Cipher::Aes256Gcm);
        let (report, octets) = scene
            .handset(&scene.p256)
            .fetch(uid, "2", &["--size", "200"]);
        is_the_photograph(&report, &octets, photograph, 200, ALIKE);
        assert_eq!(report["source_type"], media_type);
    }
    let uid = scene.deliver_part(&jpeg_entity(photograph), Cipher::Aes256Gcm);
    for (name, media_type) in [
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
    ] {
        let (report, octets) =
            scene
                .handset(&scene.p256)
                .fetch(uid, "2", &["--size", "200", "--format", name]);
        is_the_photograph(&report, &octets, photograph, 200, ALIKE);
        assert_eq!(report["result_type"], media_type);
        assert_eq!(
            image::guess_format(&octets)
                .expect("a format")
                .to_mime_type(),
            media_type
        );
    }
}

#[test]
fn a_budget_in_octets_is_kept_and_used() {
    let mut scene = Scene::new();
    let photograph = photograph::progressive();
    let uid = scene.deliver_part(&jpeg_entity(photograph), Cipher::Aes128Gcm);
    for budget in [8_000, 40_000, 200_000] {
        let (report, octets) =
            scene
                .handset(&scene.p256)
                .fetch(uid, "2", &["--bytes", &budget.to_string()]);
        assert!(
            octets.len() <= budget,
            "{} of {budget}: {report}",
            octets.len()
        );
        assert!(
            octets.len() * 2 > budget,
            "{} of {budget}: {report}",
            octets.len()
        );
        let picture = image::load_from_memory(&octets).expect("a picture that decodes");
        assert!(
            ssim::against(&picture, &photograph.picture) > 0.7,
            "{report}"
        );
    }
}

#[test]
fn a_small_picture_is_never_enlarged() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    let uid = scene.deliver_part(&jpeg_entity(photograph), Cipher::Aes256Gcm);
    let (report, octets) = scene
        .handset(&scene.p256)
        .fetch(uid, "2", &["--size", "4000"]);
    is_the_photograph(
        &report,
        &octets,
        photograph,
        photograph.picture.width(),
        ALIKE,
    );
}

#[test]
fn a_result_may_be_sealed_to_the_users_own_certificate() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    let (rsa, p256) = (scene.rsa.clone(), scene.p256.clone());
    for recipient in [&rsa, &p256] {
        let cms = openssl::encrypt(
            &jpeg_entity(photograph),
            recipient,
            Cipher::Aes256Gcm,
            Transport::Plain,
            Layout::Der,
        );
        let uid = scene.deliver(&mail::message_with_parts(
            "a photo",
            &[mail::smime_part(&cms, Cipher::Aes256Gcm)],
        ));
        for algorithm in ["gcm", "gcm-hkdf", "cbc"] {
            let options = [
                "--size",
                "160",
                "--seal",
                "smime",
                "--smime-algorithm",
                algorithm,
            ];
            let (report, octets) = scene.handset(recipient).fetch(uid, "2", &options);
            is_the_photograph(&report, &octets, photograph, 160, ALIKE);
            assert_eq!(report["made_by_vault"], false, "{algorithm}");
        }
    }
}

#[test]
fn keys_come_from_pem_and_pkcs12_encrypted_or_not() {
    let mut scene = Scene::new();
    let uid = scene.deliver_part(&jpeg_entity(photograph::small()), Cipher::Aes256Gcm);
    let passphrase = scene.folder.join("passphrase");
    fs::write(&passphrase, "horse battery").expect("the passphrase");
    let pkcs12 = scene.p256.pkcs12("horse battery");
    let encrypted = scene.p256.encrypted_key("horse battery");
    let from_file = |options: &[&OsStr]| {
        let handset = Handset::with_key_options(&scene.keyhole, ANN, options);
        handset.try_fetch(uid, "2", &["--size", "100"]).0.code
    };
    let (key, cert) = (OsStr::new("--key"), OsStr::new("--cert"));
    let (p12, file) = (OsStr::new("--pkcs12"), OsStr::new("--passphrase-file"));
    let certificate = scene.p256.certificate.as_os_str();
    assert_eq!(
        from_file(&[key, scene.p256.key.as_os_str(), cert, certificate]),
        0
    );
    assert_eq!(
        from_file(&[
            key,
            encrypted.as_os_str(),
            cert,
            certificate,
            file,
            passphrase.as_os_str()
        ]),
        0
    );
    assert_eq!(
        from_file(&[p12, pkcs12.as_os_str(), file, passphrase.as_os_str()]),
        0
    );
    fs::write(&passphrase, "staple").expect("the passphrase");
    assert_ne!(
        from_file(&[p12, pkcs12.as_os_str(), file, passphrase.as_os_str()]),
        0
    );
    // A key that the part was not encrypted to.
    assert_eq!(
        from_file(&[
            key,
            scene.rsa.key.as_os_str(),
            cert,
            scene.rsa.certificate.as_os_str()
        ]),
        6
    );
}

#[test]
fn what_is_no_picture_is_refused_in_clear_words_and_the_next_one_works() {
    let mut scene = Scene::new();
    let photograph = photograph::small();
    let handset = scene.handset(&scene.p256);
    let cut = &photograph.octets[..photograph.octets.len() / 50];
    let (refused, accepted) = (
        [
            mail::entity("application/pdf", "x.pdf", b"%PDF-1.4 nothing"),
            mail::entity("image/jpeg", "x.jpg", b"this is no picture at all"),
            mail::entity("image/png", "x.png", &photograph.octets),
            mail::entity("image/jpeg", "cut.jpg", cut),
        ],
        jpeg_entity(photograph),
    );
    for entity in refused {
        let uid = scene.deliver_part(&entity, Cipher::Aes256Gcm);
        let (ended, path) = handset.try_fetch(uid, "2", &["--size", "100"]);
        assert_eq!(ended.code, 10, "{} {}", ended.json, ended.said);
        assert!(!path.exists());
    }
    let uid = scene.deliver_part(&accepted, Cipher::Aes256Gcm);
    let (report, octets) = handset.fetch(uid, "2", &["--size", "100"]);
    is_the_photograph(&report, &octets, photograph, 100, ALIKE);
}

#[test]
fn the_vault_of_a_reveal_is_gone_after_it() {
    let mut scene = Scene::new();
    let uid = scene.deliver_part(&jpeg_entity(photograph::small()), Cipher::Aes256Gcm);
    let before = scene.keyhole.descendants().len();
    let handset = scene.handset(&scene.p256);
    for _ in 0..3 {
        let _picture = handset.fetch(uid, "2", &["--size", "100"]);
    }
    let ended = scene.keyhole.wait_for("vault_ended", |_| true);
    assert!(ended["exit"].to_string().contains('0'), "{ended}");
    tests::harness::wait::until("the vaults to be gone", || {
        (scene.keyhole.descendants().len() <= before).then_some(())
    });
    assert!(scene.keyhole.terminate().success());
}
