//! Strangers' worst, on either side: bounded, clearly answered, nothing smuggled.

use super::*;

/// Octets that a session may hold for a client that is not believed yet.
const HELD: usize = 256 * 1024;

#[test]
fn ten_thousand_parentheses_are_one_bad_command() {
    let deep = "(".repeat(5000);
    for before_login in [true, false] {
        let mut play = if before_login {
            Play::new()
        } else {
            Play::selected()
        };
        for command in [
            format!("a ID {deep}\r\n"),
            format!("a SELECT inbox {deep}\r\n"),
            format!("a UID CONVERT 4 {deep}\r\n"),
        ] {
            play.client(&command);
            assert_eq!(play.sent(), "");
            let told = play.told();
            assert!(told.starts_with("a BAD "), "{told}");
        }
        play.client(&format!("b UID FETCH 1 {deep}{deep}\r\n"));
        assert!(play.told().starts_with("* BYE [TOOBIG]"));
    }
    let mut play = Play::selected();
    play.store(&format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", deep.repeat(2)));
    assert!(!play.session.is_over(), "what only passes is not parsed");
}

#[test]
fn an_endless_authenticate_line_ends() {
    let mut play = Play::new();
    play.client("a AUTHENTICATE XOAUTH2\r\n");
    play.told();
    for _ in 0..20 {
        if play.session.wants_client() {
            play.client(&"A".repeat(1000));
        }
    }
    assert!(play.told().starts_with("* BYE [TOOBIG]"));
    assert!(play.session.is_over());
}

#[test]
fn a_token_of_several_kilobytes_passes() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let token = "x".repeat(5000);
    let message = STANDARD.encode(format!("user=u\u{1}auth=Bearer {token}\u{1}\u{1}"));
    let mut play = Play::new();
    play.client(&format!("a AUTHENTICATE XOAUTH2\r\n{message}\r\n"));
    play.dialled("u", Ok(greeted(&["SASL-IR", "AUTH=XOAUTH2"])));
    assert_eq!(
        play.sent(),
        "keyhole2 AUTHENTICATE XOAUTH2\r\n",
        "too long for a command line"
    );
    play.store("+ \r\n");
    assert_eq!(play.sent(), format!("{message}\r\n"));
}

#[test]
fn literals_of_four_gibibytes_are_refused_where_they_would_be_held() {
    for announced in ["{4294967296}", "{4294967296+}"] {
        let mut play = Play::new();
        play.client(&format!("a LOGIN {announced}\r\n"));
        for _ in 0..200 {
            if play.session.wants_client() {
                play.client(&"x".repeat(4000));
            }
        }
        let told = play.told();
        // Refused at once, or swallowed and never held; what follows a refusal is a command line too long.
        assert!(
            told.is_empty() || told.starts_with("a BAD [TOOBIG]"),
            "{told}"
        );
        assert!(
            play.session.outbox(Way::ToStore).len() + play.session.outbox(Way::ToClient).len()
                < HELD
        );
        assert_eq!(play.sent(), "");
    }
}

#[test]
fn what_breaks_lines_breaks_the_connection() {
    for broken in ["a LOGIN u p\n", "a LOGIN u\rp\r\n", "a LOGIN u \"\0\"\r\n"] {
        let mut play = Play::new();
        play.client(broken);
        assert!(play.told().starts_with("* BYE [CLIENTBUG]"));
        assert_eq!(play.requested(), [Request::Dismiss], "{broken}");
    }
}

#[test]
fn names_and_passwords_smuggle_no_command() {
    for (user, password) in [
        ("u\r\nx LOGOUT", "p"),
        ("u\" \"p", "\" x"),
        ("u", "p\r\nx LOGOUT\r\n"),
        ("u", "p\0q"),
    ] {
        let mut play = Play::new();
        play.client(&format!(
            "a LOGIN {{{}+}}\r\n{user} {{{}+}}\r\n{password}\r\n",
            user.len(),
            password.len()
        ));
        if user.contains('\r') || password.contains('\0') {
            assert!(play.told().starts_with("a BAD "));
            assert_eq!(play.requested(), []);
            continue;
        }
        play.dialled(user, Ok(greeted(&["LITERAL+"])));
        let sent = play.sent();
        let mut framer = wire::Framer::new(wire::Side::Client, settings().client);
        let mut input = sent.as_bytes();
        let mut begins = 0;
        while let Some(frame) = framer.next(&mut input).unwrap() {
            if let wire::Frame::Line(line) = frame {
                begins += usize::from(line.position == wire::Position::First);
            }
        }
        assert_eq!(begins, 1, "{sent}");
    }
}

#[test]
fn a_challenge_that_is_none_never_reaches_the_client() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let first = STANDARD.encode("n,,n=u,r=x");
    let long = format!("+ {}\r\n", "A".repeat(40_000));
    for challenge in [
        "+ no base64\r\n",
        "+ a OK in\r\n",
        "+ eA==\r\n+ eA==\r\n",
        &long,
    ] {
        let mut play = Play::new();
        play.client(&format!("a AUTHENTICATE SCRAM-SHA-1 {first}\r\n"));
        play.dialled("u", Ok(greeted(&["SASL-IR", "AUTH=SCRAM-SHA-1"])));
        play.sent();
        play.store(challenge);
        let told = play.told();
        assert!(
            told.ends_with("a NO [UNAVAILABLE] The mail store failed; try again later\r\n"),
            "{told}"
        );
        assert!(!told.contains("a OK"), "{told}");
    }
}

#[test]
fn an_idle_session_holds_no_room() {
    let mut play = Play::selected();
    play.passes("i IDLE\r\n", "+ idling\r\n");
    for _ in 0..3 {
        play.store("* 4 EXISTS\r\n");
        assert_eq!(play.told(), "* 4 EXISTS\r\n");
    }
    assert!(
        size_of::<Session>() <= 1536,
        "{} octets",
        size_of::<Session>()
    );
}

/// However many literals a client announces, nothing grows with them.
#[test]
fn literals_without_end_are_no_command() {
    const TOO_LONG: &str = "a BAD [TOOBIG] The command is longer than this server takes\r\n";
    let mut play = Play::new();
    play.client("a LOGIN {0}\r\n");
    let mut invited = 0;
    loop {
        let told = play.told();
        if told == TOO_LONG {
            break;
        }
        assert!(told.starts_with("+ "), "{told}");
        invited += 1;
        assert!(invited <= 16);
        play.client(" {0}\r\n");
    }
    let mut play = Play::new();
    play.client("a LOGIN {65530+}\r\n");
    for _ in 0..20 {
        play.client(&"x".repeat(3277)[..3276]);
    }
    play.client(&"x".repeat(65530 - 20 * 3276));
    play.client(" {0}\r\n");
    assert_eq!(play.told(), TOO_LONG, "over its budget nothing is invited");
}

#[test]
fn a_stranger_whose_commands_are_refused_is_told_goodbye_and_fills_no_log() {
    for command in [
        "a SELECT inbox\r\n",
        "a XYZZY\r\n",
        "a LOGIN u\r\n",
        "nonsense\r\n",
        "a STARTTLS\r\n",
        "a LOGIN {99999}\r\n",
    ] {
        let mut play = Play::new();
        for nth in 1..=10 {
            assert!(!play.session.is_over(), "{command} {nth}");
            play.client(command);
        }
        assert!(play.session.is_over(), "{command}");
        assert!(play.told().contains("* BYE [CLIENTBUG] "), "{command}");
        let events = play.events.len();
        play.client(&command.repeat(100));
        assert!(events <= 10 && play.events.len() == events, "{command}");
    }
    let mut play = Play::open();
    for _ in 0..20 {
        play.client("a XYZZY\r\n");
    }
    assert!(!play.session.is_over(), "who is known may ask");
}
