//! The command parser, on anything: no panic, and what is understood survives the wire.

mod grammar;

use std::time::Duration;
use wire::imap::command::{Command, CommandBody, Name};
use wire::imap::encode::Literals;

fn holds(raw: &[u8]) {
    let line = raw
        .split(|octet| *octet == b'\r')
        .next()
        .unwrap_or_default();
    let name = Name::of_line(line);
    match Command::parse(raw) {
        Ok(command) => {
            assert_eq!(name.map(|(tag, _)| tag).as_ref(), Some(&command.tag));
            if !matches!(command.body, CommandBody::Unknown(_)) {
                let again = Command::parse(command.encode(Literals::Plus).octets());
                assert_eq!(again.as_ref(), Ok(&command));
            }
        }
        Err(error) => assert!(error.error.at <= raw.len()),
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
            holds(&grammar::bend(picks));
            for begin in [
                &b"a1 SEARCH "[..],
                b"a1 FETCH 1 ",
                b"a1 UID CONVERT 1 (\"image/png\" (a b)) ",
                b"a1 LIST ",
            ] {
                holds(&[begin, &grammar::bend(picks)].concat());
            }
        });
}
