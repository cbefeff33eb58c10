//! Before anybody is known.

use super::*;

#[test]
fn a_preauth_greeting_is_refused() {
    let mut play = Play::new();
    play.store("* PREAUTH welcome back\r\n");
    assert!(play.told().starts_with("* BYE [UNAVAILABLE]"));
    assert!(play.session.is_over());
}

#[test]
fn a_bye_greeting_is_passed_on() {
    let mut play = Play::new();
    play.store("* BYE full\r\n");
    assert_eq!(play.told(), "* BYE full\r\n");
    assert!(play.session.is_over());
}

#[test]
fn the_greeting_s_capabilities_are_rewritten() {
    let mut play = Play::new();
    play.store(
        "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN AUTH=LOGIN LOGINDISABLED] hello\r\n",
    );
    assert_eq!(
        play.told(),
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN KEYREVEAL] hello\r\n"
    );
}

#[test]
fn a_login_s_very_octets_are_relayed_literals_included() {
    let mut play = Play::greeted();
    play.client("a login {3}\r\n");
    assert_eq!(play.sent(), "", "nothing before all of it is here");
    assert!(play.told().starts_with("+ "));
    play.client("joe {4+}\r\np wd\r\n");
    assert_eq!(
        play.sent(),
        "a login {3}\r\n",
        "the store is waited for as the client waited for us"
    );
    play.store("+ go\r\n");
    assert_eq!(play.told(), "");
    assert_eq!(play.sent(), "joe {4+}\r\np wd\r\n");
    play.store("a OK in\r\n");
    assert_eq!(play.told(), "a OK in\r\n");
    assert!(matches!(&play.session.stage, Stage::Open(open) if open.user == "joe"));
}

#[test]
fn a_refused_login_leaves_nobody_known() {
    let mut play = Play::greeted();
    play.passes(
        "a LOGIN joe wrong\r\n",
        "a NO [AUTHENTICATIONFAILED] no\r\n",
    );
    assert!(matches!(play.session.stage, Stage::Login));
    play.refused("b SELECT inbox\r\n", "b BAD Log in first\r\n");
    play.passes("c LOGIN \"j oe\" right\r\n", "c OK yes\r\n");
    assert!(matches!(&play.session.stage, Stage::Open(open) if open.user == "j oe"));
}

#[test]
fn authenticate_plain_names_whom_it_acts_as() {
    // authzid NUL authcid NUL passwd
    for (message, user) in [("AGpvZQBwdw==", "joe"), ("YW5uAGpvZQBwdw==", "ann")] {
        let mut play = Play::greeted();
        play.passes(
            &format!("a AUTHENTICATE PLAIN {message}\r\n"),
            "a OK in\r\n",
        );
        assert!(matches!(&play.session.stage, Stage::Open(open) if open.user == user));

        let mut play = Play::greeted();
        play.passes("a authenticate plain\r\n", "+ \r\n");
        play.passes(&format!("{message}\r\n"), "a OK in\r\n");
        assert!(matches!(&play.session.stage, Stage::Open(open) if open.user == user));
    }
}

#[test]
fn a_cancelled_or_garbled_authenticate_reaches_the_store_as_a_cancel() {
    for line in ["*\r\n", "no base64\r\n", "AAAA\r\n", "x SELECT {5}\r\n"] {
        let mut play = Play::greeted();
        play.passes("a AUTHENTICATE PLAIN\r\n", "+ \r\n");
        play.client(line);
        assert_eq!(play.sent(), "*\r\n", "{line}");
    }
}

#[test]
fn credentials_after_the_store_gave_up_are_not_passed_on() {
    let mut play = Play::greeted();
    play.passes("a AUTHENTICATE PLAIN\r\n", "+ \r\n");
    play.store("a NO too slow\r\n");
    assert_eq!(play.told(), "a NO too slow\r\n");
    play.client("AGpvZQBwdw==\r\n");
    assert_eq!(play.sent(), "");
    assert!(play.told().starts_with("* BAD"));
}

#[test]
fn other_mechanisms_and_starttls_are_refused() {
    let mut play = Play::greeted();
    play.refused(
        "a AUTHENTICATE SCRAM-SHA-256\r\n",
        "a NO [CANNOT] Only PLAIN and LOGIN are relayed\r\n",
    );
    play.refused("b STARTTLS\r\n", "b BAD TLS is in use already\r\n");
}

#[test]
fn commands_wait_for_the_login_before_them() {
    let mut play = Play::greeted();
    play.client("a LOGIN u p\r\nb SELECT inbox\r\n");
    assert_eq!(play.sent(), "a LOGIN u p\r\n");
    play.store("a OK in\r\n");
    assert_eq!(play.sent(), "b SELECT inbox\r\n");
}

#[test]
fn what_the_store_says_too_early_is_not_believed() {
    let mut play = Play::greeted();
    play.store("* LIST () \"/\" fake\r\n* 3 EXISTS\r\n* ID (\"name\" \"x\")\r\n");
    assert_eq!(play.told(), "* ID (\"name\" \"x\")\r\n");
}

#[test]
fn an_id_that_speaks_for_a_trusted_proxy_is_refused() {
    let mut play = Play::greeted();
    play.passes("a ID (\"name\" \"c\")\r\n", "* ID NIL\r\na OK\r\n");
    play.client("b ID (\"X-Originating-IP\" \"10.0.0.1\")\r\n");
    assert_eq!(play.sent(), "");
    assert!(play.told().starts_with("b NO [CANNOT]"));
}

#[test]
fn a_client_that_never_logs_in_is_told_goodbye() {
    let mut play = Play::greeted();
    play.wait(Duration::from_secs(59));
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(1));
    assert!(play.told().starts_with("* BYE"));
    assert!(play.session.is_over());
}
