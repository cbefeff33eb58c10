//! Parts made by OpenSSL's `cms` command are opened, whatever cipher, recipient, encoding and form they have.
use crate::harness::{Directory, Key, header, make_person, open, person, read, rng};
use envelope::cms::{Kind, read_header};
use envelope::entity::Entity;
use envelope::{Integrity, TransferEncoding};

const CIPHERS: [(&str, Integrity); 5] = [
    ("-aes-128-cbc", Integrity::None),
    ("-aes-192-cbc", Integrity::None),
    ("-aes-256-cbc", Integrity::None),
    ("-aes-128-gcm", Integrity::Authenticated),
    ("-aes-256-gcm", Integrity::Authenticated),
];

/// More than one of OpenSSL's chunks of 4096 octets, and no whole number of blocks.
fn picture() -> Vec<u8> {
    let head = b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n\r\n\xff\xd8\xff"
        .to_vec();
    head.into_iter()
        .chain((0..10_001_u32).map(|n| n.to_le_bytes()[0]))
        .collect()
}

/// The part inside an S/MIME message as OpenSSL writes it: base64 after the empty line.
fn body(smime: &[u8]) -> &[u8] {
    let end = smime.windows(2).position(|two| two == b"\n\n").unwrap();
    &smime[end + 2..]
}

/// Encrypts in every form and opens each.
fn all_forms(directory: &Directory, name: &str, recipient: &str) {
    let holder = person(directory, name);
    directory.write("plain", picture());
    for (cipher, integrity) in CIPHERS {
        for stream in ["", "-stream"] {
            for form in ["DER", "SMIME"] {
                directory.openssl(&format!(
                    "cms -encrypt -binary {cipher} {stream} -outform {form} -in plain -out sealed {recipient}"
                ));
                let sealed = directory.read("sealed");
                let (part, encoding) = match form {
                    "DER" => (&sealed[..], TransferEncoding::Identity),
                    _smime => (body(&sealed), TransferEncoding::Base64),
                };
                let found = header(part, encoding);
                assert_eq!(found.integrity(), integrity);
                assert_eq!(
                    found.kind == Kind::AuthEnveloped,
                    integrity == Integrity::Authenticated
                );
                assert!(
                    read(&holder, part, encoding) == picture(),
                    "{cipher} {stream} {form}"
                );
            }
        }
    }
}

#[test]
fn rsa_pkcs1_parts_open() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    all_forms(&directory, "alice", "alice.pem");
}

#[test]
fn rsa_oaep_parts_open() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    all_forms(
        &directory,
        "alice",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep",
    );
}

#[test]
fn p256_parts_open() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::P256);
    all_forms(&directory, "alice", "alice.pem");
}

#[test]
fn every_oaep_hash_opens() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    let alice = person(&directory, "alice");
    directory.write("plain", "Content-Type: text/plain\r\n\r\nx");
    for hash in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
        for mask in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
            directory.openssl(&format!(
                "cms -encrypt -aes-256-gcm -binary -outform DER -in plain -out sealed -recip alice.pem \
                 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:{hash} -keyopt rsa_mgf1_md:{mask}"
            ));
            let opened = read(
                &alice,
                &directory.read("sealed"),
                TransferEncoding::Identity,
            );
            assert_eq!(opened, directory.read("plain"), "{hash} {mask}");
        }
    }
    directory.openssl(
        "cms -encrypt -aes-256-gcm -binary -outform DER -in plain -out sealed -recip alice.pem \
         -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_label:6b6579",
    );
    let opened = read(
        &alice,
        &directory.read("sealed"),
        TransferEncoding::Identity,
    );
    assert_eq!(opened, directory.read("plain"), "label");
}

#[test]
fn every_x963_hash_opens_with_and_without_cofactor() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::P256);
    let alice = person(&directory, "alice");
    directory.write("plain", "Content-Type: text/plain\r\n\r\nx");
    for hash in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
        for cofactor in ["", "-keyopt ecdh_cofactor_mode:1"] {
            for wrap in ["-aes128-wrap", "-aes192-wrap", "-aes256-wrap"] {
                directory.openssl(&format!(
                    "cms -encrypt -aes-128-cbc -binary -outform DER -in plain -out sealed {wrap} -recip alice.pem \
                     -keyopt ecdh_kdf_md:{hash} {cofactor}"
                ));
                let opened = read(
                    &alice,
                    &directory.read("sealed"),
                    TransferEncoding::Identity,
                );
                assert_eq!(opened, directory.read("plain"), "{hash} {cofactor} {wrap}");
            }
        }
    }
}

#[test]
fn recipients_named_by_key_identifier_open() {
    let directory = Directory::new();
    for (name, key) in [("alice", Key::Rsa), ("bob", Key::P256)] {
        make_person(&directory, name, key);
        directory.write("plain", "Content-Type: text/plain\r\n\r\nx");
        directory.openssl(&format!(
            "cms -encrypt -keyid -aes-256-gcm -binary -outform DER -in plain -out sealed -recip {name}.pem"
        ));
        let opened = read(
            &person(&directory, name),
            &directory.read("sealed"),
            TransferEncoding::Identity,
        );
        assert_eq!(opened, directory.read("plain"), "{name}");
    }
}

#[test]
fn everybody_of_several_recipients_opens_and_nobody_else() {
    let directory = Directory::new();
    let people = [("alice", Key::Rsa), ("bob", Key::P256), ("carol", Key::Rsa)];
    for (name, key) in people {
        make_person(&directory, name, key);
    }
    make_person(&directory, "mallory", Key::Rsa);
    directory.write("plain", picture());
    directory.openssl(
        "cms -encrypt -binary -aes-256-gcm -stream -outform SMIME -in plain -out sealed alice.pem bob.pem carol.pem",
    );
    let sealed = directory.read("sealed");
    let part = body(&sealed);
    for (name, _) in people {
        assert!(
            read(&person(&directory, name), part, TransferEncoding::Base64) == picture(),
            "{name}"
        );
    }
    let found = header(part, TransferEncoding::Base64);
    assert_eq!(found.recipients.len(), 3);
    let mallory = person(&directory, "mallory");
    assert!(mallory.unwrap(&found, &mut rng()).is_err());
}

#[test]
fn originator_certificates_before_the_recipients_are_passed_over() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    directory.write("plain", "Content-Type: text/plain\r\n\r\nx");
    directory.openssl("cms -encrypt -aes-256-cbc -binary -outform DER -in plain -out sealed -certfile alice.pem alice.pem");
    let opened = read(
        &person(&directory, "alice"),
        &directory.read("sealed"),
        TransferEncoding::Identity,
    );
    assert_eq!(opened, directory.read("plain"));
}

/// A mailing list: the header is far longer than a first fetch, and its length is asked for at once.
#[test]
fn a_long_list_of_recipients_takes_few_fetches() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    make_person(&directory, "bob", Key::Rsa);
    directory.write("plain", "Content-Type: text/plain\r\n\r\nx");
    let list = "bob.pem ".repeat(100);
    directory.openssl(&format!(
        "cms -encrypt -aes-256-gcm -outform SMIME -in plain -out sealed {list} alice.pem"
    ));
    let sealed = directory.read("sealed");
    let part = body(&sealed);
    let mut wanted = 8192;
    let mut fetches = 1;
    while let Err(envelope::cms::HeaderError::NeedMore { octets }) =
        read_header(&part[..wanted.min(part.len())], TransferEncoding::Base64)
    {
        wanted = octets;
        fetches += 1;
    }
    assert_eq!(fetches, 2);
    read(&person(&directory, "alice"), part, TransferEncoding::Base64);
}

#[test]
fn a_damaged_rsa_key_gives_a_key_that_does_not_open_and_no_error() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    directory.write("plain", picture());
    for cipher in ["-aes-256-gcm", "-aes-256-cbc"] {
        directory.openssl(&format!(
            "cms -encrypt -binary {cipher} -outform DER -in plain -out sealed alice.pem"
        ));
        let sealed = directory.read("sealed");
        let alice = person(&directory, "alice");
        let mut found = header(&sealed, TransferEncoding::Identity);
        *found.recipients[0].encrypted_key.last_mut().unwrap() ^= 1;
        let once = alice.unwrap(&found, &mut rng()).unwrap();
        let again = alice.unwrap(&found, &mut rng()).unwrap();
        assert_eq!(once.key.len(), 32);
        assert!(
            once.key.expose() == again.key.expose(),
            "the same every time"
        );
        let opened = open(once, &sealed, TransferEncoding::Identity, 100);
        assert!(opened.is_err() || cipher == "-aes-256-cbc");
        // CBC's padding comes out right once in 256 times; what is opened then is noise.
        assert!(!opened.is_ok_and(|opened| opened.plaintext().expose() == picture()));
    }
}

#[test]
fn signed_then_encrypted_parts_are_read_through_the_signature() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::Rsa);
    let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n\
        --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\naW1hZ2U=\r\n--b--\r\n";
    directory.write("plain", multipart);
    for stream in ["", "-stream"] {
        for sign in ["-nodetach", ""] {
            directory.openssl(&format!(
                "cms -sign {sign} {stream} -signer alice.pem -inkey alice.key -in plain -out signed"
            ));
            directory.openssl("cms -encrypt -aes-256-gcm -in signed -out sealed alice.pem");
            let sealed = directory.read("sealed");
            let opened = read(
                &person(&directory, "alice"),
                body(&sealed),
                TransferEncoding::Base64,
            );
            let opened = secret::Plaintext::adopt(opened);
            let payload = envelope::entity::payload(opened, 100_000).unwrap();
            let entity = Entity::parse(payload.expose()).unwrap();
            let image = entity.find(None).unwrap();
            assert_eq!(image.media_type(), "image/png", "{sign} {stream}");
            assert_eq!(image.decode(100).unwrap().expose(), b"image");
        }
    }
}

#[test]
fn how_much_a_key_opens_is_told_before_it_is_revealed() {
    use envelope::entity::{Extent, Leaf};
    use envelope::unproven::key_extent;
    let directory = Directory::new();
    make_person(&directory, "alice", Key::P256);
    let alice = person(&directory, "alice");
    let whole = [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n".to_vec(),
        vec![b'x'; 50_000],
    ]
    .concat();
    for (plain, expected) in [
        (picture(), Extent::OnePart(Leaf::Picture)),
        (whole, Extent::SeveralParts),
    ] {
        directory.write("plain", plain);
        for (cipher, _) in CIPHERS {
            directory.openssl(&format!(
                "cms -encrypt -binary {cipher} -stream -outform SMIME -in plain -out sealed alice.pem"
            ));
            let sealed = directory.read("sealed");
            let part = body(&sealed);
            let key = alice
                .unwrap(&header(part, TransferEncoding::Base64), &mut rng())
                .unwrap();
            assert_eq!(
                key_extent(&part[..4096], TransferEncoding::Base64, &key),
                expected,
                "{cipher}"
            );
            assert_eq!(
                key_extent(&part[..100], TransferEncoding::Base64, &key),
                Extent::Unknown
            );
        }
    }
}
