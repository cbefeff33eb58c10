//! Somebody poses as the proxy, with a certificate that the handset trusts, and hands out another key statement. Nothing is
//! revealed: judged by every octet that the impostor heard.

use std::ffi::OsStr;
use std::sync::{Arc, Mutex, PoisonError};

use handset::Error;
use keyreveal::{ChannelBinding, Identity, IdentityKey, Statement, StatementError, sign};
use tests::harness::dovecot::ANN;
use tests::harness::handset::Handset;
use tests::harness::middleman::Middleman;
use tests::harness::openssl::Cipher;
use tests::harness::phone::{Phone, request, rng};
use tests::harness::scene::{Scene, canary};
use tests::harness::statement;
use vault::warden::identity_file;

/// `docs/handset.md`: the proxy is not the one it must be.
const OTHER_IDENTITY: i32 = 8;

/// From the connection and the proxy's own statement to the one that is handed out.
type Forge = Arc<dyn Fn(ChannelBinding, &[u8]) -> Vec<u8> + Send + Sync>;

struct Impostor {
    scene: Scene,
    middleman: Middleman,
    forge: Arc<Mutex<Forge>>,
}

impl Impostor {
    fn new() -> Self {
        let scene = Scene::new();
        let message = scene.message(&canary([200, 40, 40]), Cipher::Aes256Gcm);
        scene.store.deliver(ANN, &message);
        let forge: Arc<Mutex<Forge>> = Arc::new(Mutex::new(Arc::new(|_, signed| signed.to_vec())));
        let now = Arc::clone(&forge);
        let middleman =
            Middleman::before_proxy(&scene.keyhole.place(), move |binding, response| {
                let Some(text) = statement::text(&response) else {
                    return response;
                };
                let signed = keyreveal::SignedStatement::from_base64(text).expect("a statement");
                let forge = now.lock().unwrap_or_else(PoisonError::into_inner).clone();
                statement::line(&forge(binding, &signed))
            });
        Self {
            scene,
            middleman,
            forge,
        }
    }

    fn forges(&self, forge: Forge) {
        *self.forge.lock().unwrap_or_else(PoisonError::into_inner) = forge;
    }

    /// The proxy's own key, stolen.
    fn identity(&self) -> Identity {
        identity_file::read_or_create(&self.scene.keyhole.identity(), &mut rng())
            .expect("the identity")
    }

    fn phone(&self) -> Phone {
        let phone = Phone::connect(&self.middleman.place(), ANN, &self.scene.recipient);
        phone.pinned(self.identity().public())
    }

    fn command(&self, pin: &IdentityKey) -> Handset {
        let pin = pin.to_string();
        let recipient = &self.scene.recipient;
        let options = [
            OsStr::new("--key"),
            recipient.key.as_os_str(),
            OsStr::new("--cert"),
            recipient.certificate.as_os_str(),
            OsStr::new("--pin"),
            OsStr::new(&pin),
        ];
        Handset::at(&self.middleman.place(), ANN, &options)
    }

    /// Whether a reveal has left any handset.
    fn heard_a_reveal(&self) -> bool {
        let heard = self.middleman.heard();
        ["CONVERT", "x-keyhole:reveal"].iter().any(|word| {
            heard
                .windows(word.len())
                .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
        })
    }
}

/// Where the octets of the identity are that a signed statement names (`docs/protocol.md` §4.2), and where its payload begins.
const NAMED: std::ops::Range<usize> = 9..41;
/// The signature, with its head, at the end.
const SIGNATURE: usize = 2 + 64;

/// The 32 octets of the payload's field of this number.
fn field(signed: &mut [u8], number: u8) -> &mut [u8] {
    let head = [number, 0x58, 0x20];
    let payload = &mut signed[NAMED.end..];
    let at = payload.windows(3).position(|window| window == head);
    let at = at.expect("the field") + head.len();
    &mut payload[at..at + 32]
}

/// A forgery that alters the octets of the proxy's own statement.
fn altered(alter: impl Fn(ChannelBinding, &mut Vec<u8>) + Send + Sync + 'static) -> Forge {
    Arc::new(move |binding, genuine| {
        let mut signed = genuine.to_vec();
        alter(binding, &mut signed);
        signed
    })
}

/// A forgery that is signed rightly, by `identity`.
fn signed_by(identity: Identity, alter: fn(&mut Statement)) -> Forge {
    Arc::new(move |binding, _| {
        let mut stated = statement::forged(binding);
        alter(&mut stated);
        sign(&stated, &identity)
    })
}

/// What is not signed by the proxy's identity.
fn not_signed(impostor: &Impostor) -> Vec<(&'static str, Forge)> {
    let own = || Identity::generate(&mut rng());
    let (someone, genuine) = (own(), impostor.identity().public());
    let in_its_name = move |binding, signed: &mut Vec<u8>| {
        *signed = sign(&statement::forged(binding), &someone);
        signed[NAMED].copy_from_slice(genuine.octets());
    };
    let exchanged = |binding, signed: &mut Vec<u8>| {
        field(signed, 4).copy_from_slice(&statement::forged(binding).public_key);
        field(signed, 6).copy_from_slice(&binding.0);
    };
    vec![
        ("by another identity", signed_by(own(), |_| {})),
        ("by another identity in its name", altered(in_its_name)),
        ("with key and binding exchanged", altered(exchanged)),
        (
            "with its binding exchanged",
            altered(|binding, signed| field(signed, 6).copy_from_slice(&binding.0)),
        ),
        (
            "with a bit of its signature flipped",
            altered(|_, signed| *signed.last_mut().expect("a signature") ^= 1),
        ),
        (
            "with a signature of zeros",
            altered(|_, signed| {
                let begin = signed.len() - 64;
                signed[begin..].fill(0);
            }),
        ),
        (
            "without a signature",
            altered(|_, signed| {
                signed.truncate(signed.len() - SIGNATURE);
                signed.push(0x40);
            }),
        ),
    ]
}

/// What is no statement, or not one for this connection and moment.
fn not_usable(impostor: &Impostor) -> Vec<(&'static str, Forge, StatementError)> {
    let mut elsewhere = impostor.scene.phone();
    elsewhere.gather(&request(1, "2")).expect("a statement");
    let old = elsewhere.last_statement();
    let expired = signed_by(impostor.identity(), |stated| stated.expires = 1_000);
    vec![
        (
            "for the impostor's own connection",
            altered(|_, _| {}),
            StatementError::ChannelBinding,
        ),
        (
            "from another connection of the handset's",
            Arc::new(move |_, _| old.clone()),
            StatementError::ChannelBinding,
        ),
        ("expired", expired, StatementError::Expired),
        (
            "cut short",
            altered(|_, signed| signed.truncate(100)),
            StatementError::Malformed,
        ),
        (
            "of nothing",
            altered(|_, signed| signed.clear()),
            StatementError::Malformed,
        ),
        (
            "with an octet too many",
            altered(|_, signed| signed.push(0)),
            StatementError::Malformed,
        ),
    ]
}

#[test]
fn nothing_is_revealed_to_a_key_that_the_proxy_did_not_state() {
    let impostor = Impostor::new();
    for (case, forge) in not_signed(&impostor) {
        impostor.forges(forge);
        let error = impostor.phone().prepare(&request(1, "2")).err();
        let error = error.unwrap_or_else(|| panic!("{case}: a reveal was sealed"));
        assert!(matches!(error, Error::OtherIdentity(_)), "{case}: {error}");
        assert!(!impostor.heard_a_reveal(), "{case}");
    }
    for (case, forge, expected) in not_usable(&impostor) {
        impostor.forges(forge);
        let error = impostor.phone().prepare(&request(1, "2")).err();
        let error = error.unwrap_or_else(|| panic!("{case}: a reveal was sealed"));
        let found = matches!(error, Error::Statement(found) if found == expected);
        assert!(found, "{case}: {error}");
        assert!(!impostor.heard_a_reveal(), "{case}");
    }
}

#[test]
fn the_command_says_that_it_is_another_proxy_and_sends_nothing() {
    let impostor = Impostor::new();
    let handset = impostor.command(&impostor.identity().public());
    let own = signed_by(Identity::generate(&mut rng()), |_| {});
    for (case, forge) in [("relayed", altered(|_, _| {})), ("their own", own)] {
        impostor.forges(forge);
        let (ended, path) = handset.try_fetch(1, "2", &[]);
        assert_eq!(
            ended.code, OTHER_IDENTITY,
            "{case}: {} {}",
            ended.json, ended.said
        );
        assert!(!path.exists() && !impostor.heard_a_reveal(), "{case}");
    }
}

/// The control: with the proxy's own identity key, the impostor hears a reveal, so that the silence above is the handset's.
#[test]
fn who_has_the_identity_key_is_the_proxy() {
    let impostor = Impostor::new();
    impostor.forges(signed_by(impostor.identity(), |_| {}));
    let handset = impostor.command(&impostor.identity().public());
    let (ended, path) = handset.try_fetch(1, "2", &[]);
    assert_ne!(ended.code, OTHER_IDENTITY, "{} {}", ended.json, ended.said);
    assert!(!path.exists() && impostor.heard_a_reveal());
}
