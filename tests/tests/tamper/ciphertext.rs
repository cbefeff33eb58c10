//! The part's ciphertext swapped, cut or with a bit flipped, after the handset has read its beginning.

use envelope::TransferEncoding;
use envelope::cms::read_header;
use handset::{Error, Integrity};
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::embedded::Embedded;
use tests::harness::openssl::Cipher;
use tests::harness::phone::request;
use tests::harness::photograph;
use tests::harness::{mail, scene::Scene};

use super::store::Faithless;

/// AES's block, and GCM's tag.
const BLOCK: usize = 16;

/// A name, and what becomes of the object.
type Case = (String, Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send>);

fn case(name: &str, change: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) -> Case {
    (name.to_owned(), Box::new(change))
}

fn flip(name: &str, at: usize) -> Case {
    case(name, move |mut cms| {
        cms[at] ^= 1 << (at % 8);
        cms
    })
}

fn entity() -> Vec<u8> {
    mail::entity("image/jpeg", "photograph.jpg", &photograph::small().octets)
}

/// A message of two parts: the photograph encrypted, and again under another key; and the two objects.
fn message(scene: &Scene, cipher: Cipher) -> (Vec<u8>, [Vec<u8>; 2]) {
    let objects = [(); 2].map(|()| scene.encrypt(&entity(), cipher));
    let parts = objects.each_ref().map(|cms| mail::smime_part(cms, cipher));
    (mail::message_with_parts("two photos", &parts), objects)
}

/// Where the nonce or vector begins.
fn nonce_at(cms: &[u8]) -> usize {
    let header = read_header(cms, TransferEncoding::Identity).expect("a CMS object");
    let nonce = header.content.nonce;
    let at = cms.windows(nonce.len()).position(|window| window == nonce);
    at.expect("the nonce")
}

/// What no cipher may let pass.
fn always_refused(cms: &[u8], other: Vec<u8>) -> Vec<Case> {
    let (nonce, end) = (nonce_at(cms), cms.len());
    let mut cases = vec![
        flip("a flipped bit in the header", 20),
        flip("a flipped bit in the recipient's number", 120),
        flip("a flipped bit in the recipient's key", nonce - 60),
        flip("a flipped bit in the nonce", nonce + 3),
        flip("a flipped bit in the first ciphertext", nonce + 40),
        case("another part", {
            let other = other.clone();
            move |_| other.clone()
        }),
        case("twice the part", |cms| [cms.as_slice(), &cms].concat()),
        case("an octet more", |cms| [cms.as_slice(), b"\0"].concat()),
    ];
    for length in [0, 1, nonce, nonce + 30, end / 2, end - BLOCK, end - 1] {
        let name = format!("cut to {length} of {end} octets");
        cases.push(case(&name, move |cms| cms[..length].to_vec()));
    }
    cases
}

/// What only a tag, or luck, notices.
fn needs_a_tag(cms: &[u8], other: Vec<u8>) -> Vec<Case> {
    let (end, middle) = (cms.len(), cms.len() / 2);
    vec![
        flip("a flipped bit in the middle", middle),
        flip("a flipped bit near the end", end - 2 * BLOCK),
        flip("a flipped bit at the very end", end - 1),
        case("two blocks swapped", move |mut cms| {
            let (one, two) = cms[middle..].split_at_mut(BLOCK);
            one.swap_with_slice(&mut two[..BLOCK]);
            cms
        }),
        case("another part's second half", move |cms| {
            let half = other.len() - other.len() / 2;
            [&cms[..cms.len() - half], &other[other.len() - half..]].concat()
        }),
    ]
}

/// Each case of `cases` is refused with the one answer.
fn assert_all_refused(faithless: &Faithless, cases: Vec<Case>) {
    let mut phone = faithless.scene.phone();
    let number = cases.len();
    for (name, change) in cases {
        let prepared = phone.prepare(&request(1, "2")).expect("a reveal");
        faithless.alters(change);
        phone.convert(&prepared.command).assert_refused(&name);
        faithless.alters(|cms| cms);
    }
    let prepared = phone.prepare(&request(1, "2")).expect("a reveal");
    let heard = phone.convert(&prepared.command);
    heard.assert_converted("what is not altered");
    faithless.scene.assert_refusals(number);
}

#[test]
fn an_altered_authenticated_part_yields_nothing() {
    let faithless = Faithless::new();
    let (message, [cms, other]) = message(&faithless.scene, Cipher::Aes256Gcm);
    faithless.scene.store.deliver(ANN, &message);
    let mut cases = always_refused(&cms, other.clone());
    cases.extend(needs_a_tag(&cms, other));
    cases.push(flip("a flipped bit in the tag", cms.len() - BLOCK));
    assert_all_refused(&faithless, cases);
}

#[test]
fn an_altered_part_yields_nothing_before_dovecot_either() {
    let dovecot = Dovecot::start();
    let faithless = Faithless::before(dovecot.clear, Embedded::start());
    let (message, [cms, other]) = message(&faithless.scene, Cipher::Aes128Gcm);
    dovecot.deliver(ANN, &message);
    let mut cases = always_refused(&cms, other.clone());
    cases.extend(needs_a_tag(&cms, other));
    assert_all_refused(&faithless, cases);
}

#[test]
fn what_the_handset_read_and_how_long_a_part_is_are_bound_without_a_tag_too() {
    let faithless = Faithless::new();
    let (message, [cms, other]) = message(&faithless.scene, Cipher::Aes256Cbc);
    faithless.scene.store.deliver(ANN, &message);
    assert_all_refused(&faithless, always_refused(&cms, other));
}

/// CBC has no integrity: what comes back is refused, or is called what it is.
#[test]
fn an_altered_part_without_a_tag_is_refused_or_called_unproven() {
    let faithless = Faithless::new();
    let (message, [cms, other]) = message(&faithless.scene, Cipher::Aes256Cbc);
    faithless.scene.store.deliver(ANN, &message);
    let mut phone = faithless.scene.phone();
    for (name, change) in needs_a_tag(&cms, other) {
        let prepared = phone.prepare(&request(1, "2")).expect("a reveal");
        faithless.alters(change);
        match phone.fetch(&prepared) {
            Ok(fetched) => assert_eq!(fetched.integrity, Integrity::None, "{name}"),
            Err(Error::RevealRefused(_)) => {}
            Err(other) => panic!("{name}: {other}"),
        }
        faithless.alters(|cms| cms);
    }
}

/// Here structure and part agree with each other, and not with what the handset saw: the file itself is altered.
#[test]
fn a_message_rewritten_in_the_store_yields_nothing() {
    let scene = Scene::new();
    let (message, _) = message(&scene, Cipher::Aes256Gcm);
    scene.store.deliver(ANN, &message);
    let mut phone = scene.phone();
    let middle = message.len() / 4;
    let shorter = [&message[..middle], &message[middle + 76..]].concat();
    let mut flipped = message.clone();
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    for (name, rewritten) in [("a line less", shorter), ("a digit altered", flipped)] {
        let prepared = phone.prepare(&request(1, "2")).expect("a reveal");
        let file = delivered(&scene);
        std::fs::write(&file, rewritten).expect("the message");
        phone.convert(&prepared.command).assert_refused(name);
        std::fs::write(&file, &message).expect("the message");
    }
    scene.assert_refusals(2);
}

/// The file of Ann's one message.
fn delivered(scene: &Scene) -> std::path::PathBuf {
    let maildir = scene.store.maildir(ANN);
    let folders = ["new", "cur"].map(|name| maildir.join(name));
    let mut files = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    files.next().expect("a message").expect("a file").path()
}
