//! ID: whose word is taken, and what the store is told.

use super::*;

const OURS: &str = concat!(
    "* ID (\"name\" \"Keyhole\" \"version\" \"",
    env!("CARGO_PKG_VERSION"),
    "\")\r\n"
);

fn trusted() -> Play {
    let mut facts = facts();
    facts.peer.word = Word::Trusted;
    let mut play = Play::with(settings(), facts);
    play.told();
    play
}

fn identified() -> Greeted {
    Greeted {
        traits: StoreTraits {
            identify: Identify::Yes,
            ..traits()
        },
        ..greeted(&["IMAP4rev1", "ID"])
    }
}

/// What the store is sent for a login.
fn sent_for_login(play: &mut Play, store: Greeted) -> String {
    play.client("l LOGIN u p\r\n");
    play.dialled("u", Ok(store));
    play.sent()
}

#[test]
fn the_store_is_told_who_the_client_is_in_the_same_write() {
    let mut play = Play::new();
    play.refused(
        "a ID (\"name\" \"phone\" \"X-Originating-IP\" \"10.0.0.1\")\r\n",
        &format!("{OURS}a OK Pleased to meet you\r\n"),
    );
    play.client("l LOGIN u p\r\n");
    play.dialled("u", Ok(identified()));
    let one_write = String::from_utf8(play.session.outbox(Way::ToStore).front().to_vec()).unwrap();
    let fields = "\"x-session-id\" \"s1\" \"x-originating-ip\" \"192.0.2.7\" \"x-originating-port\" \"40000\" \"x-connected-ip\" \"198.51.100.1\" \"x-connected-port\" \"993\" \"x-proxy-ttl\" \"7\" \"x-client-transport\" \"TLS\" \"name\" \"phone\"";
    assert_eq!(
        one_write,
        format!("keyhole1 ID ({fields})\r\nkeyhole2 LOGIN u \"p\"\r\n")
    );
    play.store("* ID (\"name\" \"Dovecot\")\r\nkeyhole1 OK\r\nkeyhole2 OK in\r\n");
    assert_eq!(play.told(), "l OK Logged in\r\n");
}

#[test]
fn a_late_answer_to_our_id_is_nobody_s() {
    let mut play = Play::new();
    sent_for_login(&mut play, identified());
    play.store("keyhole2 OK in\r\n");
    play.client("a NOOP\r\n");
    assert_eq!(play.sent(), "", "its tag may be the same as ours");
    play.store("keyhole1 OK\r\n");
    assert_eq!(play.sent(), "a NOOP\r\n");
    assert_eq!(play.told(), "l OK Logged in\r\n");
}

#[test]
fn a_store_that_must_not_know_or_has_no_id_is_not_told() {
    for store in [
        greeted(&["IMAP4rev1", "ID"]),
        Greeted {
            traits: identified().traits,
            ..greeted(&["IMAP4rev1"])
        },
    ] {
        let mut play = Play::new();
        assert_eq!(
            sent_for_login(&mut play, store),
            "keyhole2 LOGIN u \"p\"\r\n"
        );
    }
}

#[test]
fn a_trusted_proxy_is_believed_and_a_stranger_is_not() {
    let id = "a ID (\"x-session-id\" \"front7\" \"x-originating-ip\" \"2001:db8::1\" \"x-originating-port\" \"5\" \"x-connected-name\" \"Mail.Example\" \"x-proxy-ttl\" \"3\")\r\n";
    let mut play = trusted();
    play.client(id);
    play.told();
    let peer = play.session.peer().unwrap();
    assert_eq!(peer.client, "[2001:db8::1]:5".parse().unwrap());
    assert_eq!(play.session.session_id(), Some("front7"));
    let sent = sent_for_login(&mut play, identified());
    for field in [
        "\"x-session-id\" \"front7\"",
        "\"x-originating-ip\" \"2001:db8::1\"",
        "\"x-proxy-ttl\" \"2\"",
        "\"x-connected-name\" \"mail.example\"",
    ] {
        assert!(sent.contains(field), "{sent}");
    }
    let mut play = Play::new();
    play.client(id);
    play.told();
    let sent = sent_for_login(&mut play, identified());
    assert!(
        sent.contains("\"x-session-id\" \"s1\"") && sent.contains("\"x-proxy-ttl\" \"7\""),
        "{sent}"
    );
    assert!(!sent.contains("db8"), "{sent}");
}

#[test]
fn a_loop_is_broken() {
    for hops in ["0", "1"] {
        let mut play = trusted();
        play.client(&format!("a ID (\"x-proxy-ttl\" \"{hops}\")\r\n"));
        assert!(play.told().starts_with("* BYE"));
        assert!(play.session.is_over());
        assert!(format!("{:?}", play.events).contains("LoopDetected"));
    }
    // A stranger cannot end anything so.
    let mut play = Play::new();
    play.client("a ID (\"x-proxy-ttl\" \"0\")\r\n");
    assert!(!play.session.is_over());
}

#[test]
fn nonsense_from_a_trusted_proxy_changes_nothing() {
    let mut play = trusted();
    let long = "x".repeat(65);
    play.client(&format!(
        "a ID (\"x-originating-ip\" \"here\" \"x-session-id\" \"{long}\" \"x-proxy-ttl\" \"-1\" \"x-connected-name\" \"a b\")\r\n"
    ));
    assert!(play.told().starts_with(OURS));
    assert_eq!(play.session.session_id(), Some("s1"));
    assert_eq!(play.session.peer().unwrap().client, facts().peer.client);
}

#[test]
fn no_more_fields_are_sent_than_there_may_be() {
    let mut play = Play::new();
    let fields: Vec<_> = (0..30).map(|nth| format!("\"f{nth}\" \"v\"")).collect();
    play.client(&format!("a ID ({})\r\n", fields.join(" ")));
    assert!(play.told().ends_with("a OK Pleased to meet you\r\n"));
    let sent = sent_for_login(&mut play, identified());
    let id = sent.lines().next().unwrap();
    assert_eq!(id.matches("\" \"").count() + 1, 60, "{id}");
    let mut play = Play::new();
    play.client(&format!("a ID ({} \"more\" \"v\")\r\n", fields.join(" ")));
    assert!(play.told().starts_with("a BAD [CLIENTBUG]"));
}

#[test]
fn after_the_login_id_passes_without_what_is_between_proxies() {
    let mut play = Play::open();
    play.client("a ID (\"name\" \"c\" \"X-Session-Id\" \"y\")\r\n");
    assert_eq!(play.sent(), "a ID (\"name\" \"c\")\r\n");
    play.store("* ID NIL\r\na OK\r\n");
    assert_eq!(play.told(), "* ID NIL\r\na OK\r\n");
    play.client("b ID NIL\r\n");
    assert_eq!(play.sent(), "b ID NIL\r\n");
}
