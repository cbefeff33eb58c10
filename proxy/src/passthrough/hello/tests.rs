//! Hellos of rustls and hellos by hand, whole, cut, fragmented, bent.

use std::{io::Cursor, sync::Arc};

use proptest::prelude::*;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, pki_types::ServerName, server::Acceptor,
};

use super::*;

/// A ClientHello's body with these extensions.
fn body(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut all = Vec::new();
    for (kind, content) in extensions {
        all.extend(kind.to_be_bytes());
        all.extend(vector(content));
    }
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    body.extend(vector(&all));
    body
}

fn vector(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    [&length.to_be_bytes(), content].concat()
}

fn names(names: &[(u8, &[u8])]) -> (u16, Vec<u8>) {
    let entry = |(kind, name): &(u8, &[u8])| [vec![*kind], vector(name)].concat();
    let list: Vec<u8> = names.iter().flat_map(entry).collect();
    (0, vector(&list))
}

fn message(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[1], &length[1..], body].concat()
}

/// The message in records of these lengths, over and over.
fn records(message: &[u8], lengths: &[usize]) -> Vec<u8> {
    let (mut rest, mut octets) = (message, Vec::new());
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at((*length).clamp(1, rest.len()));
        octets.extend([22, 3, 1]);
        octets.extend(vector(piece));
        rest = behind;
    }
    octets
}

fn whole(octets: &[u8]) -> Option<Verdict> {
    Hello::new(1 << 17).take(octets)
}

fn of(extensions: &[(u16, Vec<u8>)]) -> Verdict {
    whole(&records(&message(&body(extensions)), &[16_384])).expect("a verdict")
}

fn name(text: &str) -> Verdict {
    Verdict::Name(text.to_owned())
}

fn rustls_hello(name: &'static str) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut octets = Vec::new();
    client.write_tls(&mut octets).unwrap();
    octets
}

#[test]
fn a_real_hello_shows_its_name_and_one_by_address_has_none() {
    assert_eq!(
        whole(&rustls_hello("Imap.Example.ORG")),
        Some(name("imap.example.org"))
    );
    assert_eq!(whole(&rustls_hello("192.0.2.1")), Some(Verdict::NoName));
}

#[test]
fn unknown_extensions_are_passed_over() {
    let grease = (0x0a0a, vec![]);
    let other = (0xfe0d, vec![1; 300]);
    assert_eq!(
        of(&[grease.clone(), names(&[(0, b"a.Org")]), other.clone()]),
        name("a.org")
    );
    assert_eq!(of(&[grease, other]), Verdict::NoName);
    let mut bare = body(&[]);
    bare.truncate(bare.len() - 2);
    assert_eq!(
        whole(&records(&message(&bare), &[99])),
        Some(Verdict::NoName)
    );
}

#[test]
fn a_name_that_could_be_read_in_two_ways_is_none() {
    let long = [b"a.".repeat(126).as_slice(), b"aa"].concat();
    for list in [
        names(&[]),
        names(&[(0, b"")]),
        names(&[(0, b"a"), (0, b"b")]),
        names(&[(1, b"a"), (0, b"b")]),
        names(&[(7, b"a")]),
        names(&[(0, b"a\0b")]),
        names(&[(0, b"a b")]),
        names(&[(0, b"*.a")]),
        names(&[(0, b"a..b")]),
        names(&[(0, b"a..")]),
        names(&[(0, b".")]),
        names(&[(0, b".a")]),
        names(&[(0, &[b'a'; 64])]),
        names(&[(0, &long)]),
        names(&[(0, "ä.org".as_bytes())]),
        (0, vec![]),
        (0, vec![0, 4, 0, 0, 1, b'a', 9]),
    ] {
        assert!(
            matches!(of(std::slice::from_ref(&list)), Verdict::CannotTell(_)),
            "{list:?}"
        );
    }
    assert_eq!(
        of(&[names(&[(0, b"a")]), names(&[(0, b"a")])]),
        Verdict::CannotTell(Reason::Name)
    );
    assert_eq!(of(&[names(&[(0, b"a.org.")])]), name("a.org"));
    assert_eq!(
        of(&[names(&[(0, &long[1..][1..])])]),
        name(std::str::from_utf8(&long[2..]).unwrap())
    );
    assert_eq!(of(&[names(&[(0, b"::1")])]), Verdict::NoName);
}

#[test]
fn what_is_no_hello_is_told_by_its_first_octets() {
    let cannot = |octets: &[u8], reason| {
        assert_eq!(
            whole(octets),
            Some(Verdict::CannotTell(reason)),
            "{}",
            octets.escape_ascii()
        );
    };
    cannot(b"G", Reason::NotTls);
    cannot(b"\x80\x2e\x01\x00\x02", Reason::NotTls);
    cannot(b"\x16\x02", Reason::NotTls);
    cannot(b"\x17\x03\x03", Reason::NotHello);
    cannot(b"\x17\x04", Reason::NotTls);
    cannot(b"\x16\x03\x01\0\0", Reason::Length);
    cannot(b"\x16\x03\x01\x40\x01", Reason::Length);
    cannot(b"\x16\x03\x01\x00\x04\x02", Reason::NotHello);
    cannot(b"\x16\x03\x01\x00\x04\x01\xff\xff\xff", Reason::TooLarge);
    // An alert between two fragments.
    cannot(b"\x16\x03\x01\x00\x01\x01\x15\x03\x01", Reason::NotHello);
}

#[test]
fn lengths_must_fit() {
    let good = body(&[names(&[(0, b"a.org")]), (23, vec![])]);
    let cannot = |body: &[u8]| {
        let verdict = whole(&records(&message(body), &[999]));
        assert!(
            matches!(verdict, Some(Verdict::CannotTell(_))),
            "{verdict:?}"
        );
    };
    cannot(&[good.as_slice(), &[0]].concat());
    for at in [34, 36, 39, 42, 46, 48, 51] {
        let mut bent = good.clone();
        bent[at] ^= 1;
        cannot(&bent);
    }
    // Up to the compression methods, a hello may end; nowhere else.
    for cut in (0..good.len()).filter(|cut| *cut != 41) {
        cannot(&good[..cut]);
    }
}

#[test]
fn a_hello_that_never_ends_is_not_kept_for_ever() {
    let mut hello = Hello::new(4096);
    let endless = records(&message(&[0; 60_000][..4000]), &[1]);
    let mut taken = 0;
    let verdict = endless.chunks(100).find_map(|piece| {
        taken += piece.len();
        hello.take(piece)
    });
    assert_eq!(verdict, Some(Verdict::CannotTell(Reason::TooLarge)));
    assert!(taken < 4096 + 100);
}

#[test]
fn the_octets_are_given_back_as_they_came() {
    let octets = [rustls_hello("a.org"), b"what follows".to_vec()].concat();
    let mut hello = Hello::new(16_384);
    assert_eq!(hello.take(&octets), Some(name("a.org")));
    assert_eq!(hello.into_octets(), octets);
}

/// What rustls's own reader of the same octets makes of them.
fn rustls_reads(octets: &[u8]) -> Result<Option<String>, ()> {
    let mut acceptor = Acceptor::default();
    let mut cursor = Cursor::new(octets);
    while usize::try_from(cursor.position()).unwrap() < octets.len() {
        if acceptor.read_tls(&mut cursor).map_err(drop)? == 0 {
            break;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                return Ok(accepted
                    .client_hello()
                    .server_name()
                    .map(str::to_ascii_lowercase));
            }
            Ok(None) => {}
            Err(_) => return Err(()),
        }
    }
    Err(())
}

/// Where two readers both see a name, it is the same one; and where rustls sees a name, we see it or close.
fn agrees(octets: &[u8]) -> Result<(), TestCaseError> {
    let Ok(theirs) = rustls_reads(octets) else {
        return Ok(());
    };
    match (whole(octets), theirs) {
        (Some(Verdict::Name(ours)), Some(theirs)) => {
            prop_assert_eq!(ours.as_str(), theirs.trim_end_matches('.'));
        }
        (Some(Verdict::NoName), theirs) => prop_assert_eq!(theirs, None),
        (Some(Verdict::Name(ours)), None) => {
            return Err(TestCaseError::fail(format!("we alone see {ours}")));
        }
        (Some(Verdict::CannotTell(_)) | None, _) => {}
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_verdict_depends_neither_on_cuts_nor_on_records(
        asked in "[a-z]{1,9}(\\.[a-z]{1,9}){0,3}",
        lengths in proptest::collection::vec(1_usize..200, 1..8),
        cuts in proptest::collection::vec(1_usize..90, 1..8),
        bend in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
    ) {
        let mut octets = message(&body(&[(0x1a1a, vec![0]), names(&[(0, asked.as_bytes())]), (43, vec![9; 200])]));
        if let Some((at, bits)) = bend {
            let at = at.index(octets.len());
            octets[at] ^= bits;
        }
        let wanted = whole(&records(&octets, &[16_384]));
        let fragmented = records(&octets, &lengths);
        prop_assert_eq!(whole(&fragmented), wanted.clone());
        let mut hello = Hello::new(1 << 17);
        let mut rest = fragmented.as_slice();
        let mut verdict = None;
        for cut in cuts.iter().cycle() {
            if rest.is_empty() || verdict.is_some() {
                break;
            }
            let (piece, behind) = rest.split_at((*cut).min(rest.len()));
            verdict = hello.take(piece);
            rest = behind;
        }
        prop_assert_eq!(verdict, wanted);
    }

    #[test]
    fn rustls_reads_the_same_name(
        bends in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        short in any::<bool>(),
    ) {
        let mut octets = rustls_hello(if short { "a.org" } else { "mail.example.org" });
        agrees(&octets)?;
        for (at, octet) in bends {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        agrees(&octets)?;
    }
}
