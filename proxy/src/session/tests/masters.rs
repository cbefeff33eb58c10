//! What no client may say to a store: the proxy's own name there, and more than anybody's password.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{login::*, *};

const WRONG: &str = "a NO [AUTHENTICATIONFAILED] Authentication failed\r\n";

/// `whom` logs in by `command` at a store with a master.
fn logs_in(command: &str, whom: &str, external: Option<&str>, form: MasterForm) -> Play {
    let mut facts = facts();
    facts.external = external.map(str::to_owned);
    let mut play = Play::with(settings(), facts);
    play.told();
    play.client(&format!("a {command}\r\n"));
    let store = Greeted {
        traits: StoreTraits {
            master: Some(master(form)),
            ..traits()
        },
        ..greeted(&ALL)
    };
    play.dialled(whom, Ok(store));
    play
}

#[test]
fn no_client_logs_in_as_the_master() {
    use MasterForm::{Asterisk, Authzid};
    let plain = |message| format!("AUTHENTICATE PLAIN {}", STANDARD.encode(message));
    let scram = |message| format!("AUTHENTICATE SCRAM-SHA-1 {}", STANDARD.encode(message));
    let external = "AUTHENTICATE EXTERNAL =".to_owned();
    for (command, whom, identity, form) in [
        ("LOGIN proxy x".to_owned(), "proxy", None, Authzid),
        ("LOGIN Proxy x".to_owned(), "Proxy", None, Asterisk),
        (
            "LOGIN \"ann*proxy\" x".to_owned(),
            "ann*proxy",
            None,
            Asterisk,
        ),
        (plain("ann\0proxy\0x"), "ann", None, Authzid),
        (plain("ann\0joe*proxy\0x"), "ann", None, Asterisk),
        (plain("a*proxy\0joe\0x"), "a*proxy", None, Asterisk),
        (scram("n,a=ann,n=proxy,r=x"), "ann", None, Authzid),
        (scram("n,,n=ann*proxy,r=x"), "ann*proxy", None, Asterisk),
        (external.clone(), "a*b", Some("a*b"), Asterisk),
        (external, "proxy", Some("proxy"), Authzid),
    ] {
        let mut play = logs_in(&command, whom, identity, form);
        assert_eq!(play.sent(), "", "{command}");
        unjudged_with(&mut play, WRONG, Outcome::Refused);
    }
    let mut play = logs_in("LOGIN \"a*b\" x", "a*b", None, Authzid);
    assert_eq!(play.sent(), "keyhole2 LOGIN \"a*b\" \"x\"\r\n");
}

#[test]
fn what_is_longer_than_any_password_reaches_no_store() {
    let wide = Settings {
        client: frame::Limits {
            line: 64 * 1024,
            literal: 1 << 40,
        },
        ..settings()
    };
    let long = "x".repeat(1025);
    let message = STANDARD.encode(format!(
        "user=u\u{1}auth=Bearer {}\u{1}\u{1}",
        long.repeat(16)
    ));
    for (command, told) in [
        (format!("a LOGIN u {{1025+}}\r\n{long}\r\n"), WRONG),
        (
            format!(
                "a AUTHENTICATE PLAIN {}\r\n",
                STANDARD.encode(format!("\0u\0{long}"))
            ),
            WRONG,
        ),
        (format!("a AUTHENTICATE XOAUTH2 {message}\r\n"), WRONG),
        (
            format!("a AUTHENTICATE XOAUTH2\r\n{message}\r\n"),
            "+ \r\na BAD No mechanism says so much\r\n",
        ),
    ] {
        let mut play = Play::with(wide.clone(), facts());
        play.told();
        play.refused(&command, told);
        assert_eq!(play.requested(), []);
    }
    let mut play = Play::new();
    play.client(&format!("a LOGIN u {{1024+}}\r\n{}\r\n", &long[1..]));
    play.dialled("u", Ok(greeted(&ALL)));
}
