//! STARTTLS: nothing is carried over the border.

use super::*;

fn clear() -> Play {
    let mut facts = facts();
    facts.protection = Protection::Clear;
    let mut play = Play::with(settings(), facts);
    assert_eq!(
        play.told(),
        "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 SASL-IR LITERAL+ ID ENABLE STARTTLS LOGINDISABLED] Keyhole is ready\r\n"
    );
    play
}

#[test]
fn nobody_logs_in_in_clear() {
    let mut play = clear();
    for login in [
        "a LOGIN u p\r\n",
        "a AUTHENTICATE PLAIN\r\n",
        "a AUTHENTICATE PLAIN AHUAcA==\r\n",
    ] {
        play.client(login);
        let told = play.told();
        assert!(
            told.starts_with("a NO [PRIVACYREQUIRED] Begin TLS first\r\n"),
            "{told}"
        );
        let dials = |request: &Request| matches!(request, Request::Dial { .. });
        assert!(!play.requested().iter().any(dials));
    }
    assert!(play.session.is_over(), "and the third time is the last");
}

#[test]
fn what_came_behind_starttls_is_thrown_away() {
    let mut play = clear();
    play.client("a STARTTLS\r\nb NOOP\r\n");
    assert_eq!(play.told(), "a OK Begin TLS now\r\n");
    assert_eq!(play.requested(), [Request::StartTls]);
    assert!(format!("{:?}", play.events).contains("StarttlsInjection"));
    assert!(!play.session.wants_client());
    // Even a shell that reads on cannot carry anything over.
    play.client("c NOOP\r\n");
    assert_eq!(play.told(), "");
    play.session.secured(Handshake::default(), play.now);
    play.client("d CAPABILITY\r\n");
    let told = play.told();
    assert!(
        !told.contains("STARTTLS")
            && !told.contains("LOGINDISABLED")
            && told.contains("AUTH=PLAIN"),
        "{told}"
    );
    assert!(told.ends_with("\r\nd OK These are all\r\n"), "{told}");
    play.refused("e STARTTLS\r\n", "e BAD TLS is in use already\r\n");
}

#[test]
fn a_clean_starttls_is_no_injection_however_it_is_cut() {
    let line = "a STARTTLS\r\n";
    for cut in 1..line.len() {
        let mut play = clear();
        play.client(&line[..cut]);
        play.client(&line[cut..]);
        assert_eq!(play.told(), "a OK Begin TLS now\r\n");
        assert_eq!(play.requested(), [Request::StartTls]);
        assert!(play.events.is_empty());
    }
}

#[test]
fn what_was_said_in_clear_is_forgotten() {
    let mut facts = facts();
    facts.protection = Protection::Clear;
    facts.peer.word = Word::Trusted;
    let mut play = Play::with(settings(), facts);
    play.told();
    play.client("a ID (\"name\" \"spy\" \"x-originating-ip\" \"203.0.113.9\")\r\nb STARTTLS\r\n");
    play.requested();
    play.told();
    let handshake = Handshake {
        external: Some("joe".to_owned()),
        name: Some("mail.example".to_owned()),
    };
    play.session.secured(handshake, play.now);
    assert_eq!(
        play.session.peer().unwrap().client,
        "192.0.2.7:40000".parse().unwrap()
    );
    play.client("c LOGIN u p\r\n");
    let store = Greeted {
        traits: StoreTraits {
            identify: Identify::Yes,
            ..traits()
        },
        ..greeted(&["ID"])
    };
    play.dialled("u", Ok(store));
    let sent = play.sent();
    assert!(
        !sent.contains("spy") && !sent.contains("203.0.113.9"),
        "{sent}"
    );
    assert!(
        sent.contains(r#""x-connected-name" "mail.example""#),
        "{sent}"
    );
}
