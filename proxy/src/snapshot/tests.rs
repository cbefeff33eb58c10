use std::net::SocketAddr;

use zeroize::Zeroizing;

use super::*;

/// Sources as a machine would tell them that has a certificate, its key, and two more files for whatever a test names.
pub(crate) fn sources(listener: &str, more: &str) -> Sources {
    let text = format!(
        "[[imap]]\naddress = \"127.0.0.1:1993\"\ncertificate = \"/cert\"\nkey = \"/key\"\n{listener}\n\
         [backend.store]\naddresses = [\"127.0.0.1:1143\"]\nsecurity = \"loopback\"\n{more}\n"
    );
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = |octets: &[u8]| Found::File {
        mode: 0o600,
        octets: Zeroizing::new(octets.to_vec()),
    };
    let certificate = made.cert.pem();
    Sources {
        text,
        files: [
            ("/cert".into(), file(certificate.as_bytes())),
            (
                "/key".into(),
                file(made.signing_key.serialize_pem().as_bytes()),
            ),
            ("/map".into(), file(b"ann store\n")),
            ("/other".into(), file(b"other")),
        ]
        .into(),
        names: [(
            ("127.0.0.1".to_owned(), 1143),
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], 1143))]),
        )]
        .into(),
        ..Sources::default()
    }
}

fn wrong(sources: &Sources) -> Vec<String> {
    let errors = Snapshot::build(sources).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_snapshot_holds_all_that_the_file_names() {
    let built = Snapshot::build(&sources(
        "client_ca = \"/cert\"",
        "[routing]\nmap = \"/map\"",
    ));
    let snapshot = built.unwrap();
    assert_eq!(snapshot.imap.len(), 1);
    assert_eq!(snapshot.stores.len(), 1);
    assert_eq!(snapshot.map.unwrap().0.len(), 1);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut sources = sources(
        "client_ca = \"/other\"\n[[imap.certificates]]\nnames = [\"a.example.org\"]\ncertificate = \"/cert\"\n\
         key = \"/nowhere\"",
        "[routing]\nmap = \"/nowhere/map\"\n[admin]\naddress = \"unix:/run/admin\"\ntoken = \"/other\"\n\
         [vault]\nidentity = \"/nowhere/identity\"",
    );
    sources.identity = Some(Identity::Nothing);
    sources.names.clear();
    sources.files.insert(
        "/other".into(),
        Found::File {
            mode: 0o604,
            octets: Zeroizing::default(),
        },
    );
    let told = wrong(&sources);
    for wanted in [
        "imap.client_ca",
        "imap.certificates.key",
        "backend address",
        "routing.map",
        "chmod 0600 /other",
        "mkdir -p -m 0700 /nowhere",
    ] {
        assert!(
            told.iter().any(|told| told.contains(wanted)),
            "{wanted}: {told:?}"
        );
    }
}

#[test]
fn a_key_that_does_not_belong_to_its_certificate_is_refused() {
    let mut mixed = sources("", "");
    let other = sources("", "");
    let key = other
        .files
        .into_iter()
        .find(|(path, _)| path.ends_with("key"));
    mixed.files.extend(key);
    assert!(wrong(&mixed)[0].contains("belongs"), "{:?}", wrong(&mixed));
}

#[test]
fn a_map_is_replaced_only_by_another_that_can_be_used() {
    let snapshot = Snapshot::build(&sources("", "[routing]\nmap = \"/map\"")).unwrap();
    let map = |text: &str| {
        snapshot.with_map(&Found::File {
            mode: 0o644,
            octets: Zeroizing::new(text.as_bytes().to_vec()),
        })
    };
    assert!(map("# the same\nann store\n").unwrap().is_none());
    let next = map("bob store\nann store\n").unwrap().unwrap();
    assert_eq!(next.map.unwrap().0.len(), 2);
    assert!(map("bob elsewhere\n").is_err());
    assert!(
        snapshot
            .with_map(&Found::Nothing("gone".to_owned()))
            .is_err()
    );
}

#[test]
fn whoever_asked_before_keeps_what_held_then() {
    let snapshot = Snapshot::build(&sources("", "")).unwrap();
    let current = Current::new(snapshot.clone());
    let before = current.now();
    current.replace(snapshot);
    assert!(!Arc::ptr_eq(&before, &current.now()));
}
