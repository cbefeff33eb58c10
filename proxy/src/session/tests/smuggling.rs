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

/// A store that skips what it does not expect runs no octet of it: it has said `+` to none.
#[test]
fn no_literal_reaches_a_store_that_has_not_asked_for_it() {
    for (command, announced) in [
        ("CREATE x {14+}", "CREATE x {14}"),
        ("DELETE x (() ~{14+}", "DELETE x (() ~{14}"),
        ("UID FETCH 1 FLAGS {14+}", "UID FETCH 1 FLAGS {14}"),
        ("APPEND ( m {14+}", "APPEND ( m {14}"),
        ("APPEND nowhere {14+}", "APPEND nowhere {14}"),
        ("SELECT {14+}", "SELECT {14}"),
    ] {
        for answer in ["a OK\r\n", "a NO\r\n", "a BAD\r\n"] {
            let mut play = Play::open();
            play.client(&format!("a {command}\r\nb DELETE inbox\r\nc NOOP\r\n"));
            assert_eq!(play.sent(), format!("a {announced}\r\n"));
            play.store(answer);
            assert_eq!(play.told(), answer);
            assert_eq!(play.sent(), "c NOOP\r\n", "{command}: in step");
            play.store("c OK\r\n");
            assert_eq!(play.told(), "c OK\r\n");
        }
    }
}

#[test]
fn each_literal_of_a_command_waits_for_the_store() {
    let mut play = Play::open();
    play.client("a APPEND {1+}\r\nm {0+}\r\n {3}\r\n");
    assert_eq!(play.sent(), "a APPEND {1}\r\n");
    play.store("+ go {1}\r\n");
    assert_eq!(play.sent(), "m {0}\r\n");
    play.store("* 3 EXISTS\r\n");
    assert_eq!(play.sent(), "", "that is no +");
    play.store("+ go\r\n");
    assert_eq!(play.sent(), " {3}\r\n");
    assert_eq!(play.told(), "* 3 EXISTS\r\n", "the client awaits none yet");
    play.store("+ go\r\n");
    assert_eq!(play.told(), "+ go\r\n");
    play.client("abc\r\n");
    assert_eq!(play.sent(), "abc\r\n");
}

/// The client has said `{3}` and waits; the answer that it has got is the one to that.
#[test]
fn what_is_left_of_a_refused_command_is_swallowed_to_its_end() {
    for (rest, sent) in [
        ("abc {5}\r\nb NOOP\r\n", "b NOOP\r\n"),
        ("abc {5+}\r\nx\r\ny\n {5}\r\nb NOOP\r\n", "b NOOP\r\n"),
        ("abc\r\nb NOOP\r\n", "b NOOP\r\n"),
    ] {
        let mut play = Play::open();
        play.client("a APPEND ( {3+}\r\n");
        play.sent();
        play.store("a BAD what\r\n");
        for octet in rest.chars() {
            play.client(&octet.to_string());
        }
        assert_eq!(play.sent(), sent, "{rest}");
        assert_eq!(play.told(), "a BAD what\r\n");
    }
}

#[test]
fn what_waits_for_a_late_plus_is_bounded_and_not_for_ever() {
    let mut play = Play::open();
    play.client("a APPEND m {100000000+}\r\n");
    play.sent();
    let run = "x".repeat(16 * 1024);
    let mut taken = 0;
    while play.session.wants_client() {
        play.client(&run);
        taken += run.len();
    }
    assert!(taken <= 80 * 1024, "{taken} octets wait");
    play.wait(Duration::from_secs(299));
    assert!(!play.session.is_over());
    play.store("+ at last\r\n");
    assert_eq!(play.sent().len(), taken);
    assert!(play.session.wants_client() && play.session.straight(Neighbour::Client) > 0);

    let mut play = Play::open();
    play.client("a APPEND m {3+}\r\nabc\r\n");
    play.wait(Duration::from_secs(300));
    assert!(play.told().starts_with("a NO [UNAVAILABLE]"));
    assert!(play.session.is_over());
}

#[test]
fn a_client_that_hangs_up_in_a_literal_is_not_waited_for() {
    let answers: [&[&str]; 3] = [&[], &["+ go\r\n"], &["a NO\r\n"]];
    for answers in answers {
        let mut play = Play::open();
        play.client("a APPEND m {10+}\r\n012");
        play.session.client_ended(play.now);
        answers.iter().for_each(|answer| play.store(answer));
        play.wait(Duration::from_secs(10));
        assert!(play.session.is_over(), "{answers:?}");
    }
    let mut play = Play::open();
    play.client("a APPEND m {3+}\r\nabc\r\n");
    play.session.client_ended(play.now);
    play.store("+ go\r\n");
    play.store("a OK\r\n");
    assert_eq!(play.sent(), "a APPEND m {3}\r\nabc\r\n");
    assert_eq!(play.told(), "a OK\r\n", "it has said all of it");
    assert!(play.session.is_over());
}

#[test]
fn a_line_without_end_behind_a_literal_is_not_sent_on() {
    for answer in ["+ go\r\n", "a NO\r\n"] {
        let mut play = Play::open();
        play.client(&format!("a CREATE {{1+}}\r\nm{}", "x".repeat(9000)));
        play.sent();
        play.store(answer);
        assert!(play.sent().len() <= 1);
        assert!(play.told().contains("* BYE [TOOBIG]"));
        assert!(play.session.is_over());
    }
}

/// RFC 7888 §4: it reads the message that it does not want. What else it reads nobody knows: it gets the end of the line.
#[test]
fn the_rest_of_the_literal_of_a_refused_append_still_passes() {
    for rest in ["\r\n", " {1+}\r\nx\r\n", " (\\Seen) {100}\r\n", ")\r\n"] {
        let mut play = Play::open();
        play.client("a APPEND m {10+}\r\n0123");
        play.store("+ go\r\n");
        play.store("a NO [OVERQUOTA] full\r\n");
        assert_eq!(play.told(), "a NO [OVERQUOTA] full\r\n");
        assert_eq!(play.sent(), "a APPEND m {10}\r\n0123");
        play.client(&format!("456789{rest}"));
        assert_eq!(play.sent(), "456789\r\n");
        play.passes("b NOOP\r\n", "b OK\r\n");
    }
}

/// Dovecot answers as soon as it has as many arguments as it wants, and then skips what is left of the line.
#[test]
fn a_store_may_answer_before_the_end_of_the_line() {
    for literal in ["{1+}", "{1}"] {
        let mut play = Play::open();
        play.client(&format!("a CREATE {literal}\r\n"));
        play.store("+ go\r\n");
        play.client("x");
        play.store("a OK\r\n");
        assert_eq!(play.sent(), "a CREATE {1}\r\nx\r\n", "it gets the end");
        play.client(" {14+}\r\nb DELETE inbox");
        assert_eq!(play.sent(), "");
        play.client("\r\n");
        play.told();
        play.passes("b NOOP\r\n", "b OK\r\n");
    }
}

#[test]
fn nothing_more_is_relayed_of_a_literal_that_was_answered_half_sent() {
    for (command, answer) in [
        ("a APPEND ( m {20+}\r\n", "a BAD arguments\r\n"),
        ("a APPEND m {20+}\r\n", "a OK what\r\n"),
        ("a STATUS ( {20+}\r\n", "a NO arguments\r\n"),
    ] {
        let mut play = Play::open();
        play.client(command);
        play.store("+ go\r\n");
        play.sent();
        play.store(answer);
        play.client("x SELECT y\r\nx NOOP\r\n\r\n");
        assert_eq!(play.sent(), "", "{command}");
        assert!(play.told().starts_with(&format!("{answer}* BYE ")));
        assert!(play.session.is_over());
    }
}
