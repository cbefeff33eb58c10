//! Before anybody is known: what is answered here, and how each mechanism finds the user and reaches the store.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// What a store must have for every mechanism.
pub(super) const ALL: [&str; 8] = [
    "IMAP4rev1",
    "SASL-IR",
    "AUTH=PLAIN",
    "AUTH=SCRAM-SHA-1",
    "AUTH=SCRAM-SHA-256",
    "AUTH=OAUTHBEARER",
    "AUTH=XOAUTH2",
    "LITERAL+",
];

fn accept(play: &mut Play, user: &str) {
    play.store("keyhole2 OK in\r\n");
    assert_eq!(play.told(), "a OK Logged in\r\n");
    assert_eq!(play.session.user(), Some(user));
    assert_eq!(play.requested(), [Request::LoginOutcome(Outcome::Accepted)]);
}

pub(super) fn refused_with(play: &mut Play, told: &str, outcome: Outcome) {
    assert_eq!(play.told(), told);
    assert_eq!(
        play.requested(),
        [Request::LoginOutcome(outcome), Request::HangUp]
    );
    assert_eq!(play.session.user(), None);
    assert!(!play.session.wants_store());
}

/// Refused here, so that it says nothing of the store's address.
pub(super) fn unjudged_with(play: &mut Play, told: &str, outcome: Outcome) {
    assert_eq!(play.told(), told);
    assert_eq!(
        play.requested(),
        [Request::HangUp, Request::LoginOutcome(outcome)]
    );
    assert_eq!(play.session.user(), None);
    assert!(!play.session.wants_store());
}

#[test]
fn a_stranger_is_answered_here() {
    let mut play = Play::new();
    let list = GREETING.split(['[', ']']).nth(1).unwrap();
    play.refused(
        "a CAPABILITY\r\n",
        &format!("* {list}\r\na OK These are all\r\n"),
    );
    play.refused("b NOOP\r\n", "b OK Nothing new\r\n");
    play.refused("c SELECT inbox\r\n", "c BAD Log in first\r\n");
    play.refused("d STARTTLS\r\n", "d BAD TLS is in use already\r\n");
    play.refused("e NOOP x\r\n", "e BAD Wrong syntax at octet 6\r\n");
    play.refused("f LOGOUT\r\n", "* BYE Goodbye\r\nf OK Goodbye\r\n");
    assert!(play.session.is_over());
    assert_eq!(play.requested(), [Request::Dismiss]);
}

#[test]
fn a_login_is_told_to_the_store_in_words_of_ours() {
    let mut play = Play::new();
    play.client("a login {3}\r\n");
    assert!(play.told().starts_with("+ "));
    play.client("joe {4+}\r\np \"d\r\n");
    play.dialled("joe", Ok(greeted(&["IMAP4rev1"])));
    assert_eq!(play.sent(), "keyhole2 LOGIN joe \"p \\\"d\"\r\n");
    accept(&mut play, "joe");
}

#[test]
fn what_cannot_be_quoted_goes_when_the_store_has_asked_for_it() {
    for offers in ["LITERAL+", "LITERAL-", "IDLE"] {
        let mut play = Play::new();
        play.client("a LOGIN u {2+}\r\n\u{e4}\r\n");
        play.dialled("u", Ok(greeted(&["IMAP4rev1", offers])));
        assert_eq!(play.sent(), "keyhole2 LOGIN u {2}\r\n", "{offers}");
        play.store("+ go\r\n");
        assert_eq!(play.sent(), "\u{e4}\r\n", "{offers}");
        assert_eq!(play.told(), "");
        accept(&mut play, "u");
    }
}

#[test]
fn a_password_takes_the_other_road_where_the_store_has_not_the_first() {
    let mut play = Play::new();
    play.client("a LOGIN u p\r\n");
    play.dialled(
        "u",
        Ok(greeted(&["LOGINDISABLED", "AUTH=PLAIN", "SASL-IR"])),
    );
    let message = base64("\0u\0p");
    assert_eq!(
        play.sent(),
        format!("keyhole2 AUTHENTICATE PLAIN {message}\r\n")
    );
    accept(&mut play, "u");
    let mut play = Play::new();
    play.client(&format!("a AUTHENTICATE PLAIN {message}\r\n"));
    play.dialled("u", Ok(greeted(&["IMAP4rev1"])));
    assert_eq!(play.sent(), "keyhole2 LOGIN u \"p\"\r\n");
    accept(&mut play, "u");
    // Who acts for another cannot say so in LOGIN.
    let mut play = Play::new();
    play.client(&format!("a AUTHENTICATE PLAIN {}\r\n", base64("v\0u\0p")));
    play.dialled("v", Ok(greeted(&["IMAP4rev1"])));
    unjudged_with(
        &mut play,
        "a NO [CANNOT] The mail store does not offer this login\r\n",
        Outcome::Undecided,
    );
}

#[test]
fn authenticate_plain_names_whom_it_acts_as() {
    for (message, user) in [("\0joe\0pw", "joe"), ("ann\0joe\0pw", "ann")] {
        let message = base64(message);
        for ir in [true, false] {
            let mut play = Play::new();
            if ir {
                play.client(&format!("a AUTHENTICATE PLAIN {message}\r\n"));
            } else {
                play.refused("a authenticate plain\r\n", "+ \r\n");
                play.client(&format!("{message}\r\n"));
            }
            play.dialled(user, Ok(greeted(&ALL)));
            assert_eq!(
                play.sent(),
                format!("keyhole2 AUTHENTICATE PLAIN {message}\r\n")
            );
            accept(&mut play, user);
        }
    }
}

#[test]
fn without_sasl_ir_the_store_s_plus_is_waited_for() {
    let mut play = Play::new();
    let message = base64("\0joe\0pw");
    play.client(&format!("a AUTHENTICATE PLAIN {message}\r\n"));
    play.dialled("joe", Ok(greeted(&["AUTH=PLAIN"])));
    assert_eq!(play.sent(), "keyhole2 AUTHENTICATE PLAIN\r\n");
    play.store("+ \r\n");
    assert_eq!(play.sent(), format!("{message}\r\n"));
    assert_eq!(play.told(), "");
    accept(&mut play, "joe");
}

#[test]
fn the_obsolete_login_asks_twice() {
    for first in [
        "a AUTHENTICATE LOGIN\r\n".to_owned(),
        format!("a AUTHENTICATE LOGIN {}\r\n", base64("joe")),
    ] {
        let mut play = Play::new();
        play.client(&first);
        if first.ends_with("LOGIN\r\n") {
            assert_eq!(play.told(), "+ VXNlcm5hbWU6\r\n");
            play.client(&format!("{}\r\n", base64("joe")));
        }
        assert_eq!(play.told(), "+ UGFzc3dvcmQ6\r\n");
        play.client(&format!("{}\r\n", base64("pw")));
        play.dialled("joe", Ok(greeted(&ALL)));
        let message = base64("\0joe\0pw");
        assert_eq!(
            play.sent(),
            format!("keyhole2 AUTHENTICATE PLAIN {message}\r\n")
        );
        accept(&mut play, "joe");
    }
}

/// RFC 7677 §3, relayed blind.
#[test]
fn scram_passes_between_client_and_store() {
    let first = base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let server = base64(
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    );
    let proof = base64(
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    );
    let verifier = base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    let mut play = Play::new();
    play.refused("a AUTHENTICATE SCRAM-SHA-256\r\n", "+ \r\n");
    play.client(&format!("{first}\r\n"));
    play.dialled("user", Ok(greeted(&ALL)));
    assert_eq!(
        play.sent(),
        format!("keyhole2 AUTHENTICATE SCRAM-SHA-256 {first}\r\n")
    );
    for (challenge, answer) in [(&server, proof.as_str()), (&verifier, "")] {
        play.store(&format!("+ {challenge}\r\n"));
        assert_eq!(play.told(), format!("+ {challenge}\r\n"));
        play.client(&format!("{answer}\r\n"));
        assert_eq!(play.sent(), format!("{answer}\r\n"));
    }
    accept(&mut play, "user");
}

#[test]
fn scram_never_binds_and_never_looks_like_a_downgrade() {
    let mut play = Play::new();
    play.client(&format!(
        "a AUTHENTICATE SCRAM-SHA-1 {}\r\n",
        base64("p=tls-exporter,,n=u,r=x")
    ));
    assert_eq!(
        play.told(),
        "a NO [CANNOT] Channel binding is not offered\r\n"
    );
    assert_eq!(play.requested(), []);
    play.refused(
        "b AUTHENTICATE SCRAM-SHA-1-PLUS\r\n",
        "b NO [CANNOT] This mechanism is not offered\r\n",
    );
    for (binding, plus, works) in [
        ("y", "AUTH=SCRAM-SHA-1-PLUS", false),
        ("n", "AUTH=SCRAM-SHA-1-PLUS", true),
        ("y", "AUTH=SCRAM-SHA-256-PLUS", true),
    ] {
        let mut play = Play::new();
        let first = base64(&format!("{binding},,n=u,r=x"));
        play.client(&format!("a AUTHENTICATE SCRAM-SHA-1 {first}\r\n"));
        play.dialled("u", Ok(greeted(&["SASL-IR", "AUTH=SCRAM-SHA-1", plus])));
        if works {
            assert!(play.sent().contains(&first));
        } else {
            assert_eq!(play.sent(), "");
            let told = "a NO [CANNOT] Channel binding is not relayed; log in without it\r\n";
            unjudged_with(&mut play, told, Outcome::Undecided);
        }
    }
}

#[test]
fn bearers_fail_with_the_store_s_reason_in_between() {
    let bearer = base64("n,a=u@example.com,\u{1}host=h\u{1}port=993\u{1}auth=Bearer x\u{1}\u{1}");
    let older = base64("user=u@example.com\u{1}auth=Bearer x\u{1}\u{1}");
    let error = base64("{\"status\":\"invalid_token\"}");
    for (mechanism, message, answer) in [
        ("OAUTHBEARER", bearer, "AQ==\r\n"),
        ("XOAUTH2", older, "\r\n"),
    ] {
        let mut play = Play::new();
        play.refused(&format!("a AUTHENTICATE {mechanism}\r\n"), "+ \r\n");
        play.client(&format!("{message}\r\n"));
        play.dialled("u@example.com", Ok(greeted(&ALL)));
        assert_eq!(
            play.sent(),
            format!("keyhole2 AUTHENTICATE {mechanism} {message}\r\n")
        );
        play.store(&format!("+ {error}\r\n"));
        assert_eq!(play.told(), format!("+ {error}\r\n"));
        play.client(answer);
        assert_eq!(play.sent(), answer);
        play.store("keyhole2 NO expired token of u@example.com\r\n");
        let told = "a NO [AUTHENTICATIONFAILED] Authentication failed\r\n";
        refused_with(&mut play, told, Outcome::Refused);
    }
}

#[test]
fn a_certificate_logs_in_by_the_master() {
    for (form, message) in [
        (MasterForm::Authzid, "joe\0proxy\0secret"),
        (MasterForm::Asterisk, "\0joe*proxy\0secret"),
    ] {
        let mut facts = facts();
        facts.external = Some("joe".to_owned());
        let mut play = Play::with(settings(), facts);
        assert!(play.told().contains(" AUTH=EXTERNAL] "));
        play.client("a AUTHENTICATE EXTERNAL =\r\n");
        let store = Greeted {
            traits: StoreTraits {
                master: Some(master(form)),
                ..traits()
            },
            ..greeted(&ALL)
        };
        play.dialled("joe", Ok(store));
        assert_eq!(
            play.sent(),
            format!("keyhole2 AUTHENTICATE PLAIN {}\r\n", base64(message))
        );
        accept(&mut play, "joe");
    }
}

#[test]
fn a_certificate_is_for_nobody_else_and_not_for_every_store() {
    let mut facts = facts();
    facts.external = Some("joe".to_owned());
    let mut play = Play::with(settings(), facts);
    play.told();
    play.refused(
        &format!("a AUTHENTICATE EXTERNAL {}\r\n", base64("ann")),
        "a NO [AUTHORIZATIONFAILED] The certificate is for somebody else\r\n",
    );
    play.client(&format!("a AUTHENTICATE EXTERNAL {}\r\n", base64("joe")));
    play.dialled("joe", Ok(greeted(&ALL)));
    let told = "a NO [CANNOT] Certificates are not taken for this mail store\r\n";
    unjudged_with(&mut play, told, Outcome::Undecided);
    let mut play = Play::new();
    play.refused(
        "a AUTHENTICATE EXTERNAL =\r\n",
        "a NO [CANNOT] This mechanism is not offered\r\n",
    );
}

#[test]
fn a_called_off_or_garbled_authenticate_is_bad() {
    for line in ["*\r\n", "no base64\r\n", "AAAA\r\n", "AAA\r\n", "=\r\n"] {
        let mut play = Play::new();
        play.refused("a AUTHENTICATE PLAIN\r\n", "+ \r\n");
        play.client(line);
        let told = play.told();
        assert!(told.starts_with("a BAD "), "{line} {told}");
        assert_eq!(play.requested(), []);
        play.refused("b NOOP\r\n", "b OK Nothing new\r\n");
    }
    // What looks like a command with a literal is read to its end.
    let mut play = Play::new();
    play.client("a AUTHENTICATE PLAIN\r\nx SELECT {5+}\r\n");
    play.client("b LOG");
    assert_eq!(play.told(), "+ \r\n");
    play.client("IN u p\r\n");
    assert_eq!(play.told(), "a BAD This is no base64\r\n");
    play.client("c AUTHENTICATE PLAIN !\r\n");
    assert!(play.told().starts_with("c BAD "));
}

#[test]
fn an_exchange_may_be_called_off_in_the_middle() {
    let mut play = Play::new();
    let first = base64("n,,n=u,r=x");
    play.client(&format!("a AUTHENTICATE SCRAM-SHA-1 {first}\r\n"));
    play.dialled("u", Ok(greeted(&ALL)));
    play.sent();
    play.store("+ eA==\r\n");
    assert_eq!(play.told(), "+ eA==\r\n");
    play.client("*\r\n");
    unjudged_with(
        &mut play,
        "a BAD The login is called off\r\n",
        Outcome::Refused,
    );
    assert_eq!(play.sent(), "", "the store is hung up on");
}

#[test]
fn credentials_after_the_store_gave_up_are_a_command_like_any_other() {
    let mut play = Play::new();
    let first = base64("n,,n=u,r=x");
    play.client(&format!("a AUTHENTICATE SCRAM-SHA-1 {first}\r\n"));
    play.dialled("u", Ok(greeted(&ALL)));
    play.sent();
    play.store("+ eA==\r\nkeyhole2 NO too slow\r\n");
    assert_eq!(
        play.told(),
        "+ eA==\r\na NO [AUTHENTICATIONFAILED] Authentication failed\r\n"
    );
    play.client("AGpvZQBwdw==\r\n");
    assert_eq!(play.sent(), "");
    assert!(play.told().starts_with("* BAD"));
}

#[test]
fn every_answer_to_a_login_is_counted_with_its_mechanism_and_time() {
    use crate::metrics::Mechanism::{LoginCommand, Plain, ScramSha1};
    let mut play = Play::new();
    play.client("a AUTHENTICATE PLAIN\r\n*\r\n");
    let first = base64("n,,n=u,r=x");
    play.client(&format!("b AUTHENTICATE SCRAM-SHA-1 {first}\r\n"));
    play.dialled("u", Err(Unreachable::Unavailable));
    play.client("c LOGIN u p\r\n");
    play.now = play.now.plus(Duration::from_secs(2));
    play.dialled("u", Ok(greeted(&ALL)));
    play.store("keyhole2 OK in\r\n");
    let answered: Vec<_> = play
        .answered
        .iter()
        .map(|each| (each.mechanism, each.outcome, each.took.as_secs()))
        .collect();
    assert_eq!(
        answered,
        [
            (Plain, Outcome::Refused, 0),
            (ScramSha1, Outcome::Failed, 0),
            (LoginCommand, Outcome::Accepted, 2),
        ]
    );
}
