//! What is sealed here, OpenSSL opens, and so does the recipient side here.
use crate::harness::{Directory, Key, header, make_person, person, read, rng};
use envelope::cms::{Derivation, Kind};
use envelope::recipient::Certificate;
use envelope::sealer::{SealAlgorithm, SealError, seal};
use envelope::{Integrity, TransferEncoding};

const ALGORITHMS: [SealAlgorithm; 3] = [
    SealAlgorithm::Aes256Gcm,
    SealAlgorithm::Aes256GcmHkdf,
    SealAlgorithm::Aes256Cbc,
];
const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nwhat is sealed";

fn certificate(directory: &Directory, name: &str) -> Certificate {
    Certificate::from_pem(&directory.text(&format!("{name}.pem"))).unwrap()
}

#[test]
fn openssl_opens_what_is_sealed_to_rsa_and_p256() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    make_person(&directory, "bob", Key::P256);
    let to = [
        certificate(&directory, "alice"),
        certificate(&directory, "bob"),
    ];
    let lists: [(&[Certificate], &[&str]); 3] = [
        (&to[..1], &["alice"]),
        (&to[1..], &["bob"]),
        (&to, &["alice", "bob"]),
    ];
    for (to, names) in lists {
        // OpenSSL 3.0 does not know RFC 9709.
        for algorithm in [SealAlgorithm::Aes256Gcm, SealAlgorithm::Aes256Cbc] {
            directory.write("sealed", seal(CONTENT, to, algorithm, &mut rng()).unwrap());
            for name in names {
                directory.openssl(&format!(
                    "cms -decrypt -inform DER -in sealed -out opened -recip {name}.pem -inkey {name}.key"
                ));
                assert_eq!(directory.read("opened"), CONTENT, "{algorithm:?} {name}");
            }
        }
    }
}

#[test]
fn everybody_here_opens_what_is_sealed_to_all() {
    let directory = Directory::new();
    let people = [
        ("alice", Key::Rsa),
        ("bob", Key::P256),
        ("carol", Key::X25519),
    ];
    for (name, key) in people {
        make_person(&directory, name, key);
    }
    let to: Vec<Certificate> = people
        .iter()
        .map(|(name, _)| certificate(&directory, name))
        .collect();
    for algorithm in ALGORITHMS {
        for len in [0_usize, 1, 15, 16, 17, 5000] {
            let content = vec![b'x'; len];
            let sealed = seal(&content, &to, algorithm, &mut rng()).unwrap();
            for (name, _) in people {
                let opened = read(
                    &person(&directory, name),
                    &sealed,
                    TransferEncoding::Identity,
                );
                assert!(opened == content, "{algorithm:?} {len} {name}");
            }
        }
    }
}

#[test]
fn the_header_says_what_was_asked_for() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::X25519);
    let to = [certificate(&directory, "alice")];
    let of = |algorithm| {
        let sealed = seal(CONTENT, &to, algorithm, &mut rng()).unwrap();
        header(&sealed, TransferEncoding::Identity)
    };
    let gcm = of(SealAlgorithm::Aes256Gcm);
    assert_eq!(
        (gcm.kind, gcm.integrity()),
        (Kind::AuthEnveloped, Integrity::Authenticated)
    );
    assert_eq!(gcm.content.derivation, Derivation::Direct);
    let bound = of(SealAlgorithm::Aes256GcmHkdf);
    assert!(matches!(
        bound.content.derivation,
        Derivation::CekHkdfSha256 { .. }
    ));
    let cbc = of(SealAlgorithm::Aes256Cbc);
    assert_eq!(
        (cbc.kind, cbc.integrity()),
        (Kind::Enveloped, Integrity::None)
    );
}

#[test]
fn nobody_is_nobody() {
    assert_eq!(
        seal(CONTENT, &[], SealAlgorithm::Aes256Gcm, &mut rng()),
        Err(SealError::NoRecipient)
    );
}

#[test]
fn unknown_and_weak_keys_are_refused() {
    let directory = Directory::new();
    for key in ["ec -pkeyopt ec_paramgen_curve:P-384", "rsa:1024"] {
        directory.openssl(&format!(
            "req -x509 -newkey {key} -nodes -keyout a.key -out a.pem -subj /CN=a -days 30"
        ));
        let to = [certificate(&directory, "a")];
        let sealed = seal(CONTENT, &to, SealAlgorithm::Aes256Gcm, &mut rng());
        assert_eq!(sealed, Err(SealError::UnsupportedKey), "{key}");
    }
}
