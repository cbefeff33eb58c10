//! Commands of ours among the client's, and its IDLE ended and resumed unseen.

use wire::imap::CommandBody;

use super::{super::inject::Errand, *};

fn idling() -> Play {
    let mut play = Play::selected();
    play.passes("i IDLE\r\n", "+ idling\r\n");
    play
}

fn inject(play: &mut Play) {
    let deadline = play.now.plus(Duration::from_secs(30));
    play.session
        .inject(CommandBody::Noop, Errand::Noop, deadline, play.now);
    play.collect();
}

#[test]
fn a_command_of_ours_waits_for_the_client_s_and_they_for_it() {
    let mut play = Play::selected();
    play.client("a NOOP\r\n");
    assert_eq!(play.sent(), "a NOOP\r\n");
    inject(&mut play);
    play.client("b NOOP\r\n");
    assert_eq!(play.sent(), "");
    play.store("a OK\r\n");
    assert_eq!(play.sent(), "keyhole1 NOOP\r\n");
    play.store("* 4 EXISTS\r\nkeyhole1 OK\r\n");
    assert_eq!(play.told(), "a OK\r\n* 4 EXISTS\r\n");
    assert_eq!(play.sent(), "b NOOP\r\n");
}

#[test]
fn nothing_of_ours_stands_inside_a_command_of_the_client_s() {
    let mut play = Play::selected();
    play.client("a APPEND m {3+}\r\nx");
    inject(&mut play);
    assert_eq!(play.sent(), "a APPEND m {3}\r\n");
    play.store("+ go\r\n");
    assert_eq!(play.sent(), "x");
    play.client("yz\r\n");
    assert_eq!(play.sent(), "yz\r\n");
    play.store("a OK\r\n");
    assert_eq!(play.sent(), "keyhole1 NOOP\r\n");
    // Nor while a command is being collected, which may go on at any time.
    play.store("keyhole1 OK\r\n");
    play.client("b SELECT {5+}\r\nin");
    inject(&mut play);
    assert_eq!(play.sent(), "");
    play.client("box\r\n");
    assert_eq!(play.sent(), "b SELECT {5}\r\n");
    play.store("+ go\r\n");
    assert_eq!(play.sent(), "inbox\r\n");
    play.store("b OK\r\n");
    assert_eq!(play.sent(), "keyhole2 NOOP\r\n");
}

#[test]
fn an_idle_makes_room_unseen() {
    let mut play = idling();
    inject(&mut play);
    assert_eq!(play.sent(), "DONE\r\n");
    play.store("* 5 EXISTS\r\ni OK done\r\n");
    assert_eq!(play.sent(), "keyhole1 NOOP\r\n");
    play.store("* 1 EXPUNGE\r\nkeyhole1 OK\r\n");
    assert_eq!(play.sent(), "i IDLE\r\n");
    play.store("+ idling\r\n* 6 EXISTS\r\n");
    assert_eq!(play.told(), "* 5 EXISTS\r\n* 1 EXPUNGE\r\n* 6 EXISTS\r\n");
    play.passes("DONE\r\n", "i OK\r\n");
    play.passes("n NOOP\r\n", "n OK\r\n");
}

#[test]
fn a_done_in_the_middle_is_answered_properly() {
    // While the store is being told DONE: its answer is the client's.
    let mut play = idling();
    inject(&mut play);
    play.sent();
    play.client("DONE\r\nn NOOP\r\n");
    assert_eq!(play.sent(), "");
    play.store("i OK done\r\n");
    assert_eq!(play.told(), "i OK done\r\n");
    assert_eq!(play.sent(), "keyhole1 NOOP\r\n");
    play.store("keyhole1 OK\r\n");
    assert_eq!(play.sent(), "n NOOP\r\n");
    // While ours runs: when it is over, for what it brings may be told in IDLE only.
    let mut play = idling();
    inject(&mut play);
    play.sent();
    play.store("i OK done\r\n");
    play.client("DONE\r\nn NOOP\r\n");
    assert_eq!(play.told(), "");
    play.sent();
    play.store("* 1 EXPUNGE\r\nkeyhole1 OK\r\n");
    assert_eq!(play.told(), "* 1 EXPUNGE\r\ni OK IDLE is over\r\n");
    assert_eq!(play.sent(), "n NOOP\r\n");
    // While the store is going back into IDLE.
    let mut play = idling();
    inject(&mut play);
    play.store("i OK done\r\nkeyhole1 OK\r\n");
    play.sent();
    play.client("DONE\r\nn NOOP\r\n");
    assert_eq!(play.sent(), "");
    play.store("+ idling\r\n");
    assert_eq!(play.sent(), "DONE\r\nn NOOP\r\n");
    play.store("i OK done\r\n");
    assert_eq!(play.told(), "i OK done\r\n");
}

#[test]
fn an_idle_that_the_store_ends_or_does_not_resume_is_over() {
    let mut play = idling();
    inject(&mut play);
    play.sent();
    play.store("i NO broken\r\n");
    assert_eq!(play.told(), "i NO broken\r\n");
    play.client("DONE\r\n");
    assert_eq!(play.sent(), "keyhole1 NOOP\r\n");
    let mut play = idling();
    inject(&mut play);
    play.store("i OK done\r\nkeyhole1 OK\r\n");
    play.sent();
    play.store("i BAD no more\r\n");
    assert_eq!(play.told(), "i BAD no more\r\n");
    play.client("DONE\r\nn NOOP\r\n");
    assert_eq!(play.sent(), "n NOOP\r\n");
}

#[test]
fn the_tag_of_an_idle_is_never_ours() {
    let mut play = Play::selected();
    play.passes("keyhole1 IDLE\r\n", "+ idling\r\n");
    inject(&mut play);
    play.store("keyhole1 OK done\r\n");
    assert_eq!(play.sent(), "DONE\r\nkeyhole2 NOOP\r\n");
    play.store("keyhole2 OK\r\n");
    assert_eq!(play.sent(), "keyhole1 IDLE\r\n");
}

#[test]
fn a_long_idle_is_begun_anew_and_the_client_does_not_see_it() {
    let mut play = idling();
    for _ in 0..3 {
        play.wait(Duration::from_secs(1499));
        assert_eq!(play.sent(), "");
        play.wait(Duration::from_secs(1));
        assert_eq!(play.sent(), "DONE\r\n");
        play.store("i OK done\r\n");
        assert_eq!(play.sent(), "i IDLE\r\n");
        play.store("+ again\r\n");
        assert_eq!(play.told(), "");
        if play
            .session
            .deadline()
            .is_some_and(|at| at <= play.now.plus(Duration::from_secs(1500)))
        {
            // A client that means to stay says something in time (RFC 2177 §3).
            play.passes("DONE\r\n", "i OK done\r\n");
            play.passes("i IDLE\r\n", "+ idling\r\n");
        }
    }
}

#[test]
fn a_store_that_hangs_while_its_idle_is_begun_anew_is_given_up() {
    for answer in ["", "i OK done\r\n"] {
        let mut play = idling();
        play.wait(Duration::from_secs(1500));
        play.store(answer);
        play.sent();
        play.wait(Duration::from_secs(30));
        assert!(play.session.is_over(), "{answer}");
    }
}

#[test]
fn a_store_that_answers_twice_is_not_believed() {
    let mut play = idling();
    inject(&mut play);
    play.store("i OK done\r\n");
    play.sent();
    play.store("i OK again\r\n");
    assert!(play.session.is_over());
}

#[test]
fn a_drained_or_kicked_idle_is_told_goodbye() {
    let mut play = idling();
    play.session.drain(play.now);
    assert!(play.told().starts_with("* BYE [UNAVAILABLE]"));
    assert!(play.session.is_over());
    let mut play = idling();
    play.session.kick(play.now);
    assert!(play.told().starts_with("* BYE [UNAVAILABLE]"));
    play.collect();
    assert!(format!("{:?}", play.events).contains("SessionKicked"));
}

#[test]
fn progress_of_a_command_of_ours_is_nobody_s_business() {
    let mut play = idling();
    inject(&mut play);
    play.store("i OK done\r\n");
    play.store("* OK [INPROGRESS (\"keyhole1\" NIL NIL)] busy\r\n* OK [INPROGRESS (\"x\" NIL NIL)] busy\r\n");
    assert_eq!(play.told(), "* OK [INPROGRESS (\"x\" NIL NIL)] busy\r\n");
}

/// The store had ended the IDLE by itself when it was told DONE.
#[test]
fn a_done_that_comes_too_late_is_answered_bad_and_nobody_sees_it() {
    for bad in ["DONE BAD what\r\n", "* BAD what\r\n"] {
        let mut play = idling();
        play.wait(Duration::from_secs(1500));
        assert_eq!(play.sent(), "DONE\r\n");
        play.store("i OK 29 minutes\r\n");
        assert_eq!(play.sent(), "i IDLE\r\n");
        play.store(bad);
        play.store("+ again\r\n* 5 EXISTS\r\n");
        assert_eq!(play.told(), "* 5 EXISTS\r\n");
        play.client("DONE\r\nn NOOP\r\n");
        play.store("i OK just now\r\n");
        play.store(bad);
        play.store("n OK\r\n");
        assert_eq!(play.told(), "i OK just now\r\nn OK\r\n");
        play.store("* BAD something else\r\n");
        assert_eq!(play.told(), "* BAD something else\r\n", "only that one");
        play.store("DONE BAD what\r\n");
        assert!(play.session.is_over());
    }
}
