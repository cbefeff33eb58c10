//! Logins that fail, stores that are not reached, and what the client's time is.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{login::*, *};

#[test]
fn refusals_do_not_tell_users_from_those_who_are_none() {
    for (answer, told, outcome) in [
        (
            "NO no such user",
            "NO [AUTHENTICATIONFAILED] Authentication failed",
            Outcome::Refused,
        ),
        (
            "BAD [NONEXISTENT] u",
            "NO [AUTHENTICATIONFAILED] Authentication failed",
            Outcome::Refused,
        ),
        (
            "NO [EXPIRED] u's password",
            "NO [EXPIRED] The password has expired",
            Outcome::Refused,
        ),
        (
            "NO [UNAVAILABLE] ldap",
            "NO [UNAVAILABLE] The mail store is not available now",
            Outcome::Failed,
        ),
        (
            "NO [INUSE] x",
            "NO [INUSE] The mailbox is in use",
            Outcome::Undecided,
        ),
    ] {
        let mut play = Play::new();
        play.client("a LOGIN u p\r\n");
        play.dialled("u", Ok(greeted(&ALL)));
        play.sent();
        play.store(&format!("keyhole2 {answer}\r\n"));
        refused_with(&mut play, &format!("a {told}\r\n"), outcome);
    }
}

#[test]
fn a_store_that_fails_before_the_login_costs_the_attempt_and_no_more() {
    for said in [
        "* BYE full\r\n",
        "* PREAUTH hi\r\n",
        "+ more\r\n",
        "x OK not asked\r\n",
        "garbage\r\n",
        "\n",
    ] {
        let mut play = Play::new();
        play.client("a LOGIN u p\r\n");
        play.dialled("u", Ok(greeted(&ALL)));
        play.sent();
        play.store(said);
        let told = "a NO [UNAVAILABLE] The mail store failed; try again later\r\n";
        refused_with(&mut play, told, Outcome::Failed);
    }
    let mut play = Play::new();
    play.client("a LOGIN u p\r\n");
    play.dialled("u", Ok(greeted(&ALL)));
    play.session.store_ended(play.now);
    play.collect();
    assert!(play.told().starts_with("a NO [UNAVAILABLE]"));
    play.requested();
    play.client("b LOGIN u p\r\n");
    play.dialled("u", Ok(greeted(&ALL)));
    play.wait(Duration::from_secs(29));
    assert_eq!(play.told(), "");
    play.wait(Duration::from_secs(1));
    let told = "b NO [UNAVAILABLE] The mail store failed; try again later\r\n";
    refused_with(&mut play, told, Outcome::Failed);
}

#[test]
fn a_store_that_is_not_reached_leaves_the_client_logged_out() {
    for (why, told) in [
        (
            Unreachable::NoRoute,
            "NO [AUTHENTICATIONFAILED] Authentication failed",
        ),
        (
            Unreachable::Unavailable,
            "NO [UNAVAILABLE] The mail store cannot be reached; try again later",
        ),
        (
            Unreachable::Limit,
            "NO [LIMIT] Too many connections of this user",
        ),
    ] {
        let mut play = Play::new();
        play.client("a LOGIN u p\r\n");
        play.dialled("u", Err(why));
        assert_eq!(play.told(), format!("a {told}\r\n"));
        play.refused("b NOOP\r\n", "b OK Nothing new\r\n");
    }
}

#[test]
fn the_third_failure_is_the_last() {
    let mut play = Play::new();
    for nth in 1..=3 {
        play.client("a LOGIN u p\r\n");
        play.dialled("u", Ok(greeted(&ALL)));
        play.sent();
        play.store("keyhole2 NO\r\n");
        let told = play.told();
        play.requested();
        assert_eq!(told.contains("* BYE"), nth == 3, "{told}");
    }
    assert!(play.session.is_over());
}

#[test]
fn commands_wait_for_the_login_before_them() {
    let mut play = Play::new();
    play.client("a LOGIN u p\r\nb SELECT inbox\r\n");
    play.dialled("u", Ok(greeted(&ALL)));
    assert_eq!(play.sent(), "keyhole2 LOGIN u \"p\"\r\n");
    play.store("keyhole2 OK in\r\n");
    assert_eq!(play.sent(), "b SELECT inbox\r\n");
}

#[test]
fn what_the_store_says_too_early_is_not_believed() {
    let mut play = Play::new();
    play.client("a LOGIN u p\r\n");
    play.dialled("u", Ok(greeted(&ALL)));
    play.store("* LIST () \"/\" fake\r\n* 3 EXISTS\r\n* OK [ALERT] send money\r\n* 1 FETCH (BODY[] {5}\r\na OK )\r\n* CAPABILITY IMAP4rev1 X-Y IDLE\r\nkeyhole2 OK hello u\r\n");
    assert_eq!(
        play.told(),
        "a OK [CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE KEYREVEAL] Logged in\r\n",
        "but its list is heard"
    );
}

#[test]
fn a_client_that_never_logs_in_is_told_goodbye() {
    let mut play = Play::new();
    play.wait(Duration::from_secs(59));
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(1));
    assert!(play.told().starts_with("* BYE"));
    assert!(play.session.is_over());
}

/// The penalty that the shell has a client wait for is not the client's own time, nor is the store's.
#[test]
fn only_the_client_s_own_time_counts_until_it_is_logged_in() {
    let mut play = Play::new();
    play.wait(Duration::from_secs(30));
    play.client("a LOGIN u p\r\n");
    play.wait(Duration::from_secs(100));
    play.dialled("u", Ok(greeted(&ALL)));
    play.wait(Duration::from_secs(20));
    play.store("keyhole2 NO\r\n");
    play.told();
    play.wait(Duration::from_secs(29));
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(1));
    assert!(play.session.is_over());
}

#[test]
fn a_client_that_leaves_a_challenge_open_runs_out_of_time() {
    let mut play = Play::new();
    play.client(&format!(
        "a AUTHENTICATE SCRAM-SHA-1 {}\r\n",
        STANDARD.encode("n,,n=u,r=x")
    ));
    play.dialled("u", Ok(greeted(&ALL)));
    play.store("+ eA==\r\n");
    play.wait(Duration::from_secs(60));
    assert!(play.session.is_over());
}

#[test]
fn no_name_is_told_before_the_store_has_accepted_it() {
    let mut play = Play::new();
    play.client("a LOGIN canary p\r\n");
    play.dialled("canary", Ok(greeted(&ALL)));
    play.store("keyhole2 NO canary\r\n");
    play.client("b LOGIN canary p\r\n");
    play.requested();
    play.session.dialled(Err(Unreachable::NoRoute), play.now);
    play.collect();
    assert!(!format!("{:?}", play.events).contains("canary"));
}

#[test]
fn a_dial_that_nobody_waits_for_is_hung_up() {
    let mut play = Play::new();
    play.client("a LOGIN u p\r\n");
    play.requested();
    play.session.kick(play.now);
    assert!(play.told().starts_with("* BYE"));
    play.session.dialled(Ok(greeted(&ALL)), play.now);
    play.collect();
    assert_eq!(play.requested(), [Request::Dismiss, Request::HangUp]);
}
