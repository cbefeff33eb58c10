use std::net::SocketAddr;

use zeroize::Zeroizing;

use super::*;
use crate::{backend::routing::NoRoute, sources::Found};

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

pub(crate) fn build(sources: &Sources) -> Result<Snapshot, Vec<ConfigError>> {
    Snapshot::build(sources, Means::of_nobody(), None)
}

fn wrong(sources: &Sources) -> Vec<String> {
    let errors = build(sources).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_snapshot_holds_all_that_the_file_names() {
    let snapshot = build(&sources(
        "client_ca = \"/cert\"",
        "[backend.other]\naddresses = [\"127.0.0.1:1143\"]\nsecurity = \"loopback\"\n\
         [routing]\nmap = \"/map\"",
    ))
    .unwrap();
    assert_eq!(snapshot.imap.len(), 1);
    let routes = snapshot.backends.routes();
    assert_eq!(routes.backends().len(), 2);
    assert_eq!(routes.find("ann").await.unwrap().to_string(), "store");
    assert_eq!(routes.find("bob").await, Err(NoRoute::Unknown));
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
fn a_map_that_cannot_be_used_is_told_with_its_line() {
    let mut sources = sources("", "[routing]\nmap = \"/map\"");
    for (text, told) in [
        ("ann store\nbob elsewhere\n", "routing.map line 2"),
        ("ann\n", "routing.map line 1"),
    ] {
        let file = Found::File {
            mode: 0o644,
            octets: Zeroizing::new(text.as_bytes().to_vec()),
        };
        sources.files.insert("/map".into(), file);
        let wrong = wrong(&sources);
        assert!(wrong[0].contains(told), "{wrong:?}");
    }
}

#[test]
fn whoever_asked_before_keeps_what_held_then() {
    let snapshot = build(&sources("", "")).unwrap();
    let current = Current::new(snapshot.clone());
    let before = current.now();
    current.replace(snapshot);
    assert!(!Arc::ptr_eq(&before, &current.now()));
}
