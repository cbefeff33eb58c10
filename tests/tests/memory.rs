//! However much passes, the network-facing process stays small: 200 MB relayed, 50 MB appended, a photograph of 25 MB converted.
//!
//! Each measurement ends in one line of JSON with the peaks before and after.

#![cfg(test)]
#![expect(clippy::print_stdout, reason = "the figures of a run are its result")]

use std::io::Cursor;
use std::thread;

use image::ImageFormat;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use serde_json::{Value, json};
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::footprint::Memory;
use tests::harness::handset::Handset;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use tests::harness::scratch::Scratch;
use tests::harness::{mail, photograph, ssim};

const MEBI: u64 = 1024 * 1024;
/// The most that the peak may grow: some buffers of each connection, far from any of the messages.
const GROWTH: u64 = 16 * MEBI;
/// A photograph's pixels, cut so that three octets for each make 25 MB.
const WIDTH: u32 = 4032;
const HEIGHT: u32 = 2064;

/// Dovecot, the proxy before it, a client in it, all of them used once so that what is paid once is paid.
struct Scene {
    keyhole: Keyhole,
    client: Client,
    recipient: Recipient,
    dovecot: Dovecot,
    _folder: Scratch,
}

impl Scene {
    fn new() -> Self {
        let folder = Scratch::new();
        let recipient = Recipient::make(folder.path(), "ann", KeyKind::P256);
        let dovecot = Dovecot::start();
        let small = mail::entity("image/jpeg", "p.jpg", &photograph::small().octets);
        dovecot.deliver(ANN, &encrypted(&small, &recipient));
        let keyhole = Keyhole::start(&Behind::dovecot(&dovecot));
        let mut client = Client::tls(keyhole.address, &keyhole.certificate.authority);
        client.login(ANN);
        assert!(client.command("SELECT INBOX").is_ok());
        assert!(client.command("UID FETCH 1 BODY.PEEK[]").is_ok());
        let _picture = Handset::new(&keyhole, ANN, &recipient).fetch(1, "2", &["--size", "320"]);
        Self {
            keyhole,
            client,
            recipient,
            dovecot,
            _folder: folder,
        }
    }

    /// Does `work` on `octets` and holds the server's peak against [`GROWTH`].
    fn is_flat(&mut self, what: &str, octets: usize, work: impl FnOnce(&mut Self)) {
        let server = self.keyhole.process();
        let before = Memory::of(server).expect("the server runs");
        work(self);
        let after = Memory::of(server).expect("the server runs");
        let growth = after.peak - before.peak;
        println!(
            "{}",
            json!({
                "memory": what, "octets": octets, "peak_before": before.peak, "peak_after": after.peak,
                "growth": growth, "resident_before": before.resident, "resident_after": after.resident,
            })
        );
        assert!(growth < GROWTH, "{what}: grew by {growth} octets");
    }
}

fn encrypted(entity: &[u8], recipient: &Recipient) -> Vec<u8> {
    let cipher = Cipher::Aes256Gcm;
    let cms = openssl::encrypt(
        entity,
        recipient,
        cipher,
        Transport::EcdhSha256,
        Layout::Stream,
    );
    mail::message_with_parts("a photo", &[mail::smime_part(&cms, cipher)])
}

/// A message of about so many octets, no two lines alike.
fn long(octets: usize) -> Vec<u8> {
    let mut message = mail::message("long", b"Content-Type: text/plain\r\n\r\n");
    for number in 0.. {
        if message.len() >= octets {
            break;
        }
        message.extend(format!("{number:076}\r\n").into_bytes());
    }
    message
}

#[test]
fn two_hundred_megabytes_pass_without_being_held() {
    let mut scene = Scene::new();
    let message = long(200_000_000);
    scene.dovecot.deliver(ANN, &message);
    assert!(scene.client.command("NOOP").is_ok());
    scene.is_flat("relayed to the client", message.len(), |scene| {
        let answer = scene.client.command("UID FETCH 2 BODY.PEEK[]");
        assert!(answer.is_ok(), "{}", answer.tagged);
        let came = answer.octets();
        let begins = came.windows(2).position(|end| end == b"\r\n").unwrap() + 2;
        assert!(came[begins..].starts_with(&message), "the very octets");
    });
}

#[test]
fn fifty_megabytes_are_appended_without_being_held() {
    let mut scene = Scene::new();
    let message = long(50_000_000);
    scene.is_flat("relayed to the store", message.len(), |scene| {
        let client = &mut scene.client;
        client.write(format!("big APPEND INBOX {{{}}}\r\n", message.len()).as_bytes());
        assert!(client.response().starts_with(b"+"));
        client.write(&message);
        client.write(b"\r\n");
        let answer = client.answer("big");
        assert!(answer.is_ok(), "{answer:?}");
    });
    let size = scene.client.command("UID FETCH 2 RFC822.SIZE").text();
    assert!(
        size.contains(&format!("RFC822.SIZE {}", message.len())),
        "{size}"
    );
}

/// The most memory that any vault of the server's took until `done`.
fn vaults_peak(keyhole: &Keyhole, done: impl Fn() -> bool) -> u64 {
    let mut peak = 0;
    while !done() {
        let below = keyhole.descendants();
        let vaults = below.iter().skip(1).filter_map(|vault| Memory::of(*vault));
        peak = vaults.map(|memory| memory.peak).fold(peak, u64::max);
        thread::yield_now();
    }
    peak
}

/// Has the second message's photograph made small and says what the vault took for it.
fn watched(keyhole: &Keyhole, handset: &Handset) -> (Value, Vec<u8>, u64) {
    let (report, octets, vault) = thread::scope(|scope| {
        let fetching = scope.spawn(|| handset.fetch(2, "2", &["--size", "320"]));
        let vault = vaults_peak(keyhole, || fetching.is_finished());
        let (report, octets) = fetching.join().expect("a thumbnail");
        (report, octets, vault)
    });
    let part = &report["part_octets"];
    println!(
        "{}",
        json!({"memory": "vault", "part_octets": part, "vault_peak": vault})
    );
    (report, octets, vault)
}

/// What a vault takes besides the ciphertext that it holds, for a JPEG file of up to 48 megapixels: program, decoder, encoder.
const VAULT: u64 = 16 * MEBI;

#[test]
fn a_vault_makes_48_megapixels_small_in_little_more_than_the_part() {
    let scene = Scene::new();
    let photograph = photograph::large();
    let picture = photograph
        .picture
        .resize_exact(8000, 6000, FilterType::Triangle);
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, 90);
    picture.write_with_encoder(encoder).unwrap();
    let entity = mail::entity("image/jpeg", "p.jpg", &file);
    let message = encrypted(&entity, &scene.recipient);
    scene.dovecot.deliver(ANN, &message);
    let handset = Handset::new(&scene.keyhole, ANN, &scene.recipient);
    let (report, octets, vault) = watched(&scene.keyhole, &handset);
    assert_eq!(report["source_octets"], file.len(), "{report}");
    let held = u64::try_from(entity.len()).unwrap();
    assert!(vault < held + VAULT, "{vault} octets for a part of {held}");
    let thumbnail = image::load_from_memory(&octets).unwrap();
    assert!(ssim::against(&thumbnail, &picture) > 0.9);
}

#[test]
fn a_photograph_of_25_megabytes_is_converted_without_being_held() {
    let mut scene = Scene::new();
    let picture = photograph::large().picture.crop_imm(0, 0, WIDTH, HEIGHT);
    let mut bitmap = Cursor::new(Vec::new());
    picture.write_to(&mut bitmap, ImageFormat::Bmp).unwrap();
    let bitmap = bitmap.into_inner();
    let message = encrypted(
        &mail::binary_entity("image/bmp", "p.bmp", &bitmap),
        &scene.recipient,
    );
    scene.dovecot.deliver(ANN, &message);
    let handset = Handset::new(&scene.keyhole, ANN, &scene.recipient);
    scene.is_flat("converted", message.len(), |scene| {
        let (report, octets, _vault) = watched(&scene.keyhole, &handset);
        assert!(
            report["part_octets"].as_u64() > Some(33_000_000),
            "{report}"
        );
        assert_eq!(report["source_octets"], bitmap.len(), "{report}");
        let thumbnail = image::load_from_memory(&octets).unwrap();
        assert!(ssim::against(&thumbnail, &picture) > 0.9);
    });
}
