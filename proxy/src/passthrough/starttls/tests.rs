//! Both conversations, whole and octet by octet.

use proptest::prelude::*;

use super::*;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn hear(protocol: Protocol, pieces: &[&[u8]]) -> (String, Heard) {
    let mut greeter = Greeter::new(protocol, HERE);
    let mut said = greeter.said();
    let mut heard = Heard::More;
    for piece in pieces {
        assert_eq!(heard, Heard::More);
        heard = greeter.hear(piece);
        said.extend(greeter.said());
    }
    (String::from_utf8(said).unwrap(), heard)
}

fn ask(protocol: Protocol, pieces: &[&[u8]]) -> (String, Answered) {
    let mut asker = Asker::new(protocol, HERE);
    let mut said = Vec::new();
    let mut answered = Answered::More;
    for piece in pieces {
        assert_eq!(answered, Answered::More);
        answered = asker.hear(piece);
        said.extend(asker.said());
    }
    (String::from_utf8(said).unwrap(), answered)
}

#[test]
fn an_imap_client_gets_to_starttls() {
    let lines = b"a CAPABILITY\r\nb NOOP\r\nc ID NIL\r\nd starttls\r\n";
    let (said, heard) = hear(Protocol::Imap, &[lines]);
    assert_eq!(heard, Heard::Starttls { thrown: 0 });
    assert_eq!(
        said,
        "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Ready for STARTTLS\r\n\
         * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK CAPABILITY completed\r\n\
         b OK NOOP completed\r\n* ID NIL\r\nc OK ID completed\r\nd OK Begin TLS negotiation now\r\n"
    );
}

#[test]
fn no_imap_login_is_taken_in_clear() {
    let (said, heard) = hear(
        Protocol::Imap,
        &[b"a LOGIN u p\r\nb AUTHENTICATE PLAIN\r\nc LOGIN {1}\r\nd SELECT inbox\r\ne LOGOUT\r\n"],
    );
    assert_eq!(heard, Heard::Over);
    for answer in [
        "\r\na NO [PRIVACYREQUIRED] ",
        "\r\nb NO [PRIVACYREQUIRED] ",
        "\r\nc NO [PRIVACYREQUIRED] ",
        "\r\nd BAD ",
        "\r\n* BYE ",
        "\r\ne OK ",
    ] {
        assert!(said.contains(answer), "{answer:?} in {said}");
    }
}

/// A password that comes as a literal without waiting is not read as a command.
#[test]
fn octets_of_a_literal_are_never_commands() {
    let (said, heard) = hear(Protocol::Imap, &[b"a LOGIN u {13+}\r\nx STARTTLS\r\n\r\n"]);
    assert_eq!(heard, Heard::Over);
    assert!(!said.contains("x OK"), "{said}");
}

#[test]
fn what_comes_behind_starttls_in_clear_is_thrown_away() {
    let (said, heard) = hear(Protocol::Imap, &[b"a STARTTLS\r\nb LOGIN u p\r\n"]);
    assert_eq!(heard, Heard::Starttls { thrown: 13 });
    assert!(!said.contains("\r\nb "), "{said}");
    let (said, heard) = hear(Protocol::Smtp, &[b"STARTTLS\r\nMAIL FROM:<a@b>\r\n"]);
    assert_eq!(heard, Heard::Starttls { thrown: 17 });
    assert!(said.ends_with("220 2.0.0 Ready to start TLS\r\n"), "{said}");
}

#[test]
fn an_smtp_client_gets_to_starttls_and_nowhere_else() {
    let lines = b"EHLO me\r\nnoop\r\nMAIL FROM:<a@b>\r\nHELO\r\nEHLO\r\nSTARTTLS x\r\nstarttls\r\n";
    let (said, heard) = hear(Protocol::Smtp, &[lines]);
    assert_eq!(heard, Heard::Starttls { thrown: 0 });
    assert_eq!(
        said,
        "220 [127.0.0.1] ESMTP ready for STARTTLS\r\n250-[127.0.0.1]\r\n250 STARTTLS\r\n250 2.0.0 OK\r\n\
         530 5.7.0 Must issue a STARTTLS command first\r\n530 5.7.0 Must issue a STARTTLS command first\r\n\
         501 5.5.4 Syntax error in the argument\r\n501 5.5.4 Syntax error in the argument\r\n\
         220 2.0.0 Ready to start TLS\r\n"
    );
    assert_eq!(hear(Protocol::Smtp, &[b"QUIT\r\n"]).1, Heard::Over);
}

#[test]
fn whoever_does_not_want_tls_is_told_to_go() {
    for (protocol, line) in [
        (Protocol::Imap, "a SELECT b\r\n"),
        (Protocol::Smtp, "HELO a\r\n"),
    ] {
        let (_, heard) = hear(protocol, &[line.repeat(20).as_bytes()]);
        assert_eq!(heard, Heard::Over);
        let endless = vec![b'x'; 1 << 16];
        assert_eq!(hear(protocol, &[&endless]).1, Heard::Over);
        for wrong in ["a NOOP\n", "a\rNOOP\r\n", "a\0NOOP\r\n"] {
            assert_eq!(
                hear(protocol, &[wrong.as_bytes()]).1,
                Heard::Over,
                "{wrong:?}"
            );
        }
    }
}

#[test]
fn a_store_is_asked_for_tls() {
    let imap: [&[u8]; 2] = [
        b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n",
        b"* CAPABILITY IMAP4rev1\r\nkeyhole OK go\r\n",
    ];
    assert_eq!(
        ask(Protocol::Imap, &imap),
        ("keyhole STARTTLS\r\n".to_owned(), Answered::GoOn)
    );
    let smtp: [&[u8]; 4] = [
        b"220-mx\r\n220 here\r\n",
        b"250-mx\r\n250-SIZE\r\n250-Start",
        b"TLS\r\n250 HELP\r\n",
        b"220 go\r\n",
    ];
    assert_eq!(
        ask(Protocol::Smtp, &smtp),
        (
            "EHLO [127.0.0.1]\r\nSTARTTLS\r\n".to_owned(),
            Answered::GoOn
        )
    );
}

#[test]
fn a_store_that_does_not_begin_tls_is_left() {
    let cases: [(Protocol, &[&[u8]], Unready); 13] = [
        (Protocol::Imap, &[b"* PREAUTH hi\r\n"], Unready::Greeting),
        (Protocol::Imap, &[b"* BYE no\r\n"], Unready::Greeting),
        (Protocol::Imap, &[b"a OK hi\r\n"], Unready::Form),
        (
            Protocol::Imap,
            &[b"* OK hi\r\n", b"keyhole NO no\r\n"],
            Unready::Starttls,
        ),
        (
            Protocol::Imap,
            &[b"* OK hi\r\n", b"keyhole BAD no\r\n"],
            Unready::Starttls,
        ),
        (
            Protocol::Imap,
            &[b"* OK hi\r\n", b"other OK no\r\n"],
            Unready::Form,
        ),
        (
            Protocol::Imap,
            &[b"* OK hi\r\n", b"keyhole OK go\r\n* OK x\r\n"],
            Unready::Injection,
        ),
        (Protocol::Smtp, &[b"554 no\r\n"], Unready::Greeting),
        (
            Protocol::Smtp,
            &[b"220 hi\r\n", b"250 mx\r\n"],
            Unready::Starttls,
        ),
        (
            Protocol::Smtp,
            &[b"220 hi\r\n", b"502 no\r\n"],
            Unready::Starttls,
        ),
        (
            Protocol::Smtp,
            &[b"220 hi\r\n250 STARTTLS\r\n"],
            Unready::Injection,
        ),
        (
            Protocol::Smtp,
            &[
                b"220 hi\r\n",
                b"250-a\r\n250 STARTTLS\r\n",
                b"220 go\r\n250 x",
            ],
            Unready::Injection,
        ),
        (Protocol::Smtp, &[b"* OK hi\r\n"], Unready::Form),
    ];
    for (protocol, pieces, unready) in cases {
        assert_eq!(
            ask(protocol, pieces).1,
            Answered::Not(unready),
            "{pieces:?}"
        );
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing(lines in proptest::collection::vec(
        prop_oneof![
            Just(b"a NOOP\r\n".to_vec()),
            Just(b"EHLO me\r\n".to_vec()),
            Just(b"b LOGIN {3}\r\n".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..20),
        ],
        0..8,
    )) {
        for protocol in [Protocol::Imap, Protocol::Smtp] {
            let octets = lines.concat();
            let mut whole = Greeter::new(protocol, HERE);
            let wanted = whole.hear(&octets);
            let mut cut = Greeter::new(protocol, HERE);
            let heard = octets.iter().map(|octet| cut.hear(&[*octet])).find(|heard| *heard != Heard::More);
            match (wanted, heard.unwrap_or(Heard::More)) {
                (Heard::Starttls { .. }, heard) => prop_assert_eq!(heard, Heard::Starttls { thrown: 0 }),
                (wanted, heard) => prop_assert_eq!(heard, wanted),
            }
            prop_assert_eq!(cut.said(), whole.said());
        }
    }

    #[test]
    fn no_store_breaks_the_asker(pieces in proptest::collection::vec("[*+ 0-9a-zA-Z{}\r\n-]{0,40}", 0..8)) {
        for protocol in [Protocol::Imap, Protocol::Smtp] {
            let mut asker = Asker::new(protocol, HERE);
            let going_on = pieces.iter().all(|piece| asker.hear(piece.as_bytes()) == Answered::More);
            prop_assert!(going_on || asker.said().len() < 64);
        }
    }
}
