//! Private keys and certificates are read in every form in which `openssl` writes them.
use crate::harness::{Directory, Key, make_person};
use envelope::recipient::{Certificate, Holder, KeyError, KeyKind, PrivateKey};

fn key(
    directory: &Directory,
    name: &str,
    passphrase: Option<&str>,
) -> Result<PrivateKey, KeyError> {
    let octets = directory.read(name);
    match std::str::from_utf8(&octets) {
        Ok(text) if text.contains("-----BEGIN") => {
            PrivateKey::from_pem(text, passphrase.map(str::as_bytes))
        }
        _der => PrivateKey::from_der(&octets, passphrase.map(str::as_bytes)),
    }
}

#[test]
fn keys_are_read_in_all_their_forms() {
    let directory = Directory::new();
    let people = [
        ("r", Key::Rsa, KeyKind::Rsa),
        ("e", Key::P256, KeyKind::P256),
        ("x", Key::X25519, KeyKind::X25519),
    ];
    for (name, made, kind) in people {
        make_person(&directory, name, made);
        directory.openssl(&format!("pkey -in {name}.key -outform DER -out {name}.der"));
        directory.openssl(&format!(
            "pkcs8 -topk8 -in {name}.key -passout pass:secret -out {name}.enc.key"
        ));
        directory.openssl(&format!(
            "pkcs8 -topk8 -in {name}.key -passout pass:secret -scrypt -outform DER -out {name}.enc.der"
        ));
        directory.openssl(&format!(
            "pkcs8 -topk8 -in {name}.key -passout pass:secret -v2 des3 -v2prf hmacWithSHA1 -out {name}.old.key"
        ));
        for form in ["key", "der"] {
            assert_eq!(
                key(&directory, &format!("{name}.{form}"), None)
                    .unwrap()
                    .kind(),
                kind
            );
        }
        for form in ["enc.key", "enc.der", "old.key"] {
            let file = format!("{name}.{form}");
            assert_eq!(
                key(&directory, &file, Some("secret")).unwrap().kind(),
                kind,
                "{file}"
            );
            assert_eq!(
                key(&directory, &file, Some("wrong")).err(),
                Some(KeyError::WrongPassphrase),
                "{file}"
            );
            assert_eq!(
                key(&directory, &file, None).err(),
                Some(KeyError::PassphraseNeeded),
                "{file}"
            );
        }
    }
}

#[test]
fn traditional_keys_are_read() {
    let directory = Directory::new();
    make_person(&directory, "r", Key::Rsa);
    make_person(&directory, "e", Key::P256);
    directory.openssl("rsa -in r.key -traditional -out r.pkcs1");
    directory.openssl("rsa -in r.key -traditional -outform DER -out r.pkcs1.der");
    directory.openssl("ecparam -name prime256v1 -genkey -out e.sec1");
    directory.openssl("ec -in e.key -outform DER -out e.sec1.der");
    for (file, kind) in [
        ("r.pkcs1", KeyKind::Rsa),
        ("r.pkcs1.der", KeyKind::Rsa),
        ("e.sec1", KeyKind::P256),
        ("e.sec1.der", KeyKind::P256),
    ] {
        assert_eq!(key(&directory, file, None).unwrap().kind(), kind, "{file}");
    }
    directory.openssl("rsa -in r.key -traditional -aes128 -passout pass:secret -out r.old");
    assert_eq!(
        key(&directory, "r.old", Some("secret")).err(),
        Some(KeyError::Unsupported)
    );
}

#[test]
fn pkcs12_files_of_every_age_are_read() {
    let directory = Directory::new();
    let exports = [
        "",
        "-legacy",
        "-keypbe NONE -certpbe NONE",
        "-legacy -certpbe PBE-SHA1-RC2-128",
        "-macalg sha512",
        "-nomac",
    ];
    for (name, made) in [("r", Key::Rsa), ("e", Key::P256), ("x", Key::X25519)] {
        make_person(&directory, name, made);
        make_person(&directory, "other", Key::P256);
        for passphrase in ["secret", "grün€"] {
            for export in exports {
                directory.openssl(&format!(
                    "pkcs12 -export -inkey {name}.key -in {name}.pem -certfile other.pem -passout pass:{passphrase} \
                     {export} -out {name}.p12"
                ));
                let file = directory.read(&format!("{name}.p12"));
                let holder = Holder::from_pkcs12(&file, passphrase).unwrap();
                assert_eq!(
                    holder.certificate().emails(),
                    [format!("{name}@example.org")],
                    "{export}"
                );
                let wrong = Holder::from_pkcs12(&file, "wrong").err();
                assert_eq!(wrong, Some(KeyError::WrongPassphrase), "{name} {export}");
            }
        }
    }
}

#[test]
fn pkcs12_files_are_refused_when_cut_or_altered() {
    let directory = Directory::new();
    make_person(&directory, "e", Key::P256);
    directory
        .openssl("pkcs12 -export -inkey e.key -in e.pem -passout pass:secret -iter 1 -out e.p12");
    let file = directory.read("e.p12");
    for len in 0..file.len() {
        assert!(
            Holder::from_pkcs12(&file[..len], "secret").is_err(),
            "{len}"
        );
    }
    directory.openssl("pkcs12 -export -nokeys -in e.pem -passout pass:secret -out c.p12");
    assert_eq!(
        Holder::from_pkcs12(&directory.read("c.p12"), "secret").err(),
        Some(KeyError::Missing)
    );
}

#[test]
fn a_certificate_says_whom_it_is_for() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    let certificate = Certificate::from_pem(&directory.text("alice.pem")).unwrap();
    assert_eq!(certificate.subject(), "CN=alice");
    assert_eq!(certificate.emails(), ["alice@example.org"]);
    assert_eq!(certificate.key_kind(), Ok(KeyKind::Rsa));
    let (from, to) = certificate.validity();
    assert_eq!(to - from, 30 * 24 * 3600);
    assert_eq!(
        Certificate::from_der(certificate.der()).unwrap(),
        certificate
    );
    directory.openssl("req -x509 -newkey rsa:2048 -nodes -keyout b.key -out b.pem -subj /CN=b/emailAddress=b@example.org");
    assert_eq!(
        Certificate::from_pem(&directory.text("b.pem"))
            .unwrap()
            .emails(),
        ["b@example.org"]
    );
}

#[test]
fn key_and_certificate_must_belong_together() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::P256);
    make_person(&directory, "bob", Key::P256);
    let bob = key(&directory, "bob.key", None).unwrap();
    let alice = Certificate::from_pem(&directory.text("alice.pem")).unwrap();
    assert_eq!(Holder::new(bob, alice).err(), Some(KeyError::Mismatch));
    assert_eq!(
        Certificate::from_pem(&directory.text("bob.key")).err(),
        Some(KeyError::Missing)
    );
    assert_eq!(
        PrivateKey::from_pem(&directory.text("bob.pem"), None).err(),
        Some(KeyError::Missing)
    );
}
