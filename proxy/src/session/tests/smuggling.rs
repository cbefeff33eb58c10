//! Commands that a client would have the store run unseen, in what the store does not read as far as it goes.

use super::*;

const ARGUMENTS: &str = "BAD Not with these arguments\r\n";

#[test]
fn what_has_no_arguments_is_relayed_with_none() {
    for name in [
        "NOOP",
        "CAPABILITY",
        "LOGOUT",
        "NAMESPACE",
        "IDLE",
        "CLOSE",
        "UNSELECT",
        "CHECK",
        "EXPUNGE",
    ] {
        let mut play = Play::selected();
        for rest in [
            " ",
            "  ",
            " x",
            " {12+}\r\nx SELECT y\r\n",
            "{12+}\r\nx SELECT y\r\n",
        ] {
            play.refused(&format!("a {name}{rest}\r\n"), &format!("a {ARGUMENTS}"));
        }
        play.refused(&format!("a {name} {{6}}\r\n"), &format!("a {ARGUMENTS}"));
        play.passes(&format!("b {name}\r\n"), "b OK\r\n");
    }
}

#[test]
fn a_literal_is_relayed_only_where_the_grammar_has_one() {
    let mut play = Play::selected();
    for command in [
        "STORE 1 FLAGS",
        "UID STORE 1 FLAGS",
        "UID EXPUNGE",
        "CANCELUPDATE",
    ] {
        for announced in ["{10+}\r\nx CLOSE y\r\r\n", "{10}\r\n"] {
            let command = format!("a {command} {announced}");
            play.refused(&command, &format!("a {ARGUMENTS}"));
        }
    }
    play.passes("b STORE 1 FLAGS ()\r\n", "b OK\r\n");
    play.passes("c STATUS {1+}\r\nm (MESSAGES)\r\n", "c OK\r\n");
}

#[test]
fn a_tag_that_is_under_way_is_no_second_command_s() {
    let mut play = Play::selected();
    play.client("a NOOP\r\n");
    assert_eq!(play.sent(), "a NOOP\r\n");
    let told = "a BAD [CLIENTBUG] A command with this tag is under way\r\n";
    play.refused("a SELECT other\r\n", told);
    play.refused("a APPEND m {3+}\r\nabc\r\n", told);
    play.store("a OK\r\n");
    assert_eq!(play.told(), "a OK\r\n");
    play.passes("a NOOP\r\n", "a OK\r\n");
}

/// RFC 7888 §4: it reads the message that it does not want.
#[test]
fn the_rest_of_a_refused_append_still_passes() {
    let mut play = Play::open();
    play.client("a APPEND m {10+}\r\n0123");
    play.sent();
    play.store("a NO [OVERQUOTA] full\r\n");
    assert_eq!(play.told(), "a NO [OVERQUOTA] full\r\n");
    play.client("456789\r\n");
    assert_eq!(play.sent(), "456789\r\n");
    play.passes("b NOOP\r\n", "b OK\r\n");
}

#[test]
fn nothing_more_is_relayed_of_a_command_that_was_answered_half_sent() {
    for (command, answer) in [
        ("a APPEND ( m {20+}\r\n", "a BAD arguments\r\n"),
        ("a APPEND m {20+}\r\n", "a OK what\r\n"),
        ("a STATUS ( {20+}\r\n", "a NO arguments\r\n"),
    ] {
        let mut play = Play::open();
        play.client(command);
        play.sent();
        play.store(answer);
        play.client("x SELECT y\r\nx NOOP\r\n\r\n");
        assert_eq!(play.sent(), "", "{command}");
        assert!(play.told().starts_with(&format!("{answer}* BYE ")));
        assert!(play.session.is_over());
    }
    let mut play = Play::open();
    play.client("a APPEND m {3+}\r\n");
    play.store("a NO full\r\n");
    play.sent();
    play.client("abc {3}\r\nb NOOP\r\n");
    assert_eq!(
        play.sent(),
        "abc",
        "nobody knows what the store awaits next"
    );
    assert!(play.session.is_over());
}
