//! The response parser and the part reader, on anything: no panic, and what is understood survives the wire.

mod grammar;

use std::time::Duration;
use wire::imap::response::{Kind, Response};
use wire::imap::section::{PartPath, Section};
use wire::imap::sequence::Uid;
use wire::imap::{FetchAttribute, PartReader};
use wire::{Framer, Limits, Side};

fn holds(raw: &[u8]) {
    let line = raw
        .split(|octet| *octet == b'\r')
        .next()
        .unwrap_or_default();
    let kind = Kind::of_line(line);
    let Ok(response) = Response::parse(raw) else {
        return;
    };
    assert!(
        kind != Kind::Malformed || matches!(response, Response::Unknown(_)),
        "{kind:?} {response:?}"
    );
    let exact = match &response {
        Response::Fetch(fetch) => !fetch
            .attributes
            .iter()
            .any(|one| matches!(one, FetchAttribute::Unknown(_))),
        Response::Converted(_)
        | Response::List(_)
        | Response::MailboxStatus(_)
        | Response::Search(..) => true,
        _ => false,
    };
    let again = Response::parse(&response.encode());
    if exact {
        assert_eq!(again, Ok(response));
    } else {
        assert!(again.is_ok(), "{response:?}");
    }
}

fn follows(octets: &[u8]) {
    let section = Section::part(PartPath::new("1").unwrap_or_default());
    let Some(uid) = Uid::new(7) else { return };
    let mut reader = PartReader::new(uid, section);
    let mut framer = Framer::new(
        Side::Store,
        Limits {
            line: 4096,
            literal: 1 << 20,
        },
    );
    let mut input = octets;
    while let Ok(Some(frame)) = framer.next(&mut input) {
        reader.take(&frame);
    }
}

#[test]
fn any_octets() {
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|octets: &[u8]| holds(octets));
}

#[test]
fn anything_like_imap() {
    bolero::check!()
        .with_test_time(Duration::from_secs(2))
        .for_each(|picks: &[u8]| {
            let bent = grammar::bend(picks);
            for begin in [
                &b""[..],
                b"* 5 FETCH (",
                b"* 5 CONVERTED (TAG \"a1\") (",
                b"* 5 FETCH (BODYSTRUCTURE (",
                b"a1 OK [",
            ] {
                let raw = [begin, &bent].concat();
                holds(&raw);
                follows(&[&raw, &b"\r\n"[..]].concat());
            }
        });
}
